"""The ownership matrix, printed: every operation of the API, every role, and the status that each is answered.

Usage: python -m tests.sessions_app.api.matrix   (a throw-away installation; exit code 1 = there is a hole)
"""

import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.environment import clean_environment

if TYPE_CHECKING:
    from tests.sessions_app.api.calls import Call
    from tests.sessions_app.api.roles import Cell

Row = dict[str, "Cell"]


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="throughline-matrix-") as name:
        environment = clean_environment(local_dir=Path(name), database_url=os.environ.get("TEST_DATABASE_URL", ""))
        os.environ.clear()
        os.environ.update(environment)
        text = _made(Path(name))
    sys.stdout.write(text + "\n")
    return int("HOLE" in text)


def _made(folder: Path) -> str:
    import django

    django.setup()
    logging.getLogger("django.request").setLevel(logging.ERROR)  # hundreds of refusals are what this is about
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from django.test.utils import setup_test_environment

    from tests.sessions_app.api.calls import calls
    from tests.sessions_app.api.roles import row_of
    from tests.sessions_app.api.world import a_world, house_in, rolled_back

    setup_test_environment()
    with house_in(folder), rolled_back():
        world = a_world(folder)
        return table([(call, row_of(call, world)) for call in calls()])


def table(rows: "list[tuple[Call, Row]]") -> str:
    """One line per operation, one column per role, the roles numbered above; HOLE and what is wrong under a line that has one."""
    roles = list(rows[0][1])
    width = max(len(call.name) for call, _ in rows)
    head = [f"{number:>4}  {role}" for number, role in enumerate(roles, 1)]
    numbers = " " * width + "".join(f"{number:>5}" for number in range(1, len(roles) + 1))
    lines = [line for call, row in rows for line in _lines(call, row, width)]
    return "\n".join([*head, "", numbers, *lines, "", _told(rows)])


def _lines(call: "Call", row: Row, width: int) -> list[str]:
    statuses = "".join(f"{cell.status:>5}" for cell in row.values())
    holes = [f"     HOLE {role}: {cell.fault}" for role, cell in row.items() if cell.fault]
    return [f"{call.name:{width}}{statuses}", *holes]


def _told(rows: "list[tuple[Call, Row]]") -> str:
    cells = [cell for _, row in rows for cell in row.values()]
    holes = sum(bool(cell.fault) for cell in cells)
    return f"{len(rows)} operations, {len(cells)} cells, {holes} of them wrong"


if __name__ == "__main__":
    sys.exit(main())
