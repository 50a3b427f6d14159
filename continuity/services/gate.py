"""The quality gate: several takes of a shot, a preview before the paid one, retries with a reason, the best one chosen.

Everything here runs inside the transaction in which a take or its cut was finished. A person's choice, a padlock and the
settings of shot and scene are never touched; what a retry does differently stands in that take alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError
from django.db.models import Q

from continuity.enums import (
    LIVE_JOB_STATES,
    ChosenBy,
    GenerationMode,
    InjectionStrength,
    JobKind,
    RetryBy,
    ShotMode,
    TakeOrigin,
    TakePurpose,
    TakeState,
)
from continuity.models import Continuity, Cut, Job, Shot, Take
from continuity.providers.base import ProviderError
from continuity.providers.capabilities import model_card
from continuity.services import bridges, cuts, generation, styles
from continuity.services.errors import Refused
from continuity.services.generation import Change, Retry
from continuity.vision.cut import gate_score
from continuity.vision.scene_score import METRIC

if TYPE_CHECKING:
    from django.contrib.auth.models import User

REJECTED = frozenset({"copy", "frozen", "one-frame"})
"""Findings that no score makes up for: the take is the clip before it once more, or nothing moves in it."""
NOT_WORTH_A_CHANGE = 0.02
"""A take replaces the chosen one only when it is better by more than a re-encoding moves a score."""


@dataclass(frozen=True)
class Verdict:
    """What the gate says of a take. ``word``: passed, not-passed, rejected, not-measured. ``score`` 0-1 or None."""

    word: str
    score: float | None
    threshold: float
    sentence: str

    @property
    def passed(self) -> bool:
        return self.word == "passed"

    def as_json(self) -> dict[str, Any]:
        return {"verdict": self.word, "score": self.score, "threshold": self.threshold, "sentence": self.sentence}


def previews(shot: Shot, continuity: Continuity | None) -> bool:
    """Whether a take of ``shot`` is first made cheaply and judged: the scene names a model for it, and there is a shot
    before it to be judged against."""
    if continuity is None or not continuity.preview_first or not continuity.preview_model:
        return False
    final = generation.model_for(shot, continuity, purpose=TakePurpose.FINAL)
    return continuity.preview_model != final and is_judged(shot, continuity) and shot.previous() is not None


def is_judged(shot: Shot, continuity: Continuity | None) -> bool:
    """A shot that is to follow the others. One that is made from its words alone, without the scene's look, is its own."""
    if continuity is None or continuity.generation_mode == GenerationMode.STANDARD:
        return False
    return bridges.mode_of(shot, continuity) is not ShotMode.NONE or styles.wants_injection(shot, continuity)


def ask_for_another(take: Take, *, by: "User") -> Take | None:
    """The next of the scene's takes per shot, when ``take`` was not the last of them."""
    shot, continuity = take.shot, Continuity.objects.filter(session_id=take.shot.session_id).first()
    if continuity is None or shot.locked or take.purpose != TakePurpose.FINAL or take.origin != TakeOrigin.GENERATED:
        return None
    batch = _batch(shot)
    if _is_gone(shot) or _is_stopped(batch):
        return None
    made = sum(1 for other in batch if other.retry_change.get("by") in (None, RetryBy.BATCH, RetryBy.PREVIEW))
    if made >= continuity.takes_per_shot or any(other.retry_change.get("by") == RetryBy.GATE for other in batch):
        return None
    changes = (Change("take", str(made), f"{made + 1} of {continuity.takes_per_shot}"), *_new_seed(take))
    return _made(Retry(of=take, by=RetryBy.BATCH, reason="", changes=changes), by=by)[0]


def judge(take: Take, *, by: "User") -> dict[str, Any]:
    """After a cut of ``take`` was measured: choose the best, and let the gate decide. What it decided, for the job's result.

    Locks the shot, so that of two cuts measured at once the later one sees both.
    """
    shot = Shot.all_objects.select_for_update(no_key=True).get(pk=take.shot_id)
    continuity = Continuity.objects.filter(session_id=shot.session_id).first()
    left = cuts.chosen_before(shot)
    if continuity is None or left is None or _is_gone(shot) or not is_judged(shot, continuity):
        return {}
    verdicts = verdicts_of(shot, left=left, continuity=continuity)
    if take.purpose == TakePurpose.PREVIEW:
        return _after_preview(take, verdicts.get(take.pk), continuity, by=by)
    if shot.locked or shot.chosen_by == ChosenBy.PERSON:
        return {}
    best = _choose_best(shot, verdicts, by=by)
    if best is None or not continuity.gate_enabled or _is_being_made(shot, left=left, except_for=take):
        return {}
    return _decide(best, verdicts[best.pk], continuity, by=by)


