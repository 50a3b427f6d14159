"""Two callers who meet in the moment that matters: nobody waits for what the other one holds. A deadlock is PostgreSQL's; on
SQLite, which has one writer, the same callers come one after the other."""

import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models.functions import Now

from continuity.enums import JobState
from continuity.jobs import claims, create, lease
from continuity.jobs.failures import pause
from continuity.jobs.generate import cancelled
from continuity.models import Job, Shot
from continuity.services import generation, shots, shots_edit
from sessions_app.models import Edit, Session
from tests.engine import at_once, scene

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_SECONDS = 2
BUSY_SECONDS = 6
API = "/api/v2"
UNDOABLE = ["patch", "move", "order", "generate", "missing", "undo", "redo", "duplicate", "delete", "cancel"]


def meet(monkeypatch: pytest.MonkeyPatch, *places: tuple[Any, str, str]) -> None:
    """Thread 0 and thread 1 wait for each other, once, before or after their call of a function: (module, name, when)."""
    here = threading.Barrier(2)
    for number, (module, name, when) in enumerate(places):
        monkeypatch.setattr(module, name, _stopping(getattr(module, name), here, number=number, when=when))


def _stopping(real: Callable[..., Any], here: threading.Barrier, *, number: int, when: str) -> Callable[..., Any]:
    stopped = threading.Event()

    def stop(now: str) -> None:
        is_mine = threading.current_thread().name == f"caller {number}"
        if now == when and is_mine and not stopped.is_set():
            stopped.set()
            with contextlib.suppress(threading.BrokenBarrierError):  # the other one cannot come: it waits for this one
                here.wait(PATIENCE_SECONDS)

    def call(*args: Any, **columns: Any) -> Any:
        stop("before")
        answer = real(*args, **columns)
        stop("after")
        return answer

    return call


def both(*acts: Callable[[], Any]) -> list[Any]:
    def act(number: int) -> Any:
        threading.current_thread().name = f"caller {number}"
        return acts[number]()

    return at_once(2, act)


def keyed(api: Any, address: str, key: str = "k", body: Any = None) -> int:
    status: int = api.post(API + address, body if body is not None else {}, headers={"Idempotency-Key": key}).status_code
    return status


