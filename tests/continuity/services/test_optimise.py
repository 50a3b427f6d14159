"""Optimising a prompt: a free job that adds a version, by local rules or by a text model, and never touches the prompt."""

from functools import partial
from typing import Any

import pytest

from continuity.jobs import local, steps
from continuity.models import Charge, Job
from continuity.providers.base import ProviderError, Unreachable
from continuity.services import optimise
from continuity.services.errors import Refused
from prompts.models import Prompt, PromptVersion
from prompts.rewrite import IN_ORDER, TextModel
from prompts.services import change_prompt, create_prompt, restore_version
from sessions_app.models import AuditEvent, Edit, Session
from tests.engine import settle
from tests.factories.prompt import PromptFactory
from tests.factories.session import SessionFactory

pytestmark = pytest.mark.django_db
WORDS = "soft light, a woman in a bar, close-up"
IN_ITS_ORDER = "close-up, a woman in a bar, soft light"


class Writer:
    """A text model that answers what it was told to; it notes what it was asked."""

    name = "writer-1"

    def __init__(self, answer: str | Exception) -> None:
        self.answer, self.asked = answer, list[str]()

    def rewrite(self, prompt: str) -> str:
        self.asked.append(prompt)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def prompted(owner: Any, words: str = WORDS) -> Session:
    session = SessionFactory(owner=owner)
    create_prompt(session=session, by=owner, input=words)
    return session


def with_model(monkeypatch: pytest.MonkeyPatch, model: TextModel) -> None:
    monkeypatch.setitem(steps.STEPS, ("optimise", "rewrite"), partial(local.rewrite_prompt, model=model))


def optimised(session: Session, owner: Any) -> Job:
    job = optimise.request_optimise(session=session, by=owner)
    settle(session)
    job.refresh_from_db()
    return job


def test_the_prompt_is_put_in_order_as_a_version_that_the_job_names(owner) -> None:
    session = prompted(owner)

    job = optimised(session, owner)

    version = PromptVersion.objects.get(number=2)
    assert (job.kind, job.state, job.subject_key) == ("optimise", "done", f"optimise:{session.pk}")
    assert (job.result["promptVersion"], job.result["engine"]) == (version.pk, "local-rules")
    assert job.result["sentence"].startswith("Moved “a woman in a bar” (subject), “close-up” (framing), so")
    assert (version.input, version.output, version.label, version.by) == (WORDS, IN_ITS_ORDER, "optimised by local rules", owner)
    assert (Charge.objects.count(), AuditEvent.objects.filter(action="prompt.optimise").count()) == (0, 1)


def test_the_prompt_stays_until_its_owner_takes_the_version(owner) -> None:
    session = prompted(owner)
    version = Session.objects.get().version

    job = optimised(session, owner)
    before = Prompt.objects.values("input", "output", "version").get()
    counted = Session.objects.get().version
    chosen = PromptVersion.objects.get(pk=job.result["promptVersion"])
    restore_version(prompt=Prompt.objects.get(), version=chosen, by=owner)

    assert (before, counted) == ({"input": WORDS, "output": None, "version": 1}, version)
    assert (Prompt.objects.get().output, Edit.objects.get().before) == (IN_ITS_ORDER, {"output": None})


def test_a_prompt_in_order_says_so(owner) -> None:
    job = optimised(prompted(owner, IN_ITS_ORDER), owner)

    version = PromptVersion.objects.get(pk=job.result["promptVersion"])
    assert (job.result["sentence"], version.input, version.output) == (IN_ORDER, IN_ITS_ORDER, IN_ITS_ORDER)


def test_asking_again_adds_nothing_new(owner) -> None:
    session = prompted(owner)

    jobs = [optimised(session, owner) for _ in range(2)]

    assert jobs[0] != jobs[1]
    assert (jobs[0].result, PromptVersion.objects.count()) == (jobs[1].result, 2)


def test_who_asks_meanwhile_gets_the_same_job(owner) -> None:
    session = prompted(owner)

    asked = [optimise.request_optimise(session=session, by=owner) for _ in range(2)]

    assert (asked[0], Job.objects.count()) == (asked[1], 1)


def test_without_words_there_is_nothing_to_optimise(owner) -> None:
    for session, code in (
        (SessionFactory(owner=owner), "no_prompt"),
        (PromptFactory(session__owner=owner, input=" ").session, "prompt_empty"),
    ):
        with pytest.raises(Refused) as refusal:
            optimise.request_optimise(session=session, by=owner)
        assert refusal.value.code == code

    assert Job.objects.count() == 0


def test_words_that_were_deleted_meanwhile_fail_the_job_with_a_sentence(owner) -> None:
    session = prompted(owner)
    job = optimise.request_optimise(session=session, by=owner)
    change_prompt(prompt=Prompt.objects.get(), by=owner, input="")

    settle(session)

    job.refresh_from_db()
    assert (job.state, job.error_code, job.error_sentence) == ("failed", "prompt_empty", "The prompt is empty: write it first.")


def test_a_text_model_is_used_where_there_is_one(owner, monkeypatch) -> None:
    model = Writer("  Close-up of a woman in a bar.\n")
    with_model(monkeypatch, model)

    job = optimised(prompted(owner), owner)

    version = PromptVersion.objects.get(pk=job.result["promptVersion"])
    assert (model.asked, version.input, version.output) == ([WORDS], WORDS, "Close-up of a woman in a bar.")
    assert (job.result["engine"], version.label) == ("writer-1", "optimised by writer-1")
    assert job.result["sentence"] == "Worded anew by writer-1: read it before you use it."


@pytest.mark.parametrize(
    ("answer", "code"),
    [("  \n", "rewrite_empty"), ("a\x00b", "prompt_invalid"), (ProviderError("It is away: try later."), "provider_error")],
)
def test_what_a_model_cannot_do_ends_the_job_and_adds_no_version(owner, monkeypatch, answer: Any, code: str) -> None:
    with_model(monkeypatch, Writer(answer))

    job = optimised(prompted(owner), owner)

    assert (job.state, job.error_code, PromptVersion.objects.count()) == ("failed", code, 1)
    assert job.error_sentence.endswith(".")


def test_a_model_that_is_away_is_asked_again_later(owner, monkeypatch) -> None:
    with_model(monkeypatch, Writer(Unreachable("The text model cannot be reached: it is tried again.")))

    job = optimised(prompted(owner), owner)

    assert (job.state, PromptVersion.objects.count()) == ("waiting", 1)
