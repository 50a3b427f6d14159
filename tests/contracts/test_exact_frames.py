"""One contract over every kind of clip: our frames are those of a full decode by ffmpeg's command line, to the last bit."""

import numpy as np
import pytest

from continuity.video.frames import ExactFrame, first_frame, frame_at, last_frame, sample_frames
from continuity.video.verify import verify
from tests.clips import NAMES, Reference, Zoo, reference, session_zoo


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Zoo:
    return session_zoo(tmp_path_factory)


def assert_is(frame: ExactFrame, index: int, truth: Reference) -> None:
    """Tolerance zero, in place, in time and in every pixel."""
    assert (frame.index, frame.time) == (index, truth.times[index])
    np.testing.assert_array_equal(frame.rgb, truth.rgb[index])


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_of_clip_gives_the_frames_of_a_full_decode(name: str, zoo: Zoo) -> None:
    clip = zoo.clip(name)
    truth = reference(clip)
    middle = len(truth.times) // 2

    assert_is(first_frame(clip), 0, truth)
    assert_is(last_frame(clip), len(truth.times) - 1, truth)
    assert_is(frame_at(clip, truth.times[middle]), middle, truth)
    assert_is(sample_frames(clip, (0.9,))[0], int(0.9 * len(truth.times)), truth)
    verified = verify(clip)
    assert verified.frame_count == len(truth.times)
    assert_is(verified.last, len(truth.times) - 1, truth)
