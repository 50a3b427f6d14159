"""Every promise of the doors' records, kept by both databases."""

from typing import Any

import pytest
from django.db import connection

from continuity.models import Charge, Job, JobEvent, LedgerEntry
from sessions_app.enums import IdempotencyState, MigrationMode, MigrationState
from sessions_app.models import AuditEvent, Session, ShareLink
from sessions_app.models.session import NEVER
from tests.factories import continuity as scene
from tests.factories import session as make
from tests.factories.prompt import PromptFactory, PromptVersionFactory
from tests.violations import Plant, Table, answer_to, enum_columns, enum_constraint, expected_answer, planted, rules, twice

pytestmark = pytest.mark.django_db

REFUSED_ROWS: Table = {
    "session_counts_from_1": [lambda: make.SessionFactory(version=0), lambda: make.SessionFactory(revision=0)],
    "session_id_is_one_path_segment": [lambda: make.SessionFactory(id="a/b"), lambda: make.SessionFactory(id="")],
    "edit_number": [lambda: twice(make.EditFactory, "session", "number")],
    "sessions_app_sharelink.token": [lambda: twice(make.ShareLinkFactory, "token")],
    "sharelink_token_is_long": [lambda: make.ShareLinkFactory(token="t" * 35)],
    "sessions_app_apitoken.hash": [lambda: twice(make.ApiTokenFactory, "hash")],
    "apitoken_scopes_not_empty": [lambda: make.ApiTokenFactory(scopes=[])],
    "idempotency_key": [lambda: twice(make.IdempotencyRecordFactory, "user", "key")],
    "idempotency_finished_has_status": [
        lambda: make.IdempotencyRecordFactory(state=IdempotencyState.FINISHED),
        lambda: make.IdempotencyRecordFactory(status=201),
    ],
    "sessions_app_featurerollout.name": [lambda: twice(make.FeatureRolloutFactory, "name")],
    "rollout_percent": [lambda: make.FeatureRolloutFactory(percent=101)],
    "rollout_override": [lambda: twice(make.FeatureOverrideFactory, "rollout", "user")],
    "sessions_app_legacylink.path": [lambda: twice(make.LegacyLinkFactory, "path")],
    "sessions_app_legacyidentity.uid": [lambda: twice(make.LegacyIdentityFactory, "uid")],
    "legacyidentity_uid_not_empty": [lambda: make.LegacyIdentityFactory(uid="")],
    "migrationrun_one_running": [lambda: twice(make.MigrationRunFactory, "kind")],
    "migrationitem_path": [lambda: twice(make.MigrationItemFactory, "run", "path")],
}
FACTORIES = {
    factory._meta.model: factory
    for factory in vars(make).values()
    if isinstance(factory, type)
    and factory.__name__.endswith("Factory")
    and factory._meta.model._meta.app_label == "sessions_app"
}


@pytest.mark.parametrize(("name", "plant"), planted(REFUSED_ROWS))
def test_constraint_refuses_a_planted_row(name: str, plant: Plant) -> None:
    assert answer_to(plant) == expected_answer(rules("sessions_app")[name])


def test_every_constraint_has_a_planted_row() -> None:
    enums = {enum_constraint(model, field) for model, field in enum_columns("sessions_app")}

    assert set(rules("sessions_app")) == set(REFUSED_ROWS) | enums


@pytest.mark.parametrize(
    ("model", "field"),
    [pytest.param(model, field, id=f"{model.__name__}.{field.name}") for model, field in enum_columns("sessions_app")],
)
def test_enum_column_refuses_a_word_that_is_not_in_the_enum(model: Any, field: Any) -> None:
    name = enum_constraint(model, field)
    assert name is not None, f"{model.__name__}.{field.name} has choices and no check over exactly them"

    assert answer_to(lambda: FACTORIES[model](**{field.name: "nonsense"})) == (name, ())


@pytest.mark.parametrize("model", FACTORIES, ids=lambda model: model.__name__)
def test_factory_makes_a_row_that_the_database_accepts(model: Any) -> None:
    row = FACTORIES[model]()

    assert list(model._base_manager.filter(pk=row.pk)) == [row]


