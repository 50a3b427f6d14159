"""What a scene's page says of its cuts: chips, findings, the gate, grades, padlocks, bridge frames, drift; and its buttons."""

import math
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client

from continuity.enums import BaseStyleSource, ChosenBy, GradeState, JobKind, JobState, ShotMode, TakePurpose
from continuity.models import Continuity, Cut, Grade, Job, Shot, Style, Take
from continuity.services import grades, proxies
from continuity.vision.scene_score import METRIC
from sessions_app.models import Session
from tests.continued_scene import WARM, continued, opened_scene
from tests.factories import continuity as scene
from tests.factories.session import NOON
from tests.sessions_app.web.scenes import done_shot, make_scene

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(1)</script>"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;"
PARTS = {"constant": 3.1, "colour": -0.5, "grain": -0.2, "texture": -0.4, "structure": -0.1}
DRIFT = {
    "deltaE": 3.14,
    "exposure": -0.52,
    "temperature": 0.31,
    "tint": 0.0,
    "saturation": 0.0,
    "contrast": 0.0,
    "hue": 0.0,
    "grain": None,
    "sameContent": True,
    "causes": [{"cause": "exposure", "amount": -0.52, "unit": "stop"}],
}


@pytest.fixture
def client(owner: Any) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def session(owner: Any) -> Session:
    return make_scene(owner, shots=2)


def page_of(client: Client, session: Session) -> str:
    response = client.get(f"/session/{session.pk}/continuity")
    assert response.status_code == 200
    return response.content.decode()


def cut_of(client: Client, session: Session) -> str:
    """The page's words about the first cut."""
    return page_of(client, session).split('<div class="cut-verdict">')[1].split("</li>\n")[0]


def takes_of(session: Session) -> tuple[Take, Take]:
    left, right = (shot.chosen_take for shot in Shot.objects.filter(session=session).order_by("rank"))
    assert left is not None
    assert right is not None
    return left, right


def measured(session: Session, **columns: Any) -> Cut:
    """The cut between the chosen takes of a scene's two shots."""
    left, right = takes_of(session)
    return scene.CutFactory(session=session, left_take=left, right_take=right, metric=METRIC, **columns)


def finding(code: str, amount: float | None = None, *, certain: bool = True, **detail: Any) -> dict[str, Any]:
    return {"code": code, "amount": amount, "unit": None, "isCertain": certain, "detail": detail}


def measuring(session: Session, *, state: JobState = JobState.QUEUED, **columns: Any) -> Job:
    left, right = takes_of(session)
    factory = scene.DoneJobFactory if state == JobState.DONE else scene.JobFactory
    subject = f"cut:{left.pk}:{right.pk}:{METRIC}"
    return factory(session=session, kind=JobKind.CUT, subject_key=subject, state=state, take=right, **columns)


def press(client: Client, session: Session, way: str, **fields: str) -> list[tuple[str, str]]:
    """What the page says after a button was pressed."""
    response = client.post(f"/session/{session.pk}/{way}", fields)
    assert response.status_code == 302
    return [(message.level_tag, str(message)) for message in get_messages(response.wsgi_request)]


def button(session: Session, way: str) -> str:
    return f'action="/session/{session.pk}/{way}"'


# chips and words


@pytest.mark.parametrize(
    ("band", "score", "chip"),
    [
        ("matches", 0.914, '<span class="chip matches">Matches 0.91</span>'),
        ("check", 0.6, '<span class="chip check">Check 0.60</span>'),
        ("jump", 0.0, '<span class="chip jump">Jump 0.00</span>'),
    ],
)
def test_a_cut_has_its_word_and_its_score(client: Client, session: Session, band: str, score: float, chip: str) -> None:
    measured(session, band=band, score=score, bridge_kind="bridged", ncc=0.9984)

    shown = cut_of(client, session)

    assert (shown.count('class="chip'), chip in shown) == (1, True), shown
    assert '<span class="muted">bridged, NCC 0.998</span>' in shown


def test_a_cut_from_a_take_that_is_no_longer_chosen_is_stale(client: Client, session: Session) -> None:
    left, _ = takes_of(session)
    second = Shot.objects.order_by("rank")[1]
    other = scene.DoneTakeFactory(shot=left.shot, number=2)
    stale = scene.DoneTakeFactory(shot=second, number=2, mode=ShotMode.FRAME_BRIDGE, input_frame=other.last_frame)
    Shot.objects.filter(pk=second.pk).update(chosen_take=stale)
    measured(session, band="matches", score=0.9)

    assert '<span class="chip stale">Stale 0.90</span>' in cut_of(client, session)


