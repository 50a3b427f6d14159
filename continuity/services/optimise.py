"""Putting a prompt into a better order: a free job, whose result names the new version of the prompt."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from continuity.enums import LIVE_JOB_STATES, JobKind
from continuity.jobs import create
from continuity.models import Job
from continuity.services.errors import Refused
from prompts.injection import require_sendable
from prompts.models import Prompt
from prompts.rewrite import LOCAL_RULES, TextModel, reorder

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from sessions_app.models import Session

LOCAL_LABEL = "optimised by local rules"


@dataclass(frozen=True)
class Optimised:
    """``text``: what became of the words. ``label`` of the version, ``sentence`` for a person, ``engine``: local-rules, or the
    name of the text model."""

    text: str
    label: str
    sentence: str
    engine: str


def request_optimise(*, session: "Session", by: "User") -> Job:
    """A job that optimises the session's prompt; the live one when there is one. Its result: promptVersion, sentence, engine.

    Refused without a prompt half, and for one without words.
    """
    words_of(session)
    subject = f"optimise:{session.pk}"
    live = Job.objects.filter(subject_key=subject, state__in=LIVE_JOB_STATES)
    try:
        with transaction.atomic():
            return live.first() or _asked(session, subject=subject, by=by)
    except IntegrityError:  # somebody else asked in this moment
        return live.get()


def words_of(session: "Session") -> str:
    """The user's own words of the session's prompt. Refused when there are none."""
    prompt = Prompt.objects.filter(session=session).only("input").first()
    if prompt is None:
        raise Refused("no_prompt", "This session has no prompt half: write a prompt first.")
    if not prompt.input.strip():
        raise Refused("prompt_empty", "The prompt is empty: write it first.")
    return prompt.input


def optimised(prompt: str, *, model: TextModel | None) -> Optimised:
    """The prompt in the words of ``model``; None = by local rules, which only move the user's own clauses.

    Raises what the model raises, and ComposeError for an answer that no video model can be sent.
    """
    if model is None:
        done = reorder(prompt)
        return Optimised(done.text, LOCAL_LABEL, done.sentence, LOCAL_RULES)
    text = model.rewrite(prompt).strip()
    if not text:
        raise Refused("rewrite_empty", f"{model.name} answered with nothing: try again, or write the prompt yourself.")
    require_sendable(text, max_length=None)
    return Optimised(text, f"optimised by {model.name}", f"Worded anew by {model.name}: read it before you use it.", model.name)


def _asked(session: "Session", *, subject: str, by: "User") -> Job:
    job = create.job(kind=JobKind.OPTIMISE, subject_key=subject, by=by, session=session)
    session.record("prompt.optimise", by=by, target=job)
    return job
