"""The words of a vision model as values of a style: from its answers about several frames of a shot, beside the pixels. Pure.

Each frame is asked about by itself. How sure a word is follows from how far the frames agree, never from what the model says
of itself. Pixels win: a word never replaces what was measured, nor what a person wrote.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from continuity.enums import ValueSource
from continuity.vision.word_likeness import list_likeness, phrase_likeness
from continuity.vision.word_reading import ELEMENTS, FrameWords, Value, read_words, word_keys

WORDS = "words@1"
"""Id and version of question, schema and reading; changes with each of them."""

AGREEMENT = 0.5
"""From this likeness on the frames are taken to say the same."""

NOBODY_LOOKED = "No vision model has looked at this shot."
_PALETTE = "colour.palette."
_UNSEEN = "The model says that the frames do not show this."


@dataclass(frozen=True)
class Word:
    """One value in words. ``confidence`` 0-1 = how far the frames agree; None = one frame only has told it."""

    value: Value
    confidence: float | None


@dataclass(frozen=True)
class ShotWords:
    """``words`` by "aspect.key"; ``not_measured``: every other key that was asked for -> the reason, a sentence.

    ``refused``: sentences about what was left out of the answers, for staff. ``frame_count``: answers that were read.
    """

    words: Mapping[str, Word]
    not_measured: Mapping[str, str]
    refused: tuple[str, ...]
    frame_count: int


def extractor_of(model: str) -> str:
    """The name under which words are cached: which question, which model."""
    return f"{WORDS}:{model}"


def words_of_answers(answers: Sequence[Mapping[str, object]]) -> ShotWords:
    """What the answers about frames of one shot say together, at best two frames or more; ``data`` of each VisionAnswer."""
    frames = [read_words(answer) for answer in answers]
    agreed = {key: _agreed(key, frames) for key in word_keys()}
    refused = [f"Frame {number}, {key}: {why}" for number, frame in enumerate(frames, 1) for key, why in frame.refused.items()]
    return ShotWords(
        words={key: word for key, word in agreed.items() if isinstance(word, Word)},
        not_measured={key: reason for key, reason in agreed.items() if isinstance(reason, str)},
        refused=tuple(refused),
        frame_count=len(frames),
    )


def merge_words(values: Mapping[str, Any], words: ShotWords, *, origin: str) -> dict[str, Any]:
    """Style.values in which the words fill what nobody knew; ``origin`` is the id of the extraction that they come from.

    Whatever ``values`` knows already stays. A colour that the model names is taken only where there is no measured or
    written palette at all: pixels that found one colour only are right about the second.
    """
    merged = deepcopy(dict(values))
    has_palette = any(_is_known(entry) for key, entry in merged["colour"].items() if key.startswith("palette."))
    for name, word in words.words.items():
        aspect, key = name.split(".", 1)
        if _is_known(merged[aspect][key]) or (has_palette and name.startswith(_PALETTE)):
            continue
        merged[aspect][key] = {
            "value": list(word.value) if isinstance(word.value, tuple) else word.value,
            "source": ValueSource.MODEL.value,
            "confidence": word.confidence,
            "origin": origin,
        }
    return merged


def _is_known(entry: Mapping[str, Any]) -> bool:
    return bool(entry["source"] != ValueSource.NOT_MEASURED.value)


def _agreed(key: str, frames: Sequence[FrameWords]) -> Word | str:
    """What the frames say of one key, or why nothing is known of it."""
    told = [frame.values[key] for frame in frames if key in frame.values]
    unseen = sum(key in frame.unseen for frame in frames)
    if told and unseen:
        return "One frame shows this and another does not."
    if not told:
        why = next((frame.refused[key] for frame in frames if key in frame.refused), NOBODY_LOOKED)
        return _UNSEEN if unseen else why
    if len(told) == 1:
        return Word(told[0], None)
    return _shared_elements(told) if key == ELEMENTS else _shared_phrase(key, told)


def _shared_phrase(key: str, told: Sequence[Value]) -> Word | str:
    """The phrase that is most like the others, in its own words; the first of equals."""
    phrases = [str(value) for value in told]
    alike = [[_likeness(key, one, other) for other in phrases] for one in phrases]
    mean = [(sum(row) - 1) / (len(row) - 1) for row in alike]
    best = max(range(len(phrases)), key=lambda index: mean[index])
    if mean[best] < AGREEMENT:
        return f"The frames say different things: {', '.join(f'“{phrase}”' for phrase in dict.fromkeys(phrases))}."
    return Word(phrases[best], round(mean[best], 3))


def _likeness(key: str, one: str, other: str) -> float:
    return float(one == other) if key.startswith(_PALETTE) else phrase_likeness(key, one, other)


def _shared_elements(told: Sequence[Value]) -> Word | str:
    """Those elements of the first frame that every other frame shows too."""
    first, *others = [list(value) for value in told]
    shared = [item for item in first if all(_is_among(item, other) for other in others)]
    likeness = min(list_likeness(ELEMENTS, first, other) for other in others)
    if not shared and (first or any(others)):
        return "The frames show different elements."
    return Word(tuple(shared), round(likeness, 3))


def _is_among(item: str, others: Sequence[str]) -> bool:
    return any(phrase_likeness(ELEMENTS, item, other) >= AGREEMENT for other in others)
