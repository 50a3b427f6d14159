"""The steps of a generate job: prepare → submit → poll → fetch → verify → frames → settle.

Each step first asks whether it is done already, works outside any transaction, and ends with one arrow. The row's step says
where to go on after a crash.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.db.models.functions import Now

from continuity import storage
from continuity.enums import AssetOrigin, AssetRole, FrameRole, GenerateStep, JobKind, JobState, ShotMode, TakePurpose, TakeState
from continuity.jobs import breaker, create, unknown
from continuity.jobs.failures import become_unknown, fail, lost_answer, pause
from continuity.jobs.keeper import Keeper
from continuity.jobs.lease import LostLease, arrow
from continuity.jobs.requests import frozen_request, resolve_inputs, video_request
from continuity.models import Asset, Continuity, Job, Shot, Take, TakeReference
from continuity.providers.base import OutputInvalid, Prepared, RemoteFailed, RemoteState, RemoteStatus, VideoProvider
from continuity.providers.capabilities import model_card
from continuity.providers.registry import video_provider
from continuity.services import bridges, cuts, gate, media
from continuity.services.errors import Refused
from continuity.video.errors import VideoError
from continuity.video.frames import first_frame, last_frame
from continuity.video.verify import Verified, verify
from continuity.video.whole_file import whole_file
from prompts.injection import injection_report

MAX_CLIP_BYTES = 2 * 1024**3
MADE, CHECKED = 0.9, 0.98
"""Where on the way from 0 to 1 the vendor is done, and where the clip has been decoded."""


class WatchedSink:
    """Where a download goes: every write first asks whether the job is still ours."""

    def __init__(self, sink: BinaryIO, keeper: Keeper) -> None:
        self._sink, self._keeper = sink, keeper

    def write(self, data: bytes) -> int:
        self._keeper.check()
        return self._sink.write(data)


def prepare(job: Job, keeper: Keeper) -> None:
    """Resolve the inputs as the scene is now, freeze them into the take, and know exactly what will be sent."""
    take = _take(job)
    if _is_blocked(job, take, _continuity_of(take)):
        return
    continuity = _continuity_of(take)  # read after the look for live jobs: a look that was just finished is in it
    inputs = resolve_inputs(take, continuity)
    pictures = {"input_frame": inputs.input_frame, "reference": inputs.reference, "reference_weight": inputs.reference_weight}
    with video_request(take, prompt=inputs.injection.text, **pictures) as request:  # type: ignore[arg-type]
        prepared = _provider(job).prepare(request)
    _require_price_as_reserved(job, prepared)
    params = {**take.params, "reference_weight": inputs.reference_weight} if inputs.reference else take.params
    with arrow(
        job,
        JobState.RUNNING,
        note="; ".join(prepared.notes),
        step=GenerateStep.SUBMIT,
        request_sha256=prepared.sha256,
        step_attempts=1,
    ):
        Take.objects.filter(pk=take.pk, state=TakeState.REQUESTED).update(
            state=TakeState.GENERATING,
            injected_prompt=inputs.injection.text,
            injection=injection_report(inputs.injection),
            style=inputs.style,
            input_frame=inputs.input_frame,
            params=params,
            request_sha256=prepared.sha256,
            mechanism=prepared.mechanism,
        )
        if inputs.reference is not None:
            TakeReference.objects.create(take=take, frame=inputs.reference, order=0)


def submit(job: Job, keeper: Keeper) -> None:
    """Exactly one creating POST. The intent is committed before it, the remote id right after it in its own transaction."""
    if job.submit_intent_at is not None:
        become_unknown(job, lost_answer(job))
        return
    take, provider = _take(job), _provider(job)
    with frozen_request(take) as request:
        prepared = provider.prepare(request)
        _require_as_prepared(job, prepared)
        staged = provider.stage(prepared)
        keeper.check()
        if not _committed_intent(job):
            return  # cancelled meanwhile: the next turn of the loop ends it, and nothing is sent
        submitted = provider.submit(staged, attempt_id=job.pk)
    try:
        late = Now() + timedelta(seconds=settings.JOB_DEADLINE_SECONDS)  # the vendor's time begins now, not when it was asked for
        _go_on(job, GenerateStep.POLL, note="accepted", remote_id=submitted.remote_id, deadline_at=late)
    except LostLease:
        unknown.resume_late(job.pk, submitted.remote_id)
        raise
    breaker.note_answer(provider.name)


def _committed_intent(job: Job) -> bool:
    """Commit that the POST is about to be sent. False = a cancel came first, and no intent was committed."""
    try:
        with arrow(job, JobState.RUNNING, note="intent", submit_intent_at=Now()):
            if job.cancel_requested_at is not None:  # read again by the arrow, with the row locked
                raise _CancelCameFirst
    except _CancelCameFirst:
        return False
    return True


class _CancelCameFirst(Exception):
    """Rolls the intent back."""


def poll(job: Job, keeper: Keeper) -> None:
    """Ask the provider once; go on, wait, or end."""
    status = _provider(job).poll(_remote_id(job))
    breaker.note_answer(job.provider or "")
    if status.state is RemoteState.SUCCEEDED:
        payload = {**job.payload, "failures": 0, "billed_micros": status.billed_micros}
        _go_on(job, GenerateStep.FETCH, payload=payload, deadline_at=Now() + create.PATIENCE)  # it is paid: do not give it up
    elif status.state is RemoteState.FAILED:
        error = status.error or RemoteFailed(f"{job.provider} could not make this clip: try again or change the prompt.")
        fail(job, code=error.code, sentence=str(error), raw=error.raw, billed_micros=status.billed_micros or 0)
    elif status.state is RemoteState.CANCELLED:
        cancelled(job, billed_micros=status.billed_micros or 0)
    else:
        _poll_later(job, status)


def fetch(job: Job, keeper: Keeper) -> None:
    """Bring the clip's bytes here; a file under its name is whole."""
    target = _clip_path(job)
    if not target.exists():
        with whole_file(target) as part, part.open("wb") as sink:
            _provider(job).download(_remote_id(job), cast(BinaryIO, WatchedSink(sink, keeper)), max_bytes=MAX_CLIP_BYTES)
    _go_on(job, GenerateStep.VERIFY)