def verdicts_of(shot: Shot, *, left: Take, continuity: Continuity) -> dict[str, Verdict]:
    """The gate's word on every finished take of ``shot`` whose cut after ``left`` was looked at, by take id."""
    rows = Cut.objects.filter(left_take=left, right_take__shot=shot, metric=METRIC, right_take__state=TakeState.DONE)
    return {row.right_take_id: verdict_of(row, shot=shot, continuity=continuity) for row in rows}


def verdict_of(cut: Cut, *, shot: Shot, continuity: Continuity) -> Verdict:
    """What the gate says of a cut into ``shot``; aspects that the shot wants different do not count (DATA-MODEL 4.5)."""
    threshold = float(continuity.gate_threshold)
    rejected = next((row["code"] for row in cut.findings if row["code"] in REJECTED), None)
    score = gate_score(cut.parts, differs=shot.style_overrides) if cut.score is not None else None
    if rejected is not None:
        return Verdict("rejected", score, threshold, REJECTION_SENTENCES[rejected])
    if score is None:
        return Verdict("not-measured", None, threshold, f"The cut could not be scored: {cut.reason}")
    if score >= threshold:
        return Verdict("passed", score, threshold, f"The cut scores {score:.2f}, at or above {threshold:.2f}.")
    return Verdict("not-passed", score, threshold, f"The cut scores {score:.2f}, under {threshold:.2f}.")


REJECTION_SENTENCES = {
    "copy": "This clip is the one before it once more.",
    "frozen": "Nothing moves in this clip.",
    "one-frame": "This clip is a single frame.",
}


def _decide(best: Take, verdict: Verdict, continuity: Continuity, *, by: "User") -> dict[str, Any]:
    """Pass, try once more, or say that it did not pass."""
    if verdict.passed:
        return verdict.as_json()
    if best.origin != TakeOrigin.GENERATED:
        return {**verdict.as_json(), "stopped": "A person brought this clip: no other is made in its place."}
    if verdict.word == "not-measured":
        return {**verdict.as_json(), "stopped": "What cannot be scored is not made again: look at it."}
    batch = _batch(best.shot)
    if _is_stopped(batch):
        return {**verdict.as_json(), "stopped": "A take of this shot was cancelled, so no other is made of itself."}
    used = [other for other in batch if other.retry_change.get("by") == RetryBy.GATE]
    if len(used) >= continuity.max_retries:
        return {**verdict.as_json(), "stopped": f"{len(used)} of {continuity.max_retries} retries are used."}
    changes = _next_changes(best, used[-1] if used else best, continuity)
    retry, refusal = _made(Retry(of=best, by=RetryBy.GATE, reason=verdict.sentence, changes=changes, verdict=verdict.word), by=by)
    if retry is None:
        return {**verdict.as_json(), "stopped": refusal}
    return {**verdict.as_json(), "retry": retry.pk, "changes": generation.sentences(changes)}


def _after_preview(preview: Take, verdict: Verdict | None, continuity: Continuity, *, by: "User") -> dict[str, Any]:
    """A preview that passes is followed by the clip itself; one that does not is shown, and a person decides."""
    if verdict is None:
        return {}
    if Take.objects.filter(shot=preview.shot, purpose=TakePurpose.FINAL, number__gt=preview.number).exists():
        return verdict.as_json()  # the clip itself was made of it already
    if not verdict.passed:
        return {**verdict.as_json(), "stopped": "The preview did not pass, so the clip itself was not paid for."}
    final = generation.model_for(preview.shot, continuity, purpose=TakePurpose.FINAL)
    changes = (Change("model", preview.model, final),)
    retry = Retry(of=preview, by=RetryBy.PREVIEW, reason=verdict.sentence, changes=changes, verdict=verdict.word)
    take, refusal = _made(retry, by=by)
    return {**verdict.as_json(), **({"stopped": refusal} if take is None else {"retry": take.pk})}


