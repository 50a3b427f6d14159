"""Money verbs: reserve before work, close once after it. Whole millionths of a US dollar; no float ever.

Every function here runs inside the caller's transaction and touches Budget rows in the order of their scope, before any row
of a job, so that two callers can never wait for each other. Only who closes a charge holds it, and takes it first of all.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import BigIntegerField, F, Q, Value
from django.utils import timezone

from continuity.enums import ChargeState, LedgerKind
from continuity.models import Budget, Charge, Job, LedgerEntry
from continuity.providers.capabilities import ModelCard, VisionCard
from continuity.services.errors import Refused

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from sessions_app.models import Session

MICROS_PER_DOLLAR = 1_000_000


def dollars(micros: int) -> str:
    """``300000`` as ``$0.30``; fractions of a cent are shown, never rounded away."""
    whole, fraction = divmod(abs(micros), MICROS_PER_DOLLAR)
    cents = f"{fraction:06d}".rstrip("0").ljust(2, "0")
    return f"{'-' if micros < 0 else ''}${whole}.{cents}"


def reserve(*, session: "Session", micros: int, at: datetime, what: str = "This clip") -> None:
    """Take ``micros`` out of every budget that the session's owner spends from, or raise Refused ``budget_exceeded``.

    One conditional UPDATE per scope: of twenty callers with money for one, exactly one passes. The settings rule over the
    limits of a month: the row takes theirs with the next reservation that it allows, whatever it had before. ``what`` begins
    the sentence of the refusal.
    """
    if micros == 0:
        return
    for scope, limit in sorted(_scopes(session=session, at=at).items()):
        Budget.objects.get_or_create(scope=scope, defaults={"limit_micros": limit})
        held = F("limit_micros") if _is_of_session(scope) else Value(limit, output_field=BigIntegerField())
        after = F("reserved_micros") + micros
        budget = Budget.objects.alias(held=held).filter(Q(held=None) | Q(held__gte=after + F("spent_micros")), scope=scope)
        if budget.update(reserved_micros=after, limit_micros=held) == 0:
            raise Refused("budget_exceeded", _no_room(what, scope, micros, limit=limit))


def require_room(*, session: "Session", micros: int, at: datetime, what: str = "This clip") -> None:
    """Raise what ``reserve`` would raise now, and write nothing: who asks in earnest may find less."""
    if micros == 0:
        return
    for scope, limit in sorted(_scopes(session=session, at=at).items()):
        budget = _budget(scope, limit=limit)
        held = budget.limit_micros if _is_of_session(scope) else limit
        if held is not None and budget.reserved_micros + budget.spent_micros + micros > held:
            raise Refused("budget_exceeded", _no_room(what, scope, micros, limit=limit))


def hold(*, session: "Session") -> None:
    """Lock every budget row that the session's owner spends from, for the rest of the caller's transaction."""
    scopes = sorted(_scopes(session=session, at=timezone.now()))
    list(Budget.objects.select_for_update(no_key=True).filter(scope__in=scopes).order_by("scope").values_list("pk", flat=True))


def open_charge(
    *, job: Job, session: "Session", actor: "User", card: ModelCard | VisionCard, micros: int, at: datetime
) -> Charge:
    """The charge of a job whose ``micros`` were just reserved, with its first two ledger entries."""
    charge = Charge.objects.create(
        job=job,
        take_id=job.take_id,
        payer=session.owner,
        actor=actor,
        provider=card.provider,
        model=card.id,
        price_version=card.price_version,
        estimate_micros=micros,
        reserved_micros=micros,
    )
    for kind in (LedgerKind.ESTIMATE, LedgerKind.RESERVE):
        LedgerEntry.objects.create(charge=charge, kind=kind, amount_micros=micros, at=at)
    return charge


def close_charge(*, job: Job, billed_micros: int, note: str = "") -> None:
    """End the money side of ``job``: what was billed is settled, the rest of the reservation is released.

    More than was reserved is recorded as overrun and never hidden. A charge already closed raises ChargeClosed.
    """
    charge = Charge.objects.select_related("job").filter(job=job).first()
    if charge is None:
        return  # free local work (style, film) has no charge
    settled = min(billed_micros, charge.reserved_micros)
    released, overrun = charge.reserved_micros - settled, billed_micros - settled
    closed = Charge.objects.filter(pk=charge.pk, state=ChargeState.OPEN).update(
        state=ChargeState.CLOSED, settled_micros=settled, released_micros=released, overrun_micros=overrun
    )
    if closed != 1:
        raise ChargeClosed(f"The charge of {job.pk} was closed before.")
    _return_to_budgets(charge, settled=settled, overrun=overrun)
    amounts = {LedgerKind.SETTLE: settled, LedgerKind.RELEASE: released, LedgerKind.OVERRUN: overrun}
    for kind, amount in amounts.items():
        if amount or (kind is LedgerKind.SETTLE and not charge.reserved_micros):
            LedgerEntry.objects.create(charge=charge, kind=kind, amount_micros=amount, at=timezone.now(), note=note[:500])


class ChargeClosed(Exception):
    """Somebody else closed this charge first; the caller's transaction must be rolled back."""


def _scopes(*, session: "Session | None", at: datetime, payer_id: int | None = None) -> dict[str, int | None]:
    payer = payer_id if session is None else session.owner_id
    scopes: dict[str, int | None] = {
        f"user:{payer}:{at:%Y-%m}": settings.SPEND_LIMIT_USER_MONTH_MICROS,
        f"global:{at:%Y-%m}": settings.SPEND_LIMIT_GLOBAL_MONTH_MICROS,
    }
    if session is not None:
        scopes[f"session:{session.pk}"] = None
    return scopes


def _is_of_session(scope: str) -> bool:
    """The one kind of budget whose limit stands in its row alone."""
    return scope.startswith("session:")


def _return_to_budgets(charge: Charge, *, settled: int, overrun: int) -> None:
    """Undo the reservation in the scopes, and in the month, in which it was made."""
    if charge.reserved_micros == 0 and overrun == 0:
        return
    reserved_at = charge.entries.get(kind=LedgerKind.RESERVE).at
    for scope, limit in sorted(_scopes(session=charge.job.session, at=reserved_at, payer_id=charge.payer_id).items()):
        if overrun:  # what was free to reserve may have no budget row yet
            Budget.objects.get_or_create(scope=scope, defaults={"limit_micros": limit})
        Budget.objects.filter(scope=scope).update(
            reserved_micros=F("reserved_micros") - charge.reserved_micros,
            spent_micros=F("spent_micros") + settled,
            overrun_micros=F("overrun_micros") + overrun,
        )


def _budget(scope: str, *, limit: int | None) -> Budget:
    """The row of a scope; where nothing was reserved yet, one that says so and is not kept."""
    return Budget.objects.filter(scope=scope).first() or Budget(scope=scope, limit_micros=limit)


def _no_room(what: str, scope: str, micros: int, *, limit: int | None) -> str:
    budget = _budget(scope, limit=limit)
    held = budget.limit_micros if _is_of_session(scope) else limit
    left = max(0, (held or 0) - budget.reserved_micros - budget.spent_micros)
    whose = {"user": "your budget of this month", "global": "this installation's budget of this month"}
    name = whose.get(scope.split(":")[0], "this scene's budget")
    choices = "choose a cheaper model or a shorter clip, or ask for a higher limit"
    return f"{what} may cost {dollars(micros)}, but {name} has {dollars(left)} left: {choices}."
