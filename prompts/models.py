"""The prompt half of a session: its text now, and every version there was."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from prompts.ids import id_factory
from prompts.records import AppendOnlyQuerySet, NeverChangedRow
from prompts.triggers import Frozen


class Prompt(models.Model):
    """1:1 with a Session. ``uuid`` is the legacy share id; several sessions may carry the same one."""

    session = models.OneToOneField("sessions_app.Session", models.CASCADE, primary_key=True, related_name="prompt")
    uuid = models.UUIDField(null=True, blank=True, db_index=True)
    title = models.TextField(null=True, blank=True)
    input = models.TextField(blank=True)
    output = models.TextField(null=True, blank=True)
    target_model = models.CharField(max_length=100, null=True, blank=True)
    mode = models.CharField(max_length=100, null=True, blank=True)
    generation_params = models.JSONField(default=dict, blank=True)
    keyframes = models.JSONField(default=list, blank=True)
    highlight_cache = models.JSONField(default=dict, blank=True, null=True)
    brainstorm = models.JSONField(null=True, blank=True)
    score = models.FloatField(null=True, blank=True)
    current_version = models.ForeignKey("PromptVersion", models.SET_NULL, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(version__gte=1), name="prompt_version_from_1")]

    def __str__(self) -> str:
        return self.title or self.input[:60]


class PromptVersion(NeverChangedRow):
    """One saved wording. Appended, never changed; ``generations`` holds legacy records that are shown, never takes."""

    triggers = (Frozen("A prompt version is never changed: save a new one."),)

    id = models.CharField(primary_key=True, max_length=64, default=id_factory("prv"), editable=False)
    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    legacy_id = models.CharField(max_length=255, null=True, blank=True)
    label = models.CharField(max_length=500, null=True, blank=True)
    input = models.TextField(blank=True)
    output = models.TextField(null=True, blank=True)
    generation_params = models.JSONField(default=dict, blank=True)
    keyframes = models.JSONField(default=list, blank=True)
    highlight_cache = models.JSONField(default=dict, blank=True, null=True)
    generations = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    extra = models.JSONField(default=dict, blank=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prompt", "number"], name="promptversion_number"),
            models.UniqueConstraint(
                fields=["prompt", "legacy_id"], condition=Q(legacy_id__isnull=False), name="promptversion_legacy"
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"
