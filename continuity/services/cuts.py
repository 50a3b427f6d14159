"""Cut verbs: which pairs of takes are to be measured, measuring one, keeping what was measured, accepting a cut as it is.

A Cut is a measurement of two takes, not a position: what a timeline shows between two shots is derived on read.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from continuity.enums import LIVE_JOB_STATES, CutState, JobKind, JobState, TakeState
from continuity.jobs import create
from continuity.models import Continuity, Cut, Job, Shot, Take
from continuity.services import media
from continuity.services.columns import as_data
from continuity.services.errors import Refused
from continuity.video.errors import VideoError
from continuity.video.shot_pictures import read_shot_pictures
from continuity.vision.cut import CutMeasurement, measure_cut
from continuity.vision.errors import VisionError
from continuity.vision.findings import Finding
from continuity.vision.scene_score import METRIC

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from sessions_app.models import Session

Pair = tuple[Take, Take]
ACCEPTANCE = ("accepted_by", "accepted_at", "accepted_note")
Acceptance = tuple[int | None, datetime | None, str]
NOBODY: Acceptance = (None, None, "")
MODEL_SAYS = "model-says"
"""Code of a finding whose ``detail.text`` is a vision model's own sentence."""


def request_missing(*, session: "Session", by: "User", take: Take | None = None, again: bool = False) -> list[Job]:
    """A job for every pair that the scene needs and nobody has measured or is measuring, inside the caller's transaction.

    The pairs: neighbouring chosen takes, each chosen take against the base take, and ``take`` against the chosen one before
    it. What could not be measured before is left alone unless ``again``.
    """
    if not Continuity.objects.filter(session=session).exists():
        return []
    wanted = {subject(left, right): (left, right) for left, right in _wanted(session, take)}
    for left_id, right_id in Cut.objects.filter(session=session, metric=METRIC).values_list("left_take", "right_take"):
        wanted.pop(_subject(left_id, right_id), None)
    settled = Job.objects.filter(session=session, kind=JobKind.CUT, subject_key__in=wanted)
    states = LIVE_JOB_STATES if again else (*LIVE_JOB_STATES, JobState.FAILED)
    for key in settled.filter(state__in=states).values_list("subject_key", flat=True):
        wanted.pop(key, None)
    # In the order of their keys, so that two who ask at once never wait for each other.
    return create.jobs_unless_live([_job(wanted[key], session=session, by=by) for key in sorted(wanted)])


def judge_again(*, shot: Shot, by: "User") -> None:
    """The take that the gate waited for will never come: a cut job for the chosen one, whose end lets the gate decide."""
    shot.refresh_from_db(fields=["chosen_take"])
    before, chosen = chosen_before(shot), shot.chosen_take
    if before is not None and chosen is not None and is_measurable(chosen):
        create.job_unless_live(**_job((before, chosen), session=shot.session, by=by))


def known(left: Take, right: Take) -> Cut | None:
    """What was measured of this pair already."""
    return Cut.objects.filter(left_take=left, right_take=right, metric=METRIC).first()


def subject(left: Take, right: Take) -> str:
    """``Job.subject_key`` of the job that measures this pair: one live job per pair and metric."""
    return _subject(left.pk, right.pk)


def measure(left: Take, right: Take) -> CutMeasurement:
    """Decode and measure two finished takes, outside any transaction. Raises the families of video and vision errors."""
    assert left.video is not None
    assert right.video is not None
    with media.local_clip(left.video) as left_path, media.local_clip(right.video) as right_path:
        return measure_cut(read_shot_pictures(left_path), read_shot_pictures(right_path))


def keep(left: Take, right: Take, measured: CutMeasurement | VideoError | VisionError, *, told: Sequence[str] = ()) -> Cut:
    """The Cut row of a pair, inside the caller's transaction; a clip that could not be measured gives a row that says why.

    ``told``: sentences of a vision model, kept among the findings.
    """
    columns = _columns(measured, told) if isinstance(measured, CutMeasurement) else _failed(measured)
    pair = {"left_take": left, "right_take": right, "metric": METRIC}
    return Cut.objects.get_or_create(**pair, defaults={"session_id": right.shot.session_id, **columns})[0]


def accept(*, cut: Cut, by: "User", note: str = "") -> Cut:
    """A person takes the cut as it is. The numbers stay; a page says who accepted it and why."""
    with transaction.atomic():
        row = _held(cut)
        return _with_acceptance(row, "cut.accept", (by.pk, timezone.now(), note[:2000]), by=by)


