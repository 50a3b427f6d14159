"""Jobs about cuts: what a worker that died, was overtaken or found its take gone may leave behind, and what each job answers."""

from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now

from continuity.enums import AssetRole, GradeState, JobKind, JobState
from continuity.jobs import claims, create, measure, steps, sweeper
from continuity.jobs.keeper import Keeper
from continuity.models import Asset, Budget, Charge, Cut, Grade, Job, JobEvent, Shot, Take
from continuity.services import budgets, cuts, grades, media
from continuity.vision.cube import Cube
from continuity.vision.scene_score import METRIC
from sessions_app.models import Session
from tests.clips import run_reference
from tests.continued_scene import ELSEWHERE, FRAMES, WARM, continued, opened_scene, take_showing
from tests.engine import LTX, LTX_PRICE, settle
from tests.factories.continuity import CutFactory
from tests.stand_ins.drift import Drift
from tests.stand_ins.openai import openai_stand_in

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """What stands for kill -9 here: nothing in the engine may catch it."""


def bad_second_take(owner) -> tuple[Job, Take]:
    """A scene with a gate, whose second shot came out as another place altogether; and the job that measures its cut."""
    _, [_, second], opening = opened_scene(owner, shots=2, gate_enabled=True, max_retries=1, default_model=LTX)
    take = take_showing(second, ELSEWHERE, mode="frame-bridge", model=LTX, provider="ltx", input_frame=opening.last_frame)
    [job] = cuts.request_missing(session=second.session, by=owner)
    return job, take


def claimed(job: Job, owner: str) -> Job:
    taken = claims.claim(job.pk, owner)
    assert taken is not None
    return taken


def taken_away(job: Job) -> None:
    """The lease of its worker is over, and the sweeper gives the job back to the queue."""
    Job.objects.filter(pk=job.pk).update(lease_until="2026-01-01T00:00Z")
    assert sweeper.sweep() == 1
    Job.objects.filter(pk=job.pk).update(next_run_at=Now())


def check_done_once(job: Job, take: Take) -> None:
    """One Cut, one retry with one reservation, one ending; and the job's result names them."""
    job.refresh_from_db()
    [cut] = Cut.objects.all()
    [retry] = Take.objects.filter(retry_of=take)
    assert (job.state, job.result["cut"], job.result["gate"]["retry"]) == (JobState.DONE, cut.pk, retry.pk)
    assert JobEvent.objects.filter(job=job, to_state=JobState.DONE).count() == 1
    assert (cut.left_take, cut.right_take) == (Shot.objects.order_by("rank")[0].chosen_take, take)
    assert (Job.objects.filter(kind=JobKind.GENERATE).count(), Charge.objects.count()) == (1, 1)
    assert Budget.objects.get(scope=f"session:{take.shot.session_id}").reserved_micros == LTX_PRICE


def check_nothing_done(job: Job, take: Take) -> None:
    assert (Cut.objects.count(), Take.objects.filter(retry_of=take).count()) == (0, 0)
    assert (Job.objects.count(), Charge.objects.count(), Budget.objects.count()) == (1, 0, 0)
    assert not JobEvent.objects.filter(job=job, to_state=JobState.DONE).exists()


# a cut, measured once whatever becomes of its worker


def test_a_bad_cut_is_kept_judged_and_retried(owner, vendor) -> None:
    job, take = bad_second_take(owner)

    steps.run(claimed(job, "worker"))

    check_done_once(job, take)
    assert Job.objects.get(pk=job.pk).result["gate"]["verdict"] == "not-passed"


def test_a_worker_that_was_overtaken_while_it_measured_writes_nothing(owner, vendor, monkeypatch) -> None:
    job, take = bad_second_take(owner)
    measured, late = cuts.measure, []

    def overtaken(left: Take, right: Take):
        answer = measured(left, right)
        monkeypatch.setattr(cuts, "measure", measured)
        taken_away(job)
        steps.run(claimed(job, "second worker"))
        late.append(Job.objects.filter(pk=job.pk).values().get())
        return answer

    monkeypatch.setattr(cuts, "measure", overtaken)

    steps.run(claimed(job, "first worker"))

    check_done_once(job, take)
    assert late == [Job.objects.filter(pk=job.pk).values().get()]
    assert list(job.events.values_list("fence", flat=True)) == [0, 1, 1, 2, 2]


