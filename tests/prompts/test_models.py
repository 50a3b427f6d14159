"""Every promise of the prompt's records, kept by both databases."""

import pytest

from prompts.models import Prompt, PromptVersion
from tests.factories.prompt import PromptFactory, PromptVersionFactory
from tests.factories.session import SessionFactory
from tests.violations import Plant, Table, answer_to, enum_columns, expected_answer, planted, rules, twice

pytestmark = pytest.mark.django_db

REFUSED_ROWS: Table = {
    "prompt_version_from_1": [lambda: PromptFactory(version=0)],
    "prompts_prompt.session_id": [lambda: twice(PromptFactory, "session")],
    "promptversion_number": [lambda: twice(PromptVersionFactory, "prompt", "number")],
    "promptversion_legacy": [lambda: twice(PromptVersionFactory, "prompt", legacy_id="v1")],
}


@pytest.mark.parametrize(("name", "plant"), planted(REFUSED_ROWS))
def test_constraint_refuses_a_planted_row(name: str, plant: Plant) -> None:
    assert answer_to(plant) == expected_answer(rules("prompts")[name])


def test_every_constraint_has_a_planted_row() -> None:
    assert set(rules("prompts")) == set(REFUSED_ROWS)
    assert enum_columns("prompts") == []


def test_versions_of_one_prompt_may_all_be_without_a_legacy_id() -> None:
    first = PromptVersionFactory()
    second = PromptVersionFactory(prompt=first.prompt)

    assert set(first.prompt.versions.all()) == {first, second}


def test_two_sessions_may_carry_the_same_legacy_uuid() -> None:
    first = PromptFactory(uuid="0b9b2a1e-7a43-4d2c-8a5f-1d9b3c1f7e11")
    second = PromptFactory(uuid=first.uuid)

    assert set(Prompt.objects.filter(uuid=first.uuid)) == {first, second}


def test_versions_go_with_their_session() -> None:
    version = PromptVersionFactory(prompt__session=SessionFactory())
    Prompt.objects.filter(pk=version.prompt.pk).update(current_version=version)

    version.prompt.session.delete()

    assert (Prompt.objects.count(), PromptVersion.objects.count()) == (0, 0)
