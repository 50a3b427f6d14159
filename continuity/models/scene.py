"""The continuity half of a session, and its shots in order."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from continuity.defaults import CONTINUITY_DEFAULTS
from continuity.enums import (
    BaseStyleSource,
    ChosenBy,
    GenerationMode,
    InjectionPosition,
    InjectionStrength,
    ShotMode,
    ShotStyleSource,
)
from prompts.expectations import count_edit
from prompts.ids import id_factory
from prompts.records import LivingManager, enum_check, enum_field, range_check

if TYPE_CHECKING:
    from django.contrib.auth.models import User

RANK_STEP = 2**20
"""Distance between neighbouring ranks: a move or an insert changes one row."""


class Continuity(models.Model):
    """1:1 with a Session: how its shots are made to follow each other. Defaults are one table, ``continuity.defaults``.

    ``safe_bridge``: a bridge frame is brought back to the look of the scene's first shot before it starts the next one.
    ``chain_limit``: after so many bridged shots in a row, and ``drift_limit``: beyond this ΔE2000 against the base take, a
    fresh anchor is offered.
    """

    session = models.OneToOneField("sessions_app.Session", models.CASCADE, primary_key=True, related_name="continuity")
    generation_mode = enum_field(GenerationMode, default=CONTINUITY_DEFAULTS["generation_mode"])
    default_mode = enum_field(ShotMode, default=CONTINUITY_DEFAULTS["default_mode"])
    style_strength = models.DecimalField(max_digits=4, decimal_places=3, default=CONTINUITY_DEFAULTS["style_strength"])
    injection_strength = enum_field(InjectionStrength, default=CONTINUITY_DEFAULTS["injection_strength"])
    injection_position = enum_field(InjectionPosition, default=CONTINUITY_DEFAULTS["injection_position"])
    inherit_colour = models.BooleanField(default=CONTINUITY_DEFAULTS["inherit_colour"])
    inherit_lighting = models.BooleanField(default=CONTINUITY_DEFAULTS["inherit_lighting"])
    inherit_atmosphere = models.BooleanField(default=CONTINUITY_DEFAULTS["inherit_atmosphere"])
    inherit_technical = models.BooleanField(default=CONTINUITY_DEFAULTS["inherit_technical"])
    auto_extract = models.BooleanField(default=CONTINUITY_DEFAULTS["auto_extract"])
    auto_bridge = models.BooleanField(default=CONTINUITY_DEFAULTS["auto_bridge"])
    default_model = models.CharField(max_length=100, blank=True)
    preview_first = models.BooleanField(default=CONTINUITY_DEFAULTS["preview_first"])
    preview_model = models.CharField(max_length=100, null=True, blank=True)
    takes_per_shot = models.PositiveSmallIntegerField(default=CONTINUITY_DEFAULTS["takes_per_shot"])
    gate_enabled = models.BooleanField(default=CONTINUITY_DEFAULTS["gate_enabled"])
    gate_threshold = models.DecimalField(max_digits=4, decimal_places=3, default=CONTINUITY_DEFAULTS["gate_threshold"])
    max_retries = models.PositiveSmallIntegerField(default=CONTINUITY_DEFAULTS["max_retries"])
    safe_bridge = models.BooleanField(default=CONTINUITY_DEFAULTS["safe_bridge"])
    chain_limit = models.PositiveSmallIntegerField(default=CONTINUITY_DEFAULTS["chain_limit"])
    drift_limit = models.DecimalField(max_digits=5, decimal_places=2, default=CONTINUITY_DEFAULTS["drift_limit"])
    # Restricted, not protected: when a session is purged, its styles go with it.
    base_style = models.ForeignKey("continuity.Style", models.RESTRICT, null=True, blank=True, related_name="+")
    base_style_source = enum_field(BaseStyleSource, default=BaseStyleSource.NONE)
    base_take = models.ForeignKey("continuity.Take", models.SET_NULL, null=True, blank=True, related_name="+")
    primary_reference = models.ForeignKey("continuity.Frame", models.SET_NULL, null=True, blank=True, related_name="+")
    legacy = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "continuity halves"
        constraints = [
            enum_check("generation_mode", GenerationMode, name="continuity_generation_mode"),
            enum_check("default_mode", ShotMode, name="continuity_default_mode"),
            enum_check("injection_strength", InjectionStrength, name="continuity_injection_strength"),
            enum_check("injection_position", InjectionPosition, name="continuity_injection_position"),
            enum_check("base_style_source", BaseStyleSource, name="continuity_base_style_source"),
            range_check("style_strength", 0, 1, name="continuity_style_strength"),
            range_check("gate_threshold", 0, 1, name="continuity_gate_threshold"),
            range_check("takes_per_shot", 1, 8, name="continuity_takes_per_shot"),
            range_check("max_retries", 0, 5, name="continuity_max_retries"),
            range_check("chain_limit", 1, 100, name="continuity_chain_limit"),
            range_check("drift_limit", 0, 100, name="continuity_drift_limit"),
            models.CheckConstraint(
                condition=Q(base_style_source=BaseStyleSource.NONE, base_style=None)
                | (~Q(base_style_source=BaseStyleSource.NONE) & Q(base_style__isnull=False)),
                name="continuity_base_style_has_a_source",
            ),
        ]

    def __str__(self) -> str:
        return f"continuity of {self.session_id}"

    def model_id(self) -> str:
        return self.default_model or settings.DEFAULT_MODEL

    def judges_takes(self) -> bool:
        """Whether measuring a take's cut may bring another take of it: the next shot then waits for that."""
        return self.gate_enabled or self.takes_per_shot > 1 or bool(self.preview_first and self.preview_model)