@pytest.mark.parametrize("place", ["measured", "kept", "judged", "at the end"])
def test_a_worker_that_was_killed_leaves_nothing_and_the_next_one_does_it_once(owner, vendor, monkeypatch, place: str) -> None:
    """Between measuring and the arrow, and at three places inside the transaction of the arrow."""
    job, take = bad_second_take(owner)
    kill_at = {
        "measured": (Keeper, "check"),
        "kept": (cuts, "keep"),
        "judged": (measure.gate, "judge"),
        "at the end": (create, "wake_waiters"),
    }
    holder, name = kill_at[place]
    real = getattr(holder, name)
    is_measured: list[bool] = []

    def kill(*arguments, **options):
        answer = real(*arguments, **options)
        if is_measured:
            raise Killed
        return answer

    measured = cuts.measure
    monkeypatch.setattr(cuts, "measure", lambda left, right: is_measured.append(True) or measured(left, right))
    monkeypatch.setattr(holder, name, kill)
    with pytest.raises(Killed):
        steps.run(claimed(job, "first worker"))
    check_nothing_done(job, take)

    monkeypatch.undo()
    taken_away(job)
    steps.run(claimed(job, "second worker"))

    check_done_once(job, take)


def test_a_cut_that_somebody_measured_meanwhile_is_not_measured_twice(owner, vendor, monkeypatch) -> None:
    job, take = bad_second_take(owner)
    left = Take.objects.get(pk=job.payload["left"])
    known = CutFactory(session=take.shot.session, left_take=left, right_take=take, metric=METRIC, score=0.9)
    monkeypatch.setattr(cuts, "measure", lambda left, right: pytest.fail("this was measured before"))

    steps.run(claimed(job, "worker"))

    assert Cut.objects.get() == known
    assert Job.objects.get(pk=job.pk).result["cut"] == known.pk


@pytest.mark.parametrize("gone", ["left", "right"])
def test_a_take_that_was_deleted_meanwhile_ends_its_cut_with_words(owner, gone: str) -> None:
    _, [_, second, _], opening = opened_scene(owner, shots=3)
    take = continued(second, opening.last_frame)
    [job] = cuts.request_missing(session=second.session, by=owner)
    Shot.objects.update(chosen_take=None)
    Take.objects.filter(pk=job.payload[gone]).delete()

    steps.run(claimed(job, "worker"))

    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "take_gone")
    assert job.error_sentence == "This take was deleted meanwhile: there is nothing to measure."
    assert (Cut.objects.count(), Take.objects.filter(pk__in=[opening.pk, take.pk]).count()) == (0, 1)


def test_a_comparison_with_the_base_is_neither_judged_nor_graded(owner, vendor) -> None:
    _, [_, second, third], opening = opened_scene(owner, shots=3, gate_enabled=True, default_model=LTX)
    middle = take_showing(second, ELSEWHERE, mode="frame-bridge")
    last = continued(third, opening.last_frame, WARM, model=LTX, provider="ltx")
    jobs = {(job.payload["left"], job.payload["right"]): job for job in cuts.request_missing(session=second.session, by=owner)}

    job = jobs[opening.pk, last.pk]
    steps.run(claimed(job, "worker"))

    job.refresh_from_db()
    [cut] = Cut.objects.all()
    assert (set(jobs), cut.bridge_kind) == ({(opening.pk, middle.pk), (middle.pk, last.pk), (opening.pk, last.pk)}, "bridged")
    assert (job.result["cut"], "gate" in job.result, Job.objects.filter(kind=JobKind.GRADE).exists()) == (cut.pk, False, False)
    assert not Take.objects.filter(retry_of=last).exists()


