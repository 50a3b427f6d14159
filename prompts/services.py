"""The verbs on a session's prompt half: make it, change it, restore a version of it. No wording is ever lost: whatever stood in
the prompt stays as a version. Errors are ComposeErrors: a sentence and a ``code``.
"""

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from prompts.injection import ComposeError, require_sendable
from prompts.models import Prompt, PromptVersion

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from sessions_app.models import Session

WORDING = ("input", "output", "generation_params", "keyframes")
"""A change of one of these is a new version."""

VERSIONED = (*WORDING, "highlight_cache")
"""What a version holds of the prompt."""

PROMPT_COLUMNS = frozenset({*VERSIONED, "title", "target_model", "mode", "brainstorm", "score"})
"""What a person may change."""


class VersionOfAnotherPrompt(ComposeError):
    """A version can only be restored where it was written."""

    code = "version_of_another_prompt"


def create_prompt(*, session: "Session", by: "User", input: str = "", **columns: Any) -> Prompt:
    """The prompt half of a session that has none, its words as version 1; inside the caller's transaction, which counts the
    edit. ``columns`` are those of PROMPT_COLUMNS. Raises PromptInvalid, and IntegrityError when the session has that half.
    """
    given = _checked({"input": input, **columns})
    prompt = Prompt.objects.create(session=session, **given)
    if prompt.input or prompt.output:
        _point_at(prompt, _append(prompt, by=by))
    session.record("prompt.create", by=by, target=prompt)
    return prompt


def change_prompt(*, prompt: Prompt, by: "User", **columns: Any) -> Prompt:
    """Change columns of PROMPT_COLUMNS, as one undoable edit. Other words, parameters or keyframes are a new version; what
    changes nothing writes nothing. Raises PromptInvalid for words that no model and no database takes.
    """
    return _change(prompt, verb="prompt.change", by=by, label=None, columns=_checked(columns))


def restore_version(*, prompt: Prompt, version: PromptVersion, by: "User") -> Prompt:
    """Make an older version the prompt again, as a new version that says so. Raises VersionOfAnotherPrompt."""
    if version.prompt_id != prompt.pk:
        raise VersionOfAnotherPrompt("This version belongs to another prompt: choose one of this prompt's own versions.")
    columns = {name: getattr(version, name) for name in VERSIONED}
    return _change(prompt, verb="prompt.restore", by=by, label=f"version {version.number} restored", columns=columns)


def append_rewritten(*, prompt_id: str, by: "User | None", input: str, output: str, label: str) -> PromptVersion:
    """A version that a worker made of the user's words, inside the caller's transaction; the newest one where it says just that.

    The prompt itself stays as it is: restoring the version is the person's own edit. Raises Prompt.DoesNotExist.
    """
    prompt = Prompt.objects.select_for_update().get(pk=prompt_id)
    newest = PromptVersion.objects.filter(prompt=prompt).order_by("-number").first()
    if newest is not None and (newest.input, newest.output, newest.label) == (input, output, label):
        return newest
    return _append(prompt, by=by, label=label, input=input, output=output)


def _change(prompt: Prompt, *, verb: str, by: "User", label: str | None, columns: dict[str, Any]) -> Prompt:
    with transaction.atomic():
        row = Prompt.objects.select_for_update(of=("self",)).select_related("session", "current_version").get(pk=prompt.pk)
        before = {name: getattr(row, name) for name in columns if getattr(row, name) != columns[name]}
        if not before:
            return row
        after = {name: columns[name] for name in before}
        _keep_what_stands(row, by=by)
        for name, value in after.items():
            setattr(row, name, value)
        row.save(update_fields=[*after])
        if not before.keys().isdisjoint(WORDING):
            _point_at(row, _append(row, by=by, label=label))
        # Not by count_edit: the prompt shares its key with its session, whose version is the one that callers have seen.
        Prompt.objects.filter(pk=row.pk).update(version=F("version") + 1)
        row.refresh_from_db(fields=["version"])
        row.session.edit(verb, by=by, target=row, before=before, after=after)
    return row


def _keep_what_stands(prompt: Prompt, *, by: "User") -> None:
    """A wording that no version holds yet, as an older system left it, becomes one before it is replaced."""
    known = prompt.current_version
    if (prompt.input or prompt.output) and (known is None or any(getattr(known, n) != getattr(prompt, n) for n in WORDING)):
        _append(prompt, by=by)


def _append(prompt: Prompt, *, by: "User | None", label: str | None = None, **wording: str) -> PromptVersion:
    """The next version: what the prompt says now, ``wording`` apart. The prompt's row is locked or new."""
    last = PromptVersion.objects.filter(prompt=prompt).aggregate(last=Max("number"))["last"] or 0
    now = {name: getattr(prompt, name) for name in VERSIONED}
    return PromptVersion.objects.create(
        prompt=prompt, number=last + 1, label=label, by=by, created_at=timezone.now(), **{**now, **wording}
    )


def _point_at(prompt: Prompt, version: PromptVersion) -> None:
    prompt.current_version = version
    prompt.save(update_fields=["current_version"])


def _checked(columns: dict[str, Any]) -> dict[str, Any]:
    unknown = columns.keys() - PROMPT_COLUMNS
    if unknown:
        raise TypeError(f"A prompt has no {', '.join(sorted(unknown))}.")
    for value in columns.values():
        if isinstance(value, str):
            require_sendable(value, max_length=None)
    return columns
