"""Reads about cuts: what stands between two shots, how the scene drifts from its base, what the gate says."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.safestring import mark_safe

from continuity.enums import (
    LIVE_JOB_STATES,
    Aspect,
    AssetRole,
    Band,
    BridgeKind,
    CutState,
    GradeState,
    JobKind,
    JobState,
    ShotMode,
    ValueSource,
)
from continuity.models import Asset, Continuity, Cut, Frame, Grade, Job, Take
from continuity.selectors import ShotProgress
from continuity.services import gate
from continuity.services.cuts import MODEL_SAYS, subject
from continuity.services.gate import Verdict
from continuity.services.grades import fit_subject, preview_subject
from continuity.staleness import clip_of_start, is_stale_start
from continuity.video.drift_plot import svg, write_png
from continuity.vision.cut import WORDS_ONLY, not_measured_of
from continuity.vision.drift_ledger import DriftPoint, drift_slope, needs_reanchor
from continuity.vision.findings import in_words, stored_findings
from continuity.vision.scene_score import METRIC
from continuity.vision.word_comparison import WordComparison, compare_words

if TYPE_CHECKING:
    from sessions_app.models import Session

SLOPE_LIMIT = 1.0
"""ΔE2000 per shot: a step that is just noticeable, at every link."""
BAND_WORDS = {Band.MATCHES: "Matches", Band.CHECK: "Check", Band.JUMP: "Jump"}


@dataclass(frozen=True)
class CutProgress:
    """What stands between shot ``left`` and shot ``right`` (numbers from 1) now.

    ``word``: Matches, Check, Jump, Stale, Measuring, Not measured, No clip. ``findings`` and ``not_measured`` in words.
    ``grade``: the newest one of the right take that is not removed.
    """

    left: int
    right: int
    left_take: Take | None
    right_take: Take | None
    word: str
    cut: Cut | None = None
    words: WordComparison | None = None
    """What a vision model said of both takes, compared; None = it did not look at both."""
    is_stale: bool = False
    findings: Sequence[str] = ()
    not_measured: Sequence[tuple[str, str]] = ()
    verdict: Verdict | None = None
    gate_note: str = ""
    grade: Grade | None = None
    preview: Asset | None = None
    """The right take with its applied grade, once it is rendered."""
    job: Job | None = None
    fit: Job | None = None
    """The newest job that fitted the right take to the scene's base."""
    rendering: Job | None = None
    """The newest job that rendered the right take with its grade."""

    @property
    def is_answered(self) -> bool:
        """It was measured, even where that gave no score: measuring it again would say the same."""
        return self.cut is not None and self.cut.state == CutState.MEASURED

    @property
    def can_be_graded(self) -> bool:
        """The two frames show the same content, and nobody has tried to fit a grade."""
        bridged = self.cut is not None and self.cut.bridge_kind in (BridgeKind.BRIDGED, BridgeKind.BRIDGED_WITH_MOTION)
        return bridged and (self.fit is None or self.fit.state == JobState.FAILED)

    @property
    def is_rendering(self) -> bool:
        """The clip with its applied grade is being made, or the fit of a grade is."""
        return any(job is not None and job.state in LIVE_JOB_STATES for job in (self.fit, self.rendering))

    @property
    def trouble(self) -> str:
        """Why the newest fit, or the rendering of the applied grade, failed; "" = it did not."""
        tried = self.rendering if self.grade is not None and self.preview is None else self.fit
        return (tried.error_sentence or "") if tried is not None and tried.state == JobState.FAILED else ""

    @property
    def needs_no_grade(self) -> bool:
        """A grade was fitted, and found nothing to do."""
        return self.fit is not None and self.fit.state == JobState.DONE and self.fit.result.get("grade") is None


@dataclass(frozen=True)
class DriftLedger:
    """Score and drift of every shot against its predecessor and the base. ``advice`` = why a fresh anchor is offered, or "".

    ``chain``: how many shots in a row, up to each one, were started from the frame of the one before; by shot number.
    """

    points: Sequence[DriftPoint]
    slope: float | None
    limit: float
    advice: str
    chain: Mapping[int, int]


@dataclass(frozen=True)
class SceneCuts:
    """``cuts`` in order, one between each two shots; ``scores`` by take id: every take's score against the chosen one before
    it, absent where there is none."""

    cuts: Sequence[CutProgress]
    drift: DriftLedger
    scores: Mapping[str, float]


