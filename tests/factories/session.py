"""One factory for each record of sessions_app, and for a person."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import factory
from django.contrib.auth.models import User

from sessions_app.enums import (
    ActorKind,
    LinkHalf,
    MigrationKind,
    MigrationMode,
    MigrationOutcome,
    ShareScope,
    TokenScope,
)
from sessions_app.models import (
    ApiToken,
    AuditEvent,
    Edit,
    FeatureOverride,
    FeatureRollout,
    IdempotencyRecord,
    LegacyBackup,
    LegacyDocument,
    LegacyIdentity,
    LegacyLink,
    MigrationItem,
    MigrationRun,
    Session,
    ShareLink,
)

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def digest(text: object) -> str:
    """A sha256 as the columns hold it, different for each ``text``."""
    return sha256(str(text).encode()).hexdigest()


class UserFactory(factory.django.DjangoModelFactory):
    """Nobody can log in with a password; tests use ``client.force_login``."""

    class Meta:
        model = User

    username = factory.Sequence(lambda number: f"person{number}")
    password = "!"


class SessionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Session

    owner = factory.SubFactory(UserFactory)
    name = "Rain over the harbour"
    created_at = NOON
    updated_at = NOON


class EditFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Edit

    session = factory.SubFactory(SessionFactory)
    number = factory.Sequence(lambda number: number + 1)
    by = factory.SelfAttribute("session.owner")
    verb = "shot.move"
    target_kind = "shot"
    target_id = "sht_1"


class AuditEventFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AuditEvent

    actor = factory.SubFactory(UserFactory)
    actor_kind = ActorKind.USER
    action = "session.rename"
    object_kind = "session"
    object_id = "ses_1"


class ShareLinkFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ShareLink

    session = factory.SubFactory(SessionFactory)
    scope = ShareScope.SESSION
    created_by = factory.SelfAttribute("session.owner")


class ApiTokenFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ApiToken

    user = factory.SubFactory(UserFactory)
    name = "script"
    hash = factory.Sequence(digest)
    prefix = "tl_abcde"
    scopes = factory.LazyFunction(lambda: [TokenScope.READ])


class IdempotencyRecordFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = IdempotencyRecord

    user = factory.SubFactory(UserFactory)
    key = factory.Sequence(lambda number: f"key-{number}")
    route = "POST /api/v2/shots/sht_1/takes"
    request_sha256 = factory.Sequence(digest)
    expires_at = NOON + timedelta(hours=24)


class FeatureRolloutFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = FeatureRollout

    name = factory.Sequence(lambda number: f"feature-{number}")


class FeatureOverrideFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = FeatureOverride

    rollout = factory.SubFactory(FeatureRolloutFactory)
    user = factory.SubFactory(UserFactory)
    enabled = False


class LegacyBackupFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LegacyBackup

    id = factory.Sequence(lambda number: f"backup-{number}")
    file_name = "export.jsonl"
    count = 1
    sha256 = factory.Sequence(digest)


class LegacyDocumentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LegacyDocument

    path = factory.Sequence(lambda number: f"users/a/prompts/{number}")
    collection = "users/a/prompts"
    document_id = factory.Sequence(str)
    raw = b"{}"
    sha256 = digest("{}")
    size = 2


class LegacyLinkFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LegacyLink

    session = factory.SubFactory(SessionFactory)
    half = LinkHalf.PROMPT
    path = factory.SubFactory(LegacyDocumentFactory)
    sha256 = factory.SelfAttribute("path.sha256")


class LegacyIdentityFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LegacyIdentity

    uid = factory.Sequence(lambda number: f"uid{number}")
    user = factory.SubFactory(UserFactory)


class MigrationRunFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MigrationRun

    kind = MigrationKind.MIGRATE
    mode = MigrationMode.DRY


class MigrationItemFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MigrationItem

    run = factory.SubFactory(MigrationRunFactory)
    path = factory.Sequence(lambda number: f"users/a/prompts/{number}")
    source_sha256 = factory.Sequence(digest)
    outcome = MigrationOutcome.MIGRATED
