"""Bytes and pictures: a Blob is bytes by sha256 and nobody's, an Asset is somebody's, a Frame is one picture of one."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from continuity.enums import AssetOrigin, AssetRole, BlobKind, FrameRole
from prompts.ids import id_factory
from prompts.records import LivingManager, enum_check, enum_field
from prompts.triggers import Refused


class Blob(models.Model):
    """Written once, after it was decoded whole. Never reachable by a URL of its own."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    size = models.PositiveBigIntegerField()
    storage_key = models.CharField(max_length=255)
    kind = enum_field(BlobKind)
    container = models.CharField(max_length=32, blank=True)
    codec = models.CharField(max_length=32, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    rotation = models.PositiveSmallIntegerField(default=0)
    pix_fmt = models.CharField(max_length=32, blank=True)
    colour_tags = models.JSONField(default=dict, blank=True)
    fps_num = models.BigIntegerField(null=True, blank=True)
    fps_den = models.BigIntegerField(null=True, blank=True)
    frame_count = models.PositiveIntegerField(null=True, blank=True)
    duration_num = models.BigIntegerField(null=True, blank=True)
    duration_den = models.BigIntegerField(null=True, blank=True)
    has_audio = models.BooleanField(default=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            enum_check("kind", BlobKind, name="blob_kind"),
            models.CheckConstraint(condition=Q(fps_den=None) | Q(fps_den__gt=0), name="blob_fps_den"),
            models.CheckConstraint(condition=Q(duration_den=None) | Q(duration_den__gt=0), name="blob_duration_den"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.sha256[:12]}"


class Asset(models.Model):
    """A file of one owner. ``name`` is what a person sees and never a path."""

    id = models.CharField(primary_key=True, max_length=64, default=id_factory("ast"), editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="assets")
    session = models.ForeignKey("sessions_app.Session", models.SET_NULL, null=True, blank=True, related_name="assets")
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="assets")
    role = enum_field(AssetRole)
    origin = enum_field(AssetOrigin)
    name = models.CharField(max_length=255, blank=True)
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="derived")
    recipe_sha256 = models.CharField(max_length=64, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = LivingManager["Asset"]()
    all_objects = models.Manager["Asset"]()

    class Meta:
        default_manager_name = "objects"
        constraints = [
            enum_check("role", AssetRole, name="asset_role"),
            enum_check("origin", AssetOrigin, name="asset_origin"),
            models.UniqueConstraint(
                fields=["parent", "role", "recipe_sha256"],
                condition=Q(deleted_at=None, recipe_sha256__isnull=False),
                name="asset_recipe",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.id


class Frame(models.Model):
    """One picture of a clip, or a still itself (then ``index`` 0). ``time`` is rational seconds from the first picture."""

    triggers = (
        Refused(
            "A still has one frame, of index 0.",
            when="NEW.\"index\" <> 0 AND (SELECT role FROM continuity_asset WHERE id = NEW.asset_id) = 'still'",
            events=("INSERT", "UPDATE"),
        ),
    )

    id = models.CharField(primary_key=True, max_length=64, default=id_factory("frm"), editable=False)
    asset = models.ForeignKey(Asset, models.CASCADE, related_name="frames")
    index = models.PositiveIntegerField()
    time_num = models.BigIntegerField(default=0)
    time_den = models.BigIntegerField(default=1)
    role = enum_field(FrameRole)
    image = models.ForeignKey(Asset, models.PROTECT, related_name="+")
    rgb24_sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        constraints = [
            enum_check("role", FrameRole, name="frame_role"),
            models.UniqueConstraint(fields=["asset", "index"], name="frame_index"),
            models.CheckConstraint(condition=Q(time_den__gt=0), name="frame_time_den"),
        ]

    def __str__(self) -> str:
        return f"frame {self.index} of {self.asset_id}"


class Export(models.Model):
    """A finished file of a session, made from exactly the inputs that ``inputs_sha256`` names."""

    id = models.CharField(primary_key=True, max_length=64, default=id_factory("exp"), editable=False)
    session = models.ForeignKey("sessions_app.Session", models.CASCADE, related_name="exports")
    options = models.JSONField(default=dict, blank=True)
    inputs_sha256 = models.CharField(max_length=64)
    asset = models.ForeignKey(Asset, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "inputs_sha256"], name="export_inputs")]

    def __str__(self) -> str:
        return f"export {self.id}"
