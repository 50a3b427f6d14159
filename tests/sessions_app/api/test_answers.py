"""What the API answers can be sent back and followed; what it refuses it refuses whole, early and with words."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import Client

from continuity.models import Continuity, Cut, Frame, Grade, Job, Shot, Take
from sessions_app.api.v2.views.assets import FORM_BYTES
from sessions_app.models import Session
from tests.engine import drive
from tests.factories.continuity import ContinuityFactory, CutFactory, ShotFactory
from tests.factories.session import SessionFactory
from tests.sessions_app.api.documented import DocumentedClient
from tests.sessions_app.api.everything import Everything, a_scene_with_everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(owner: User) -> str:
    """The address of a scene without shots."""
    return f"/api/v2/sessions/{ContinuityFactory(session__owner=owner).session_id}"


@pytest.fixture
def mine(owner: User) -> Everything:
    return a_scene_with_everything(owner)


@pytest.fixture
def change(api: DocumentedClient) -> Callable[..., Any]:
    """``change(method, address, body, at=…)``: with the tag that ``at`` has now; None = the address itself has it."""

    def send(method: str, address: str, body: dict[str, Any], *, at: str | None = None) -> Any:
        tag = api.get(at or address)["ETag"]
        return getattr(api, method)(address, json.dumps(body), headers={"If-Match": tag})

    return send


def whole(response: Any) -> int:
    """The status, once all bytes are read."""
    if response.streaming:
        b"".join(response.streaming_content)
    status: int = response.status_code
    return status


# what is answered can be sent


@pytest.mark.parametrize(("name", "value"), [("defaultStyleStrength", 0.6), ("gateThreshold", 0.8), ("driftLimit", 6.1)])
def test_a_setting_takes_the_number_that_it_answers(change: Any, scene: str, name: str, value: float) -> None:
    answer = change("put", f"{scene}/settings", {name: value}, at=scene)

    assert (answer.status_code, answer.json()["continuity"]["settings"][name]) == (200, value)


@pytest.mark.parametrize("mode", ["style-match", None])
def test_the_frame_bridge_sent_as_it_was_read_changes_nothing(api: DocumentedClient, change: Any, scene: str, mode: Any) -> None:
    change("put", f"{scene}/settings", {"defaultContinuityMode": mode or "frame-bridge"}, at=scene)
    shot = ShotFactory(session=Session.objects.get())
    address = f"{scene}/shots/{shot.pk}"
    read = api.get(address).json()

    again = change("patch", address, {"useFrameBridge": read["useFrameBridge"]}).json()

    told = ("useFrameBridge", "effectiveMode", "continuityMode")
    assert [again[name] for name in told] == [read[name] for name in told]
    assert (read["useFrameBridge"], read["continuityMode"]) == (mode is None, None)


def test_a_shots_own_mode_outlives_a_standard_scene_whose_answer_is_sent_back(
    api: DocumentedClient, change: Any, scene: str
) -> None:
    address = f"{scene}/shots/{ShotFactory(session=Session.objects.get(), mode='frame-bridge').pk}"
    change("put", f"{scene}/settings", {"generationMode": "standard"}, at=scene)
    change("patch", address, {"useFrameBridge": api.get(address).json()["useFrameBridge"]})

    change("put", f"{scene}/settings", {"generationMode": "continuity"}, at=scene)

    assert api.get(address).json()["effectiveMode"] == "frame-bridge"


def test_a_shots_style_overrides_can_be_sent_as_they_are_read(api: DocumentedClient, change: Any, scene: str) -> None:
    body = {"userPrompt": "A door", "styleOverrides": {"colour": {"temperature": "warm"}}}
    shot = api.post(f"{scene}/shots", json.dumps(body)).json()

    again = change("patch", shot["url"], {"styleOverrides": shot["styleOverrides"]})

    assert (again.status_code, again.json()["styleOverrides"]) == (200, shot["styleOverrides"])


def test_an_edit_speaks_the_names_of_the_api(api: DocumentedClient, change: Any, scene: str) -> None:
    address = f"{scene}/shots/{ShotFactory(session=Session.objects.get(), user_prompt='A door').pk}"

    change("patch", address, {"userPrompt": "A red door", "continuityMode": "none"})

    [edit] = api.get(f"{scene}/edits").json()["items"]
    assert edit["before"] == {"userPrompt": "A door", "continuityMode": None}
    assert edit["after"] == {"userPrompt": "A red door", "continuityMode": "none"}


def test_a_look_that_was_asked_for_is_told(api: DocumentedClient, mine: Everything) -> None:
    job = api.post("/api/v2/extract-style", json.dumps({"assetId": mine.still})).json()
    drive(lambda: not Job.objects.filter(pk=job["id"], state__in=["queued", "running"]).exists())

    result = api.get(job["links"]["self"]).json()["result"]

    assert result["extractor"].startswith("pixels@")
    assert result["values"]["colour"]["palette.primary"]["value"].startswith("#")


@pytest.mark.parametrize("door", ["style-reference", "scene-proxy", "continuity"])
def test_a_picture_that_the_list_of_files_names_can_be_used(
    api: DocumentedClient, change: Any, mine: Everything, door: str
) -> None:
    picture = Take.objects.values_list("first_frame__image", flat=True).get(pk=mine.take)
    scene = f"/api/v2/sessions/{mine.bare if door == 'continuity' else mine.session}"

    body = {"assetId": picture}
    if door == "style-reference":
        answer = change("put", f"{scene}/{door}", body, at=scene)
    else:
        answer = api.post(f"{scene}/{door}", json.dumps(body))

    assert answer.status_code in (201, 202), answer.json()
    reference = api.get(scene).json()["continuity"]["primaryStyleReference"]
    assert Frame.objects.get(pk=reference["id"]).image_id == picture


# what is answered can be followed


def test_the_addresses_of_a_share_link_lead_somewhere(api: DocumentedClient, mine: Everything) -> None:
    [link] = api.get(f"/api/v2/sessions/{mine.session}/share-links").json()["items"]
    shown = Client().get(f"/api/v2/shared/{mine.link_token}").json()

    pictures = [shot[name] for shot in shown["shots"] for name in ("videoUrl", "posterUrl") if shot.get(name)]

    assert len(pictures) >= 3
    assert {url: whole(Client().get(url)) for url in [link["url"], *pictures]} == dict.fromkeys([link["url"], *pictures], 200)


def test_the_location_of_an_old_id_can_be_followed(api: DocumentedClient, owner: User) -> None:
    session = SessionFactory(owner=owner, id="pier 7%?")

    made = api.post(f"/api/v2/sessions/{quote(session.pk, safe='')}/continuity")

    assert api.get(made["Location"]).json()["id"] == session.pk


def test_a_new_session_comes_with_the_tag_that_its_first_change_needs(api: DocumentedClient) -> None:
    made = api.post("/api/v2/sessions", json.dumps({"name": "Fog"}))

    changed = api.patch(made.json()["url"], json.dumps({"name": "Rain"}), headers={"If-Match": made["ETag"]})

    assert (made.status_code, changed.status_code, changed.json()["name"]) == (201, 200, "Rain")


def test_a_style_comes_with_the_tag_that_its_next_change_needs(api: DocumentedClient, change: Any, scene: str) -> None:
    style = f"{scene}/style"
    change("patch", style, {"values": {"colour": {"temperature": "warm"}}}, at=scene)

    read = api.get(style)
    body = json.dumps({"values": {"colour": {"temperature": "cool"}}})
    changed = api.patch(style, body, headers={"If-Match": read["ETag"]})

    assert (changed.status_code, changed["ETag"]) == (200, api.get(scene)["ETag"])
    assert api.get(style, headers={"If-None-Match": changed["ETag"]}).status_code == 304
    assert api.get(style, headers={"If-None-Match": read["ETag"]}).status_code == 200


def test_who_changes_what_was_edited_since_is_told_the_tag_of_what_is_there(api: DocumentedClient, scene: str) -> None:
    refused = api.patch(scene, json.dumps({"name": "Rain"}), headers={"If-Match": '"99.1"'})

    assert (refused.status_code, refused.json()["etag"]) == (412, api.get(scene)["ETag"])
    again = api.patch(scene, json.dumps({"name": "Rain"}), headers={"If-Match": refused.json()["etag"]})
    assert again.status_code == 200


# what is refused


@pytest.mark.parametrize("method", ["post", "delete"])
def test_what_is_answered_404_did_nothing(api: DocumentedClient, mine: Everything, method: str) -> None:
    """A measurement of two takes between which no cut lies."""
    takes = {"left_take": Take.objects.get(pk=mine.take), "right_take": Take.objects.get(pk=mine.last_take)}
    columns = {} if method == "post" else {"accepted_by_id": mine.person, "accepted_at": "2026-11-20T12:00Z"}
    cut = CutFactory(session=Session.objects.get(pk=mine.session), **takes, **columns)
    before = Cut.objects.filter(pk=cut.pk).values().get()

    answer = getattr(api, method)(f"/api/v2/sessions/{mine.session}/cuts/{cut.pk}/accept")

    assert (answer.status_code, Cut.objects.filter(pk=cut.pk).values().get()) == (404, before)


def test_a_camera_is_checked_when_a_shot_is_added_as_when_it_is_changed(api: DocumentedClient, change: Any, scene: str) -> None:
    camera = {"camera": {"yaw": 0.5}}
    shot = ShotFactory(session=Session.objects.get())

    changed = change("patch", f"{scene}/shots/{shot.pk}", camera)
    added = api.post(f"{scene}/shots", json.dumps({"userPrompt": "A door", **camera}))

    assert (added.status_code, added.json()["code"]) == (changed.status_code, changed.json()["code"]) == (409, "no_proxy")
    assert Shot.objects.count() == 1


@pytest.mark.parametrize("name", ["defaultModel", "previewModel"])
def test_a_setting_names_a_model_that_there_is(change: Any, scene: str, name: str) -> None:
    refused = change("put", f"{scene}/settings", {name: "nope"}, at=scene)
    taken = change("put", f"{scene}/settings", {name: "animatic"}, at=scene)

    assert (refused.status_code, refused.json()["code"], taken.status_code) == (422, "model_unknown", 200)


def test_a_shot_names_a_model_that_there_is(api: DocumentedClient, change: Any, scene: str) -> None:
    shot = ShotFactory(session=Session.objects.get(), model="left-by-another-system")

    added = api.post(f"{scene}/shots", json.dumps({"userPrompt": "A door", "model": "nope"}))
    changed, kept = (
        change("patch", f"{scene}/shots/{shot.pk}", {"model": model, "userPrompt": "A door"}) for model in ("nope", shot.model)
    )

    assert [answer.status_code for answer in (added, changed, kept)] == [422, 422, 200]


def test_a_depth_picture_is_a_picture(api: DocumentedClient, mine: Everything) -> None:
    scene, lut = f"/api/v2/sessions/{mine.session}", Grade.objects.get(pk=mine.grade).lut_id

    made = [
        api.post(f"{scene}/scene-proxy", json.dumps({"assetId": mine.still, "depthAssetId": depth})) for depth in (mine.clip, lut)
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in made] == [(422, "depth_invalid")] * 2
    assert api.post(f"{scene}/scene-proxy/preview", json.dumps({"yaw": 0.02})).status_code == 200


def test_no_sentence_names_a_stored_file(change: Any, mine: Everything) -> None:
    lut = Grade.objects.select_related("lut").get(pk=mine.grade).lut
    scene = f"/api/v2/sessions/{mine.session}"

    answer = change("put", f"{scene}/style-reference", {"assetId": lut.pk}, at=scene)

    assert (answer.status_code, answer.json()["code"]) == (422, "asset_not_usable")
    assert lut.blob_id not in answer.content.decode()


def test_a_shot_without_words_is_not_generated(api: DocumentedClient, scene: str) -> None:
    shot = ShotFactory(session=Session.objects.get(), user_prompt=" \n", mode="none", model="animatic")

    answer = api.post(f"{scene}/shots/{shot.pk}/generate", headers={"Idempotency-Key": "k"})

    assert (answer.status_code, answer.json()["code"]) == (422, "prompt_empty")
    assert not Take.objects.exists()


def test_a_session_without_a_shot_says_so_when_it_is_generated(api: DocumentedClient, scene: str) -> None:
    answer = api.post(f"{scene}/generate", headers={"Idempotency-Key": "k"})

    assert (answer.status_code, answer.json()["code"]) == (409, "no_shots")
    assert answer.json()["detail"] == "This session has no shot yet: add one, then generate it."


@pytest.mark.parametrize(("excess", "status"), [(1, 413), (0, 422)])
def test_a_file_that_says_it_is_too_large_is_refused_before_it_is_read(
    api: DocumentedClient, settings: Any, excess: int, status: int
) -> None:
    class Body:
        reads = 0

        def read(self, size: int = -1) -> bytes:
            Body.reads += 1
            return b""

        readline = read

        def close(self) -> None: ...

    length = settings.UPLOAD_MAX_BYTES + FORM_BYTES + excess
    form = "multipart/form-data; boundary=x"

    answer = api.post("/api/v2/assets", **{"CONTENT_TYPE": form, "CONTENT_LENGTH": str(length), "wsgi.input": Body()})

    assert (answer.status_code, Body.reads > 0) == (status, excess == 0)


# what is not said is not made


@pytest.mark.parametrize("body", [{}, {"values": {"colour": {"temperature": None}}}, {"lock": ["colour.temperature"]}])
def test_saying_nothing_of_a_scene_without_a_style_makes_none(change: Any, scene: str, body: dict[str, Any]) -> None:
    answer = change("patch", f"{scene}/style", body, at=scene)

    assert answer.json()["code"] == "style_invalid"
    assert Continuity.objects.get().base_style is None
