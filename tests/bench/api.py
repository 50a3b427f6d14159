"""The API on PostgreSQL, through Django's test client: ``python -m tests.bench.api``. Exit 1 when a target is missed.

A session of 1,000 shots stands beside the same data by ``.values()`` and orjson, in turns within one process: the p95 of each
block of 60, and of their ratios the median over five blocks. The same for a caller who has it already (If-None-Match), beside
the whole answer. The 500th page of a list of 10,000 sessions stands beside its first, call by call. Moving a shot is counted in
queries.
"""

import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.environment import clean_environment
from tests.postgres import postgres_server

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.test import Client

    from sessions_app.models import Session

BLOCKS = 5
ROUNDS = 60
SHOTS = 1000
SESSIONS = 10_040
PAGE = 500
NO_LIMIT = {"THROTTLE_READ": "", "THROTTLE_WRITE": ""}
"""Nobody asks as often as a bench does."""


def p95(seconds: list[float]) -> float:
    return sorted(seconds)[round(0.95 * len(seconds)) - 1]


def seconds_of(call: Callable[[], object]) -> float:
    """Without the rubbish of the calls before it: whoever makes the most would else let the other one sweep."""
    gc.collect()
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def compare(name: str, ours: Callable[[], object], other: str, theirs: Callable[[], object]) -> tuple[float, float]:
    """The ratio of the p95s (the median over the blocks), and the median ratio of two calls beside each other. Prints both."""
    for call in (ours, theirs):
        call()
    gc.freeze()  # what is loaded by now stays: a sweep before each call then takes no time
    blocks, usual = [], []
    for _ in range(BLOCKS):
        pairs = [(seconds_of(ours), seconds_of(theirs)) for _ in range(ROUNDS)]
        blocks.append(tuple(p95(list(column)) for column in zip(*pairs, strict=True)))
        usual += [one / two for one, two in pairs]
    ratio = statistics.median(mine / reference for mine, reference in blocks)
    mine, reference = (1000 * statistics.median(column) for column in zip(*blocks, strict=True))
    sys.stdout.write(
        f"{name:<30} p95 {mine:6.1f} ms  {other:<18} {reference:6.1f} ms  "
        f"ratio of p95s {ratio:5.2f}, usually {statistics.median(usual):5.2f}  "
    )
    return ratio, statistics.median(usual)


def judge(figure: float, *, target: float) -> bool:
    sys.stdout.write(f"target <= {target:g}  {'ok' if figure <= target else 'MISSED'}\n")
    return figure <= target


def by_hand(session: "Session") -> bytes:
    """The same data as a session's answer, as whoever has no time would read it: rows as they are, orjson on top."""
    import orjson

    from continuity.models import Continuity, Shot
    from continuity.shot_rows import SHOT_PATHS, annotated
    from prompts.models import Prompt
    from sessions_app.models import Session

    halves = {"prompt": Prompt, "continuity": Continuity}
    columns = [field.name for field in Session._meta.concrete_fields]
    columns += [f"{half}__{field.name}" for half, model in halves.items() for field in model._meta.concrete_fields]
    (row,) = Session.objects.filter(pk=session.pk).values(*columns)
    shots = annotated(Shot.objects.filter(session=session.pk).order_by("rank"))
    return orjson.dumps([row, list(shots.values(*(path.removesuffix("_text") for path in SHOT_PATHS)))], default=str)


def get(client: "Client", path: str, *, status: int = 200, **headers: str) -> Any:
    response = client.get(path, headers=headers)
    if response.status_code != status:
        raise SystemExit(f"{path} answered {response.status_code}: {response.content[:300]!r}")
    return response


def read_session(client: "Client", session: "Session") -> list[bool]:
    path = f"/api/v2/sessions/{session.pk}"
    tag = get(client, path).headers["ETag"]

    def whole() -> object:
        return get(client, path)

    known: Callable[[], object] = lambda: get(client, path, status=304, if_none_match=tag)  # noqa: E731
    whole_p95, _ = compare(f"a session of {SHOTS} shots", whole, ".values() + orjson", lambda: by_hand(session))
    fine = judge(whole_p95, target=2.0)
    known_p95, _ = compare("the same with a matching ETag", known, "the whole answer", whole)
    return [fine, judge(known_p95, target=0.1)]


def read_list() -> bool:
    client, user = somebody("lister")
    many_sessions(user)
    first = "/api/v2/sessions?limit=20"
    path = first
    for _ in range(PAGE - 1):
        path = get(client, path).json()["next"]
    _, usually = compare(f"page {PAGE} of {SESSIONS} sessions", lambda: get(client, path), "page 1", lambda: get(client, first))
    return judge(usually, target=1.2)


def many_sessions(user: "User") -> None:
    """Scenes of one shot each, changed one after the other."""
    from datetime import timedelta

    from continuity.models import Continuity, Shot
    from sessions_app.models import Session
    from tests.factories.session import NOON

    made = [
        Session(owner=user, name=f"Scene {number}", updated_at=at, listed_at=at)
        for number in range(SESSIONS)
        for at in [NOON - timedelta(minutes=number)]
    ]
    Session.objects.bulk_create(made, batch_size=1000)
    Continuity.objects.bulk_create([Continuity(session=session) for session in made], batch_size=1000)
    Shot.objects.bulk_create([Shot(session=session, rank=1, user_prompt="Dusk.") for session in made], batch_size=1000)
    analyse()


def move_shot(session: "Session") -> bool:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from continuity.models import Shot
    from continuity.services.shots_edit import move_shot

    shot = Shot.objects.select_related("session__owner").filter(session=session).order_by("rank")[SHOTS // 2]
    with CaptureQueriesContext(connection) as queries:
        move_shot(shot=shot, position=3, by=session.owner)
    sent = [query["sql"] for query in queries if not query["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]
    sys.stdout.write(f"{f'moving one of {SHOTS} shots':<30} {len(sent)} queries  ")
    return judge(len(sent), target=4)


def analyse() -> None:
    """What autovacuum would do a minute later."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def somebody(name: str) -> "tuple[Client, User]":
    """A person, and a script that reads with their token."""
    from django.contrib.auth.models import User
    from django.test import Client

    from sessions_app.tokens import make_token

    user = User.objects.create(username=name)
    _, secret = make_token(user=user, name="bench", scopes=["read"])
    return Client(headers={"authorization": f"Bearer {secret}", "host": "localhost"}), user


def measure() -> list[bool]:
    from django.core.management import call_command
    from django.db import connection

    from tests.large_scenes import large_scene

    call_command("migrate", verbosity=0)
    client, user = somebody("reader")
    session = large_scene(user, shots=SHOTS)
    analyse()
    results = [*read_session(client, session), read_list(), move_shot(session)]
    connection.close()
    return results


def main() -> int:
    with postgres_server() as server, tempfile.TemporaryDirectory() as folder:
        environment = clean_environment(local_dir=Path(folder), database_url=server.url)
        os.environ.clear()
        os.environ.update(environment | NO_LIMIT)

        import django

        django.setup()
        results = measure()
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
