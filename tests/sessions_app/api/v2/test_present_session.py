"""A session as an answer: what is in it, in how many queries, for 1, 10 and 1,000 shots alike."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from continuity.models import Continuity, Shot
from sessions_app.api.renderers import OrjsonRenderer
from sessions_app.api.v2 import present
from sessions_app.models import Session
from tests.factories.continuity import (
    ContinuityFactory,
    DoneTakeFactory,
    FrameFactory,
    JobFactory,
    SceneProxyFactory,
    ShotFactory,
    StyleFactory,
    TakeFactory,
)
from tests.factories.prompt import PromptFactory, PromptVersionFactory
from tests.factories.session import NOON, SessionFactory
from tests.large_scenes import large_scene

pytestmark = pytest.mark.django_db
EVERYTHING = {"takes", "style", "styles", "versions", "cuts"}


@pytest.fixture
def session(owner: User) -> Session:
    return SessionFactory(owner=owner)


def read(session: Session, **asked: Any) -> dict[str, Any]:
    shown = present.session_dto(session.owner, session.pk, **asked)
    assert shown is not None
    return shown


def chosen(shot: Shot, **columns: Any) -> Any:
    take = DoneTakeFactory(shot=shot, **columns)
    Shot.objects.filter(pk=shot.pk).update(chosen_take=take)
    return take


def test_a_bare_session_has_neither_half(session: Session) -> None:
    assert read(session) == {
        "id": session.pk,
        "url": f"/api/v2/sessions/{session.pk}",
        "userId": str(session.owner_id),
        "name": "Rain over the harbour",
        "description": "",
        "status": "active",
        "activeMode": "create",
        "version": 1,
        "revision": 1,
        "createdAt": "2026-11-20T12:00:00.000Z",
        "updatedAt": "2026-11-20T12:00:00.000Z",
        "deletedAt": None,
    }


def test_a_time_that_nobody_knows_stays_null_and_an_old_id_is_quoted(owner: User) -> None:
    session = SessionFactory(owner=owner, id="Küste 7%?", created_at=None, updated_at=None)

    shown = read(session)

    assert (shown["createdAt"], shown["updatedAt"], shown["url"]) == (None, None, "/api/v2/sessions/K%C3%BCste%207%25%3F")


def test_a_continuity_half_always_has_shots_and_its_settings_have_the_specs_names(session: Session) -> None:
    ContinuityFactory(session=session)

    half = read(session)["continuity"]

    assert half == {
        "shots": [],
        "primaryStyleReference": None,
        "sceneProxy": None,
        "settings": {
            "generationMode": "continuity",
            "defaultContinuityMode": "frame-bridge",
            "defaultStyleStrength": 0.6,
            "injectionStrength": "medium",
            "injectionPosition": "prefix",
            "inheritColour": True,
            "inheritLighting": True,
            "inheritAtmosphere": True,
            "inheritTechnical": True,
            "autoExtractStyle": True,
            "autoFrameBridge": True,
            "defaultModel": "",
            "previewFirst": True,
            "previewModel": None,
            "takesPerShot": 1,
            "gateEnabled": False,
            "gateThreshold": 0.75,
            "maxRetries": 1,
            "safeBridge": True,
            "chainLimit": 6,
            "driftLimit": 8.0,
        },
        "baseStyleId": None,
        "baseStyleSource": "none",
        "baseTakeId": None,
    }


def test_the_reference_and_the_current_proxy_are_told(session: Session) -> None:
    reference = FrameFactory(asset__owner=session.owner, index=7, time_num=7, time_den=24)
    ContinuityFactory(session=session, primary_reference=reference)
    SceneProxyFactory(session=session, current=False)
    proxy = SceneProxyFactory(session=session, current=True, reference=reference, created_at=NOON)

    half = read(session)["continuity"]

    picture = {
        "id": reference.pk,
        "assetId": reference.asset_id,
        "index": 7,
        "role": "at",
        "timeSeconds": 7 / 24,
        "time": {"num": 7, "den": 24},
        "url": f"/media/{reference.image_id}/original",
        "width": 320,
        "height": 180,
    }
    assert half["primaryStyleReference"] == picture
    assert half["sceneProxy"] == {
        "id": proxy.pk,
        "kind": proxy.kind,
        "state": "ready",
        "reference": picture,
        "depthAssetId": None,
        "error": None,
        "createdAt": "2026-11-20T12:00:00.000Z",
    }


def test_a_shot_is_told_whole(session: Session) -> None:
    ContinuityFactory(session=session, default_model="animatic")
    shot = ShotFactory(session=session, params={"seconds": 2}, seed=7, camera={"yaw": 0.1})
    take = chosen(shot, injected_prompt="Dim light. A ferry leaves the harbour at dusk.")

    (shown,) = read(session)["continuity"]["shots"]

    def frame(row: Any, role: str) -> dict[str, Any]:
        place = {"index": row.index, "timeSeconds": 0.0, "time": {"num": 0, "den": 1}, "role": role}
        size = {"width": 320, "height": 180}
        return {"id": row.pk, "assetId": take.video_id, "url": f"/media/{row.image_id}/original", **place, **size}

    assert shown == {
        "id": shot.pk,
        "url": f"/api/v2/sessions/{session.pk}/shots/{shot.pk}",
        "sessionId": session.pk,
        "sequenceIndex": 0,
        "userPrompt": "A ferry leaves the harbour at dusk.",
        "status": "done",
        "statusNote": "",
        "isLive": False,
        "progress": None,
        "jobId": None,
        "continuityMode": None,
        "effectiveMode": "frame-bridge",
        "useFrameBridge": True,
        "injectStyle": None,
        "model": None,
        "effectiveModel": "animatic",
        "seed": 7,
        "params": {"seconds": 2},
        "styleOverrides": {},
        "inheritColour": None,
        "inheritLighting": None,
        "inheritAtmosphere": None,
        "inheritTechnical": None,
        "camera": {"yaw": 0.1},
        "bridgeFromShotId": None,
        "startImageId": None,
        "styleSource": "base",
        "locked": False,
        "chosenTakeId": take.pk,
        "chosenBy": "auto",
        "takeCount": 1,
        "isStale": False,
        "injectedPrompt": "Dim light. A ferry leaves the harbour at dusk.",
        "video": {
            "id": take.video_id,
            "url": f"/media/{take.video_id}/original",
            "posterUrl": f"/media/{take.video_id}/poster",
            "name": "harbour",
            "width": None,
            "height": None,
            "durationSeconds": None,
            "duration": None,
            "hasAudio": False,
        },
        "firstFrame": frame(take.first_frame, "first"),
        "lastFrame": frame(take.last_frame, "last"),
        "version": 1,
        "createdAt": "2026-11-20T12:00:00.000Z",
        "deletedAt": None,
    }


def test_a_shots_own_settings_and_the_scenes_come_out_as_what_holds(session: Session) -> None:
    ContinuityFactory(session=session, default_mode="style-match", default_model="ltx-2-3-fast")
    ShotFactory(session=session, rank=1)
    ShotFactory(session=session, rank=2, mode="none", model="animatic", style_overrides={"colour": "own"})
    ShotFactory(session=session, rank=3)

    first, second, third = read(session)["continuity"]["shots"]

    told = ("sequenceIndex", "continuityMode", "effectiveMode", "useFrameBridge", "model", "effectiveModel", "styleSource")
    assert [first[name] for name in told] == [0, None, "style-match", False, None, "ltx-2-3-fast", "base"]
    assert [second[name] for name in told] == [1, "none", "none", False, "animatic", "animatic", "custom"]
    assert [shot["styleSource"] for shot in (first, second, third)] == ["base", "custom", "inherited"]


def test_a_shot_that_is_made_again_is_done_and_says_what_is_made(session: Session) -> None:
    ContinuityFactory(session=session)
    shot = ShotFactory(session=session)
    chosen(shot, number=1)
    take = TakeFactory(shot=shot, number=2)
    job = JobFactory(kind="generate", session=session, shot=shot, take=take, progress=0.25)

    (shown,) = read(session)["continuity"]["shots"]

    told = ("status", "statusNote", "isLive", "progress", "jobId", "takeCount")
    assert [shown[name] for name in told] == ["done", "Queued", True, 0.25, job.pk, 2]


def test_a_failed_shot_says_why_and_other_jobs_do_not_make_it_live(session: Session) -> None:
    ContinuityFactory(session=session)
    shot = ShotFactory(session=session)
    TakeFactory(shot=shot, number=1, state="cancelled")
    take = TakeFactory(shot=shot, number=2, state="failed", error_code="x", error_sentence="The filter refused it.")
    JobFactory(kind="style", session=session, shot=shot, take=take)

    (shown,) = read(session)["continuity"]["shots"]

    assert (shown["status"], shown["statusNote"], shown["isLive"]) == ("failed", "The filter refused it.", False)


def test_deleted_shots_and_those_of_other_sessions_are_not_there(session: Session) -> None:
    ContinuityFactory(session=session)
    ContinuityFactory(session__owner=session.owner)
    shots = [ShotFactory(session=session, rank=rank) for rank in (30, 10, 20)]
    ShotFactory(session=session, deleted_at=NOON)
    ShotFactory(session=Session.objects.exclude(pk=session.pk).get())

    shown = read(session)["continuity"]["shots"]

    assert [(shot["sequenceIndex"], shot["id"]) for shot in shown] == [(0, shots[1].pk), (1, shots[2].pk), (2, shots[0].pk)]


def test_a_session_is_there_for_its_owner_alone(session: Session, stranger: User, staff: User) -> None:
    deleted = SessionFactory(owner=session.owner, deleted_at=NOON)

    assert [present.session_dto(user, session.pk) is None for user in (session.owner, stranger, staff)] == [False, True, True]
    assert present.session_dto(session.owner, deleted.pk) is None


@pytest.mark.parametrize("count", [1, 10, 1000])
def test_a_session_is_read_with_two_queries_however_many_shots_it_has(owner: User, count: int) -> None:
    session = large_scene(owner, shots=count)

    with CaptureQueriesContext(connection) as queries:
        shown = read(session)

    assert len(queries) == 2
    assert len(shown["continuity"]["shots"]) == count
    assert OrjsonRenderer().render(shown)


@pytest.mark.parametrize(
    ("expand", "count"),
    [({"style"}, 2), ({"takes"}, 3), ({"styles"}, 3), ({"versions"}, 3), ({"cuts"}, 4), (EVERYTHING, 7)],
    ids=["style", "takes", "styles", "versions", "cuts", "all"],
)
@pytest.mark.parametrize("shots", [1, 3])
def test_each_expansion_costs_one_query_and_the_cuts_two(owner: User, shots: int, expand: set[str], count: int) -> None:
    session = large_scene(owner, shots=shots)
    Continuity.objects.filter(session=session).update(gate_enabled=True, default_mode="none")
    PromptVersionFactory(prompt=session.prompt)

    with CaptureQueriesContext(connection) as queries:
        shown = read(session, expand=expand)

    assert len(queries) == count
    assert OrjsonRenderer().render(shown)


@pytest.mark.parametrize(("fields", "tables"), [({"name"}, 1), ({"name", "prompt"}, 1), ({"continuity"}, 2)])
def test_a_half_that_nobody_asked_for_is_not_read(owner: User, fields: set[str], tables: int) -> None:
    session = large_scene(owner, shots=3)

    with CaptureQueriesContext(connection) as queries:
        shown = read(session, fields=fields)

    assert len(queries) == tables
    assert {"prompt", "continuity"} & shown.keys() == {"prompt", "continuity"} & fields


def test_expansions_are_the_very_things_of_their_own_addresses(owner: User) -> None:
    session = large_scene(owner, shots=3)
    StyleFactory(session=session, number=2)
    version = PromptVersionFactory(prompt=session.prompt)

    shown = read(session, expand=EVERYTHING)

    half = shown["continuity"]
    assert half["cuts"] == present.cut_list(session)["items"]
    assert half["styles"] == present.style_page(session, {})["items"]
    assert half["style"] == half["styles"][1]
    assert shown["prompt"]["versions"] == present.prompt_version_page(session, {})["items"]
    assert [row["id"] for row in shown["prompt"]["versions"]] == [version.pk]
    for shot in half["shots"]:
        assert shot["takes"] == [present.take_dto(session, take["id"]) for take in shot["takes"]]
        assert len(shot["takes"]) == shot["takeCount"]
    assert [shot["id"] for shot in half["shots"]] == [shot["id"] for shot in present.shot_page(session, {})["items"]]


def test_without_expansions_their_keys_are_absent(owner: User) -> None:
    shown = read(large_scene(owner, shots=1))

    half = shown["continuity"]
    assert {"takes", "style", "styles", "cuts"} & (half.keys() | half["shots"][0].keys()) == set()
    assert "versions" not in shown["prompt"]


def test_who_has_it_already_costs_one_small_query(owner: User, client: Client) -> None:
    session = large_scene(owner, shots=3)
    client.force_login(owner)
    tag = client.get(f"/api/v2/sessions/{session.pk}")["ETag"]

    with CaptureQueriesContext(connection) as queries:
        answer = client.get(f"/api/v2/sessions/{session.pk}", HTTP_IF_NONE_MATCH=tag)

    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)
    assert len(queries) == 3  # the cookie's session, its person, the two counters


def test_the_prompt_half_is_told_whole(session: Session) -> None:
    prompt = PromptFactory(session=session, output="A ferry.", title="Dusk", generation_params={"fps": 24})

    assert read(session)["prompt"] == {
        "input": prompt.input,
        "output": "A ferry.",
        "uuid": str(prompt.uuid) if prompt.uuid else None,
        "title": "Dusk",
        "targetModel": None,
        "mode": None,
        "generationParams": {"fps": 24},
        "keyframes": [],
        "highlightCache": {},
        "brainstorm": None,
        "score": None,
        "currentVersionId": None,
        "version": 1,
    }