def test_a_cut_that_nobody_measured_can_be_measured(client: Client, session: Session) -> None:
    page = page_of(client, session)

    assert '<span class="chip not-measured">Not measured</span>' in page
    assert button(session, "cuts") in page


def test_a_cut_that_could_not_be_measured_says_why(client: Client, session: Session) -> None:
    measured(session, state="failed", score=None, reason="The clip is not whole: make it again.")

    page = page_of(client, session)

    assert '<span class="chip not-measured">Not measured</span>' in page
    assert '<p class="muted">The clip is not whole: make it again.</p>' in page
    assert button(session, "cuts") in page


def test_a_cut_that_has_no_score_when_it_is_measured_is_not_measured_again(client: Client, session: Session) -> None:
    measured(session, score=None, reason="Both shots are black from beginning to end.")

    page = page_of(client, session)

    assert ('<span class="chip not-measured">Not measured</span>' in page, button(session, "cuts") in page) == (True, False)
    assert "Both shots are black from beginning to end." in page


def test_a_cut_that_is_being_measured_says_so_and_the_page_re_reads_itself(client: Client, session: Session) -> None:
    measuring(session)

    page = page_of(client, session)

    assert '<span class="chip measuring">Measuring</span>' in page
    assert ('http-equiv="refresh"' in page, button(session, "cuts") in page) == (True, False)


def test_a_shot_without_a_clip_has_no_cut(client: Client, owner: Any) -> None:
    session = make_scene(owner, shots=1)
    scene.ShotFactory(session=session)

    page = page_of(client, session)

    assert ('<span class="chip no-clip">No clip</span>' in page, button(session, "cuts") in page) == (True, False)


# findings


def test_findings_are_told_in_the_words_of_film(client: Client, session: Session) -> None:
    told = [
        finding("bridged", 0.99),
        finding("drift-exposure", -0.52),
        finding("drift-temperature", 0.31),
        finding("grade-step", 3.1, named=True, large=True),
    ]
    measured(session, band="check", score=0.6, findings=told)

    lines = re.findall(r"<li>(.*?)</li>", cut_of(client, session))

    assert lines == [
        "Shot 2 begins with the picture on which shot 1 ends",
        "Shot 2 is 0.5 stop darker and warmer than shot 1 at the cut",
        "The grade steps clearly from shot 1 to shot 2 (ΔE 3.1)",
    ]


def test_away_from_a_bridge_a_drift_only_looks_so(client: Client, session: Session) -> None:
    measured(session, band="check", score=0.6, findings=[finding("drift-exposure", -1.2, certain=False)])

    assert "<li>Shot 2 looks 1.2 stops darker than shot 1</li>" in cut_of(client, session)


def test_the_parts_of_a_score_and_the_drift_are_shown_with_their_units(client: Client, session: Session) -> None:
    measured(session, band="check", score=0.87, parts=PARTS, drift=DRIFT)

    facts = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", cut_of(client, session)))

    assert facts == {
        "where every pair begins": "+3.10",
        "colours": "-0.50",
        "texture": "-0.40",
        "directions of edges": "-0.10",
        "grade difference, ΔE2000": "3.1",
        "exposure": "-0.52 stop",
        "temperature": "+0.31 log₂ red/blue",
        "tint": "+0.00 log₂ green",
        "saturation": "+0.00 log₂",
        "contrast": "+0.00 log₂",
        "hue": "+0.0 °",
        "grain": "-0.20",
    }


def test_what_was_not_measured_is_listed_under_its_reason(client: Client, session: Session) -> None:
    Shot.objects.filter(pk=takes_of(session)[1].shot_id).update(style_overrides={"colour": "own"})
    missing = [
        {"key": "lighting.direction", "reason": "Nobody looked."},
        {"key": "parts.grain", "reason": "The clip is too small."},
        {"key": "atmosphere.weather", "reason": "Nobody looked."},
    ]
    measured(session, band="matches", score=0.9, parts=PARTS, not_measured=missing)

    shown = cut_of(client, session)

    assert '<p class="muted">Not measured: light direction, weather. Nobody looked.</p>' in shown
    assert '<p class="muted">Not measured: grain. The clip is too small.</p>' in shown
    assert '<p class="muted">Not measured: colours, tone. You asked for this to differ.</p>' in shown


