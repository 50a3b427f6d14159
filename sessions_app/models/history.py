"""What people did: Edit can be undone, AuditEvent can only be read."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from prompts.records import AppendOnlyQuerySet, NeverChangedRow, enum_check, enum_field
from prompts.triggers import Frozen, Refused
from sessions_app import request_id
from sessions_app.enums import ActorKind

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def actor_kind(by: "User | None") -> ActorKind:
    """``by`` None = a worker."""
    if by is None:
        return ActorKind.WORKER
    if request_id.is_by_token():
        return ActorKind.TOKEN
    return ActorKind.STAFF if getattr(by, "is_staff", False) else ActorKind.USER


class Edit(models.Model):
    """One undoable edit of a person: the verb, the target, and the values before and after. Never paid work."""

    session = models.ForeignKey("sessions_app.Session", models.CASCADE, related_name="edits")
    number = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    verb = models.CharField(max_length=64)
    target_kind = models.CharField(max_length=64)
    target_id = models.CharField(max_length=255)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by_edit = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "number"], name="edit_number")]

    def __str__(self) -> str:
        return f"{self.number} {self.verb}"


class AuditEvent(NeverChangedRow):
    """Who did what to which object, for support and for disputes. Outlives the session."""

    triggers = (
        Frozen("The audit log is append-only."),
        Refused("The audit log is append-only.", when="TRUE", events=("DELETE",)),
    )

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    actor_kind = enum_field(ActorKind)
    action = models.CharField(max_length=64)
    object_kind = models.CharField(max_length=64)
    object_id = models.CharField(max_length=255)
    session_id = models.CharField(max_length=255, null=True, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        constraints = [enum_check("actor_kind", ActorKind, name="auditevent_actor_kind")]
        indexes = [
            models.Index(fields=["object_kind", "object_id", "at"], name="auditevent_object"),
            models.Index(fields=["actor", "at"], name="auditevent_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_kind} {self.object_id}"
