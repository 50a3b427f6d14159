"""The step of import jobs: what an address of a person's brings becomes theirs."""

from typing import Any

from continuity import storage
from continuity.enums import AssetOrigin, BlobKind, JobState
from continuity.jobs.keeper import Keeper
from continuity.jobs.lease import arrow
from continuity.models import Job
from continuity.services import imports, media

FILE = "fetched"


def fetch(job: Job, keeper: Keeper) -> None:
    """Fetch, decode whole, measure where that was asked for; the file is the asker's from the job's last arrow on."""
    url, kind = job.payload["url"], BlobKind(job.payload["kind"])
    keeper.progress(None, "Fetching the file")  # and no more: how far it got would tell whether the address answered
    with storage.scratch_directory() as folder:
        path = folder / FILE
        stored = imports.fetch(url, path, kind=kind, on_progress=lambda share: keeper.check())
        result: dict[str, Any] = {}
        if job.payload["then"] == "style":
            look = imports.look_of(stored, path, owner=job.by, kind=kind)
            result = {"extraction": look.pk, "extractor": look.extractor, "values": look.values}
    keeper.check()
    with arrow(job, JobState.DONE):
        name = imports.name_at(url)
        asset = media.give(stored, owner=job.by, session=job.session, name=name, origin=AssetOrigin.IMPORTED)
        frame = imports.still_frame(asset)
        job.result = {"asset": asset.pk, "frame": frame.pk if frame is not None else None, **result}
        job.save(update_fields=["result"])
