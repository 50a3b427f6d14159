"""The version that a caller saw is checked by the UPDATE that counts the edit, and only by the first one."""

import threading
from typing import Any

import pytest
from django.db import transaction

from prompts.expectations import VersionConflict, count_edit, expecting
from sessions_app.models import AuditEvent, Edit, Session
from tests.factories.session import SessionFactory

pytestmark = pytest.mark.django_db


def rows() -> Any:
    return Session.all_objects.all()


def version(session: Session) -> int:
    return rows().values_list("version", flat=True).get(pk=session.pk)


def test_an_edit_is_counted_and_its_columns_are_written() -> None:
    session = SessionFactory(version=3)

    count_edit(rows(), session.pk, name="After")

    assert rows().values_list("version", "name").get() == (4, "After")


def test_an_edit_of_another_row_is_left_alone() -> None:
    session, other = SessionFactory(version=3), SessionFactory(version=3)

    with expecting(session.pk, 9):
        count_edit(rows(), other.pk)

    assert (version(session), version(other)) == (3, 4)


def test_the_expected_version_is_counted() -> None:
    session = SessionFactory(version=3)

    with expecting(session.pk, 3):
        count_edit(rows(), session.pk)

    assert version(session) == 4


@pytest.mark.parametrize("seen", [2, 4])
def test_another_version_is_a_conflict_and_nothing_is_written(seen: int) -> None:
    session = SessionFactory(version=3, name="Before")

    with pytest.raises(VersionConflict, match=session.pk), expecting(session.pk, seen):
        count_edit(rows(), session.pk, name="After")

    assert rows().values_list("version", "name").get() == (3, "Before")


def test_a_second_edit_of_the_verb_builds_on_the_first() -> None:
    session = SessionFactory(version=3)

    with expecting(session.pk, 3):
        count_edit(rows(), session.pk)
        count_edit(rows(), session.pk)

    assert version(session) == 5


def test_a_conflict_takes_the_whole_transaction_back(owner: Any) -> None:
    session = SessionFactory(owner=owner, version=3, name="Before")

    def rename() -> None:
        Session.objects.filter(pk=session.pk).update(name="After")
        session.record("session.rename", by=owner, target=session)
        session.edit("session.change", by=owner, target=session, before={}, after={})

    with pytest.raises(VersionConflict), expecting(session.pk, 2), transaction.atomic():
        rename()

    assert (rows().get().name, Edit.objects.count(), AuditEvent.objects.count()) == ("Before", 0, 0)


def test_a_row_that_is_gone_is_a_conflict_for_who_expected_it() -> None:
    with pytest.raises(VersionConflict), expecting("ses_gone", 1):
        count_edit(rows(), "ses_gone")


def test_whatever_it_is_expects_nothing() -> None:
    session = SessionFactory(version=3)

    with expecting(session.pk, None):
        count_edit(rows(), session.pk)

    assert version(session) == 4


def test_after_the_block_nothing_is_expected_any_more() -> None:
    session = SessionFactory(version=3)
    with expecting(session.pk, 2):
        pass
    with pytest.raises(VersionConflict), expecting(session.pk, 1):
        count_edit(rows(), session.pk)

    count_edit(rows(), session.pk)

    assert version(session) == 4


def test_an_expectation_inside_another_ends_before_it() -> None:
    session, other = SessionFactory(version=3), SessionFactory(version=3)

    def both() -> None:
        with expecting(other.pk, 3):
            count_edit(rows(), other.pk)
        count_edit(rows(), session.pk)

    with pytest.raises(VersionConflict, match=session.pk), expecting(session.pk, 2):
        both()


def test_a_worker_never_conflicts() -> None:
    session = SessionFactory(version=3, revision=5)

    with expecting(session.pk, 1):
        session.touch(by=None)
        session.revise()

    assert rows().values_list("version", "revision").get() == (3, 7)


def test_another_thread_expects_nothing() -> None:
    from prompts import expectations

    seen: list[dict[str, int]] = []

    with expecting("ses_1", 3):
        thread = threading.Thread(target=lambda: seen.append(expectations._seen.get()))
        thread.start()
        thread.join()

    assert seen == [{}]