def verify_clip(job: Job, keeper: Keeper) -> None:
    """Decode the clip whole, then keep it. What cannot be decoded is fetched again."""
    take = _take(job)
    if take.video_id is not None:
        _go_on(job, GenerateStep.FRAMES)
        return
    if not _clip_path(job).exists():  # another machine fetched it
        _go_on(job, GenerateStep.FETCH)
        return
    blob = storage.keep_clip(_clip_path(job), _verified(job, keeper))
    session = take.shot.session
    with arrow(job, JobState.RUNNING, step=GenerateStep.FRAMES, step_attempts=1):
        name = f"take {take.number}.mp4"
        clip = Asset.objects.create(
            owner=session.owner, session=session, blob=blob, role=AssetRole.CLIP, origin=AssetOrigin.GENERATED, name=name
        )
        Take.objects.filter(pk=take.pk).update(video=clip)


def keep_frames(job: Job, keeper: Keeper) -> None:
    """Keep the exact first and last frame: what the next shot starts from and what cuts are measured on."""
    take = _take(job)
    assert take.video is not None
    with media.local_clip(take.video) as path:
        first = media.keep_frame(clip=take.video, picture=first_frame(path), role=FrameRole.FIRST)
        last = media.keep_frame(clip=take.video, picture=last_frame(path), role=FrameRole.LAST)
    with arrow(job, JobState.RUNNING, step=GenerateStep.SETTLE, step_attempts=1):
        Take.objects.filter(pk=take.pk).update(first_frame=first, last_frame=last)


def settle(job: Job, keeper: Keeper) -> None:
    """Close the charge, finish the take, choose it if none is chosen, ring for what follows: one transaction."""
    take = _take(job)
    note = "finished before the cancel" if job.cancel_requested_at else ""
    with arrow(
        job, JobState.DONE, billed_micros=_billed(job), note=note, progress=1.0, progress_note=note, result={"take": take.pk}
    ):
        Take.objects.filter(pk=take.pk).update(state=TakeState.DONE, finished_at=Now(), error_code=None, error_sentence=None)
        if take.purpose == TakePurpose.FINAL:
            Shot.all_objects.filter(pk=take.shot_id, chosen_take=None).update(chosen_take=take)
            create.style_job(take, by=job.by)
        take.refresh_from_db(fields=["state"])
        cuts.request_missing(session=take.shot.session, by=job.by, take=take)
        gate.ask_for_another(take, by=job.by)
        create.wake_waiters(take.shot.session_id)
        take.shot.touch(by=None)
    storage.forget_job_directory(job.pk)


