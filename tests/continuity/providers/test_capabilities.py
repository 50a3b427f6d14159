"""The table of models: every row whole, and the questions that are asked of it."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from continuity.enums import ShotMode
from continuity.providers.base import InvalidRequest, UnsupportedCapability
from continuity.providers.capabilities import model_card, model_cards, require_mode, vision_card, vision_cards
from continuity.providers.registry import VIDEO_PROVIDERS, VISION_MODELS

ANIMATIC, TEXT, LTX = (model_card(name) for name in ("animatic", "animatic-text", "ltx-2-3-fast"))


@pytest.mark.parametrize("card", model_cards().values(), ids=lambda card: card.id)
def test_every_row_of_the_table_is_whole(card) -> None:
    assert card.provider in VIDEO_PROVIDERS
    assert 0 < card.seconds_min <= card.seconds_max
    assert card.sizes
    assert card.fps
    assert card.concurrency >= 1
    assert card.poll_seconds > 0
    assert len(card.price_version) == len("2026-11-20")
    assert all(card.price_micros(seconds=card.seconds_min, width=width, height=height) >= 0 for width, height in card.sizes)


@pytest.mark.parametrize(
    ("card", "modes"),
    [
        (ANIMATIC, {"frame-bridge", "style-match", "none"}),
        (TEXT, {"none"}),
        (LTX, {"frame-bridge", "style-match", "none"}),
        (replace(TEXT, reference_images=1), {"style-match", "none"}),
        (replace(TEXT, native=True), {"native", "none"}),
    ],
    ids=["animatic", "text only", "ltx", "references only", "native"],
)
def test_a_model_can_do_what_it_has_the_inputs_for(card, modes: set[str]) -> None:
    assert {mode.value for mode in ShotMode if card.supports(mode)} == modes


def test_a_mode_that_a_model_cannot_do_names_the_models_that_can() -> None:
    require_mode(ANIMATIC, "frame-bridge")

    with pytest.raises(UnsupportedCapability) as refusal:
        require_mode(TEXT, "frame-bridge")

    able = "choose one of animatic, ltx-2-3-fast, ltx-2-3-pro"
    assert str(refusal.value) == f"animatic-text cannot do frame-bridge: {able}."


def test_a_model_that_nobody_knows_names_those_there_are() -> None:
    with pytest.raises(InvalidRequest) as refusal:
        model_card("x" * 500)

    assert str(refusal.value) == f"There is no model “{'x' * 80}”: choose one of {', '.join(model_cards())}."


@pytest.mark.parametrize(("asked", "made"), [(0.1, 6), (6, 6), (6.1, 8), (19, 20), (20, 20)])
def test_a_model_of_fixed_lengths_makes_the_next_longer_one(asked: float, made: float) -> None:
    assert LTX.fit_seconds(asked) == made


@pytest.mark.parametrize("seconds", [0, -1, 20.1, float("nan"), float("inf"), float("-inf")])
def test_a_length_that_no_clip_has_is_refused(seconds: float) -> None:
    with pytest.raises(InvalidRequest, match="makes clips of 6 to 20 seconds"):
        LTX.fit_seconds(seconds)


@given(seconds=st.floats(0.5, 30))
def test_a_model_of_free_lengths_makes_just_that(seconds: float) -> None:
    assert ANIMATIC.fit_seconds(seconds) == seconds


@pytest.mark.parametrize("seconds", [0.49, 30.01, float("nan")])
def test_a_model_of_free_lengths_has_bounds(seconds: float) -> None:
    with pytest.raises(InvalidRequest, match=r"0\.5 to 30 seconds"):
        ANIMATIC.fit_seconds(seconds)


def test_a_size_that_is_not_made_names_those_that_are() -> None:
    LTX.check_size(1080, 1920)

    with pytest.raises(InvalidRequest, match="does not make 1920x1920: choose one of 1920x1080, 1080x1920"):
        LTX.check_size(1920, 1920)


@pytest.mark.parametrize(
    ("model", "size", "seconds", "micros"),
    [
        ("ltx-2-3-fast", (1920, 1080), 6, 360_000),
        ("ltx-2-3-pro", (3840, 2160), 10, 3_200_000),
        ("ltx-2-3-pro", (1080, 1920), 8, 640_000),
        ("animatic", (640, 360), 30, 0),
    ],
)
def test_a_clip_costs_what_the_list_says(model: str, size: tuple[int, int], seconds: float, micros: int) -> None:
    assert model_card(model).price_micros(seconds=seconds, width=size[0], height=size[1]) == micros


def test_a_price_is_rounded_up_and_never_down() -> None:
    card = replace(LTX, prices={"any": Decimal("0.0000011")})

    assert card.price_micros(seconds=1, width=1, height=1) == 2
    assert card.price_micros(seconds=0.1, width=1, height=1) == 1


def test_a_size_without_a_price_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="has no price for 1x1"):
        LTX.price_micros(seconds=6, width=1, height=1)


@pytest.mark.parametrize(
    ("model", "clip", "size"),
    [
        ("animatic", (640, 426), (640, 426)),
        ("animatic", (641, 427), (640, 426)),
        ("animatic", (3840, 2160), (1920, 1080)),
        ("ltx-2-3-fast", (640, 426), (1920, 1080)),
        ("ltx-2-3-pro", (1000, 1800), (1080, 1920)),
    ],
)
def test_a_clip_is_continued_in_its_own_size_or_the_nearest(model: str, clip: tuple[int, int], size: tuple[int, int]) -> None:
    card = model_card(model)

    assert card.size_like(*clip) == size
    card.check_size(*size)


@pytest.mark.parametrize("size", [(62, 640), (641, 426), (1922, 640)])
def test_sizes_between_have_bounds_and_are_even(size: tuple[int, int]) -> None:
    with pytest.raises(InvalidRequest, match="or any even sides from 64 to 1920"):
        ANIMATIC.check_size(*size)


@pytest.mark.parametrize("card", vision_cards().values(), ids=lambda card: card.id)
def test_every_row_of_the_vision_table_is_whole(card) -> None:
    assert card.provider in VISION_MODELS
    assert 0 < card.price_in <= card.price_in_most
    assert card.price_out > 0
    assert card.max_tokens >= 1000
    assert card.image_tokens > 0
    assert len(card.price_version) == len("2026-11-20")
    assert card.shutdown_date is None


def test_vision_models_and_makers_of_clips_are_apart() -> None:
    assert set(vision_cards()) & set(model_cards()) == set()
    assert "vision" not in model_cards()


@pytest.mark.parametrize(
    ("model", "tokens_in", "tokens_out", "micros"),
    [("gpt-6-luna", 1000, 200, 200), ("gpt-6-luna", 1, 0, 1), ("gemini-3.8-flash", 1000, 500, 2625), ("gpt-6-luna", 0, 0, 0)],
)
def test_tokens_cost_what_the_list_says_rounded_up(model: str, tokens_in: int, tokens_out: int, micros: int) -> None:
    assert vision_card(model).cost_micros(tokens_in=tokens_in, tokens_out=tokens_out) == micros


def test_the_ceiling_counts_a_token_for_every_byte_at_the_dearest_price() -> None:
    card = vision_card("gpt-6-luna")

    # 64 of wrapping, 160 bytes of text and a picture of 1420 at $0.125, 1500 tokens of answer at $0.50, per million
    assert card.ceiling_micros(images=1, text="€" * 53 + "a") == 956
    assert card.ceiling_micros(images=0, text="") == 758


@given(images=st.integers(0, 4), text=st.text(max_size=200), share=st.floats(0, 1))
def test_no_answer_within_the_limits_costs_more_than_the_ceiling(images: int, text: str, share: float) -> None:
    for card in vision_cards().values():
        tokens_in = int((len(text.encode("utf-8", "surrogatepass")) + images * card.image_tokens) * share)
        cost = card.cost_micros(tokens_in=tokens_in, tokens_out=int(card.max_tokens * share))
        assert cost <= card.ceiling_micros(images=images, text=text)
