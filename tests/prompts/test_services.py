"""The prompt half: no wording is lost, every change is one edit that can be undone, versions are only ever added."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from prompts import services
from prompts.expectations import VersionConflict, expecting
from prompts.injection import PromptInvalid
from prompts.models import Prompt, PromptVersion
from sessions_app import undo
from sessions_app.models import AuditEvent, Edit, Session
from tests.factories.prompt import PromptFactory, PromptVersionFactory
from tests.factories.session import SessionFactory

pytestmark = pytest.mark.django_db


def made(owner: Any, **columns: Any) -> Prompt:
    session = SessionFactory(owner=owner)
    return services.create_prompt(session=session, by=owner, **{"input": "A ferry at dusk", **columns})


def versions(prompt: Prompt) -> list[tuple[int, str, str | None]]:
    return list(PromptVersion.objects.filter(prompt=prompt).order_by("number").values_list("number", "input", "output"))


def test_a_prompt_begins_with_its_words_as_version_one(owner) -> None:
    prompt = made(owner, output="A ferry at dusk, wide shot", generation_params={"fps": 24}, title="Ferry")

    prompt.refresh_from_db()
    [version] = PromptVersion.objects.all()
    assert (version.number, version.input, version.output) == (1, "A ferry at dusk", "A ferry at dusk, wide shot")
    assert (version.generation_params, version.by, version.created_at is not None) == ({"fps": 24}, owner, True)
    assert (prompt.current_version, prompt.title, prompt.version) == (version, "Ferry", 1)
    assert AuditEvent.objects.get().action == "prompt.create"


def test_a_prompt_without_words_has_no_version_yet(owner) -> None:
    assert (made(owner, input="").current_version, PromptVersion.objects.count()) == (None, 0)


def test_a_session_has_one_prompt(owner) -> None:
    prompt = made(owner)

    with pytest.raises(IntegrityError), transaction.atomic():
        services.create_prompt(session=prompt.session, by=owner, input="Another")


def test_other_words_are_a_new_version_and_one_edit(owner) -> None:
    prompt = made(owner)

    changed = services.change_prompt(prompt=prompt, by=owner, input="A ferry at dawn", title="Dawn")

    prompt.refresh_from_db()
    edit = Edit.objects.get()
    assert versions(prompt) == [(1, "A ferry at dusk", None), (2, "A ferry at dawn", None)]
    assert (prompt.input, prompt.title, prompt.version, prompt.current_version.number) == ("A ferry at dawn", "Dawn", 2, 2)
    assert (edit.verb, edit.target_kind, edit.target_id) == ("prompt.change", "prompt", prompt.pk)
    assert (edit.before, edit.after) == (
        {"input": "A ferry at dusk", "title": None},
        {"input": "A ferry at dawn", "title": "Dawn"},
    )
    assert (changed.version, Session.objects.get().version, edit.number) == (2, 2, 2)


@pytest.mark.parametrize(
    ("columns", "count"),
    [
        ({"output": "Wide shot"}, 2),
        ({"generation_params": {"seconds": 4}}, 2),
        ({"keyframes": [{"url": "a"}]}, 2),
        *(({name: value}, 1) for name, value in [("title", "T"), ("mode", "video"), ("target_model", "veo"), ("score", 0.5)]),
        ({"highlight_cache": {"a": 1}, "brainstorm": {"b": 2}}, 1),
    ],
)
def test_only_what_is_sent_makes_a_version(owner, columns: dict[str, Any], count: int) -> None:
    prompt = made(owner)

    services.change_prompt(prompt=prompt, by=owner, **columns)

    assert (PromptVersion.objects.count(), Edit.objects.get().after) == (count, columns)


def test_what_changes_nothing_writes_nothing(owner) -> None:
    prompt = made(owner)

    services.change_prompt(prompt=prompt, by=owner, input="A ferry at dusk", title=None)

    assert (PromptVersion.objects.count(), Edit.objects.count(), Session.objects.get().version) == (1, 0, 1)


def test_undoing_is_changing_back(owner) -> None:
    prompt = made(owner)
    services.change_prompt(prompt=prompt, by=owner, input="A ferry at dawn", output="Dawn")

    undo.undo(session=prompt.session, by=owner)

    prompt.refresh_from_db()
    assert (prompt.input, prompt.output, prompt.current_version.number) == ("A ferry at dusk", None, 3)


def test_words_that_no_version_holds_become_one_before_they_go(owner) -> None:
    prompt = PromptFactory(session__owner=owner, input="Written long ago")

    services.change_prompt(prompt=prompt, by=owner, input="New")

    assert versions(prompt) == [(1, "Written long ago", None), (2, "New", None)]


def test_an_older_version_is_restored_as_a_new_one(owner) -> None:
    prompt = made(owner, generation_params={"fps": 24})
    services.change_prompt(prompt=prompt, by=owner, input="A ferry at dawn", generation_params={})

    services.restore_version(prompt=prompt, version=PromptVersion.objects.get(number=1), by=owner)

    prompt.refresh_from_db()
    assert (prompt.input, prompt.generation_params) == ("A ferry at dusk", {"fps": 24})
    assert (prompt.current_version.number, prompt.current_version.label) == (3, "version 1 restored")
    edit = Edit.objects.order_by("-number").first()
    assert (edit.verb, edit.before["input"], edit.after["generation_params"]) == (
        "prompt.restore",
        "A ferry at dawn",
        {"fps": 24},
    )


def test_a_version_of_another_prompt_is_refused(owner, stranger) -> None:
    prompt, theirs = made(owner), made(stranger, input="Secret")

    with pytest.raises(services.VersionOfAnotherPrompt) as refusal:
        services.restore_version(prompt=prompt, version=theirs.current_version, by=owner)

    assert refusal.value.code == "version_of_another_prompt"
    assert (versions(prompt), Edit.objects.count()) == ([(1, "A ferry at dusk", None)], 0)


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
@pytest.mark.parametrize("column", ["input", "output", "title", "mode"])
def test_words_that_no_database_takes_are_refused(owner, column: str, text: str) -> None:
    prompt = made(owner)

    with pytest.raises(PromptInvalid):
        services.change_prompt(prompt=prompt, by=owner, **{column: text})

    assert Edit.objects.count() == 0


def test_a_column_that_is_not_a_persons_is_a_bug(owner) -> None:
    with pytest.raises(TypeError, match=r"A prompt has no session_id, version\."):
        services.change_prompt(prompt=made(owner), by=owner, version=9, session_id="x")


def test_an_edit_of_a_session_that_somebody_else_edited_is_refused_whole(owner) -> None:
    prompt = made(owner)
    prompt.session.touch(by=owner)  # the session's count is not the prompt's, though both have one key
    services.change_prompt(prompt=prompt, by=owner, input="First")

    with pytest.raises(VersionConflict), expecting(prompt.session_id, 2):
        services.change_prompt(prompt=prompt, by=owner, input="Second")
    with expecting(prompt.session_id, 3):
        services.change_prompt(prompt=prompt, by=owner, input="Third")

    assert [row[1] for row in versions(prompt)] == ["A ferry at dusk", "First", "Third"]


def test_a_workers_version_leaves_the_prompt_as_it_is(owner) -> None:
    prompt = made(owner)

    rows = [
        services.append_rewritten(prompt_id=prompt.pk, by=owner, input=prompt.input, output="Wide shot", label="by rules")
        for _ in range(2)
    ]

    prompt.refresh_from_db()
    assert (rows[0], rows[0].number, rows[0].label) == (rows[1], 2, "by rules")
    assert (prompt.output, prompt.current_version.number, prompt.version, Edit.objects.count()) == (None, 1, 1, 0)


def test_numbers_go_on_after_the_highest(owner) -> None:
    prompt = PromptFactory(session__owner=owner, input="")
    PromptVersionFactory(prompt=prompt, number=41)

    services.change_prompt(prompt=prompt, by=owner, input="New")

    assert versions(prompt)[-1][:2] == (42, "New")
