"""What the doors remember between requests: answered paid posts, and who sees the unified session."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from prompts.records import enum_check, enum_field, range_check
from sessions_app.enums import IdempotencyState


class IdempotencyRecord(models.Model):
    """One Idempotency-Key of one user, inserted in the transaction of the take and job that it protects."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    route = models.CharField(max_length=500)
    request_sha256 = models.CharField(max_length=64)
    state = enum_field(IdempotencyState, default=IdempotencyState.IN_FLIGHT)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    headers = models.JSONField(null=True, blank=True)
    body = models.BinaryField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key"),
            enum_check("state", IdempotencyState, name="idempotency_state"),
            models.CheckConstraint(
                condition=Q(state=IdempotencyState.FINISHED, status__isnull=False)
                | (~Q(state=IdempotencyState.FINISHED) & Q(status=None)),
                name="idempotency_finished_has_status",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.state}"


class FeatureRollout(models.Model):
    name = models.CharField(max_length=100, unique=True)
    enabled = models.BooleanField(default=True)
    percent = models.PositiveSmallIntegerField(default=100)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [range_check("percent", 0, 100, name="rollout_percent")]

    def __str__(self) -> str:
        return f"{self.name} {self.percent} %"


class FeatureOverride(models.Model):
    rollout = models.ForeignKey(FeatureRollout, models.CASCADE, related_name="overrides")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    enabled = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rollout", "user"], name="rollout_override")]

    def __str__(self) -> str:
        return f"{self.rollout_id} for user {self.user_id}: {self.enabled}"