def test_a_pair_that_is_no_cut_any_more_is_kept_and_not_judged(owner, vendor) -> None:
    """The person chose another take before it while it was measured."""
    job, take = bad_second_take(owner)
    first = Shot.objects.order_by("rank")[0]
    take_showing(first, ELSEWHERE)
    revision = Session.objects.get(pk=first.session_id).revision

    steps.run(claimed(job, "worker"))

    job.refresh_from_db()
    [cut] = Cut.objects.all()
    assert (job.state, job.result["cut"], "gate" in job.result) == (JobState.DONE, cut.pk, False)
    assert not Take.objects.filter(retry_of=take).exists()
    assert Session.objects.get(pk=first.session_id).revision > revision  # the page shows the number


def test_what_a_model_was_paid_for_before_its_worker_was_killed_is_booked_and_not_paid_for_twice(owner, vendor, settings) -> None:
    with openai_stand_in() as onlooker:
        onlooker.answer({"differences": [{"aspect": "things", "before": "a lamp", "after": None, "size": "clear"}]})
        settings.PROVIDERS = settings.PROVIDERS | {"openai": {"api_key": onlooker.api_key, "base_url": onlooker.base_url}}
        settings.VISION_MODEL = "gpt-6-luna"
        job, take = bad_second_take(owner)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(budgets, "hold", killed)
            with pytest.raises(Killed):
                steps.run(claimed(job, "first worker"))
        spent = Job.objects.get(pk=job.pk).payload["spent_micros"]
        taken_away(job)

        steps.run(claimed(job, "second worker"))

        job.refresh_from_db()
        charge = Charge.objects.get(job=job)
        assert (onlooker.posts(), charge.state, charge.settled_micros, spent > 0) == (1, "closed", spent, True)
        assert job.result["words"] == "Asking the vision model was interrupted, and it is not paid for twice."
        assert (Cut.objects.count(), Take.objects.filter(retry_of=take).count()) == (1, 1)


def killed(**options: Any) -> None:
    raise Killed


# fitting a grade


def fitted(owner, drift: Drift) -> tuple[Job, Take]:
    _, [_, second], opening = opened_scene(owner, shots=2)
    take = continued(second, opening.last_frame, drift)
    job = grades.request(take=take, by=owner)
    steps.run(claimed(job, "worker"))
    return Job.objects.get(pk=job.pk), take


def test_a_fit_answers_with_its_grade_and_the_difference(owner) -> None:
    job, take = fitted(owner, WARM)

    [grade] = Grade.objects.all()
    base = Shot.objects.order_by("rank")[0].chosen_take_id
    assert (job.state, job.result) == (
        JobState.DONE,
        {"grade": grade.pk, "deltaE": grade.delta_e_before, "base": base, "sentence": ""},
    )
    assert (grade.take, grade.by, grade.delta_e_before > 3) == (take, owner, True)


def test_a_fit_with_nothing_to_do_answers_with_the_difference_alone(owner) -> None:
    job, _ = fitted(owner, Drift())

    assert (job.state, job.result["grade"], Grade.objects.count()) == (JobState.DONE, None, 0)
    assert (0 <= job.result["deltaE"] < 1, job.result["sentence"]) == (True, grades.HAS_THE_LOOK)


def test_a_refused_fit_is_an_answer_and_no_failure(owner) -> None:
    job, _ = fitted(owner, Drift(exposure=-1.6))

    [grade] = Grade.objects.all()
    assert (job.state, grade.state) == (JobState.DONE, GradeState.REFUSED)
    assert (job.result["grade"], job.result["deltaE"]) == (grade.pk, grade.delta_e_before)


def test_a_fit_that_was_overtaken_leaves_one_grade(owner, monkeypatch) -> None:
    _, [_, second], opening = opened_scene(owner, shots=2)
    job = grades.request(take=continued(second, opening.last_frame, WARM), by=owner)
    propose = grades.propose

    def overtaken(*, take: Take, by) -> grades.Fit:
        monkeypatch.setattr(grades, "propose", propose)
        taken_away(job)
        steps.run(claimed(job, "second worker"))
        return propose(take=take, by=by)

    monkeypatch.setattr(grades, "propose", overtaken)

    steps.run(claimed(job, "first worker"))

    [grade] = Grade.objects.all()
    job.refresh_from_db()
    assert (job.state, job.result["grade"]) == (JobState.DONE, grade.pk)
    assert JobEvent.objects.filter(job=job, to_state=JobState.DONE).count() == 1