def scene_cuts(session: "Session", rows: Sequence[ShotProgress], continuity: Continuity | None) -> SceneCuts:
    """Every cut of the scene, its drift and the scores of its takes: four queries however many shots there are. ``rows`` as
    ``shot_progress`` gives them."""
    measured, jobs = _measured(session), _jobs(session)
    grades = _Grades(_grades(session), _previews(session))
    cuts = [_cut_progress(left, right, measured, jobs, grades, continuity, rows) for left, right in pairwise(rows)]
    return SceneCuts(cuts, _drift_ledger(rows, continuity, measured, jobs), _scores(rows, measured))


def drift_of(session: "Session", rows: Sequence[ShotProgress], continuity: Continuity | None) -> DriftLedger:
    """The drift of the scene alone, in two queries."""
    return _drift_ledger(rows, continuity, _measured(session), _jobs(session))


def _scores(rows: Sequence[ShotProgress], measured: Mapping[tuple[str, str], Cut]) -> dict[str, float]:
    pairs = [(_finished(left), take) for left, right in pairwise(rows) for take in right.takes]
    found = {take.pk: measured.get((before.pk, take.pk)) for before, take in pairs if before is not None}
    return {take_id: cut.score for take_id, cut in found.items() if cut is not None and cut.score is not None}


def _drift_ledger(
    rows: Sequence[ShotProgress],
    continuity: Continuity | None,
    measured: Mapping[tuple[str, str], Cut],
    jobs: Mapping[str, Job],
) -> DriftLedger:
    """Points exist for shots with a finished take; what was not measured is a gap, never a zero."""
    base = continuity.base_take_id if continuity is not None else None
    shown = [row for row in rows if row.shot.chosen_take_id is not None]
    points = [_point(row, _chosen(row, rows, step=-1), base, measured, jobs) for row in shown]
    limit = float(continuity.drift_limit) if continuity is not None else 0.0
    chain = _chain_lengths(rows)
    advice = [needs_reanchor(points, limit=limit, slope_limit=SLOPE_LIMIT)] if continuity is not None else []
    advice.append(_long_chain(chain, continuity))
    return DriftLedger(points, drift_slope(points), limit, " ".join(text for text in advice if text), chain)


def drift_svg(ledger: DriftLedger) -> str:
    """The ledger's plot as inline SVG, safe as it stands: it holds numbers and words of our own only."""
    return mark_safe(svg(ledger.points, limit=ledger.limit))  # noqa: S308


def drift_png(ledger: DriftLedger) -> bytes:
    """The same picture as a PNG file. ValueError for a scene without a finished take."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "drift.png"
        write_png(ledger.points, target, limit=ledger.limit)
        return target.read_bytes()


def bridged_clip(frame: Frame | None) -> str | None:
    """The id of the clip that a start frame is of; a frame that was brought back counts as the one it came from."""
    if frame is None:
        return None
    asset = frame.asset
    grandparent = asset.parent.parent_id if asset.parent is not None else None
    return clip_of_start(role=asset.role, asset_id=asset.pk, grandparent_id=grandparent)


def is_stale(row: ShotProgress, rows: Sequence[ShotProgress]) -> bool:
    """The chosen take started from a take that is not the chosen one of the shot before any more (or of the shot it is bridged
    from)."""
    take, source = row.take, _source(row, rows)
    if take is None or take.pk != row.shot.chosen_take_id or source is None:
        return False
    before = source.take if source.take is not None and source.take.pk == source.shot.chosen_take_id else None
    source_clip = before.video_id if before is not None else None
    return is_stale_start(mode=take.mode, start_clip=bridged_clip(take.input_frame), source_clip=source_clip)


def _measured(session: "Session") -> dict[tuple[str, str], Cut]:
    rows = Cut.objects.filter(session=session, metric=METRIC).select_related("accepted_by")
    return {(row.left_take_id, row.right_take_id): row for row in rows}


def _jobs(session: "Session") -> dict[str, Job]:
    """The newest measuring job of each pair, fitting job of each take and rendering job of each grade, by subject."""
    rows = Job.objects.filter(session=session, kind__in=[JobKind.CUT, JobKind.GRADE, JobKind.PREVIEW]).order_by("created_at")
    rows = rows.only("subject_key", "state", "result", "kind", "error_sentence")
    return {row.subject_key: row for row in rows}


def _grades(session: "Session") -> dict[str, Grade]:
    rows = Grade.objects.filter(take__shot__session=session).exclude(state=GradeState.REMOVED).select_related("lut")
    # What the film uses is shown before any newer fit: only there can a person take it off.
    return {row.take_id: row for row in sorted(rows.order_by("created_at"), key=lambda row: row.state == GradeState.APPLIED)}


def _previews(session: "Session") -> dict[tuple[str | None, str | None], Asset]:
    """Every rendered grade of the scene, by its clip and its LUT's bytes."""
    rows = Asset.objects.filter(session=session, role=AssetRole.PREVIEW)
    return {(row.parent_id, row.recipe_sha256): row for row in rows}


