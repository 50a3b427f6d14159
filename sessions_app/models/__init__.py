from sessions_app.models.history import AuditEvent, Edit
from sessions_app.models.legacy import LegacyBackup, LegacyDocument, LegacyIdentity, LegacyLink, MigrationItem, MigrationRun
from sessions_app.models.requests import FeatureOverride, FeatureRollout, IdempotencyRecord
from sessions_app.models.session import Session
from sessions_app.models.sharing import ApiToken, ShareLink

__all__ = [
    "ApiToken",
    "AuditEvent",
    "Edit",
    "FeatureOverride",
    "FeatureRollout",
    "IdempotencyRecord",
    "LegacyBackup",
    "LegacyDocument",
    "LegacyIdentity",
    "LegacyLink",
    "MigrationItem",
    "MigrationRun",
    "Session",
    "ShareLink",
]
