"""Scenes of really made clips without a vendor: an opening shot, and takes that are made from the picture they start from."""

from typing import TYPE_CHECKING, Any

from continuity import storage
from continuity.enums import AssetOrigin, FrameRole, ShotMode
from continuity.models import Continuity, Frame, Shot, Take
from continuity.services import media
from tests.factories.continuity import ContinuityFactory, DoneTakeFactory, ShotFactory
from tests.factories.session import SessionFactory
from tests.stand_ins.drift import Drift, Picture
from tests.stand_ins.drifting import NO_DRIFT, Movement, breath, drifting_clip
from tests.stand_ins.pictures import drawn_picture

if TYPE_CHECKING:
    from django.contrib.auth.models import User

WIDTH, HEIGHT, FRAMES, FPS = 192, 108, 6, 24
OPENING = drawn_picture(WIDTH, HEIGHT)
"""What the first shot shows."""
ELSEWHERE = drawn_picture(WIDTH, HEIGHT, scene=1)
"""Another place at night: it shares no content with OPENING."""
WARM = Drift(temperature=0.35, exposure=-0.25)
"""Visibly warmer and darker: some ΔE2000 away, well within what a grade may undo."""
FAR_OFF = Drift(exposure=-1.6)
"""The same content, and further away than any grade should reach."""


def opened_scene(owner: "User", *, shots: int, **settings: Any) -> tuple[Continuity, list[Shot], Take]:
    """A scene of ``shots`` shots, and the finished take of the first one, which the scene's look comes from."""
    continuity = ContinuityFactory(session=SessionFactory(owner=owner), **{"auto_extract": False, **settings})
    made = [ShotFactory(session=continuity.session) for _ in range(shots)]
    opening = take_showing(made[0], OPENING)
    Continuity.objects.filter(pk=continuity.pk).update(base_take=opening)
    return Continuity.objects.select_related("session").get(pk=continuity.pk), made, opening


def continued(shot: Shot, start: Frame, drift: Drift = NO_DRIFT, *, movement: Movement = breath, **columns: Any) -> Take:
    """A finished, chosen take of ``shot`` whose clip an engine with ``drift`` made of ``start``."""
    columns = {"mode": ShotMode.FRAME_BRIDGE, "input_frame": start, **columns}
    return take_showing(shot, media.picture(start), drift, movement=movement, **columns)


def take_showing(shot: Shot, picture: Picture, drift: Drift = NO_DRIFT, *, movement: Movement = breath, **columns: Any) -> Take:
    """A finished, chosen take of ``shot`` that shows ``picture`` with ``drift``, started from nothing."""
    with storage.scratch_directory() as folder:
        path = folder / "take.mp4"
        path.write_bytes(drifting_clip(picture, drift, frames=FRAMES, fps=FPS, movement=movement))
        clip, verified = media.add_clip(
            path=path, owner=shot.session.owner, session=shot.session, name="take.mp4", origin=AssetOrigin.GENERATED
        )
    frames = {
        "first_frame": media.keep_frame(clip=clip, picture=verified.first, role=FrameRole.FIRST),
        "last_frame": media.keep_frame(clip=clip, picture=verified.last, role=FrameRole.LAST),
    }
    take = DoneTakeFactory(shot=shot, video=clip, **frames, **columns)
    Shot.objects.filter(pk=shot.pk).update(chosen_take=take)
    return reread(take)


def reread(take: Take) -> Take:
    """The take as the database has it, with what the engine's verbs look at."""
    return Take.objects.select_related("shot__session", "video__blob", "first_frame", "last_frame").get(pk=take.pk)
