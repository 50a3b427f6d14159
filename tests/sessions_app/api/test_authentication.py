"""Who is asking: a token opens what it says, a cookie needs CSRF, and a bad token never falls back to the cookie."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory
from django.utils import timezone

from sessions_app.enums import TokenScope
from sessions_app.models import ApiToken, AuditEvent, Session
from tests.factories.session import SessionFactory
from tests.sessions_app.api.documented import secret_of
from tests.sessions_app.api.toy_door import TOY

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.sessions_app.api.toy_door")]
OPENS_NOTHING = "This token opens nothing: it is wrong, revoked or expired. Make a new one."


def ask(authorization: str | None, client: Client | None = None, address: str = TOY) -> Any:
    headers = {} if authorization is None else {"Authorization": authorization}
    return (client or Client()).get(address, headers=headers)


def refusal(response: Any) -> tuple[int, str, str]:
    return response.status_code, response.json()["code"], response.headers.get("WWW-Authenticate", "")


NOT_SIGNED_IN = (401, "not_signed_in", 'Bearer realm="throughline"')


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
@pytest.mark.parametrize("spaces", [" ", "  "])
def test_a_token_lets_in_whatever_the_case_of_its_scheme(owner: User, scheme: str, spaces: str) -> None:
    assert ask(f"{scheme}{spaces}{secret_of(owner)}").status_code == 200


@pytest.mark.parametrize("header", [None, ""])
def test_without_a_token_and_a_cookie_it_is_a_401(header: str | None) -> None:
    assert refusal(ask(header)) == NOT_SIGNED_IN


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer x", "Bearer tl_", "Bearer tl_" + "a" * 43, "Basic YTpi", "Token {}", "{}", "Bearer x {}",
     "Bearer {}x", "Bearer {} x", "Bearer é", "Bearer \x00", "Bearer,{}", "Bearer\t{}"],
)  # fmt: skip
def test_a_header_that_opens_nothing_is_a_401_for_the_owners_cookie_too(owner: User, header: str) -> None:
    client = Client()
    client.force_login(owner)
    authorization = header.format(secret_of(owner))

    assert [refusal(ask(authorization, who)) for who in (Client(), client)] == [NOT_SIGNED_IN] * 2
    assert ask(None, client).status_code == 200
    assert ask(authorization).json()["detail"] == OPENS_NOTHING


def test_a_bad_token_is_a_401_where_everybody_may_come_in() -> None:
    assert ask("Bearer tl_bad", address=f"{TOY}/open").status_code == 401


@pytest.mark.parametrize(
    "columns", [{"revoked_at": "now"}, {"expires_at": "now"}, {"expires_at": "before"}, {"hash": "0" * 64}, {"user": "gone"}]
)
def test_a_token_that_is_no_longer_one_opens_nothing(owner: User, columns: dict[str, str]) -> None:
    secret, now = secret_of(owner), timezone.now()
    times = {"now": now, "before": now - timedelta(days=1)}
    if "user" in columns:
        User.objects.filter(pk=owner.pk).update(is_active=False)
    else:
        ApiToken.objects.update(**{name: times.get(value, value) for name, value in columns.items()})

    assert refusal(ask(f"Bearer {secret}")) == NOT_SIGNED_IN


def test_a_token_that_expires_later_opens(owner: User) -> None:
    secret = secret_of(owner, expires_at=timezone.now() + timedelta(minutes=1))

    assert ask(f"Bearer {secret}").status_code == 200


def test_a_token_is_found_in_one_query(owner: User, django_assert_num_queries: Any) -> None:
    secret = secret_of(owner, last_used_at=timezone.now())

    with django_assert_num_queries(1):
        assert ask(f"Bearer {secret}").status_code == 200


def test_the_cookie_of_a_deactivated_user_opens_nothing(owner: User) -> None:
    client = Client()
    client.force_login(owner)
    User.objects.filter(pk=owner.pk).update(is_active=False)

    assert refusal(ask(None, client)) == NOT_SIGNED_IN


@pytest.mark.parametrize(
    ("method", "address", "needed"),
    [("GET", TOY, "read"), ("POST", f"{TOY}/bare", "write"), ("POST", f"{TOY}/paid", "spend")],
)
def test_a_token_without_the_scope_is_a_403_that_names_it(
    api_of: Any, owner: User, method: str, address: str, needed: str
) -> None:
    others = [scope for scope in TokenScope if scope != needed]

    response = api_of(owner, scopes=others).generic(method, address)

    assert (response.status_code, response.json()["code"]) == (403, "scope_missing")
    assert response.json()["context"] == {"scope": needed}


def test_the_scope_is_all_that_a_token_needs(api_of: Any, owner: User) -> None:
    assert api_of(owner, scopes=[TokenScope.READ]).get(TOY).status_code == 200
    assert api_of(owner, scopes=[TokenScope.WRITE]).post(f"{TOY}/bare").status_code == 204


def test_the_scope_is_looked_at_before_the_object_and_the_body(api_of: Any, owner: User, stranger: User) -> None:
    theirs = SessionFactory(owner=stranger)
    client = api_of(owner, scopes=[TokenScope.READ])

    answers = [client.patch(f"{TOY}/scenes/{pk}", "{broken") for pk in (theirs.pk, "ses_none")]

    assert [answer.status_code for answer in answers] == [403, 403]


def test_looking_first_needs_reading_alone(api_of: Any, owner: User) -> None:
    client = api_of(owner, scopes=[TokenScope.READ])

    looked = client.post(f"{TOY}/paid?preview=1", {"name": "A"})
    answers = [
        client.post(f"{TOY}/paid{query}", {"name": "A"})
        for query in ("", "?preview=0", "?preview=no", "?preview=", "?preview=1&preview=0")
    ]

    assert (looked.status_code, Session.objects.count()) == (200, 0)
    assert [answer.status_code for answer in answers] == [403] * 5


@pytest.mark.parametrize(
    "query", ["?preview=TRUE", "?preview=tRUE", "?preview=%201", "?preview=1&preview=0", "?preview=0&preview=1", "?preview=yes"]
)
def test_no_spelling_of_looking_first_pays(api_of: Any, owner: User, query: str) -> None:
    api_of(owner, scopes=[TokenScope.READ]).post(f"{TOY}/paid{query}", {"name": "A"}, headers={"Idempotency-Key": "k"})

    assert Session.objects.count() == 0


def test_a_cookie_needs_no_scope_but_csrf(owner: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)

    response = client.post(f"{TOY}/bare")

    assert (response.status_code, response.json()["code"]) == (403, "forbidden")
    assert response.json()["detail"] == "Send the CSRF token as X-CSRFToken, or use an API token."


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
def test_no_writing_method_of_a_cookie_goes_without_csrf(owner: User, method: str, kind: str) -> None:
    session = SessionFactory(owner=owner, name="Before")
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)

    body = {"application/x-www-form-urlencoded": b"name=After&If-Match=*"}.get(kind, b'{"name": "After"}')
    response = client.generic(method, f"{TOY}/scenes/{session.pk}", body, content_type=kind, headers={"If-Match": "*"})

    assert (response.status_code, Session.objects.get().name) == (403, "Before")


@pytest.mark.parametrize("where", ["header", "field"])
def test_a_cookie_with_csrf_writes(owner: User, where: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    token = csrf_of(client)

    if where == "header":
        response = client.post(f"{TOY}/bare", headers={"X-CSRFToken": token})
    else:
        response = client.post(f"{TOY}/bare", {"csrfmiddlewaretoken": token})

    assert response.status_code == 204


def test_the_csrf_token_of_another_is_refused(owner: User, stranger: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    csrf_of(client)

    assert client.post(f"{TOY}/bare", headers={"X-CSRFToken": csrf_of(Client())}).status_code == 403


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
def test_another_origin_is_refused_whatever_its_csrf_token(owner: User, origin: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)

    response = client.post(f"{TOY}/bare", headers={"X-CSRFToken": csrf_of(client), "Origin": origin})

    assert response.status_code == 403


def test_a_cookie_reads_without_csrf(owner: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)

    assert client.get(TOY).status_code == 200


def test_a_token_needs_no_csrf(owner: User) -> None:
    response = Client(enforce_csrf_checks=True).post(f"{TOY}/bare", headers={"Authorization": f"Bearer {secret_of(owner)}"})

    assert response.status_code == 204


def test_what_a_token_does_is_written_down_as_a_tokens(api: Any, owner: User) -> None:
    session = SessionFactory(owner=owner)
    browser = Client()
    browser.force_login(owner)

    api.patch(f"{TOY}/scenes/{session.pk}", {"name": "One"}, headers={"If-Match": "*"})
    browser.patch(f"{TOY}/scenes/{session.pk}", {"name": "Two"}, content_type="application/json", headers={"If-Match": "*"})

    assert list(AuditEvent.objects.order_by("id").values_list("actor_kind", flat=True)) == ["token", "user"]


def csrf_of(client: Client) -> str:
    """A token that fits the cookie which ``client`` has from now on."""
    request = RequestFactory().get("/")
    token = get_token(request)
    client.cookies["csrftoken"] = request.META["CSRF_COOKIE"]
    return token
