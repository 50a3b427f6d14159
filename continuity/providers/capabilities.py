"""The capability table ``models.toml`` as frozen rows: makers of clips, and vision models. Pure: no settings, no network."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from continuity.enums import ShotMode
from continuity.providers.base import InvalidRequest, ModelRetired, UnsupportedCapability

TABLE = Path(__file__).with_name("models.toml")


@dataclass(frozen=True)
class ModelCard:
    """One row of models.toml. ``sizes`` are (width, height) in pixels, the first is the default; ``any_side``: the
    smallest and largest even side where every size between is made too; ``seconds_one_of``
    empty = any length from ``seconds_min`` to ``seconds_max``; ``prices`` US dollars per second by size or "any"."""

    id: str
    label: str
    provider: str
    vendor_model: str
    start_image: bool
    end_image: bool
    reference_images: int
    native: bool
    seconds_min: float
    seconds_max: float
    seconds_one_of: tuple[float, ...]
    sizes: tuple[tuple[int, int], ...]
    any_side: tuple[int, int] | None
    fps: tuple[int, ...]
    audio: bool
    seed: bool
    prompt_max: int
    price_version: str
    prices: Mapping[str, Decimal]
    concurrency: int
    poll_seconds: float

    def supports(self, mode: str) -> bool:
        """Whether the model has what the mode needs (DATA-MODEL 4.4)."""
        needs = {
            ShotMode.FRAME_BRIDGE: self.start_image,
            ShotMode.STYLE_MATCH: self.start_image or self.reference_images > 0,
            ShotMode.NATIVE: self.native,
            ShotMode.NONE: True,
        }
        return needs[ShotMode(mode)]

    def fit_seconds(self, seconds: float) -> float:
        """The shortest clip this model makes that is at least ``seconds`` long; InvalidRequest if there is none."""
        if self.seconds_one_of:
            fitting = [allowed for allowed in self.seconds_one_of if allowed >= seconds]
            if fitting and seconds > 0:
                return min(fitting)
        elif self.seconds_min <= seconds <= self.seconds_max:
            return seconds
        allowed = f"{self.seconds_min:g} to {self.seconds_max:g} seconds"
        raise InvalidRequest(f"{self.label} makes clips of {allowed}, not {seconds:g}: choose another length.")

    def check_size(self, width: int, height: int) -> None:
        """Raises InvalidRequest naming the sizes that the model makes."""
        if (width, height) in self.sizes or self._is_any_size(width, height):
            return
        names = ", ".join(f"{w}x{h}" for w, h in self.sizes)
        more = f", or any even sides from {self.any_side[0]} to {self.any_side[1]}" if self.any_side else ""
        raise InvalidRequest(f"{self.label} does not make {width}x{height}: choose one of {names}{more}.")

    def size_like(self, width: int, height: int) -> tuple[int, int]:
        """The size that cuts best with a clip of ``width`` x ``height``: its own where the model makes it, else the nearest
        in shape, then in area."""
        even = (width - width % 2, height - height % 2)
        if self._is_any_size(*even):
            return even
        shape, area = width / height, width * height
        return min(self.sizes, key=lambda size: (round(abs(size[0] / size[1] - shape), 2), abs(size[0] * size[1] - area)))

    def _is_any_size(self, width: int, height: int) -> bool:
        if self.any_side is None:
            return False
        low, high = self.any_side
        return all(low <= side <= high and side % 2 == 0 for side in (width, height))

    def price_micros(self, *, seconds: float, width: int, height: int) -> int:
        """Price of a clip in millionths of a US dollar, rounded up."""
        per_second = self.prices.get(f"{width}x{height}", self.prices.get("any"))
        if per_second is None:
            raise InvalidRequest(f"{self.label} has no price for {width}x{height}: choose another size.")
        return int((per_second * Decimal(str(seconds)) * 1_000_000).to_integral_value(ROUND_CEILING))


@dataclass(frozen=True)
class VisionCard:
    """One row of the table ``vision`` in models.toml.

    ``max_tokens``: the longest answer that is asked for, thinking included; ``image_tokens``: the most that one picture
    of 768 px counts; ``reasoning``: the effort to ask for, "" = the model has no such switch; prices in US dollars per
    million tokens, ``price_in_most`` where some input (written to a cache, say) costs more than ``price_in``;
    ``shutdown_date`` None = none announced.
    """

    id: str
    label: str
    provider: str
    vendor_model: str
    max_tokens: int
    image_tokens: int
    reasoning: str
    price_version: str
    price_in: Decimal
    price_in_most: Decimal
    price_out: Decimal
    shutdown_date: date | None

    def cost_micros(self, *, tokens_in: int, tokens_out: int) -> int:
        """What a call of these tokens costs by the list, in millionths of a US dollar, rounded up."""
        return _whole_micros(self.price_in * tokens_in + self.price_out * tokens_out)

    def ceiling_micros(self, *, images: int, text: str) -> int:
        """The most that a question of ``text`` (all of it, schema included) and ``images`` pictures may cost.

        A token is at least one byte of UTF-8, and what a vendor wraps round a question is a few dozen tokens.
        """
        tokens_in = len(text.encode()) + images * self.image_tokens + _WRAPPING_TOKENS
        return _whole_micros(self.price_in_most * tokens_in + self.price_out * self.max_tokens)

    def require_served(self, today: date) -> None:
        """Raises ModelRetired from the day on which the vendor ends the model."""
        if self.shutdown_date is not None and self.shutdown_date <= today:
            raise ModelRetired(f"{self.label} ended on {self.shutdown_date}: choose another VISION_MODEL.", billed_micros=0)


_WRAPPING_TOKENS = 64


def _whole_micros(millionths: Decimal) -> int:
    """Dollars per million tokens times tokens are millionths of a dollar already."""
    return int(millionths.to_integral_value(ROUND_CEILING))


@cache
def vision_cards() -> Mapping[str, VisionCard]:
    """Every vision model, by id, in the order of the table."""
    return {model_id: _vision_card(model_id, row) for model_id, row in _table()["vision"].items()}


def vision_card(model_id: str) -> VisionCard:
    """The row of one vision model; InvalidRequest naming the known ones."""
    card = vision_cards().get(model_id)
    if card is None:
        raise InvalidRequest(f"There is no vision model “{model_id[:80]}”: choose one of {', '.join(vision_cards())}.")
    return card


@cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


@cache
def model_cards() -> Mapping[str, ModelCard]:
    """Every maker of clips that a person can choose, by id, in the order of the table."""
    return {model_id: _card(model_id, row) for model_id, row in _table().items() if model_id != "vision"}


def model_card(model_id: str) -> ModelCard:
    """The row of one model; InvalidRequest naming the known ones."""
    card = model_cards().get(model_id)
    if card is None:
        raise InvalidRequest(f"There is no model “{model_id[:80]}”: choose one of {', '.join(model_cards())}.")
    return card


def require_mode(card: ModelCard, mode: str) -> None:
    """UnsupportedCapability, naming the models that can, when ``card`` cannot do ``mode``."""
    if card.supports(mode):
        return
    eligible = [other.id for other in model_cards().values() if other.supports(mode)]
    able = f"choose one of {', '.join(eligible)}" if eligible else "no model in the table can; choose another mode"
    raise UnsupportedCapability(f"{card.id} cannot do {mode}: {able}.")


def _card(model_id: str, row: Mapping[str, object]) -> ModelCard:
    fields = dict(row)
    seconds = fields.pop("seconds")
    assert isinstance(seconds, dict)
    one_of = tuple(float(value) for value in seconds.get("one_of", ()))
    prices = fields.pop("price")
    sizes = fields.pop("sizes")
    any_size = fields.pop("any_size", None)
    frame_rates = fields.pop("fps")
    assert isinstance(prices, dict)
    assert isinstance(sizes, list)
    assert isinstance(frame_rates, list)
    return ModelCard(
        id=model_id,
        seconds_min=min(one_of) if one_of else float(seconds["min"]),
        seconds_max=max(one_of) if one_of else float(seconds["max"]),
        seconds_one_of=one_of,
        sizes=tuple(_size(text) for text in sizes),
        any_side=(any_size["min"], any_size["max"]) if isinstance(any_size, dict) else None,
        fps=tuple(frame_rates),
        prices={size: Decimal(price) for size, price in prices.items()},
        **fields,  # type: ignore[arg-type]
    )


def _vision_card(model_id: str, row: Mapping[str, Any]) -> VisionCard:
    fields = dict(row)
    price = fields.pop("price")
    return VisionCard(
        id=model_id,
        price_in=Decimal(price["in"]),
        price_in_most=Decimal(price.get("in_most", price["in"])),
        price_out=Decimal(price["out"]),
        shutdown_date=fields.pop("shutdown_date", None),
        **fields,
    )


def _size(text: str) -> tuple[int, int]:
    width, height = text.split("x")
    return int(width), int(height)
