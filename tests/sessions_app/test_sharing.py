"""Share links: what one shows, to whoever has it, and for how long."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser

from continuity.services.errors import Refused
from sessions_app import access, services, sharing
from sessions_app.models import AuditEvent, Session, ShareLink
from tests.engine import at_once
from tests.factories.prompt import PromptFactory
from tests.factories.session import NOON, SessionFactory, ShareLinkFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(owner) -> Session:
    return SessionFactory(owner=owner)


def refused(verb: Any, **given: Any) -> str:
    with pytest.raises(Refused) as refusal:
        verb(**given)
    return refusal.value.code


def test_a_link_is_found_by_its_token_with_its_session_in_one_query(session, owner, django_assert_num_queries) -> None:
    ShareLinkFactory()
    link = sharing.make_link(session=session, by=owner)

    with django_assert_num_queries(1):
        found = sharing.find_link(link.token)
        assert found is not None
        assert (found, found.session, found.session.owner, found.scope) == (link, session, owner, "session")
    assert (len(link.token), link.expires_at) == (43, None)


def test_making_and_revoking_are_written_down_without_the_token(session, owner) -> None:
    link = sharing.make_link(session=session, by=owner)
    sharing.revoke_link(link=link, by=owner)

    rows = list(AuditEvent.objects.order_by("id").values_list("action", "actor", "object_id", "session_id", "detail"))
    assert rows == [
        ("share.make", owner.pk, link.pk, session.pk, {"scope": "session"}),
        ("share.revoke", owner.pk, link.pk, session.pk, {}),
    ]
    assert link.token not in str(list(AuditEvent.objects.values()))
    assert Session.objects.get(pk=session.pk).version == 1


def test_a_revoked_link_shows_nothing(session, owner) -> None:
    link = sharing.make_link(session=session, by=owner)
    sharing.revoke_link(link=link, by=owner)

    assert sharing.find_link(link.token) is None
    assert refused(sharing.revoke_link, link=link, by=owner) == "link_is_revoked"


def test_a_link_works_until_its_last_second(session, owner) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        link = sharing.make_link(session=session, by=owner, expires_in_days=7)
        clock.shift(timedelta(days=7) - timedelta(seconds=1))
        before = sharing.find_link(link.token)
        clock.shift(1)
        after = sharing.find_link(link.token)

    assert (before, after) == (link, None)


def test_the_link_of_a_deleted_session_shows_nothing_until_it_is_restored(session, owner) -> None:
    link = sharing.make_link(session=session, by=owner)

    services.delete_session(session=session, by=owner)
    deleted = sharing.find_link(link.token)
    services.restore_session(session=session, by=owner)

    assert (deleted, sharing.find_link(link.token)) == (None, link)


def test_the_link_of_a_deactivated_owner_shows_nothing(session, owner) -> None:
    link = sharing.make_link(session=session, by=owner)
    type(owner).objects.filter(pk=owner.pk).update(is_active=False)

    assert sharing.find_link(link.token) is None


@pytest.mark.parametrize(
    "change",
    [
        str.swapcase,
        lambda token: token[:-1],
        lambda token: f"{token[:-1]}*",
        lambda token: f"{token}\n",
        lambda token: "\x00" * 43,
        lambda token: "",
        lambda token: "%" * 40,
    ],
)
def test_what_is_no_token_shows_nothing(change: Any, session, owner) -> None:
    link = sharing.make_link(session=session, by=owner)

    assert sharing.find_link(change(link.token)) is None


def test_a_legacy_link_of_36_letters_is_found(session) -> None:
    link = ShareLinkFactory(session=session, token="0b0e1a9e-7f3c-4a53-9c0f-2f3a7f0f8a11")

    assert sharing.find_link(link.token) == link


def test_a_prompt_is_shared_only_where_there_is_one(session, owner) -> None:
    assert refused(sharing.make_link, session=session, by=owner, scope="prompt") == "no_prompt"

    PromptFactory(session=session)
    assert sharing.make_link(session=session, by=owner, scope="prompt").scope == "prompt"


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_a_time_that_cannot_be_is_refused(days: int, session, owner) -> None:
    assert refused(sharing.make_link, session=session, by=owner, expires_in_days=days) == "link_days_invalid"
    assert ShareLink.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_past_a_hundred_living_links_there_are_no_more(monkeypatch) -> None:
    monkeypatch.setattr(sharing, "MOST_LINKS", 3)
    session = SessionFactory(owner=UserFactory())
    ShareLinkFactory(session=session, revoked_at=NOON)
    ShareLinkFactory()

    answers = at_once(16, lambda number: sharing.make_link(session=session, by=session.owner))

    assert sorted(getattr(answer, "code", "made") for answer in answers) == ["made"] * 3 + ["too_many_links"] * 13


def test_people_see_the_links_of_their_own_living_sessions_only(owner, stranger, staff) -> None:
    mine, theirs = ShareLinkFactory(session__owner=owner), ShareLinkFactory(session__owner=stranger)
    ShareLinkFactory(session__owner=owner, session__deleted_at=NOON)

    seen = [list(access.visible_links(user)) for user in (owner, stranger, staff, AnonymousUser())]

    assert seen == [[mine], [theirs], [], []]
