"""Bodies about tokens, signing in, files and measuring."""

from typing import Any, ClassVar

from rest_framework import serializers

from sessions_app.api.fields import Choice, Flag, Id, Input, Text, Whole
from sessions_app.api.v2.inputs.continuity import one_of
from sessions_app.api.v2.inputs.listing import Listing
from sessions_app.enums import TokenScope


class NewToken(Input):
    example: ClassVar = {"name": "night render", "scopes": ["read", "write"], "expiresInDays": 90}
    name = Text(max_length=200, blank=False)
    scopes = serializers.ListField(child=Choice(TokenScope), min_length=1, max_length=3)
    expiresInDays = Whole(min_value=1, max_value=3650, required=False, allow_null=True, source="expires_in_days")


class SignIn(NewToken):
    """A name and a password for a token: a script signs in once and keeps the token."""

    example: ClassVar = {"username": "ada", "password": "correct horse battery staple", "name": "laptop", "scopes": ["read"]}
    username = Text(max_length=150, blank=False)
    password = Text(max_length=1000, blank=False)


class JobFilter(Listing):
    live = Flag(required=False, help_text="Only what is being made, or only what is over.")
    sessionId = Id(required=False, source="session_id")


class AssetFilter(Listing):
    sessionId = Id(required=False, source="session_id")


class Upload(Input):
    """A file as the part ``file``, or an address that it is fetched from."""

    sessionId = Id(required=False, source="session_id")
    imageUrl = Text(max_length=8192, required=False, blank=False, source="image_url")
    videoUrl = Text(max_length=8192, required=False, blank=False, source="video_url")


class Extraction(Input):
    """Exactly one thing to measure."""

    assetId = Id(required=False, source="asset_id")
    takeId = Id(required=False, source="take_id")
    imageUrl = Text(max_length=8192, required=False, blank=False, source="image_url")
    videoUrl = Text(max_length=8192, required=False, blank=False, source="video_url")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return one_of(attrs, "asset_id", "take_id", "image_url", "video_url")


class MetricsQuery(Input):
    days = Whole(min_value=1, max_value=3650, required=False, help_text="Only of sessions made in the last so many days.")