# rendering the preview


def applied(owner) -> tuple[Job, Grade]:
    """The job that renders a grade which was just applied."""
    _, [_, second], opening = opened_scene(owner, shots=2)
    grade = grades.propose(take=continued(second, opening.last_frame, WARM), by=owner).grade
    grades.apply(grade=grade, by=owner)
    return Job.objects.get(kind=JobKind.PREVIEW), grade


def test_a_preview_answers_with_its_clip_and_says_how_far_it_is(owner, monkeypatch) -> None:
    job, grade = applied(owner)
    shares: list[float | None] = []
    progress = Keeper.progress
    monkeypatch.setattr(Keeper, "progress", lambda self, share, note="": shares.append(share) or progress(self, share, note))

    steps.run(claimed(job, "worker"))

    job.refresh_from_db()
    preview = Asset.objects.get(role=AssetRole.PREVIEW)
    assert (job.state, job.result, preview.parent) == (JobState.DONE, {"asset": preview.pk}, grade.take.video)
    assert (preview.blob.frame_count, shares[-1], job.progress_note) == (FRAMES, 1.0, "Rendering the graded clip")


def test_a_preview_is_rendered_once_by_two_workers(owner, monkeypatch) -> None:
    job, _ = applied(owner)
    apply_lut = grades.apply_lut

    def overtaken(*arguments, **options) -> None:
        monkeypatch.setattr(grades, "apply_lut", apply_lut)
        taken_away(job)
        steps.run(claimed(job, "second worker"))
        apply_lut(*arguments)

    monkeypatch.setattr(grades, "apply_lut", overtaken)

    steps.run(claimed(job, "first worker"))

    job.refresh_from_db()
    [preview] = Asset.objects.filter(role=AssetRole.PREVIEW)
    assert (job.state, job.result) == (JobState.DONE, {"asset": preview.pk})
    assert JobEvent.objects.filter(job=job, to_state=JobState.DONE).count() == 1


def check_not_rendered(job: Job, *, code: str, sentence: str) -> None:
    job.refresh_from_db()
    assert (job.state, job.error_code, sentence in job.error_sentence) == (JobState.FAILED, code, True), job.error_sentence
    assert (Grade.objects.get().state, Asset.objects.filter(role=AssetRole.PREVIEW).count()) == (GradeState.APPLIED, 0)


def test_a_preview_of_a_spoilt_clip_says_so_and_the_grade_stays(owner) -> None:
    job, grade = applied(owner)
    with media.local_clip(grade.take.video) as path:
        path.write_bytes(path.read_bytes()[:-3000])

    steps.run(claimed(job, "worker"))

    check_not_rendered(job, code="video_damaged", sentence="is cut short: transfer or download it again.")


def test_a_preview_that_loses_frames_is_not_kept(owner, monkeypatch) -> None:
    job, _ = applied(owner)
    graded = grades.apply_lut

    def loses_a_frame(clip: Path, cube: Cube, target: Path, **options: Any) -> None:
        whole = target.with_name("whole.mp4")
        graded(clip, cube, whole, **options)
        run_reference(["-i", str(whole), "-frames:v", str(FRAMES - 1), "-c", "copy", str(target)])

    monkeypatch.setattr(grades, "apply_lut", loses_a_frame)

    steps.run(claimed(job, "worker"))

    check_not_rendered(job, code="ffmpeg_failed", sentence="The graded clip lost frames: try again, or leave this shot ungraded.")


def test_a_scene_is_measured_fitted_and_shown_by_its_worker(owner) -> None:
    """All four kinds of work, in the order in which they come of each other."""
    _, [_, second], opening = opened_scene(owner, shots=2)
    take = continued(second, opening.last_frame, WARM)
    cuts.request_missing(session=second.session, by=owner)
    settle(second.session)
    grades.apply(grade=Grade.objects.get(take=take), by=owner)
    settle(second.session)

    kinds = list(Job.objects.order_by("created_at").values_list("kind", "state"))
    assert kinds == [(kind, JobState.DONE) for kind in (JobKind.CUT, JobKind.GRADE, JobKind.PREVIEW)]
