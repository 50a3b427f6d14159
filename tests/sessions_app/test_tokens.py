"""Keys of scripts: what is kept of one, what it opens, and for how long."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from continuity.services.errors import Refused
from sessions_app import access, tokens
from sessions_app.models import ApiToken, AuditEvent
from tests.engine import at_once
from tests.factories.session import NOON, ApiTokenFactory, UserFactory, digest

pytestmark = pytest.mark.django_db


def make(user: Any, **given: Any) -> tuple[ApiToken, str]:
    return tokens.make_token(**{"user": user, "name": "render farm", "scopes": ["read"], **given})


def test_a_token_keeps_a_hash_and_shows_eight_letters(owner) -> None:
    token, secret = make(owner, scopes=["spend", "read"])

    token.refresh_from_db()
    assert (len(secret), secret[:3], token.prefix, token.hash) == (46, "tl_", secret[:8], sha256(secret.encode()).hexdigest())
    assert (token.scopes, token.expires_at, token.revoked_at) == (["read", "spend"], None, None)
    assert secret[8:] not in str([ApiToken.objects.values().get(), AuditEvent.objects.values().get()])


def test_no_two_secrets_are_alike(owner) -> None:
    assert len({make(owner)[1] for _ in range(20)}) == 20


def test_making_and_revoking_are_written_down(owner) -> None:
    token, _ = make(owner)
    tokens.revoke(token=token, by=owner)

    rows = list(AuditEvent.objects.order_by("id").values_list("action", "actor", "object_kind", "object_id", "detail"))
    assert rows == [
        ("token.make", owner.pk, "apitoken", token.pk, {"scopes": ["read"]}),
        ("token.revoke", owner.pk, "apitoken", token.pk, {}),
    ]


def test_a_secret_opens_its_token_with_its_person_in_one_query(owner, stranger, django_assert_num_queries) -> None:
    make(stranger)
    token, secret = make(owner)
    tokens.authenticate(secret)

    with django_assert_num_queries(1):
        found = tokens.authenticate(secret)
        assert found is not None
        assert (found, found.user) == (token, owner)


def test_a_token_opens_nothing_once_it_is_revoked(owner) -> None:
    token, secret = make(owner)
    tokens.revoke(token=token, by=owner)

    assert tokens.authenticate(secret) is None
    with pytest.raises(Refused) as refusal:
        tokens.revoke(token=token, by=owner)
    assert refusal.value.code == "token_is_revoked"


def test_all_tokens_of_a_person_are_revoked_at_once(owner, stranger) -> None:
    theirs, (over, _) = make(stranger)[1], make(owner)
    tokens.revoke(token=over, by=owner)
    when = ApiToken.objects.get(pk=over.pk).revoked_at
    secrets = [make(owner)[1] for _ in range(2)]

    count = tokens.revoke_all(user=owner)

    assert (count, [tokens.authenticate(secret) for secret in secrets], tokens.authenticate(theirs) is not None) == (
        2,
        [None, None],
        True,
    )
    assert ApiToken.objects.get(pk=over.pk).revoked_at == when
    told = AuditEvent.objects.filter(action="token.revoke", detail={"because": "password.reset"})
    assert (told.count(), {row.actor for row in told}) == (2, {owner})


def test_a_token_opens_until_its_last_second(owner) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        _, secret = make(owner, expires_in_days=30)
        clock.shift(timedelta(days=30) - timedelta(seconds=1))
        before = tokens.authenticate(secret)
        clock.shift(1)
        after = tokens.authenticate(secret)

    assert (before is not None, after) == (True, None)


def test_a_deactivated_person_s_token_opens_nothing(owner) -> None:
    _, secret = make(owner)
    type(owner).objects.filter(pk=owner.pk).update(is_active=False)

    assert tokens.authenticate(secret) is None


@pytest.mark.parametrize(
    "change",
    [
        str.upper,
        lambda secret: secret[:-1],
        lambda secret: f"{secret}x",
        lambda secret: f" {secret}",
        lambda secret: f"{secret}\n",
        lambda secret: digest(secret),
        lambda secret: "",
        lambda secret: "tl_" + "\x00" * 43,
        lambda secret: "tl_" + "é" * 43,
    ],
)
def test_what_is_no_secret_opens_nothing(change: Any, owner) -> None:
    token, secret = make(owner)

    assert tokens.authenticate(change(secret)) is None
    assert tokens.authenticate(token.hash) is None


def test_what_cannot_be_a_secret_is_not_looked_up(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert tokens.authenticate("x" * 100_000) is None


def test_use_is_noted_at_most_once_a_minute(owner) -> None:
    _, secret = make(owner)

    def writes() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            tokens.authenticate(secret)
        return sum(query["sql"].startswith("UPDATE") for query in asked)

    with time_machine.travel(NOON, tick=False) as clock:
        counts = [writes()]
        clock.shift(59)
        counts.append(writes())
        clock.shift(1)
        counts.append(writes())

    assert (counts, ApiToken.objects.get().last_used_at) == ([1, 0, 1], NOON + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"scopes": []}, "token_scopes_invalid"),
        ({"scopes": ["read", "admin"]}, "token_scopes_invalid"),
        ({"name": " "}, "token_name_invalid"),
        ({"name": "x" * 201}, "token_name_invalid"),
        ({"name": "a\x00b"}, "token_name_invalid"),
        ({"name": "a\nb"}, "token_name_invalid"),
        ({"expires_in_days": 0}, "token_days_invalid"),
        ({"expires_in_days": 3651}, "token_days_invalid"),
    ],
)
def test_a_token_that_cannot_be_is_refused(given: dict[str, Any], code: str, owner) -> None:
    with pytest.raises(Refused) as refusal:
        make(owner, **given)

    assert (refusal.value.code, ApiToken.objects.count()) == (code, 0)


def test_a_scope_is_kept_once(owner) -> None:
    assert make(owner, scopes=["write", "write"])[0].scopes == ["write"]


@pytest.mark.django_db(transaction=True)
def test_past_fifty_living_tokens_there_are_no_more(monkeypatch) -> None:
    monkeypatch.setattr(tokens, "MOST_TOKENS", 3)
    user, other = UserFactory(), UserFactory()
    ApiTokenFactory(user=user, revoked_at=NOON)
    ApiTokenFactory(user=user, expires_at=NOON - timedelta(days=9999))
    ApiTokenFactory(user=other)

    answers = at_once(6, lambda number: make(user))

    assert sorted(getattr(answer, "code", "made") for answer in answers) == ["made"] * 3 + ["too_many_tokens"] * 3
    assert tokens.living_tokens(user).count() == 3


def test_people_see_their_own_tokens_only(owner, stranger, staff) -> None:
    mine, theirs = ApiTokenFactory(user=owner), ApiTokenFactory(user=stranger, revoked_at=NOON)

    assert [list(access.visible_tokens(user)) for user in (owner, stranger, staff)] == [[mine], [theirs], []]
