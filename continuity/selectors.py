"""Reads for pages, commands and API: what a scene looks like now, with all prefetching."""

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from continuity.defaults import SHOT_DEFAULTS
from continuity.enums import LIVE_JOB_STATES, Aspect, AssetRole, GradeState, JobKind, JobState
from continuity.models import Asset, Budget, Export, Grade, Job, Shot, Take
from continuity.providers.base import AuthError, ProviderError
from continuity.providers.capabilities import ModelCard, model_card, model_cards
from continuity.providers.registry import video_provider
from continuity.shot_status import LiveJob, state_of
from continuity.vision.colour import nearest_colour_name

if TYPE_CHECKING:
    from sessions_app.models import Session


@dataclass(frozen=True)
class ShotProgress:
    """One shot as a page shows it. ``word`` is of DATA-MODEL 4.3's first column, ``also`` what a newer take is called while the
    shot is Done; ``progress`` 0-1 or None = not known."""

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
    also: str = ""

    @property
    def live_word(self) -> str:
        """What the take that is being made is called; the shot's own word while none is."""
        return self.also or self.word

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


def capabilities() -> list[tuple[ModelCard, str]]:
    """Every model of the table, and what stands in its way here ("" = nothing). No query."""
    return [(card, _what_is_missing(card)) for card in model_cards().values()]


def planned_seconds(params: Mapping[str, Any], *, model: str) -> Fraction:
    """How long a clip with these params of a shot is going to be; what cannot be read or made counts as what was asked for, or
    as the default."""
    try:
        wanted = float(params.get("seconds", SHOT_DEFAULTS["seconds"]))
    except (TypeError, ValueError, OverflowError):
        wanted = SHOT_DEFAULTS["seconds"]
    with contextlib.suppress(ProviderError):
        wanted = model_card(model).fit_seconds(wanted)
    return Fraction(str(wanted)) if math.isfinite(wanted) and wanted > 0 else Fraction(str(SHOT_DEFAULTS["seconds"]))


def month_budget(user_id: int, *, at: datetime) -> Budget:
    """What a person has spent and holds in the month of ``at``, with the limit of the settings, which rule over the row's."""
    scope = f"user:{user_id}:{at:%Y-%m}"
    budget = Budget.objects.filter(scope=scope).first() or Budget(scope=scope)
    budget.limit_micros = settings.SPEND_LIMIT_USER_MONTH_MICROS
    return budget


def running_jobs(user_id: int) -> int:
    """How many jobs of a person are at work now."""
    return Job.objects.filter(by=user_id, state=JobState.RUNNING).count()


def grade_rows(grades: QuerySet[Grade]) -> QuerySet[Grade]:
    """``grades`` with their frames and ``preview_id``: the take's clip with the grade in it, None = not rendered."""
    rendered = Asset.objects.filter(
        parent=OuterRef("take__video"), role=AssetRole.PREVIEW, recipe_sha256=OuterRef("lut__blob"), deleted_at=None
    )
    return grades.select_related("source_frame", "reference_frame").annotate(preview_id=Subquery(rendered.values("pk")[:1]))


def graded_clips(session_id: str) -> dict[str, str]:
    """The rendered clip of every take of the scene that has an applied grade, by take: one query."""
    applied = Grade.objects.filter(take__shot__session=session_id, state=GradeState.APPLIED)
    rows: QuerySet[Any] = grade_rows(applied)
    return {grade.take_id: grade.preview_id for grade in rows if grade.preview_id is not None}


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
    """``film_of_chosen``, of the takes that ``rows`` have chosen."""
    return film_of_chosen(session, [row.shot.chosen_take_id for row in rows])


def film_of_chosen(session: "Session", chosen: Sequence[str | None]) -> FilmProgress:
    """The newest film of the takes ``chosen``, with the grades applied to them now, else the newest of any, and what is being
    made: two queries, three where there is a film of these takes. ``chosen``: the id of every shot's take, in order."""
    exports = Export.objects.filter(session=session, asset__isnull=False).select_related("asset__blob").order_by("-created_at")
    films = list(exports)
    newest_job = Job.objects.filter(session=session, kind=JobKind.FILM).order_by("-created_at").first()
    of_these = [export for export in films if export.options.get("takes") == [*chosen]]
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
    state = state_of(
        chosen=chosen.state if chosen else None,
        newest=newest.state if newest else None,
        error=newest.error_sentence if newest else None,
        job=_live_job(job) if job else None,
    )
    return ShotProgress(
        number=number,
        shot=shot,
        word=state.row.word,
        note=state.note,
        progress=job.progress if job else None,
        take=chosen or newest,
        job=job,
        takes=tuple(takes),
        is_measuring=any(other.kind == JobKind.STYLE for other in jobs),
        also=state.also,
    )


def _live_job(job: Job) -> LiveJob:
    return LiveJob(
        state=job.state,
        step=job.step,
        wait_reason=job.wait_reason,
        progress_note=job.progress_note,
        error_sentence=job.error_sentence,
        attempts=job.attempts,
    )