def test_nothing_that_was_said_of_a_cut_becomes_markup(client: Client, session: Session) -> None:
    """By a model, a clip's tags, an error, a grade, the gate, or the person who accepted it."""
    told = [
        finding("model-says", text=f"A lamp {SCRIPT}"),
        finding("hdr", curve=f"PQ {SCRIPT}"),
    ]
    missing = [{"key": f"atmosphere.{SCRIPT}", "reason": f"Reason {SCRIPT}"}]
    cut = measured(
        session, score=None, reason=f"Why {SCRIPT}", findings=told, not_measured=missing, accepted_note=f"Note {SCRIPT}"
    )
    Cut.objects.filter(pk=cut.pk).update(accepted_at=NOON, accepted_by=session.owner)
    scene.GradeFactory(take=cut.right_take, state=GradeState.REFUSED, lut=None, refused_reason=f"Refused {SCRIPT}")
    measuring(session, state=JobState.DONE, result={"gate": {"stopped": f"Stopped {SCRIPT}"}})
    Continuity.objects.update(gate_enabled=True)
    User.objects.filter(pk=session.owner_id).update(username=SCRIPT)

    page = page_of(client, session)

    assert "<script" not in page
    for words in ("A lamp", "PQ", "Why", "Note", "Refused", "Stopped", "Reason", "Accepted by"):
        assert f"{words} {ESCAPED}" in page, words


# the gate


def gated(session: Session, score: float, **half: Any) -> Cut:
    """A measured cut of a scene with a gate, and what the gate said when it had been measured."""
    Continuity.objects.update(**{"gate_enabled": True, **half})
    measuring(session, state=JobState.DONE, result={"gate": {"stopped": "2 of 2 retries are used."}})
    parts = {**dict.fromkeys(PARTS, 0.0), "constant": math.log(score / (1 - score))}
    return measured(session, score=score, band="jump" if score < 0.5 else "matches", parts=parts)


def test_a_take_that_did_not_pass_says_so_and_why_no_other_was_made(client: Client, session: Session) -> None:
    gated(session, 0.4)

    said = "Gate: not passed. The cut scores 0.40, under 0.75. 2 of 2 retries are used."
    assert f'<p class="note failed">{said}</p>' in cut_of(client, session)


def test_a_rejected_take_says_what_it_is(client: Client, session: Session) -> None:
    cut = gated(session, 0.99)
    Cut.objects.filter(pk=cut.pk).update(findings=[finding("copy")])

    assert "Gate: not passed. This clip is the one before it once more." in cut_of(client, session)


@pytest.mark.parametrize(("score", "half"), [(0.8, {}), (0.4, {"gate_enabled": False}), (0.4, {"generation_mode": "standard"})])
def test_a_take_that_passed_or_is_not_judged_says_nothing(
    client: Client, session: Session, score: float, half: dict[str, Any]
) -> None:
    gated(session, score, **half)

    assert "Gate:" not in cut_of(client, session)


def test_takes_show_their_scores_and_what_they_do_differently(client: Client, session: Session) -> None:
    left, right = takes_of(session)
    change = {"what": "injectionStrength", "was": "medium", "now": "strong"}
    retry = scene.DoneTakeFactory(
        shot=right.shot, number=2, retry_of=right, retry_change={"by": "gate", "verdict": "not-passed", "changes": [change]}
    )
    Shot.objects.filter(pk=right.shot_id).update(chosen_take=retry)
    for take, score in ((right, 0.41), (retry, 0.88)):
        scene.CutFactory(session=session, left_take=left, right_take=take, metric=METRIC, score=score)

    page = page_of(client, session)

    assert [page.count(f'<span class="muted">cut {score}</span>') for score in ("0.41", "0.88")] == [1, 1]
    assert "the look goes into the prompt at strength strong instead of medium" in page
    assert '<span class="chosen">Chosen as the best</span>' in page


# grades


def with_grade(session: Session, **columns: Any) -> Grade:
    cut = measured(session, band="check", score=0.6, bridge_kind="bridged", ncc=0.99)
    return scene.GradeFactory(take=cut.right_take, **columns)


def test_a_proposed_grade_shows_what_it_would_do_and_can_be_applied(client: Client, session: Session) -> None:
    grade = with_grade(session, delta_e_before=4.691, delta_e_after=0.024)

    shown = cut_of(client, session)

    assert "A grade match brings it from ΔE 4.7 to 0.0." in shown
    assert (button(session, f"grades/{grade.pk}/apply") in shown, "grades/" in shown.replace("/apply", "", 1)) == (True, True)
    assert button(session, f"grades/{grade.pk}/remove") not in shown
    assert f'href="/media/{grade.lut_id}/original"' in shown


