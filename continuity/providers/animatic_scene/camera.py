"""Where the camera is in the plate at each moment. Every move starts slowly and ends slowly."""

from dataclasses import dataclass

# How far each framing moves in during a push, as the last zoom over the first.
PUSH = {"wide": 1.10, "medium": 1.12, "close-up": 1.08}
# The same from a start image, where a framing can only be reached by moving in.
PUSH_FROM_IMAGE = {"wide": 1.06, "medium": 1.25, "close-up": 1.55}
PAN_FROM_IMAGE = 0.045
PAN = 0.055
TILT = 0.05
CRANE = 0.05


@dataclass(frozen=True)
class Pose:
    """``zoom`` 1 = the frame's own size on the plate; ``x`` and ``y`` shift the centre, in frame widths and heights."""

    zoom: float
    x: float = 0.0
    y: float = 0.0


# First and last pose of each move on a painted plate (which has room round the frame).
MOVES = {
    "pan-left": (Pose(1.02, PAN, 0), Pose(1.02, -PAN, 0)),
    "pan-right": (Pose(1.02, -PAN, 0), Pose(1.02, PAN, 0)),
    "tilt-up": (Pose(1.02, 0, TILT), Pose(1.02, 0, -TILT)),
    "tilt-down": (Pose(1.02, 0, -TILT), Pose(1.02, 0, TILT)),
    "crane": (Pose(1.10, 0, CRANE), Pose(1.0, 0, -CRANE)),
    "static": (Pose(1.0), Pose(1.012, 0.002, 0)),
}


def path(move: str, framing: str) -> tuple[Pose, Pose]:
    """First and last pose on a painted plate."""
    if move == "push":
        return Pose(1.0), Pose(PUSH[framing], 0, -0.008)
    if move == "pull":
        return Pose(PUSH[framing], 0, -0.008), Pose(1.0)
    return MOVES[move]


def path_from_image(move: str, framing: str, *, focus: tuple[float, float]) -> tuple[Pose, Pose]:
    """First and last pose on a start image, which has no room round it: from the whole picture, always moving in.

    ``focus`` is the point to move towards, in frame widths and heights from the centre.
    """
    zoom = PUSH_FROM_IMAGE[framing]
    room = (1 - 1 / zoom) / 2
    side = min(room, PAN_FROM_IMAGE)
    aims = {
        "pan-left": (-side, 0.0),
        "pan-right": (side, 0.0),
        "tilt-up": (0.0, -side),
        "tilt-down": (0.0, side),
        "crane": (0.0, -side),
    }
    towards = (_within(focus[0], room), _within(focus[1], room))
    x, y = aims.get(move, towards)
    return Pose(1.0), Pose(zoom, x, y)


def _within(place: float, room: float) -> float:
    return min(room, max(-room, place))


def pose_at(ends: tuple[Pose, Pose], moment: float) -> Pose:
    """``moment`` 0-1 of the clip; eased, so that the first frame is exactly the first pose."""
    first, last = ends
    share = moment * moment * (3 - 2 * moment)
    zoom = first.zoom * (last.zoom / first.zoom) ** share
    return Pose(zoom, first.x + (last.x - first.x) * share, first.y + (last.y - first.y) * share)
