"""``manage.py continuity_metrics``: the report as JSON and as a table, and what it says to a bad period."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from continuity.vision.scene_score import METRIC
from sessions_app.management.commands.continuity_metrics import beginning
from sessions_app.metrics import WHY_AGAIN, continuity_metrics
from tests.factories.continuity import ContinuityFactory, ShotFactory, TakeFactory
from tests.factories.session import NOON

EMPTY = f"""\
Sessions made of all time, cuts measured with {METRIC}

people with a scene                –  target above 20.0%: not known. Nobody made a session in this period.
  0 of 0 people who made a session

shots per scene                    –  target above 2.50: not known. No scene was made in this period.
  0 shots in 0 scenes

score of a cut, median             –  target above 0.75: not known. No two neighbouring shots have a chosen take.
  none of 0 scores are above it; 0 cuts could not be measured, 0 were not yet

shots made again for style         –  target below 30.0%: not known. No shot was generated in this period.
  0 of 0 shots, at most none; 0 for any reason. Takes: none

shots started from a picture       –  target above 60.0%: not known. No shot after the first has a chosen take.
  0 of 0 after the first, 0 from a last frame
"""


@pytest.fixture(autouse=True)
def thirty_days_later() -> Iterator[None]:
    with time_machine.travel(NOON + timedelta(days=30), tick=False):
        yield


def printed(*words: str) -> str:
    out = StringIO()
    call_command("continuity_metrics", *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def two_shots(owner: Any) -> None:
    """A scene with a shot of which a take was made again without a word, and one that nobody asked for."""
    session = ContinuityFactory(session__owner=owner).session
    shot, _draft = ShotFactory.create_batch(2, session=session)
    for number in (1, 2):
        TakeFactory(shot=shot, number=number)


@pytest.mark.usefixtures("two_shots")
def test_json_is_the_whole_report_on_one_line() -> None:
    text = printed("--json", "--since", "2026-11-20")

    assert text.count("\n") == 1
    assert json.loads(text) == {
        "since": "2026-11-20T00:00:00+00:00",
        "undatedSessions": 0,
        "cutMetric": METRIC,
        "metrics": {
            "continuityUsers": {
                "value": 1.0,
                "wanted": "above",
                "target": 0.2,
                "isMet": True,
                "reason": None,
                "users": 1,
                "continuityUsers": 1,
            },
            "shotsPerSession": {
                "value": 2.0,
                "wanted": "above",
                "target": 2.5,
                "isMet": False,
                "reason": None,
                "sessions": 1,
                "shots": 2,
            },
            "consistency": {
                "value": None,
                "wanted": "above",
                "target": 0.75,
                "isMet": None,
                "reason": "No two neighbouring shots have a chosen take.",
                "shareAbove": None,
                "cuts": 0,
                "measured": 0,
                "unmeasurable": 0,
                "unmeasured": 0,
            },
            "regeneration": {
                "value": 0.0,
                "wanted": "below",
                "target": 0.3,
                "isMet": None,
                "reason": "Too many takes were asked for again without it being known whether style was why.",
                "shareAtMost": 1.0,
                "shots": 1,
                "shotsAgain": 1,
                "shotsAgainForStyle": 0,
                "takesAgain": dict.fromkeys(WHY_AGAIN, 0) | {"unsaid": 1},
            },
            "bridgeUsage": {
                "value": None,
                "wanted": "above",
                "target": 0.6,
                "isMet": None,
                "reason": "No shot after the first has a chosen take.",
                "shots": 0,
                "started": 0,
                "bridged": 0,
            },
        },
    }


@pytest.mark.usefixtures("two_shots")
def test_table_has_value_target_verdict_and_figures() -> None:
    lines = printed("--since", "2026-11-20").splitlines()

    assert lines[0] == f"Sessions made since 2026-11-20 00:00 UTC, cuts measured with {METRIC}"
    assert lines[2:6] == [
        "people with a scene           100.0%  target above 20.0%: met",
        "  1 of 1 people who made a session",
        "",
        "shots per scene                 2.00  target above 2.50: missed",
    ]
    assert lines[12] == "  0 of 1 shots, at most 100.0%; 1 for any reason. Takes: 1 unsaid"


@pytest.mark.django_db
def test_table_of_nothing_has_dashes_and_reasons_and_no_zero() -> None:
    assert printed() == EMPTY


@pytest.mark.django_db
def test_table_says_how_many_were_left_out_for_want_of_a_date() -> None:
    ContinuityFactory(session__created_at=None)

    assert printed("--since", "2026-11-20").splitlines()[1] == "Left out, as nobody knows when they were made: 1"


@pytest.mark.django_db
def test_a_number_of_days_reaches_back_from_now() -> None:
    ContinuityFactory()

    assert [json.loads(printed("--json", "--since", days))["since"] for days in ("30", "29")] == [
        "2026-11-20T12:00:00+00:00",
        "2026-11-21T12:00:00+00:00",
    ]
    assert continuity_metrics(since=NOON).metrics["shotsPerSession"].figures["sessions"] == 1
    assert json.loads(printed("--json", "--since", "29"))["metrics"]["shotsPerSession"]["sessions"] == 0


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("0001-01-01", datetime(1, 1, 1, tzinfo=UTC)),
        ("1", NOON - timedelta(days=1)),
        ("007", NOON - timedelta(days=7)),
        ("99999", NOON - timedelta(days=99999)),
    ],
)
def test_since_is_a_day_or_a_number_of_days(text: str, since: datetime) -> None:
    assert beginning(text, now=NOON) == since


BAD = ["", "0", "-3", "1.5", "100000", "20261101", "yesterday", "2026-02-30", "2026-13-01", "2026-1-1", "0000-01-01", "٣", "3\n"]


@pytest.mark.parametrize("text", [*BAD, "x" * 999, "two\nlines"])
def test_since_that_is_neither_is_one_sentence_and_exit_code_2(text: str) -> None:
    with pytest.raises(CommandError, match="is neither a date such as 2026-11-01 nor a number of days") as refusal:
        call_command("continuity_metrics", f"--since={text}")

    assert (refusal.value.returncode, "\n" in str(refusal.value), len(str(refusal.value)) < 150) == (2, False, True)


def test_since_that_is_yet_to_come_is_one_sentence_and_exit_code_2() -> None:
    with pytest.raises(CommandError) as refusal:
        beginning("2026-11-21", now=NOON)

    assert (refusal.value.returncode, str(refusal.value)) == (2, "2026-11-21 is yet to come: give a date up to 2026-11-20.")
