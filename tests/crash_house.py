"""What the crash tests share: real worker processes, one generation each, and what must hold when it is over."""

import contextlib
import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from continuity.enums import LIVE_JOB_STATES, ChargeState, JobState, TakeState
from continuity.models import Asset, Charge, Job, JobEvent, Take
from tests.environment import ROOT

STEPS = ("prepare", "submit", "poll", "fetch", "verify", "frames", "settle")
POINTS = (*(f"{when}:{step}" for step in STEPS for when in ("before", "commit")), "intent", "sent")
ACTS = ("kill-worker", "kill-cluster", "stop")
LEASE_SECONDS, RING_SECONDS = 2, 0.2
PATIENCE_SECONDS = 60


def cases() -> list[tuple[str, str]]:
    """Every point with every act; a worker stopped inside a transaction keeps its locks, which no lease can mend."""
    return [(point, act) for point in POINTS for act in ACTS if not (act == "stop" and point.startswith("commit"))]


def seeded_cases(seed: int, count: int) -> list[tuple[str, str]]:
    """``count`` cases, the same for the same seed; each case comes once before any comes twice."""
    dice, chosen = random.Random(seed), []
    while len(chosen) < count:
        round_of_all = cases()
        dice.shuffle(round_of_all)
        chosen += round_of_all
    return chosen[:count]


@dataclass
class Workers:
    """``manage.py work`` as a process group of its own, with a trap in it while it is started with ``trap``."""

    environment: dict[str, str]
    flag: Path
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    def start(self, *, trap: str = "") -> None:
        own = {"JOB_LEASE_SECONDS": str(LEASE_SECONDS), "RING_SECONDS": str(RING_SECONDS), "JOBS_PER_USER": "4"}
        own |= {"NEMESIS": trap, "NEMESIS_FLAG": str(self.flag)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.nemesis"],
                cwd=ROOT,
                env=self.environment | own,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def log(self) -> Path:
        return self.flag.with_suffix(".log")

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@contextlib.contextmanager
def workers(environment: dict[str, str], folder: Path) -> Iterator[Workers]:
    crew = Workers(environment, folder / "nemesis-flag")
    try:
        yield crew
    finally:
        crew.kill()


def survive(crew: Workers, take: Take, point: str, act: str) -> None:
    """Run the generation of ``take`` with one kill or stop at ``point``, until it has ended or needs a person."""
    crew.start(trap=f"{point} {act}")
    wait_until(crew.flag.exists, crew, f"{point} was never reached")
    if act == "kill-cluster":
        crew.process.wait()
        crew.start()
    elif act == "stop":
        time.sleep(LEASE_SECONDS * 1.5)
        wait_until(lambda: is_taken_over(job_of(take)), crew, "nobody took the job over")
        os.kill(int(crew.flag.read_text().split(":")[1].strip(" }")), signal.SIGCONT)
    wait_until(lambda: is_over(take), crew, f"{act} at {point}: the take never ended")
    settle_down(take)
    wait_until(lambda: is_over(take), crew, f"{act} at {point}: what the late worker began never ended")
    take.refresh_from_db()


def is_taken_over(job: Job) -> bool:
    """Another worker is at it, or it is out of any worker's hands."""
    claimed_again = job.events.filter(from_state__in=[JobState.QUEUED, JobState.WAITING], to_state=JobState.RUNNING).last()
    swept = job.events.filter(from_state=JobState.RUNNING, to_state__in=[JobState.QUEUED, JobState.UNKNOWN]).last()
    if swept is None:
        return False
    return job.state == JobState.UNKNOWN or (claimed_again is not None and claimed_again.pk > swept.pk)


def is_over(take: Take) -> bool:
    """Ended, or unknown and looked up at least once."""
    job = job_of(take)
    return job.state not in LIVE_JOB_STATES or (job.state == JobState.UNKNOWN and job.payload.get("looks", 0) > 0)


def settle_down(take: Take) -> None:
    """A stopped worker that woke up may still be about to write: give it the time in which it would."""
    time.sleep(1.0)


def job_of(take: Take) -> Job:
    return Job.objects.get(take=take, kind="generate")


def wait_until(condition, crew: Workers, complaint: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{complaint}\n{crew.log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.05)


def check_done_once(take: Take) -> None:
    """One ending, one clip, one closed charge, and the events tell the same story."""
    job = job_of(take)
    assert (take.state, job.state) == (TakeState.DONE, JobState.DONE)
    assert JobEvent.objects.filter(job=job, to_state=JobState.DONE).count() == 1
    assert Asset.objects.filter(session=take.shot.session, role="clip").count() == 1
    assert Charge.objects.get(job=job).state == ChargeState.CLOSED
    steps = list(job.events.filter(from_state=JobState.RUNNING, to_state=JobState.RUNNING).values_list("step", flat=True))
    assert [step for step in steps if step in STEPS[3:]] == list(STEPS[3:])  # no step was committed by two workers
    check_nothing_stuck(take)


def check_unknown_and_open(take: Take) -> None:
    """A person has to decide: the money stays reserved, the job says what to do."""
    job = job_of(take)
    assert (take.state, job.state) == (TakeState.UNKNOWN, JobState.UNKNOWN)
    assert job.remote_id is None
    assert Charge.objects.get(job=job).state == ChargeState.OPEN
    assert "not made" in (take.error_sentence or "")
    check_nothing_stuck(take, besides=job)


def check_nothing_stuck(take: Take, *, besides: Job | None = None) -> None:
    """No other live job is left without a worker, and replaying each job's events gives its state."""
    for job in Job.objects.filter(session=take.shot.session):
        states = list(job.events.values_list("from_state", "to_state"))
        assert all(left[1] == right[0] for left, right in itertools.pairwise(states))
        assert states[-1][1] == job.state
        if besides is None or job.pk != besides.pk:
            assert job.kind != "generate" or job.state not in LIVE_JOB_STATES