def test_an_applied_grade_can_be_watched_and_taken_off(client: Client, session: Session) -> None:
    grade = with_grade(session, state=GradeState.APPLIED, delta_e_before=4.691, delta_e_after=0.024)
    job = scene.JobFactory(kind=JobKind.PREVIEW, session=session, step="render", subject_key=f"preview:{grade.pk}")
    before = cut_of(client, session)
    Job.objects.filter(pk=job.pk).update(state="done", finished_at=job.created_at)
    clip = grade.take.video
    preview = scene.AssetFactory(
        owner=clip.owner, session=session, role="preview", origin="derived", parent=clip, recipe_sha256=grade.lut.blob_id
    )

    after = cut_of(client, session)

    for shown in (before, after):
        assert "Graded to the scene’s base: ΔE 4.7 before, 0.0 after." in shown
        assert button(session, f"grades/{grade.pk}/remove") in shown
        assert button(session, f"grades/{grade.pk}/apply") not in shown
    assert ("Rendering the graded clip" in before, "Watch it graded" in before) == (True, False)
    assert (f'href="/media/{preview.pk}/original">Watch it graded' in after, "Rendering" in after) == (True, False)


@pytest.mark.parametrize(("state", "way"), [(GradeState.PROPOSED, "apply"), (GradeState.APPLIED, "remove")])
def test_a_locked_shots_grade_has_no_button(client: Client, session: Session, state: GradeState, way: str) -> None:
    grade = with_grade(session, state=state)
    pages = [cut_of(client, session)]
    Shot.objects.filter(pk=grade.take.shot_id).update(locked=True)
    pages.append(cut_of(client, session))

    assert [button(session, f"grades/{grade.pk}/{way}") in page for page in pages] == [True, False]


@pytest.mark.parametrize("kind", [JobKind.GRADE, JobKind.PREVIEW])
def test_the_page_re_reads_itself_while_a_grade_is_fitted_or_rendered(client: Client, session: Session, kind: JobKind) -> None:
    cut = measured(session, band="check", score=0.6, bridge_kind="bridged", ncc=0.99)
    still = page_of(client, session)
    subject = f"grade:{cut.right_take_id}"
    if kind == JobKind.PREVIEW:
        subject = f"preview:{scene.GradeFactory(take=cut.right_take, state=GradeState.APPLIED).pk}"
    scene.RunningJobFactory(session=session, kind=kind, subject_key=subject, take=cut.right_take)

    assert ['http-equiv="refresh"' in page for page in (still, page_of(client, session))] == [False, True]


def test_the_grade_that_the_film_wears_is_shown_before_a_newer_fit(client: Client, session: Session) -> None:
    worn = with_grade(session, state=GradeState.APPLIED)
    newer = scene.GradeFactory(take=worn.take)

    shown = cut_of(client, session)

    assert button(session, f"grades/{worn.pk}/remove") in shown
    assert f"grades/{newer.pk}" not in shown


def test_a_film_that_was_made_before_the_grade_is_an_older_one(client: Client, session: Session) -> None:
    grade = with_grade(session)
    film = scene.AssetFactory(owner=session.owner, session=session, role="film", blob__duration_num=4, blob__duration_den=1)
    takes = [take.pk for take in takes_of(session)]
    export = scene.ExportFactory(session=session, asset=film, options={"takes": takes, "grades": {}})
    pages = [page_of(client, session)]

    grades.apply(grade=grade, by=session.owner)
    pages.append(page_of(client, session))
    type(export).objects.update(options={"takes": takes, "grades": {grade.take_id: grade.pk}})
    pages.append(page_of(client, session))

    assert [button(session, "film") in page for page in pages] == [False, True, False]


def test_a_fit_to_an_earlier_base_says_nothing_any_more(client: Client, session: Session) -> None:
    cut = measured(session, band="matches", score=0.9, bridge_kind="bridged", ncc=0.99)
    fit = {"grade": None, "deltaE": 0.4, "base": "tak_earlier"}
    scene.DoneJobFactory(session=session, kind=JobKind.GRADE, subject_key=f"grade:{cut.right_take_id}", result=fit)

    shown = cut_of(client, session)

    assert ("No grade match is needed." in shown, button(session, f"takes/{cut.right_take_id}/grade") in shown) == (False, True)


def test_a_refused_grade_says_why(client: Client, session: Session) -> None:
    with_grade(session, state=GradeState.REFUSED, lut=None, refused_reason="The grades are ΔE 14.4 apart.")

    shown = cut_of(client, session)

    assert ("No grade match: The grades are ΔE 14.4 apart." in shown, "grades/" in shown) == (True, False)


def test_a_bridged_cut_that_nobody_fitted_offers_a_fit(client: Client, session: Session) -> None:
    cut = measured(session, band="check", score=0.6, bridge_kind="bridged-with-motion", ncc=0.9)

    assert button(session, f"takes/{cut.right_take_id}/grade") in cut_of(client, session)