def _next_changes(best: Take, last: Take, continuity: Continuity) -> tuple[Change, ...]:
    """What the next retry does differently: what the one before it did, and one thing more.

    The look in stronger words first; then the frame bridge, for a shot that was made from words alone; then another seed.
    """
    kept = tuple(change for change in generation.changes_of(last) if change.what in ("injectionStrength", "mode"))
    done = {change.what for change in kept}
    strength = continuity.injection_strength
    if "injectionStrength" not in done and best.style_id is not None and strength != InjectionStrength.STRONG:
        return (*kept, Change("injectionStrength", strength, InjectionStrength.STRONG.value))
    if "mode" not in done and last.mode == ShotMode.NONE and _can_bridge(best):
        return (*kept, Change("mode", last.mode, ShotMode.FRAME_BRIDGE.value))
    return (*kept, *(_new_seed(best) or (Change("take", None, "another try"),)))


def _can_bridge(take: Take) -> bool:
    try:
        return model_card(take.model).supports(ShotMode.FRAME_BRIDGE)
    except ProviderError:
        return False


def _new_seed(take: Take) -> tuple[Change, ...]:
    return () if take.seed is None else (Change("seed", str(take.seed), "new"),)


def _made(retry: Retry, *, by: "User") -> tuple[Take | None, str]:
    """The take that was asked for, or the sentence why it was not: no budget, no model, no predecessor any more."""
    try:
        return generation.create_retry(retry, by=by, purpose=TakePurpose.FINAL), ""
    except Refused as error:
        retry.of.shot.session.record("take.not_asked_for", by=None, target=retry.of, detail={"why": str(error)})
        return None, str(error)
    except IntegrityError:
        return None, "Somebody else asked for another take in this moment."


def _batch(shot: Shot) -> list[Take]:
    """The newest take that a person asked for, and every take that was made because of it."""
    batch: list[Take] = []
    for take in Take.objects.filter(shot=shot, origin=TakeOrigin.GENERATED, purpose=TakePurpose.FINAL).order_by("-number"):
        batch.insert(0, take)
        if take.retry_change.get("by") in (None, RetryBy.PREVIEW):
            break
    return batch


def _choose_best(shot: Shot, verdicts: dict[str, Verdict], *, by: "User") -> Take | None:
    """Choose the best of the measured takes; the one that is chosen stays when no other is clearly better."""
    takes = Take.objects.filter(shot=shot, pk__in=verdicts, purpose=TakePurpose.FINAL).select_related("shot__session")
    best = max(_usable(takes, verdicts), key=lambda take: (_score(take, verdicts), -take.number), default=None)
    if best is None:
        return takes.filter(pk=shot.chosen_take_id).first()
    chosen = takes.filter(pk=shot.chosen_take_id).first()
    is_usable = chosen is not None and verdicts[chosen.pk].word != "rejected"
    if chosen is not None and is_usable and _score(best, verdicts) <= _score(chosen, verdicts) + NOT_WORTH_A_CHANGE:
        return chosen
    Shot.all_objects.filter(pk=shot.pk).update(chosen_take=best)
    shot.session.record("take.choose", by=None, target=best, detail={"score": verdicts[best.pk].score})
    cuts.request_missing(session=shot.session, by=by)
    return best


def _usable(takes: Iterable[Take], verdicts: dict[str, Verdict]) -> list[Take]:
    return [take for take in takes if verdicts[take.pk].word in ("passed", "not-passed")]


def _score(take: Take, verdicts: dict[str, Verdict]) -> float:
    score = verdicts[take.pk].score
    return -1.0 if score is None else score


def _is_gone(shot: Shot) -> bool:
    return shot.deleted_at is not None or shot.session.deleted_at is not None


def _is_stopped(batch: list[Take]) -> bool:
    """A person cancelled one of these takes, whether or not the vendor finished it all the same."""
    asked = Job.objects.filter(take__in=batch, kind=JobKind.GENERATE, cancel_requested_at__isnull=False)
    return any(take.state == TakeState.CANCELLED for take in batch) or asked.exists()


def _is_being_made(shot: Shot, *, left: Take, except_for: Take) -> bool:
    """Another take of the shot is on its way, or its cut after ``left`` is measured just now: whoever comes last decides.

    A comparison with the base take is waited for by nobody: it decides nothing.
    """
    candidates = Take.objects.filter(shot=shot, purpose=TakePurpose.FINAL).exclude(pk=except_for.pk)
    cut_keys = [cuts.subject(left, take) for take in candidates]
    live = Job.objects.filter(state__in=LIVE_JOB_STATES)
    return live.filter(Q(kind=JobKind.GENERATE, shot=shot) | Q(kind=JobKind.CUT, subject_key__in=cut_keys)).exists()
