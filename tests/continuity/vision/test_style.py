import json
from pathlib import Path

import jsonschema_rs
import numpy as np
import pytest

import continuity.vision.style as style_module
from continuity.vision.colour import oklab_of_rgb
from continuity.vision.errors import NotAPicture
from continuity.vision.style import (
    EXTRACTOR,
    KEYS,
    every_key,
    frames_sha256,
    measure_style,
    style_fragment,
    to_values,
    unmeasured_values,
)

SCHEMA = json.loads(Path(style_module.__file__).with_name("styles.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema_rs.Draft202012Validator(SCHEMA)
NOT_MEASURED = {"value": None, "source": "not-measured", "confidence": None}
WORDS_ONLY = [
    "lighting.style",
    "lighting.direction",
    "lighting.quality",
    "lighting.keyLight",
    "lighting.fillLight",
    "atmosphere.timeOfDay",
    "atmosphere.weather",
    "atmosphere.mood",
    "atmosphere.elements",
    "technical.filmStock",
    "technical.lensCharacteristics",
    "technical.depthOfField",
    "technical.motionBlur",
]


def _picture(seed: int = 1, *, height: int = 360, shift: int = 0, tint: tuple[int, int, int] = (0, 0, 0)) -> np.ndarray:
    """Shaded stripes of four colours with grain of sigma 4, ``height`` x 480."""
    stripes = np.repeat(np.array([[40, 52, 80], [130, 120, 110], [200, 190, 170], [190, 60, 50]]), 120, axis=0)[None]
    grain = np.random.default_rng(seed).normal(0, 4, (height, 480, 1))
    return np.clip(stripes + grain + shift + np.array(tint), 0, 255).round().astype(np.uint8)


def _flat(rgb: tuple[int, int, int], size: tuple[int, int] = (360, 480)) -> np.ndarray:
    return np.full((*size, 3), rgb, dtype=np.uint8)


PICTURES = {
    "three frames": [_picture(1), _picture(2, shift=6), _picture(3, shift=-6)],
    "one frame": [_picture()],
    "too low for grain": [_picture(height=200)],
    "flat": [_flat((200, 30, 90))],
    "black": [_flat((0, 0, 0))] * 3,
    "white": [_flat((255, 255, 255))],
    "two colours": [np.concatenate([_flat((10, 20, 30)), _flat((220, 200, 180))])],
    "one pixel": [_flat((12, 200, 99), (1, 1))],
    "one column": [_flat((12, 200, 99), (500, 1))],
    "noise": [np.random.default_rng(9).integers(0, 256, (360, 400, 3), dtype=np.uint8)],
}


@pytest.mark.parametrize("frames", PICTURES.values(), ids=PICTURES.keys())
def test_values_of_any_picture_satisfy_the_schema_and_hold_every_key(frames):
    values = to_values(measure_style(frames), origin="ext_1")

    # Through JSON, so that nothing but JSON data passes.
    VALIDATOR.validate(json.loads(json.dumps(values, allow_nan=False)))
    assert {aspect: tuple(entries) for aspect, entries in values.items()} == dict(KEYS)


@pytest.mark.parametrize("frames", PICTURES.values(), ids=PICTURES.keys())
def test_what_pixels_cannot_tell_is_never_filled_in(frames):
    values = to_values(measure_style(frames), origin="ext_1")

    assert [values[key.split(".")[0]][key.split(".")[1]] for key in WORDS_ONLY] == [NOT_MEASURED] * len(WORDS_ONLY)


def test_everything_is_either_measured_or_named_with_a_reason():
    measurement = measure_style(PICTURES["three frames"])

    assert sorted([*measurement.measured, *measurement.not_measured]) == sorted(every_key())
    assert list(measurement.not_measured) == WORDS_ONLY
    assert all(reason.endswith(".") for reason in measurement.not_measured.values())


def test_numbers_of_a_known_picture():
    halves = np.concatenate([_flat((255, 0, 0), (90, 96)), _flat((0, 0, 255), (90, 96))], axis=1)

    measured = measure_style([halves]).measured

    # By the OKLab values that CSS Color 4 gives for red (.62796 .22486 .12585) and blue (.45201 -.03246 -.31153).
    assert measured["colour.temperature"].number == pytest.approx((0.12585 - 0.31153) / 2, abs=1e-4)
    assert measured["colour.saturation"].number == pytest.approx((0.25768 + 0.31321) / 2, abs=1e-4)
    assert measured["colour.contrast"].number == pytest.approx(0.62796 - 0.45201, abs=1e-4)
    assert measured["lighting.intensity"].number == pytest.approx((0.62796 + 0.45201) / 2, abs=1e-4)


def test_contrast_reaches_from_the_5th_to_the_95th_percentile_of_lightness():
    greys = np.arange(200, dtype=np.uint8)[None, :, None].repeat(108, axis=0).repeat(3, axis=2)[:, :192]

    contrast = measure_style([greys]).measured["colour.contrast"].number

    # Code values 9.55 and 181.45 of the even ramp 0-191.
    lightness = oklab_of_rgb(greys[:1])[0, :, 0]
    assert contrast == pytest.approx(float(lightness[181] - lightness[10]), abs=0.01)


def test_entry_of_a_known_grain():
    entry = to_values(measure_style([_picture()]), origin="ext_1")["technical"]["grainLevel"]

    assert entry.pop("number") == pytest.approx(4, rel=0.1)
    assert entry == {
        "value": "moderate",
        "unit": "sigma-8bit-360p",
        "source": "measured",
        "confidence": None,
        "origin": "ext_1",
    }


def test_colours_and_shares_of_a_known_picture():
    values = to_values(measure_style([_flat((255, 0, 0), (400, 300))]), origin="ext_1")

    assert values["colour"]["palette.primary"] == {
        "value": "#FF0000",
        "source": "measured",
        "confidence": None,
        "origin": "ext_1",
    }
    assert values["colour"]["palette.dominant"]["value"] == [{"hex": "#FF0000", "share": 1.0}]
    assert values["colour"]["palette.secondary"] == NOT_MEASURED


def test_a_low_picture_says_that_it_is_too_low_for_grain_and_blur():
    measurement = measure_style(PICTURES["too low for grain"])

    assert "360 px" in measurement.not_measured["technical.grainLevel"]
    assert "360 px" in measurement.not_measured["technical.blur"]


def test_a_black_frame_says_that_there_is_nothing_to_read():
    measurement = measure_style(PICTURES["black"])

    assert "between black and white" in measurement.not_measured["technical.grainLevel"]
    assert "no edges" in measurement.not_measured["technical.blur"]
    assert measurement.measured["lighting.intensity"].number == 0


def test_one_frame_has_no_confidence_anywhere():
    measurement = measure_style(PICTURES["one frame"])

    assert {measured.confidence for measured in measurement.measured.values()} == {None}


def test_three_frames_have_a_confidence_everywhere():
    confidences = [measured.confidence for measured in measure_style(PICTURES["three frames"]).measured.values()]

    assert all(confidence is not None and 0 <= confidence <= 1 for confidence in confidences)


def test_frames_that_disagree_lower_every_palette_confidence():
    agreeing = measure_style([_picture(1), _picture(2)]).measured
    disagreeing = measure_style([_picture(1), _picture(1, tint=(-60, 20, 60))]).measured

    for role in ("primary", "secondary", "shadows", "highlights", "dominant"):
        key = f"colour.palette.{role}"
        assert agreeing[key].confidence > 0.9
        assert disagreeing[key].confidence < agreeing[key].confidence - 0.1


def test_frames_that_disagree_lower_the_confidence_in_blur():
    sharp = _picture(1)
    soft = np.stack([np.roll(sharp, shift, axis=1) for shift in range(12)]).mean(axis=0).astype(np.uint8)

    assert measure_style([sharp, sharp]).measured["technical.blur"].confidence == 1
    assert measure_style([sharp, soft]).measured["technical.blur"].confidence < 0.9


@pytest.mark.parametrize(
    ("key", "stronger"),
    [
        ("colour.temperature", lambda frame, step: frame + np.array([8, 0, -8]) * step),
        ("colour.saturation", lambda frame, step: frame.mean(axis=2, keepdims=True) * (1 - step / 5) + frame * step / 5),
        ("colour.contrast", lambda frame, step: 120 + (frame - 120) * (0.4 + step / 10)),
        ("lighting.intensity", lambda frame, step: frame * (0.4 + step / 10)),
    ],
)
def test_more_of_it_is_a_higher_number(key, stronger):
    frame = _picture().astype(np.float64)
    series = [np.clip(stronger(frame, step), 0, 255).round().astype(np.uint8) for step in range(6)]

    numbers = [measure_style([picture]).measured[key].number for picture in series]

    assert numbers == sorted(numbers)
    assert len(set(numbers)) == 6


def test_the_word_is_that_of_the_mean_over_the_frames():
    dark, light = _flat((20, 20, 20)), _flat((250, 250, 250))

    assert measure_style([dark]).measured["lighting.intensity"].value == "dim"
    assert measure_style([dark, light]).measured["lighting.intensity"].value == "moderate"
    assert measure_style([dark, light]).measured["lighting.intensity"].confidence < 0.5


def test_a_measurement_is_the_same_every_time():
    frames = PICTURES["three frames"]

    assert measure_style(frames) == measure_style([frame.copy() for frame in frames])


@pytest.mark.parametrize("frames", [[], [np.zeros((5, 5))], [_flat((1, 2, 3)), np.zeros((0, 5, 3), dtype=np.uint8)]])
def test_measure_style_refuses_what_is_no_picture(frames):
    with pytest.raises(NotAPicture):
        measure_style(frames)


def test_frames_sha256_names_pixels_order_and_size():
    first, second = _picture(1), _picture(2)

    assert frames_sha256([first, second]) == frames_sha256([first.copy(), np.asfortranarray(second)])
    assert len({frames_sha256(frames) for frames in ([first], [first, second], [second, first], [first.swapaxes(0, 1)])}) == 4
    assert frames_sha256([_flat((1, 1, 1), (2, 6))]) != frames_sha256([_flat((1, 1, 1), (6, 2))])


def test_the_extractor_has_a_version():
    assert EXTRACTOR == "pixels@1"


def test_unmeasured_values_satisfy_the_schema_and_say_nothing():
    values = unmeasured_values()

    VALIDATOR.validate(values)
    assert style_fragment(values) == ""


def _with(name: str, **entry: object) -> dict:
    """Values in which one key is replaced."""
    values = unmeasured_values()
    aspect, key = name.split(".", 1)
    values[aspect][key] = {"source": "user", "confidence": None, "origin": "edit_1", **entry}
    return values


@pytest.mark.parametrize(
    "values",
    [
        _with("colour.temperature", value="warm"),
        _with("colour.temperature", value="warm", number=0.05, unit="oklab-b", source="measured", confidence=0.8),
        _with("colour.palette.accent", value="#FF1493"),
        _with("colour.palette.dominant", value=[{"hex": "#FF1493"}], source="model"),
        _with("atmosphere.elements", value=["wet streets", "light rain"], source="model", confidence=0.7),
        _with("lighting.direction", value="from left, slightly behind", source="template"),
    ],
)
def test_the_schema_takes_what_a_person_a_model_or_a_template_says(values):
    assert VALIDATOR.is_valid(values)


@pytest.mark.parametrize(
    "values",
    [
        _with("colour.temperature", value="hot"),
        _with("colour.temperature", value="warm", source="measured"),
        _with("colour.temperature", value="warm", number=0.05, source="measured"),
        _with("colour.temperature", value=None),
        _with("colour.temperature", value="warm", source="not-measured"),
        _with("colour.temperature", value=None, source="not-measured", confidence=0.5),
        _with("colour.temperature", value=None, source="not-measured", number=0.0, unit="oklab-b"),
        _with("colour.temperature", value="warm", source="guessed"),
        _with("colour.temperature", value="warm", confidence=1.2),
        _with("colour.temperature", value="warm", note="odd"),
        _with("colour.palette.accent", value="neon pink"),
        _with("colour.palette.accent", value="#ff1493"),
        _with("colour.palette.dominant", value=[]),
        _with("colour.palette.dominant", value=[{"hex": "#FF1493"}] * 6),
        _with("colour.palette.dominant", value=["#FF1493"]),
        _with("atmosphere.elements", value=[f"thing {number}" for number in range(13)]),
        _with("atmosphere.elements", value=["x" * 81]),
        _with("atmosphere.elements", value="rain"),
        _with("technical.blur", value=1.1),
        _with("technical.lens", value="anamorphic"),
        {**unmeasured_values(), "sound": {}},
        {"colour": {}, "lighting": {}, "atmosphere": {}, "technical": {}},
    ],
)
def test_the_schema_refuses_what_is_not_a_style(values):
    assert not VALIDATOR.is_valid(values)


def test_a_value_needs_an_origin():
    values = _with("lighting.style", value="low-key")
    del values["lighting"]["style"]["origin"]

    assert not VALIDATOR.is_valid(values)


def test_fragment_of_a_picture_says_what_was_measured_in_words():
    values = to_values(measure_style([_flat((255, 0, 0), (90, 160))]), origin="ext_1")

    assert style_fragment(values) == "palette of red, warm tones, vibrant colours, low contrast, moderate light"


def test_fragment_tells_words_of_a_model_and_joins_colours():
    values = unmeasured_values()
    said = {
        "colour.palette.primary": "#000080",
        "colour.palette.secondary": "#FF0000",
        "colour.palette.accent": "#FFFFFF",
        "lighting.direction": "from the left",
        "lighting.keyLight": "neon signage",
        "atmosphere.timeOfDay": "night",
        "atmosphere.elements": ["wet streets", "reflections"],
        "atmosphere.mood": "melancholic",
        "technical.motionBlur": "subtle",
        "technical.blur": 0.4,
    }
    for name, value in said.items():
        aspect, key = name.split(".", 1)
        values[aspect][key] = {"value": value, "source": "model", "confidence": 0.9, "origin": "ext_2"}

    assert style_fragment(values) == (
        "palette of navy, red and white, light from the left, key light from neon signage, "
        "night, melancholic mood, wet streets, reflections, subtle motion blur"
    )


def test_fragment_names_a_colour_once():
    values = _with("colour.palette.primary", value="#FF0000")
    values["colour"]["palette.secondary"] = {**values["colour"]["palette.primary"], "value": "#FE0102"}

    assert style_fragment(values) == "palette of red"
