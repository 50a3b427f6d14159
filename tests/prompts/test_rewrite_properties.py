"""What holds for every prompt that is put in order: the user's words are all there, nothing else is, and twice is once."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from prompts.clauses import PARTS
from prompts.rewrite import reorder
from prompts.words import split_words
from tests.prompts.test_compose_properties import PROMPTS

CLAUSES = st.sampled_from(
    [
        *("close-up", "wide shot of a street", "a woman walks down the street", "two children", "Anna", "And then she turns"),
        *("running through rain", "smiling", "in a dark bar", "Rain", "soft light", "the night falls", "Her face lit by neon"),
        *("slow dolly in", "35mm film", "The camera waits", '"stop, now." she says', "(a dog, running)", "Dr. Who waits"),
        *("3.5 mm", "wide", "EXT. STREET - DAY", "Dawn", "Dawn hugs her", "I wait", "with her dog", "no fog"),
    ]
)
SIGNS = st.sampled_from([", ", ". ", "; ", "\n", "! ", "... ", ",, ", " ", ".", ",\n\n"])
LISTED = st.lists(st.tuples(CLAUSES, SIGNS), max_size=9).map(lambda pieces: "".join(f"{one}{sign}" for one, sign in pieces))
TEXTS = st.one_of(LISTED, LISTED, PROMPTS)
EVERY = settings(max_examples=300, deadline=None, database=None)


def counted(text: str) -> Counter[str]:
    return Counter(split_words(text).lowered)


@EVERY
@given(TEXTS)
def test_every_word_is_there_as_often_as_before(text: str) -> None:
    assert counted(reorder(text).text) == counted(text)


@EVERY
@given(TEXTS)
def test_every_sign_is_there_as_often_as_before(text: str) -> None:
    def signs(words: str) -> Counter[str]:
        return Counter(character for character in words if not character.isalpha())

    assert signs(reorder(text).text) == signs(text)


@EVERY
@given(TEXTS)
def test_putting_in_order_twice_is_putting_in_order_once(text: str) -> None:
    once = reorder(text)

    assert reorder(once.text).text == once.text


@EVERY
@given(TEXTS)
def test_the_parts_are_in_order_and_nothing_else_is_claimed(text: str) -> None:
    rewritten = reorder(text)

    ranks = [PARTS.index(part) for part, _ in rewritten.parts]
    assert ranks == sorted(ranks)
    assert (rewritten.text == text) or rewritten.sentence.startswith("Moved “")