def cancelled(job: Job, *, billed_micros: int) -> None:
    """End the job and its take as cancelled."""
    with arrow(job, JobState.CANCELLED, billed_micros=billed_micros, note="cancelled"):
        Take.objects.filter(pk=job.take_id).update(state=TakeState.CANCELLED, finished_at=Now())
        if job.session is not None:
            job.session.touch(by=None)
    storage.forget_job_directory(job.pk)


def cancel_if_asked(job: Job) -> bool:
    """True = the job ended here. Before the submit nothing is owed; after it the vendor is asked to stop, and when it
    cannot the clip is fetched and kept."""
    if job.cancel_requested_at is None:
        return False
    if job.submit_intent_at is None:
        cancelled(job, billed_micros=0)
        return True
    if job.step != GenerateStep.POLL or job.payload.get("cancel_refused"):
        return False
    if _provider(job).cancel(_remote_id(job)):
        cancelled(job, billed_micros=job.charge.reserved_micros)  # a vendor that was asked to work may bill it
        return True
    Job.objects.filter(pk=job.pk, fence=job.fence).update(payload={**job.payload, "cancel_refused": True})
    job.refresh_from_db(fields=["payload"])
    return False


def _continuity_of(take: Take) -> Continuity | None:
    return Continuity.objects.filter(session_id=take.shot.session_id).first()


def _is_blocked(job: Job, take: Take, continuity: Continuity | None) -> bool:
    """True = the job went back to waiting, because what it builds on is being made or is not there."""
    needs = bridges.predecessors(take.shot, mode=ShotMode(take.mode), continuity=continuity)
    if needs.waits_for:
        first = needs.waits_for[0]
        late = Now() + create.PATIENCE
        pause(job, seconds=0, note="", counts=False, waits_for=first, wait_reason=create.waiting_for(first), deadline_at=late)
        return True
    if needs.missing is None:
        return False
    source = take.shot.bridge_source()
    last_job = Job.objects.filter(shot=source, kind=JobKind.GENERATE).order_by("-created_at").first()
    pause(
        job,
        seconds=create.PATIENCE.total_seconds(),
        note=needs.missing,
        counts=False,
        waits_for=last_job,
        wait_reason=f"previous shot failed: {needs.missing}"[:500],
        deadline_at=Now() + create.PATIENCE,
    )
    return True


def _require_as_prepared(job: Job, prepared: Prepared) -> None:
    """What is about to be sent is what was frozen, at the price that was reserved."""
    _require_price_as_reserved(job, prepared)
    if prepared.sha256 != job.request_sha256:
        raise Refused("request_changed", "The model changed since this was prepared: ask for the clip again.")


def _require_price_as_reserved(job: Job, prepared: Prepared) -> None:
    if prepared.price_ceiling_micros > job.charge.reserved_micros:
        raise Refused("price_changed", "The price of this model rose since you asked: ask again to see the new price.")


def _go_on(job: Job, step: GenerateStep, **columns: Any) -> None:
    with arrow(job, JobState.RUNNING, step=step, step_attempts=1, **columns):
        pass


def _poll_later(job: Job, status: RemoteStatus) -> None:
    seconds = model_card(_take(job).model).poll_seconds
    pause(job, seconds=seconds, note=status.note, counts=False, progress=MADE * (status.progress or 0.0))


def _verified(job: Job, keeper: Keeper) -> Verified:
    def progress(share: float) -> None:
        keeper.progress(MADE + (CHECKED - MADE) * share, "Checking the clip")

    try:
        return verify(
            _clip_path(job), on_progress=lambda share: keeper.progress(MADE + (CHECKED - MADE) * share, "Checking the clip")
        )
    except VideoError as error:
        raise OutputInvalid(f"The clip that {job.provider} delivered is not whole: try again.", raw=str(error)) from error


def _billed(job: Job) -> int:
    """What the vendor says it bills; where it does not say, the ceiling."""
    said = job.payload.get("billed_micros")
    return int(job.charge.reserved_micros if said is None else said)


def _take(job: Job) -> Take:
    return Take.objects.select_related(
        "shot__session__owner", "shot__bridge_from", "video__blob", "input_frame__image__blob"
    ).get(pk=job.take_id)


def _provider(job: Job) -> VideoProvider:
    return video_provider(job.provider or "")


def _remote_id(job: Job) -> str:
    assert job.remote_id is not None
    return job.remote_id


def _clip_path(job: Job) -> Path:
    return storage.job_directory(job.pk) / "clip.mp4"
