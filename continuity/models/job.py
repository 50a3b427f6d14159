"""Job: the truth about work. The queue only rings a bell; what runs, waits or is stuck is read here."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from continuity.enums import LIVE_JOB_STATES, TERMINAL_JOB_STATES, JobKind, JobState
from prompts.ids import id_factory
from prompts.records import AppendOnlyQuerySet, NeverChangedRow, enum_check, enum_field
from prompts.triggers import Frozen, Refused

LIVE = Q(state__in=LIVE_JOB_STATES)


class Job(models.Model):
    """States and arrows are in ``continuity.jobs.lease``: every arrow is one compare-and-set on (id, state, fence)."""

    id = models.CharField(primary_key=True, max_length=64, default=id_factory("job"), editable=False)
    kind = enum_field(JobKind)
    session = models.ForeignKey("sessions_app.Session", models.SET_NULL, null=True, blank=True, related_name="jobs")
    shot = models.ForeignKey("continuity.Shot", models.SET_NULL, null=True, blank=True, related_name="jobs")
    take = models.ForeignKey("continuity.Take", models.SET_NULL, null=True, blank=True, related_name="jobs")
    subject_key = models.CharField(max_length=255)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="jobs")
    state = enum_field(JobState, default=JobState.QUEUED)
    step = models.CharField(max_length=32)
    step_attempts = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    lease_owner = models.CharField(max_length=200, null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveBigIntegerField(default=0)
    next_run_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    waits_for = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="waiters")
    wait_reason = models.CharField(max_length=500, null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    progress = models.FloatField(null=True, blank=True)
    progress_note = models.CharField(max_length=500, blank=True)
    provider = models.CharField(max_length=100, null=True, blank=True)
    remote_id = models.CharField(max_length=500, null=True, blank=True)
    request_sha256 = models.CharField(max_length=64, null=True, blank=True)
    submit_intent_at = models.DateTimeField(null=True, blank=True)
    payload = models.JSONField(default=dict, blank=True)
    result = models.JSONField(default=dict, blank=True)
    error_code = models.CharField(max_length=64, null=True, blank=True)
    error_sentence = models.TextField(null=True, blank=True)
    error_raw = models.TextField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            enum_check("kind", JobKind, name="job_kind"),
            enum_check("state", JobState, name="job_state"),
            models.UniqueConstraint(fields=["shot"], condition=LIVE & Q(kind=JobKind.GENERATE), name="job_one_live_generate"),
            models.UniqueConstraint(fields=["subject_key"], condition=LIVE, name="job_one_live_per_subject"),
            models.UniqueConstraint(fields=["provider", "remote_id"], condition=Q(remote_id__isnull=False), name="job_remote_id"),
            models.CheckConstraint(
                condition=Q(state=JobState.RUNNING, lease_until__isnull=False)
                | (~Q(state=JobState.RUNNING) & Q(lease_until=None)),
                name="job_running_has_lease",
            ),
            models.CheckConstraint(
                condition=~LIVE | Q(next_run_at__isnull=False, deadline_at__isnull=False), name="job_live_has_a_next_look"
            ),
            models.CheckConstraint(
                condition=Q(remote_id=None) | Q(submit_intent_at__isnull=False), name="job_remote_id_after_intent"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=TERMINAL_JOB_STATES) | Q(finished_at__isnull=False), name="job_terminal_is_finished"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "next_run_at"], name="job_due"),
            models.Index(fields=["by", "state"], name="job_by"),
            models.Index(fields=["provider", "state"], name="job_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state} {self.id}"


class JobEvent(NeverChangedRow):
    """One arrow of one job. Replaying a job's events gives its state."""

    triggers = (
        Frozen("Job events are append-only."),
        Refused("Job events are append-only.", when="TRUE", events=("DELETE",)),
    )

    job = models.ForeignKey(Job, models.PROTECT, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    from_state = enum_field(JobState, null=True, blank=True)
    to_state = enum_field(JobState)
    step = models.CharField(max_length=32)
    fence = models.PositiveBigIntegerField()
    note = models.CharField(max_length=500, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            enum_check("from_state", JobState, name="jobevent_from_state"),
            enum_check("to_state", JobState, name="jobevent_to_state"),
        ]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state} {self.step}"


class Heartbeat(models.Model):
    """Who is alive: ``ring`` and ``worker:<host>:<pid>``. Read by the health page."""

    name = models.CharField(primary_key=True, max_length=200)
    at = models.DateTimeField()
    detail = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"
