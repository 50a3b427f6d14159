"""Driving the engine inside one test process: scenes to make, turns of the ring and the worker, and what must hold after them."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from continuity.enums import JobState
from continuity.jobs import ring, tasks
from continuity.models import Job, JobEvent, Shot, Take
from sessions_app.services import continue_scene

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from sessions_app.models import Session

SMALL = {"size": "640x360", "seconds": 0.5}
"""What the animatic engine draws fastest."""
LTX = "ltx-2-3-fast"
LTX_PRICE = 360_000
"""Six seconds, the shortest clip that LTX makes, at six cents each: in millionths of a US dollar."""
PATIENCE_SECONDS = 60

ARROWS = {
    "queued": {"running", "cancelled"},
    "waiting": {"running", "cancelled"},
    "running": {"running", "waiting", "done", "failed", "unknown", "cancelled", "queued"},
    "unknown": {"running", "failed"},
    "done": set(),
    "failed": set(),
    "cancelled": set(),
}
"""DATA-MODEL 4.1, written down once more: to which states each state leads."""


def scene(
    owner: "User", *prompts: str, model: str = "animatic", clip: Path | None = None, **settings: Any
) -> tuple["Session", list[Shot]]:
    """A scene of small shots, one per prompt; the first one is ``clip``, already made, where one is given."""
    settings = {"default_model": model, **settings}
    session, _ = continue_scene(owner=owner, name="Pier", prompts=prompts or ("A red door",), clip=clip, settings=settings)
    if model == "animatic":
        Shot.objects.filter(session=session).update(params=SMALL)
    return session, list(Shot.objects.filter(session=session).order_by("rank"))


def turn() -> None:
    """One tick of the ring and one answer of a worker, with everything that is at a vendor asked after at once."""
    Job.objects.filter(state=JobState.WAITING, remote_id__isnull=False).update(next_run_at=Now())
    ring.tick()
    tasks.answer_bell()


def drive(until: Callable[[], bool]) -> None:
    """Turn until something is so; an assertion error names the jobs as they stand when it never comes."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not until():
        assert time.monotonic() < end, list(Job.objects.values_list("kind", "state", "step", "wait_reason", "error_sentence"))
        turn()
        time.sleep(0.02)


def settle(session: "Session") -> None:
    """Turn until nothing of the scene runs, is due or is at a vendor; what is parked or unknown stays so."""
    working = Q(state__in=[JobState.QUEUED, JobState.RUNNING])
    working |= Q(state=JobState.WAITING) & (Q(remote_id__isnull=False) | Q(next_run_at__lte=Now()))
    drive(lambda: not Job.objects.filter(working, session=session).exists())


def job_of(take: Take) -> Job:
    """The generate job of a take, as it is now."""
    return Job.objects.get(take=take, kind="generate")


def ledger_of(take: Take) -> dict[str, int]:
    """What the ledger says of a take's job, kind by kind."""
    return dict(job_of(take).charge.entries.values_list("kind", "amount_micros"))


def check_histories() -> None:
    """Replaying a job's events, arrow by arrow of DATA-MODEL 4.1, ends at its state; fences never fall."""
    for job in Job.objects.filter(pk__in=JobEvent.objects.filter(from_state=None).values("job")):
        state, fence = None, 0
        for event in JobEvent.objects.filter(job=job).order_by("id"):
            assert event.from_state == state, f"{job}: {event} does not begin at {state}"
            assert state is None or event.to_state in ARROWS[state], f"{job}: no arrow {event}"
            assert event.fence >= fence, f"{job}: {event} lowers the fence"
            state, fence = event.to_state, event.fence
        assert (state, fence) == (job.state, job.fence), f"the events of {job} end at {state}, fence {fence}"


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """What ``act(0)`` … ``act(count - 1)`` answer or raise, each in a thread with its own connection, all let go together."""
    answers: list[Any] = [None] * count
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        gate.wait()
        try:
            answers[number] = act(number)
        except Exception as error:
            answers[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
