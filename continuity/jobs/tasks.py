"""What a worker process imports and runs: the answer to a bell."""

import os
import socket
import time
import uuid

from django.db.models.functions import Now

from continuity.jobs import claims, steps
from continuity.models import Heartbeat

BUSY_SECONDS = 5
"""How long one bell keeps a worker taking jobs: enough to empty a short queue, and no long wait when it is to stop."""


def answer_bell() -> int:
    """Run due jobs, fairest first, until nothing is due or the time is up. Returns how many were run."""
    worker = f"{socket.gethostname()}:{os.getpid()}"
    Heartbeat.objects.update_or_create(name=f"worker:{worker}", defaults={"at": Now()})
    owner = f"{worker}:{uuid.uuid4().hex[:8]}"
    started, count = time.monotonic(), 0
    while time.monotonic() - started < BUSY_SECONDS:
        job = claims.claim_next(owner)
        if job is None:
            break
        steps.run(job)
        count += 1
    return count
