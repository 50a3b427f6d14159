"""``manage.py check`` beside a bare Python that imports Django: heavy libraries must not be imported at start-up."""

import statistics
import subprocess
import sys
import time

from tests.environment import ROOT

RUNS = 7
TARGET_SECONDS = 1.0
OURS = [sys.executable, "manage.py", "check"]
REFERENCE = [sys.executable, "-c", "import django.core.management, django.db.models"]


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> int:
    pairs = [(seconds(OURS), seconds(REFERENCE)) for _ in range(RUNS)]
    ours, reference = (statistics.median(column) for column in zip(*pairs, strict=True))
    fine = ours < TARGET_SECONDS
    figures = f"ours {ours:.3f} s  import django {reference:.3f} s  ratio {ours / reference:.2f}"
    sys.stdout.write(f"manage.py check  {figures}  target < 1 s  {'ok' if fine else 'MISSED'}\n")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
