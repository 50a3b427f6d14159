"""The verbs on shots and takes: what they write, and everything that they refuse without a trace."""

from typing import Any

import pytest

from continuity.enums import JobState
from continuity.jobs import failures, queue
from continuity.jobs.lease import move, take_over
from continuity.models import Asset, Budget, Charge, Job, LedgerEntry, Shot, Take
from continuity.models.scene import RANK_STEP
from continuity.services import shots, shots_edit
from continuity.services.errors import Refused
from continuity.video.errors import NotAVideo
from sessions_app.models import AuditEvent
from tests.engine import LTX, LTX_PRICE, job_of, ledger_of, scene, settle
from tests.factories.continuity import DoneTakeFactory, FrameFactory, TakeFactory
from tests.factories.session import NOON

pytestmark = pytest.mark.django_db


def written() -> list[int]:
    """How many rows there are of everything that a request writes."""
    rows = [Take, Job, Charge, LedgerEntry, Budget, AuditEvent, Asset]
    return [model.objects.count() for model in rows] + [queue.unanswered_bells()]


def refused(shot: Shot, by) -> Refused:
    """The refusal of a request, which leaves nothing behind."""
    before, session = written(), (shot.session.version, shot.session.revision)
    with pytest.raises(Refused) as refusal:
        shots.request_generation(shot=shot, by=by)
    shot.session.refresh_from_db()
    assert (written(), (shot.session.version, shot.session.revision)) == (before, session)
    return refusal.value


def change(shot: Shot, **columns: Any) -> Shot:
    Shot.objects.filter(pk=shot.pk).update(**columns)
    return shot


# asking


def test_a_request_writes_take_job_money_and_bell(owner, vendor) -> None:
    session, [shot] = scene(owner, "A red door in the rain", model=LTX)
    version, revision = _counts(session)

    take = shots.request_generation(shot=shot, by=owner)

    job = job_of(take)
    assert (take.number, take.state, take.requested_by, take.purpose) == (1, "requested", owner, "final")
    assert (take.user_prompt, take.mode, take.model, take.provider) == ("A red door in the rain", "frame-bridge", LTX, "ltx")
    assert take.params == {"seconds": 6.0, "fps": 24, "audio": False, "size": "1920x1080"}
    assert (job.state, job.step, job.by, job.session, job.shot) == ("queued", "prepare", owner, session, shot)
    assert (job.charge.reserved_micros, job.charge.payer, job.charge.price_version) == (LTX_PRICE, owner, "2026-10-07")
    assert queue.unanswered_bells() == 1
    assert AuditEvent.objects.filter(action="take.request", object_id=take.pk, actor=owner).count() == 1
    assert _counts(session) == (version, revision + 1)


def _counts(session) -> tuple[int, int]:
    session.refresh_from_db()
    return session.version, session.revision


def test_while_a_take_is_made_everybody_gets_that_one(owner, vendor) -> None:
    _, [shot] = scene(owner, model=LTX)
    first = shots.request_generation(shot=shot, by=owner)
    before = written()

    assert shots.request_generation(shot=shot, by=owner) == first
    assert written() == before


def test_a_take_without_a_seed_gets_one_of_its_own(owner) -> None:
    _, made = scene(owner, "One", "Two", default_mode="none")
    change(made[0], seed=7)

    takes = [shots.request_generation(shot=shot, by=owner) for shot in made]

    assert takes[0].seed == 7
    assert 0 <= takes[1].seed < 2**31


def test_a_take_of_a_model_without_a_seed_has_none(owner, vendor) -> None:
    _, [shot] = scene(owner, model=LTX)

    assert shots.request_generation(shot=change(shot, seed=7), by=owner).seed is None


def test_a_take_is_asked_for_like_the_scenes_first_clip(owner, clip) -> None:
    _, [_, shot] = scene(owner, "One", "Two", clip=clip)

    take = shots.request_generation(shot=change(shot, params={"seconds": 2}), by=owner)

    assert take.params == {"seconds": 2.0, "fps": 24, "audio": False, "size": "160x90"}


# what is refused


def test_a_model_that_nobody_knows_is_refused_by_name(owner) -> None:
    _, [shot] = scene(owner)

    refusal = refused(change(shot, model="sora-9"), owner)

    assert refusal.code == "provider_invalid_request"
    assert str(refusal) == "There is no model “sora-9”: choose one of animatic, animatic-text, ltx-2-3-fast, ltx-2-3-pro."