def withdraw(*, cut: Cut, by: "User") -> Cut:
    """The undo of ``accept``."""
    with transaction.atomic():
        row = _held(cut)
        if row.accepted_at is None:
            raise Refused("cut_not_accepted", "This cut was not accepted: there is nothing to take back.")
        return _with_acceptance(row, "cut.withdraw", NOBODY, by=by)


def put_acceptance(*, cut: Cut, accepted_by: int | None, accepted_at: datetime | None, accepted_note: str, by: "User") -> Cut:
    """Put back who accepted the cut (a user's id), when and with which note; None = nobody had."""
    with transaction.atomic():
        verb = "cut.withdraw" if accepted_at is None else "cut.accept"
        return _with_acceptance(_held(cut), verb, (accepted_by, accepted_at, accepted_note), by=by)


def measure_again(*, session: "Session", by: "User") -> list[Job]:
    """Ask for every cut that has no number, those included that failed before. Refused when all are measured."""
    with transaction.atomic():
        Cut.objects.filter(session=session, metric=METRIC, state=CutState.FAILED).delete()
        jobs = request_missing(session=session, by=by, again=True)
        session.revise()  # its cuts are shown as being measured
    if not jobs:
        raise Refused("nothing_to_measure", "Every cut of this scene is measured or being measured.")
    return jobs


def chosen_before(shot: Shot) -> Take | None:
    """The finished chosen take of the shot before: what a take of ``shot`` is cut to."""
    previous = shot.previous()
    take = previous.chosen_take if previous is not None else None
    return take if take is not None and is_measurable(take) else None


def is_measurable(take: Take) -> bool:
    return take.state == TakeState.DONE and take.video_id is not None


def _held(cut: Cut) -> Cut:
    row = Cut.objects.select_for_update(no_key=True, of=("self",)).select_related("session").filter(pk=cut.pk).first()
    if row is None:
        raise Refused("cut_gone", "This cut is being measured again: wait a moment, then look at it once more.")
    return row


def _with_acceptance(row: Cut, verb: str, acceptance: Acceptance, *, by: "User") -> Cut:
    before = as_data(row, ACCEPTANCE)
    row.accepted_by_id, row.accepted_at, row.accepted_note = acceptance
    row.save(update_fields=ACCEPTANCE)
    row.session.edit(verb, by=by, target=row, before=before, after=as_data(row, ACCEPTANCE))
    return row


def _wanted(session: "Session", take: Take | None) -> Iterator[Pair]:
    shots = Shot.objects.filter(session=session).select_related("chosen_take__shot", "session").order_by("rank")
    chosen = [shot.chosen_take for shot in shots]
    # A shot without a finished take is a gap: what stands on its two sides is no cut.
    for left, right in pairwise(chosen):
        if left is not None and right is not None and _are_measurable(left, right):
            yield left, right
    base = Continuity.objects.select_related("base_take").get(session=session).base_take
    for other in chosen:
        if base is not None and other is not None and other.pk != base.pk and _are_measurable(base, other):
            yield base, other
    before = chosen_before(take.shot) if take is not None else None
    if take is not None and before is not None and is_measurable(take):
        yield before, take


def _are_measurable(left: Take, right: Take) -> bool:
    return is_measurable(left) and is_measurable(right)


def _job(pair: Pair, *, session: "Session", by: "User") -> dict[str, Any]:
    """The job that measures a pair, as keywords of ``create.job``."""
    left, right = pair
    return {
        "kind": JobKind.CUT,
        "subject_key": subject(left, right),
        "by": by,
        "session": session,
        "shot_id": right.shot_id,
        "take": right,
        "payload": {"left": left.pk, "right": right.pk},
    }


def takes_of_subject(subject_key: str) -> tuple[str, str]:
    """The ids of the takes that a cut job's ``subject_key`` names."""
    _, left, right, _ = subject_key.split(":", 3)
    return left, right


def _subject(left_id: str, right_id: str) -> str:
    return f"cut:{left_id}:{right_id}:{METRIC}"


def _columns(measured: CutMeasurement, told: Sequence[str]) -> dict[str, object]:
    columns = measured.columns()
    said = [Finding(MODEL_SAYS, is_certain=False, detail={"text": text}).as_json() for text in told]
    return {"state": CutState.MEASURED, **columns, "findings": [*columns["findings"], *said]}


def _failed(error: VideoError | VisionError) -> dict[str, object]:
    return {"state": CutState.FAILED, "reason": str(error)}
