"""``make fuzz``: schemathesis against a running server of this checkout, as two people who must not see each other's scenes.

A throw-away installation: own folder, SQLite or the database of TEST_DATABASE_URL, the site under gunicorn. No workers, since
what would be rendered is not the question here. Arguments go to schemathesis; EXAMPLES=50 is how many per operation.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.environment import ROOT, clean_environment

DOCUMENT = ROOT / "sessions_app" / "api" / "v2" / "openapi.yaml"
PEOPLE = ("ada", "grace")
WORKERS = 2
THROTTLES = ("READ", "WRITE", "GENERATE", "SIGN_IN")
START_SECONDS = 60
SIGN_OUT = "/api/v2/sign-out"
"""Revokes the token that it is called with, so it comes after everything else."""
ADDRESSES = {
    "session_id": "session",
    "shot_id": "shot",
    "take_id": "take",
    "cut_id": "cut",
    "grade_id": "grade",
    "job_id": "job",
    "asset_id": "clip",
    "template_id": "template",
    "link_id": "link",
    "token": "link_token",
    "token_id": "token",
    "uuid": "uuid",
}
"""What of a scene with everything stands in an address."""


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="throughline-fuzz-") as name:
        folder = Path(name)
        environment = clean_environment(local_dir=folder, database_url=os.environ.get("TEST_DATABASE_URL", ""))
        environment |= {f"THROTTLE_{scope}": "" for scope in THROTTLES} | {"LOG_LEVEL": "ERROR"}
        manage = [sys.executable, "manage.py"]
        subprocess.run([*manage, "migrate", "--noinput", "--verbosity", "0"], cwd=ROOT, env=environment, check=True)
        seed = subprocess.run([sys.executable, "-m", "tests.fuzz", "seed"], cwd=ROOT, env=environment, check=True, stdout=-1)
        people = json.loads(seed.stdout)
        with server(environment) as url:
            return max(fuzz(folder, people, name=name, url=url, arguments=arguments) for name in PEOPLE)


def seed() -> dict[str, dict[str, str]]:
    """A token for each person, and the ids of a scene of each with something of every kind. Sets up Django."""
    import django

    django.setup()
    from sessions_app.enums import TokenScope
    from sessions_app.tokens import make_token
    from tests.factories.session import UserFactory
    from tests.sessions_app.api.everything import a_scene_with_everything

    people = {}
    for name in PEOPLE:
        person = UserFactory(username=name)
        ids = a_scene_with_everything(person).ids()
        secret = make_token(user=person, name="fuzz", scopes=list(TokenScope))[1]
        people[name] = {"secret": secret, **{parameter: ids[thing] for parameter, thing in ADDRESSES.items()}}
    return people


def write_config(folder: Path, people: dict[str, dict[str, str]], *, ids: dict[str, str]) -> Path:
    """The expected statuses of ``fuzz.toml``, the two people as peers, and ``ids`` for the addresses (none = made up)."""
    entries = [
        {"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {one['secret']}"}]}
        for name, one in people.items()
    ]
    (folder / "people.json").write_text(json.dumps({"auth": entries}), encoding="utf-8")
    lines = [
        (ROOT / "tests" / "fuzz.toml").read_text(encoding="utf-8"),
        f'[auth.wfc]\npath = "{folder / "people.json"}"\npeers = {json.dumps(list(people))}',
        "[parameters]",
        *(f'"path.{name}" = {json.dumps(value)}' for name, value in ids.items()),
    ]
    config = folder / "schemathesis.toml"
    config.write_text("\n".join(lines), encoding="utf-8")
    return config


@contextlib.contextmanager
def server(environment: dict[str, str]) -> Iterator[str]:
    """The site under gunicorn, as ``make run`` starts it, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    gunicorn = ["-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    options = [
        "--workers",
        str(WORKERS),
        "--threads",
        "8",
        "--log-level",
        "warning",
        "--limit-request-line",
        "0",
        "--no-control-socket",
    ]
    process = subprocess.Popen([sys.executable, *gunicorn, *options], cwd=ROOT, env=environment)
    try:
        _wait_for(f"http://127.0.0.1:{port}/api/v2", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def fuzz(folder: Path, people: dict[str, dict[str, str]], *, name: str, url: str, arguments: list[str]) -> int:
    """Schemathesis as ``name``, three times: with the ids of a scene of theirs, with ids that it finds or makes up, and signing
    out. 0 = no failure."""
    ids = {parameter: people[name][parameter] for parameter in ADDRESSES}
    runs = {
        f"as {name}, in a scene with something of every kind": (ids, ["--exclude-path", SIGN_OUT, "--exclude-method", "DELETE"]),
        f"as {name}, from nothing": ({}, ["--exclude-path", SIGN_OUT]),
        f"as {name}, signing out": ({}, ["--include-path", SIGN_OUT]),
    }
    codes = []
    for title, (own, only) in runs.items():
        print(f"== {title}", flush=True)
        config = write_config(folder, people, ids=own)
        command = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config), "run", str(DOCUMENT)]
        options = ["--url", url, "--checks", "all", "--auth-wfc-user", name, "--request-timeout", "60"]
        examples = ["--max-examples", os.environ.get("EXAMPLES", "50")]
        codes.append(subprocess.run([*command, *options, *examples, *only, *arguments], cwd=folder, check=False).returncode)
    return max(codes)


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(START_SECONDS * 5):
        if process.poll() is not None:
            raise SystemExit("The server did not start: see what it said above.")
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - this machine's own server
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise SystemExit("The server did not answer in time: see what it said above.")


if __name__ == "__main__":
    if sys.argv[1:] == ["seed"]:
        print(json.dumps(seed()))
        raise SystemExit(0)
    raise SystemExit(main(sys.argv[1:]))
