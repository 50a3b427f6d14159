"""The public verbs on takes: ask for a clip, bring one, retry, cancel, choose, lock, decide what became of an unknown one."""

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from continuity.enums import (
    LIVE_JOB_STATES,
    AssetOrigin,
    ChosenBy,
    FrameRole,
    JobKind,
    JobState,
    ShotMode,
    TakeOrigin,
    TakePurpose,
    TakeState,
)
from continuity.jobs import create, failures, queue, unknown
from continuity.jobs.generate import cancelled
from continuity.jobs.lease import LostLease
from continuity.models import Asset, Continuity, Frame, Job, Shot, Take
from continuity.providers.base import InvalidRequest, OutputExpired, ProviderError
from continuity.providers.registry import video_provider
from continuity.services import cuts, gate, generation, media, shots_edit
from continuity.services.columns import as_data
from continuity.services.errors import Refused

if TYPE_CHECKING:
    from django.contrib.auth.models import User

logger = logging.getLogger(__name__)
CHOICE = ("chosen_take", "chosen_by")
TRIES = 20
"""How often an uploaded take looks for a free number: each time somebody else's take was written in the same moment."""


def add_uploaded_take(*, shot: Shot, path: Path, name: str, by: "User") -> Take:
    """A finished take from a clip on disk, chosen if none is. Raises the family of ``video.errors``; then nothing is kept."""
    clip, verified = media.add_clip(
        path=path, owner=shot.session.owner, session=shot.session, name=name, origin=AssetOrigin.UPLOAD
    )
    first = media.keep_frame(clip=clip, picture=verified.first, role=FrameRole.FIRST)
    last = media.keep_frame(clip=clip, picture=verified.last, role=FrameRole.LAST)
    for tries_left in reversed(range(TRIES)):
        try:
            return _create_uploaded(shot=shot, clip=clip, first=first, last=last, by=by)
        except IntegrityError:  # somebody else took this number in this moment
            if not tries_left:
                raise
    raise AssertionError("unreachable")


def _create_uploaded(*, shot: Shot, clip: Asset, first: Frame, last: Frame, by: "User") -> Take:
    with transaction.atomic():
        now = timezone.now()
        take = Take.objects.create(
            shot=shot,
            number=generation.next_number(shot),
            origin=TakeOrigin.UPLOAD,
            state=TakeState.DONE,
            requested_by=by,
            user_prompt=shot.user_prompt,
            mode=ShotMode.NONE,
            video=clip,
            first_frame=first,
            last_frame=last,
            created_at=now,
            finished_at=now,
        )
        Shot.objects.filter(pk=shot.pk, chosen_take=None).update(chosen_take=take)
        create.style_job(take, by=by)
        cuts.request_missing(session=shot.session, by=by, take=take)
        create.wake_waiters(shot.session_id)
        shot.session.record("take.upload", by=by, target=take)
        shot.touch(by=by)
    return take


def request_generation(
    *, shot: Shot, by: "User", purpose: TakePurpose | None = None, retry_of: Take | None = None, retry_reason: str = ""
) -> Take:
    """Ask for a clip of ``shot``: take, job, reserved money and bell in one transaction.

    ``purpose`` None = as the scene is set: a cheap preview first where it names a model for that, else the clip itself.

    While the shot has a live job, everybody who asks for the same gets that job's take; who asks for something else is refused
    (``other_take_is_being_made``, naming the job). Raises Refused (with nothing written) too when the model cannot, the prompt
    cannot be sent, nothing before it will ever come, or the budget does not allow it.
    """

    def write(planned: generation.Plan) -> Take:
        return generation.create_take(planned, by=by, retry_of=retry_of, reason=retry_reason)

    return _requested(shot, purpose, write)


def request_generations(*, shots: Sequence[Shot], by: "User") -> list[Take]:
    """``request_generation`` of several shots of one session, in this order: all of them or, when one is refused, none."""
    written: list[Take] = []

    def write(planned: generation.Plan) -> Take:
        written.append(generation.write_take(planned, by=by))
        return written[-1]

    with transaction.atomic():
        if shots and not create.is_alone_at(f"generate:{shots[0].session_id}"):
            raise Refused("busy", "This scene is being asked for by several people at once: try again in a moment.")
        takes = [_requested(shot, None, write) for shot in shots]
        if written:
            generation.publish(written, by=by)
    return takes


