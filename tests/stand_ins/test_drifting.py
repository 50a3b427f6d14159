"""The drift that is asked for is the drift that comes out, measured on decoded frames by other means than it was made."""

import hashlib
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from continuity.providers.base import ContentRefused, ImageFile, InvalidRequest, RateLimited, VideoRequest
from continuity.providers.ltx import Ltx
from tests.clips import reference
from tests.stand_ins.clips import ClipSize, clip_bytes
from tests.stand_ins.drift import LUMINANCE, Drift, Picture, drifted, linear_light, softened
from tests.stand_ins.drifting import Copied, Drifting, OneByOne, Perturbed, breath, drifting_clip, push_in, still
from tests.stand_ins.ltx import KEY, StandIn, ltx_stand_in
from tests.stand_ins.pictures import drawn_picture, opening_picture, opening_pictures

SIZE = (384, 216)
CLIP = {"width": 384, "height": 216, "seconds": 0.25, "fps": 24}
OPENINGS = opening_pictures(*SIZE)
Decode = Callable[[bytes], np.ndarray]
LINK = Drift(contrast=0.03, temperature=0.06, softness=0.4)


@pytest.fixture(params=OPENINGS)
def start(request: pytest.FixtureRequest) -> Picture:
    return OPENINGS[request.param]


@pytest.fixture
def decode(tmp_path: Path) -> Decode:
    """Every frame of a clip, by ffmpeg's command line."""

    def frames(clip: bytes) -> np.ndarray:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.mp4"
        path.write_bytes(clip)
        return reference(path).rgb

    return frames


def made(start: Picture, drift: Drift, **options: object) -> bytes:
    return drifting_clip(start, drift, **{"frames": 3, "fps": 24, **options})


def difference(left: Picture, right: Picture) -> float:
    """Mean absolute difference in code values."""
    return float(np.abs(left.astype(float) - right).mean())


# what comes out, read from the pictures


