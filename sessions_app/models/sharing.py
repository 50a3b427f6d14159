"""What lets somebody else, or a script, in: share links and API tokens."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual

from prompts.ids import id_factory
from prompts.records import enum_check, enum_field
from sessions_app.enums import ShareOrigin, ShareScope


def new_share_token() -> str:
    """256 random bits, URL-safe: 43 characters (a legacy link has the 36 of its uuid)."""
    return secrets.token_urlsafe(32)


class ShareLink(models.Model):
    id = models.CharField(primary_key=True, max_length=64, default=id_factory("shr"), editable=False)
    token = models.CharField(max_length=43, unique=True, default=new_share_token)
    session = models.ForeignKey("sessions_app.Session", models.CASCADE, related_name="share_links")
    scope = enum_field(ShareScope)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    origin = enum_field(ShareOrigin, default=ShareOrigin.USER)

    class Meta:
        constraints = [
            enum_check("scope", ShareScope, name="sharelink_scope"),
            enum_check("origin", ShareOrigin, name="sharelink_origin"),
            models.CheckConstraint(condition=GreaterThanOrEqual(Length("token"), 36), name="sharelink_token_is_long"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} link …{self.token[-4:]}"


class ApiToken(models.Model):
    """A script's key: only its sha256 is kept; ``prefix`` is what a person sees. ``scopes`` is a list of TokenScope."""

    id = models.CharField(primary_key=True, max_length=64, default=id_factory("tok"), editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=200)
    hash = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=8)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(scopes=[]), name="apitoken_scopes_not_empty")]

    def __str__(self) -> str:
        return f"{self.name} {self.prefix}…"