def test_a_model_without_a_start_image_is_refused_and_the_able_ones_are_named(owner) -> None:
    _, [shot] = scene(owner, model="animatic-text")

    refusal = refused(shot, owner)

    assert refusal.code == "mode_unsupported"
    assert str(refusal) == "animatic-text cannot do frame-bridge: choose one of animatic, ltx-2-3-fast, ltx-2-3-pro."


def test_a_model_without_a_start_image_is_welcome_where_none_is_needed(owner) -> None:
    _, [shot] = scene(owner, model="animatic-text", generation_mode="standard")

    assert shots.request_generation(shot=change(shot, params={}), by=owner).mode == "none"


def test_native_is_refused_while_no_model_can(owner) -> None:
    _, [shot] = scene(owner)

    assert str(refused(change(shot, mode="native"), owner)) == (
        "animatic cannot do native: no model in the table can; choose another mode."
    )


def test_a_bridge_from_nothing_is_refused(owner) -> None:
    _, [_, second] = scene(owner, "One", "Two")

    refusal = refused(second, owner)

    assert refusal.code == "bridge_missing"
    assert str(refusal) == (
        "Shot 1 has no finished clip and none is being made: generate it first, or turn the frame bridge off."
    )


def test_a_bridge_from_a_failed_take_is_refused(owner) -> None:
    _, [first, second] = scene(owner, "One", "Two")
    TakeFactory(shot=first, state="failed", error_code="remote_failed")

    assert refused(second, owner).code == "bridge_missing"


def test_style_match_without_a_picture_of_the_scene_is_refused(owner) -> None:
    _, [_, second] = scene(owner, "One", "Two")

    assert refused(change(second, mode="style-match"), owner).code == "style_reference_missing"


def test_the_first_shot_of_a_style_match_scene_is_made_from_its_prompt(owner) -> None:
    session, [shot] = scene(owner, default_mode="style-match")

    take = shots.request_generation(shot=shot, by=owner)
    settle(session)

    take.refresh_from_db()
    session.continuity.refresh_from_db()
    assert (take.state, take.mode, take.input_frame, take.references.count()) == ("done", "style-match", None, 0)
    assert session.continuity.primary_reference.asset == take.video


@pytest.mark.parametrize("length", [5001, 1_048_576])
def test_a_prompt_longer_than_the_model_reads_is_refused(owner, length: int) -> None:
    _, [shot] = scene(owner)

    assert refused(change(shot, user_prompt="x" * length), owner).code == "prompt_too_long"


