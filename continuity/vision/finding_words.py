"""Findings in the language of film: "shot 3 is 0.5 stop darker and warmer than shot 2 at the cut".

A line each, without a capital at its start and a full stop at its end, so that a page and a table may use them as they are.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from continuity.vision.findings import Finding

DRIFT = "drift-"
PREVIOUS = "previous-"

COMPARATIVES: Mapping[str, tuple[str, str]] = {
    "exposure": ("brighter", "darker"),
    "temperature": ("warmer", "cooler"),
    "tint": ("greener", "more magenta"),
    "saturation": ("more saturated", "less saturated"),
    "contrast": ("higher in contrast", "flatter"),
    "grain": ("grainier", "cleaner"),
}
"""For an amount above and below 0."""

PATTERNS: Mapping[str, str] = {
    "one-frame": "{shot} is a single frame",
    "frozen": "nothing moves in {shot}",
    "black": "{shot} is black from beginning to end",
    "white": "{shot} is white from beginning to end",
    "begins-black": "{shot} begins on black",
    "ends-black": "{shot} ends on black",
    "alpha": "{shot} carries transparency: its colours are measured without it",
    "without-grain": "the score of {left} and {right} goes without grain, which could not be measured",
    "copy": "{left} and {right} are the same clip",
    "bridged": "{right} begins with the picture on which {left} ends",
    "bridged-with-motion": "{right} goes on from the last picture of {left}, with some movement between them",
    "cut": "{right} begins with another picture than {left} ends on",
    "other-colour": "the colours of {right} are others than those of {left}, which costs the score most",
    "other-structure": "lines and edges run in other directions in {right} than in {left}, which costs the score most",
}
BANDS: Mapping[str, str] = {
    "matches": "{left} and {right} look like one scene ({score:.2f})",
    "check": "{left} and {right} may not look like one scene ({score:.2f}): look at the cut",
    "jump": "{left} and {right} look like two scenes ({score:.2f})",
}


def in_words(findings: Iterable["Finding"], *, left: str, right: str, are_neighbours: bool = True) -> list[str]:
    """One line per finding, the named causes of a drift together; ``left`` and ``right`` are the names of the shots.

    ``are_neighbours``: False leaves out "at the cut", for a comparison with a shot further away. A code that is not known
    (stored by another version) is left out.
    """
    findings = list(findings)
    where = " at the cut" if are_neighbours else ""
    compared = [finding for finding in findings if finding.code.removeprefix(DRIFT) in COMPARATIVES]
    lines: list[str] = []
    for finding in findings:
        if finding not in compared:
            lines += _line(finding, _names(finding, left, right), where)
        elif finding is compared[0]:
            lines.append(_compared(compared, left, right, where))
    return lines


def _names(finding: "Finding", left: str, right: str) -> dict[str, str]:
    return {"left": left, "right": right, "shot": left if finding.code.startswith(PREVIOUS) else right}


def _line(finding: "Finding", names: Mapping[str, str], where: str) -> list[str]:
    """The line of a finding, or none."""
    code = finding.code.removeprefix(PREVIOUS)
    if pattern := PATTERNS.get(code):
        return [pattern.format(**names)]
    teller = TELLERS.get(code)
    return [teller(finding, names, where)] if teller else []


def _compared(drifts: Sequence["Finding"], left: str, right: str, where: str) -> str:
    words = _listed([_comparative(drift.code.removeprefix(DRIFT), drift.amount or 0.0) for drift in drifts])
    if drifts[0].is_certain:
        return f"{right} is {words} than {left}{where}"
    return f"{right} looks {words} than {left}"


def _comparative(cause: str, amount: float) -> str:
    more, less = COMPARATIVES[cause]
    word = more if amount > 0 else less
    if cause != "exposure":
        return word
    stops = f"{abs(amount):.1f}"
    return f"{stops} {'stop' if float(stops) <= 1 else 'stops'} {word}"


def _listed(words: Sequence[str]) -> str:
    """a; a and b; a, b and c."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def _hue(finding: "Finding", names: Mapping[str, str], where: str) -> str:
    verb, place = ("are", where) if finding.is_certain else ("look", "")
    return f"the hues of {names['right']} {verb} turned by {abs(finding.amount or 0):.0f}° against {names['left']}{place}"


def _band(finding: "Finding", names: Mapping[str, str], where: str) -> str:
    return BANDS[finding.detail["band"]].format(score=finding.amount, **names)


def _few_frames(finding: "Finding", names: Mapping[str, str], where: str) -> str:
    return f"{names['shot']} has only {finding.amount:.0f} frames"


def _blown_out(finding: "Finding", names: Mapping[str, str], where: str) -> str:
    return f"{(finding.amount or 0):.0%} of {names['shot']} is blown out to white"


def _hdr(finding: "Finding", names: Mapping[str, str], where: str) -> str:
    return f"{names['shot']} is HDR ({finding.detail['curve']}): it is measured as decoded, not tone-mapped"


def _texture(finding: "Finding", names: Mapping[str, str], where: str) -> str:
    more = "more" if finding.detail.get("more") else "less"
    return f"{names['right']} shows {more} fine detail than {names['left']}, which costs the score most"


def _grain(finding: "Finding", names: Mapping[str, str], where: str) -> str:
    word = "grainier" if finding.detail.get("more") else "cleaner"
    return f"{names['right']} is {word} than {names['left']}, which costs the score most"


def _grade_holds(finding: "Finding", names: Mapping[str, str], where: str) -> str:
    return f"the grade holds from {names['left']} to {names['right']} (ΔE {finding.amount:.1f})"


def _grade_step(finding: "Finding", names: Mapping[str, str], where: str) -> str:
    size = "clearly" if finding.detail.get("large") else "a little"
    unnamed = "" if finding.detail.get("named") else ", and no single cause explains it"
    return f"the grade steps {size} from {names['left']} to {names['right']} (ΔE {finding.amount:.1f}){unnamed}"


def _orientation(finding: "Finding", names: Mapping[str, str], where: str) -> str:
    width, height = finding.detail["right"]
    shapes = ("wide", "upright") if width > height else ("upright", "wide")
    return f"{names['right']} is {shapes[0]} ({width}x{height}) and {names['left']} {shapes[1]} ({_size(finding, 'left')})"


def _sizes(finding: "Finding", names: Mapping[str, str], where: str) -> str:
    return f"{names['right']} is {_size(finding, 'right')} and {names['left']} {_size(finding, 'left')}"


def _size(finding: "Finding", side: str) -> str:
    width, height = finding.detail[side]
    return f"{width}x{height}"


def _frame_rate(finding: "Finding", names: Mapping[str, str], where: str) -> str:
    left, right = finding.detail["left"], finding.detail["right"]
    return f"{names['right']} runs at {right:g} frames a second and {names['left']} at {left:g}"


TELLERS: Mapping[str, Callable[["Finding", Mapping[str, str], str], str]] = {
    "drift-hue": _hue,
    "band": _band,
    "few-frames": _few_frames,
    "blown-out": _blown_out,
    "hdr": _hdr,
    "other-texture": _texture,
    "other-grain": _grain,
    "grade-holds": _grade_holds,
    "grade-step": _grade_step,
    "orientation": _orientation,
    "size": _sizes,
    "frame-rate": _frame_rate,
}
