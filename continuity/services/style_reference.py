"""The scene's style reference: a picture that a person chose. It is shown to models at once, and a job reads the scene's look
from it. The job's change of the base is written into the person's own edit, so that one undo takes back both.
"""

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from continuity.enums import LIVE_JOB_STATES, BaseStyleSource, BlobKind, JobKind, StyleOrigin, TakeState
from continuity.jobs import create
from continuity.models import Asset, Extraction, Frame, Job, Style, Take
from continuity.services import media, style_base, styles
from continuity.services.errors import Refused
from continuity.video.frames import ExactFrame, sample_frames

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet

    from sessions_app.models import Session

STEP = "read"
SUPERSEDED = "Another reference was chosen meanwhile, so this one's look was not taken."
EDITED = "The style was changed by hand meanwhile, so this reference's look was not taken."


def set_style_reference(
    *, session: "Session", by: "User", frame: Frame | None = None, take: Take | None = None, clip: Asset | None = None
) -> Job:
    """Make a picture the scene's style reference: ``frame``, or the middle picture of a finished ``take`` or of a ``clip`` of the
    owner's (a still is its own picture). Returns the job that reads the look; the live one when the picture is being read.

    Refused for a picture of somebody else, a take of another scene or without a clip, and without a continuity half.
    """
    if sum(given is not None for given in (frame, take, clip)) != 1:
        raise TypeError("A reference is a frame, a take or a clip: give exactly one.")
    source = _clip_of(session, take) if take is not None else clip
    shown = frame if frame is not None else _picture_of(session, source)
    _require_own(session, shown.asset)
    subject = f"style-reference:{session.pk}:{shown.pk}"
    live = Job.objects.filter(subject_key=subject, state__in=LIVE_JOB_STATES)
    try:
        return _asked_again(session, shown, live, by=by) or _asked(session, shown, source, take, subject=subject, by=by)
    except IntegrityError:  # somebody else asked in this moment
        return live.get()


def _asked_again(session: "Session", shown: Frame, live: "QuerySet[Job]", *, by: "User") -> Job | None:
    """The live job that reads this picture; where another one was chosen meanwhile, or the choice undone, it is chosen again and
    the job belongs to this choice. None = no job reads it."""
    with transaction.atomic():
        job = live.select_for_update(no_key=True, of=("self",)).select_related("session").first()
        if job is None:
            return None
        half = style_base.locked_half(session)
        if half.primary_reference_id == shown.pk and _standing_edit(job) is not None:
            return job
        style_base.set_base(session=session, by=by, primary_reference=shown.pk)
        job.payload = {**job.payload, "base": half.base_style_id, "edit": session.edits.latest("number").pk}
        job.save(update_fields=["payload"])
    return job


def _asked(session: "Session", shown: Frame, source: Asset | None, take: Take | None, *, subject: str, by: "User") -> Job:
    with transaction.atomic():
        half = style_base.locked_half(session)
        job = create.job(kind=JobKind.STYLE, step=STEP, subject_key=subject, by=by, session=session)
        # An edit also where the picture is the reference already: the look that is read from it belongs to this edit.
        style_base.set_base(session=session, by=by, primary_reference=shown.pk)
        job.payload = {
            "frame": shown.pk,
            "clip": source.pk if source is not None else None,
            "take": take.pk if take is not None else None,
            "base": half.base_style_id,
            "edit": session.edits.latest("number").pk,
        }
        job.save(update_fields=["payload"])
    return job


def pictures_of(job: Job) -> list[ExactFrame]:
    """What the look of a reference is read from: the clip's measured frames, or the one picture. Raises video errors."""
    clip = Asset.all_objects.select_related("blob").filter(pk=job.payload["clip"]).first()
    if clip is not None and clip.blob.kind == BlobKind.VIDEO:
        with media.local_clip(clip) as path:
            return sample_frames(path, styles.MEASURED_POSITIONS)
    frame = Frame.objects.select_related("image__blob").filter(pk=job.payload["frame"]).first()
    if frame is None:
        raise Refused("reference_gone", "This picture was deleted meanwhile: choose another style reference.")
    return [ExactFrame(0, Fraction(0), media.picture(frame))]


def take_as_base(job: Job, extraction: Extraction) -> tuple[Style | None, str]:
    """The scene's base from what a reference's job read, inside its last transaction; or None and the sentence why not.

    It counts no edit: the columns are added to the edit of the person who asked. A reference or a base that a person chose
    after that stays; what is locked stays.
    """
    assert job.session is not None
    half = style_base.locked_half(job.session)
    job.refresh_from_db(fields=["payload"])  # the picture may have been chosen again meanwhile
    edit = _standing_edit(job)
    if edit is None or half.primary_reference_id != job.payload["frame"]:
        return None, SUPERSEDED
    parent = half.base_style
    if half.base_style_id != job.payload["base"] and parent is not None and not styles.is_automatic(parent):
        return None, EDITED
    take = Take.objects.filter(pk=job.payload["take"]).first()
    style = style_base.new_version(
        session=job.session,
        origin=StyleOrigin.EXTRACTED,
        values=style_base.with_locked(extraction.values, parent),
        parent=parent,
        by=job.by,
        take=take,
        extraction=extraction,
    )
    source = BaseStyleSource.EXTRACTED.value
    columns = {"base_style": style.pk, "base_style_source": source, "base_take": take.pk if take is not None else None}
    _complete(edit, before=style_base.base_of(half), after=columns)
    style_base.put_base(half, columns, by=job.by)
    job.session.touch(by=None)
    return style, ""


def _standing_edit(job: Job) -> Any:
    """The edit by which the job was asked for, or the redo of it; None = it is undone, or too long ago."""
    assert job.session is not None
    edit = job.session.edits.filter(pk=job.payload["edit"]).first()
    while edit is not None and edit.undone_by_edit is not None:
        edit = edit.undone_by_edit
    return None if edit is None or edit.verb.startswith("undo:") else edit


def _complete(edit: Any, *, before: dict[str, str | None], after: dict[str, str | None]) -> None:
    """Add to the edit what its job changed, so that its undo puts all of it back."""
    changed = {name: value for name, value in after.items() if value != before[name]}
    edit.before = {**{name: before[name] for name in changed}, **edit.before}
    edit.after = {**edit.after, **changed}
    edit.save(update_fields=["before", "after"])


def _clip_of(session: "Session", take: Take) -> Asset:
    if take.shot.session_id != session.pk:
        raise Refused("take_of_another_scene", "This take is of another scene: choose one of this scene.")
    if take.state != TakeState.DONE or take.video is None:
        raise Refused("take_not_finished", "This take has no finished clip: choose one that is done.")
    return take.video


def _picture_of(session: "Session", clip: Asset | None) -> Frame:
    assert clip is not None
    _require_own(session, clip)  # before the clip is opened
    return styles.picture_of(clip)


def _require_own(session: "Session", asset: Asset) -> None:
    if asset.owner_id != session.owner_id:
        raise Refused("reference_of_another_owner", "This picture is not yours: upload it to this scene first.")
