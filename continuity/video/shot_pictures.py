"""The pictures of a clip that a cut is measured by, decoded once."""

from pathlib import Path

from continuity.video.containers import Container
from continuity.video.frames import sample_frames
from continuity.video.probe import ClipFacts, probe
from continuity.vision.scene_score import SCORE_POSITIONS
from continuity.vision.shot import ShotPictures

CURVES = {16: "PQ", 18: "HLG"}
"""The HDR transfer curves by their code points in ITU-T H.273."""

ALPHA_FORMATS = ("yuva", "gbrap", "ya8", "ya16", "rgba", "bgra", "argb", "abgr")


def read_shot_pictures(path: Path) -> ShotPictures:
    """The exact first and last frame of a clip and those at SCORE_POSITIONS. Raises the family of ``errors``."""
    facts = probe(path)
    first, *samples, last = sample_frames(path, (0, *SCORE_POSITIONS, 1))
    return ShotPictures(
        # A clip of a few frames is sampled at one frame twice; that is no second witness.
        samples=tuple({frame.index: frame.rgb for frame in samples}.values()),
        first=first.rgb,
        last=last.rgb,
        frame_count=last.index + 1,
        fps=float(facts.fps) if facts.fps else None,
        curve=CURVES.get(facts.colour_transfer),
        has_alpha=_has_alpha(facts),
    )


def _has_alpha(facts: ClipFacts) -> bool:
    """By the pixel format; every GIF is decoded to one with alpha, whether it uses it or not."""
    return facts.container is not Container.GIF and facts.pix_fmt.startswith(ALPHA_FORMATS)
