"""Grade verbs: fit a take to the scene's first shot, apply and remove the fit, and the safe bridge frame that comes of it.

Fitted only from two pictures of the same content: the first frame of a take, and the picture it started from *as the scene's
first shot would show it*. So every fit leads to the first shot itself, and errors do not walk along the chain. Originals are
never changed: previews and the film are made from them with the applied grade.
"""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q, QuerySet

from continuity import storage
from continuity.enums import (
    LIVE_JOB_STATES,
    Aspect,
    AssetOrigin,
    AssetRole,
    BlobKind,
    FrameRole,
    GradeState,
    JobKind,
    ShotMode,
)
from continuity.jobs import create
from continuity.models import Asset, Continuity, Frame, Grade, Job, Shot, Take
from continuity.services import cuts, media
from continuity.services.errors import Refused
from continuity.services.only_looking import NotMadeYet, not_while_looking
from continuity.video.errors import FFmpegFailed
from continuity.video.grade import apply_lut
from continuity.video.verify import Progress, verify
from continuity.vision.cube import Cube, cube_text, read_cube
from continuity.vision.match import Match, match_pictures
from continuity.vision.safe_bridge import corrected_frame
from continuity.vision.visible_drift import SAFE_BRIDGE, has_drifted

if TYPE_CHECKING:
    from django.contrib.auth.models import User

BROUGHT_BACK = "The last frame of the previous shot is brought back to the look of the first one when the take is made."
OPEN_STATES = (GradeState.PROPOSED, GradeState.APPLIED, GradeState.REFUSED)


@dataclass(frozen=True)
class Fit:
    """What fitting a take to the scene's first shot came to. ``grade`` None = nothing to do. ``delta_e``: ΔE2000 by which its
    grade is away from that of the first shot, on the same content; None = there is nothing to compare it with."""

    grade: Grade | None
    delta_e: float | None
    sentence: str = ""
    """Why there is no grade; "" = there is one."""


NOTHING_TO_MATCH = "There is nothing to match this take to: the scene's look comes from it, or from no picture that it shows too."
HAS_THE_LOOK = "This take has the scene's look already: there is nothing to correct."


def propose(*, take: Take, by: "User | None") -> Fit:
    """The fit of a finished take: the one there is, else a new proposal, or a refusal with its reason. Nothing to do for a take
    that sets the scene's look itself, or has it already."""
    target = target_of(take)
    if target is None or take.first_frame is None:
        return Fit(None, None, NOTHING_TO_MATCH)
    match = match_pictures(media.picture(take.first_frame), media.picture(target))
    if not match.applied and not match.refused:
        return Fit(None, match.delta_e_before, HAS_THE_LOOK)
    lut = _kept_lut(match.cube, take) if match.cube is not None and match.applied else None
    with transaction.atomic():
        Take.objects.select_for_update(no_key=True).get(pk=take.pk)  # of two who propose at once the later one finds the row
        known = Grade.objects.filter(take=take, reference_frame=target, state__in=OPEN_STATES).order_by("-created_at").first()
        return Fit(known or _new_grade(take, target, match, lut=lut, by=by), match.delta_e_before)


def request(*, take: Take, by: "User") -> Job:
    """A job that proposes a grade for ``take``; the live one when there is one. Refused where there can be none."""
    if not cuts.is_measurable(take):
        raise Refused("take_not_finished", "Only a finished take can be graded: wait until it is made.")
    if keeps_own_colours(take):
        raise Refused("colours_are_wished", "You asked for other colours in this shot, so they are not matched to the scene.")
    key = fit_subject(take)
    with transaction.atomic():
        row = {"session": take.shot.session, "shot": take.shot, "take": take}
        made = None
        if not Job.objects.filter(subject_key=key, state__in=LIVE_JOB_STATES).exists():
            made = create.job_unless_live(kind=JobKind.GRADE, subject_key=key, by=by, **row)
        return made or create.newest(key)


def fit_subject(take: Take) -> str:
    """``Job.subject_key`` of the job that fits this take: one live job per take."""
    return f"grade:{take.pk}"


def preview_subject(grade: Grade) -> str:
    """``Job.subject_key`` of the job that renders this grade: one live job per grade."""
    return f"preview:{grade.pk}"


def apply(*, grade: Grade, by: "User") -> Grade:
    """Use a proposed grade in preview and film. The one applied before is removed; a preview is rendered by a job."""
    with transaction.atomic():
        shot = _held_shot(grade.take)
        row = _grades_of(grade.take).filter(pk=grade.pk).first()
        # A removed one leads to a look that the scene had before; a page that still offers it is an old one.
        if row is None or row.state != GradeState.PROPOSED or row.lut_id is None:
            raise Refused("grade_not_applicable", "Only a proposed grade can be applied: propose one first.")
        _wear(row, shot=shot, by=by)
    grade.refresh_from_db()
    return grade


