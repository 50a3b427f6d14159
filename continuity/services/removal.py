"""Taking a scene away again that could not be begun."""

import contextlib
from typing import TYPE_CHECKING

from django.db import transaction

from continuity.enums import JobState
from continuity.jobs.lease import LostLease, arrow
from continuity.models import Asset, Frame, Job

if TYPE_CHECKING:
    from sessions_app.models import Session


def take_away(session: "Session") -> None:
    """Undo a scene that could not be begun: its rows, its files and what was being measured of them, but not the books.

    For scenes that nothing was paid for. The blobs stay, as they are nobody's.
    """
    with transaction.atomic():
        for job in Job.objects.filter(session=session, charge=None, state__in=(JobState.QUEUED, JobState.WAITING)):
            with contextlib.suppress(LostLease), arrow(job, JobState.CANCELLED, note="its scene could not be begun"):
                pass
        files = list(Asset.all_objects.filter(session=session).values_list("pk", flat=True))
        session.delete()
        Frame.objects.filter(asset__in=files).delete()
        Asset.all_objects.filter(pk__in=files).delete()
