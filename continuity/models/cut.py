"""Measurements between takes, corrections of takes, and the scene's stand-in picture."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from continuity.enums import Band, BridgeKind, CutState, GradeState, ProxyKind, ProxyState
from prompts.ids import id_factory
from prompts.records import enum_check, enum_field, range_check


class Cut(models.Model):
    """A measurement of two takes under one metric: not a position. What a timeline shows is derived on read."""

    id = models.CharField(primary_key=True, max_length=64, default=id_factory("cut"), editable=False)
    session = models.ForeignKey("sessions_app.Session", models.CASCADE, related_name="cuts")
    left_take = models.ForeignKey("continuity.Take", models.CASCADE, related_name="+")
    right_take = models.ForeignKey("continuity.Take", models.CASCADE, related_name="+")
    metric = models.CharField(max_length=64)
    state = enum_field(CutState)
    score = models.FloatField(null=True, blank=True)
    band = enum_field(Band, null=True, blank=True)
    parts = models.JSONField(default=dict, blank=True)
    bridge_kind = enum_field(BridgeKind, null=True, blank=True)
    ncc = models.FloatField(null=True, blank=True)
    drift = models.JSONField(default=dict, blank=True)
    findings = models.JSONField(default=list, blank=True)
    not_measured = models.JSONField(default=list, blank=True)
    reason = models.TextField(null=True, blank=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_note = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            enum_check("state", CutState, name="cut_state"),
            enum_check("band", Band, name="cut_band"),
            enum_check("bridge_kind", BridgeKind, name="cut_bridge_kind"),
            range_check("score", 0, 1, name="cut_score"),
            models.UniqueConstraint(fields=["left_take", "right_take", "metric"], name="cut_measured_once"),
            models.CheckConstraint(
                condition=Q(score=None, reason__isnull=False) | Q(score__isnull=False, reason=None),
                name="cut_score_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.left_take_id} | {self.right_take_id}: {self.band or self.state}"


class Grade(models.Model):
    """A correction of one take: a LUT with its proof, or the reason why none is given."""

    id = models.CharField(primary_key=True, max_length=64, default=id_factory("gra"), editable=False)
    take = models.ForeignKey("continuity.Take", models.CASCADE, related_name="grades")
    reference_frame = models.ForeignKey("continuity.Frame", models.PROTECT, related_name="+")
    source_frame = models.ForeignKey("continuity.Frame", models.PROTECT, related_name="+")
    lut = models.ForeignKey("continuity.Asset", models.PROTECT, null=True, blank=True, related_name="+")
    state = enum_field(GradeState)
    strength = models.FloatField(default=1.0)
    delta_e_before = models.FloatField(null=True, blank=True)
    delta_e_after = models.FloatField(null=True, blank=True)
    guards = models.JSONField(default=dict, blank=True)
    refused_reason = models.TextField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            enum_check("state", GradeState, name="grade_state"),
            models.UniqueConstraint(fields=["take"], condition=Q(state=GradeState.APPLIED), name="grade_one_applied"),
            models.CheckConstraint(
                condition=Q(state=GradeState.REFUSED, refused_reason__isnull=False)
                | (~Q(state=GradeState.REFUSED) & Q(lut__isnull=False)),
                name="grade_lut_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} grade of {self.take_id}"


class SceneProxy(models.Model):
    id = models.CharField(primary_key=True, max_length=64, default=id_factory("prx"), editable=False)
    session = models.ForeignKey("sessions_app.Session", models.CASCADE, related_name="proxies")
    kind = enum_field(ProxyKind)
    reference = models.ForeignKey("continuity.Frame", models.PROTECT, related_name="+")
    depth = models.ForeignKey("continuity.Asset", models.PROTECT, null=True, blank=True, related_name="+")
    state = enum_field(ProxyState)
    current = models.BooleanField(default=False)
    error_code = models.CharField(max_length=64, null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "scene proxies"
        constraints = [
            enum_check("kind", ProxyKind, name="sceneproxy_kind"),
            enum_check("state", ProxyState, name="sceneproxy_state"),
            models.UniqueConstraint(fields=["session"], condition=Q(current=True), name="sceneproxy_one_current"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} proxy of {self.session_id}"
