"""What must hold after every test that used the database: the books balance, and stored JSON follows its schema."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache

import jsonschema_rs
from django.db.models import Model

from continuity.enums import LedgerKind
from continuity.models import Budget, Charge, Cut, Extraction, Style, StyleTemplate, Take
from tests.environment import ROOT

STYLES_SCHEMA = "continuity/vision/styles.schema.json"
INJECTION_SCHEMA = "prompts/injection.schema.json"
RETRY_CHANGE_SCHEMA = "continuity/services/retry_change.schema.json"
CUT_SCHEMA = "continuity/vision/cut.schema.json"
JSON_COLUMNS: tuple[tuple[type[Model], str, str], ...] = (
    (Style, "values", STYLES_SCHEMA),
    (StyleTemplate, "values", STYLES_SCHEMA),
    (Extraction, "values", STYLES_SCHEMA),
    (Take, "injection", INJECTION_SCHEMA),
    (Take, "retry_change", RETRY_CHANGE_SCHEMA),
    (Cut, "parts", f"{CUT_SCHEMA}#parts"),
    (Cut, "drift", f"{CUT_SCHEMA}#drift"),
    (Cut, "findings", f"{CUT_SCHEMA}#findings"),
    (Cut, "not_measured", f"{CUT_SCHEMA}#notMeasured"),
)


@cache
def validator(schema: str) -> jsonschema_rs.Validator:
    """The validator of a schema file, named by its path from the checkout's root; after # one of its definitions."""
    path, _, definition = schema.partition("#")
    document = json.loads((ROOT / path).read_text(encoding="utf-8"))
    return jsonschema_rs.validator_for(document | ({"$ref": f"#/$defs/{definition}"} if definition else {}))


def check_ledger() -> None:
    """Each charge row is the sum of its ledger entries, kind by kind."""
    for charge in Charge.objects.prefetch_related("entries"):
        entries: Counter[str] = Counter()
        for entry in charge.entries.all():
            entries[entry.kind] += entry.amount_micros
        row = {
            LedgerKind.ESTIMATE: charge.estimate_micros,
            LedgerKind.RESERVE: charge.reserved_micros,
            LedgerKind.SETTLE: charge.settled_micros,
            LedgerKind.RELEASE: charge.released_micros,
            LedgerKind.OVERRUN: charge.overrun_micros,
        }
        ledger = {kind: entries[kind] for kind in row}
        assert ledger == row, f"the ledger of charge {charge.pk} says {ledger}, its row {row}"


def check_budgets() -> None:
    """What a budget holds back and has spent is what the charges within its scope say."""
    expected: dict[str, Counter[str]] = {}
    for charge in Charge.objects.select_related("job__session").prefetch_related("entries"):
        for scope in _scopes(charge):
            sums = expected.setdefault(scope, Counter())
            sums["reserved"] += charge.reserved_micros - charge.settled_micros - charge.released_micros
            sums["spent"] += charge.settled_micros
            sums["overrun"] += charge.overrun_micros
    for budget in Budget.objects.all():
        sums = expected.get(budget.scope, Counter())
        row = {"reserved": budget.reserved_micros, "spent": budget.spent_micros, "overrun": budget.overrun_micros}
        charges = {name: sums[name] for name in row}
        assert row == charges, f"budget {budget.scope} says {row}, its charges {charges}"


def _scopes(charge: Charge) -> Iterator[str]:
    """A charge counts for the month of its reservation, for its payer, and for its session or run."""
    session = charge.job.session
    if session is not None:
        yield f"session:{session.pk}"
        run = getattr(session, "generation_run", None)
        if run is not None:
            yield f"run:{run.pk}"
    reserved = next((entry.at for entry in charge.entries.all() if entry.kind == LedgerKind.RESERVE), None)
    if reserved is not None:
        yield f"global:{reserved:%Y-%m}"
        yield f"user:{charge.payer_id}:{reserved:%Y-%m}"


def check_stored_json() -> None:
    """Every stored row of a JSON column that has a published schema follows it."""
    for model, column, schema in JSON_COLUMNS:
        rows = model._base_manager.exclude(**{f"{column}__isnull": True}).values_list("pk", column)
        for pk, value in rows:
            if value is not None:
                errors = [f"{error.instance_path}: {error.message}" for error in validator(schema).iter_errors(value)]
                assert not errors, f"{model.__name__} {pk}, {column}: {errors}"


def check_everything(*, budgets: bool) -> None:
    """``budgets`` False: the test plants budget rows of its own, without charges."""
    check_ledger()
    if budgets:
        check_budgets()
    check_stored_json()
