"""Commands on a database that nobody has migrated yet, each as a process of its own."""

import subprocess
import sys
from pathlib import Path

from tests.environment import ROOT, clean_environment


def run(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    environment = clean_environment(local_dir=folder)
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def test_metrics_of_an_empty_database_say_how_to_begin(tmp_path: Path) -> None:
    done = run(tmp_path, "continuity_metrics")

    sentence = "The database has no tables yet: say make demo, or .venv/bin/python manage.py migrate, first."
    assert (done.returncode, done.stderr.strip()) == (2, f"CommandError: {sentence}")


def test_the_demo_makes_its_own_tables(tmp_path: Path) -> None:
    done = run(tmp_path, "demo", "--video", str(tmp_path / "none.mp4"), "--out", str(tmp_path / "out"))

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "none.mp4" in done.stderr
    assert "no such table" not in done.stderr
