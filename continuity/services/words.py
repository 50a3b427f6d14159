"""Words verbs: what a vision model says of a take's look, paid for through the ledger and cached for its owner.

The pixels are measured without it; when it cannot be asked, its words are missing and the look says so.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from continuity import storage
from continuity.enums import JobState
from continuity.jobs.lease import LostLease, spent_on_questions
from continuity.models import Charge, Extraction, Frame, Job, Take
from continuity.providers.base import ImageFile, ProviderError, Vision, VisionAnswer
from continuity.providers.capabilities import vision_card
from continuity.providers.registry import chosen_vision_model
from continuity.services import budgets
from continuity.services.errors import Refused
from continuity.video.frames import ExactFrame
from continuity.vision.cut_differences import Difference, differences_schema, read_differences
from continuity.vision.style import frames_sha256, unmeasured_values
from continuity.vision.word_reading import words_schema
from continuity.vision.words import ShotWords, extractor_of, merge_words, words_of_answers

if TYPE_CHECKING:
    from django.contrib.auth.models import User

logger = logging.getLogger(__name__)
MOST_RAW = 40_000
"""Characters of the model's own text that are kept, for staff."""


@dataclass(frozen=True)
class Spoken:
    """What became of asking: the Extraction that holds the words, or None and the sentence why there is none."""

    extraction: Extraction | None
    reason: str = ""


@dataclass(frozen=True)
class Compared:
    """What differs across a cut in a model's words, or nothing and the sentence why it was not asked. ``raw``: for staff."""

    differences: tuple[Difference, ...]
    reason: str = ""
    raw: str = ""


@dataclass(frozen=True)
class _Question:
    """A template, the schema of its answer, and the pictures of each time it is asked."""

    template: str
    schema: Mapping[str, object]
    pictures: Sequence[Sequence[ImageFile]]

    @property
    def instruction(self) -> str:
        return render_to_string(self.template)


def ask_about(frames: Sequence[ExactFrame], *, owner: "User", job: Job) -> Spoken:
    """The words for a shot, from its first and last measured frame: from the owner's cache, else asked now at the cost of
    ``job``. Never raises for a model that cannot be asked; nothing is asked unless ``VISION_MODEL`` names one.
    """
    if not settings.VISION_MODEL:
        return Spoken(None)
    shown = _two_witnesses(frames)
    key = {"owner": owner, "frames_sha256": frames_sha256([frame.rgb for frame in shown]), "extractor": _extractor()}
    known = Extraction.objects.filter(**key).first()
    if known is not None:
        return Spoken(known)
    try:
        answers = _answers(shown, job=job)
    except (ProviderError, Refused) as error:
        logger.warning("The look of job %s was not put into words: %s", job.pk, error)
        return Spoken(None, str(error))
    words = words_of_answers([answer.data for answer in answers])
    return Spoken(_kept(words, answers, **key))


def differences_at(left: Take, right: Take, *, job: Job) -> Compared:
    """What a vision model says differs between the last frame of ``left`` and the first of ``right``, at the cost of ``job``.
    Words for a person to read: they enter no score, no gate and no prompt. Nobody is asked unless ``VISION_MODEL`` names one.
    """
    if not settings.VISION_MODEL or left.last_frame is None or right.first_frame is None:
        return Compared(())
    try:
        with _stored(left.last_frame) as before, _stored(right.first_frame) as after:
            answer = _asked(_Question("prompts/style_comparison.txt", differences_schema(), [[before, after]]), job=job)[0]
    except (ProviderError, Refused) as error:
        logger.warning("The cut of job %s was not compared in words: %s", job.pk, error)
        return Compared((), str(error))
    return Compared(read_differences(answer.data).differences, raw=answer.raw.replace("\x00", "")[:MOST_RAW])


def billed_micros(job: Job) -> int | None:
    """What asking has cost ``job``; None when it was never charged. A call whose answer was lost counts with its ceiling."""
    return spent_on_questions(job) if Charge.objects.filter(job=job).exists() else None


def merged(pixels: Extraction, words: Extraction | None) -> Extraction:
    """Both as one Extraction of the same owner: the pixels win, the words fill what pixels cannot tell."""
    if words is None:
        return pixels
    extractor = f"{pixels.extractor}+{words.extractor}"
    known = {(aspect, key) for aspect, key, entry in _entries(pixels.values) if entry["value"] is not None}
    if any(key.startswith("palette.") for _, key in known):  # pixels that found one colour only are right about the second
        known |= {(aspect, key) for aspect, key, _ in _entries(pixels.values) if key.startswith("palette.")}
    values = {
        aspect: {key: entry if (aspect, key) in known else words.values[aspect][key] for key, entry in entries.items()}
        for aspect, entries in pixels.values.items()
    }
    return Extraction.objects.get_or_create(
        owner_id=pixels.owner_id, frames_sha256=pixels.frames_sha256, extractor=extractor, defaults={"values": values}
    )[0]


