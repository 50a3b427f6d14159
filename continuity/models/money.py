"""Money, in whole millionths of one US dollar. The ledger is append-only and sums to the Charge rows."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from continuity.enums import ChargeState, LedgerKind
from prompts.records import AppendOnlyQuerySet, NeverChangedRow, enum_check, enum_field
from prompts.triggers import Frozen, Refused


class Budget(models.Model):
    """Scopes: ``user:<id>:2026-11``, ``session:<id>``, ``run:<id>``, ``global:2026-11``. ``limit_micros`` null = no limit."""

    scope = models.CharField(max_length=300, unique=True)
    limit_micros = models.BigIntegerField(null=True, blank=True)
    reserved_micros = models.BigIntegerField(default=0)
    spent_micros = models.BigIntegerField(default=0)
    overrun_micros = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reserved_micros__gte=0, spent_micros__gte=0, overrun_micros__gte=0)
                & (Q(limit_micros=None) | Q(limit_micros__gte=0)),
                name="budget_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(limit_micros=None) | Q(limit_micros__gte=F("reserved_micros") + F("spent_micros")),
                name="budget_within_limit",
            ),
        ]

    def __str__(self) -> str:
        return self.scope


class Charge(models.Model):
    """What one job may cost and did cost. 1:1 with the job; outlives session, shot and take."""

    job = models.OneToOneField("continuity.Job", models.PROTECT, related_name="charge")
    take = models.ForeignKey("continuity.Take", models.SET_NULL, null=True, blank=True, related_name="charges")
    payer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="charges_paid")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="charges_caused")
    provider = models.CharField(max_length=100)
    model = models.CharField(max_length=100)
    price_version = models.CharField(max_length=32)
    estimate_micros = models.BigIntegerField()
    reserved_micros = models.BigIntegerField()
    settled_micros = models.BigIntegerField(default=0)
    released_micros = models.BigIntegerField(default=0)
    overrun_micros = models.BigIntegerField(default=0)
    state = enum_field(ChargeState, default=ChargeState.OPEN)

    class Meta:
        constraints = [
            enum_check("state", ChargeState, name="charge_state"),
            models.CheckConstraint(
                condition=Q(
                    estimate_micros__gte=0,
                    reserved_micros__gte=0,
                    settled_micros__gte=0,
                    released_micros__gte=0,
                    overrun_micros__gte=0,
                ),
                name="charge_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(reserved_micros__gte=F("settled_micros") + F("released_micros")), name="charge_within_reserve"
            ),
            models.CheckConstraint(
                condition=~Q(state=ChargeState.CLOSED) | Q(reserved_micros=F("settled_micros") + F("released_micros")),
                name="charge_closed_sums",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} charge of {self.job_id}"


class LedgerEntry(NeverChangedRow):
    triggers = (
        Frozen("The ledger is append-only."),
        Refused("The ledger is append-only.", when="TRUE", events=("DELETE",)),
    )

    charge = models.ForeignKey(Charge, models.PROTECT, related_name="entries")
    kind = enum_field(LedgerKind)
    amount_micros = models.BigIntegerField()
    at = models.DateTimeField()
    note = models.CharField(max_length=500, blank=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints = [
            enum_check("kind", LedgerKind, name="ledgerentry_kind"),
            models.CheckConstraint(condition=Q(amount_micros__gte=0), name="ledgerentry_not_negative"),
            models.UniqueConstraint(fields=["charge", "kind"], name="ledgerentry_once_per_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_micros}"