def test_generating_what_is_missing_and_editing_a_later_shot(api: Any, owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session, rows = scene(owner, "One", "Two", default_mode="none")
    meet(monkeypatch, (generation, "write_take", "after"), (shots_edit, "held", "after"))
    two = f"{API}/sessions/{session.pk}/shots/{rows[1].pk}"

    answers = both(
        lambda: keyed(api, f"/sessions/{session.pk}/generate"),
        lambda: api.patch(two, {"userPrompt": "Two, again"}, headers={"If-Match": "*"}).status_code,
    )

    assert answers == [202, 200]


def test_generating_what_is_missing_and_one_of_it(api: Any, owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session, rows = scene(owner, "One", "Two", default_mode="none")
    meet(monkeypatch, (generation, "write_take", "after"), (generation, "_require_open", "after"))

    answers = both(
        lambda: keyed(api, f"/sessions/{session.pk}/generate", "a"),
        lambda: keyed(api, f"/sessions/{session.pk}/shots/{rows[1].pk}/generate", "b"),
    )

    assert answers == [202, 202]


@pytest.mark.parametrize("verb", ["reorder", "restore", "move"])
def test_a_verb_that_wakes_and_a_worker_that_claims(api: Any, owner: Any, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    session, rows = scene(owner, "One", "Two", "Three", default_mode="none")
    shots.request_generation(shot=rows[0], by=owner)
    job = _parked(rows[0])
    if verb == "restore":
        shots_edit.delete_shot(shot=rows[2], by=owner)
    at = f"/sessions/{session.pk}"
    order = {"shotIds": [row.pk for row in reversed(rows)]}
    acts: dict[str, Callable[[], int]] = {
        "reorder": lambda: api.put(f"{API}{at}/shot-order", order, headers={"If-Match": "*"}).status_code,
        "restore": lambda: keyed(api, f"{at}/shots/{rows[2].pk}/restore"),
        "move": lambda: keyed(api, f"{at}/shots/{rows[2].pk}/move", body={"position": 0}),
    }
    meet(monkeypatch, (create, "wake_waiters", "before"), (lease, "_show", "before"))

    answers = both(acts[verb], lambda: claims.claim(job.pk, "worker") is not None)

    assert answers == [200, True]


def _parked(shot: Shot) -> Job:
    """A job that waits for another shot and is due: a worker may have it in this moment."""
    reason = {"wait_reason": "Waiting for the previous shot", "waits_for": None, "next_run_at": Now()}
    Job.objects.filter(shot=shot, kind="generate").update(state=JobState.WAITING, **reason)
    return Job.objects.get(shot=shot, kind="generate")


def test_a_busy_scene(api: Any, owner: Any, settings: Any) -> None:
    """Eight editors and four workers in one scene: nobody meets an error of the server, and no edit goes uncounted."""
    settings.THROTTLES = dict.fromkeys(("read", "write", "generate", "sign-in"), "")
    settings.JOBS_PER_USER = settings.JOBS_PER_PROVIDER = 100
    session, _ = scene(owner, *[f"Shot {number}" for number in range(6)], default_mode="none")
    end, told = time.monotonic() + BUSY_SECONDS, Counter[tuple[str, int]]()
    uncounted = _version(session) - Edit.objects.filter(session=session).count()

    def editor(number: int) -> None:
        dice = random.Random(number)
        while time.monotonic() < end:
            act = dice.choice(UNDOABLE)
            told[act, _edit(api, session, act, dice, key=f"{number}-{dice.random()}")] += 1

    at_once(12, lambda number: _work(end, random.Random(number)) if number < 4 else editor(number))

    assert {what: count for what, count in told.items() if what[1] >= 500} == {}
    assert {status for _, status in told} >= {200, 202}
    assert _version(session) - Edit.objects.filter(session=session).count() == uncounted


def _version(session: Session) -> int:
    return Session.objects.values_list("version", flat=True).get(pk=session.pk)


def _edit(api: Any, session: Session, act: str, dice: random.Random, *, key: str) -> int:
    at = f"/sessions/{session.pk}"
    ids = list(Shot.objects.filter(session=session).order_by("rank").values_list("pk", flat=True))
    shot, free = f"{at}/shots/{dice.choice(ids)}", {"If-Match": "*"}
    if act == "order":
        dice.shuffle(ids)
    if (act == "duplicate" and len(ids) > 9) or (act == "delete" and len(ids) < 5):
        return 0
    acts: dict[str, Callable[[], int]] = {
        "patch": lambda: api.patch(API + shot, {"userPrompt": f"words {dice.random()}"}, headers=free).status_code,
        "move": lambda: keyed(api, f"{shot}/move", key, {"position": dice.randrange(len(ids))}),
        "order": lambda: api.put(f"{API}{at}/shot-order", {"shotIds": ids}, headers=free).status_code,
        "generate": lambda: keyed(api, f"{shot}/generate", key),
        "missing": lambda: keyed(api, f"{at}/generate", key),
        "delete": lambda: api.delete(API + shot, headers=free).status_code,
        "duplicate": lambda: keyed(api, f"{shot}/duplicate", key),
        "cancel": lambda: keyed(api, f"{shot}/cancel", key),
    }
    return acts.get(act, lambda: keyed(api, f"{at}/{act}", key))()


def _work(end: float, dice: random.Random) -> None:
    """Claims, tells how far it is, and lets go again: parked as behind another shot, or ended."""
    while time.monotonic() < end:
        job = claims.claim_next("worker")
        if job is not None:
            with contextlib.suppress(lease.LostLease):
                lease.report(job, progress=0.5, note="half")
                if dice.random() < 0.3:
                    cancelled(job, billed_micros=0)
                else:
                    pause(job, seconds=0, note="", counts=False, wait_reason="Waiting for the previous shot")
        time.sleep(0.005)
