from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from continuity.video.errors import NoPicture, NotAVideo
from continuity.video.shot_pictures import read_shot_pictures
from continuity.vision.scene_score import SCORE_POSITIONS
from continuity.vision.shot import is_frozen
from tests.clips import HDR_TAGS, PICTURE, X264, Zoo, reference
from tests.pictures import street

PRORES_WITH_ALPHA = ["-vf", "format=yuva444p10le", "-c:v", "prores_ks", "-profile:v", "4", "-pix_fmt", "yuva444p10le"]
HLG_TAGS = HDR_TAGS.replace("smpte2084", "arib-std-b67")


@pytest.mark.parametrize("name", ["h264-b-frames", "vp9-hidden-frames", "h264-variable-rate", "rotated-90", "mpegts-torn-start"])
def test_pictures_are_those_of_a_full_decode(name: str, zoo: Zoo) -> None:
    truth = reference(zoo.clip(name)).rgb

    shot = read_shot_pictures(zoo.clip(name))

    assert shot.frame_count == len(truth)
    np.testing.assert_array_equal(shot.first, truth[0])
    np.testing.assert_array_equal(shot.last, truth[-1])
    np.testing.assert_array_equal(shot.samples, [truth[int(position * len(truth))] for position in SCORE_POSITIONS])


@pytest.mark.parametrize(("frames", "expected"), [(1, 1), (3, 3), (4, 4)])
def test_a_frame_that_is_sampled_twice_counts_once(frames: int, expected: int, zoo: Zoo) -> None:
    clip = zoo.make(f"{frames}-frames.mp4", [*PICTURE, *X264, "-frames:v", str(frames)])

    shot = read_shot_pictures(clip)

    assert (shot.frame_count, len(shot.samples)) == (frames, expected)


@pytest.mark.parametrize(
    ("name", "fps", "curve"),
    [("h264-b-frames", 24, None), ("h264-29.97-vertical", 30000 / 1001, None), ("h264-10-bit-hdr", 24, "PQ"), ("gif", 10, None)],
)
def test_rate_and_curve_are_those_of_the_clip(name: str, fps: float, curve: str | None, zoo: Zoo) -> None:
    shot = read_shot_pictures(zoo.clip(name))

    assert shot.fps == pytest.approx(fps)
    assert (shot.curve, shot.has_alpha) == (curve, False)


def test_hlg_is_told_by_its_tag(zoo: Zoo) -> None:
    clip = zoo.make("hlg.mp4", [*PICTURE, "-vf", HLG_TAGS, *X264, "-pix_fmt", "yuv420p10le"])

    assert read_shot_pictures(clip).curve == "HLG"


def test_transparency_is_told_by_the_pixel_format(zoo: Zoo) -> None:
    assert read_shot_pictures(zoo.make("alpha.mov", [*PICTURE, *PRORES_WITH_ALPHA])).has_alpha
    assert not read_shot_pictures(zoo.clip("prores")).has_alpha


@pytest.mark.parametrize("quality", ["18", "30"])
def test_a_still_picture_made_into_a_clip_is_frozen_at_any_quality(quality: str, zoo: Zoo, tmp_path: Path) -> None:
    Image.fromarray(street(seed=2, height=180)).save(tmp_path / "still.png")
    still = ["-loop", "1", "-framerate", "24", "-t", "2", "-i", str(tmp_path / "still.png")]
    clip = zoo.make(f"frozen-{quality}.mp4", [*still, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", quality])

    assert is_frozen(read_shot_pictures(clip))
    assert not is_frozen(read_shot_pictures(zoo.clip("h264-b-frames")))


def test_what_is_no_clip_is_refused(zoo: Zoo, tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("just some text")
    sound = zoo.make("sound.mp4", ["-f", "lavfi", "-i", "sine=duration=0.2", "-c:a", "aac"])

    with pytest.raises(NotAVideo):
        read_shot_pictures(text)
    with pytest.raises(NoPicture):
        read_shot_pictures(sound)
