"""Reads for pages, commands and API: what a scene looks like now, with all prefetching."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch, QuerySet

from continuity.enums import LIVE_JOB_STATES, Aspect, GradeState, JobKind, JobState, TakeState
from continuity.models import Asset, Export, Grade, Job, Shot, Take
from continuity.providers.base import AuthError
from continuity.providers.capabilities import ModelCard, model_cards
from continuity.providers.registry import video_provider
from continuity.vision.colour import nearest_colour_name

if TYPE_CHECKING:
    from sessions_app.models import Session


@dataclass(frozen=True)
class ShotProgress:
    """One shot as a page shows it. ``word`` is of DATA-MODEL 4.3's first column; ``progress`` 0-1 or None = not known."""

    number: int
    shot: Shot
    word: str
    note: str
    progress: float | None
    take: Take | None
    job: Job | None
    takes: tuple[Take, ...] = ()
    """Every attempt, newest first."""
    is_measuring: bool = False
    """The look of one of its takes is being read."""

    @property
    def is_live(self) -> bool:
        return self.job is not None

    @property
    def is_moving(self) -> bool:
        """Something changes here without a person doing anything."""
        return self.is_measuring or (self.job is not None and self.job.state != JobState.UNKNOWN)


@dataclass(frozen=True)
class FilmProgress:
    """The scene's film as a page shows it. ``asset`` None = there is none; ``is_current`` False = it was made from other
    takes than those chosen now. ``job`` is live; ``error`` says why the last try ended, when no film came of it since."""

    asset: Asset | None
    is_current: bool
    job: Job | None
    error: str


def shot_progress(session: "Session") -> list[ShotProgress]:
    """Every shot of the scene in order, with its word: four queries however many shots there are."""
    return [_progress(number, shot) for number, shot in enumerate(_shots(session), start=1)]


def film_of(session: "Session") -> Asset | None:
    """The newest finished film of the scene."""
    export = (
        Export.objects.filter(session=session, asset__isnull=False).select_related("asset__blob").order_by("-created_at").first()
    )
    return export.asset if export is not None else None


@dataclass(frozen=True)
class ModelChoice:
    """A model that a person can choose for a mode. ``price`` in words; ``missing`` says what stands in the way, "" = nothing."""

    id: str
    label: str
    price: str
    missing: str


def model_choices(*, mode: str) -> list[ModelChoice]:
    """Every model of the table that can do ``mode``, those without a key included. No query."""
    return [model_choice(card) for card in model_cards().values() if card.supports(mode)]


def model_choice(card: ModelCard) -> ModelChoice:
    """The model in words."""
    return ModelChoice(id=card.id, label=card.label, price=_price_words(card), missing=_what_is_missing(card))


def model_named(model_id: str) -> ModelChoice | None:
    """None = the table has no such model any more."""
    card = model_cards().get(model_id)
    return model_choice(card) if card is not None else None


def _price_words(card: ModelCard) -> str:
    prices: set[Decimal] = set(card.prices.values())
    if max(prices) == 0:
        return "free"
    return f"{'from ' if len(prices) > 1 else ''}${min(prices)} a second"


def _what_is_missing(card: ModelCard) -> str:
    try:
        video_provider(card.provider)
    except AuthError as error:
        return str(error)
    return ""


@dataclass(frozen=True)
class Swatch:
    """One colour of a palette. ``hex`` is ``#RRGGBB``; ``share`` 0-1 of the picture, None = nobody measured it."""

    hex: str
    name: str
    share: float | None


@dataclass(frozen=True)
class StyleFact:
    """One value of a style. ``aspect`` and ``key`` as in styles.schema.json; ``value`` in words; ``source`` a ValueSource."""

    aspect: str
    key: str
    value: str
    source: str


def palette_of(values: Mapping[str, Any] | None) -> list[Swatch]:
    """The dominant colours of ``Style.values``, largest first, the accent last; empty when nobody measured them."""
    entry = (values or {}).get("colour", {}).get("palette.dominant", {})
    return [Swatch(row["hex"], nearest_colour_name(row["hex"]), row.get("share")) for row in entry.get("value") or []]


def style_facts(values: Mapping[str, Any]) -> tuple[list[StyleFact], list[str]]:
    """What is known of ``Style.values`` apart from the palette, and the ``aspect.key`` of what was not measured."""
    entries = list(_entries(values))
    known = [
        StyleFact(aspect, key, _in_words(entry["value"]), entry["source"])
        for aspect, key, entry in entries
        if entry["value"] is not None and not key.startswith("palette.")
    ]
    return known, [f"{aspect}.{key}" for aspect, key, entry in entries if entry["value"] is None]


