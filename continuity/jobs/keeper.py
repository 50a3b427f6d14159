"""Keeps the lease of a running job while its step works, and knows when it was lost."""

import logging
import threading
import time
from types import TracebackType

from django.conf import settings
from django.db import Error as DatabaseFault
from django.db import connection

from continuity.jobs import lease
from continuity.models import Job

REPORT_EVERY_SECONDS = 0.5
logger = logging.getLogger(__name__)


class Keeper:
    """Context manager around the steps of one claim: a thread renews the lease every sixth of it."""

    def __init__(self, job: Job) -> None:
        self._job_id, self._fence = job.pk, job.fence
        self._job = job
        self._stopped = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"keeper of {job.pk}", daemon=True)
        self._reported_at = 0.0

    def __enter__(self) -> "Keeper":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stopped.set()
        self._thread.join()

    def check(self) -> None:
        """Raise LostLease when the job is no longer ours. Long work calls this between its parts."""
        if self._lost.is_set():
            raise lease.LostLease(self._job_id)

    def progress(self, fraction: float | None, note: str = "") -> None:
        """``check``, and show how far the step is (at most twice a second)."""
        self.check()
        if time.monotonic() - self._reported_at >= REPORT_EVERY_SECONDS:
            self._reported_at = time.monotonic()
            lease.report(self._job, progress=fraction, note=note)

    def _beat(self) -> None:
        try:
            while not self._stopped.wait(settings.JOB_LEASE_SECONDS / 6):
                if not self._renewed():
                    self._lost.set()
                    return
        finally:
            connection.close()  # this thread's own connection

    def _renewed(self) -> bool:
        """True while the lease may still be ours: a database that does not answer now may answer at the next beat."""
        try:
            return lease.renew(self._job_id, self._fence)
        except DatabaseFault:
            logger.warning("The lease of %s could not be renewed; the next beat tries again.", self._job_id, exc_info=True)
            connection.close()
            return True