def _requested(shot: Shot, purpose: TakePurpose | None, write: Callable[[generation.Plan], Take]) -> Take:
    """The take of the shot's live job, or the one that ``write`` makes."""
    found = Shot.objects.select_related("session__owner", "bridge_from").filter(pk=shot.pk).first()
    if found is None:
        raise Refused("shot_deleted", "This shot is deleted: restore it first.")
    planned = generation.plan(found, purpose=purpose or first_purpose(found))
    for _ in range(3):
        live = live_job(found)
        if live is not None and live.take is not None:
            require_same(live, planned)
            return live.take
        try:
            return write(planned)
        except IntegrityError:
            continue  # somebody else asked in this moment: answer with theirs
    raise Refused("busy", "This shot is being asked for by several people at once: try again in a moment.")


def live_job(shot: Shot) -> Job | None:
    """The job that makes a take of ``shot`` now."""
    live = Job.objects.filter(shot=shot, kind=JobKind.GENERATE, state__in=LIVE_JOB_STATES)
    return live.select_related("take__shot__session").first()


def require_same(live: Job, planned: generation.Plan) -> None:
    """Refused when what is being made is made of other inputs than are asked for now."""
    if live.take is not None and generation.differs(planned, live.take):
        sentence = "Another take of this shot is being made with other settings: cancel it, or wait until it is there."
        raise Refused("other_take_is_being_made", sentence, job_id=live.pk)


def retry(*, take: Take, by: "User", reason: str = "") -> Take:
    """A new take after a failed or cancelled (or unloved) one; the old one stays as it is. Answers a live one instead."""
    if take.state == TakeState.UNKNOWN:
        raise Refused(
            "take_unknown", "It is not known whether this take was made: decide that first (attach its id, not made, or give up)."
        )
    return request_generation(shot=take.shot, by=by, retry_of=take, retry_reason=reason)


def cancel(*, take: Take, by: "User") -> Take:
    """Stop a take. One not yet sent ends at once and costs nothing; one at the vendor is asked to stop, and kept if it cannot."""
    job = _generate_job(take)
    if job is None or job.state == JobState.UNKNOWN or job.state not in LIVE_JOB_STATES:
        raise Refused("not_cancellable", "This take is not being made: there is nothing to cancel.")
    with transaction.atomic():
        if not _ended_at_once(job):
            Job.objects.filter(pk=job.pk, cancel_requested_at=None).update(cancel_requested_at=Now(), next_run_at=Now())
            queue.ring()
        take.shot.session.record("take.cancel", by=by, target=take)
    take.refresh_from_db()
    return take


def _ended_at_once(job: Job) -> bool:
    """False = it was sent, or a worker has it: that one sees the wish at its next step. The wish is written after this only,
    since whoever ends a job holds its budgets before the job."""
    if job.state not in (JobState.QUEUED, JobState.WAITING) or job.submit_intent_at is not None:
        return False
    try:
        cancelled(job, billed_micros=0)
    except LostLease:
        return False
    return True


def choose_take(*, shot: Shot, take: Take, by: "User") -> None:
    """A person's choice, which no measurement overrides."""
    if take.shot_id != shot.pk or take.state != TakeState.DONE:
        raise Refused("take_not_choosable", "Only a finished take of this shot can be chosen.")
    if take.purpose == TakePurpose.PREVIEW:
        raise Refused("take_is_a_preview", "A preview is only there to be judged: make the clip itself, then choose that one.")
    put_choice(shot=shot, take=take, chosen_by=ChosenBy.PERSON, by=by)


def put_choice(*, shot: Shot, take: Take | None, chosen_by: ChosenBy, by: "User") -> None:
    """Which take stands for the shot, and who says so; None = none does. What does not change is no edit."""
    with transaction.atomic():
        row = shots_edit.held(shot)
        if row.locked:
            raise Refused("shot_locked", "This shot is locked: unlock it to choose another take.")
        before = as_data(row, CHOICE)
        row.chosen_take, row.chosen_by = take, chosen_by
        after = {name: value for name, value in as_data(row, CHOICE).items() if value != before[name]}
        if not after:
            return
        row.save(update_fields=CHOICE)
        if "chosen_take" in after:
            _follow_choice(row, by=by)
        row.edit("take.choose", by=by, before=before, after=after)


def let_the_best_be_chosen(*, shot: Shot, by: "User") -> None:
    """Take a person's choice back: from the next measurement on the best take is chosen again."""
    with transaction.atomic():
        row = shots_edit.held(shot)
        if row.chosen_by == ChosenBy.AUTO:
            return
        before = as_data(row, CHOICE)  # the take too: an undo goes back to the one that the person chose
        Shot.objects.filter(pk=row.pk).update(chosen_by=ChosenBy.AUTO)
        row.edit("take.choose_best", by=by, before=before, after={"chosen_by": ChosenBy.AUTO.value})