def test_a_cut_to_another_picture_offers_no_fit(client: Client, session: Session) -> None:
    measured(session, band="check", score=0.6, bridge_kind="cut", ncc=0.2)

    assert "/grade" not in cut_of(client, session)


def test_a_take_that_needs_no_grade_says_so(client: Client, session: Session) -> None:
    cut = measured(session, band="matches", score=0.9, bridge_kind="bridged", ncc=0.99)
    scene.DoneJobFactory(
        session=session, kind=JobKind.GRADE, subject_key=f"grade:{cut.right_take_id}", result={"grade": None, "deltaE": 0.4}
    )

    shown = cut_of(client, session)

    assert ("No grade match is needed." in shown, "/grade" in shown) == (True, False)


# the padlock


def test_a_locked_shot_shows_its_padlock_and_only_the_way_out(client: Client, session: Session) -> None:
    _, right = takes_of(session)
    other = scene.DoneTakeFactory(shot=right.shot, number=2)
    Shot.objects.filter(pk=right.shot_id).update(locked=True)

    card = page_of(client, session).split(f'<li class="shot panel" id="{right.shot_id}">')[1].split("Add a shot")[0]

    assert '<span class="padlock" title="Locked">🔒<span class="visually-hidden">locked</span></span>' in card
    assert button(session, f"shots/{right.shot_id}/unlock") in card
    for way in (f"shots/{right.shot_id}/lock", f"shots/{right.shot_id}/generate", f"takes/{other.pk}/choose"):
        assert button(session, way) not in card, way


def test_an_open_shot_has_no_padlock_and_can_be_locked(client: Client, session: Session) -> None:
    page = page_of(client, session)

    assert ("padlock" in page, page.count("/lock")) == (False, 2)


# the frames of a bridge


def test_a_frame_that_was_brought_back_is_shown_beside_the_rendered_one(client: Client, owner: Any) -> None:
    continuity, [_, second, third], opening = opened_scene(owner, shots=3)
    drifted = continued(second, opening.last_frame, WARM)
    start = grades.bridge_frame(drifted)
    continued(third, start)

    page = page_of(client, continuity.session)

    rendered, brought_back = f"/media/{drifted.last_frame.image_id}/original", f"/media/{start.image_id}/original"
    assert f'src="{rendered}" alt="Start frame of shot 3 as it was rendered"' in page
    assert f'src="{brought_back}" alt="Start frame of shot 3, brought back"' in page
    assert "Started from the last frame of shot 2, brought back to the look of the first shot." in page
    for address in (rendered, brought_back):
        assert b"".join(client.get(address)).startswith(b"\x89PNG")


def test_a_frame_that_was_taken_as_it_is_is_shown_once(client: Client, owner: Any) -> None:
    session = make_scene(owner, shots=1)
    last = Take.objects.get().last_frame
    done_shot(session, mode=ShotMode.FRAME_BRIDGE, input_frame=last)

    page = page_of(client, session)

    assert ("As it was rendered" in page, f"Started from frame {last.index} of shot 1." in page) == (False, True)


# drift


def test_the_drift_is_drawn_into_the_page(client: Client, session: Session) -> None:
    cut = measured(session, band="check", score=0.62)
    Continuity.objects.update(base_take=cut.left_take)

    section = page_of(client, session).split('id="drift"')[1].split("</section>")[0]

    [drawing] = re.findall(r"<svg.*?</svg>", section, re.DOTALL)
    assert 'role="img"' in drawing
    assert "Drift of 2 shots along the scene" in drawing
    assert re.search(r"Shot 2[^<]*0\.62", drawing), drawing
    assert not re.search(r"style=|<script|href|url\(", drawing)


def test_the_drift_is_a_picture_to_take_away(client: Client, session: Session, owner: Any) -> None:
    measured(session, band="check", score=0.62)

    offered = f'href="/session/{session.pk}/drift.png"' in page_of(client, session)
    picture = client.get(f"/session/{session.pk}/drift.png")
    empty = client.get(f"/session/{make_scene(owner, shots=0).pk}/drift.png")

    assert (offered, picture["Content-Type"], picture.content[:4]) == (True, "image/png", b"\x89PNG")
    assert empty.status_code == 404


def test_a_scene_of_one_shot_has_no_drift(client: Client, owner: Any) -> None:
    assert 'id="drift"' not in page_of(client, make_scene(owner, shots=1))


def drifted(session: Session, delta_e: float) -> Take:
    """The second shot is this far from the base, and its look was read."""
    left, right = takes_of(session)
    measured(session, band="check", score=0.6, drift={**DRIFT, "deltaE": delta_e})
    Continuity.objects.update(base_take=left, drift_limit=6)
    Take.objects.filter(pk=right.pk).update(measured=scene.ExtractionFactory(owner=session.owner))
    return right


