"""Many at once over real HTTP: gunicorn as ``make run`` starts it, real workers, SQLite and PostgreSQL.

Turned red by: a key that nobody looks at (``operation._key`` answering "": nothing is replayed); ``request_generation`` without
its second look (``continue`` → ``raise``: a 500 on PostgreSQL) or its first (``if False`` before ``require_same``: a 409 on
SQLite too); an UPDATE that does not ask for the version that was seen (``seen = {}`` in ``count_edit``: two editors, two 200);
a worker that counts as an editor (``revise`` bumping ``version``: 412 twice); a worker that writes a whole shot
(``take.shot.save()`` in ``keep_frames``: what was edited meanwhile is lost).
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User

from continuity.enums import LIVE_JOB_STATES
from continuity.models import Asset, Budget, Charge, Job, Shot, Take
from sessions_app.models import Edit, IdempotencyRecord, Session
from tests.crash_house import Workers, check_done_once, is_over, job_of, wait_until, workers
from tests.engine import LTX, LTX_PRICE, SMALL, scene
from tests.fuzz import THROTTLES, server
from tests.sessions_app.api.documented import secret_of

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]
MANY = 50
ROUNDS = 20
UNLIMITED = {f"THROTTLE_{scope}": "" for scope in THROTTLES}
VENDOR = {"LTX_API_KEY": "only-for-tests", "LTX_BASE_URL": "http://127.0.0.1:9"}
"""Nobody listens there: no worker runs where it is named."""


@pytest.fixture
def site(owner: User, child_environment: dict[str, str]) -> Iterator[httpx.Client]:
    """``owner`` with a token, at a site under gunicorn on this test's database."""
    with server(child_environment | UNLIMITED | VENDOR) as url:
        headers = {"Authorization": f"Bearer {secret_of(owner)}"}
        limits = httpx.Limits(max_connections=MANY, max_keepalive_connections=0)
        with httpx.Client(base_url=f"{url}/api/v2", headers=headers, timeout=60, limits=limits, trust_env=False) as client:
            yield client


