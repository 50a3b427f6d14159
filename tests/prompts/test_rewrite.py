"""The user's own clauses in the order in which video models read best; anything that cannot be moved safely stays."""

import time

import pytest

from prompts.clauses import clauses_of
from prompts.rewrite import IN_ORDER, NOT_ENGLISH, NOTHING_THERE, TOO_LONG, UNCLEAR, is_english, reorder


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        (
            "neon-lit street at night, a woman in a red dress walks, close-up, slow dolly in",
            "close-up, a woman in a red dress walks, neon-lit street at night, slow dolly in",
        ),
        (
            "soft morning light, handheld camera, a boy runs across a field, and his dog follows, 35mm film grain",
            "a boy runs across a field, and his dog follows, soft morning light, handheld camera, 35mm film grain",
        ),
        (
            "running through the rain, a man in a coat, low-angle shot",
            "low-angle shot, a man in a coat, running through the rain",
        ),
        ("A dark bar\nwide shot\nA woman waits", "Wide shot\na woman waits\nA dark bar"),
    ],
)
def test_clauses_are_told_in_the_order_of_a_shot(prompt: str, expected: str) -> None:
    assert reorder(prompt).text.casefold() == expected.casefold()


def test_signs_stay_where_they_are_and_capitals_follow_the_sentence() -> None:
    text = "A woman walks through the rain, close-up. Neon light. Slow dolly in!"

    assert reorder(text).text == "Close-up, a woman walks through the rain. Neon light. Slow dolly in!"


def test_a_name_keeps_its_capital() -> None:
    assert reorder("Anna waits in a bar, close-up.").text == "Close-up, Anna waits in a bar."


def test_what_was_moved_is_said_and_what_stayed_is_not() -> None:
    rewritten = reorder("A ferry leaves the harbour at dusk, the sea is calm, wide shot, slow pan left")

    assert rewritten.sentence == (
        "Moved “wide shot” (framing), so that it reads framing, subject, action, place, light, camera. "
        "No word was added, dropped or changed."
    )
    assert [part for part, _ in rewritten.parts] == ["framing", "subject", "place", "camera"]


def test_many_moves_are_counted() -> None:
    light = ", ".join(f"{colour} light" for colour in ("soft", "hard", "dim", "bright", "golden", "cold"))

    sentence = reorder(f"{light}, a woman in a bar, close-up").sentence

    assert sentence.startswith("Moved “a woman in a bar” (subject), “close-up” (framing), so")
    assert " and 2 more, so" in reorder(f"{light}, {light}, close-up, {', '.join(['wide shot'] * 5)}").sentence


def test_what_is_in_order_is_left_alone() -> None:
    text = "Wide shot, a woman walks, neon light, slow dolly in."

    assert (reorder(text).text, reorder(text).sentence) == (text, IN_ORDER)


@pytest.mark.parametrize(
    "text",
    [
        "Eine Frau geht durch die Straße, Nahaufnahme, Neonlicht",
        "Une femme marche dans la rue sous la pluie, gros plan",
        "Una mujer camina por la calle, primer plano",
        "Nainen kävelee kadulla, lähikuva",
        "雨の夜、女が歩く",
        "ночь, женщина идёт по улице",
    ],
)
def test_another_language_is_left_alone_and_says_so(text: str) -> None:
    rewritten = reorder(text)

    assert (rewritten.text, rewritten.parts, rewritten.sentence) == (text, (), NOT_ENGLISH)


@pytest.mark.parametrize("text", ["A café in Tokyo at night", "neon street, woman, close-up", "Robot dog sprints across Mars"])
def test_english_is_known_by_its_words(text: str) -> None:
    assert is_english(text) is True


@pytest.mark.parametrize(("text", "sentence"), [("", NOTHING_THERE), (" …, ", NOTHING_THERE), ("a " * 20_000, TOO_LONG)])
def test_what_is_no_prompt_is_left_alone(text: str, sentence: str) -> None:
    assert (reorder(text).text, reorder(text).sentence) == (text, sentence)


@pytest.mark.parametrize("text", ["And then she turns\nsmiling, 3.5 mm, wide, ", "Dr. Who waits, smiling. Rain; I wait\nwide. "])
def test_what_reads_differently_once_moved_is_left_alone(text: str) -> None:
    assert (reorder(text).text, reorder(text).sentence) == (text, UNCLEAR)


# clauses


def parts(text: str) -> list[tuple[str, str]]:
    return [(clause.part, clause.text) for clause in clauses_of(text).clauses]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        *(("extreme close-up of her eyes", "framing"), ("low-angle shot of a castle", "framing"), ("POV", "framing")),
        *(("EXT. TOKYO STREET - NIGHT", "framing"), ("a man is shot in a bar", "subject")),
        *(("an old fisherman", "subject"), ("she turns to the window", "subject"), ("it starts to rain", "subject")),
        *(("a lighthouse", "subject"), ("A ferry leaves the harbour at dusk", "subject")),
        *(("walking slowly", "action"), ("running through the forest", "action")),
        *(("glowing neon signs", "light"), ("raining heavily on the street", "place")),
        *(("in a dark bar", "place"), ("Tokyo at night", "place"), ("wet asphalt", "place"), ("heavy fog", "place")),
        *(("at night", "light"), ("golden hour", "light"), ("her face lit by neon", "light"), ("long shadows", "light")),
        *(("Moody palette of teal and orange", "light"), ("low contrast", "light"), ("eerie", "light")),
        *(("slow dolly in", "camera"), ("the camera follows a woman", "camera"), ("handheld", "camera")),
        *(("shallow depth of field", "camera"), ("35mm film grain", "camera"), ("slow motion", "camera")),
    ],
)
def test_a_clause_is_known_by_what_it_speaks_of(text: str, part: str) -> None:
    assert parts(text) == [(part, text)]


@pytest.mark.parametrize(
    "text",
    [
        "a woman in a bar, and a man beside her",
        "a woman in a bar, which is empty",
        "a woman in a bar, walking slowly",
        "a woman in a bar, calm",
        'a woman says "no, no. Wide shot!"',
        "a woman (in a bar, at night) waits",
        "Dr. No waits",
        "J. Smith waits in a bar",
        "1,000 people at f/2.8",
    ],
)
def test_what_belongs_together_is_not_taken_apart(text: str) -> None:
    assert [clause for _, clause in parts(text)] == [text]


@pytest.mark.parametrize(
    "text",
    ["", "  a bar, a woman.  ", "…", "a bar;;  a woman!\n\nwide shot", "(a, b", '"a, b', ", a bar", "a\n\n\n"],
)
def test_clauses_and_signs_together_are_the_text(text: str) -> None:
    read = clauses_of(text)

    together = read.before + read.after if not read.clauses else read.with_texts([clause.text for clause in read.clauses])
    assert together == text


@pytest.mark.parametrize("piece", ["close-up, a dog runs. ", ",", "a, ", "( ", "\n", "wide, ", "., ", "running, "])
def test_long_texts_take_no_longer_than_their_length_allows(piece: str) -> None:
    text = (piece * 20_000)[:19_990] + " a woman"
    begun = time.process_time()

    reorder(text)

    assert time.process_time() - begun < 5  # a quadratic reading takes minutes