def test_past_the_limit_a_fresh_anchor_is_offered(client: Client, session: Session) -> None:
    take = drifted(session, 7.3)

    section = page_of(client, session).split('id="drift"')[1].split("</section>")[0]

    assert "Shot 2 is ΔE 7.3 away from the base, past the limit of 6: start the next shot from a fresh anchor" in section
    assert (section.count("Anchor at shot"), button(session, f"takes/{take.pk}/re-anchor") in section) == (1, True)


def test_an_anchor_is_offered_at_every_shot_whose_look_was_read_but_the_base(client: Client, owner: Any) -> None:
    session = make_scene(owner, shots=5)
    takes = [shot.chosen_take for shot in Shot.objects.select_related("chosen_take").order_by("rank")]
    read = [take.pk for number, take in enumerate(takes, start=1) if number != 4]
    Take.objects.filter(pk__in=read).update(measured=scene.ExtractionFactory(owner=owner))
    Continuity.objects.update(base_take=takes[1], drift_limit=6)
    scene.CutFactory(session=session, left_take=takes[1], right_take=takes[4], metric=METRIC, drift={**DRIFT, "deltaE": 9.0})

    section = page_of(client, session).split('id="drift"')[1].split("</section>")[0]

    assert re.findall(r"Anchor at shot \d", section) == ["Anchor at shot 1", "Anchor at shot 3", "Anchor at shot 5"]


@pytest.mark.parametrize(("delta_e", "is_open"), [(5.9, False), (7.3, True)])
def test_anchors_are_folded_away_within_the_limit(client: Client, session: Session, delta_e: float, is_open: bool) -> None:
    drifted(session, delta_e)

    section = page_of(client, session).split('id="drift"')[1].split("</section>")[0]

    assert ("past the limit" in section, "<details open>" in section, "<details>" in section) == (is_open, is_open, not is_open)


def test_a_long_chain_offers_a_fresh_start(client: Client, owner: Any) -> None:
    session = make_scene(owner, shots=1)
    Continuity.objects.update(chain_limit=1)
    for _ in range(2):
        done_shot(session, mode=ShotMode.FRAME_BRIDGE, input_frame=Take.objects.order_by("shot__rank").last().last_frame)

    assert "2 shots in a row, up to shot 3, start from the frame of the one before" in page_of(client, session)


# accepting


def test_a_cut_is_accepted_with_a_note_and_taken_back(client: Client, session: Session, owner: Any) -> None:
    cut = measured(session, band="jump", score=0.2)
    offered = cut_of(client, session)

    said = press(client, session, f"cuts/{cut.pk}/accept", note=f"A dream. {SCRIPT}")
    accepted = cut_of(client, session)
    cut.refresh_from_db()
    told = press(client, session, f"cuts/{cut.pk}/withdraw")
    withdrawn = cut_of(client, session)

    assert button(session, f"cuts/{cut.pk}/accept") in offered
    assert (said, told) == ([("success", "The cut is accepted as it is.")], [("success", "The cut is no longer accepted.")])
    assert (cut.accepted_note, cut.accepted_by, cut.score) == (f"A dream. {SCRIPT}", owner, 0.2)
    assert f'<span class="chosen">Accepted by {owner.username}</span>' in accepted
    assert (f"<p>“A dream. {ESCAPED}”</p>" in accepted, SCRIPT in accepted, "Jump 0.20" in accepted) == (True, False, True)
    assert (button(session, f"cuts/{cut.pk}/withdraw") in accepted, button(session, f"cuts/{cut.pk}/accept") in accepted) == (
        True,
        False,
    )
    assert ("Accepted by" in withdrawn, "A dream" in withdrawn, Cut.objects.get().accepted_note) == (False, False, "")


@pytest.mark.parametrize("note", ["x" * 2001, "null \x00"], ids=["too long", "null"])
def test_a_note_that_cannot_be_kept_is_refused(client: Client, session: Session, note: str) -> None:
    cut = measured(session, band="jump", score=0.2)

    said = press(client, session, f"cuts/{cut.pk}/accept", note=note)

    assert said == [("error", "This note cannot be kept: write it as plain text of at most 2,000 characters.")]
    assert Cut.objects.get().accepted_at is None


def test_a_cut_that_matches_needs_no_acceptance(client: Client, session: Session) -> None:
    measured(session, band="matches", score=0.9)

    assert "/accept" not in cut_of(client, session)


def test_a_cut_that_was_not_accepted_cannot_be_taken_back(client: Client, session: Session) -> None:
    cut = measured(session, band="jump", score=0.2)

    assert press(client, session, f"cuts/{cut.pk}/withdraw") == [
        ("error", "This cut was not accepted: there is nothing to take back.")
    ]


