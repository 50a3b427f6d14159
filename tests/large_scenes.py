"""A scene of many shots, written in a few statements: what the reads are counted and timed on."""

from itertools import pairwise
from typing import TYPE_CHECKING

from continuity.enums import BaseStyleSource, BlobKind, JobKind, JobState, ShotMode
from continuity.models import Asset, Blob, Continuity, Cut, Frame, Job, Shot, Style, Take
from continuity.models.scene import RANK_STEP
from continuity.vision.scene_score import METRIC
from prompts.models import Prompt
from sessions_app.models import Session
from tests.factories.continuity import style_values
from tests.factories.session import NOON, digest

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User

PROMPT = "Medium shot: the captain of the ferry lights a pipe, rain on the window, the harbour behind him out of focus."
INJECTED = f"Palette of ebony and graphite with dim light from the left, light rain. {PROMPT}"


def large_scene(owner: "User", *, shots: int, name: str = "The long night") -> Session:
    """A scene with both halves, ``shots`` shots with a chosen take each, every one after the first bridged from the one before
    it, and their cuts; every tenth shot has a newer take in the making."""
    session = Session.objects.create(owner=owner, name=name, created_at=NOON, updated_at=NOON)
    Prompt.objects.create(session=session, input=PROMPT, output=INJECTED)
    style = Style.objects.create(session=session, number=1, origin="extracted", values=style_values(mood="calm"))
    continuity = Continuity.objects.create(session=session, base_style=style, base_style_source=BaseStyleSource.EXTRACTED)
    made = [Shot(session=session, rank=(place + 1) * RANK_STEP, user_prompt=PROMPT, created_at=NOON) for place in range(shots)]
    Shot.objects.bulk_create(made)
    clips = _clips(session, count=shots)
    frames = [_frames(clip) for clip in clips]
    Frame.objects.bulk_create([frame for pair in frames for frame in pair])
    takes = [
        Take(
            shot=shot,
            number=1,
            state="done",
            requested_by=owner,
            user_prompt=PROMPT,
            injected_prompt=INJECTED,
            mode=ShotMode.FRAME_BRIDGE,
            model="animatic",
            provider="animatic",
            params={"seconds": 4.0, "size": "1280x720", "fps": 24, "audio": False},
            request_sha256=digest(shot.pk),
            input_frame=frames[place - 1][1] if place else None,
            video=clips[place],
            first_frame=frames[place][0],
            last_frame=frames[place][1],
            created_at=NOON,
            finished_at=NOON,
        )
        for place, shot in enumerate(made)
    ]
    Take.objects.bulk_create(takes)
    for shot, take in zip(made, takes, strict=True):
        shot.chosen_take = take
    Shot.objects.bulk_update(made, ["chosen_take"], batch_size=200)
    _in_the_making(owner, session, made[::10], at=NOON)
    Cut.objects.bulk_create(
        Cut(session=session, left_take=left, right_take=right, metric=METRIC, state="measured", score=0.81, band="matches")
        for left, right in pairwise(takes)
    )
    continuity.base_take, continuity.primary_reference = takes[0], frames[0][0]
    continuity.save()
    return session


def _clips(session: Session, *, count: int) -> list[Asset]:
    blobs = [
        Blob(
            sha256=digest(f"{session.pk} clip {number}"),
            size=1_000_000,
            storage_key=f"blobs/{session.pk}/{number}",
            kind=BlobKind.VIDEO,
            container="mov",
            codec="h264",
            width=1280,
            height=720,
            fps_num=24,
            fps_den=1,
            frame_count=96,
            duration_num=4,
            duration_den=1,
        )
        for number in range(count)
    ]
    Blob.objects.bulk_create(blobs)
    clips = [
        Asset(owner=session.owner, session=session, blob=blob, role="clip", origin="generated", name=f"take-{number}.mp4")
        for number, blob in enumerate(blobs)
    ]
    return Asset.objects.bulk_create(clips)


def _frames(clip: Asset) -> tuple[Frame, Frame]:
    """Pictures of a clip; here the clip itself stands for their files."""
    return tuple(
        Frame(asset=clip, index=index, role=role, time_num=index, time_den=24, image=clip, rgb24_sha256=digest(index),
              width=1280, height=720)
        for index, role in ((0, "first"), (95, "last"))
    )  # type: ignore[return-value]  # fmt: skip


def _in_the_making(owner: "User", session: Session, shots: list[Shot], *, at: "datetime") -> None:
    takes = Take.objects.bulk_create(
        Take(shot=shot, number=2, requested_by=owner, user_prompt=PROMPT, mode=ShotMode.NONE, model="animatic", created_at=at)
        for shot in shots
    )
    Job.objects.bulk_create(
        Job(
            kind=JobKind.GENERATE,
            subject_key=f"generate:{take.shot_id}",
            session=session,
            shot=take.shot,
            take=take,
            by=owner,
            state=JobState.QUEUED,
            step="prepare",
            next_run_at=at,
            deadline_at=at,
        )
        for take in takes
    )
