"""The doorbell, and the only module that knows django-q2. A bell says "something is due"; the Job rows say what.

A lost bell costs one tick of the ring loop, a doubled one nothing.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

from django.utils import timezone
from django_q.cluster import Cluster
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.tasks import async_task

PR_SET_PDEATHSIG = 1


def ring() -> None:
    """Put one bell into the queue, inside the caller's transaction: no commit, no bell."""
    async_task("continuity.jobs.tasks.answer_bell", q_options={"save": False})


def unanswered_bells() -> int:
    """Bells that no worker has pulled yet."""
    waiting: int = OrmQ.objects.filter(key=Conf.PREFIX, lock__lte=timezone.now()).count()
    return waiting


def worker_count() -> int:
    return int(Conf.WORKERS)


def start_cluster(on_stop: Callable[[int, FrameType | None], None]) -> Cluster:
    """Fork the queue's processes; they die with this one, however it dies.

    Without that a kill -9 of the parent leaves a working cluster behind that nobody supervises. ``on_stop`` takes SIGTERM
    and SIGINT in place of the queue's own handlers, which lose a signal that comes while they fork.
    """
    if sys.platform == "linux":
        os.register_at_fork(after_in_child=_die_with_parent)
    cluster = Cluster()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_stop)
    cluster.start()
    return cluster


def is_running(cluster: Cluster) -> bool:
    """Whether the queue's processes are there; they may die by themselves."""
    return bool(cluster.sentinel.is_alive())


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