def remove(*, grade: Grade, by: "User") -> Grade:
    """Take an applied grade off again: preview and film show the take as it was made. The proposal stays for another time."""
    with transaction.atomic():
        shot = _held_shot(grade.take)
        if not _grades_of(grade.take).filter(pk=grade.pk, state=GradeState.APPLIED).exists():
            raise Refused("grade_not_applied", "This grade is not applied: there is nothing to remove.")
        _take_off(grade, shot=shot, by=by)
    grade.refresh_from_db()
    return grade


def put_applied(*, take: Take, grade_id: str | None, by: "User") -> None:
    """Put back which grade of ``take`` is applied; None = none is. One that led to an older base is put back too, if it was."""
    with transaction.atomic():
        shot = _held_shot(take)
        wanted = _grades_of(take).filter(pk=grade_id, lut__isnull=False).first()
        worn = _grades_of(take).filter(state=GradeState.APPLIED).first()
        if wanted is not None:
            _wear(wanted, shot=shot, by=by)
        elif worn is not None and grade_id is None:
            _take_off(worn, shot=shot, by=by)
        else:
            raise Refused("grade_not_applicable", "This grade is not there any more: propose one first.")


def applied_to(takes: list[Take]) -> dict[str, Grade]:
    """The applied grade of each take that has one, by take id."""
    rows = Grade.objects.filter(take__in=takes, state=GradeState.APPLIED).select_related("lut__blob", "take__video__blob")
    return {grade.take_id: grade for grade in rows}


def graded_clip(grade: Grade, *, on_progress: Progress | None = None) -> Asset:
    """The take's clip with the grade in it, rendered once. Raises the family of ``video.errors``."""
    clip, lut = _clip(grade), _lut(grade)
    known = Asset.objects.filter(parent=clip, role=AssetRole.PREVIEW, recipe_sha256=lut.blob.sha256).first()
    if known is not None:
        return known
    with media.local_clip(clip) as source, storage.scratch_directory() as folder:
        target = folder / "graded.mp4"
        apply_lut(source, _cube(lut), target, on_progress=on_progress)
        verified = verify(target)
        if verified.frame_count != clip.blob.frame_count:
            raise FFmpegFailed("The graded clip lost frames: try again, or leave this shot ungraded.")
        blob = storage.keep_clip(target, verified)
    row = {"owner": clip.owner, "session": clip.session, "blob": blob, "origin": AssetOrigin.DERIVED, "name": "graded.mp4"}
    return Asset.objects.get_or_create(
        parent=clip, role=AssetRole.PREVIEW, recipe_sha256=lut.blob.sha256, deleted_at=None, defaults=row
    )[0]


def target_of(take: Take, *, after: frozenset[str] = frozenset()) -> Frame | None:
    """What the take's first frame should look like: the picture it started from, as the scene's base take shows it now; for a
    take that started from none, the end of the chosen one before it. None = this take is where the look comes from.

    ``after``: the ids of the takes that follow this one in the chain; a circle ends where it comes back to one of them.
    """
    if take.pk == base_take_id(take) or keeps_own_colours(take):
        return None
    start = take.input_frame
    before = _take_ending_in(start) if start is not None else cuts.chosen_before(take.shot)
    if start is not None and (before is None or take.mode != ShotMode.FRAME_BRIDGE):
        return start  # a keyframe, a start image
    if before is None or before.pk in after:
        return None
    return scene_frame(before, after=after | {take.pk})


def bridge_frame(take: Take) -> Frame:
    """What the next shot starts from: the exact last frame of ``take``, or, where that has drifted visibly from the look of
    the scene's first shot, the frame that was brought back to it. Both are kept and shown."""
    last = _last_frame(take)
    try:
        scene = scene_frame(take)
    except NotMadeYet as unmade:
        if unmade.picture is not None and unmade.instead_of == last.pk and not has_drifted(media.picture(last), unmade.picture):
            return last
        raise
    if scene.pk == last.pk:
        return last
    return scene if has_drifted(media.picture(last), media.picture(scene)) else last


def scene_frame(take: Take, *, after: frozenset[str] = frozenset()) -> Frame:
    """The last frame of ``take`` as the scene's first shot would show it; the frame itself where nothing can be fitted.

    Kept however little it differs: the next shot is measured against it, so drifts too small to be undone cannot add up
    unseen. A corrected frame names the rendered one as its image's parent.
    """
    last, target = _last_frame(take), target_of(take, after=after)
    if target is None or take.first_frame is None:
        return last
    recipe = hashlib.sha256(f"{SAFE_BRIDGE}:{target.rgb24_sha256}:{take.first_frame.rgb24_sha256}".encode()).hexdigest()
    known = Frame.objects.filter(asset__parent=last.image, asset__recipe_sha256=recipe, asset__deleted_at=None).first()
    if known is not None:
        return known
    rendered = media.picture(last)
    safe = corrected_frame(rendered, start=media.picture(target), first=media.picture(take.first_frame))
    if safe.picture is rendered:
        return last
    not_while_looking(BROUGHT_BACK, picture=safe.picture, instead_of=last.pk)
    return media.keep_derived_still(safe.picture, parent=last.image, recipe=recipe, name=f"{last.image.name}, brought back")


