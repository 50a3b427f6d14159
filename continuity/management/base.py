"""What the commands that work on files share: one report, printed as a sentence or as JSON; one sentence when it fails."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from continuity.video.errors import VideoError

BAD_INPUT = 2


class FileCommand(BaseCommand):
    """A command on files that needs no database. A subclass adds its arguments and writes ``report`` and ``sentence``.

    What ``report`` raises of ``refusals``, and whatever the operating system refuses, becomes one sentence on standard
    error and exit code 2, without a traceback.
    """

    requires_system_checks: list[str] = []
    refusals: tuple[type[Exception], ...] = (VideoError,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the report as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = self.report(**options)
        except self.refusals as error:
            raise CommandError(str(error), returncode=BAD_INPUT) from error
        except OSError as error:
            raise CommandError(_sentence_of(error), returncode=BAD_INPUT) from error
        self.stdout.write(json.dumps(report) if options["json"] else self.sentence(report))

    def report(self, **options: Any) -> Mapping[str, object]:
        """Does the work; returns what ``--json`` prints."""
        raise NotImplementedError

    def sentence(self, report: Mapping[str, object]) -> str:
        """The same report for a person."""
        raise NotImplementedError


def _sentence_of(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}: check the path and its permissions."
