"""Every address and every kind of visitor: the owner gets it, everybody else gets what a missing id gets."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from continuity.models import Job, Take
from sessions_app.models import AuditEvent, Session
from sessions_app.web.urls import urlpatterns
from tests.factories.continuity import CutFactory, GradeFactory
from tests.factories.session import UserFactory
from tests.sessions_app.web.scenes import failed_take, make_scene, running_take, stored_clip, unknown_take

pytestmark = pytest.mark.django_db

PUBLIC = {
    "shared-media",
    "login",
    "logout",
    "sign-up",
    "password-reset",
    "password-reset-sent",
    "password-reset-confirm",
    "password-reset-complete",
}
"""Without an owner: coming in and going; what they do is in test_accounts."""
OPEN_TO_ALL = {"session-list"}
"""Everybody's own list."""
READS = {"scene", "media", "drift-plot"}
SCENE_VERBS = {"shot-add", "generate-missing", "film-make", "cuts-measure", "settings-change"}
SHOT_VERBS = {"shot-generate", "shot-final", "shot-choose-best", "shot-bridge", "shot-lock", "shot-unlock"}
TAKE_VERBS = {"take-retry", "take-cancel", "take-choose", "take-attach", "take-not-made", "take-give-up"}
TAKE_VERBS |= {"grade-propose", "take-re-anchor"}
CUT_VERBS = {"cut-accept", "cut-withdraw"}
GRADE_VERBS = {"grade-apply", "grade-remove"}
VERBS = SCENE_VERBS | SHOT_VERBS | TAKE_VERBS | CUT_VERBS | GRADE_VERBS
SETTINGS = {"takes_per_shot": 2, "gate_threshold": 0.8, "max_retries": 1, "chain_limit": 4, "drift_limit": 5}
FORMS = {"settings-change": SETTINGS, "shot-add": {"prompt": "Rain on the window"}, "take-attach": {"remote_id": "job-9"}}
UNKNOWN_IDS = {"session_id": "ses_none", "shot_id": "sht_none", "take_id": "tak_none", "asset_id": "ast_none"}
UNKNOWN_IDS |= {"cut_id": "cut_none", "grade_id": "gra_none"}
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')


def test_every_address_is_in_the_matrix() -> None:
    assert {pattern.name for pattern in urlpatterns} == PUBLIC | OPEN_TO_ALL | READS | VERBS


@pytest.fixture
def addresses(owner: Any) -> dict[str, str]:
    """A real address of ``owner``'s for each name; each take verb has the take that it is for."""
    return {name: reverse(name, kwargs=ids) for name, ids in _ids(owner).items()}


def _ids(owner: Any) -> dict[str, dict[str, str]]:
    session = make_scene(owner, shots=2)
    done = Take.objects.filter(shot__session=session)[0]
    takes = {
        "take-retry": failed_take(session, sentence="It failed."),
        "take-cancel": running_take(session),
        "take-choose": done,
        "grade-propose": done,
        "take-re-anchor": done,
    }
    takes |= {name: unknown_take(session) for name in ("take-attach", "take-not-made", "take-give-up")}
    scene = {"session_id": session.pk}
    ids = dict.fromkeys(SCENE_VERBS | {"scene", "drift-plot"}, scene)
    ids |= {name: {**scene, "take_id": take.pk} for name, take in takes.items()}
    ids |= {name: {**scene, "shot_id": done.shot_id} for name in SHOT_VERBS}
    cut = CutFactory(session=session, left_take=done, right_take=takes["take-retry"], metric="another@1")
    ids |= {name: {**scene, "cut_id": cut.pk} for name in CUT_VERBS}
    ids |= {name: {**scene, "grade_id": GradeFactory(take=done).pk} for name in GRADE_VERBS}
    return ids | {"media": {"asset_id": stored_clip(owner, b"bytes").pk, "variant": "original"}}


def ask(client: Client, name: str, address: str) -> Any:
    return client.post(address, FORMS.get(name, {})) if name in VERBS else client.get(address)


def without_token(body: bytes) -> bytes:
    return TOKEN.sub(b"", body)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("name", sorted(READS | VERBS))
def test_owner_is_let_in(name: str, addresses: dict[str, str], owner: Any) -> None:
    response = ask(signed_in(owner), name, addresses[name])

    assert response.status_code == (302 if name in VERBS else 200)
    list(response)  # a clip is closed when it was read


@pytest.mark.parametrize("visitor", ["stranger", "staff"])
@pytest.mark.parametrize("name", sorted(READS | VERBS))
def test_others_get_what_a_missing_id_gets(name: str, visitor: str, addresses: dict[str, str], request: Any) -> None:
    client = signed_in(request.getfixturevalue(visitor))
    before = _everything()

    foreign = ask(client, name, addresses[name])

    missing_ids = {key: UNKNOWN_IDS.get(key, "original") for key in _keys(name)}
    missing = ask(client, name, reverse(name, kwargs=missing_ids))
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert without_token(foreign.content) == without_token(missing.content)
    assert _everything() == before