def blocks(picture: Picture, side: int) -> np.ndarray:
    """Linear light averaged over side x side pixels: blocks x 3."""
    rows, columns = (length // side for length in picture.shape[:2])
    light = linear_light(picture)[: rows * side, : columns * side].astype(float)
    return light.reshape(rows, side, columns, side, 3).mean(axis=(1, 3)).reshape(-1, 3)


def measured(before: Picture, after: Picture, *, block: int = 4) -> dict[str, float]:
    """The amounts of one Drift between two pictures of one thing; each is right where it is the only one, and exposure,
    temperature, contrast and softness beside each other too, with blocks that softness hardly reaches."""
    old, new = blocks(before, block), blocks(after, block)
    kept = ((old > 0.01) & (old < 0.8) & (new > 0.01) & (new < 0.8)).all(axis=1)
    old, new = old[kept], new[kept]
    grey = [np.log2(light @ LUMINANCE / 0.18) for light in (old, new)]
    exponent = np.polyfit(*grey, 1)[0]
    ratios = np.median(np.log2(new / old), axis=0)
    distance = [np.abs(light - (light @ LUMINANCE)[:, None]).sum() for light in (old, new)]
    return {
        "exposure": float(np.median(grey[1] / exponent - grey[0])),
        "temperature": float(ratios[0] - ratios[2]),
        "tint": float(ratios[1] - (ratios[0] + ratios[2]) / 2),
        "saturation": float(np.log2(distance[1] / distance[0])),
        "contrast": float(np.log2(exponent)),
        "hue": turn(before, after),
        "softness": softness(before, after),
    }


def turn(before: Picture, after: Picture) -> float:
    """Degrees by which the colour differences were turned: least squares over all pixels, as complex numbers."""
    planes = []
    for picture in (before, after):
        luma = picture @ LUMINANCE
        planes.append(((picture[..., 2] - luma) / 1.8556 + 1j * (picture[..., 0] - luma) / 1.5748).ravel())
    return float(np.degrees(np.angle(np.vdot(planes[0], planes[1]))))


def softness(before: Picture, after: Picture) -> float:
    """Sigma of the gaussian whose transfer function, exp(-2 (pi sigma f)²), leads from one spectrum to the other.

    Read from the cross spectrum, so noise that came on the way does not count; nor does a gain.
    """
    window = np.outer(np.hanning(before.shape[0]), np.hanning(before.shape[1]))
    old, new = (np.fft.rfft2(window * (linear_light(picture) @ LUMINANCE)) for picture in (before, after))
    frequency = np.hypot(np.fft.fftfreq(before.shape[0])[:, None], np.fft.rfftfreq(before.shape[1])[None])
    ring = np.digitize(frequency, np.linspace(0.05, 0.25, 11))
    transfers = [(new * old.conj()).real[ring == i].sum() / (np.abs(old) ** 2)[ring == i].sum() for i in range(1, 11)]
    slope = np.polyfit(np.linspace(0.06, 0.24, 10) ** 2, np.log(transfers), 1)[0]
    return float(np.sqrt(max(0.0, -slope / 2)) / np.pi)


# one clip


AMOUNTS = {
    "exposure": (-2.0, -0.5, 0.3),
    "temperature": (-0.4, 0.06, 0.3),
    "tint": (-0.2, 0.2),
    "saturation": (-1.0, 0.3),
    "contrast": (-0.3, 0.05, 0.3),
    "hue": (-20.0, 5.0, 20.0),
    "softness": (0.4, 0.8, 1.6),
}
TOLERANCES = dict.fromkeys(AMOUNTS, 0.012) | {"hue": 0.6}


@pytest.mark.parametrize(("name", "amount"), [(name, amount) for name, amounts in AMOUNTS.items() for amount in amounts])
def test_drift_that_comes_out_is_the_one_asked_for(start: Picture, decode: Decode, name: str, amount: float) -> None:
    picture = decode(made(start, Drift(**{name: amount})))[0]
    assert measured(start, picture)[name] == pytest.approx(amount, abs=TOLERANCES[name])


def test_grain_that_comes_out_is_the_one_asked_for_and_new_in_every_frame(start: Picture, decode: Decode) -> None:
    first, second, _ = decode(made(start, Drift(grain=4.0), movement=still)).astype(float) @ LUMINANCE
    assert (first - second).std() / np.sqrt(2) == pytest.approx(4, rel=0.1)
    assert (first - start @ LUMINANCE).std() == pytest.approx(4, rel=0.1)


def test_drifts_of_several_kinds_come_out_together(start: Picture, decode: Decode) -> None:
    got = measured(start, decode(made(start, LINK))[0], block=8)
    assert got["temperature"] == pytest.approx(LINK.temperature, abs=0.012)
    assert got["contrast"] == pytest.approx(LINK.contrast, abs=0.012)
    assert got["softness"] == pytest.approx(LINK.softness, abs=0.02)


def test_no_drift_is_the_picture_itself(start: Picture, decode: Decode) -> None:
    assert np.array_equal(drifted(start, Drift()), start)
    assert difference(decode(made(start, Drift()))[0], start) < 1.2


def test_the_same_request_makes_the_same_bytes(start: Picture) -> None:
    drift = Drift(exposure=-0.3, softness=0.5, grain=2.0)
    assert made(start, drift) == made(start, drift)
    assert not np.array_equal(drifted(start, drift, seed=0), drifted(start, drift, seed=1))


def test_softness_goes_by_its_sigma_on_a_point() -> None:
    """By hand: a point of light becomes a gaussian of the height 1 / (2 pi sigma²) and the variance sigma²."""
    light = np.zeros((65, 65, 3), dtype=np.float32)
    light[32, 32] = 1
    soft = softened(light, 1.5)[..., 1]
    assert soft[32, 32] == pytest.approx(1 / (2 * np.pi * 1.5**2), rel=1e-3)
    assert (soft * (np.arange(65) - 32) ** 2).sum() == pytest.approx(1.5**2, rel=1e-3)
    assert soft.sum() == pytest.approx(1, rel=1e-5)


def test_one_pixel_drifts_as_computed_by_hand() -> None:
    """Code 128 is 0.2159 of white; warmer by one: red and blue are 2 to 1, a grey's luminance stays."""
    grey = np.full((2, 2, 3), 128, dtype=np.uint8)
    assert drifted(grey, Drift(exposure=-1))[0, 0].tolist() == [92, 92, 92]
    assert drifted(grey, Drift(contrast=1))[0, 0].tolist() == [139, 139, 139]
    warm = linear_light(drifted(grey, Drift(temperature=1)))[0, 0]
    assert (warm[0] / warm[2], warm @ LUMINANCE) == (pytest.approx(2, rel=0.01), pytest.approx(0.2159, rel=0.01))


def test_movements_end_where_they_say(start: Picture, decode: Decode) -> None:
    back, in_part, frozen = (decode(made(start, Drift(), movement=movement, frames=9)) for movement in (breath, push_in, still))
    height, width = start.shape[:2]
    box = (width * 0.025, height * 0.025, width * 0.975, height * 0.975)
    part = np.asarray(Image.fromarray(start).resize((width, height), Image.Resampling.LANCZOS, box=box))
    assert difference(back[-1], start) < 1.5 < difference(back[4], start)
    assert difference(in_part[-1], part) < 1.5 < difference(in_part[-1], start)
    assert max(difference(frame, frozen[0]) for frame in frozen) < 0.4
    assert [len(frames) for frames in (back, in_part, frozen)] == [9, 9, 9]


def test_a_picture_that_was_enlarged_comes_back(start: Picture, decode: Decode) -> None:
    enlarged = np.asarray(Image.fromarray(start).resize((1920, 1080), Image.Resampling.LANCZOS))
    picture = decode(made(enlarged, Drift(), size=SIZE))[0]
    plain = decode(made(start, Drift()))[0]
    assert difference(picture, start) < difference(plain, start) + 0.4


def test_ten_links_drift_by_the_same_amount_each(start: Picture, decode: Decode) -> None:
    pictures = [start]
    for _ in range(10):
        pictures.append(decode(made(pictures[-1], LINK))[-1])
    links = [measured(*pair, block=8) for pair in pairwise(pictures)]
    whole = measured(start, pictures[-1], block=8)
    expected = LINK.repeated(10)
    for name in ("temperature", "contrast"):
        assert [link[name] for link in links] == pytest.approx([getattr(LINK, name)] * 10, abs=0.012)
        assert whole[name] == pytest.approx(getattr(expected, name), rel=0.3)
    assert whole["softness"] == pytest.approx(expected.softness, rel=0.1)


def test_drawn_scenes_are_others_and_spots_of_one_scene_are_not_copies() -> None:
    first, spot, elsewhere = drawn_picture(*SIZE), drawn_picture(*SIZE, seed=5), drawn_picture(*SIZE, scene=1)
    colours = [picture.reshape(-1, 3).mean(axis=0) for picture in (first, spot, elsewhere)]
    assert difference(first, spot) > 10
    assert np.abs(colours[0] - colours[1]).max() < 6 < 40 < np.abs(colours[0] - colours[2]).max()


# over HTTP


@pytest.fixture(scope="module")
def server() -> Iterator[StandIn]:
    with ltx_stand_in() as stand_in:
        yield stand_in


@pytest.fixture
def vendor(server: StandIn) -> Iterator[StandIn]:
    server.script(polls=0, clip=CLIP)
    yield server
    server.script()
    server.make_clips(None)


@pytest.fixture
def ltx(vendor: StandIn) -> Ltx:
    return Ltx(KEY, vendor.base_url)


@pytest.fixture
def image(tmp_path: Path) -> ImageFile:
    """The first opening, as a client has it: a small PNG."""
    path = tmp_path / "start.png"
    Image.fromarray(OPENINGS["drawn"]).save(path)
    return ImageFile(path, hashlib.sha256(path.read_bytes()).hexdigest(), *SIZE)


def clip_of(ltx: Ltx, start_image: ImageFile | None = None) -> bytes:
    request = VideoRequest(
        model="ltx-2-3-fast", prompt="a pier", seconds=6, width=1920, height=1080, fps=24, start_image=start_image
    )
    remote_id = ltx.submit(ltx.stage(ltx.prepare(request)), attempt_id="a").remote_id
    sink = BytesIO()
    ltx.download(remote_id, sink, max_bytes=10**8)
    return sink.getvalue()


def test_stand_in_makes_its_clip_from_the_uploaded_start_image(
    vendor: StandIn, ltx: Ltx, image: ImageFile, decode: Decode
) -> None:
    vendor.make_clips(Drifting(LINK, opening=drawn_picture(*SIZE, scene=1)))
    frames = decode(clip_of(ltx, image))
    assert frames.shape == (6, 216, 384, 3)
    assert difference(frames[0], drifted(OPENINGS["drawn"], LINK)) < 1.5


def test_stand_in_opens_undrifted_where_there_is_no_start_image(vendor: StandIn, ltx: Ltx, decode: Decode) -> None:
    opening = drawn_picture(*SIZE, scene=1)
    vendor.make_clips(Drifting(LINK, opening=opening))
    assert difference(decode(clip_of(ltx))[0], opening) < 1.2


def test_stand_in_serves_one_by_one_and_then_no_more(vendor: StandIn, ltx: Ltx, decode: Decode) -> None:
    copy = clip_bytes(ClipSize(160, 90, 1, 24))
    elsewhere = drawn_picture(*SIZE, scene=2)
    vendor.make_clips(OneByOne([Perturbed(Drift(exposure=-1)), Perturbed(picture=elsewhere), Copied(copy)]))
    dark, other, same = (clip_of(ltx) for _ in range(3))
    assert difference(decode(dark)[0], drifted(opening_picture(*SIZE), Drift(exposure=-1))) < 1.2
    assert difference(decode(other)[0], elsewhere) < 1.2
    assert same == copy
    jobs = len(vendor.jobs())
    with pytest.raises(InvalidRequest) as refusal:
        clip_of(ltx)
    assert "3 clips" in refusal.value.raw
    assert len(vendor.jobs()) == jobs


def test_a_job_that_is_not_taken_costs_no_clip(vendor: StandIn, ltx: Ltx) -> None:
    only = clip_bytes(ClipSize(160, 90, 1, 24))
    vendor.make_clips(OneByOne([Copied(only)]))
    vendor.script(polls=0, clip=CLIP, concurrency=0)
    with pytest.raises(RateLimited):
        clip_of(ltx)
    vendor.script(polls=0, clip=CLIP, submit={"do": "answer", "status": 422, "times": 1})
    with pytest.raises(ContentRefused):
        clip_of(ltx)
    vendor.script(polls=0, clip=CLIP)
    assert clip_of(ltx) == only


def test_stand_in_goes_back_to_the_test_picture(vendor: StandIn, ltx: Ltx) -> None:
    vendor.make_clips(Perturbed())
    vendor.make_clips(None)
    assert clip_of(ltx) == clip_bytes(ClipSize(384, 216, 0.25, 24))


def test_a_stand_in_of_its_own_process_refuses_a_maker(tmp_path: Path) -> None:
    with ltx_stand_in(process=True) as vendor, pytest.raises(ValueError, match="its own process"):
        vendor.make_clips(Perturbed())
