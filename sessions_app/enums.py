"""Closed vocabularies of the doors; those of the engine are in ``continuity.enums``."""

from enum import StrEnum


class ActorKind(StrEnum):
    USER = "user"
    TOKEN = "token"
    STAFF = "staff"
    SYSTEM = "system"
    WORKER = "worker"


class ShareScope(StrEnum):
    PROMPT = "prompt"
    SESSION = "session"


class ShareOrigin(StrEnum):
    LEGACY = "legacy"
    USER = "user"


class TokenScope(StrEnum):
    READ = "read"
    WRITE = "write"
    SPEND = "spend"


class ThrottleScope(StrEnum):
    """What is counted apart when somebody asks too often."""

    READ = "read"
    WRITE = "write"
    GENERATE = "generate"
    SIGN_IN = "sign-in"


class IdempotencyState(StrEnum):
    IN_FLIGHT = "in_flight"
    FINISHED = "finished"


class DocumentState(StrEnum):
    PENDING = "pending"
    MIGRATED = "migrated"
    QUARANTINED = "quarantined"
    ROLLED_BACK = "rolled_back"


class LinkHalf(StrEnum):
    PROMPT = "prompt"
    CONTINUITY = "continuity"
    SESSION = "session"


class MigrationKind(StrEnum):
    MIGRATE = "migrate"
    VERIFY = "verify"
    ROLLBACK = "rollback"


class MigrationMode(StrEnum):
    DRY = "dry"
    REAL = "real"


class MigrationState(StrEnum):
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class MigrationOutcome(StrEnum):
    MIGRATED = "migrated"
    UNCHANGED = "unchanged"
    QUARANTINED = "quarantined"
    SKIPPED = "skipped"
    CONFLICT = "conflict"
