"""``manage.py continuity_metrics``: each success metric beside its target. The work is ``sessions_app.metrics``."""

import re
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from continuity.management.base import BAD_INPUT
from sessions_app.management.database import require_tables
from sessions_app.metrics import Metric, MetricsReport, continuity_metrics

SHARE = "{:.1%}"
ROWS = {
    "continuityUsers": ("people with a scene", SHARE, "{continuityUsers} of {users} people who made a session"),
    "shotsPerSession": ("shots per scene", "{:.2f}", "{shots} shots in {sessions} scenes"),
    "consistency": (
        *("score of a cut, median", "{:.2f}"),
        "{shareAbove} of {measured} scores are above it; {unmeasurable} cuts could not be measured, {unmeasured} were not yet",
    ),
    "regeneration": (
        *("shots made again for style", SHARE),
        "{shotsAgainForStyle} of {shots} shots, at most {shareAtMost}; {shotsAgain} for any reason. Takes: {takesAgain}",
    ),
    "bridgeUsage": ("shots started from a picture", SHARE, "{started} of {shots} after the first, {bridged} from a last frame"),
}
"""Of each metric: what a person calls it, how its value is written, and the figures behind it."""


class Command(BaseCommand):
    help = "Prints how far scenes hold together and are used: five metrics, each beside its target."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since", metavar="DATE|DAYS", help="only sessions made since 2026-11-01 (UTC), or in the last 30 days"
        )
        parser.add_argument("--json", action="store_true", help="print the report as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        text = options["since"]
        since = None if text is None else beginning(text, now=timezone.now())
        require_tables()
        report = continuity_metrics(since=since)
        self.stdout.write(report.as_json() if options["json"] else "\n".join(table(report)))


def beginning(text: str, *, now: datetime) -> datetime:
    """The value of ``--since``: a date is its first moment in UTC, a number so many times 24 hours before ``now``.

    CommandError for anything else, and for a time that is yet to come: nothing can have been made since then.
    """
    since = _days_before(text, now) or _start_of_day(text)
    if since is None:
        sentence = f"“{' '.join(text.split())[:40]}” is neither a date such as 2026-11-01 nor a number of days from 1 to 99999."
        raise CommandError(sentence, returncode=BAD_INPUT)
    if since > now:
        raise CommandError(f"{text} is yet to come: give a date up to {now:%Y-%m-%d}.", returncode=BAD_INPUT)
    return since


def table(report: MetricsReport) -> Iterator[str]:
    """The report for a person: a line per metric with value, target and verdict, below it the figures behind them."""
    since = f"since {report.since:%Y-%m-%d %H:%M} UTC" if report.since else "of all time"
    yield f"Sessions made {since}, cuts measured with {report.cut_metric}"
    if report.undated_sessions:
        yield f"Left out, as nobody knows when they were made: {report.undated_sessions}"
    for name, metric in report.metrics.items():
        title, number, figures = ROWS[name]
        value = "–" if metric.value is None else number.format(metric.value)
        yield f"\n{title:<28}  {value:>6}  target {metric.wanted} {number.format(metric.target)}: {_verdict(metric)}"
        yield f"  {figures.format_map({key: _in_words(figure) for key, figure in metric.figures.items()})}"


def _days_before(text: str, now: datetime) -> datetime | None:
    return now - timedelta(days=int(text)) if re.fullmatch("0*[1-9][0-9]{0,4}", text) else None


def _start_of_day(text: str) -> datetime | None:
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=UTC)
    except ValueError:
        return None


def _verdict(metric: Metric) -> str:
    if metric.is_met is None:
        return f"not known. {metric.reason}"
    return "met" if metric.is_met else "missed"


def _in_words(figure: Any) -> str:
    if isinstance(figure, dict):
        return ", ".join(f"{count} {why}" for why, count in figure.items() if count) or "none"
    if isinstance(figure, float):
        return SHARE.format(figure)
    return "none" if figure is None else str(figure)
