"""Old documents as bytes, what became of them, and the runs that moved them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from prompts.ids import id_factory
from prompts.records import enum_check, enum_field
from sessions_app.enums import DocumentState, LinkHalf, MigrationKind, MigrationMode, MigrationOutcome, MigrationState


class LegacyBackup(models.Model):
    id = models.CharField(primary_key=True, max_length=64)
    file_name = models.CharField(max_length=500)
    count = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    manifest = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.file_name


class LegacyDocument(models.Model):
    """One old document exactly as it was: bytes and sha256. The migration walks (document_id, path) in byte order."""

    path = models.CharField(primary_key=True, max_length=1600)
    collection = models.CharField(max_length=500)
    document_id = models.CharField(max_length=1500)
    owner_uid = models.CharField(max_length=255, null=True, blank=True)
    raw = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    update_time = models.DateTimeField(null=True, blank=True)
    imported_at = models.DateTimeField(auto_now_add=True)
    backup = models.ForeignKey(LegacyBackup, models.PROTECT, null=True, blank=True, related_name="documents")
    state = enum_field(DocumentState, default=DocumentState.PENDING)

    class Meta:
        constraints = [enum_check("state", DocumentState, name="legacydocument_state")]

    def __str__(self) -> str:
        return self.path


class LegacyLink(models.Model):
    """Which document became which half of which session; ``residual`` holds only what no column can."""

    session = models.ForeignKey("sessions_app.Session", models.CASCADE, related_name="legacy_links")
    half = enum_field(LinkHalf)
    path = models.OneToOneField(LegacyDocument, models.PROTECT, db_column="path", related_name="link")
    sha256 = models.CharField(max_length=64)
    residual = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [enum_check("half", LinkHalf, name="legacylink_half_word")]

    def __str__(self) -> str:
        return f"{self.half} of {self.session_id}"


class LegacyIdentity(models.Model):
    uid = models.CharField(max_length=255, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="legacy_identities")
    created_by_run = models.ForeignKey("MigrationRun", models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(uid=""), name="legacyidentity_uid_not_empty")]

    def __str__(self) -> str:
        return self.uid


class MigrationRun(models.Model):
    id = models.CharField(primary_key=True, max_length=64, default=id_factory("run"), editable=False)
    kind = enum_field(MigrationKind)
    mode = enum_field(MigrationMode)
    state = enum_field(MigrationState, default=MigrationState.RUNNING)
    cursor = models.CharField(max_length=3200, blank=True)
    source_fingerprint = models.CharField(max_length=64, blank=True)
    options = models.JSONField(default=dict, blank=True)
    counts = models.JSONField(default=dict, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            enum_check("kind", MigrationKind, name="migrationrun_kind"),
            enum_check("mode", MigrationMode, name="migrationrun_mode"),
            enum_check("state", MigrationState, name="migrationrun_state"),
            models.UniqueConstraint(fields=["kind"], condition=Q(state=MigrationState.RUNNING), name="migrationrun_one_running"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.mode} {self.state}"


class MigrationItem(models.Model):
    run = models.ForeignKey(MigrationRun, models.CASCADE, related_name="items")
    path = models.CharField(max_length=1600)
    source_sha256 = models.CharField(max_length=64)
    outcome = enum_field(MigrationOutcome)
    problem = models.CharField(max_length=64, blank=True)
    problem_codes = models.JSONField(default=list, blank=True)
    pointer = models.CharField(max_length=1000, null=True, blank=True)
    byte_offset = models.PositiveBigIntegerField(null=True, blank=True)
    session_id = models.CharField(max_length=255, null=True, blank=True)
    target_sha256 = models.CharField(max_length=64, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "path"], name="migrationitem_path"),
            enum_check("outcome", MigrationOutcome, name="migrationitem_outcome"),
        ]
        indexes = [
            models.Index(fields=["run", "outcome"], name="migrationitem_outcome_idx"),
            models.Index(fields=["run", "problem"], name="migrationitem_problem_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.path}: {self.outcome}"