@dataclass(frozen=True)
class _Grades:
    by_take: Mapping[str, Grade]
    previews: Mapping[tuple[str | None, str | None], Asset]

    def of(self, take: Take) -> Grade | None:
        return self.by_take.get(take.pk)

    def preview_of(self, take: Take) -> Asset | None:
        grade = self.of(take)
        lut = grade.lut if grade is not None else None
        return self.previews.get((take.video_id, lut.blob_id)) if lut is not None else None


def _cut_progress(
    left: ShotProgress,
    right: ShotProgress,
    measured: Mapping[tuple[str, str], Cut],
    jobs: Mapping[str, Job],
    grades: "_Grades",
    continuity: Continuity | None,
    rows: Sequence[ShotProgress],
) -> CutProgress:
    before, after = _finished(left), _finished(right)
    if before is None or after is None:
        return CutProgress(left.number, right.number, before, after, "No clip")
    cut = measured.get((before.pk, after.pk))
    job = jobs.get(subject(before, after))
    stale = is_stale(right, rows)
    overrides = right.shot.style_overrides
    words = _words(before, after)
    return CutProgress(
        left.number,
        right.number,
        before,
        after,
        _word(cut, job, stale=stale),
        cut=cut,
        is_stale=stale,
        findings=_findings(cut, left, right, words) if cut else (),
        not_measured=not_measured_at(cut, words, overrides) if cut else (),
        words=words,
        verdict=_verdict(cut, right, continuity),
        gate_note=_gate_note(job),
        grade=grades.of(after),
        preview=grades.preview_of(after),
        job=job if job is not None and job.state in LIVE_JOB_STATES else None,
        rendering=jobs.get(preview_subject(grade)) if (grade := grades.of(after)) is not None else None,
        fit=_fit(after, continuity.base_take_id if continuity is not None else None, jobs),
    )


def _words(left: Take, right: Take) -> WordComparison | None:
    return words_between(*(take.measured.values if take.measured is not None else None for take in (left, right)))


def words_between(left: Mapping[str, Any] | None, right: Mapping[str, Any] | None) -> WordComparison | None:
    """The user's comparison of styles, for what a vision model said of both takes, given the looks of both."""
    values = [one for one in (left, right) if one is not None]
    if len(values) < 2 or not all(_has_words(one) for one in values):
        return None
    return compare_words(*values)


def _has_words(values: Mapping[str, Any]) -> bool:
    return any(entry["source"] == ValueSource.MODEL for entries in values.values() for entry in entries.values())


def cut_sentences(cut: Cut, *, left: int, right: int) -> list[str]:
    """What was found at a cut, in the words of film, and what a vision model said; ``left`` and ``right`` count from 1."""
    told = in_words(stored_findings(cut.findings), left=f"shot {left}", right=f"shot {right}")
    return [*told, *(row["detail"]["text"] for row in cut.findings if row["code"] == MODEL_SAYS)]


def _findings(cut: Cut, left: ShotProgress, right: ShotProgress, words: WordComparison | None) -> list[str]:
    return told_of(cut, words, left=left.number, right=right.number)


def told_of(cut: Cut, words: WordComparison | None, *, left: int, right: int) -> list[str]:
    """``cut_sentences``, and what the comparison of words says."""
    issues = (issue.sentence for issue in words.issues) if words is not None else ()
    return [*cut_sentences(cut, left=left, right=right), *issues]