def _keys(name: str) -> list[str]:
    pattern = next(pattern for pattern in urlpatterns if pattern.name == name)
    return list(pattern.pattern.converters)


def _everything() -> tuple[int, int, int, list[str]]:
    states = list(Job.objects.order_by("pk").values_list("state", flat=True))
    return Take.objects.count(), AuditEvent.objects.count(), Session.objects.count(), states


@pytest.mark.parametrize("name", sorted(READS | VERBS | OPEN_TO_ALL))
def test_nobody_is_sent_to_the_sign_in_page(name: str, addresses: dict[str, str]) -> None:
    before = _everything()

    response = ask(Client(headers={"Accept": "text/html"}), name, addresses.get(name, "/"))

    assert (response.status_code, response["Location"].split("?")[0]) == (302, "/login/")
    assert _everything() == before


def test_nobody_is_sent_back_to_the_scene_after_signing_in(addresses: dict[str, str]) -> None:
    response = Client().post(addresses["take-cancel"])

    assert response["Location"] == f"/login/?next={addresses['scene']}"


@pytest.mark.parametrize("name", sorted(VERBS))
def test_a_get_has_no_effect(name: str, addresses: dict[str, str], owner: Any) -> None:
    before = _everything()

    assert signed_in(owner).get(addresses[name]).status_code == 405
    assert _everything() == before


@pytest.mark.parametrize("name", sorted(VERBS | OPEN_TO_ALL))
def test_a_post_without_token_has_no_effect(name: str, addresses: dict[str, str], owner: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    before = _everything()

    response = client.post(addresses.get(name, "/"), {"prompts": "One", "model": "animatic", **FORMS.get(name, {})})

    assert (response.status_code, b"had grown old" in response.content) == (403, True)
    assert _everything() == before


@pytest.mark.parametrize("name", sorted(TAKE_VERBS | SHOT_VERBS))
def test_a_take_or_shot_of_another_session_of_ones_own_is_404(name: str, addresses: dict[str, str], owner: Any) -> None:
    other = make_scene(owner, shots=1)
    address = addresses[name].replace(addresses["scene"].split("/")[2], other.pk)
    before = _everything()

    assert signed_in(owner).post(address, FORMS.get(name, {})).status_code == 404
    assert _everything() == before


def test_a_deactivated_owner_is_let_in_no_more(addresses: dict[str, str], owner: Any) -> None:
    client = signed_in(owner)
    type(owner).objects.filter(pk=owner.pk).update(is_active=False)

    assert client.get(addresses["scene"])["Location"].startswith("/login/")
    assert client.get(addresses["media"], headers={"Accept": "text/html"}).status_code == 401


def test_the_list_shows_ones_own_scenes_only(owner: Any, staff: Any) -> None:
    make_scene(owner, shots=1, name="Mine alone")

    assert b"Mine alone" in signed_in(owner).get("/").content
    assert b"Mine alone" not in signed_in(staff).get("/").content


@pytest.mark.parametrize("after", ["//evil.example/", "/\\evil.example", "javascript:alert(1)", "https://evil.example/"])
def test_signing_in_never_leads_elsewhere(after: str) -> None:
    user = UserFactory()
    user.set_password("long-enough-1")
    user.save()

    response = Client().post("/login/", {"username": user.username, "password": "long-enough-1", "next": after})

    assert (response.status_code, response["Location"]) == (302, "/")


def test_signing_in_leads_to_the_page_asked_for() -> None:
    user = UserFactory()
    user.set_password("long-enough-1")
    user.save()

    form = Client().get("/session/ses_1/continuity", follow=True)
    response = Client().post(
        "/login/", {"username": user.username, "password": "long-enough-1", "next": "/session/ses_1/continuity"}
    )

    assert b'name="next" value="/session/ses_1/continuity"' in form.content
    assert response["Location"] == "/session/ses_1/continuity"


def test_wrong_password_says_the_same_for_known_and_unknown_names(owner: Any) -> None:
    known = Client().post("/login/", {"username": "owner", "password": "wrong"})
    unknown = Client().post("/login/", {"username": "nobody", "password": "wrong"})

    def bare(response: Any) -> bytes:
        return without_token(response.content).replace(b"owner", b"").replace(b"nobody", b"")

    assert (known.status_code, bare(known)) == (200, bare(unknown))


def test_signing_out_is_a_post(owner: Any) -> None:
    client = signed_in(owner)

    assert client.get("/logout/").status_code == 405
    assert client.get("/").status_code == 200
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/").status_code == 302