class Shot(models.Model):
    """One shot of a scene. Null ``mode``, ``inject`` and inherit overrides mean: as the scene says."""

    id = models.CharField(primary_key=True, max_length=64, default=id_factory("sht"), editable=False)
    session = models.ForeignKey("sessions_app.Session", models.CASCADE, related_name="shots")
    legacy_id = models.CharField(max_length=255, null=True, blank=True)
    rank = models.BigIntegerField()
    user_prompt = models.TextField(blank=True)
    prompt_version = models.ForeignKey("prompts.PromptVersion", models.SET_NULL, null=True, blank=True, related_name="+")
    mode = enum_field(ShotMode, null=True, blank=True)
    inject = models.BooleanField(null=True, blank=True)
    model = models.CharField(max_length=100, null=True, blank=True)
    seed = models.BigIntegerField(null=True, blank=True)
    params = models.JSONField(default=dict, blank=True)
    style_overrides = models.JSONField(default=dict, blank=True)
    inherit_colour = models.BooleanField(null=True, blank=True)
    inherit_lighting = models.BooleanField(null=True, blank=True)
    inherit_atmosphere = models.BooleanField(null=True, blank=True)
    inherit_technical = models.BooleanField(null=True, blank=True)
    camera = models.JSONField(default=dict, blank=True)
    bridge_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    start_image = models.ForeignKey("continuity.Frame", models.SET_NULL, null=True, blank=True, related_name="+")
    locked = models.BooleanField(default=False)
    chosen_take = models.ForeignKey("continuity.Take", models.SET_NULL, null=True, blank=True, related_name="+")
    chosen_by = enum_field(ChosenBy, default=ChosenBy.AUTO)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    extra = models.JSONField(default=dict, blank=True)

    objects = LivingManager["Shot"]()
    all_objects = models.Manager["Shot"]()

    class Meta:
        default_manager_name = "objects"
        ordering = ["session", "rank"]
        constraints = [
            enum_check("mode", ShotMode, name="shot_mode"),
            enum_check("chosen_by", ChosenBy, name="shot_chosen_by"),
            models.UniqueConstraint(fields=["session", "rank"], condition=Q(deleted_at=None), name="shot_rank"),
            models.UniqueConstraint(
                fields=["session", "legacy_id"], condition=Q(deleted_at=None, legacy_id__isnull=False), name="shot_legacy_id"
            ),
        ]

    def __str__(self) -> str:
        return self.user_prompt[:60] or self.id

    def touch(self, *, by: "User | None") -> None:
        """Count a change of the shot and of its session; a worker (``by`` None) never bumps a ``version``."""
        if by is not None:
            count_edit(Shot.all_objects.all(), self.pk)
        self.session.touch(by=by)

    def edit(
        self, verb: str, *, by: "User", before: dict[str, Any], after: dict[str, Any], target: models.Model | None = None
    ) -> None:
        """Count and write down a person's edit of this shot, or of ``target``, something of it; see ``Session.edit``."""
        count_edit(Shot.all_objects.all(), self.pk)
        self.session.edit(verb, by=by, target=target or self, before=before, after=after)

    def previous(self) -> "Shot | None":
        """The shot before this one in the scene, deleted ones passed over."""
        return Shot.objects.filter(session_id=self.session_id, rank__lt=self.rank).order_by("-rank").first()

    def bridge_source(self) -> "Shot | None":
        """The shot whose last frame starts this one: ``bridge_from``, else the previous one."""
        source = self.bridge_from
        return source if source is not None and source.deleted_at is None else self.previous()

    def style_source(self) -> ShotStyleSource:
        """The spec's ``styleSource``: the first shot is the base, overrides make it custom."""
        if self.style_overrides:
            return ShotStyleSource.CUSTOM
        return ShotStyleSource.INHERITED if self.previous() else ShotStyleSource.BASE

    def delete_softly(self) -> None:
        Shot.objects.filter(pk=self.pk).update(deleted_at=Now())
