"""Puts limits on this process and then becomes the program named on the command line.

Run as a script by ``tool.py``: ``python launch.py '{"memory_bytes": …}' ffmpeg …``. A launcher instead of ``preexec_fn``,
which is not safe in a program with threads. What a system does not offer (macOS: memory, parent death) is left out.
"""

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (wanted, wanted))


def _die_with_parent(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit(1)


def main(limits_json: str, program: list[str]) -> None:
    limits = json.loads(limits_json)
    _die_with_parent(limits["parent"])
    _limit(resource.RLIMIT_AS, limits["memory_bytes"])
    _limit(resource.RLIMIT_CPU, limits["cpu_seconds"])
    _limit(resource.RLIMIT_FSIZE, limits["file_bytes"])
    _limit(resource.RLIMIT_CORE, 0)
    os.nice(limits["niceness"])
    os.execv(program[0], program)  # noqa: S606 no shell is wanted here


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
