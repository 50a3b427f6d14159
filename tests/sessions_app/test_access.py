"""Who may see, edit and spend: the owner alone. Everybody else is planted and must not get through."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser

from sessions_app import access
from sessions_app.models import Session
from tests.factories.prompt import PromptFactory
from tests.factories.session import NOON, SessionFactory

pytestmark = pytest.mark.django_db
QUESTIONS = [access.can_view, access.can_edit, access.can_spend]


@pytest.mark.parametrize("may", QUESTIONS)
def test_the_owner_may(may, owner) -> None:
    assert may(owner, SessionFactory(owner=owner)) is True


@pytest.mark.parametrize("may", QUESTIONS)
def test_nobody_else_may(may, owner, stranger, staff) -> None:
    session = SessionFactory(owner=owner)

    assert [may(user, session) for user in (stranger, staff, AnonymousUser())] == [False, False, False]


@pytest.mark.parametrize("may", QUESTIONS)
def test_an_owner_who_was_locked_out_may_not(may, owner) -> None:
    session = SessionFactory(owner=owner)
    owner.is_active = False

    assert may(owner, session) is False


def test_everybody_sees_their_own_sessions_and_no_other(owner, stranger, staff) -> None:
    mine, theirs = SessionFactory(owner=owner), SessionFactory(owner=stranger)
    SessionFactory(owner=owner, deleted_at=NOON)

    seen = [list(access.visible_sessions(user)) for user in (owner, stranger, staff, AnonymousUser())]

    assert seen == [[mine], [theirs], [], []]


def test_a_prompt_s_share_id_means_the_oldest_living_session_of_one_s_own(owner, stranger, staff) -> None:
    uuid = uuid4()
    days = [None, NOON, NOON - timedelta(days=2), NOON - timedelta(days=1)]
    undated, youngest, deleted, oldest = [
        PromptFactory(session__owner=owner, session__created_at=day, uuid=uuid).session for day in days
    ]
    Session.objects.filter(pk=deleted.pk).update(deleted_at=NOON)
    PromptFactory(session__owner=stranger, session__created_at=NOON - timedelta(days=9), uuid=uuid)
    PromptFactory(session__owner=owner, session__created_at=NOON - timedelta(days=9), uuid=uuid4())

    found = []
    for session in (oldest, youngest, undated):
        found.append(access.session_by_prompt_uuid(owner, uuid))
        Session.objects.filter(pk=session.pk).update(deleted_at=NOON)

    assert found == [oldest, youngest, undated]
    assert [access.session_by_prompt_uuid(user, uuid) for user in (owner, staff, AnonymousUser())] == [None] * 3
