"""From "make this shot" to rows: what a take would come to, and the take, its job, its reserved money and its bell.

Who asks, a person or the quality gate, decides nothing here but what the take does differently (``Change``).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from continuity.defaults import SHOT_DEFAULTS
from continuity.enums import JobKind, RetryBy, ShotMode, TakePurpose
from continuity.jobs import create
from continuity.jobs.requests import fitting_params, size_of
from continuity.models import Continuity, Job, Shot, Take
from continuity.providers.base import ProviderError
from continuity.providers.capabilities import ModelCard, model_card, require_mode
from continuity.providers.registry import video_provider
from continuity.services import bridges, budgets
from continuity.services.errors import Refused
from prompts.expectations import require_seen
from prompts.injection import ComposeError, require_sendable

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class Change:
    """One thing that a take does differently: ``what`` is mode, model, injectionStrength, seed or take."""

    what: str
    was: str | None
    now: str | None


@dataclass(frozen=True)
class Retry:
    """Why a take was made without a person asking for it, and what is different: ``Take.retry_change`` and its reason.

    The shot and the scene keep their settings; only this take differs.
    """

    of: Take
    by: RetryBy
    reason: str
    changes: tuple[Change, ...] = ()
    verdict: str | None = None
    """What the gate said of ``of``; None = nobody judged it."""

    def as_json(self) -> dict[str, Any]:
        verdict = {} if self.verdict is None else {"verdict": self.verdict}
        return {"by": self.by.value, "changes": [vars(change) for change in self.changes], **verdict}

    def to(self, what: str) -> str | None:
        return next((change.now for change in reversed(self.changes) if change.what == what), None)


def changes_of(take: Take) -> tuple[Change, ...]:
    """What a take was made to do differently; empty for one that a person asked for."""
    return tuple(Change(**row) for row in take.retry_change.get("changes", []))


@dataclass(frozen=True)
class Plan:
    """What a request comes to before anything is written."""

    shot: Shot
    card: ModelCard
    mode: ShotMode
    params: dict[str, Any]
    waits_for: Job | None
    price_micros: int
    purpose: TakePurpose
    seed: int | None


def plan(shot: Shot, *, purpose: TakePurpose, retry: Retry | None = None) -> Plan:
    """Refused when the model cannot, the prompt cannot be sent, the shot is locked, or nothing before it will ever come."""
    require_unlocked(shot)
    return with_waiting(outline(shot, purpose=purpose, retry=retry))


def outline(shot: Shot, *, purpose: TakePurpose, retry: Retry | None = None) -> Plan:
    """What the take would be and cost, whatever stands before it. Refused when the model cannot, or the prompt cannot be sent."""
    continuity = Continuity.objects.select_related("primary_reference").filter(session_id=shot.session_id).first()
    mode = ShotMode((retry and retry.to("mode")) or bridges.mode_of(shot, continuity))
    try:
        card = model_card(model_for(shot, continuity, purpose=purpose))
        require_mode(card, mode)
        video_provider(card.provider)
        params = fitting_params(shot, card)
        width, height = size_of(params)
        price = card.price_micros(seconds=params["seconds"], width=width, height=height)
    except ProviderError as error:
        raise Refused(error.code, str(error)) from error
    require_prompt(shot.user_prompt, limit=card.prompt_max)
    if not shot.user_prompt.strip():
        raise Refused("prompt_empty", "This shot has no words yet: write what is to be seen in it, then generate it.")
    return Plan(
        shot=shot,
        card=card,
        mode=mode,
        params=params,
        waits_for=None,
        price_micros=price,
        purpose=purpose,
        seed=_seed(shot, card, retry),
    )


def with_waiting(planned: Plan) -> Plan:
    """The plan with the job it has to wait for. Refused when nothing before it will ever come."""
    continuity = Continuity.objects.select_related("primary_reference").filter(session_id=planned.shot.session_id).first()
    return replace(planned, waits_for=_waits_for(planned.shot, mode=planned.mode, continuity=continuity))


def differs(planned: Plan, live: Take) -> bool:
    """Whether a take of this plan would be made of other inputs than ``live``, which is being made.

    What ``live`` does differently of itself (a retry's mode, model and seed) does not count, nor does what the scene's first
    clip decides, since that may have come after it was asked for.
    """
    if live.retry_change.get("by") is not None:
        retry = Retry(of=live, by=RetryBy(live.retry_change["by"]), reason="", changes=changes_of(live))
        planned = outline(planned.shot, purpose=TakePurpose(live.purpose), retry=retry)
    inputs = (planned.shot.user_prompt, planned.purpose, planned.mode, planned.card.id)
    if inputs != (live.user_prompt, live.purpose, live.mode, live.model):
        return True
    pinned = planned.shot.seed if planned.card.seed and live.changed_to("seed") is None else None
    return (pinned is not None and pinned != live.seed) or _params_differ(planned, live)


def _params_differ(planned: Plan, live: Take) -> bool:
    alone = {**SHOT_DEFAULTS, "size": "{}x{}".format(*planned.card.sizes[0])}
    for name in (planned.params.keys() | live.params.keys()) - {"reference_weight"}:  # the weight is added when it runs
        asked, made = planned.params.get(name), live.params.get(name)
        is_the_scenes = name not in planned.shot.params and name in ("size", "fps")
        if asked != made and not (is_the_scenes and made == alone[name]):
            return True
    return False


def model_for(shot: Shot, continuity: Continuity | None, *, purpose: TakePurpose) -> str:
    """The model id of a take of ``shot``: the preview's own, the shot's, the scene's, the installation's."""
    if purpose is TakePurpose.PREVIEW and continuity is not None and continuity.preview_model:
        return continuity.preview_model
    return shot.model or (continuity.model_id() if continuity else settings.DEFAULT_MODEL)


def create_take(planned: Plan, *, by: "User", retry_of: Take | None = None, reason: str = "", retry: Retry | None = None) -> Take:
    """The take, its job, its reserved money and its bell, in one transaction of its own (a savepoint inside another).

    Refused ``budget_exceeded``; IntegrityError when the shot has a live job already.
    """
    with transaction.atomic():
        take = write_take(planned, by=by, retry_of=retry_of, reason=reason, retry=retry)
        publish([take], by=by)
    return take


def write_take(planned: Plan, *, by: "User", retry_of: Take | None = None, reason: str = "", retry: Retry | None = None) -> Take:
    """The first half of ``create_take``, which raises what that raises: money, take and job. ``publish`` ends the transaction."""
    shot, card, now = planned.shot, planned.card, timezone.now()
    with transaction.atomic():
        budgets.reserve(session=shot.session, micros=planned.price_micros, at=now)
        take = Take.objects.create(
            shot=shot,
            number=next_number(shot),
            purpose=planned.purpose,
            retry_of=retry_of,
            retry_reason=reason[:500],
            retry_change=retry.as_json() if retry else {},
            requested_by=by,
            created_at=now,
            user_prompt=shot.user_prompt,
            mode=planned.mode,
            model=card.id,
            provider=card.provider,
            seed=planned.seed,
            params=planned.params,
        )
        job = create.job(
            kind=JobKind.GENERATE,
            subject_key=f"generate:{shot.pk}",
            by=by,
            session=shot.session,
            shot=shot,
            take=take,
            provider=card.provider,
            waits_for=planned.waits_for,
            wait_reason=create.waiting_for(planned.waits_for) if planned.waits_for else None,
        )
        budgets.open_charge(job=job, session=shot.session, actor=by, card=card, micros=planned.price_micros, at=now)
    return take


def publish(takes: Sequence[Take], *, by: "User") -> None:
    """Count what ``write_take`` wrote of one session: the shots in the order of their ids, then the session, as locks go."""
    for take in sorted(takes, key=lambda take: take.shot_id):
        _require_open(take.shot)
    shot = takes[0].shot
    create.wake_waiters(shot.session_id)
    for take in takes:
        shot.session.record("take.request", by=by, target=take, detail=take.retry_change)
    shot.session.touch(by=None)
    _require_living(shot)  # now that its row is held: nothing is paid for in the trash


def _require_living(shot: Shot) -> None:
    session = type(shot.session).all_objects.get(pk=shot.session_id)
    require_seen(session.pk, session.version)
    if session.deleted_at is not None:
        raise Refused("session_is_deleted", "This session was deleted meanwhile, so nothing is generated: restore it first.")


def create_retry(retry: Retry, *, by: "User", purpose: TakePurpose) -> Take:
    """Another take of the same shot, made differently. Raises what ``plan`` and ``create_take`` raise."""
    shot = Shot.objects.select_related("session__owner", "bridge_from").filter(pk=retry.of.shot_id).first()
    if shot is None:
        raise Refused("shot_deleted", "This shot was deleted meanwhile, so no other take of it is made.")
    planned = plan(shot, purpose=purpose, retry=retry)
    return create_take(planned, by=by, retry_of=retry.of, reason=retry.reason, retry=retry)


def next_number(shot: Shot) -> int:
    return int(Take.objects.filter(shot=shot).aggregate(last=Max("number"))["last"] or 0) + 1


def require_prompt(user_prompt: str, *, limit: int | None = None) -> None:
    """Refused for words that no model can be sent, or that are longer than ``limit``."""
    try:
        require_sendable(user_prompt, max_length=limit)
    except ComposeError as error:
        raise Refused(error.code, str(error)) from error


def sentences(changes: Sequence[Change]) -> list[str]:
    """What is different, for a person: "the look goes in strongly, not at medium strength"."""
    return [CHANGE_SENTENCES[change.what].format(was=change.was, now=change.now) for change in changes]


CHANGE_SENTENCES = {
    "mode": "mode {now} instead of {was}",
    "model": "model {now} instead of {was}",
    "injectionStrength": "the look goes into the prompt at strength {now} instead of {was}",
    "seed": "another seed",
    "take": "take {now}",
}


def _require_open(shot: Shot) -> None:
    """Held from here on, so that nobody deletes or locks the shot before the request for a clip of it is committed."""
    row = Shot.objects.select_for_update(no_key=True).filter(pk=shot.pk).first()
    if row is None:
        raise Refused("shot_deleted", "This shot was deleted meanwhile, so no other take of it is made.")
    require_seen(row.pk, row.version)
    require_unlocked(row)


def require_unlocked(shot: Shot) -> None:
    if shot.locked:
        raise Refused("shot_locked", "This shot is locked: unlock it to make another take.")


def _waits_for(shot: Shot, *, mode: ShotMode, continuity: Continuity | None) -> Job | None:
    needs = bridges.predecessors(shot, mode=mode, continuity=continuity)
    if needs.missing is not None:
        raise Refused("bridge_missing", needs.missing)
    if needs.waits_for:
        return needs.waits_for[0]
    bridges.style_reference(shot, mode=mode, continuity=continuity)
    return None


def _seed(shot: Shot, card: ModelCard, retry: Retry | None) -> int | None:
    """The shot's seed, else a fresh one: without it a retry would make the very same clip again."""
    if not card.seed:
        return None
    is_pinned = shot.seed is not None and not (retry and retry.to("seed"))
    return shot.seed if is_pinned else secrets.randbelow(2**31)