def not_measured_at(cut: Cut, words: WordComparison | None, overrides: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What nobody measured; the semantic things by the comparison of words, where there is one."""
    rows = not_measured_of(cut.not_measured, differs=overrides)
    if words is None:
        return rows
    semantic = {f"{aspect}.{key}" for aspect, keys in WORDS_ONLY.items() for key in keys}
    return [*(row for row in rows if row[0] not in semantic), *words.not_measured.items()]


def _word(cut: Cut | None, job: Job | None, *, stale: bool) -> str:
    if stale:
        return "Stale"
    if cut is not None and cut.band is not None:
        return BAND_WORDS[Band(cut.band)]
    return "Measuring" if cut is None and job is not None and job.state in LIVE_JOB_STATES else "Not measured"


def _verdict(cut: Cut | None, right: ShotProgress, continuity: Continuity | None) -> Verdict | None:
    if cut is None or continuity is None or not continuity.gate_enabled or not gate.is_judged(right.shot, continuity):
        return None
    return gate.verdict_of(cut, shot=right.shot, continuity=continuity)


def _gate_note(job: Job | None) -> str:
    """Why the gate made no further take, as it said at the time."""
    if job is None or job.state != JobState.DONE:
        return ""
    return str(job.result.get("gate", {}).get("stopped", ""))


def _finished(row: ShotProgress) -> Take | None:
    take = row.take
    return take if take is not None and take.pk == row.shot.chosen_take_id and take.video_id is not None else None


def _chosen(row: ShotProgress, rows: Sequence[ShotProgress], *, step: int) -> Take | None:
    place = row.number - 1 + step
    return _finished(rows[place]) if 0 <= place < len(rows) else None


def _source(row: ShotProgress, rows: Sequence[ShotProgress]) -> ShotProgress | None:
    """The shot that this one is bridged from: its own choice while that is there, else the one before."""
    own = next((other for other in rows if other.shot.pk == row.shot.bridge_from_id), None)
    return own or (rows[row.number - 2] if row.number > 1 else None)


def _point(
    row: ShotProgress,
    before: Take | None,
    base: str | None,
    measured: Mapping[tuple[str, str], Cut],
    jobs: Mapping[str, Job],
) -> DriftPoint:
    take = _finished(row)
    to_previous = measured.get((before.pk, take.pk)) if before is not None and take is not None else None
    to_base = measured.get((base, take.pk)) if base is not None and take is not None else None
    return DriftPoint(
        number=row.number,
        label=f"Shot {row.number}",
        score_to_previous=to_previous.score if to_previous else None,
        score_to_base=to_base.score if to_base else None,
        delta_e_to_base=_delta_e(take, base, to_base, jobs),
        is_overridden=Aspect.COLOUR in row.shot.style_overrides,
        band=Band(to_previous.band) if to_previous and to_previous.band else None,
    )


def _fit(take: Take, base: str | None, jobs: Mapping[str, Job]) -> Job | None:
    """The newest job that fitted ``take`` to the base of now; what was fitted to an earlier base says nothing any more."""
    fit = jobs.get(fit_subject(take))
    is_old = fit is not None and fit.state == JobState.DONE and fit.result.get("base") != base
    return None if is_old else fit


def _delta_e(take: Take | None, base: str | None, to_base: Cut | None, jobs: Mapping[str, Job]) -> float | None:
    """ΔE2000 against the base, on the same content only: along the chain of bridges, or at a cut from the base itself. Shots of
    one scene with other framing are ΔE 13 apart in the median, so between them it would say nothing."""
    if take is None:
        return None
    if take.pk == base:
        return 0.0
    fit = _fit(take, base, jobs)
    if fit is not None and fit.result.get("deltaE") is not None:
        return float(fit.result["deltaE"])
    is_bridged = to_base is not None and to_base.drift.get("sameContent")
    return to_base.drift.get("deltaE") if to_base is not None and is_bridged else None


def _chain_lengths(rows: Sequence[ShotProgress]) -> dict[int, int]:
    """By shot number: 0 for a shot that starts afresh, else one more than the shot that its start frame is of."""
    of_clip = {take.video_id: row.number for row in rows for take in row.takes if take.video_id is not None}
    lengths: dict[int, int] = {}
    for row in rows:
        take = _finished(row)
        clip = bridged_clip(take.input_frame) if take is not None and take.mode == ShotMode.FRAME_BRIDGE else None
        source = of_clip.get(clip) if clip is not None else None
        lengths[row.number] = 0 if source is None else lengths.get(source, 0) + 1
    return lengths


def _long_chain(chain: Mapping[int, int], continuity: Continuity | None) -> str:
    over = [number for number, length in chain.items() if continuity is not None and length > continuity.chain_limit]
    if not over or continuity is None:
        return ""
    return (
        f"{chain[over[0]]} shots in a row, up to shot {over[0]}, start from the frame of the one before; what each loses adds up "
        f"past {continuity.chain_limit}: start one afresh, from an earlier shot, or from the scene's reference picture."
    )
