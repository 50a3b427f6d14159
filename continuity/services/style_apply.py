"""Applying the scene's style to all shots: their own looks are put aside, and what making them anew would cost is told. Nothing
is made: that is asked for shot by shot, as always."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from continuity.enums import TakeOrigin, TakePurpose
from continuity.jobs.requests import fitting_params, size_of
from continuity.models import Continuity, Shot
from continuity.providers.base import ProviderError
from continuity.providers.capabilities import model_card
from continuity.services import generation, style_base, styles
from continuity.services.style_overrides import OWN_LOOK, locked_shots_of, put_looks, shots_of

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from sessions_app.models import Session

MICROS = 1_000_000


@dataclass(frozen=True)
class ModelCost:
    """``shots`` of one model, and what they cost together in millionths of a US dollar."""

    model: str
    shots: int
    micros: int


@dataclass(frozen=True)
class ApplyReport:
    """``shot_ids``: the shots whose own look is put aside. ``per_model``: making every shot anew whose chosen take was made
    with another style; locked shots, uploads, and the shot that the look comes from are left out."""

    shot_ids: tuple[str, ...]
    would_cost_micros: int
    per_model: tuple[ModelCost, ...]
    sentence: str


def apply_to_all_preview(*, session: "Session") -> ApplyReport:
    """What ``apply_to_all`` would do. Nothing is written. Refused ``no_continuity``."""
    return _report(style_base.half_of(session), shots_of(session))


def apply_to_all(*, session: "Session", by: "User") -> ApplyReport:
    """Every shot carries the scene's style again, as one undoable edit. Refused ``no_continuity``."""
    with transaction.atomic():
        rows = locked_shots_of(session)  # shots before the continuity half and the session, as everywhere
        report = _report(style_base.locked_half(session), rows)
        if report.shot_ids:
            put_looks(session, dict.fromkeys(report.shot_ids, OWN_LOOK), rows=rows, by=by)
    return report


def _report(half: Continuity, rows: Sequence[Shot]) -> ApplyReport:
    changed = tuple(row.pk for row in rows if any(getattr(row, name) != plain for name, plain in OWN_LOOK.items()))
    prices = _Prices(half)
    anew = [
        (generation.model_for(row, half, purpose=TakePurpose.FINAL), prices.of(row)) for row in _outdated(half, rows, changed)
    ]
    counts, sums = Counter(model for model, _ in anew), Counter[str]()
    for model, micros in anew:
        sums[model] += micros
    per_model = tuple(ModelCost(model, counts[model], sums[model]) for model in sorted(counts))
    total = sum(sums.values())
    return ApplyReport(changed, total, per_model, _sentence(changed=len(changed), anew=len(anew), micros=total))


def _outdated(half: Continuity, rows: Sequence[Shot], changed: Sequence[str]) -> list[Shot]:
    """The shots whose chosen take was generated with another style than the base, or with a look of its own."""
    made = [row for row in rows if row.chosen_take is not None and row.chosen_take.origin == TakeOrigin.GENERATED]
    return [
        row
        for row in made
        if not row.locked
        and styles.wants_injection(row, half)
        and row.chosen_take is not None
        and (row.chosen_take.style_id != half.base_style_id or row.pk in changed)
    ]


class _Prices:
    """What a take of a shot costs; shots of one model with the same parameters are asked about once."""

    def __init__(self, half: Continuity) -> None:
        self.half, self.known = half, dict[str, int]()

    def of(self, shot: Shot) -> int:
        model = generation.model_for(shot, self.half, purpose=TakePurpose.FINAL)
        key = json.dumps([model, shot.params], sort_keys=True)
        if key not in self.known:
            self.known[key] = _price(shot, model)
        return self.known[key]


def _price(shot: Shot, model: str) -> int:
    """0 for a shot that could not be made as it is set: asking for it says why."""
    try:
        card = model_card(model)
        params = fitting_params(shot, card)
        width, height = size_of(params)
        return card.price_micros(seconds=params["seconds"], width=width, height=height)
    except ProviderError:
        return 0


def _sentence(*, changed: int, anew: int, micros: int) -> str:
    aside = f"The own look of {_in_words(changed)} is put aside, so that the scene’s style holds."
    first = aside if changed else "Every shot carries the scene’s style."
    if not anew:
        return f"{first} No take has to be made anew."
    price = f"for about ${micros / MICROS:.2f}" if micros else "for nothing"
    return f"{first} To show it, {_in_words(anew)} would have to be made anew, {price}."


def _in_words(count: int) -> str:
    return f"{count} shot" if count == 1 else f"{count} shots"
