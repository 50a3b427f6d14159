"""What belongs to a session, as answers: shots and what is stale, takes and their money, cuts, grades, the play list, jobs."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from continuity.cut_selectors import scene_cuts
from continuity.models import Continuity, Cut, Shot
from continuity.selectors import planned_seconds, shot_progress
from continuity.services import budgets, cuts
from continuity.vision.scene_score import METRIC
from sessions_app.api.v2 import dto, present
from sessions_app.metrics import continuity_metrics
from sessions_app.models import Session
from tests.answers import problems_of
from tests.factories.continuity import (
    AssetFactory,
    ChargeFactory,
    ContinuityFactory,
    CutFactory,
    DoneJobFactory,
    DoneTakeFactory,
    ExportFactory,
    ExtractionFactory,
    FrameFactory,
    GradeFactory,
    JobFactory,
    RunningJobFactory,
    ShotFactory,
    StillFactory,
    StyleTemplateFactory,
    TakeFactory,
    style_values,
)
from tests.factories.prompt import PromptFactory
from tests.factories.session import NOON, ApiTokenFactory, EditFactory, SessionFactory, ShareLinkFactory
from tests.large_scenes import large_scene

pytestmark = pytest.mark.django_db
NOON_TEXT = "2026-11-20T12:00:00.000Z"


@pytest.fixture
def session(owner: User) -> Session:
    session = SessionFactory(owner=owner)
    ContinuityFactory(session=session)
    return session


def chosen(shot: Shot, **columns: Any) -> Any:
    take = DoneTakeFactory(shot=shot, **columns)
    Shot.objects.filter(pk=shot.pk).update(chosen_take=take)
    return take


def bridged(session: Session, *, count: int = 2) -> list[Any]:
    """The chosen takes of so many shots, each started from the last frame of the one before."""
    takes: list[Any] = []
    for rank in range(1, count + 1):
        start = takes[-1].last_frame if takes else None
        takes.append(chosen(ShotFactory(session=session, rank=rank), mode="frame-bridge", input_frame=start))
    return takes


def stale(session: Session) -> list[bool]:
    """As the session, the list of shots, each shot alone and the pages say it: all the same."""
    told = [
        [shot["isStale"] for shot in present.session_dto(session.owner, session.pk)["continuity"]["shots"]],
        [shot["isStale"] for shot in present.shot_page(session, {})["items"]],
        [present.shot_dto(session, pk)["isStale"] for pk in Shot.objects.filter(session=session).values_list("pk", flat=True)],
    ]
    rows = shot_progress(session)
    cut_stale = [False, *(cut.is_stale for cut in scene_cuts(session, rows, Continuity.objects.get(session=session)).cuts)]
    assert [told[0], told[1], told[2]] == [cut_stale] * 3
    return told[0]


def test_a_shot_is_stale_once_the_shot_before_it_has_another_take(session: Session) -> None:
    first, _, _ = bridged(session, count=3)
    assert stale(session) == [False, False, False]

    chosen(first.shot)

    assert stale(session) == [False, True, False]


def test_a_shot_is_stale_as_to_the_shot_that_it_is_bridged_from(session: Session) -> None:
    first, _, third = bridged(session, count=3)
    Shot.objects.filter(pk=third.shot_id).update(bridge_from=first.shot)
    assert stale(session) == [False, False, True]

    Shot.objects.filter(pk=first.shot_id).update(deleted_at=NOON)

    assert stale(session) == [False, False]


def test_a_frame_that_was_brought_back_counts_as_the_one_it_came_from(session: Session) -> None:
    first = chosen(ShotFactory(session=session, rank=1))
    brought_back = FrameFactory(asset=StillFactory(owner=session.owner, parent=first.last_frame.image), index=0)
    first.last_frame.image.parent = first.video
    first.last_frame.image.save()
    chosen(ShotFactory(session=session, rank=2), mode="frame-bridge", input_frame=brought_back)
    assert stale(session) == [False, False]

    chosen(first.shot)

    assert stale(session) == [False, True]


@pytest.mark.parametrize("columns", [{"mode": "none"}, {"input_frame": None}], ids=["another mode", "no start frame"])
def test_what_did_not_start_from_a_bridge_is_never_stale(session: Session, columns: dict) -> None:
    first = chosen(ShotFactory(session=session, rank=1))
    chosen(ShotFactory(session=session, rank=2), **{"mode": "frame-bridge", "input_frame": first.last_frame, **columns})

    chosen(first.shot)

    assert stale(session) == [False, False]


@pytest.mark.parametrize("count", [1, 10, 1000])
def test_one_shot_and_a_page_of_shots_cost_the_same_however_many_there_are(owner: User, count: int) -> None:
    session = large_scene(owner, shots=count)
    last = Shot.objects.filter(session=session).order_by("-rank")[0].pk

    with CaptureQueriesContext(connection) as one:
        shot = present.shot_dto(session, last)
    with CaptureQueriesContext(connection) as page:
        present.shot_page(session, {"limit": 5})

    assert (len(one), len(page), shot["sequenceIndex"]) == (3, 4, count - 1)


def test_a_page_of_shots_goes_on_where_the_last_one_ended(owner: User) -> None:
    session = large_scene(owner, shots=5)
    whole = present.shot_page(session, {})["items"]

    first = present.shot_page(session, {"limit": 3})
    second = present.shot_page(session, {"limit": 3, "cursor": first["next"].partition("cursor=")[2]})

    assert first["items"] + second["items"] == whole
    assert [shot["sequenceIndex"] for shot in whole] == [0, 1, 2, 3, 4]
    assert first["next"].startswith(f"/api/v2/sessions/{session.pk}/shots?limit=3&cursor=")
    assert (first["previous"], second["next"]) == (None, None)


def test_a_take_is_told_with_its_money(session: Session) -> None:
    take = chosen(ShotFactory(session=session), seed=3, params={"seconds": 4}, retry_reason="too dark")
    job = DoneJobFactory(kind="generate", session=session, shot=take.shot, take=take)
    for spent in (100_000, 120_000):
        paid = DoneJobFactory(kind="cut", session=session, take=take)
        ChargeFactory(job=paid, take=take, settled_micros=spent, released_micros=50_000, overrun_micros=0)

    shown = present.take_dto(session, take.pk)

    def money(amount: str) -> dict[str, str]:
        return {"amount": amount, "currency": "USD"}

    assert problems_of(shown, dto.TakeDto) == []
    assert shown["cost"] == {
        "estimate": money("0.400000"),
        "held": money("0.280000"),
        "spent": money("0.220000"),
        "overrun": money("0.000000"),
    }
    told = ("isChosen", "seed", "jobId", "retryReason", "retryChange", "error", "createdAt")
    assert [shown[name] for name in told] == [True, 3, job.pk, "too dark", None, None, NOON_TEXT]
    assert (shown["video"]["id"], shown["lastFrame"]["index"]) == (take.video_id, 95)


def test_a_failed_take_says_why_and_nothing_of_money_where_there_was_none(session: Session) -> None:
    take = TakeFactory(shot=ShotFactory(session=session), state="failed", error_code="filtered", error_sentence="Say it milder.")

    shown = present.take_dto(session, take.pk)

    assert problems_of(shown, dto.TakeDto) == []
    assert (shown["error"], shown["cost"], shown["isChosen"], shown["video"]) == (
        {"code": "filtered", "sentence": "Say it milder."},
        None,
        False,
        None,
    )


def test_a_take_of_another_session_is_not_there(session: Session) -> None:
    with pytest.raises(Http404):
        present.take_dto(session, DoneTakeFactory().pk)


@pytest.mark.parametrize("count", [1, 3])
def test_takes_are_listed_newest_first_with_one_query(session: Session, count: int) -> None:
    shot = ShotFactory(session=session)
    takes = [DoneTakeFactory(shot=shot, number=number) for number in range(1, count + 1)]

    with CaptureQueriesContext(connection) as queries:
        shown = present.take_page(session, shot, {})

    assert ([take["id"] for take in shown["items"]], len(queries)) == ([take.pk for take in reversed(takes)], 1)


@pytest.mark.parametrize("count", [1, 3, 30])
def test_cuts_are_read_with_four_queries(owner: User, count: int) -> None:
    session = large_scene(owner, shots=count)

    with CaptureQueriesContext(connection) as queries:
        shown = present.cut_list(session)

    assert (len(shown["items"]), len(queries)) == (count - 1, 4)
    assert problems_of(shown["items"], list[dto.CutDto]) == []


def test_what_stands_between_two_shots_is_what_the_page_says(session: Session) -> None:
    """Row by row: stale, matches, measuring, not measured, no clip."""
    takes = bridged(session, count=5)
    ShotFactory(session=session, rank=9)
    Continuity.objects.filter(session=session).update(gate_enabled=True)
    chosen(takes[0].shot)
    pair = {"session": session, "metric": METRIC, "band": "jump", "score": 0.2}
    CutFactory(left_take=takes[1], right_take=takes[2], **pair)
    JobFactory(kind="cut", session=session, subject_key=cuts.subject(takes[2], takes[3]))
    JobFactory(kind="cut", session=session, subject_key=cuts.subject(takes[0], takes[4]))

    shown = present.cut_list(session)["items"]

    rows = shot_progress(session)
    pages = scene_cuts(session, rows, Continuity.objects.get(session=session)).cuts
    words = [page.word.lower().replace(" ", "-") for page in pages]
    assert [cut["status"] for cut in shown] == words == ["stale", "jump", "measuring", "not-measured", "no-clip"]
    assert [cut["jobId"] is not None for cut in shown] == [page.job is not None for page in pages]
    assert [cut["gate"] and cut["gate"]["sentence"] for cut in shown] == [
        page.verdict.sentence if page.verdict else None for page in pages
    ]
    assert problems_of(shown, list[dto.CutDto]) == []


def test_a_cut_is_told_whole(session: Session, owner: User) -> None:
    left, right = bridged(session)
    finding = {"code": "darker", "amount": 0.5, "unit": "stop", "isCertain": True, "detail": {}}
    says = {"code": "model-says", "amount": None, "unit": None, "isCertain": False, "detail": {"text": "The coat is blue."}}
    cut = CutFactory(
        session=session,
        left_take=left,
        right_take=right,
        metric=METRIC,
        band="matches",
        findings=[finding, says],
        not_measured=[{"key": "parts.grain", "reason": "The clip is too small."}],
        bridge_kind="bridged",
        ncc=0.998,
        accepted_by=owner,
        accepted_at=NOON,
        accepted_note="as it is",
    )

    shown = present.cut_dto(session, cut)

    assert problems_of(shown, dto.CutDto) == []
    told = ("id", "leftShotId", "rightShotId", "leftTakeId", "rightTakeId", "status", "score", "band", "bridgeKind", "ncc")
    assert [shown[name] for name in told] == [
        *(cut.pk, left.shot_id, right.shot_id, left.pk, right.pk),
        *("matches", 0.8, "matches", "bridged", 0.998),
    ]
    assert shown["accepted"] == {"userId": str(owner.pk), "at": NOON_TEXT, "note": "as it is"}
    assert shown["findings"][0] == {"code": "darker", "amount": 0.5, "unit": "stop", "isCertain": True}
    assert shown["sentences"][-1] == "The coat is blue."
    assert shown["notMeasured"] == [{"key": "parts.grain", "reason": "The clip is too small."}]


def test_a_cut_says_of_words_what_the_page_says(session: Session) -> None:
    takes = []
    for mood in ("calm", "tense"):
        values = style_values()
        values["atmosphere"]["mood"] = {"value": mood, "source": "model", "confidence": 0.9, "origin": "x"}
        said = ExtractionFactory(owner=session.owner, values=values, extractor=f"pixels@1+words-{mood}")
        takes.append(chosen(ShotFactory(session=session), measured=said))
    CutFactory(session=session, left_take=takes[0], right_take=takes[1], metric=METRIC, band="check")

    [cut] = present.cut_list(session)["items"]

    [page] = scene_cuts(session, shot_progress(session), Continuity.objects.get(session=session)).cuts
    assert page.words is not None
    assert cut["sentences"] == list(page.findings)
    assert [issue.sentence for issue in page.words.issues] == cut["sentences"][-len(page.words.issues) :] != []
    assert [(row["key"], row["reason"]) for row in cut["notMeasured"]] == list(page.not_measured)


def test_where_a_clip_is_missing_no_cut_is_stale(session: Session) -> None:
    left, right = ShotFactory(session=session), ShotFactory(session=session)
    old = DoneTakeFactory(shot=left)
    chosen(right, mode="frame-bridge", input_frame=old.last_frame)

    [cut] = present.cut_list(session)["items"]

    [page] = scene_cuts(session, shot_progress(session), Continuity.objects.get(session=session)).cuts
    assert (cut["status"], cut["isStale"], page.is_stale) == ("no-clip", False, False)


def test_a_measurement_between_which_no_cut_lies_is_not_there(session: Session) -> None:
    first, _, third = bridged(session, count=3)
    cut = CutFactory(session=session, left_take=first, right_take=third, metric=METRIC)

    with pytest.raises(Http404):
        present.cut_dto(session, cut)


@pytest.mark.parametrize("count", [1, 3])
def test_the_drift_of_a_scene_costs_the_same_however_many_shots_it_has(owner: User, count: int) -> None:
    session = large_scene(owner, shots=count)

    with CaptureQueriesContext(connection) as queries:
        shown = present.drift_dto(session)

    assert (len(shown["points"]), len(queries)) == (count, 7)
    assert problems_of(shown, dto.DriftDto) == []
    assert [point["chainLength"] for point in shown["points"]] == list(range(count))


def test_a_play_list_holds_clips_graded_clips_and_slates_end_to_end(session: Session) -> None:
    first, second = bridged(session)
    for take, length in ((first, (1001, 240)), (second, (5, 2))):
        blob = take.video.blob
        blob.duration_num, blob.duration_den = length
        blob.save()
    grade = GradeFactory(take=second, state="applied")
    graded = AssetFactory(owner=session.owner, parent=second.video, role="preview", recipe_sha256=grade.lut.blob_id)
    slate = ShotFactory(session=session, rank=9, params={"seconds": 2.5}, user_prompt="The gulls.")

    with CaptureQueriesContext(connection) as queries:
        shown = present.playlist_dto(session)

    assert len(queries) == 3
    assert problems_of(shown, dto.PlaylistDto) == []
    told = ("kind", "url", "isGraded", "start", "duration", "durationSeconds")
    assert [[item[name] for name in told] for item in shown["items"]] == [
        ["clip", f"/media/{first.video_id}/original", False, {"num": 0, "den": 1}, {"num": 1001, "den": 240}, 1001 / 240],
        ["clip", f"/media/{graded.pk}/original", True, {"num": 1001, "den": 240}, {"num": 5, "den": 2}, 2.5],
        ["slate", None, False, {"num": 1601, "den": 240}, {"num": 5, "den": 2}, 2.5],
    ]
    assert (shown["items"][2]["shotId"], shown["items"][2]["title"]) == (slate.pk, "The gulls.")
    assert (shown["duration"], shown["isComplete"]) == ({"num": 2201, "den": 240}, False)


@pytest.mark.parametrize("seconds", ["four", None, -1, float("inf"), 10**400], ids=["text", "null", "less", "infinite", "huge"])
def test_a_length_that_cannot_be_read_is_planned_as_the_default(seconds: Any) -> None:
    assert planned_seconds({"seconds": seconds}, model="animatic") == 4


def test_a_grade_names_its_rendered_clip_once_it_is_there(session: Session) -> None:
    grade = GradeFactory(take=chosen(ShotFactory(session=session)), delta_e_before=4.0, delta_e_after=0.5)
    AssetFactory(parent=grade.take.video, role="preview", recipe_sha256="of another grade")
    assert present.grade_dto(grade)["previewUrl"] is None

    asset = AssetFactory(parent=grade.take.video, role="preview", recipe_sha256=grade.lut.blob_id)

    shown = present.grade_dto(grade)
    assert problems_of(shown, dto.GradeDto) == []
    assert (shown["previewUrl"], shown["lutUrl"]) == (f"/media/{asset.pk}/original", f"/media/{grade.lut_id}/original")
    assert present.grade_page(grade.take, {})["items"] == [shown]


def test_a_job_says_how_far_it_is_and_where_what_it_works_on_is(session: Session) -> None:
    take = TakeFactory(shot=ShotFactory(session=session))
    job = RunningJobFactory(kind="generate", session=session, shot=take.shot, take=take, progress=0.5, progress_note="half")
    ChargeFactory(job=job, take=take)

    (shown,) = present.job_page(session.owner, {})["items"]

    assert problems_of(shown, dto.JobDto) == []
    told = ("id", "state", "isLive", "progress", "progressNote", "waitingReason", "error")
    assert [shown[name] for name in told] == [job.pk, "running", True, 0.5, "half", None, None]
    assert shown["cost"]["held"] == {"amount": "0.300000", "currency": "USD"}
    assert shown["links"] == {
        "self": f"/api/v2/jobs/{job.pk}",
        "session": f"/api/v2/sessions/{session.pk}",
        "shot": f"/api/v2/sessions/{session.pk}/shots/{take.shot_id}",
        "take": f"/api/v2/sessions/{session.pk}/takes/{take.pk}",
    }
    assert present.job_of_take(take) == shown
    assert present.jobs_of_takes([take])["items"] == [shown]


def test_a_blocked_job_says_what_it_waits_for_and_a_started_one_no_more(session: Session) -> None:
    first = JobFactory(session=session)
    waiting = JobFactory(session=session, state="waiting", waits_for=first, wait_reason="Waiting for the previous shot")
    RunningJobFactory(session=session, waits_for=first, wait_reason="Waiting for the previous shot")

    told = {job["id"]: (job["waitingReason"], job["waitsForJobId"]) for job in present.job_page(session.owner, {})["items"]}

    assert told[waiting.pk] == ("Waiting for the previous shot", first.pk)
    assert list(told.values()).count((None, None)) == 2


def test_jobs_are_ones_own_of_what_is_there_filtered_in_one_query(session: Session, stranger: User) -> None:
    live, over = JobFactory(session=session), DoneJobFactory(session=session)
    gone = JobFactory(session=SessionFactory(owner=session.owner, deleted_at=NOON))
    measured = JobFactory(session=None, by=session.owner, kind="extract")
    other = JobFactory(session=SessionFactory(owner=session.owner))

    def ids(**query: Any) -> set[str]:
        with CaptureQueriesContext(connection) as queries:
            found = {job["id"] for job in present.job_page(session.owner, query)["items"]}
        assert len(queries) == 1
        return found

    assert ids() == {live.pk, over.pk, measured.pk, other.pk}
    assert ids(live=True) == {live.pk, measured.pk, other.pk}
    assert ids(live=False, session_id=session.pk) == {over.pk}
    assert present.job_page(stranger, {})["items"] == []
    assert gone.pk not in ids()


def test_who_asks_sees_what_is_left_of_the_month(owner: User, session: Session, settings: Any) -> None:
    settings.SPEND_LIMIT_USER_MONTH_MICROS = 20_000_000
    now = timezone.now()
    token = ApiTokenFactory(user=owner, scopes=["spend", "read"])
    RunningJobFactory(session=session)
    ChargeFactory(job=JobFactory(session=session), reserved_micros=300_000)
    budgets.reserve(session=session, micros=300_000, at=now)
    settings.SPEND_LIMIT_USER_MONTH_MICROS = 15_000_000  # they rule over what the row has

    shown = present.me_dto(owner, token)

    assert problems_of(shown, dto.MeDto) == []
    amounts = {name: money and money["amount"] for name, money in shown["budget"].items() if name != "month"}
    assert amounts == {"limit": "15.000000", "reserved": "0.300000", "spent": "0.000000", "left": "14.700000"}
    assert (shown["budget"]["month"], shown["scopes"]) == (f"{now:%Y-%m}", ["read", "spend"])
    assert (shown["limits"]["jobsRunning"], shown["throttles"]["read"]) == (1, settings.THROTTLES["read"])
    assert present.me_dto(owner, None)["scopes"] == ["read", "write", "spend"]


def test_without_a_limit_nothing_is_said_to_be_left(owner: User, settings: Any) -> None:
    settings.SPEND_LIMIT_USER_MONTH_MICROS = None

    budget = present.me_dto(owner, None)["budget"]

    assert (budget["limit"], budget["left"]) == (None, None)


def test_models_are_told_with_what_they_can_do_and_what_stands_in_their_way(settings: Any) -> None:
    settings.PROVIDERS = {**settings.PROVIDERS, "ltx": {**settings.PROVIDERS["ltx"], "api_key": ""}}

    shown = {model["id"]: model for model in present.model_list()["items"]}

    assert problems_of(list(shown.values()), list[dto.ModelDto]) == []
    free, paid = shown["animatic"], shown["ltx-2-3-fast"]
    assert (free["isAvailable"], free["missing"], free["prices"][0]["perSecond"]["amount"]) == (True, "", "0.000000")
    assert (paid["isAvailable"], "LTX_API_KEY" in paid["missing"]) == (False, True)
    assert present.model_dto_or_404("animatic") == free
    with pytest.raises(Http404):
        present.model_dto_or_404("none such")


def test_the_film_is_told_with_what_is_being_made(session: Session) -> None:
    bridged(session)
    assert present.film_dto(session) == {"asset": None, "isCurrent": False, "job": None, "error": ""}
    film = AssetFactory(owner=session.owner, role="film")
    ExportFactory(session=session, asset=film)
    job = JobFactory(kind="film", session=session)

    shown = present.film_dto(session)

    assert problems_of(shown, dto.FilmDto) == []
    assert (shown["asset"]["id"], shown["asset"]["posterUrl"], shown["job"]["id"]) == (film.pk, None, job.pk)


def test_a_shared_session_shows_no_owner_and_no_id_but_those_of_its_files(session: Session) -> None:
    PromptFactory(session=session)
    take, _ = bridged(session)
    ShotFactory(session=session, rank=9)
    whole, words = ShareLinkFactory(session=session), ShareLinkFactory(session=session, scope="prompt")

    shown, less = present.shared_session_dto(whole), present.shared_session_dto(words)

    assert problems_of([shown, less], list[dto.SharedSessionDto]) == []
    assert [shot["posterUrl"] is None for shot in shown["shots"]] == [False, False, True]
    assert shown["shots"][0]["posterUrl"] == f"/share/{whole.token}/media/{take.video_id}/poster"
    assert "shots" not in less
    assert less["prompt"]["input"] == session.prompt.input
    told = str(shown) + str(less)
    assert [text in told for text in (session.pk, session.owner.username, take.shot_id)] == [False] * 3


def test_links_tokens_templates_edits_and_files_are_told_by_their_kinds(session: Session, owner: User) -> None:
    ShareLinkFactory(session=session, revoked_at=NOON)
    link = ShareLinkFactory(session=session)
    token = ApiTokenFactory(user=owner)
    StyleTemplateFactory(owner=owner)
    EditFactory(session=session, verb="shot.move")
    still = StillFactory(owner=owner)
    frame = FrameFactory(asset=still, index=0)

    links = present.share_link_page(session, {})["items"]
    assert problems_of(links, list[dto.ShareLinkDto]) == []
    assert {row["id"]: row["isValid"] for row in links}[link.pk] is True
    assert [row["isValid"] for row in links].count(False) == 1
    assert problems_of(present.token_page(owner, {})["items"], list[dto.TokenDto]) == []
    assert problems_of(present.new_token_dto(token, "tl_secret"), dto.NewTokenDto) == []
    assert problems_of(present.template_page(owner, {})["items"], list[dto.StyleTemplateDto]) == []
    assert problems_of(present.edit_list(session)["items"], list[dto.EditDto]) == []
    assert problems_of(present.asset_page(owner, {})["items"], list[dto.AssetDto]) == []
    upload = present.upload_dto(still)
    assert problems_of(upload, dto.UploadDto) == []
    assert upload["frame"] == present.frame_dto(frame)
    assert problems_of(present.links_dto(), dto.LinksDto) == []
    assert problems_of(present.metrics_dto(continuity_metrics()), dto.MetricsDto) == []


def test_a_secret_is_told_once_and_never_its_hash(owner: User) -> None:
    token = ApiTokenFactory(user=owner)

    listed = present.token_page(owner, {})["items"]

    assert token.hash not in str(listed)
    assert "secret" not in listed[0]
    assert present.new_token_dto(token, "tl_secret")["secret"] == "tl_secret"


def test_the_whole_session_is_what_its_kind_says(owner: User) -> None:
    session = large_scene(owner, shots=3)

    plain = present.session_dto(owner, session.pk)
    whole = present.session_dto(owner, session.pk, expand={"takes", "style", "styles", "versions", "cuts"})

    assert problems_of([plain, whole], list[dto.SessionDto]) == []
    assert Cut.objects.filter(session=session).count() == 2
