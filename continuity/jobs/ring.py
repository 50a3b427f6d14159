"""The ring loop beside the queue: once a second it sweeps, looks up the unknown, and rings for what is due.

django-q2's own scheduler ticks only every 30 s; this is what makes a lost bell cost one second.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import Error as DatabaseFault
from django.db import connection
from django.db.models.functions import Now

from continuity import storage
from continuity.jobs import claims, queue, sweeper, unknown
from continuity.models import Heartbeat

logger = logging.getLogger(__name__)
HEARTBEAT_EVERY_SECONDS = 5
FORGET_AFTER = timedelta(days=1)


def ring_until(stopped: threading.Event, *, is_wanted: Callable[[], bool] = lambda: True) -> None:
    """Tick until ``stopped`` is set or it ``is_wanted`` no more. A database that does not answer is waited for, and said
    in the log."""
    storage.forget_old_scratch()
    last_beat = 0.0
    while not stopped.wait(settings.RING_SECONDS) and is_wanted():
        try:
            tick()
            if time.monotonic() - last_beat >= HEARTBEAT_EVERY_SECONDS:
                _beat()
                last_beat = time.monotonic()
        except DatabaseFault:
            logger.warning("The ring loop cannot reach the database; it goes on trying.", exc_info=True)
            connection.close()


def _beat() -> None:
    """Say that the ring loop is alive, and forget workers that have long been gone."""
    Heartbeat.objects.update_or_create(name="ring", defaults={"at": Now()})
    Heartbeat.objects.filter(at__lt=Now() - FORGET_AFTER).delete()


def tick() -> int:
    """One turn; returns how many bells were rung. Never more bells than workers: one bell empties the queue."""
    sweeper.sweep()
    unknown.look_up_due()
    due = claims.due_jobs()[: queue.worker_count()].count()
    missing = due - queue.unanswered_bells() if due else 0
    for _ in range(missing):
        queue.ring()
    return max(missing, 0)
