"""A Take: one attempt at a shot. Attempts are never overwritten; inputs are frozen when the take runs."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from continuity.enums import ShotMode, TakeOrigin, TakePurpose, TakeState
from prompts.ids import id_factory
from prompts.records import enum_check, enum_field
from prompts.triggers import Frozen

INPUT_COLUMNS = (
    "user_prompt",
    "injected_prompt",
    "injection",
    "mode",
    "model",
    "provider",
    "seed",
    "params",
    "input_frame",
    "end_frame",
    "style",
    "request_sha256",
    "mechanism",
)


class Take(models.Model):
    triggers = (
        Frozen(
            "The inputs of a take are frozen once it runs: ask for a new take.",
            columns=INPUT_COLUMNS,
            when="OLD.state <> 'requested'",
        ),
    )

    id = models.CharField(primary_key=True, max_length=64, default=id_factory("tak"), editable=False)
    shot = models.ForeignKey("continuity.Shot", models.CASCADE, related_name="takes")
    number = models.PositiveIntegerField()
    purpose = enum_field(TakePurpose, default=TakePurpose.FINAL)
    origin = enum_field(TakeOrigin, default=TakeOrigin.GENERATED)
    state = enum_field(TakeState, default=TakeState.REQUESTED)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    retry_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="retries")
    retry_reason = models.CharField(max_length=500, blank=True)
    retry_change = models.JSONField(default=dict, blank=True)

    user_prompt = models.TextField(blank=True)
    injected_prompt = models.TextField(null=True, blank=True)
    injection = models.JSONField(null=True, blank=True)
    mode = enum_field(ShotMode)
    model = models.CharField(max_length=100, blank=True)
    provider = models.CharField(max_length=100, blank=True)
    seed = models.BigIntegerField(null=True, blank=True)
    params = models.JSONField(default=dict, blank=True)
    input_frame = models.ForeignKey("continuity.Frame", models.SET_NULL, null=True, blank=True, related_name="+")
    end_frame = models.ForeignKey("continuity.Frame", models.SET_NULL, null=True, blank=True, related_name="+")
    references = models.ManyToManyField("continuity.Frame", through="TakeReference", related_name="+")
    style = models.ForeignKey("continuity.Style", models.SET_NULL, null=True, blank=True, related_name="+")
    request_sha256 = models.CharField(max_length=64, null=True, blank=True)
    mechanism = models.CharField(max_length=64, null=True, blank=True)

    video = models.ForeignKey("continuity.Asset", models.PROTECT, null=True, blank=True, related_name="+")
    first_frame = models.ForeignKey("continuity.Frame", models.PROTECT, null=True, blank=True, related_name="+")
    last_frame = models.ForeignKey("continuity.Frame", models.PROTECT, null=True, blank=True, related_name="+")
    measured = models.ForeignKey("continuity.Extraction", models.SET_NULL, null=True, blank=True, related_name="+")
    error_code = models.CharField(max_length=64, null=True, blank=True)
    error_sentence = models.TextField(null=True, blank=True)
    error_raw = models.TextField(null=True, blank=True)
    legacy = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            enum_check("purpose", TakePurpose, name="take_purpose"),
            enum_check("origin", TakeOrigin, name="take_origin"),
            enum_check("state", TakeState, name="take_state"),
            enum_check("mode", ShotMode, name="take_mode"),
            models.UniqueConstraint(fields=["shot", "number"], name="take_number"),
            models.CheckConstraint(
                condition=~Q(state=TakeState.DONE)
                | Q(origin=TakeOrigin.LEGACY)
                | Q(video__isnull=False, first_frame__isnull=False, last_frame__isnull=False),
                name="take_done_has_clip_and_frames",
            ),
            models.CheckConstraint(
                condition=~Q(state=TakeState.FAILED) | Q(error_code__isnull=False), name="take_failed_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[TakeState.DONE, TakeState.UNKNOWN], origin=TakeOrigin.GENERATED)
                | Q(request_sha256__isnull=False),
                name="take_sent_names_its_request",
            ),
        ]

    def __str__(self) -> str:
        return f"take {self.number} of {self.shot_id}"

    def changed_to(self, what: str) -> str | None:
        """What a retry does differently from the settings of shot and scene; None = that it leaves alone."""
        rows = self.retry_change.get("changes", [])
        return next((row["now"] for row in reversed(rows) if row["what"] == what), None)


class TakeReference(models.Model):
    """A reference picture of a take, in order."""

    take = models.ForeignKey(Take, models.CASCADE, related_name="reference_rows")
    frame = models.ForeignKey("continuity.Frame", models.PROTECT, related_name="+")
    role = models.CharField(max_length=32, default="style")
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["take", "order"], name="takereference_order")]

    def __str__(self) -> str:
        return f"{self.role} reference {self.order}"