def test_legacy_id_of_any_script_and_with_a_dot_is_a_session_id() -> None:
    session = make.SessionFactory(id="écran.1~a b")

    assert Session.objects.get(pk="écran.1~a b") == session


def test_deleted_session_is_seen_by_all_objects_only() -> None:
    gone, kept = make.SessionFactory.create_batch(2)

    assert Session.objects.filter(pk=gone.pk).soft_delete() == 1

    assert list(Session.objects.all()) == [kept]
    assert set(Session.all_objects.all()) == {gone, kept}
    assert list(gone.owner.scenes.all()) == []


def test_session_lists_by_its_last_change_else_by_its_birth_else_last() -> None:
    changed = make.SessionFactory()
    born = make.SessionFactory(updated_at=None)
    undated = make.SessionFactory(updated_at=None, created_at=None)

    assert [changed.listed_at, born.listed_at, undated.listed_at] == [changed.updated_at, born.created_at, NEVER]


def test_touch_of_a_person_counts_version_and_revision_that_of_a_worker_only_the_revision() -> None:
    session = make.SessionFactory()

    session.touch(by=session.owner)
    session.touch(by=None)

    session.refresh_from_db()
    assert (session.version, session.revision) == (2, 3)
    assert session.listed_at == session.updated_at


def test_record_says_who_did_it_and_to_what() -> None:
    session = make.SessionFactory()
    staff = make.UserFactory(is_staff=True)

    for by in (session.owner, staff, None):
        session.record("session.rename", by=by, target=session, detail={"name": "Rain"})

    kinds = list(
        AuditEvent.objects.order_by("id").values_list("actor_kind", "actor_id", "object_kind", "object_id", "session_id")
    )
    assert kinds == [
        ("user", session.owner.pk, "session", session.pk, session.pk),
        ("staff", staff.pk, "session", session.pk, session.pk),
        ("worker", None, "session", session.pk, session.pk),
    ]


def test_new_share_link_has_43_characters_of_its_own() -> None:
    links = make.ShareLinkFactory.create_batch(2)

    assert [len(link.token) for link in links] == [43, 43]
    assert ShareLink.objects.values("token").distinct().count() == 2


def test_second_migration_may_run_once_the_first_has_ended() -> None:
    make.MigrationRunFactory(state=MigrationState.INTERRUPTED)
    running = make.MigrationRunFactory(mode=MigrationMode.REAL)

    assert running.state == MigrationState.RUNNING


def test_purge_of_a_session_leaves_its_money_and_history_with_links_cut() -> None:
    session = make.SessionFactory()
    PromptVersionFactory(prompt=PromptFactory(session=session))
    take = scene.DoneTakeFactory(shot__session=session)
    job = scene.DoneJobFactory(session=session, shot=take.shot, take=take, provider="ltx")
    scene.JobEventFactory(job=job)
    charge = scene.ChargeFactory(job=job, take=take)
    session.record("take.request", by=session.owner, target=take)
    session_id = session.pk

    session.delete()

    job.refresh_from_db()
    charge.refresh_from_db()
    assert (job.session, job.shot, job.take, charge.take) == (None, None, None, None)
    assert (Job.objects.count(), JobEvent.objects.count(), Charge.objects.count()) == (1, 1, 1)
    assert LedgerEntry.objects.filter(charge=charge).count() == 2
    assert AuditEvent.objects.get().session_id == session_id


def test_deleting_a_person_leaves_what_they_did_in_the_audit_log() -> None:
    event = make.AuditEventFactory()

    event.actor.delete()

    assert AuditEvent.objects.get(pk=event.pk).actor is None


def test_legacy_documents_are_walked_in_byte_order() -> None:
    for path in ("b", "B", "a", "é", "Z"):
        make.LegacyDocumentFactory(path=path, document_id=path)

    collation = ' COLLATE "C"' if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT path FROM sessions_app_legacydocument ORDER BY document_id{collation}, path{collation}")  # noqa: S608
        walked = [path for (path,) in cursor.fetchall()]

    assert walked == ["B", "Z", "a", "b", "é"]