def keeps_own_colours(take: Take) -> bool:
    """The person asked for other colours in this shot: matching them to the scene would undo that wish."""
    return Aspect.COLOUR in take.shot.style_overrides


def _last_frame(take: Take) -> Frame:
    assert take.last_frame is not None
    return take.last_frame


def base_take_id(take: Take) -> str | None:
    """The take that everything in the scene of ``take`` is compared with and brought back to; None = there is none yet."""
    return Continuity.objects.filter(session_id=take.shot.session_id).values_list("base_take", flat=True).first()


def _take_ending_in(frame: Frame) -> Take | None:
    """The take whose last frame ``frame`` is, or from whose last frame it was brought back; None for any other picture."""
    ends_here = Q(last_frame=frame)
    if frame.asset.role == AssetRole.STILL and frame.asset.parent_id is not None:
        ends_here |= Q(last_frame__image=frame.asset.parent_id)
    elif frame.role == FrameRole.LAST:
        ends_here |= Q(video=frame.asset_id)  # an old take may not name its last frame
    return Take.objects.filter(ends_here).select_related("shot__session", "first_frame", "last_frame").first()


def _kept_lut(cube: Cube, take: Take) -> Asset:
    blob = storage.keep_text(cube_text(cube, title=f"take {take.number}"), kind=BlobKind.LUT, container="cube")
    clip = take.video
    assert clip is not None
    row = {"owner": clip.owner, "session": clip.session, "blob": blob, "origin": AssetOrigin.DERIVED, "name": "grade.cube"}
    return Asset.objects.get_or_create(parent=clip, role=AssetRole.LUT, recipe_sha256=blob.sha256, deleted_at=None, defaults=row)[
        0
    ]


def _new_grade(take: Take, target: Frame, match: Match, *, lut: Asset | None, by: "User | None") -> Grade:
    assert take.first_frame is not None
    return Grade.objects.create(
        take=take,
        reference_frame=target,
        source_frame=take.first_frame,
        lut=lut,
        state=GradeState.PROPOSED if lut is not None else GradeState.REFUSED,
        strength=match.strength,
        delta_e_before=match.delta_e_before,
        delta_e_after=match.delta_e_after,
        guards=dict(match.guards),
        refused_reason=match.reason if lut is None else None,
        by=by,
    )


def _request_preview(grade: Grade, *, by: "User") -> None:
    key = preview_subject(grade)
    if Job.objects.filter(subject_key=key, state__in=LIVE_JOB_STATES).exists():
        return
    shot, payload = grade.take.shot, {"grade": grade.pk}
    create.job_unless_live(
        kind=JobKind.PREVIEW, subject_key=key, by=by, session=shot.session, shot=shot, take=grade.take, payload=payload
    )


def _held_shot(take: Take) -> Shot:
    """The take's shot, held with the take until the transaction ends. Refused when it is locked."""
    Take.objects.select_for_update(no_key=True).get(pk=take.pk)
    shot = Shot.all_objects.select_for_update(no_key=True, of=("self",)).select_related("session").get(pk=take.shot_id)
    if shot.locked:
        raise Refused("shot_locked", "This shot is locked: unlock it to change its grade.")
    return shot


def _grades_of(take: Take) -> QuerySet[Grade]:
    return Grade.objects.filter(take_id=take.pk).select_related("take__shot__session")


def _wear(grade: Grade, *, shot: Shot, by: "User") -> None:
    worn = _grades_of(grade.take).filter(state=GradeState.APPLIED).first()
    if worn is not None:  # what came later is still to be had when one goes back to the one before it
        left = GradeState.REMOVED if worn.created_at <= grade.created_at else GradeState.PROPOSED
        Grade.objects.filter(pk=worn.pk).update(state=left)
    Grade.objects.filter(pk=grade.pk).update(state=GradeState.APPLIED, by=by)
    _request_preview(grade, by=by)
    before = {"applied": worn.pk if worn is not None else None}
    shot.edit("grade.apply", by=by, target=grade, before=before, after={"applied": grade.pk})


def _take_off(grade: Grade, *, shot: Shot, by: "User") -> None:
    Grade.objects.filter(pk=grade.pk).update(state=GradeState.PROPOSED)
    shot.edit("grade.remove", by=by, target=grade, before={"applied": grade.pk}, after={"applied": None})


def _clip(grade: Grade) -> Asset:
    assert grade.take.video is not None
    return grade.take.video


def _lut(grade: Grade) -> Asset:
    assert grade.lut is not None
    return grade.lut


def _cube(lut: Asset) -> Cube:
    with storage.local_file(lut.blob, suffix=".cube") as path:
        return read_cube(path.read_text(encoding="ascii"))
