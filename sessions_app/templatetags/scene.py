"""What the scene's templates need beyond Django: injected prompts with their added parts, palettes, words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django import template
from django.utils import timezone
from django.utils.timesince import timesince

from continuity.cut_selectors import DriftLedger, bridged_clip, drift_svg, is_stale
from continuity.enums import AssetRole, BridgeKind, ShotMode, TakeOrigin, TakePurpose, TakeState, ValueSource
from continuity.models import Blob, Continuity, Cut, Frame, Style, Take
from continuity.selectors import ShotProgress, StyleFact, Swatch, model_named, palette_of, style_facts
from continuity.services import bridges, budgets
from continuity.services.generation import changes_of, sentences
from sessions_app.selectors import Scene
from sessions_app.web import words

register = template.Library()
HEX = re.compile(r"#[0-9A-Fa-f]{6}")
OTHER_COLOURS = {f"colour.palette.{role}" for role in ("primary", "secondary", "accent", "shadows", "highlights")}
"""The palette is shown, or missed, once: as its dominant colours."""


@dataclass(frozen=True)
class Segment:
    """A piece of an injected prompt. ``why`` names the style keys of an added piece, "" for the user's own words."""

    text: str
    added: bool
    why: str


@register.filter
def segments(take: Take) -> list[Segment]:
    """The injected prompt in pieces. The offsets of its report count code points, as Python does."""
    text, report = take.injected_prompt or "", take.injection or {}
    spans = sorted(report.get("spans", []), key=lambda span: span["start"])
    pieces, place = [], 0
    for span in spans:
        pieces.append(Segment(text[place : span["start"]], False, ""))
        pieces.append(Segment(text[span["start"] : span["end"]], True, _why(span["keys"])))
        place = span["end"]
    return [piece for piece in [*pieces, Segment(text[place:], False, "")] if piece.text]


def _why(keys: list[str]) -> str:
    return ", ".join(dict.fromkeys(words.key_word(key) for key in keys))


@register.filter
def skipped(take: Take) -> list[tuple[str, str]]:
    """What was left out of the prompt, and why, with the user's own words."""
    rows = (take.injection or {}).get("skipped", [])
    return [(row["text"], words.SKIP_REASONS[row["reason"]].format(row["usersWords"])) for row in rows]


@register.filter
def palette(holder: Any) -> list[Swatch]:
    """The swatches of a Style or an Extraction; a colour that is not ``#RRGGBB`` is not drawn."""
    return [swatch for swatch in palette_of(holder.values if holder else None) if HEX.fullmatch(swatch.hex)]


@register.inclusion_tag("continuity/_style_facts.html")
def facts_of(style: Style) -> dict[str, Any]:
    """What is known of a style by aspect, with its source, and what nobody measured."""
    known, unknown = style_facts(style.values)
    rows = [(words.key_word(fact.key), fact.value, _source(fact)) for fact in known]
    return {"rows": rows, "not_measured": [words.key_word(key) for key in unknown if key not in OTHER_COLOURS]}


def _source(fact: StyleFact) -> str:
    return words.SOURCES[ValueSource(fact.source)]


@register.filter
def shot_title(row: ShotProgress) -> str:
    """The shot's own words, else the name of the clip that was brought in."""
    clip = row.take.video if row.take is not None else None
    return row.shot.user_prompt or (clip.name if clip is not None else "") or "Untitled shot"


@register.filter
def unknown_take(row: ShotProgress) -> Take | None:
    """The take of which nobody knows what became of it."""
    return next((take for take in row.takes if take.state == TakeState.UNKNOWN), None)


@register.filter
def retryable(row: ShotProgress) -> Take | None:
    """The newest take, when it failed or was cancelled: the one that is tried again."""
    newest = row.takes[0] if row.takes else None
    return newest if newest is not None and newest.state in (TakeState.FAILED, TakeState.CANCELLED) else None


@register.filter
def take_word(take: Take) -> str:
    return words.TAKE_WORDS[TakeState(take.state)]


@register.filter
def mode_word(row: ShotProgress, continuity: Continuity | None) -> str:
    """How the shot is carried on from the ones there are: as its take was made, else as it would be made now."""
    if row.take is not None and row.take.origin != TakeOrigin.GENERATED:
        return "Brought in"
    mode = ShotMode(row.take.mode) if row.take is not None else bridges.mode_of(row.shot, continuity)
    opens = mode is ShotMode.FRAME_BRIDGE and row.number == 1
    return words.OPENING if opens else words.MODE_WORDS[mode]


