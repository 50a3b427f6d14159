"""The edit: cross-fades and titles at their exact frames, the untouched frames untouched."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from continuity.video.assemble import assemble
from continuity.video.layers import FrameReel, read_sound
from continuity.video.titles import title_picture
from continuity.video.verify import verify
from tests.clips import X264, Zoo, reference

TAGGED = "scale=out_color_matrix=bt709:out_range=tv,setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"


def plain_clip(zoo: Zoo, name: str, colour: str, tone: int, rate: str = "24") -> Path:
    picture = f"color={colour}:size=160x90:rate={rate}:duration=2,format=yuv420p"
    inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", f"sine=frequency={tone}:sample_rate=48000:duration=2"]
    return zoo.make(f"plain-{name}.mp4", [*inputs, *X264, "-c:a", "aac"])


@pytest.fixture(scope="session")
def pair(zoo: Zoo) -> list[Path]:
    return [plain_clip(zoo, "dark", "0x303030", 400), plain_clip(zoo, "bright", "0xB0B0B0", 900)]


def test_without_titles_and_cross_fades_it_is_a_join(pair: list[Path], tmp_path: Path) -> None:
    report = assemble(pair, tmp_path / "film.mp4", titles=[None, None])

    assert (report.mode, report.frame_count) == ("copy", 96)


def test_a_cross_fade_shortens_the_film_and_mixes_the_clips_evenly(pair: list[Path], tmp_path: Path) -> None:
    shares: list[float] = []

    report = assemble(pair, tmp_path / "film.mp4", crossfade_seconds=0.5, on_progress=shares.append)

    assert (report.mode, report.frame_count, report.duration) == ("edited", 84, Fraction(7, 2))
    levels = reference(tmp_path / "film.mp4").rgb.mean(axis=(1, 2, 3))
    np.testing.assert_allclose(levels[:36], 0x30, atol=2)
    np.testing.assert_allclose(levels[48:], 0xB0, atol=2)
    assert levels[42] == pytest.approx((0x30 + 0xB0) / 2, abs=8)
    assert (np.diff(levels[36:48]) > 0).all()
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_the_sound_of_a_cross_fade_fades_too(pair: list[Path], tmp_path: Path) -> None:
    assemble(pair, tmp_path / "film.mp4", crossfade_seconds=0.5)

    sound = read_sound(tmp_path / "film.mp4", 3.5)[:, 0]

    def strength(tone: int, second: float) -> float:
        part = sound[int(second * 48000) : int(second * 48000) + 4800]
        return float(np.abs(np.fft.rfft(part))[tone // 10])

    assert strength(400, 0.5) > 20 * strength(900, 0.5)
    assert strength(900, 3.0) > 20 * strength(400, 3.0)
    assert strength(400, 1.5) > strength(400, 1.85)
    assert strength(900, 1.5) < strength(900, 1.85)


def test_a_title_stands_over_its_own_clip_only(pair: list[Path], tmp_path: Path) -> None:
    assemble(pair, tmp_path / "film.mp4", titles=[None, "Zweite Straße"])

    frames = reference(tmp_path / "film.mp4").rgb.astype(int)
    lower = frames[:, 60:85]
    assert lower[:48].max() < 0x40
    assert lower[72].max() > 235
    assert np.abs(frames[72, :45] - 0xB0).max() <= 3


def test_frames_without_a_title_keep_their_colours(zoo: Zoo, tmp_path: Path) -> None:
    """Only the codec stands between: the mean of the film's frames is that of the clip's, within half a code value."""
    clip = zoo.make(
        "tagged.mp4",
        ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=24:duration=1", "-vf", TAGGED, *X264, "-crf", "10"],
    )

    assemble([clip, clip], tmp_path / "film.mp4", crossfade_seconds=0.25)

    film, source = reference(tmp_path / "film.mp4").rgb.astype(float), reference(clip).rgb.astype(float)
    assert abs((film[:18] - source[:18]).mean()) < 0.5
    assert np.abs(film[:18] - source[:18]).mean() < 4


def test_a_film_at_29_97_keeps_its_rate_and_every_frame(zoo: Zoo, tmp_path: Path) -> None:
    clip = plain_clip(zoo, "ntsc", "0x707070", 500, rate="30000/1001")

    report = assemble([clip, clip], tmp_path / "film.mp4", titles=["One", None])

    assert report.frame_count == 2 * verify(clip).frame_count
    assert verify(tmp_path / "film.mp4").facts.fps == Fraction(30000, 1001)


def test_silent_clips_are_edited_without_sound(zoo: Zoo, tmp_path: Path) -> None:
    clip = zoo.clip("h264-b-frames")

    report = assemble([clip, clip], tmp_path / "film.mp4", crossfade_seconds=0.25)

    assert (report.frame_count, verify(tmp_path / "film.mp4").facts.has_audio) == (66, False)


def test_a_failing_edit_leaves_the_older_film_as_it_was(
    pair: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"the older film")

    def fail(share: float) -> None:
        if share > 0.5:
            raise RuntimeError("the worker is stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        assemble(pair, film, crossfade_seconds=0.5, on_progress=fail)

    assert film.read_bytes() == b"the older film"
    assert [entry.name for entry in tmp_path.iterdir()] == ["film.mp4"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"titles": ["One"]}, "1 titles for 2 clips"),
        ({"crossfade_seconds": -1}, "zero or more seconds"),
        ({"crossfade_seconds": 1.2}, "half of the shortest clip, 1.00 s"),
    ],
)
def test_an_impossible_edit_is_refused(options: dict[str, object], words: str, pair: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=words):
        assemble(pair, tmp_path / "film.mp4", **options)

    assert list(tmp_path.iterdir()) == []


def test_a_long_title_is_wrapped_inside_the_picture() -> None:
    short = title_picture("One", width=320, height=180)
    long = title_picture("a rather long title " * 4, width=320, height=180)

    columns = np.flatnonzero(long[..., 3].any(axis=0))
    assert columns[0] >= 20
    assert columns[-1] < 300
    assert long[..., 3].any(axis=1).sum() > 2 * short[..., 3].any(axis=1).sum()


def test_frame_reel_goes_back_and_holds_its_last_frame(zoo: Zoo) -> None:
    truth = reference(zoo.clip("h264-b-frames")).rgb
    reel = FrameReel(zoo.clip("h264-b-frames"), Fraction(24))

    for seconds, index in ((0.5, 12), (0.1, 2), (0.1, 2), (1.49, 35), (9.0, 35), (0.0, 0)):
        np.testing.assert_array_equal(reel.at(seconds), truth[index])
    reel.close()
