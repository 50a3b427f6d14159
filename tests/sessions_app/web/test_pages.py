"""What the pages show: states in words, pictures, prompts with their added parts, and never a tag of somebody's making."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from continuity.enums import BaseStyleSource, JobKind, JobState
from continuity.models import Continuity, Shot, Take
from sessions_app.models import Session
from tests.factories import continuity as scene
from tests.factories.session import SessionFactory
from tests.sessions_app.web.scenes import done_shot, failed_take, make_scene, running_take, unknown_take

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(1)</script>"
REFRESH = '<meta http-equiv="refresh" content="3; url=/session/'  # a bare number would keep a #fragment and stay
PROMPT = "A ferry in warm light."
INJECTED = "Palette of ebony and graphite. A ferry in warm light."
INJECTION = {
    "userSpans": [[31, 53]],
    "spans": [{"start": 0, "end": 29, "aspect": "colour", "keys": ["colour.palette.primary"]}],
    "skipped": [
        {
            "aspect": "lighting",
            "key": "lighting.intensity",
            "reason": "user-said-otherwise",
            "text": "dim light",
            "usersWords": "warm light",
            "usersSpan": [11, 21],
        }
    ],
    "conflicts": [],
    "sentence": "Added to your words: palette of ebony and graphite.",
}


@pytest.fixture
def client(owner: Any) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def page_of(client: Client, session: Session, query: str = "") -> str:
    response = client.get(f"/session/{session.pk}/continuity{query}")
    assert response.status_code == 200
    return response.content.decode()


def measured_values() -> dict[str, Any]:
    values = scene.style_values(mood="calm")
    swatches = [{"hex": "#141620", "share": 0.32}, {"hex": "#7A705B", "share": 0.08}]
    values["colour"]["palette.dominant"] = {"value": swatches, "source": "measured", "confidence": 0.9, "origin": "pixels@1"}
    return values


@pytest.mark.parametrize("shots", [1, 3])
def test_scene_page_takes_the_same_queries_for_any_number_of_shots(client: Client, owner: Any, shots: int) -> None:
    session = make_scene(owner, shots=shots)
    for shot in Shot.objects.all():
        failed = scene.TakeFactory(shot=shot, number=2, state="failed", error_code="x", error_sentence="No.")
        job = scene.DoneJobFactory(kind=JobKind.GENERATE, session=session, shot=shot, take=failed)
        scene.ChargeFactory(job=job, take=failed)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        page_of(client, session)

    assert len(queries) == 14


@pytest.mark.parametrize("sessions", [1, 3])
def test_list_takes_the_same_queries_for_any_number_of_scenes(client: Client, owner: Any, sessions: int) -> None:
    for _ in range(sessions):
        make_scene(owner, shots=2)

    with CaptureQueriesContext(connection) as queries:
        client.get("/")

    assert len(queries) == 4


def test_empty_list_says_what_to_do(client: Client) -> None:
    page = client.get("/").content.decode()

    assert "Shots that cut together" in page
    assert "<strong>Write the shots,</strong> one line each" in page


def test_list_shows_the_first_clip_and_the_counts(client: Client, owner: Any) -> None:
    session = make_scene(owner, shots=2, name="Harbour")
    scene.ShotFactory(session=session)
    poster = Shot.objects.order_by("rank")[0].chosen_take.video_id

    page = " ".join(client.get("/").content.decode().split())

    assert f'src="/media/{poster}/poster"' in page
    assert "3 shots, 2 done" in page
    assert '<span class="chip draft">Draft</span>' in page


def test_list_says_each_scenes_state(client: Client, owner: Any) -> None:
    make_scene(owner, shots=2)
    failed_take(make_scene(owner, shots=1), sentence="No.")
    running_take(make_scene(owner, shots=1))
    unknown_take(make_scene(owner, shots=1))

    page = client.get("/").content.decode()

    for chip in ("done>Done", "failed>1 failed", "generating>Generating 1 of 2", "needs-your-decision>Needs your decision"):
        kind, words = chip.split(">")
        assert page.count(f'<span class="chip {kind}">{words}</span>') == 1


def test_list_is_in_pages(client: Client, owner: Any) -> None:
    for number in range(25):
        SessionFactory(owner=owner, name=f"Scene {number:02d}", updated_at=timezone.now() - timedelta(hours=number))

    first, second = client.get("/").content.decode(), client.get("/?page=2").content.decode()

    assert ("Scene 23" in first, "Scene 24" in first) == (True, False)
    assert ("Scene 23" in second, "Scene 24" in second) == (False, True)
    assert client.get("/?page=999").content.decode().count("Scene 24") == 1


def test_scene_shows_a_finished_shot(client: Client, owner: Any) -> None:
    session = make_scene(owner, shots=2)
    clip = Shot.objects.order_by("rank")[1].chosen_take.video_id

    page = page_of(client, session)

    for part in (
        f'<video controls preload="none" playsinline src="/media/{clip}/original" poster="/media/{clip}/poster"',
        f'src="/media/{clip}/first" alt="First frame of shot 2"',
        f'src="/media/{clip}/last" alt="Last frame of shot 2"',
        '<span class="chip done">Done</span>',
        '<span class="chosen">Chosen</span>',
    ):
        assert part in page, part


def test_scene_shows_every_cut_side_by_side(client: Client, owner: Any) -> None:
    session = make_scene(owner, shots=3)
    one, two, three = (shot.chosen_take.video_id for shot in Shot.objects.order_by("rank"))

    strip = page_of(client, session).split('class="strip-cuts"')[1].split("</section>")[0]

    pictures = [part.split('"')[0] for part in strip.split('src="')[1:]]
    assert pictures == [f"/media/{one}/last", f"/media/{two}/first", f"/media/{two}/last", f"/media/{three}/first"]


def test_prompt_shows_what_was_added_and_what_was_left_out(client: Client, owner: Any) -> None:
    session = make_scene(owner, shots=0)
    shot = done_shot(session, user_prompt=PROMPT, injected_prompt=INJECTED, injection=INJECTION)
    Shot.objects.filter(pk=shot.pk).update(user_prompt=PROMPT)

    page = page_of(client, session)

    assert f'<p class="prompt">{PROMPT}</p>' in page
    assert (
        '<mark title="from the scene’s look: palette primary">Palette of ebony and graphite</mark>. A ferry in warm light.'
        in page
    )
    assert '<span class="out">dim light</span> left out: you wrote “warm light”' in page


def test_base_style_says_its_source_and_what_was_not_measured(client: Client, owner: Any) -> None:
    session = make_scene(owner, shots=2)
    second = Shot.objects.order_by("rank")[1]
    style = scene.StyleFactory(
        session=session, values=measured_values(), fragment="palette of ebony", source_take=second.chosen_take
    )
    Continuity.objects.update(base_style=style, base_style_source=BaseStyleSource.EXTRACTED)

    page = page_of(client, session)

    assert "Measured from shot 2 take 1." in page
    assert '<rect width="4" height="3" fill="#141620"/>' in page
    assert '<span class="colour">ebony</span> <span class="muted">#141620 · 32 %</span>' in page
    assert '<dt>mood</dt><dd>calm <span class="muted">yours</span></dd>' in page
    assert "<strong>Not measured:</strong> temperature, saturation, contrast, intensity" in page


def test_failed_shot_says_why_and_offers_another_try(client: Client, owner: Any) -> None:
    session = make_scene(owner, shots=0)
    take = failed_take(session, sentence="The provider refused this prompt: word it differently.")

    page = page_of(client, session)

    assert '<span class="chip failed">Failed</span>' in page
    assert "The provider refused this prompt: word it differently." in page
    assert f'action="/session/{session.pk}/takes/{take.pk}/retry"' in page


def test_generating_shot_shows_its_progress_and_the_page_re_reads_itself(client: Client, owner: Any) -> None:
    session = make_scene(owner, shots=0)
    take = running_take(session, progress=0.42, progress_note="Rendering frame 40 of 96")

    page = page_of(client, session)

    assert '<span class="chip generating">Generating 42 %</span>' in page
    assert '<progress max="100" value="42"' in page
    assert "Rendering frame 40 of 96" in page
    assert f'action="/session/{session.pk}/takes/{take.pk}/cancel"' in page
    assert REFRESH in page


def test_a_finished_shot_of_which_another_take_is_made_shows_both(client: Client, owner: Any) -> None:
    session = make_scene(owner, shots=1)
    shot = Shot.objects.get(session=session)
    take = scene.TakeFactory(shot=shot, number=2)
    scene.RunningJobFactory(kind=JobKind.GENERATE, session=session, shot=shot, take=take, step="poll", progress=0.5)

    page = page_of(client, session)

    assert '<span class="chip done">Done</span> <span class="chip generating">Generating 50 %</span>' in page
    assert '<progress max="100" value="50"' in page
    assert f'action="/session/{session.pk}/takes/{take.pk}/cancel"' in page
    assert "First frame of shot" in page


def test_page_holds_still_when_asked_to_and_when_nothing_moves(client: Client, owner: Any) -> None:
    still, unknown, moving = (make_scene(owner, shots=1) for _ in range(3))
    unknown_take(unknown)
    running_take(moving)

    pages = [page_of(client, still), page_of(client, unknown), page_of(client, moving, "?hold=1"), page_of(client, moving)]

    assert [REFRESH in page for page in pages] == [False, False, False, True]
    assert ['<textarea name="prompt"' in page for page in pages] == [True, True, True, False]


def test_page_re_reads_itself_while_a_look_is_measured_or_a_film_made(client: Client, owner: Any) -> None:
    measuring, filming = make_scene(owner, shots=1), make_scene(owner, shots=1)
    scene.RunningJobFactory(session=measuring, shot=measuring.shots.get(), kind=JobKind.STYLE)
    scene.RunningJobFactory(session=filming, kind=JobKind.FILM, progress=0.5, progress_note="Assembling the film")

    first, second = page_of(client, measuring), page_of(client, filming)

    assert (REFRESH in first, "Measuring the look" in first) == (True, True)
    assert (REFRESH in second, "Assembling the film" in second) == (True, True)


def test_unknown_take_offers_three_ways_out(client: Client, owner: Any) -> None:
    session = make_scene(owner, shots=1)
    take = unknown_take(session, error_sentence="Its answer was lost.")

    page = page_of(client, session)

    assert "Its answer was lost." in page
    for way in ("attach", "not-made", "give-up"):
        assert f'action="/session/{session.pk}/takes/{take.pk}/{way}"' in page
    assert "up to $0.30" in page


def test_film_can_be_played_and_downloaded(client: Client, owner: Any) -> None:
    session = make_scene(owner, shots=1)
    film = scene.AssetFactory(owner=owner, session=session, role="film", blob__duration_num=4, blob__duration_den=1)
    export = scene.ExportFactory(session=session, asset=film, options={"takes": [Take.objects.get().pk]})

    current = page_of(client, session)
    type(export).objects.update(options={"takes": ["tak_older"]})
    older = page_of(client, session)

    assert f'href="/media/{film.pk}/original" download="Rain over the harbour.mp4"' in current
    assert "Make a new film" not in current
    assert "This film is older than the takes that are chosen now." in older
    assert "Make a new film" in older


def test_film_that_failed_says_why(client: Client, owner: Any) -> None:
    session = make_scene(owner, shots=1)
    scene.DoneJobFactory(session=session, kind=JobKind.FILM, state=JobState.FAILED, error_sentence="The disk is full.")

    assert '<p class="note failed">The disk is full.</p>' in page_of(client, session)


def test_session_without_continuity_half_has_a_page(client: Client, owner: Any) -> None:
    session = SessionFactory(owner=owner)

    assert "This scene has no shot yet." in page_of(client, session)


def test_nobodys_text_becomes_markup(client: Client, owner: Any) -> None:
    session = make_scene(owner, shots=0, name=SCRIPT, description=SCRIPT)
    failed_take(session, sentence=SCRIPT)
    unknown_take(session, error_sentence=SCRIPT)
    running_take(session, progress_note=SCRIPT)
    skipped = [{**INJECTION["skipped"][0], "text": SCRIPT, "usersWords": SCRIPT}]  # type: ignore[index, dict-item]
    injection = {**INJECTION, "spans": [{**INJECTION["spans"][0], "end": 25}], "skipped": skipped}  # type: ignore[index, dict-item]
    done_shot(session, injected_prompt=SCRIPT * 2, injection=injection, model=SCRIPT)
    brought = done_shot(session, origin="upload")
    type(brought.chosen_take.video).objects.filter(pk=brought.chosen_take.video_id).update(name=SCRIPT)
    Shot.objects.exclude(pk=brought.pk).update(user_prompt=SCRIPT)
    Shot.objects.filter(pk=brought.pk).update(user_prompt="")
    User.objects.filter(pk=owner.pk).update(username=SCRIPT)

    for page in (page_of(client, session), client.get("/").content.decode()):
        assert "<script" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_every_page_has_the_strict_policy(client: Client, owner: Any) -> None:
    session = make_scene(owner, shots=1)

    for address in ("/", f"/session/{session.pk}/continuity", "/session/none/continuity", "/login/"):
        policy = client.get(address)["Content-Security-Policy"].split("; ")
        assert {"default-src 'self'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"} <= set(policy)


def test_own_server_error_page_needs_nothing(client: Client, owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(session: Session) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("sessions_app.selectors.scene", broken)
    client.raise_request_exception = False

    response = client.get(f"/session/{make_scene(owner, shots=0).pk}/continuity")

    assert (response.status_code, b"Something went wrong on our side" in response.content) == (500, True)
    assert b"planted" not in response.content