def _entries(values: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    return ((aspect, key, entry) for aspect, entries in values.items() for key, entry in entries.items())


def _answers(frames: Sequence[ExactFrame], *, job: Job) -> list[VisionAnswer]:
    """One answer per frame."""
    with ExitStack() as stack:
        pictures = [[stack.enter_context(_picture(frame))] for frame in frames]
        return _asked(_Question("prompts/style_extraction.txt", words_schema(), pictures), job=job)


def _asked(question: _Question, *, job: Job) -> list[VisionAnswer]:
    """An answer for each set of pictures. Raises Refused ``budget_exceeded`` before anything is asked, and ProviderErrors."""
    model = chosen_vision_model()
    assert model is not None
    images = len(question.pictures[0])
    ceiling = model.price_ceiling_micros(images=images, instruction=question.instruction, schema=question.schema)
    _reserve(job, micros=ceiling * len(question.pictures), model=model)
    return [_paid_answer(model, question, shown, job=job, ceiling=ceiling) for shown in question.pictures]


def _paid_answer(model: Vision, question: _Question, shown: Sequence[ImageFile], *, job: Job, ceiling: int) -> VisionAnswer:
    """One question. Its ceiling is written down before it is sent and its cost after, so a crash between hides no cost."""
    _note_cost(job, still_open=ceiling, spent=0)
    try:
        answer = model.analyse(shown, instruction=question.instruction, schema=question.schema)
    except ProviderError as error:
        _note_cost(job, still_open=-ceiling, spent=ceiling if error.billed_micros is None else error.billed_micros)
        raise
    _note_cost(job, still_open=-ceiling, spent=answer.cost_micros)
    return answer


def _note_cost(job: Job, *, still_open: int, spent: int) -> None:
    """Written under the fence: whoever lost the job finds out before the next question is asked."""
    payload = dict(job.payload)
    payload["open_micros"] = int(payload.get("open_micros", 0)) + still_open
    payload["spent_micros"] = int(payload.get("spent_micros", 0)) + spent
    if Job.objects.filter(pk=job.pk, fence=job.fence, state=JobState.RUNNING).update(payload=payload) != 1:
        raise LostLease(job.pk)
    job.payload = payload


def _reserve(job: Job, *, micros: int, model: Vision) -> None:
    """Hold the money back, once for a job. Refused for one that is tried again when asking once more could cost more than is
    held: what was answered before its worker died is paid, and nobody is asked twice for it."""
    charge = Charge.objects.filter(job=job).first()
    if charge is not None and spent_on_questions(job) + micros > charge.reserved_micros:
        raise Refused("words_interrupted", "Asking the vision model was interrupted, and it is not paid for twice.")
    if charge is not None or job.session is None:
        return
    now = timezone.now()
    with transaction.atomic():
        budgets.reserve(session=job.session, micros=micros, at=now, what="Putting the look into words")
        budgets.open_charge(job=job, session=job.session, actor=job.by, card=vision_card(model.model), micros=micros, at=now)


def _two_witnesses(frames: Sequence[ExactFrame]) -> list[ExactFrame]:
    """The first and the last of the measured frames; a clip of one frame has one witness."""
    return list({frame.index: frame for frame in (frames[0], frames[-1])}.values())


def _extractor() -> str:
    return extractor_of(settings.VISION_MODEL)


def _kept(words: ShotWords, answers: Sequence[VisionAnswer], **key: object) -> Extraction:
    values = merge_words(unmeasured_values(), words, origin=str(key["extractor"]))
    raw = "\n\n".join([answer.raw for answer in answers] + list(words.refused))
    row = {
        "values": values,
        "raw_answer": raw.replace("\x00", "")[:MOST_RAW],
        "tokens": sum(answer.tokens for answer in answers),
        "cost_micros": sum(answer.cost_micros for answer in answers),
    }
    return Extraction.objects.get_or_create(**key, defaults=row)[0]


@contextmanager
def _stored(frame: Frame) -> Iterator[ImageFile]:
    blob = frame.image.blob
    with storage.local_file(blob, suffix=".png") as path:
        yield ImageFile(path=path, sha256=blob.sha256, width=frame.width, height=frame.height)


@contextmanager
def _picture(frame: ExactFrame) -> Iterator[ImageFile]:
    with storage.scratch_directory() as folder:
        path: Path = folder / "frame.png"
        frame.write_png(path)
        yield ImageFile(path=path, sha256=storage.sha256_of(path), width=frame.width, height=frame.height)
