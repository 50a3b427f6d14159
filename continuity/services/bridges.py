"""What is handed from shot to shot: which mode a shot is in, which frame starts it, what it has to wait for."""

from dataclasses import dataclass, field

from continuity.enums import LIVE_JOB_STATES, FrameRole, GenerationMode, JobKind, ShotMode, TakeState
from continuity.models import Continuity, Frame, Job, Shot, Take
from continuity.services import grades, media, proxies, styles
from continuity.services.errors import Refused
from continuity.services.only_looking import not_while_looking
from continuity.video.frames import last_frame


def mode_of(shot: Shot, continuity: Continuity | None) -> ShotMode:
    """The mode a shot is generated in: its own, else the scene's; ``none`` without a continuity half or in standard mode."""
    if continuity is None or continuity.generation_mode == GenerationMode.STANDARD:
        return ShotMode.NONE
    if shot.mode is not None:
        return ShotMode(shot.mode)
    default = ShotMode(continuity.default_mode)
    return ShotMode.NONE if default is ShotMode.FRAME_BRIDGE and not continuity.auto_bridge else default


@dataclass(frozen=True)
class Predecessors:
    """What must be there before a shot can run: live jobs to wait for, or the sentence why nothing will ever come."""

    waits_for: tuple[Job, ...] = field(default=())
    missing: str | None = None


def predecessors(shot: Shot, *, mode: ShotMode, continuity: Continuity | None) -> Predecessors:
    """The live jobs that ``shot`` builds on. ``missing`` = its bridge has no finished clip and none is being made."""
    waits_for: list[Job] = []
    source = shot.bridge_source() if mode is ShotMode.FRAME_BRIDGE else None
    if source is not None:
        judged = (JobKind.CUT,) if continuity is not None and continuity.judges_takes() else ()
        waits_for += _live(source, JobKind.GENERATE, *judged)
        source.refresh_from_db(fields=["chosen_take"])  # after the look for live jobs: one that just ended has chosen it
        if not waits_for and not _finished(source.chosen_take):
            return Predecessors(missing=_nothing_before(source))
    if continuity is not None and styles.wants_injection(shot, continuity) and continuity.base_style_id is None:
        first = Shot.objects.filter(session_id=shot.session_id).order_by("rank").first()
        if first is not None and first.pk != shot.pk:
            waits_for += _live(first, JobKind.GENERATE, JobKind.STYLE)
    return Predecessors(waits_for=tuple(waits_for))


def start_frame(shot: Shot, *, mode: ShotMode) -> Frame | None:
    """The picture a frame-bridged shot starts from: the exact last frame of its source's chosen take, brought back to the
    look of the scene's first shot where the scene wants that; for the first shot its own start image, or None."""
    if mode is not ShotMode.FRAME_BRIDGE:
        return None
    source = shot.bridge_source()
    if source is None:
        return shot.start_image
    take = source.chosen_take
    if not _finished(take) or take is None:
        raise Refused("bridge_missing", _nothing_before(source))
    if take.last_frame is None:
        take.last_frame = _last_frame_of(take)
    is_safe = Continuity.objects.filter(session_id=shot.session_id, safe_bridge=True).exists()
    return grades.bridge_frame(take) if is_safe else take.last_frame


def style_reference(shot: Shot, *, mode: ShotMode, continuity: Continuity | None) -> Frame | None:
    """The scene's reference picture, for style-match; None for a first shot while there is none: that one is made from its
    prompt, and the picture comes from it. Refused for any other shot."""
    if mode is not ShotMode.STYLE_MATCH or continuity is None:
        return None
    if continuity.primary_reference is not None or shot.previous() is None:
        return continuity.primary_reference
    if shot.camera and proxies.current(shot.session_id) is not None:
        return None  # it starts from the scene's proxy
    raise Refused(
        "style_reference_missing",
        "Style-match needs a reference picture of the scene: generate the first shot or set a style reference first.",
    )


def _last_frame_of(take: Take) -> Frame:
    """A legacy take may have no stored frame yet: read it from the clip."""
    if take.video is None:
        raise Refused("bridge_missing", "The previous shot's clip is not stored here: generate that shot again.")
    not_while_looking("The last frame of the previous shot is read from its clip when the take is made.")
    with media.local_clip(take.video) as path:
        return media.keep_frame(clip=take.video, picture=last_frame(path), role=FrameRole.LAST)


def _finished(take: Take | None) -> bool:
    return take is not None and take.state == TakeState.DONE


def _live(shot: Shot, *kinds: JobKind) -> list[Job]:
    return list(Job.objects.filter(shot=shot, kind__in=kinds, state__in=LIVE_JOB_STATES).order_by("created_at"))


def _nothing_before(source: Shot) -> str:
    position = Shot.objects.filter(session_id=source.session_id, rank__lte=source.rank).count()
    return f"Shot {position} has no finished clip and none is being made: generate it first, or turn the frame bridge off."