STYLE_KEYS = (
    *("palette.dominant", "temperature", "saturation", "contrast"),
    *("intensity", "style", "direction", "quality", "keyLight", "fillLight"),
    *("timeOfDay", "weather", "mood", "elements"),
    *("grainLevel", "blur", "filmStock", "lensCharacteristics", "depthOfField", "motionBlur"),
)
"""In the order in which they are shown: a database may give the keys of a JSON column in any other."""


def _entries(values: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(aspect, key, entry) of a style, in the order in which they are shown."""
    for aspect in Aspect:
        entries = values.get(aspect, {})
        for key in sorted(entries, key=lambda key: (STYLE_KEYS.index(key) if key in STYLE_KEYS else len(STYLE_KEYS), key)):
            yield aspect.value, key, entries[key]


def _in_words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def film_progress(session: "Session", rows: Sequence[ShotProgress]) -> FilmProgress:
    """The newest film of the takes that ``rows`` have chosen, with the grades applied to them now, else the newest of any, and
    what is being made: two queries, three where there is a film of these takes."""
    exports = Export.objects.filter(session=session, asset__isnull=False).select_related("asset__blob").order_by("-created_at")
    films = list(exports)
    newest_job = Job.objects.filter(session=session, kind=JobKind.FILM).order_by("-created_at").first()
    chosen = [row.shot.chosen_take_id for row in rows]
    of_these = [export for export in films if export.options.get("takes") == chosen]
    grades = _applied_grades(chosen) if of_these else {}
    current = next((export for export in of_these if export.options.get("grades", {}) == grades), None)
    shown = current or next(iter(films), None)
    return FilmProgress(
        asset=shown.asset if shown is not None else None,
        is_current=current is not None,
        job=newest_job if newest_job is not None and newest_job.state in LIVE_JOB_STATES else None,
        error=_why_failed(newest_job),
    )


def _applied_grades(take_ids: Sequence[str | None]) -> dict[str, str]:
    """The applied grade of each take that has one, by id, as the options of an Export name it."""
    rows = Grade.objects.filter(take__in=[pk for pk in take_ids if pk], state=GradeState.APPLIED)
    return dict(rows.values_list("take", "pk"))


def _why_failed(job: Job | None) -> str:
    if job is None or job.state != JobState.FAILED:
        return ""
    return job.error_sentence or "The film could not be made: try again."


def _shots(session: "Session") -> QuerySet[Shot]:
    live = Job.objects.filter(kind__in=[JobKind.GENERATE, JobKind.STYLE], state__in=LIVE_JOB_STATES)
    takes = (
        Take.objects.order_by("-number")
        .select_related("input_frame__asset__parent", "first_frame", "last_frame", "video__blob", "measured", "style")
        .prefetch_related("charges")
    )
    return (
        Shot.objects.filter(session=session)
        .order_by("rank")
        # Jobs before takes: a job that ends between the two reads still shows as generating, never as if nothing was there.
        .prefetch_related(Prefetch("jobs", live, to_attr="live_jobs"), Prefetch("takes", takes, to_attr="newest_first"))
    )


def _progress(number: int, shot: Shot) -> ShotProgress:
    takes: list[Take] = shot.newest_first  # type: ignore[attr-defined]
    jobs: list[Job] = shot.live_jobs  # type: ignore[attr-defined]
    job = next((job for job in jobs if job.kind == JobKind.GENERATE), None)
    chosen = next((take for take in takes if take.pk == shot.chosen_take_id), None)
    newest = takes[0] if takes else None
    if job is not None:
        word, note = _live_word(job)
    else:
        word, note = _resting_word(chosen, newest)
    return ShotProgress(
        number=number,
        shot=shot,
        word=word,
        note=note,
        progress=job.progress if job else None,
        take=chosen or newest,
        job=job,
        takes=tuple(takes),
        is_measuring=any(other.kind == JobKind.STYLE for other in jobs),
    )


def _live_word(job: Job) -> tuple[str, str]:
    if job.state == JobState.UNKNOWN:
        return "Needs your decision", job.error_sentence or ""
    if job.state == JobState.QUEUED:
        return "Queued", ""
    if job.state == JobState.WAITING and job.wait_reason:
        return "Blocked", job.wait_reason
    return "Generating", job.progress_note or STEP_WORDS.get(job.step, "")


def _resting_word(chosen: Take | None, newest: Take | None) -> tuple[str, str]:
    if chosen is not None and chosen.state == TakeState.DONE:
        return "Done", ""
    if newest is None:
        return "Draft", ""
    if newest.state == TakeState.FAILED:
        return "Failed", newest.error_sentence or ""
    return ("Cancelled", "") if newest.state == TakeState.CANCELLED else ("Draft", "")


STEP_WORDS = {
    "prepare": "Reading the scene",
    "submit": "Sending the request",
    "poll": "At the provider",
    "fetch": "Fetching the clip",
    "verify": "Checking the clip",
    "frames": "Keeping its frames",
    "settle": "Finishing",
}
