"""Style injection: the user's prompt, the scene's style in words, and an account of what was added and what was not.

Pure: no Django, no records. The user's words are never deleted, rewritten, re-cased or re-spaced; the style's sentences are
put before, after or between them. Where the user's words speak of a value already, the style's value stays out and the report
names those words. Colours are injected as names, never as hex codes.

    compose("A woman waits at noon.", style, InjectionOptions())
    → "Light rain; wet streets. Palette of deep navy and amber, cool tones. A woman waits at noon."
      skipped: atmosphere.timeOfDay "night", because the user wrote "at noon"
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from prompts.conflicts import UsersWords
from prompts.injection import (
    ASPECTS,
    ComposeError,
    Conflict,
    Injection,
    InjectionOptions,
    PromptInvalid,
    PromptTooLong,
    Skipped,
    Span,
    StyleForInjection,
    StyleInvalid,
    StyleWord,
    injection_report,
    require_sendable,
)
from prompts.injection_sentence import account
from prompts.placement import Place, place_for
from prompts.style_parts import Part, least_important, parts_of, sentence_of, words_wanted
from prompts.style_words import is_unsafe, shown, style_for_injection

__all__ = [
    "ComposeError",
    "Conflict",
    "Injection",
    "InjectionOptions",
    "PromptInvalid",
    "PromptTooLong",
    "Skipped",
    "Span",
    "StyleForInjection",
    "StyleInvalid",
    "StyleWord",
    "compose",
    "injection_report",
    "require_sendable",
    "style_for_injection",
]


def compose(user_prompt: str, style: StyleForInjection | None, options: InjectionOptions) -> Injection:
    """The prompt to send. ``style`` None = there is no style yet: the prompt goes as it is.

    Raises PromptTooLong when the user's words alone are longer than ``options.max_length``, PromptInvalid when they hold a
    NUL or half a surrogate pair.
    """
    require_sendable(user_prompt, max_length=options.max_length)
    judged = _judge(user_prompt, style or StyleForInjection(), options)
    place = place_for(user_prompt, options.position)
    parts, dropped = _fit(user_prompt, place, parts_of(judged.kept, options.strength), options.max_length)
    text, spans, user_spans = _assemble(user_prompt, place, parts)
    skipped = (*judged.skipped, *dropped)
    conflicts = tuple(row for row in judged.conflicts if any(row.key in part.keys and row.text in part.text for part in parts))
    return Injection(
        text=text,
        user_span=(user_spans[0][0], user_spans[-1][1]) if user_spans else (0, 0),
        user_spans=user_spans,
        spans=spans,
        skipped=skipped,
        conflicts=conflicts,
        sentence=account(parts, skipped, conflicts, has_style=style is not None, max_length=options.max_length),
    )


@dataclass(frozen=True)
class _Judged:
    kept: tuple[tuple[str, StyleWord], ...]
    skipped: tuple[Skipped, ...]
    conflicts: tuple[Conflict, ...]


def _judge(prompt: str, style: StyleForInjection, options: InjectionOptions) -> _Judged:
    """Sort the style's words into those to inject, those to leave out with the reason, and injected conflicts."""
    users = UsersWords(prompt)
    kept: list[tuple[str, StyleWord]] = []
    skipped: list[Skipped] = []
    conflicts: list[Conflict] = []
    for aspect in ASPECTS:
        for word in words_wanted(style.words_of(aspect), options.strength):
            row = _refusal(aspect, word, users, options)
            if isinstance(row, Skipped):
                skipped.append(row)
                continue
            if isinstance(row, Conflict):
                conflicts.append(row)
            kept.append((aspect, word))
    return _Judged(tuple(kept), tuple(skipped), tuple(conflicts))


def _refusal(aspect: str, word: StyleWord, users: UsersWords, options: InjectionOptions) -> Skipped | Conflict | None:
    if is_unsafe(word.text):
        return Skipped(aspect, word.key, "unsafe", text=shown(word.text))
    if not options.includes(aspect):
        return Skipped(aspect, word.key, "overridden", text=word.text)
    verdict = users.verdict(word)
    if verdict is None:
        return None
    if verdict.reason == "user-said-otherwise" and not options.skip_conflicting:
        return Conflict(aspect, word.key, word.text, verdict.users.words, verdict.users.span)
    return Skipped(aspect, word.key, verdict.reason, verdict.users.words, verdict.users.span, word.text)


def _fit(prompt: str, place: Place, parts: Sequence[Part], max_length: int | None) -> tuple[list[Part], list[Skipped]]:
    """Drop whole parts, the least important first, until the prompt is within the model's limit."""
    kept, dropped = list(parts), []
    while kept and max_length is not None and len(_assemble(prompt, place, kept)[0]) > max_length:
        part = least_important(kept)
        kept.remove(part)
        dropped += [Skipped(part.aspect, key, "too-long", text=part.text) for key in part.keys]
    return kept, dropped


def _assemble(prompt: str, place: Place, parts: Iterable[Part]) -> tuple[str, tuple[Span, ...], tuple[tuple[int, int], ...]]:
    """The result, the spans of the parts, and where the user's words stand (one span, two, or none for an empty prompt)."""
    block, spans = _block(list(parts))
    if not block:
        return prompt, (), ((0, len(prompt)),) if prompt else ()
    inserted = place.left + block + place.right
    offset = place.offset + len(place.left)
    moved = tuple(Span(span.start + offset, span.end + offset, span.aspect, span.keys) for span in spans)
    head, tail = (0, place.offset), (place.offset + len(inserted), len(prompt) + len(inserted))
    user_spans = tuple(span for span in (head, tail) if span[0] < span[1])
    return prompt[: place.offset] + inserted + prompt[place.offset :], moved, user_spans


def _block(parts: list[Part]) -> tuple[str, list[Span]]:
    """One sentence per aspect, with the spans of its parts."""
    text, spans = "", []
    for aspect in ASPECTS:
        of_aspect = [part for part in parts if part.aspect == aspect]
        if not of_aspect:
            continue
        text += " " if text else ""
        sentence, places = sentence_of(of_aspect)
        spans += [
            Span(len(text) + start, len(text) + end, aspect, part.keys)
            for part, (start, end) in zip(of_aspect, places, strict=True)
        ]
        text += sentence
    return text, spans