@register.simple_tag
def start_of(scene: Scene, take: Take) -> str:
    """What the take started from, in a sentence."""
    clip = bridged_clip(take.input_frame)
    number = scene.number_of_clip(clip) if clip is not None else None
    row = next((row for row in scene.rows if row.take is not None and row.take.pk == take.pk), None)
    return words.start_sentence(take, source_number=number, is_stale=row is not None and is_stale(row, scene.rows))


@register.filter
def settings_sentences(continuity: Continuity | None) -> list[str]:
    return words.settings_sentences(continuity)


@register.filter
def seconds(blob: Blob) -> str:
    """The length of a clip, such as “4 s” or “3.96 s”."""
    length = Fraction(blob.duration_num or 0, blob.duration_den or 1)
    return f"{float(length):.2f}".rstrip("0").rstrip(".") + " s"


@register.filter
def percent(share: float | None) -> int | None:
    """0-1 as whole percent; None stays None."""
    return None if share is None else round(share * 100)


@register.filter
def cost(take: Take) -> str:
    """What a take has cost, or may cost while that is open; “free” for nothing, "" when no money was ever involved."""
    charges = list(take.charges.all())
    if not charges:
        return ""
    spent = sum(charge.settled_micros + charge.overrun_micros for charge in charges)
    held = sum(charge.reserved_micros - charge.settled_micros - charge.released_micros for charge in charges)
    if held:
        return f"up to {budgets.dollars(held + spent)}"
    return budgets.dollars(spent) if spent else "free"


@register.filter
def changed(moment: datetime) -> str:
    """When a scene was last changed, such as “changed 2 hours ago”."""
    if timezone.now() - moment < timedelta(minutes=1):
        return "changed just now"
    return f"changed {timesince(moment, depth=1)} ago"


@register.filter
def model_label(model_id: str) -> str:
    """The model’s name without what stands in brackets; its id when the table has it no more."""
    choice = model_named(model_id)
    return choice.label.partition(" (")[0] if choice is not None else model_id


@register.filter
def price_words(model_id: str) -> str:
    choice = model_named(model_id)
    return choice.price if choice is not None else ""


@register.filter
def at(mapping: Mapping[str, Any], key: str) -> Any:
    """The value of a key; None when there is none."""
    return mapping.get(key)


@register.filter
def bridge_words(cut: Cut) -> str:
    """Such as "bridged, NCC 0.998"."""
    return f"{words.BRIDGES[BridgeKind(cut.bridge_kind)]}, NCC {cut.ncc:.3f}" if cut.bridge_kind and cut.ncc is not None else ""


@register.filter
def score_parts(cut: Cut) -> list[tuple[str, str]]:
    """What each part adds to the score's logit, which is their sum."""
    return [(words.PARTS[name], f"{cut.parts[name]:+.2f}") for name in words.PARTS if name in cut.parts]


@register.filter
def drift_facts(cut: Cut) -> list[tuple[str, str]]:
    """What differs between the two frames at the cut, with units."""
    return [
        (name, f"{cut.drift[key]:{form}} {unit}".strip())
        for key, (name, form, unit) in words.DRIFTS.items()
        if cut.drift.get(key) is not None
    ]


@register.filter
def by_reason(not_measured: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """(reason, what was not measured for it, in words)."""
    grouped: dict[str, list[str]] = {}
    for key, reason in not_measured:
        grouped.setdefault(reason, []).append(words.measured_word(key))
    return [(reason, ", ".join(dict.fromkeys(keys))) for reason, keys in grouped.items()]


@register.simple_tag
def drift_picture(ledger: DriftLedger) -> str:
    """The ledger's plot as inline SVG, which holds numbers and our own words only."""
    return drift_svg(ledger)


@register.filter
def corrected_frame(take: Take | None) -> Frame | None:
    """The start frame of a take, when it is one that was brought back to the look of the first shot."""
    if take is None or take.input_frame is None or take.mode != ShotMode.FRAME_BRIDGE:
        return None
    still = take.input_frame.asset
    return take.input_frame if still.role == AssetRole.STILL and still.parent_id is not None else None


@register.filter
def change_words(take: Take) -> str:
    """What a take that no person asked for does differently."""
    return "; ".join(sentences(changes_of(take)))


@register.filter
def preview_only(row: ShotProgress) -> bool:
    """The newest take is a finished preview, and the clip itself was not made of it."""
    newest = row.takes[0] if row.takes else None
    return newest is not None and newest.purpose == TakePurpose.PREVIEW and newest.state == TakeState.DONE
