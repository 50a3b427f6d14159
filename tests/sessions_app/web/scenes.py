"""Scenes as the pages meet them: with finished, failed, running and unknown takes."""

from typing import Any

from continuity.enums import JobKind, JobState, TakeState
from continuity.models import Asset, Job, Shot, Take
from continuity.storage import blob_key
from sessions_app.models import Session
from tests.factories import continuity as scene
from tests.factories.session import NOON, SessionFactory, digest


def make_scene(owner: Any, *, shots: int, **session: Any) -> Session:
    """A scene of ``shots`` shots, each with a chosen, finished take."""
    row = SessionFactory(owner=owner, **session)
    scene.ContinuityFactory(session=row)
    for _ in range(shots):
        done_shot(row)
    return row


def done_shot(session: Session, **take: Any) -> Shot:
    shot = scene.ShotFactory(session=session)
    shot.chosen_take = scene.DoneTakeFactory(shot=shot, number=1, **take)
    shot.save()
    return shot


def live_take(session: Session, *, state: TakeState, job_state: JobState, **job: Any) -> Take:
    """A take with its generate job and an open charge of thirty cents."""
    take = scene.TakeFactory(shot__session=session, number=1, state=state, request_sha256=digest("request"))
    factory = scene.RunningJobFactory if job_state == JobState.RUNNING else scene.JobFactory
    row = factory(
        kind=JobKind.GENERATE,
        session=session,
        shot=take.shot,
        take=take,
        subject_key=f"generate:{take.shot_id}",
        state=job_state,
        step="submit",
        provider="ltx",
        **job,
    )
    scene.ChargeFactory(job=row, take=take)
    return take


def unknown_take(session: Session, **job: Any) -> Take:
    """A take of which nobody knows what became of it."""
    return live_take(session, state=TakeState.UNKNOWN, job_state=JobState.UNKNOWN, submit_intent_at=NOON, **job)


def running_take(session: Session, **job: Any) -> Take:
    return live_take(session, state=TakeState.GENERATING, job_state=JobState.RUNNING, **job)


def failed_take(session: Session, *, sentence: str) -> Take:
    return scene.TakeFactory(
        shot__session=session, number=1, state=TakeState.FAILED, error_code="content_refused", error_sentence=sentence
    )


def job_of(take: Take) -> Job:
    return Job.objects.get(take=take, kind=JobKind.GENERATE)


def stored_clip(owner: Any, content: bytes, **blob: Any) -> Asset:
    """An asset whose bytes really are in the storage."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    facts = {"container": "mov", "codec": "h264"} | blob
    sha256 = digest(content)
    default_storage.save(blob_key(sha256), ContentFile(content))
    row = scene.BlobFactory(sha256=sha256, size=len(content), storage_key=blob_key(sha256), **facts)
    return scene.AssetFactory(owner=owner, blob=row)
