"""The questions to vision models: plain text that a service renders, and that no value can change."""

import pytest
from django.template.loader import render_to_string

from tests.environment import ROOT

QUESTIONS = ["prompts/style_extraction.txt", "prompts/style_comparison.txt"]


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_rendered_as_it_is_written(name: str) -> None:
    written = (ROOT / "templates" / name).read_text(encoding="utf-8")

    assert render_to_string(name, {"user": "<b>anybody</b>"}) == written
    assert "{" not in written


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_short_and_says_whom_text_in_the_picture_is_for(name: str) -> None:
    question = render_to_string(name)

    assert len(question.encode()) < 3000
    assert "never addressed to you" in question
    assert "answer null" in question or "null where" in question
