"""How a scene looks: immutable versions, templates, and the cache of what was measured."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from continuity.enums import StyleOrigin
from prompts.ids import id_factory
from prompts.records import AppendOnlyQuerySet, LivingManager, NeverChangedRow, enum_check, enum_field
from prompts.triggers import Frozen


class Extraction(models.Model):
    """What an extractor found in some pictures, cached per owner: one person's picture never feeds another's context."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    frames_sha256 = models.CharField(max_length=64)
    extractor = models.CharField(max_length=100)
    values = models.JSONField()
    raw_answer = models.TextField(null=True, blank=True)
    tokens = models.PositiveIntegerField(default=0)
    cost_micros = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "frames_sha256", "extractor"], name="extraction_cache")]

    def __str__(self) -> str:
        return f"{self.extractor} of {self.frames_sha256[:12]}"


class Style(NeverChangedRow):
    """One version of a scene's style. ``values`` follows styles.schema.json: every value says where it comes from."""

    triggers = (Frozen("A style version is never changed: save a new one."),)

    id = models.CharField(primary_key=True, max_length=64, default=id_factory("sty"), editable=False)
    session = models.ForeignKey("sessions_app.Session", models.CASCADE, related_name="styles")
    number = models.PositiveIntegerField()
    origin = enum_field(StyleOrigin)
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    values = models.JSONField()
    fragment = models.TextField(blank=True)
    source_take = models.ForeignKey("continuity.Take", models.SET_NULL, null=True, blank=True, related_name="+")
    extraction = models.ForeignKey(Extraction, models.SET_NULL, null=True, blank=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(null=True, blank=True)
    locked_keys = models.JSONField(default=list, blank=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        constraints = [
            enum_check("origin", StyleOrigin, name="style_origin"),
            models.UniqueConstraint(fields=["session", "number"], name="style_number"),
        ]

    def __str__(self) -> str:
        return f"style {self.number} ({self.origin})"


class StyleTemplate(models.Model):
    id = models.CharField(primary_key=True, max_length=64, default=id_factory("tpl"), editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="style_templates")
    name = models.CharField(max_length=200)
    values = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = LivingManager["StyleTemplate"]()
    all_objects = models.Manager["StyleTemplate"]()

    class Meta:
        default_manager_name = "objects"
        constraints = [models.UniqueConstraint(fields=["owner", "name"], condition=Q(deleted_at=None), name="styletemplate_name")]

    def __str__(self) -> str:
        return self.name
