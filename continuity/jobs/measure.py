"""Jobs about cuts: measuring one, fitting a grade, rendering a graded preview. Free, and they never touch a take's state."""

import contextlib
from collections.abc import Iterator
from typing import Any

from django.db import transaction

from continuity.enums import BridgeKind, JobState
from continuity.jobs import create
from continuity.jobs.keeper import Keeper
from continuity.jobs.lease import arrow
from continuity.models import Cut, Grade, Job, Take
from continuity.services import budgets, cuts, gate, grades, words
from continuity.services.errors import Refused
from continuity.video.errors import VideoError
from continuity.vision.cut import CutMeasurement
from continuity.vision.errors import VisionError

Measured = CutMeasurement | VideoError | VisionError


def measure_cut(job: Job, keeper: Keeper) -> None:
    """Measure a pair of takes. In the transaction that keeps the numbers the gate decides and a grade is asked for."""
    left, right = _take(job.payload["left"]), _take(job.payload["right"])
    keeper.progress(None, "Measuring the cut")
    known = cuts.known(left, right)  # measured before: nobody is asked and paid again, the gate only decides once more
    measured = _measured(left, right) if known is None else None
    is_asked = measured is not None and _is_to_be_told(left, right, measured)
    told = words.differences_at(left, right, job=job) if is_asked else words.Compared(())
    keeper.check()
    with _as_committed(job), transaction.atomic():
        budgets.hold(session=right.shot.session)  # the gate may reserve money: budgets come first in the order of locks
        with arrow(job, JobState.DONE, billed_micros=words.billed_micros(job)):
            if measured is not None:
                known = cuts.keep(left, right, measured, told=[difference.sentence for difference in told.differences])
            assert known is not None
            cut = known
            result = {"cut": cut.pk, "words": told.reason, "vision_raw": told.raw, **_what_follows(cut, left, right, job)}
            Job.objects.filter(pk=job.pk).update(result=result)
            create.wake_waiters(right.shot.session_id)
            right.shot.touch(by=None)


def match_grade(job: Job, keeper: Keeper) -> None:
    """Fit a take to the scene's first shot."""
    take = _take(job.take_id or "")
    base = grades.base_take_id(take)
    fit = grades.propose(take=take, by=job.by)
    keeper.check()
    grade_id = fit.grade.pk if fit.grade is not None else None
    result = {"grade": grade_id, "deltaE": fit.delta_e, "base": base, "sentence": fit.sentence}
    with arrow(job, JobState.DONE, result=result):
        if job.shot is not None:
            job.shot.touch(by=None)


def render_preview(job: Job, keeper: Keeper) -> None:
    """Render a take with its applied grade."""
    rows = Grade.objects.select_related("lut__blob", "take__shot__session", "take__video__blob", "take__video__owner")
    grade = rows.filter(pk=job.payload["grade"]).first()
    if grade is None:
        raise Refused("take_gone", "This take was deleted meanwhile: there is nothing to render.")
    preview = grades.graded_clip(grade, on_progress=lambda share: keeper.progress(share, "Rendering the graded clip"))
    with arrow(job, JobState.DONE, result={"asset": preview.pk}):
        grade.take.shot.touch(by=None)


@contextlib.contextmanager
def _as_committed(job: Job) -> Iterator[None]:
    """When the block's transaction fails, at its very end too, ``job`` is again what the database says it is."""
    try:
        yield
    except Exception:
        job.refresh_from_db()
        raise


def _measured(left: Take, right: Take) -> Measured:
    """A clip that cannot be measured is an answer, not a failure of the job."""
    try:
        return cuts.measure(left, right)
    except (VideoError, VisionError) as error:
        return error


def _is_to_be_told(left: Take, right: Take, measured: Measured) -> bool:
    """A model is asked about real cuts only: a bridge shows the same picture twice, a base comparison is no cut."""
    is_cut = isinstance(measured, CutMeasurement) and measured.bridge.kind == BridgeKind.CUT
    return is_cut and _is_before(left, right)


def _what_follows(cut: Cut, left: Take, right: Take, job: Job) -> dict[str, Any]:
    """Only the cut after the take before it is judged and graded; a comparison with the base take is neither."""
    if not _is_before(left, right):
        return {}
    if cut.bridge_kind in (BridgeKind.BRIDGED, BridgeKind.BRIDGED_WITH_MOTION) and not grades.keeps_own_colours(right):
        grades.request(take=right, by=job.by)
    return {"gate": gate.judge(right, by=job.by)}


def _is_before(left: Take, right: Take) -> bool:
    """``left`` is the chosen take before ``right``, as the scene is now."""
    before = cuts.chosen_before(right.shot)
    return before is not None and before.pk == left.pk


def _take(take_id: str) -> Take:
    take = (
        Take.objects.select_related("shot__session__owner", "video__blob", "first_frame__image__blob", "last_frame__image__blob")
        .filter(pk=take_id)
        .first()
    )
    if take is None:
        raise Refused("take_gone", "This take was deleted meanwhile: there is nothing to measure.")
    return take
