"""Jobs that cost nothing and talk to nobody: measuring a look, assembling the film."""

from fractions import Fraction

from continuity import storage
from continuity.enums import AssetOrigin, AssetRole, JobState
from continuity.jobs import create
from continuity.jobs.keeper import Keeper
from continuity.jobs.lease import arrow
from continuity.models import Asset, Export, Job, Take
from continuity.services import exports, styles, words
from continuity.video.assemble import assemble
from continuity.video.verify import verify


def measure_take(job: Job, keeper: Keeper) -> None:
    """Measure a take's look; the first shot's chosen take sets the scene's base style."""
    take = Take.objects.select_related("shot__session__owner", "video__blob", "video__owner").get(pk=job.take_id)
    assert take.video is not None
    pixels, frames = styles.measure_asset(take.video)
    spoken = words.ask_about(frames, owner=take.video.owner, job=job)
    extraction = words.merged(pixels, spoken.extraction)
    reference = styles.reference_frame(take, frames)
    keeper.check()
    result = {"extraction": extraction.pk, "words": spoken.reason}
    with arrow(job, JobState.DONE, billed_micros=words.billed_micros(job), result=result):
        Take.objects.filter(pk=take.pk).update(measured=extraction)
        create.wake_waiters(take.shot.session_id)  # job rows before the shot's and the session's, as everywhere
        if styles.may_set_base(take):
            styles.set_base_from_take(take=take, extraction=extraction, reference=reference, by=job.by)


def measure_asset(job: Job, keeper: Keeper) -> None:
    """Measure any clip of the person who asked."""
    asset = Asset.objects.select_related("blob", "owner").get(pk=job.payload["asset"])
    extraction, _ = styles.measure_asset(asset)
    with arrow(job, JobState.DONE, result={"extraction": extraction.pk}):
        pass


def assemble_film(job: Job, keeper: Keeper) -> None:
    """The chosen takes, in order, as one film."""
    export = Export.objects.select_related("session__owner").get(pk=job.payload["export"])
    with storage.scratch_directory() as folder, exports.clips_of(export) as clips:
        target = folder / "film.mp4"
        assemble(
            clips,
            target,
            titles=export.options.get("titles"),
            crossfade_seconds=float(Fraction(export.options.get("crossfade", "0"))),
            on_progress=lambda share: keeper.progress(share, "Assembling the film"),
        )
        blob = storage.keep_clip(target, verify(target))
    with arrow(job, JobState.DONE, result={"export": export.pk}):
        film = Asset.objects.create(
            owner=export.session.owner,
            session=export.session,
            blob=blob,
            role=AssetRole.FILM,
            origin=AssetOrigin.DERIVED,
            name="film.mp4",
        )
        Export.objects.filter(pk=export.pk).update(asset=film)
        export.session.touch(by=None)
