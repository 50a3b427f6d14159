"""A session from its creation to the trash and back: what is counted, what is written down, what is refused."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from continuity.enums import JobState
from continuity.models import Continuity, Job
from continuity.services.errors import Refused
from prompts.expectations import VersionConflict, expecting
from prompts.models import Prompt
from sessions_app import access, services
from sessions_app.models import AuditEvent, Edit, Session
from tests.engine import at_once
from tests.factories.continuity import ContinuityFactory
from tests.factories.session import NOON, SessionFactory, UserFactory
from tests.sessions_app.web.scenes import done_shot, live_take, make_scene, stored_clip, unknown_take

pytestmark = pytest.mark.django_db
VERBS = {
    "change": lambda session, by: services.change_session(session=session, by=by, name="Quay"),
    "complete": lambda session, by: services.complete(session=session, by=by),
    "archive": lambda session, by: services.archive(session=session, by=by),
    "delete": lambda session, by: services.delete_session(session=session, by=by),
    "settings": lambda session, by: services.change_settings(session=session, by=by, takes_per_shot=3),
}


def refusal_of(verb: Any, *args: Any, **kwargs: Any) -> Refused:
    with pytest.raises(Refused) as refusal:
        verb(*args, **kwargs)
    return refusal.value


def edits() -> list[tuple[str, str, str, dict[str, Any], dict[str, Any]]]:
    return list(Edit.objects.order_by("number").values_list("verb", "target_kind", "target_id", "before", "after"))


# --- creating -----------------------------------------------------------------------------------------------------------


def test_a_session_belongs_to_who_made_it_and_says_so(owner) -> None:
    session = services.create_session(owner=owner, name="Pier", description="At dusk")

    session.refresh_from_db()
    assert (session.owner, session.name, session.description, session.status) == (owner, "Pier", "At dusk", "active")
    assert (session.version, session.created_at, session.listed_at) == (1, session.updated_at, session.updated_at)
    assert list(AuditEvent.objects.values_list("action", "actor", "object_id")) == [("session.create", owner.pk, session.pk)]
    assert (Prompt.objects.exists(), Continuity.objects.exists(), Edit.objects.exists()) == (False, False, False)


def test_a_session_is_made_with_its_prompt(owner) -> None:
    session = services.create_session(owner=owner, prompt={"input": "A pier", "generation_params": {"seed": 4}})

    prompt = Prompt.objects.get(session=session)
    assert (prompt.input, prompt.generation_params, prompt.versions.get().input) == ("A pier", {"seed": 4}, "A pier")


def test_a_session_of_a_prompt_that_cannot_be_sent_is_not_made(owner) -> None:
    refusal = refusal_of(services.create_session, owner=owner, prompt={"input": "a\x00b"})

    assert (refusal.code, Session.all_objects.count()) == ("prompt_invalid", 0)


# --- changing -----------------------------------------------------------------------------------------------------------


def test_a_change_is_one_edit_of_the_columns_that_changed(owner) -> None:
    session = SessionFactory(owner=owner, name="Pier", description="At dusk")

    changed = services.change_session(session=session, by=owner, name="Quay", description="At dusk")

    assert (changed.name, changed.version, changed.revision) == ("Quay", 2, 2)
    assert edits() == [("session.change", "session", session.pk, {"name": "Pier"}, {"name": "Quay"})]


def test_what_was_before_can_be_put_back(owner) -> None:
    session = SessionFactory(owner=owner, name="Pier", active_mode="create")
    services.change_session(session=session, by=owner, name="Quay", active_mode="studio")

    services.change_session(session=session, by=owner, **Edit.objects.get().before)

    session.refresh_from_db()
    assert (session.name, session.active_mode, session.version) == ("Pier", "create", 3)


def test_a_change_to_what_is_there_is_no_edit(owner) -> None:
    session = SessionFactory(owner=owner, name="Pier")

    unchanged = services.change_session(session=session, by=owner, name="Pier")

    assert (unchanged.version, Edit.objects.count(), AuditEvent.objects.count()) == (1, 0, 0)


@pytest.mark.parametrize(
    "columns", [{"name": "x" * 501}, {"active_mode": "director"}, {"status": "deleted"}, {"description": None}]
)
def test_a_value_that_a_session_cannot_have_is_refused(columns: dict[str, Any], owner) -> None:
    session = SessionFactory(owner=owner, name="Pier")

    refusal = refusal_of(services.change_session, session=session, by=owner, **columns)

    session.refresh_from_db()
    assert (refusal.code, session.name, session.version) == ("value_invalid", "Pier", 1)
    assert str(refusal).startswith(f"This value does not fit, choose another one for: {next(iter(columns)).replace('_', ' ')}.")


@pytest.mark.parametrize("column", ["owner", "version", "deleted_at", "id", "extra"])
def test_nothing_else_of_a_session_is_changed(column: str, owner) -> None:
    session = SessionFactory(owner=owner)

    with pytest.raises(TypeError, match=f"no {column} to be changed"):
        services.change_session(session=session, by=owner, **{column: None})


def test_settings_are_one_edit_that_can_be_put_back(owner) -> None:
    session = ContinuityFactory(session__owner=owner, gate_threshold="0.75", takes_per_shot=1).session
    services.change_settings(
        session=session, by=owner, gate_threshold=0.5, takes_per_shot=3, preview_model="animatic", max_retries=1
    )

    [(verb, kind, target, before, after)] = edits()
    services.change_settings(session=session, by=owner, **before)

    half = Continuity.objects.get()
    assert (verb, kind, target) == ("continuity.change", "continuity", session.pk)
    assert before == {"gate_threshold": "0.750", "takes_per_shot": 1, "preview_model": None}
    assert after == {"gate_threshold": "0.500", "takes_per_shot": 3, "preview_model": "animatic"}
    assert services.columns.as_data(half, before) == before
    assert Session.objects.get().version == 3


@pytest.mark.parametrize(
    "given",
    [
        {"takes_per_shot": 9},
        {"gate_threshold": "1.5"},
        {"default_mode": "telepathy"},
        {"gate_threshold": "NaN"},
        {"chain_limit": None},
    ],
)
def test_a_setting_that_cannot_be_so_is_refused(given: dict[str, Any], owner) -> None:
    session = ContinuityFactory(session__owner=owner).session

    refusal = refusal_of(services.change_settings, session=session, by=owner, safe_bridge=False, **given)

    assert (refusal.code, Continuity.objects.get().safe_bridge, Edit.objects.count()) == ("value_invalid", True, 0)


def test_settings_of_a_session_without_a_continuity_half_are_refused(owner) -> None:
    assert refusal_of(services.change_settings, session=SessionFactory(owner=owner), by=owner).code == "no_continuity"


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_on_a_version_that_is_gone_writes_nothing(name: str, owner) -> None:
    session = ContinuityFactory(session__owner=owner).session
    services.change_session(session=session, by=owner, description="Somebody else's")
    before = (
        list(Session.all_objects.values()),
        list(Continuity.objects.values()),
        Edit.objects.count(),
        AuditEvent.objects.count(),
    )

    with pytest.raises(VersionConflict), expecting(session.pk, 1):
        VERBS[name](session, owner)

    after = (
        list(Session.all_objects.values()),
        list(Continuity.objects.values()),
        Edit.objects.count(),
        AuditEvent.objects.count(),
    )
    assert after == before
    with expecting(session.pk, 2):
        VERBS[name](session, owner)
    assert Session.all_objects.get().version == 3


# --- its status -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "verb", "answer"),
    [
        ("active", "complete", "completed"),
        ("active", "archive", "archived"),
        ("active", "reopen", "session_is_active"),
        ("completed", "complete", "session_is_completed"),
        ("completed", "archive", "archived"),
        ("completed", "reopen", "active"),
        ("archived", "complete", "session_is_archived"),
        ("archived", "archive", "session_is_archived"),
        ("archived", "reopen", "active"),
    ],
)
def test_every_status_and_every_verb(status: str, verb: str, answer: str, owner) -> None:
    session = SessionFactory(owner=owner, status=status)

    try:
        found = getattr(services, verb)(session=session, by=owner).status
    except Refused as refusal:
        found = refusal.code

    session.refresh_from_db()
    assert found == answer
    assert edits() == (
        []
        if answer.startswith("session_")
        else [("session.change", "session", session.pk, {"status": status}, {"status": answer})]
    )
    assert session.status == (status if answer.startswith("session_") else answer)


# --- the trash --------------------------------------------------------------------------------------------------------------


def test_a_deleted_session_is_nowhere_and_comes_back_as_it_was(owner) -> None:
    session = make_scene(owner, shots=2)
    clip = stored_clip(owner, b"bytes")
    type(clip).objects.update(session=session)
    client = Client(headers={"Accept": "text/html"})
    client.force_login(owner)
    addresses = [reverse("scene", args=[session.pk]), reverse("media", args=[clip.pk, "original"])]

    def statuses() -> list[int]:
        answers = [client.get(address) for address in addresses]
        for answer in answers:
            list(answer)  # a clip is closed when it was read
        return [answer.status_code for answer in answers]

    found = [statuses()]
    services.delete_session(session=session, by=owner)
    found.append(statuses())
    restored = services.restore_session(session=session, by=owner)
    found.append(statuses())

    assert found == [[200, 200], [404, 404], [200, 200]]
    assert (restored.deleted_at, restored.version, restored.shots.count()) == (None, 3, 2)
    assert list(AuditEvent.objects.values_list("action", flat=True)) == ["session.delete", "session.restore"]
    assert Edit.objects.count() == 0


def test_the_trash_shows_ones_own_deleted_sessions_only(owner, stranger, staff) -> None:
    SessionFactory(owner=owner)
    mine, theirs = SessionFactory(owner=owner, deleted_at=NOON), SessionFactory(owner=stranger, deleted_at=NOON)

    assert [list(access.deleted_sessions(user)) for user in (owner, stranger, staff)] == [[mine], [theirs], []]


@pytest.mark.parametrize("live", ["queued", "unknown"])
def test_a_session_with_a_take_that_costs_money_is_not_deleted(live: str, owner) -> None:
    session = make_scene(owner, shots=1)
    take = unknown_take(session) if live == "unknown" else live_take(session, state="requested", job_state=JobState.QUEUED)

    refusal = refusal_of(services.delete_session, session=session, by=owner)

    assert (refusal.code, refusal.job_id) == ("session_is_being_made", Job.objects.get(take=take).pk)
    assert Session.objects.filter(pk=session.pk).exists()


@pytest.mark.parametrize("name", VERBS)
def test_a_session_that_somebody_deleted_meanwhile_is_not_touched(name: str, owner) -> None:
    session = ContinuityFactory(session__owner=owner).session
    Session.objects.filter(pk=session.pk).update(deleted_at=NOON)

    assert refusal_of(VERBS[name], session, owner).code == "session_is_deleted"
    assert Session.all_objects.get().version == 1


def test_a_session_that_is_not_deleted_is_not_restored(owner) -> None:
    assert refusal_of(services.restore_session, session=SessionFactory(owner=owner), by=owner).code == "session_is_not_deleted"


@pytest.mark.django_db(transaction=True)
def test_of_many_deletions_and_restorations_at_once_each_happens_once() -> None:
    owner = UserFactory()
    session = SessionFactory(owner=owner)
    done_shot(session)

    deleted = at_once(6, lambda number: services.delete_session(session=session, by=owner))
    restored = at_once(6, lambda number: services.restore_session(session=session, by=owner))

    assert sorted(getattr(answer, "code", "done") for answer in deleted) == ["done"] + ["session_is_deleted"] * 5
    assert sorted(getattr(answer, "code", "done") for answer in restored) == ["done"] + ["session_is_not_deleted"] * 5
    assert (Session.objects.get().version, AuditEvent.objects.count()) == (3, 2)


@pytest.mark.django_db(transaction=True)
def test_of_many_changes_at_once_none_is_lost() -> None:
    owner = UserFactory()
    session = SessionFactory(owner=owner, name="0")

    answers = at_once(8, lambda number: services.change_session(session=session, by=owner, name=str(number + 1)))

    steps = list(Edit.objects.order_by("number").values_list("before", "after"))
    assert [answer for answer in answers if not isinstance(answer, Session)] == []
    assert [before["name"] for before, _ in steps] == ["0", *(after["name"] for _, after in steps[:-1])]
    assert Session.objects.get().version == 9
