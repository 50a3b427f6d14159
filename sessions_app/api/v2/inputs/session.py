"""Bodies and parameters about sessions."""

from typing import ClassVar

from rest_framework import serializers

from continuity.enums import ActiveMode, SessionStatus
from sessions_app.api.fields import Choice, Flag, Id, Input, JsonObject, Text, Whole
from sessions_app.api.v2.inputs.listing import Listing

EXPANSIONS = ("takes", "style", "styles", "versions", "cuts")


class SessionFilter(Listing):
    status = Choice(SessionStatus, required=False, help_text="Only sessions in this state.")
    mode = Choice(ActiveMode, required=False, help_text="Only sessions last open in this mode.")
    q = Text(max_length=100, required=False, help_text="Only sessions whose name contains this.")
    hasContinuity = Flag(required=False, source="has_continuity", help_text="Only sessions with, or without, that half.")
    updatedAfter = Text(
        max_length=40, required=False, source="updated_after", help_text="Only what changed after this time, as in RFC 3339."
    )
    deleted = Flag(required=False, help_text="The trash instead of what is there.")


class SessionView(Input):
    """How much of a session is answered."""

    fields_ = Text(max_length=250, required=False, help_text="Only these members, with commas: any of those of a Session.")
    expand = Text(max_length=60, required=False, help_text=f"Further parts, with commas: {', '.join(EXPANSIONS)}.")

    def get_fields(self) -> dict[str, serializers.Field]:  # type: ignore[type-arg]
        made = super().get_fields()  # ``fields`` itself is a name of the framework's
        return {("fields" if name == "fields_" else name): field for name, field in made.items()}


class PromptChange(Input):
    example: ClassVar = {"input": "Wide shot: a ferry leaves the harbour at dusk, rain on the lens"}
    input = Text(required=False)
    output = Text(required=False, allow_null=True)
    title = Text(max_length=500, required=False, allow_null=True)
    targetModel = Text(max_length=100, required=False, allow_null=True, source="target_model")
    mode = Text(max_length=100, required=False, allow_null=True)
    generationParams = JsonObject(required=False, source="generation_params")
    keyframes = serializers.ListField(child=JsonObject(), required=False, max_length=100)
    highlightCache = JsonObject(required=False, allow_null=True, source="highlight_cache")


class NewPrompt(PromptChange):
    input = Text(help_text="Your own words.")


class NewSession(Input):
    example: ClassVar = {"name": "Rain over the harbour", "prompt": {"input": "A ferry leaves the harbour at dusk"}}
    name = Text(max_length=500, required=False)
    description = Text(required=False)
    prompt = NewPrompt(required=False)


class SessionChange(Input):
    example: ClassVar = {"name": "Rain over the harbour, second try"}
    name = Text(max_length=500, required=False)
    description = Text(required=False)
    activeMode = Choice(ActiveMode, required=False, source="active_mode")


class PromptVersionRef(Input):
    versionId = Id(source="version_id")


class NewShareLink(Input):
    example: ClassVar = {"scope": "session", "expiresInDays": 14}
    scope = Choice(("prompt", "session"), required=False)
    expiresInDays = Whole(min_value=1, max_value=3650, required=False, allow_null=True, source="expires_in_days")
