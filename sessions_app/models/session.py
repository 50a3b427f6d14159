"""The Session: one scene, with at most one prompt half and one continuity half, and shots in order."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from continuity.enums import ActiveMode, SessionStatus
from prompts.expectations import count_edit
from prompts.ids import id_factory
from prompts.records import LivingManager, enum_check, enum_field
from sessions_app import request_id
from sessions_app.models.history import AuditEvent, Edit, actor_kind

if TYPE_CHECKING:
    from django.contrib.auth.models import User

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""What an undated legacy session sorts by. Never shown."""


class Session(models.Model):
    """``version`` counts people's edits (If-Match), ``revision`` any change, workers' included (If-None-Match)."""

    id = models.CharField(
        primary_key=True, max_length=255, default=id_factory("ses"), editable=False, validators=[RegexValidator(r"^[^/]+\Z")]
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="scenes")
    name = models.CharField(max_length=500, blank=True)
    description = models.TextField(blank=True)
    status = enum_field(SessionStatus, default=SessionStatus.ACTIVE)
    active_mode = enum_field(ActiveMode, default=ActiveMode.CREATE)
    version = models.PositiveIntegerField(default=1)
    revision = models.PositiveBigIntegerField(default=1)
    created_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(null=True, blank=True)
    listed_at = models.DateTimeField(default=NEVER, editable=False)
    opened_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    extra = models.JSONField(default=dict, blank=True)

    objects = LivingManager["Session"]()
    all_objects = models.Manager["Session"]()

    class Meta:
        default_manager_name = "objects"
        constraints = [
            enum_check("status", SessionStatus, name="session_status"),
            enum_check("active_mode", ActiveMode, name="session_active_mode"),
            models.CheckConstraint(condition=Q(version__gte=1, revision__gte=1), name="session_counts_from_1"),
            models.CheckConstraint(condition=~Q(id="") & ~Q(id__contains="/"), name="session_id_is_one_path_segment"),
        ]
        indexes = [
            models.Index(fields=["owner", "-listed_at", "id"], condition=Q(deleted_at=None), name="session_list"),
            models.Index(fields=["owner", "status", "-listed_at"], name="session_by_status"),
        ]

    def __str__(self) -> str:
        return self.name or self.id

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.listed_at = self.updated_at or self.created_at or NEVER
        super().save(*args, **kwargs)

    def touch(self, *, by: "User | None") -> None:
        """Count a change. ``by`` None = a worker, which never bumps ``version``: an edit made meanwhile must still fit.

        A person's change raises VersionConflict inside ``expecting`` another version (``prompts.expectations``).
        """
        changed = {"revision": F("revision") + 1, "updated_at": Now(), "listed_at": Now()}
        if by is None:
            Session.all_objects.filter(pk=self.pk).update(**changed)
        else:
            count_edit(Session.all_objects.all(), self.pk, **changed)

    def revise(self) -> None:
        """Count that something shows differently, without anybody having changed the scene: a job moved on."""
        Session.all_objects.filter(pk=self.pk).update(revision=F("revision") + 1)

    def edit(
        self,
        verb: str,
        *,
        by: "User",
        target: models.Model,
        before: dict[str, Any],
        after: dict[str, Any],
        detail: dict[str, Any] | None = None,
    ) -> None:
        """Count a person's edit and write it down: for the audit log, and with what was ``before`` so that it can be undone.

        ``before`` and ``after`` are JSON data of the columns that changed. Call it last in the verb's transaction, since it
        locks the session. Never for paid work.
        """
        self.touch(by=by)
        self.record(verb, by=by, target=target, detail=detail)
        Edit.objects.create(
            session_id=self.pk,
            number=models.Subquery(Session.all_objects.filter(pk=self.pk).values("version")),
            by=by,
            verb=verb,
            target_kind=str(target._meta.model_name),
            target_id=str(target.pk),
            before=before,
            after=after,
        )

    def record(self, action: str, *, by: "User | None", target: models.Model, detail: dict[str, Any] | None = None) -> None:
        """Append to the audit log what ``by`` (None = a worker) did to ``target``. ``detail`` holds no secrets."""
        AuditEvent.objects.create(
            actor=by,
            actor_kind=actor_kind(by),
            action=action,
            object_kind=str(target._meta.model_name),
            object_id=str(target.pk),
            session_id=self.pk,
            request_id=request_id.current(),
            detail=detail or {},
        )
