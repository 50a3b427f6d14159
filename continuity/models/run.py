"""A session fed from a directory of generated clips. The directory's journal is the truth about files."""

from django.db import models

from continuity.enums import RunLayout
from prompts.ids import id_factory
from prompts.records import enum_check, enum_field


class GenerationRun(models.Model):
    id = models.CharField(primary_key=True, max_length=64, default=id_factory("run"), editable=False)
    session = models.OneToOneField("sessions_app.Session", models.CASCADE, related_name="generation_run")
    directory = models.CharField(max_length=4096, unique=True)
    layout = enum_field(RunLayout)
    timestamp = models.CharField(max_length=64, blank=True)
    options = models.JSONField(default=dict, blank=True)
    lease_owner = models.CharField(max_length=200, null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [enum_check("layout", RunLayout, name="generationrun_layout")]

    def __str__(self) -> str:
        return self.directory
