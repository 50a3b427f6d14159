"""Real workers that are killed, or stopped, at one exact point of a generation: ``python -m tests.nemesis``.

It is ``manage.py work`` with a trap. NEMESIS names it as ``<point> <act>``; the trap springs once, and says so in the file
that NEMESIS_FLAG names. Points: ``before:STEP`` and ``after:STEP`` (around the step's function), ``commit:STEP`` (inside the
transaction that ends the step, before its commit), ``intent`` (intent committed, nothing sent) and ``sent`` (answer there,
nothing committed). Acts: ``kill-worker``, ``kill-cluster`` (SIGKILL), ``stop`` (SIGSTOP of the worker). Once the trap has
sprung every step takes SLOW_SECONDS longer, so that a stopped worker wakes up while another one is at its job.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

SLOW_SECONDS = 0.7
ACTS: dict[str, Callable[[], None]] = {
    "kill-worker": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "kill-cluster": lambda: os.killpg(os.getpgid(0), signal.SIGKILL),
    "stop": lambda: os.kill(os.getpid(), signal.SIGSTOP),
}


def spring(point: str) -> None:
    """Do the act if this is the point and it was not done before."""
    wanted, act = os.environ["NEMESIS"].split()
    if point != wanted:
        return
    try:
        flag = os.open(os.environ["NEMESIS_FLAG"], os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except FileExistsError:
        return
    os.write(flag, json.dumps({"pid": os.getpid()}).encode())
    os.fsync(flag)
    os.close(flag)
    ACTS[act]()


def woken_up() -> bool:
    """Whether this is the worker that was stopped: it goes on at full speed."""
    return json.loads(Path(os.environ["NEMESIS_FLAG"]).read_text() or "{}").get("pid") == os.getpid()


def set_traps() -> None:
    from continuity.jobs import generate, lease, steps

    for (kind, step), function in list(steps.STEPS.items()):
        if kind == "generate":
            steps.STEPS[kind, step] = _around(function, step)
    lease.move = _before_commit(lease.move)
    generate.video_provider = _watched(generate.video_provider)


def _around(function: Callable[..., None], step: str) -> Callable[..., None]:
    @wraps(function)
    def trapped(*args: Any) -> None:
        spring(f"before:{step}")
        if os.environ["NEMESIS"].endswith("stop") and Path(os.environ["NEMESIS_FLAG"]).exists() and not woken_up():
            time.sleep(SLOW_SECONDS)
        function(*args)
        spring(f"after:{step}")

    return trapped


def _before_commit(move: Callable[..., None]) -> Callable[..., None]:
    @wraps(move)
    def trapped(job: Any, to: Any, **options: Any) -> None:
        step = job.step
        move(job, to, **options)
        if job.kind == "generate" and (job.step != step or to == "done"):
            spring(f"commit:{step}")

    return trapped


def _watched(video_provider: Callable[[str], Any]) -> Callable[[str], Any]:
    class Watched:
        def __init__(self, provider: Any) -> None:
            self._provider = provider

        def __getattr__(self, name: str) -> Any:
            return getattr(self._provider, name)

        def submit(self, *args: Any, **options: Any) -> Any:
            spring("intent")
            answer = self._provider.submit(*args, **options)
            spring("sent")
            return answer

    return lambda name: Watched(video_provider(name))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.core.management import call_command

    django.setup()
    if os.environ.get("NEMESIS"):
        set_traps()
    call_command("work")


if __name__ == "__main__":
    sys.exit(main())
