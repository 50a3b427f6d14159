"""What goes into style injection and what comes out: frozen dataclasses, the two refusals and the stored report. Pure."""

from dataclasses import dataclass, field
from typing import Any, Literal

Strength = Literal["light", "medium", "strong"]
Position = Literal["prefix", "suffix", "smart"]
Reason = Literal["user-said-otherwise", "already-said", "too-long", "overridden", "unsafe"]

ASPECTS = ("atmosphere", "lighting", "colour", "technical")
"""In the order in which a prompt names them: when and where, the light, the colours, the camera."""


class ComposeError(Exception):
    """A prompt that cannot be sent. ``str(error)`` is one sentence for a person, saying what to do; ``code`` for programs."""

    code = "prompt_invalid"


class PromptTooLong(ComposeError):
    """The user's own words are longer than the model takes; they are never cut."""

    code = "prompt_too_long"


class PromptInvalid(ComposeError):
    """The prompt holds a character that no model and no database takes."""


class StyleInvalid(ComposeError):
    """The style's values are not of the shape that styles.schema.json asks for."""

    code = "style_invalid"


def require_sendable(prompt: str, *, max_length: int | None) -> None:
    """Refuse a prompt that no model can be sent: PromptInvalid, or PromptTooLong for more than ``max_length`` characters."""
    if "\x00" in prompt or any("\ud800" <= character <= "\udfff" for character in prompt):
        raise PromptInvalid("The prompt holds a broken character (a NUL or half a surrogate pair): type that part again.")
    if max_length is not None and len(prompt) > max_length:
        raise PromptTooLong(
            f"The prompt has {len(prompt)} characters and this model takes {max_length}: shorten it or choose another model."
        )


@dataclass(frozen=True)
class StyleWord:
    """One known value of a style, in words. ``key`` e.g. "colour.temperature", ``text`` e.g. "cool tones".

    ``source``: measured, model, user or template. ``hex`` of a colour is kept for the report and is never injected: a
    video model reads "#1A2B3C" as text to be drawn.
    """

    key: str
    text: str
    source: str
    hex: str | None = None


@dataclass(frozen=True)
class StyleForInjection:
    """A style in words, aspect by aspect. What is not measured is not in it. Elements share a key, so do dominant colours."""

    colour: tuple[StyleWord, ...] = ()
    lighting: tuple[StyleWord, ...] = ()
    atmosphere: tuple[StyleWord, ...] = ()
    technical: tuple[StyleWord, ...] = ()

    def words_of(self, aspect: str) -> tuple[StyleWord, ...]:
        return {"colour": self.colour, "lighting": self.lighting, "atmosphere": self.atmosphere, "technical": self.technical}[
            aspect
        ]


@dataclass(frozen=True)
class InjectionOptions:
    """``strength`` how much is said, ``position`` where. An aspect that is not included is reported as overridden.

    ``max_length``: the longest prompt that the model takes, in characters (code points); None = no limit.
    """

    strength: Strength = "medium"
    position: Position = "prefix"
    include_colour: bool = True
    include_lighting: bool = True
    include_atmosphere: bool = True
    include_technical: bool = True
    skip_conflicting: bool = True
    max_length: int | None = None

    def includes(self, aspect: str) -> bool:
        return {
            "colour": self.include_colour,
            "lighting": self.include_lighting,
            "atmosphere": self.include_atmosphere,
            "technical": self.include_technical,
        }[aspect]


@dataclass(frozen=True)
class Span:
    """Code points ``start`` to ``end`` of the result say the values of ``keys``."""

    start: int
    end: int
    aspect: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Skipped:
    """A value that was not injected: ``text`` is the style's words, ``users_words`` what the user said instead (or too).

    ``users_span``: code points of those words in the user's prompt, None where the reason lies elsewhere.
    """

    aspect: str
    key: str
    reason: Reason
    users_words: str = ""
    users_span: tuple[int, int] | None = None
    text: str = ""


@dataclass(frozen=True)
class Conflict:
    """A value that was injected although the user's words say otherwise, because conflicts are not skipped."""

    aspect: str
    key: str
    text: str
    users_words: str
    users_span: tuple[int, int]


@dataclass(frozen=True)
class Injection:
    """The prompt to send and the account of it.

    ``user_spans``: where the user's own words stand in ``text``; joined they are the user's prompt exactly. ``user_span``
    reaches from the first to the last of them. ``sentence`` says in words what was added and what was left out.
    """

    text: str
    user_span: tuple[int, int]
    user_spans: tuple[tuple[int, int], ...]
    spans: tuple[Span, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    sentence: str = field(default="")


def injection_report(injection: Injection) -> dict[str, Any]:
    """The account as JSON by ``injection.schema.json``, stored in ``Take.injection``; offsets count code points.

    The text itself is ``Take.injected_prompt``. The same injection gives an equal report every time.
    """
    return {
        "userSpans": [list(span) for span in injection.user_spans],
        "spans": [
            {"start": span.start, "end": span.end, "aspect": span.aspect, "keys": list(span.keys)} for span in injection.spans
        ],
        "skipped": [_skipped_row(skipped) for skipped in injection.skipped],
        "conflicts": [_conflict_row(conflict) for conflict in injection.conflicts],
        "sentence": injection.sentence,
    }


def _skipped_row(skipped: Skipped) -> dict[str, Any]:
    return {
        "aspect": skipped.aspect,
        "key": skipped.key,
        "reason": skipped.reason,
        "text": skipped.text,
        "usersWords": skipped.users_words,
        "usersSpan": None if skipped.users_span is None else list(skipped.users_span),
    }


def _conflict_row(conflict: Conflict) -> dict[str, Any]:
    return {
        "aspect": conflict.aspect,
        "key": conflict.key,
        "text": conflict.text,
        "usersWords": conflict.users_words,
        "usersSpan": list(conflict.users_span),
    }
