"""What a worker process imports and runs: the answer to a bell."""

import os
import socket
import time
import uuid

from continuity.jobs import claims, steps

BUSY_SECONDS = 60
"""How long one bell keeps a worker: long enough to empty a short queue, far below the queue's own timeout."""


def answer_bell() -> int:
    """Run due jobs, fairest first, until nothing is due or the time is up. Returns how many were run."""
    owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    started, count = time.monotonic(), 0
    while time.monotonic() - started < BUSY_SECONDS:
        job = claims.claim_next(owner)
        if job is None:
            break
        steps.run(job)
        count += 1
    return count