def all_at_once(count: int, ask: Callable[[int], httpx.Response]) -> list[httpx.Response]:
    """The answers to ``ask(0)`` … ``ask(count - 1)``, all let go together."""
    gate = threading.Barrier(count)

    def run(number: int) -> httpx.Response:
        gate.wait()
        return ask(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


def generate(site: httpx.Client, shot: Shot, *, key: str) -> httpx.Response:
    return site.post(f"/sessions/{shot.session_id}/shots/{shot.pk}/generate", json={}, headers={"Idempotency-Key": key})


def check_paid_once(shot: Shot) -> Take:
    """One take, one job, one charge; the month's budgets hold its price once."""
    [take], [job], [charge] = Take.objects.all(), Job.objects.all(), Charge.objects.all()
    assert (take.shot_id, job.take_id, charge.job_id) == (shot.pk, take.pk, job.pk)
    assert (charge.reserved_micros, charge.settled_micros) == (LTX_PRICE, 0)
    assert {budget.reserved_micros for budget in Budget.objects.all()} == {LTX_PRICE}
    return take


def test_fifty_at_once_with_one_key_are_one_take_and_fifty_equal_answers(site: httpx.Client, owner: User) -> None:
    _, [shot] = scene(owner, model=LTX)

    answers = all_at_once(MANY, lambda number: generate(site, shot, key="one"))

    job = job_of(check_paid_once(shot))
    told = {(answer.status_code, answer.content, answer.headers["Location"]) for answer in answers}
    assert told == {(202, answers[0].content, f"/api/v2/jobs/{job.pk}")}
    assert answers[0].json()["id"] == job.pk
    assert Counter(answer.headers.get("Idempotent-Replayed") for answer in answers) == {None: 1, "true": MANY - 1}
    assert IdempotencyRecord.objects.count() == 1


def test_fifty_at_once_with_fifty_keys_are_one_live_take_that_all_are_told(site: httpx.Client, owner: User) -> None:
    _, [shot] = scene(owner, model=LTX)

    answers = all_at_once(MANY, lambda number: generate(site, shot, key=f"key-{number}"))

    take = check_paid_once(shot)
    assert {(answer.status_code, answer.json()["id"]) for answer in answers} == {(202, job_of(take).pk)}
    assert [answer for answer in answers if "Idempotent-Replayed" in answer.headers] == []
    assert set(IdempotencyRecord.objects.values_list("key", flat=True)) == {f"key-{number}" for number in range(MANY)}


@dataclass(frozen=True)
class Edited:
    """What two editors change at once: where it is, the field of the API, its column, and what an edit of it is called."""

    path: str
    field: str
    column: str
    verb: str
    row: Session | Shot

    def now(self) -> dict[str, Any]:
        return type(self.row).objects.values("version", self.column).get(pk=self.row.pk)


def the_session(session: Session, shot: Shot) -> Edited:
    return Edited(f"/sessions/{session.pk}", "name", "name", "session.change", session)


def the_shot(session: Session, shot: Shot) -> Edited:
    return Edited(f"/sessions/{session.pk}/shots/{shot.pk}", "userPrompt", "user_prompt", "shot.change", shot)


def edit_at_once(site: httpx.Client, edited: Edited, number: int) -> str:
    """Two people change what they both read; the text of the one whose change was taken. The other one is told to read again."""
    tag = site.get(edited.path).headers["ETag"]
    texts = [f"Round {number}, {who}." for who in ("ada", "grace")]

    def patch(who: int) -> httpx.Response:
        return site.patch(edited.path, json={edited.field: texts[who]}, headers={"If-Match": tag})

    answers = all_at_once(2, patch)

    taken, refused = sorted(answers, key=lambda answer: answer.status_code)
    assert (taken.status_code, refused.status_code, refused.json().get("code")) == (200, 412, "edited_since")
    text = texts[answers.index(taken)]
    assert taken.json()[edited.field] == text
    return text


def edit_until_over(site: httpx.Client, edited: Edited, take: Take) -> list[str]:
    """Round after round, from the moment when a worker has the take until it is over, and twenty at least."""
    taken: list[str] = []
    while len(taken) < ROUNDS or not is_over(take):
        taken.append(edit_at_once(site, edited, len(taken)))
    return taken


def is_running(take: Take) -> bool:
    return job_of(take).state == "running"


def has_nothing_left_to_do(session: Session) -> bool:
    return not Job.objects.filter(session=session, state__in=LIVE_JOB_STATES).exists()


def check_nothing_lost(edited: Edited, taken: list[str], *, before: dict[str, Any]) -> None:
    """Every edit that was taken is written down once, in order, on top of the one before it, and counted; no other is."""
    edits = Edit.objects.filter(verb=edited.verb, target_id=edited.row.pk).order_by("number")
    steps = [(edit.before[edited.column], edit.after[edited.column]) for edit in edits]
    assert steps == list(zip([before[edited.column], *taken], taken, strict=False))
    assert edited.now() == {"version": before["version"] + len(taken), edited.column: taken[-1]}


def check_finished(crew: Workers, shot: Shot, take: Take) -> None:
    wait_until(lambda: has_nothing_left_to_do(shot.session), crew, "what follows a take never ended")
    take.refresh_from_db()
    check_done_once(take)
    shot.refresh_from_db()
    assert (shot.chosen_take_id, take.video_id) == (take.pk, Asset.objects.get(session=shot.session, role="clip").pk)


@pytest.mark.parametrize("what", [the_session, the_shot])
def test_of_two_editors_one_is_told_to_read_again_and_nothing_is_lost_while_a_worker_finishes(
    site: httpx.Client,
    owner: User,
    child_environment: dict[str, str],
    tmp_path: Path,
    what: Callable[[Session, Shot], Edited],
) -> None:
    session, [shot] = scene(owner)
    edited, words = what(session, shot), shot.user_prompt
    Shot.objects.filter(pk=shot.pk).update(params=SMALL | {"seconds": 2})
    generate(site, shot, key="one").raise_for_status()
    take = Take.objects.get()

    with workers(child_environment, tmp_path) as crew:
        crew.start()
        wait_until(lambda: is_running(take), crew, "no worker took it")
        before, versions = edited.now(), Session.objects.values_list("version", "revision").get()
        taken = edit_until_over(site, edited, take)
        check_finished(crew, shot, take)

    version, revision = Session.objects.values_list("version", "revision").get()
    check_nothing_lost(edited, taken, before=before)
    assert version - versions[0] == len(taken)  # of the scene too, and nobody but people counted
    assert revision - versions[1] > len(taken)  # the worker was seen all the same
    assert take.user_prompt == words  # what was asked for, whatever was written meanwhile
