"""Who may see, edit and spend: the owner alone. Everybody else is planted and must not get through."""

import pytest
from django.contrib.auth.models import AnonymousUser

from sessions_app import access
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
