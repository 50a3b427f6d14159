"""Scenes whose shots are made over HTTP by a stand-in: chains that drift by a known amount at every link, and takes that are
really bad, middling and good, for a gate to choose from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from continuity.models import Frame, Shot, Take
from continuity.services import media, shots
from continuity.video.frames import read_still
from sessions_app.services import generate_missing
from tests.engine import LTX, scene, settle
from tests.stand_ins.clips import ClipFor
from tests.stand_ins.drift import Drift, Picture
from tests.stand_ins.drifting import Drifting, OneByOne, Perturbed
from tests.stand_ins.ltx import StandIn
from tests.stand_ins.pictures import drawn_picture

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from sessions_app.models import Session

LINK = Drift(contrast=0.03, temperature=0.06, softness=0.4)
"""What an engine adds at each link: a little contrast (log2), a little warmth (log2 R/B), a little softness (pixels of CLIP)."""
CLIP = {"width": 384, "height": 216, "seconds": 0.5, "fps": 24}
"""Small, for speed. 640x360 is the least of which grain can be measured."""
OPENING = drawn_picture(CLIP["width"], CLIP["height"])
"""What the first shot of ``scene_before_a_gate`` shows."""
SPOT = drawn_picture(CLIP["width"], CLIP["height"], seed=5)
"""Another spot of that place: what a take shows that was not bridged. It belongs to the scene, and is no copy of the shot."""
BAD = Perturbed(picture=drawn_picture(CLIP["width"], CLIP["height"], scene=1))
MIDDLING = Perturbed(Drift(hue=40), opening=SPOT)
GOOD = Perturbed(Drift(temperature=0.9), opening=SPOT)
BETTER = Perturbed(opening=SPOT)
"""Takes after OPENING: another place at night, this one with turned colours, too warm by nearly a stop, and unchanged. Their
scene scores lie some tenths apart, the last two's some hundredths."""


@dataclass(frozen=True)
class Chain:
    """A scene whose shots were made one after the other; ``takes`` are the chosen ones, in the order of the shots."""

    session: "Session"
    takes: Sequence[Take]

    def first_pictures(self) -> list[Picture]:
        """The exact first frame of every shot, CLIP's size."""
        return [picture_of(take.first_frame) for take in self.takes]

    def last_pictures(self) -> list[Picture]:
        return [picture_of(take.last_frame) for take in self.takes]

    def start_pictures(self) -> list[Picture | None]:
        """What each shot was started from, as the scene keeps it (not yet at the vendor's size); None for a first shot."""
        return [take.input_frame and picture_of(take.input_frame) for take in self.takes]


def chain(
    owner: "User", vendor: StandIn, *, count: int, drift: Drift, safe: bool, opening: Picture | None = None, **settings: Any
) -> Chain:
    """``count`` shots, each bridged from the one before it and each made by ``vendor`` with ``drift``, the first one undrifted.

    ``safe``: with the scene's safe bridge. ``opening``: what the first shot shows, None = ``pictures.opening_picture``.
    ``vendor`` must be the one of the settings, as the fixture of that name is. AssertionError when a shot was not made.
    """
    vendor.script(polls=0, clip=CLIP)
    vendor.make_clips(Drifting(drift, opening=opening))
    prompts = [f"Shot {number} on the pier" for number in range(1, count + 1)]
    session, _ = scene(owner, *prompts, model=LTX, **{"auto_extract": False, "safe_bridge": safe, **settings})
    generate_missing(session=session, by=owner)
    settle(session)
    return Chain(session, chosen_takes(session))


def scene_before_a_gate(owner: "User", vendor: StandIn, *makers: ClipFor, **settings: Any) -> tuple["Session", Shot]:
    """A scene whose first shot shows OPENING, and its second shot, not yet asked for: the vendor's next clips are ``makers``.

    A clip more than that is refused by the vendor.
    """
    vendor.script(polls=0, clip=CLIP)
    vendor.make_clips(OneByOne([Perturbed(picture=OPENING), *makers]))
    session, [first, second] = scene(owner, "A wall", "Closer", model=LTX, **{"auto_extract": False, **settings})
    shots.request_generation(shot=first, by=owner)
    settle(session)
    return session, second


def chosen_takes(session: "Session") -> list[Take]:
    """The chosen take of every shot in order; AssertionError when one has none."""
    in_order = session.shots.order_by("rank").select_related("chosen_take__first_frame", "chosen_take__last_frame")
    takes = [shot.chosen_take for shot in in_order]
    told = Take.objects.filter(shot__session=session).values_list("number", "state", "error_sentence", "error_raw")
    assert None not in takes, list(told)
    return takes


def picture_of(frame: Frame) -> Picture:
    """The stored picture of a frame."""
    with media.local_clip(frame.image) as path:
        return read_still(path).rgb
