"""Coming in and going: who gets in, how often one may try, and what is written down of it."""

import re
from typing import Any

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from sessions_app.models import AuditEvent
from sessions_app.tokens import authenticate, make_token
from tests.engine import at_once
from tests.factories.session import NOON, UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "rain over the harbour"
NEW_PASSWORD = "fog over the harbour"
ELSEWHERE = [
    "//evil.example/",
    "/\\evil.example",
    "javascript:alert(1)",
    "https://evil.example/",
    "http:evil.example",
    "\t//evil.example",
]
SIGN_UP = {"username": "nova", "email": "nova@example.com", "password1": PASSWORD, "password2": PASSWORD}
LIMIT = 10


@pytest.fixture(autouse=True)
def quick_hashes(settings) -> None:
    """The slow ones are Django's to test; here they would be most of the time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def person() -> User:
    user = UserFactory(username="ada", email="ada@example.com")
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client: Client, *, name: str = "ada", password: str = PASSWORD, page: str = "/login/", **more: Any) -> Any:
    return client.post(page, {"username": name, "password": password, **more.pop("fields", {})}, **more)


def written_down() -> list[tuple[str, int | None, str]]:
    return list(AuditEvent.objects.order_by("id").values_list("action", "actor", "object_id"))


def link_to(user: User) -> str:
    uid, token = urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)
    return reverse("password-reset-confirm", kwargs={"uidb64": uid, "token": token})


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


# --- signing in -------------------------------------------------------------------------------------------------------


def test_signing_in_gives_the_browser_a_new_session(person) -> None:
    client = Client()
    planted = client.session
    planted["left by"] = "somebody else"
    planted.save()
    client.cookies["sessionid"] = planted.session_key

    response = sign_in(client)

    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session.session_key != planted.session_key
    assert client.session[SESSION_KEY] == str(person.pk)
    client.cookies["sessionid"] = planted.session_key
    assert client.get("/").status_code == 302


def test_signing_in_and_out_is_written_down_with_the_request(person) -> None:
    client = Client()

    sign_in(client, headers={"X-Request-Id": "trace-1"})
    client.post("/logout/")

    assert written_down() == [("sign_in", person.pk, str(person.pk)), ("sign_out", person.pk, str(person.pk))]
    assert AuditEvent.objects.values_list("request_id", "actor_kind").get(action="sign_in") == ("trace-1", "user")


def test_a_wrong_password_is_written_down_without_what_was_typed(person) -> None:
    sign_in(Client(), password="a secret")
    sign_in(Client(), name="typed my password here", password="x")

    assert written_down() == [("sign_in_failed", None, str(person.pk)), ("sign_in_failed", None, "")]
    assert [event for event in AuditEvent.objects.values() if "secret" in str(event) or "typed" in str(event)] == []


def test_a_deactivated_person_gets_what_a_wrong_password_gets(person) -> None:
    User.objects.update(is_active=False)

    right, wrong = sign_in(Client()), sign_in(Client(), password="wrong")

    def bare(response: Any) -> str:
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text_of(response))

    assert (right.status_code, bare(right)) == (200, bare(wrong))


@pytest.mark.parametrize("after", ELSEWHERE)
@pytest.mark.parametrize("how", ["posted", "in the address", "signed in already"])
def test_signing_in_never_leads_elsewhere(after: str, how: str, person) -> None:
    client = Client()
    if how == "posted":
        response = sign_in(client, fields={"next": after})
    elif how == "in the address":
        response = sign_in(client, page="/login/?" + "next=" + after.replace("/", "%2F").replace("\t", "%09"))
    else:
        client.force_login(person)
        response = client.get("/login/", {"next": after})

    assert (response.status_code, response["Location"]) == (302, "/")


@pytest.mark.parametrize("name", ["a\x00b", "", "x" * 100_000])
def test_a_name_that_cannot_be_is_no_accident(name: str, person) -> None:
    assert sign_in(Client(), name=name).status_code == 200


# --- too many tries -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["/login/", "/admin/login/"])
def test_the_eleventh_wrong_try_in_a_minute_has_to_wait_even_with_the_right_password(page: str, person) -> None:
    User.objects.update(is_staff=True)
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(LIMIT):
            assert sign_in(Client(), page=page, password="wrong").status_code == 200
        clock.shift(18)
        response = sign_in(Client(), page=page)
        assert "That was tried too often: wait 42 seconds, then try again." in text_of(response)
        assert AuditEvent.objects.filter(action="sign_in").count() == 0

        clock.shift(42.1)
        assert sign_in(Client(), page=page).status_code == 302


def test_too_many_tries_are_429_with_the_time_to_wait(person) -> None:
    with time_machine.travel(NOON, tick=False):
        for _ in range(LIMIT):
            sign_in(Client(), password="wrong")
        response = sign_in(Client(), password="wrong")

    assert (response.status_code, response["Retry-After"]) == (429, "60")
    assert 'value="ada"' in text_of(response)
    assert AuditEvent.objects.filter(action="sign_in_failed").count() == LIMIT


def test_the_window_slides(person) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        sign_in(Client(), password="wrong")
        clock.shift(50)
        for _ in range(LIMIT - 1):
            sign_in(Client(), password="wrong")
        clock.shift(11)

        assert sign_in(Client(), password="wrong").status_code == 200
        assert sign_in(Client(), password="wrong").status_code == 429


def test_a_right_password_forgives_the_wrong_ones(person) -> None:
    for _ in range(2):
        for _ in range(LIMIT - 1):
            sign_in(Client(), password="wrong")
        assert sign_in(Client()).status_code == 302


def test_tries_at_one_name_from_one_address_hold_up_nobody_else(person) -> None:
    UserFactory(username="bea")
    for _ in range(LIMIT + 1):
        sign_in(Client(), password="wrong")

    assert sign_in(Client(), name="bea", password="wrong").status_code == 200
    assert sign_in(Client(), password="wrong", REMOTE_ADDR="192.0.2.7").status_code == 200
    assert sign_in(Client(), name="ADA", password="wrong").status_code == 429


@pytest.mark.parametrize(
    ("proxies", "forwarded", "same", "other"),
    [
        (0, "198.51.100.1, 192.0.2.1", "198.51.100.2, 192.0.2.2", None),
        (1, "198.51.100.1, 192.0.2.1", "198.51.100.2, 192.0.2.1", "198.51.100.1, 192.0.2.2"),
        (2, "198.51.100.1, 192.0.2.1, 192.0.2.9", "198.51.100.2, 192.0.2.1, 192.0.2.8", "198.51.100.1, 192.0.2.2, 192.0.2.9"),
        (2, "192.0.2.1", "192.0.2.1", "192.0.2.2"),
    ],
)
def test_an_address_is_taken_from_ones_own_proxies_only(
    proxies: int, forwarded: str, same: str, other: str | None, person, settings
) -> None:
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": proxies}

    def status(address: str) -> int:
        return sign_in(Client(), password="wrong", headers={"X-Forwarded-For": address}).status_code

    for _ in range(LIMIT):
        assert status(forwarded) == 200
    assert status(same) == 429
    assert other is None or status(other) == 200


def test_an_empty_rate_is_no_limit(person, settings) -> None:
    settings.THROTTLES = settings.THROTTLES | {"sign-in": ""}

    assert {sign_in(Client(), password="wrong").status_code for _ in range(LIMIT + 2)} == {200}


@pytest.mark.django_db(transaction=True)
def test_guesses_that_come_at_once_are_no_more_than_the_limit(person) -> None:
    answers = at_once(2 * LIMIT, lambda number: sign_in(Client(), password=f"guess {number}").status_code)

    connection.close()
    assert sorted(answers) == [200] * LIMIT + [429] * LIMIT
    assert AuditEvent.objects.filter(action="sign_in_failed").count() == LIMIT


# --- signing up ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_signing_up_is_not_there_while_it_is_closed(method: str) -> None:
    response = getattr(Client(), method)("/sign-up/", SIGN_UP)

    assert (response.status_code, User.objects.count()) == (404, 0)
    assert b"Make an account" not in Client().get("/login/").content


@pytest.fixture
def open_door(settings) -> None:
    settings.SIGN_UP_OPEN = True


@pytest.mark.usefixtures("open_door")
def test_signing_up_makes_a_plain_person_and_signs_in() -> None:
    client = Client()
    assert b"Make an account" in client.get("/login/").content

    response = client.post("/sign-up/", SIGN_UP | {"is_staff": "on", "is_superuser": "on"})

    user = User.objects.get()
    assert (response.status_code, response["Location"], client.get("/").status_code) == (302, "/", 200)
    assert (user.username, user.email, user.is_staff, user.is_superuser) == ("nova", "nova@example.com", False, False)
    assert user.check_password(PASSWORD)
    assert written_down() == [("sign_up", user.pk, str(user.pk))]


@pytest.mark.usefixtures("open_door")
@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"username": "ada"}, "A user with that username already exists."),
        ({"username": "ADA"}, "A user with that username already exists."),
        ({"username": "<b>"}, "Enter a valid username."),
        ({"username": "a\x00b"}, "Null characters are not allowed."),
        ({"email": "nowhere"}, "Enter a valid email address."),
        ({"email": ""}, "This field is required."),
        ({"password1": "short", "password2": "short"}, "This password is too short. It must contain at least 8 characters."),
        ({"password1": "password1", "password2": "password1"}, "This password is too common."),
        ({"password2": "another one"}, "The two password fields didn’t match."),
    ],
)
def test_signing_up_says_what_is_wrong_and_keeps_the_rest(fields: dict[str, str], sentence: str, person) -> None:
    response = Client().post("/sign-up/", SIGN_UP | fields)

    assert (response.status_code, User.objects.count()) == (422, 1)
    assert sentence in text_of(response)
    assert PASSWORD not in text_of(response)


@pytest.mark.usefixtures("open_door")
@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_take_one_name_at_once_one_has_it() -> None:
    answers = at_once(4, lambda number: Client().post("/sign-up/", SIGN_UP).status_code)

    connection.close()
    assert sorted(answers) == [302, 422, 422, 422]
    assert (User.objects.count(), AuditEvent.objects.filter(action="sign_up").count()) == (1, 1)


@pytest.mark.usefixtures("open_door")
def test_accounts_are_not_made_by_the_dozen() -> None:
    statuses = [Client().post("/sign-up/", SIGN_UP | {"username": f"nova{number}"}).status_code for number in range(LIMIT + 1)]

    assert (statuses, User.objects.count()) == ([302] * LIMIT + [429], LIMIT)


@pytest.mark.usefixtures("open_door")
def test_who_is_signed_in_is_not_asked_to_sign_up(person) -> None:
    client = Client()
    client.force_login(person)

    assert client.get("/sign-up/")["Location"] == "/"


# --- a new password -----------------------------------------------------------------------------------------------------


def test_a_forgotten_password_is_replaced_through_the_mail(person) -> None:
    elsewhere, client = Client(), Client()
    elsewhere.force_login(person)

    client.post("/password-reset/", {"email": "ADA@example.com"})
    [letter] = mail.outbox
    [link] = re.findall(r"http://testserver(/\S+)", letter.body)
    page = client.get(link, follow=True)
    done = client.post(page.request["PATH_INFO"], {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}, follow=True)

    assert (letter.to, letter.subject) == (["ada@example.com"], "A new password for Throughline")
    assert "Your password is set" in text_of(done)
    assert (sign_in(Client()).status_code, sign_in(Client(), password=NEW_PASSWORD).status_code) == (200, 302)
    assert elsewhere.get("/").status_code == 302
    assert written_down()[0] == ("password.reset", person.pk, str(person.pk))


def test_a_new_password_ends_the_tokens_that_were_made_with_the_old_one(person) -> None:
    _, secret = make_token(user=person, name="laptop", scopes=["read"])
    _, theirs = make_token(user=UserFactory(), name="laptop", scopes=["read"])
    client = Client()
    page = client.get(link_to(person), follow=True)
    refused = {"new_password1": NEW_PASSWORD, "new_password2": "another"}
    client.post(page.request["PATH_INFO"], refused)
    before = authenticate(secret)

    client.post(page.request["PATH_INFO"], {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD})

    assert (before is not None, authenticate(secret), authenticate(theirs) is not None) == (True, None, True)


def test_a_link_works_once_and_not_for_long(person, settings) -> None:
    used, old = Client(), Client()
    link = link_to(person)
    with time_machine.travel(NOON, tick=False) as clock:
        late = link_to(person)
        clock.shift(settings.PASSWORD_RESET_TIMEOUT + 1)
        too_old = old.get(late, follow=True)
    page = used.get(link, follow=True)
    used.post(page.request["PATH_INFO"], {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD})
    again = Client().get(link, follow=True)

    assert "New password" in text_of(page)
    assert ["This link has been used" in text_of(answer) for answer in (again, too_old)] == [True, True]


@pytest.mark.parametrize(
    "link", ["/password-reset/MQ/x-y/", "/password-reset/%00/set-password/", "/password-reset/MQ/set-password/"]
)
def test_a_link_that_nobody_was_sent_changes_nothing(link: str, person) -> None:
    client = Client()
    page = client.get(link, follow=True)
    client.post(link, {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD})

    assert "This link has been used" in text_of(page)
    assert User.objects.get().check_password(PASSWORD)


def test_asking_for_a_new_password_says_the_same_of_every_address(person) -> None:
    UserFactory(username="closed", email="closed@example.com", is_active=False)

    def answer(email: str) -> tuple[int, str, str]:
        response = Client().post("/password-reset/", {"email": email})
        return response.status_code, response["Location"], text_of(Client().get(response["Location"]))

    answers = {answer(email) for email in ("ada@example.com", "nobody@example.com", "closed@example.com")}

    assert len(answers) == 1
    assert [letter.to for letter in mail.outbox] == [["ada@example.com"]]


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Host": "testserver@evil.example"}, {"Host": "testserver, evil.example"}]
)
def test_a_poisoned_host_sends_no_mail(headers: dict[str, str], person, settings) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]

    response = Client().post("/password-reset/", {"email": "ada@example.com"}, headers=headers)

    assert (response.status_code, mail.outbox) == (400, [])


def test_the_mail_leads_to_the_host_that_was_asked_whatever_a_header_claims(person) -> None:
    claimed = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Host": "evil.example"}

    Client().post("/password-reset/", {"email": "ada@example.com"}, headers=claimed)

    [letter] = mail.outbox
    assert "http://testserver/password-reset/" in letter.body
    assert "evil" not in letter.body


def test_nobody_is_sent_mail_by_the_dozen(person) -> None:
    statuses = [Client().post("/password-reset/", {"email": "ada@example.com"}).status_code for _ in range(LIMIT + 1)]
    unknown = [Client().post("/password-reset/", {"email": "nobody@example.com"}).status_code for _ in range(LIMIT + 1)]

    assert (statuses, len(mail.outbox)) == ([302] * LIMIT + [429], LIMIT)
    assert unknown == statuses


@pytest.mark.parametrize(
    "address",
    ["/login/", "/sign-up/", "/password-reset/", "/password-reset/sent/", "/password-reset/done/", "/password-reset/MQ/x-y/"],
)
def test_every_page_is_one_of_the_product(address: str, settings) -> None:
    settings.SIGN_UP_OPEN = True

    response = Client().get(address)

    assert response.status_code == 200
    assert 'class="sign-in panel"' in text_of(response)
    assert "sessions_app/throughline.css" in text_of(response)
    assert re.findall(r"<script|style=|<p[^>]*>\s*<ul|type=\"email\"", text_of(response)) == []


@pytest.mark.parametrize("address", ["/login/", "/sign-up/", "/password-reset/"])
def test_a_post_without_token_is_refused(address: str, person, settings) -> None:
    settings.SIGN_UP_OPEN = True

    response = Client(enforce_csrf_checks=True).post(address, SIGN_UP | {"password": PASSWORD})

    assert (response.status_code, User.objects.count(), mail.outbox) == (403, 1, [])


def test_every_answer_has_the_id_of_its_request(person) -> None:
    theirs = Client().get("/login/", headers={"X-Request-Id": "trace-1"})
    forged = Client().get("/login/", headers={"X-Request-Id": "a b<script>"})

    assert theirs["X-Request-Id"] == "trace-1"
    assert re.fullmatch(r"[0-9a-f]{24}", forged["X-Request-Id"])
