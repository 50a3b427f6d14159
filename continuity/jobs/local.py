"""Jobs that cost nothing and talk to nobody: measuring a look, assembling the film."""

from fractions import Fraction

from continuity import storage
from continuity.enums import AssetOrigin, AssetRole, JobState
from continuity.jobs import create
from continuity.jobs.keeper import Keeper
from continuity.jobs.lease import arrow
from continuity.models import Asset, Export, Job, Take
from continuity.services import exports, optimise, style_reference, styles, words
from continuity.services.errors import Refused
from continuity.video.assemble import assemble
from continuity.video.verify import verify
from prompts.rewrite import TextModel
from prompts.services import append_rewritten


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


def read_reference(job: Job, keeper: Keeper) -> None:
    """Read the look of a style reference and make it the scene's base, unless a person chose otherwise meanwhile."""
    if job.session is None:
        raise Refused("scene_gone", "This scene was deleted meanwhile: there is nothing to read the look for.")
    owner = job.session.owner
    pictures = style_reference.pictures_of(job)
    pixels = styles.extraction_of(pictures, owner=owner)
    spoken = words.ask_about(pictures, owner=owner, job=job)
    extraction = words.merged(pixels, spoken.extraction)
    keeper.check()
    with arrow(job, JobState.DONE, billed_micros=words.billed_micros(job)):
        create.wake_waiters(job.session.pk)
        style, reason = style_reference.take_as_base(job, extraction)
        taken = style.pk if style is not None else None
        result = {"extraction": extraction.pk, "words": spoken.reason, "style": taken, "reason": reason}
        Job.objects.filter(pk=job.pk).update(result=result)


def rewrite_prompt(job: Job, keeper: Keeper, *, model: TextModel | None = None) -> None:
    """Put the words of a prompt into a better order, by ``model`` where there is one, else by local rules: a new version that
    its owner may restore. The prompt itself is not touched."""
    if job.session is None:
        raise Refused("scene_gone", "This scene was deleted meanwhile: there is no prompt to put in order.")
    words_of_user = optimise.words_of(job.session)
    optimised = optimise.optimised(words_of_user, model=model)
    keeper.check()
    with arrow(job, JobState.DONE):
        version = append_rewritten(
            prompt_id=job.session.pk, by=job.by, input=words_of_user, output=optimised.text, label=optimised.label
        )
        result = {"promptVersion": version.pk, "sentence": optimised.sentence, "engine": optimised.engine}
        Job.objects.filter(pk=job.pk).update(result=result)
        job.session.touch(by=None)


def measure_asset(job: Job, keeper: Keeper) -> None:
    """Measure any clip of the person who asked."""
    asset = Asset.objects.select_related("blob", "owner").get(pk=job.payload["asset"])
    extraction, _ = styles.measure_asset(asset)
    result = {"extraction": extraction.pk, "extractor": extraction.extractor, "values": extraction.values}
    with arrow(job, JobState.DONE, result=result):
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