@pytest.mark.parametrize("prompt", ["a\x00b", "\ud800"])
def test_a_prompt_that_no_database_takes_makes_no_shot(owner, prompt: str) -> None:
    session, _ = scene(owner)

    with pytest.raises(Refused) as refusal:
        shots_edit.add_shot(session=session, user_prompt=prompt, by=owner)

    assert (refusal.value.code, Shot.objects.count()) == ("prompt_invalid", 1)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"size": "123x456"}, "does not make 123x456: choose one of 1280x720"),
        ({"size": "wide"}, "The size “wide” is not one: write it as 1280x720."),
        ({"size": "9" * 5000 + "x1"}, "is not one"),
        ({"size": "-640x360"}, "is not one"),
        ({"size": "٦٤٠x٣٦٠"}, "is not one"),
        ({"size": None}, "The size “None” is not one"),
        ({"size": [640, 360]}, "is not one"),
        ({"seconds": 0}, "makes clips of 0.5 to 30 seconds, not 0"),
        ({"seconds": -4}, "not -4"),
        ({"seconds": 31}, "not 31"),
        ({"seconds": "nan"}, "not nan"),
        ({"seconds": "Infinity"}, "not inf"),
        ({"seconds": "four"}, "“four” is no length"),
        ({"seconds": None}, "“None” is no length"),
        ({"seconds": [4]}, "“[4]” is no length"),
        ({"seconds": 10**400}, "is no length"),
        ({"fps": 23}, "does not make 23 frames per second"),
        ({"fps": "24"}, "does not make 24 frames per second"),
        ({"fps": None}, "does not make None frames per second"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_size_length_or_rate_that_the_model_does_not_make_is_refused(owner, params: dict, words: str) -> None:
    _, [shot] = scene(owner)

    refusal = refused(change(shot, params={"size": "640x360"} | params), owner)

    assert refusal.code == "provider_invalid_request"
    assert words in str(refusal)


def test_a_missing_key_is_named(owner, settings) -> None:
    settings.PROVIDERS = settings.PROVIDERS | {"ltx": {"api_key": "", "base_url": "https://api.ltx.video"}}
    _, [shot] = scene(owner, model=LTX)

    refusal = refused(shot, owner)

    assert (refusal.code, "LTX_API_KEY" in str(refusal)) == ("provider_auth", True)


def test_more_money_than_there_is_is_refused(owner, vendor, settings) -> None:
    settings.SPEND_LIMIT_USER_MONTH_MICROS = LTX_PRICE - 1
    _, [shot] = scene(owner, model=LTX)

    refusal = refused(shot, owner)

    assert refusal.code == "budget_exceeded"
    assert str(refusal).startswith("This clip may cost $0.36, but your budget of this month has $0.359999 left")


# again


def test_a_retry_is_a_new_take_and_the_old_one_stays_as_it_is(owner, vendor) -> None:
    session, [shot] = scene(owner, "A red door", model=LTX)
    vendor.script(submit={"do": "answer", "status": 422, "type": "content_filtered_error", "times": 1}, polls=0)
    old = shots.request_generation(shot=shot, by=owner)
    settle(session)
    before = Take.objects.filter(pk=old.pk).values().get()
    change(shot, user_prompt="A green door")

    take = shots.retry(take=old, by=owner, reason="without red")

    assert (take.number, take.retry_of, take.retry_reason, take.user_prompt) == (2, old, "without red", "A green door")
    assert (before["state"], Take.objects.filter(pk=old.pk).values().get()) == ("failed", before)
    assert job_of(take).pk != job_of(old).pk


def test_a_take_that_is_not_loved_may_be_retried(owner) -> None:
    _, [shot] = scene(owner)
    old = DoneTakeFactory(shot=shot)

    take = shots.retry(take=old, by=owner, reason="x" * 600)

    assert (take.retry_of, take.retry_reason) == (old, "x" * 500)


# choosing


def test_a_persons_choice_is_written_as_one(owner) -> None:
    _, [shot] = scene(owner)
    first, second = DoneTakeFactory(shot=shot), DoneTakeFactory(shot=shot)
    change(shot, chosen_take=first)

    shots.choose_take(shot=shot, take=second, by=owner)

    shot.refresh_from_db()
    assert (shot.chosen_take, shot.chosen_by, shot.version) == (second, "person", 2)
    assert AuditEvent.objects.filter(action="take.choose", object_id=shot.pk, actor=owner).count() == 1
    assert Job.objects.get(kind="style").take == second


@pytest.mark.parametrize("state", ["requested", "generating", "failed", "cancelled"])
def test_a_take_that_is_not_finished_cannot_be_chosen(owner, state: str) -> None:
    _, [shot] = scene(owner)
    take = TakeFactory(shot=shot, state=state, error_code="x")

    with pytest.raises(Refused) as refusal:
        shots.choose_take(shot=shot, take=take, by=owner)

    assert (refusal.value.code, Shot.objects.get().chosen_take) == ("take_not_choosable", None)


def test_another_shots_take_cannot_be_chosen(owner) -> None:
    _, [one, two] = scene(owner, "One", "Two")
    take = DoneTakeFactory(shot=two)

    with pytest.raises(Refused) as refusal:
        shots.choose_take(shot=one, take=take, by=owner)

    assert refusal.value.code == "take_not_choosable"


# deciding and its trace


def die(*args: Any, **kwargs: Any) -> None:
    raise SystemExit


DECISIONS = {
    "attach_remote_id": lambda take, by: shots.attach_remote_id(take=take, remote_id="2x/gen-1", by=by),
    "not_made": lambda take, by: shots.not_made(take=take, by=by),
    "give_up": lambda take, by: shots.give_up(take=take, by=by),
}


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_decision_that_leaves_no_trace_is_not_taken(owner, vendor, monkeypatch, decision: str) -> None:
    _, [shot] = scene(owner, model=LTX)
    take = shots.request_generation(shot=shot, by=owner)
    job = job_of(take)
    take_over(job, owner="worker")
    Take.objects.update(request_sha256="0" * 64)
    failures.become_unknown(job, "Its answer was lost.")
    monkeypatch.setattr(shots, "_require_at_vendor", lambda job, remote_id: None)
    Job.objects.update(submit_intent_at=NOON)
    monkeypatch.setattr(type(shot.session), "record", die)
    before = written(), ledger_of(take)

    with pytest.raises(SystemExit):
        DECISIONS[decision](take, owner)

    take.refresh_from_db()
    assert (take.state, job_of(take).state, (written(), ledger_of(take))) == ("unknown", "unknown", before)


@pytest.mark.parametrize("at_work", [False, True])
def test_a_cancel_that_leaves_no_trace_did_not_happen(owner, monkeypatch, at_work: bool) -> None:
    _, [shot] = scene(owner)
    take = shots.request_generation(shot=shot, by=owner)
    if at_work:
        take_over(job_of(take), owner="worker")
    state = job_of(take).state
    monkeypatch.setattr(type(shot.session), "record", die)

    with pytest.raises(SystemExit):
        shots.cancel(take=take, by=owner)

    assert (job_of(take).state, job_of(take).cancel_requested_at, job_of(take).charge.state) == (state, None, "open")


# cancelling that meets a worker


def test_a_cancel_that_a_worker_overtakes_is_left_to_the_worker(owner, monkeypatch) -> None:
    _, [shot] = scene(owner)
    take = shots.request_generation(shot=shot, by=owner)
    end, rings = shots.cancelled, queue.unanswered_bells()

    def too_late(job: Job, **columns: Any) -> None:
        take_over(Job.objects.get(pk=job.pk), owner="worker")
        end(job, **columns)

    monkeypatch.setattr(shots, "cancelled", too_late)

    shots.cancel(take=take, by=owner)

    job = job_of(take)
    assert (job.state, job.cancel_requested_at is not None, queue.unanswered_bells()) == ("running", True, rings + 1)
    move(job, JobState.QUEUED)


def test_an_uploaded_take_has_nothing_to_cancel(owner, clip) -> None:
    _, [shot] = scene(owner, clip=clip)

    with pytest.raises(Refused) as refusal:
        shots.cancel(take=Take.objects.get(shot=shot), by=owner)

    assert refusal.value.code == "not_cancellable"


# adding


def test_shots_are_added_at_the_end_with_room_between_them(owner) -> None:
    session, made = scene(owner, "One", "Two")

    third = shots_edit.add_shot(session=session, user_prompt="Three", by=owner, mode="none", seed=3)

    assert [shot.rank for shot in [*made, third]] == [RANK_STEP, 2 * RANK_STEP, 3 * RANK_STEP]
    assert (third.mode, third.seed, third.version) == ("none", 3, 1)
    assert AuditEvent.objects.filter(action="shot.add", object_id=third.pk, actor=owner).count() == 1


def test_a_shot_has_no_other_columns_to_set(owner) -> None:
    session, _ = scene(owner)

    with pytest.raises(TypeError, match="A shot has no chosen_take, rank"):
        shots_edit.add_shot(session=session, user_prompt="Two", by=owner, rank=1, chosen_take=None)

    assert Shot.objects.count() == 1


def test_a_shot_of_another_scene_is_no_bridge(owner) -> None:
    session, _ = scene(owner, "One")
    _, [foreign] = scene(owner, "Elsewhere")

    with pytest.raises(Refused) as refusal:
        shots_edit.add_shot(session=session, user_prompt="Two", by=owner, bridge_from=foreign)

    assert (refusal.value.code, Shot.objects.filter(session=session).count()) == ("bridge_of_another_scene", 1)


def test_somebody_elses_picture_is_no_start_image(owner, stranger) -> None:
    session, _ = scene(owner, "One")
    theirs, mine = FrameFactory(asset__owner=stranger), FrameFactory(asset__owner=owner)

    with pytest.raises(Refused) as refusal:
        shots_edit.add_shot(session=session, user_prompt="Two", by=owner, start_image=theirs)

    assert (refusal.value.code, Shot.objects.count()) == ("start_image_of_another_owner", 1)
    assert shots_edit.add_shot(session=session, user_prompt="Two", by=owner, start_image=mine).start_image == mine


def test_an_uploaded_clip_is_a_finished_take_and_chosen(owner, clip) -> None:
    _, [shot] = scene(owner, "One")

    take = shots.add_uploaded_take(shot=shot, path=clip, name="pier.mp4", by=owner)

    shot.refresh_from_db()
    assert (take.state, take.origin, take.number, shot.chosen_take) == ("done", "upload", 1, take)
    assert (take.first_frame.index, take.last_frame.index, take.last_frame.role) == (0, 23, "last")
    assert (take.video.origin, take.video.name, take.video.owner) == ("upload", "pier.mp4", owner)
    assert Job.objects.get().kind == "style"


def test_a_file_that_is_no_clip_leaves_nothing_behind(owner, tmp_path) -> None:
    _, [shot] = scene(owner, "One")
    bad = tmp_path / "bad.mp4"
    bad.write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
    before = written()

    with pytest.raises(NotAVideo):
        shots.add_uploaded_take(shot=shot, path=bad, name="bad.mp4", by=owner)

    assert written() == before