# the other buttons


def test_the_cuts_of_a_scene_are_measured_on_demand(client: Client, session: Session) -> None:
    said = press(client, session, "cuts")
    again = press(client, session, "cuts")

    assert said == [("success", "One cut is being measured.")]
    assert again[-1] == ("error", "Every cut of this scene is measured or being measured.")
    assert Job.objects.filter(kind=JobKind.CUT).count() == 1


def test_a_fit_is_asked_for_and_refused_where_colours_are_wished(client: Client, session: Session) -> None:
    _, right = takes_of(session)

    said = press(client, session, f"takes/{right.pk}/grade")
    Shot.objects.filter(pk=right.shot_id).update(style_overrides={"colour": "own"})
    refused = press(client, session, f"takes/{right.pk}/grade")

    assert said == [("success", "A grade match is being fitted.")]
    assert refused[-1] == ("error", "You asked for other colours in this shot, so they are not matched to the scene.")
    assert Job.objects.get(kind=JobKind.GRADE).take == right


def test_a_grade_is_applied_and_taken_off(client: Client, session: Session) -> None:
    grade = with_grade(session)

    said = [press(client, session, f"grades/{grade.pk}/{way}")[-1] for way in ("apply", "remove", "remove")]

    grade.refresh_from_db()
    assert said == [
        ("success", "The grade is applied: preview and film use it, the clip itself stays as it is."),
        ("success", "The grade is taken off again."),
        ("error", "This grade is not applied: there is nothing to remove."),
    ]
    assert (grade.state, Job.objects.filter(kind=JobKind.PREVIEW).count()) == (GradeState.PROPOSED, 1)


def test_a_shot_is_locked_and_unlocked(client: Client, session: Session) -> None:
    shot = takes_of(session)[1].shot

    locked = press(client, session, f"shots/{shot.pk}/lock")
    refused = press(client, session, f"shots/{shot.pk}/generate")
    states = [Shot.objects.get(pk=shot.pk).locked]
    unlocked = press(client, session, f"shots/{shot.pk}/unlock")
    states.append(Shot.objects.get(pk=shot.pk).locked)

    assert locked == [("success", "The shot is locked: its take and its grade stay as they are.")]
    assert refused[-1] == ("error", "This shot is locked: unlock it to make another take.")
    assert (unlocked[-1], states) == (("success", "The shot is unlocked."), [True, False])


def test_a_shot_without_a_take_cannot_be_locked(client: Client, session: Session) -> None:
    shot = scene.ShotFactory(session=session)

    assert press(client, session, f"shots/{shot.pk}/lock") == [
        ("error", "This shot has no finished take yet: there is nothing to keep.")
    ]


def test_the_choice_is_given_back(client: Client, session: Session) -> None:
    shot = takes_of(session)[1].shot
    scene.DoneTakeFactory(shot=shot, number=2)
    way = f"shots/{shot.pk}/choose-best"
    offered = [button(session, way) in page_of(client, session)]
    Shot.objects.filter(pk=shot.pk).update(chosen_by=ChosenBy.PERSON)
    offered.append(button(session, way) in page_of(client, session))

    said = press(client, session, way)

    assert offered == [False, True]
    assert said == [("success", "From now on the best take of this shot is chosen, until you choose one.")]
    assert Shot.objects.get(pk=shot.pk).chosen_by == ChosenBy.AUTO


def test_the_clip_itself_is_asked_for_after_its_preview(client: Client, session: Session) -> None:
    shot = scene.ShotFactory(session=session)
    Continuity.objects.update(preview_model="animatic-text", default_model="animatic", default_mode=ShotMode.NONE)
    preview = scene.DoneTakeFactory(shot=shot, number=1, purpose=TakePurpose.PREVIEW, model="animatic-text")

    page = page_of(client, session)
    refused = press(client, session, f"takes/{preview.pk}/choose")
    said = press(client, session, f"shots/{shot.pk}/final")

    take = Take.objects.exclude(pk=preview.pk).get(shot=shot)
    assert [button(session, way) in page for way in (f"shots/{shot.pk}/final", f"takes/{preview.pk}/choose")] == [True, False]
    assert refused == [("error", "A preview is only there to be judged: make the clip itself, then choose that one.")]
    assert said[-1] == ("success", "Take 2 is asked for.")
    assert (take.purpose, take.model) == (TakePurpose.FINAL, "animatic")


