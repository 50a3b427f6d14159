"""The renderer's process: ``python -m continuity.providers.animatic_scene.render <root> <attempt id> [<lock descriptor>]``.

One at a time per attempt (flock). It may be killed at any moment: the next one starts from the request file again and
makes the same bytes. The clip gets its name only after it was decoded again and found whole.
"""

import os
import shutil
import signal
import sys
import tempfile
import traceback
from contextlib import suppress
from pathlib import Path
from types import FrameType

import numpy as np

from continuity.providers.animatic_scene.attempt import Attempt, Progress, attempt_in
from continuity.providers.animatic_scene.take import Take, frames_of, take_of
from continuity.video.errors import VideoError
from continuity.video.tool import encode_stream

PROGRESS_EVERY = 8
TIMEOUT_SECONDS = 3600


class Cancelled(Exception):
    """A person stopped this take while it was drawn."""


def main(arguments: list[str]) -> int:
    """Exit 0 = finished, cancelled, failed with a sentence left behind, or somebody else renders it."""
    attempt = attempt_in(Path(arguments[0]), arguments[1])
    descriptor = int(arguments[2]) if len(arguments) > 2 else attempt.take_lock()
    if descriptor is None or attempt.finished or attempt.cancelled:
        return 0
    signal.signal(signal.SIGTERM, _stop)
    os.set_inheritable(descriptor, False)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    try:
        render(attempt)
    except Cancelled:
        pass
    except Exception as error:
        traceback.print_exc()
        attempt.leave("error", sentence_of(error))
    finally:
        _sweep(attempt)
    return 0


def _stop(number: int, frame: FrameType | None) -> None:
    raise Cancelled


def render(attempt: Attempt) -> None:
    """Draw, encode, check and publish the clip of an accepted request."""
    _sweep(attempt)
    work = attempt.file(f"work-{os.getpid()}")
    work.mkdir(exist_ok=True)
    # Whatever the encoder puts beside its target or into the temporary directory is swept with the rest.
    tempfile.tempdir = str(work)
    part = work / "part.mp4"
    attempt.say(Progress(fraction=0.0, note="painting"))
    take = take_of(attempt.request(), root=attempt.root)
    _encode(attempt, take, part)
    attempt.say(Progress(fraction=0.99, note="checking"))
    _check(part, frame_count=take.count)
    if attempt.cancelled:
        raise Cancelled
    attempt.publish(part)


def _encode(attempt: Attempt, take: Take, part: Path) -> None:
    size = {"width": take.stage.frame_width, "height": take.stage.frame_height}
    with encode_stream(part, fps=take.fps, filters=take.filters, crf=take.crf, timeout_seconds=TIMEOUT_SECONDS, **size) as sink:
        for index, frame in enumerate(frames_of(take)):
            sink.write(np.asarray(frame))
            if index % PROGRESS_EVERY == 0:
                if attempt.cancelled:
                    raise Cancelled
                attempt.say(Progress(fraction=0.98 * (index + 1) / take.count, note=f"frame {index + 1} of {take.count}"))


def _check(part: Path, *, frame_count: int) -> None:
    """Decode the whole clip again. VideoError, or ValueError when frames are missing."""
    from continuity.video.verify import verify

    found = verify(part).frame_count
    if found != frame_count:
        raise ValueError(f"{found} frames were written instead of {frame_count}")


def _sweep(attempt: Attempt) -> None:
    """What a killed renderer left behind. Its ffmpeg may live a moment longer: each renderer has a folder of its own."""
    attempt.file("progress.new").unlink(missing_ok=True)
    for work in attempt.root.glob(f"{attempt.id}.work-*"):
        shutil.rmtree(work, ignore_errors=True)


def sentence_of(error: Exception) -> str:
    """What a person is told when the clip cannot be made."""
    if isinstance(error, VideoError):
        return f"The animatic clip could not be written: {error}"
    if isinstance(error, OSError) and getattr(error, "errno", None) is None:
        return "The start image or a reference picture cannot be read as a picture: choose another one."
    return f"The animatic renderer failed ({type(error).__name__}): generate again, and see its log if it fails again."


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main(sys.argv[1:]))
