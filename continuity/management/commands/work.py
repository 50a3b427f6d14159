"""``manage.py work``: the queue's worker processes and the ring loop beside them, until Ctrl-C or SIGTERM."""

import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from continuity.jobs import queue, ring


class Command(BaseCommand):
    help = "Runs the workers: generation, style and film jobs. Stop with Ctrl-C; a job in hand is finished or taken up again."

    def handle(self, *args: Any, **options: Any) -> None:
        stopped = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            stopped.set()

        cluster = queue.start_cluster(on_stop=stop)
        try:
            ring.ring_until(stopped, is_wanted=lambda: queue.is_running(cluster))
        finally:
            died = not queue.is_running(cluster)
            cluster.stop()
        if died and not stopped.is_set():
            raise CommandError("The queue's processes ended by themselves: look above for the reason, then start again.")