def test_a_shot_is_started_from_an_earlier_one(client: Client, owner: Any) -> None:
    session = make_scene(owner, shots=3)
    first, second, third = Shot.objects.order_by("rank")
    page = page_of(client, session)

    said = press(client, session, f"shots/{third.pk}/bridge", source=first.pk)
    refused = press(client, session, f"shots/{first.pk}/bridge", source=second.pk)
    foreign = client.post(f"/session/{session.pk}/shots/{third.pk}/bridge", {"source": scene.ShotFactory().pk})

    assert [button(session, f"shots/{shot.pk}/bridge") in page for shot in (first, second, third)] == [False, False, True]
    assert said == [("success", "The next take of this shot starts from the one you chose.")]
    assert refused[-1] == ("error", "A shot can only start from an earlier shot of its scene: choose one before it.")
    assert (foreign.status_code, Shot.objects.get(pk=third.pk).bridge_from, Shot.objects.get(pk=first.pk).bridge_from) == (
        404,
        first,
        None,
    )
    assert f'<option value="{first.pk}" selected>shot 1</option>' in page_of(client, session)


def test_a_shot_is_made_the_new_anchor(client: Client, owner: Any) -> None:
    continuity, [_, second], opening = opened_scene(owner, shots=2)
    style = scene.StyleFactory(session=continuity.session, number=1, source_take=opening)
    Continuity.objects.update(base_style=style, base_style_source=BaseStyleSource.EXTRACTED)
    take = continued(second, opening.last_frame)
    refused = press(client, continuity.session, f"takes/{take.pk}/re-anchor")
    Take.objects.filter(pk=take.pk).update(measured=scene.ExtractionFactory(owner=owner))

    said = press(client, continuity.session, f"takes/{take.pk}/re-anchor")

    assert refused == [("error", "The look of this take is not measured yet: wait a moment, then try again.")]
    assert said[-1] == ("success", "Base style 2 is measured from this take; the shots to come follow it.")
    assert (Style.objects.get(number=2).origin, Continuity.objects.get().base_take) == ("re-anchor", take)


@pytest.mark.parametrize("way", ["cuts/{cut}/accept", "cuts/{cut}/withdraw", "grades/{grade}/apply", "takes/{take}/re-anchor"])
def test_a_button_leads_back_to_what_it_was_about(client: Client, session: Session, way: str) -> None:
    grade = with_grade(session)
    cut = Cut.objects.get()
    places = {"cuts": cut.pk, "grades": grade.take.shot_id, "takes": grade.take.shot_id}

    response = client.post(f"/session/{session.pk}/{way.format(cut=cut.pk, grade=grade.pk, take=grade.take_id)}")

    assert response["Location"] == f"/session/{session.pk}/continuity#{places[way.split('/')[0]]}"


def test_a_view_of_the_proxy_is_not_called_a_frame_that_was_brought_back(client, owner) -> None:
    continuity, [_, second], opening = opened_scene(owner, shots=2)
    proxies.set_proxy(session=continuity.session, reference=opening.last_frame, by=owner)
    second.camera = {"yaw": 0.05, "pitch": 0.0, "dolly": 0.25}
    continued(second, proxies.start_picture(second), mode=ShotMode.STYLE_MATCH)

    page = page_of(client, continuity.session)

    assert ("brought back" in page, "As it was rendered" in page) == (False, False)


def test_a_film_without_the_grade_is_older_than_the_grade(client, session) -> None:
    grade = with_grade(session)
    film = scene.AssetFactory(owner=session.owner, session=session, role="film", blob__duration_num=4, blob__duration_den=1)
    scene.ExportFactory(session=session, asset=film, options={"takes": [take.pk for take in takes_of(session)], "grades": {}})
    grades.apply(grade=grade, by=session.owner)

    assert "Make a new film" in page_of(client, session)


def test_a_preview_that_failed_does_not_say_that_it_is_being_rendered(client, session) -> None:
    grade = with_grade(session, state=GradeState.APPLIED)
    scene.DoneJobFactory(
        session=session,
        kind=JobKind.PREVIEW,
        subject_key=f"preview:{grade.pk}",
        state=JobState.FAILED,
        error_code="video_damaged",
        error_sentence="The clip is cut short.",
    )

    assert "Rendering the graded clip" not in cut_of(client, session)


def test_a_fit_that_failed_says_why(client, session) -> None:
    cut = measured(session, band="check", score=0.6, bridge_kind="bridged", ncc=0.99)
    scene.DoneJobFactory(
        session=session,
        kind=JobKind.GRADE,
        subject_key=f"grade:{cut.right_take_id}",
        state=JobState.FAILED,
        error_code="video_damaged",
        error_sentence="The clip is cut short.",
    )
    assert "The clip is cut short." in cut_of(client, session)