def bridge_from(*, shot: Shot, source: Shot | None, by: "User") -> None:
    """Let the shot start from the last frame of ``source``, an earlier shot of the scene; None = of the one before it.

    The take that is chosen stays, and is shown as stale. Refused for a locked shot.
    """
    shots_edit.change_shot(shot=shot, by=by, bridge_from=source)


def lock(*, shot: Shot, locked: bool, by: "User") -> None:
    """The padlock: a locked shot keeps its take and its grade, whatever is generated, measured or retried around it.

    Refused for a shot without a finished take and for one that is being made.
    """
    with transaction.atomic():
        row = shots_edit.held(shot)
        if row.locked == locked:
            return
        if locked and (row.chosen_take is None or row.chosen_take.state != TakeState.DONE):
            raise Refused("nothing_to_lock", "This shot has no finished take yet: there is nothing to keep.")
        live = live_job(row)
        if locked and live is not None:
            sentence = "A take of this shot is being made: cancel it, or wait, then lock the shot."
            raise Refused("shot_is_being_made", sentence, job_id=live.pk)
        Shot.objects.filter(pk=row.pk).update(locked=locked)
        verb = "shot.lock" if locked else "shot.unlock"
        row.edit(verb, by=by, before={"locked": not locked}, after={"locked": locked})


def attach_remote_id(*, take: Take, remote_id: str, by: "User") -> Take:
    """Decide an unknown take: the vendor has it under ``remote_id``. It goes on at polling."""
    job = _unknown_job(take)
    _require_at_vendor(job, remote_id)
    try:
        with _deciding(take, by=by, action="take.attach_remote_id", detail={"remoteId": remote_id}):
            unknown.resume(job, remote_id=remote_id, note=f"remote id attached by {by}")
    except IntegrityError as error:
        raise Refused("remote_id_taken", "Another take already has this id: check it at the vendor.") from error
    take.refresh_from_db()
    return take


def not_made(*, take: Take, by: "User") -> Take:
    """Decide an unknown take: the vendor never made it. The reserved money is released."""
    job = _unknown_job(take)
    with _deciding(take, by=by, action="take.not_made"):
        failures.fail(job, code="not_made", sentence="The provider never made this clip: nothing was charged.", billed_micros=0)
    take.refresh_from_db()
    return take


def give_up(*, take: Take, by: "User") -> Take:
    """Decide an unknown take: nobody will ever know. The whole reservation is booked as spent."""
    job = _unknown_job(take)
    sentence = "This clip was given up: what it may have cost is booked."
    with _deciding(take, by=by, action="take.give_up"):
        failures.fail(job, code="given_up", sentence=sentence, billed_micros=job.charge.reserved_micros)
    take.refresh_from_db()
    return take


def _follow_choice(shot: Shot, *, by: "User") -> None:
    """What a chosen take brings with it: its look is read, its cuts are measured, and what waited for it looks again."""
    take = shot.chosen_take
    if take is not None:
        create.style_job(take, by=by)
    cuts.request_missing(session=shot.session, by=by, take=take)
    create.wake_waiters(shot.session_id)


def first_purpose(shot: Shot) -> TakePurpose:
    continuity = Continuity.objects.filter(session_id=shot.session_id).first()
    return TakePurpose.PREVIEW if gate.previews(shot, continuity) else TakePurpose.FINAL


def _generate_job(take: Take) -> Job | None:
    return Job.objects.filter(take=take, kind=JobKind.GENERATE).order_by("-created_at").first()


def _unknown_job(take: Take) -> Job:
    job = _generate_job(take)
    if job is None or job.state != JobState.UNKNOWN:
        raise _nothing_to_decide()
    return job


def _nothing_to_decide() -> Refused:
    return Refused("take_not_unknown", "What became of this take is known: there is nothing to decide.")


@contextlib.contextmanager
def _deciding(take: Take, *, by: "User", action: str, detail: dict[str, Any] | None = None) -> Iterator[None]:
    """A decision, its audit row and the bell are one transaction. Of two people who decide at once, the second is told so."""
    try:
        with transaction.atomic():
            yield
            take.shot.session.record(action, by=by, target=take, detail=detail)
            queue.ring()
    except LostLease as error:
        raise _nothing_to_decide() from error


def _require_at_vendor(job: Job, remote_id: str) -> None:
    """Refused when the vendor knows no such job: a slip of the pen must not end the take. An outage does not stand in the way."""
    try:
        video_provider(job.provider or "").poll(remote_id)
    except (InvalidRequest, OutputExpired) as error:
        raise Refused("remote_id_unknown", f"The provider does not know this id, check it there. It says: {error}") from error
    except ProviderError:
        logger.warning("The id of take %s could not be checked.", job.take_id, exc_info=True)
