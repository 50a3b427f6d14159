"""``manage.py extract_style CLIP``: the look of a clip or a still picture, as far as pixels can tell."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from continuity.management.base import BAD_INPUT, FileCommand
from continuity.video.containers import sniff
from continuity.video.errors import PastTheEnd, VideoError
from continuity.video.frames import ExactFrame, first_frame, frame_at, last_frame, read_still, sample_frames
from continuity.video.probe import probe
from continuity.vision.colour import nearest_colour_name
from continuity.vision.errors import VisionError
from continuity.vision.style import EXTRACTOR, measure_style, style_fragment, to_values

POSITIONS = ("clip", "first", "middle", "last")


class Command(FileCommand):
    help = "Measures the look of a clip or a picture: palette, tones, contrast, light, grain and blur."
    refusals = (VideoError, VisionError)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("clip", type=Path, help="a clip (MP4, MOV, WebM, MKV, MPEG-TS, GIF) or a picture (PNG, JPEG, WebP)")
        parser.add_argument("--at", default="clip", help="first, middle, last, SECONDS, or clip: three frames at 10, 50, 90 %%")

    def report(self, **options: Any) -> Mapping[str, object]:
        return extract_style(options["clip"], at=position(options["at"]))

    def sentence(self, report: Mapping[str, Any]) -> str:
        return "\n".join(table(report))


def extract_style(path: Path, *, at: str | float = "clip") -> dict[str, Any]:
    """The report that ``--json`` prints. ``at``: one of POSITIONS, or seconds >= 0; a still picture is its own only frame.

    Raises VideoError for a file that cannot be read.
    """
    # A clip of one or two frames is sampled at one frame twice; that is no second witness.
    frames = list({frame.index: frame for frame in _frames(path, at)}.values())
    measurement = measure_style([frame.rgb for frame in frames])
    values = to_values(measurement, origin=EXTRACTOR)
    looked_at = [{"index": frame.index, "time": str(frame.time), "sha256": frame.sha256} for frame in frames]
    return {
        "source": {"file": path.name, "frames": looked_at},
        "extractor": EXTRACTOR,
        "style": values,
        "stylePromptFragment": style_fragment(values),
        "notMeasured": [{"key": key, "reason": reason} for key, reason in measurement.not_measured.items()],
    }


def position(text: str) -> str | float:
    """The value of ``--at``; CommandError when it is none."""
    if text in POSITIONS:
        return text
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        sentence = f"“{text[:40]}” is no position: give first, middle, last, clip, or seconds from 0 on."
        raise CommandError(sentence, returncode=BAD_INPUT)
    return seconds


def table(report: Mapping[str, Any]) -> Iterator[str]:
    """The report for a person, line by line: what was measured, its colours by name, then what was not."""
    source = report["source"]
    indices = ", ".join(str(frame["index"]) for frame in source["frames"])
    yield f"{source['file']}, frame {indices} ({report['extractor']})"
    for aspect, entries in report["style"].items():
        known = {key: entry for key, entry in entries.items() if entry["value"] is not None}
        if known:
            yield f"\n{aspect}"
        for key, entry in known.items():
            yield from _lines(key, entry)
    yield "\nnot measured"
    for missing in report["notMeasured"]:
        yield f"  {missing['key']:<30}  {missing['reason']}"
    yield f"\n{report['stylePromptFragment']}"


def _frames(path: Path, at: str | float) -> Sequence[ExactFrame]:
    if sniff(path).is_still:
        return [read_still(path)]
    if isinstance(at, float):
        return [_frame_on_screen(path, at)]
    readers = {
        "clip": lambda: sample_frames(path),
        "first": lambda: [first_frame(path)],
        "middle": lambda: sample_frames(path, positions=(0.5,)),
        "last": lambda: [last_frame(path)],
    }
    return readers[at]()


def _frame_on_screen(path: Path, seconds: float) -> ExactFrame:
    """The frame at a time at which the clip is still on; PastTheEnd instead of a guess."""
    duration = probe(path).duration
    if duration is not None and seconds > duration:
        raise PastTheEnd(f"{path.name} lasts {float(duration):g} s: ask for a time up to that, not {seconds:g}.")
    return frame_at(path, seconds)


def _lines(key: str, entry: Mapping[str, Any]) -> Iterator[str]:
    """One line per key; the dominant colours take one each."""
    value, confidence = entry["value"], entry["confidence"]
    sure = "" if confidence is None else f"confidence {confidence:.0%}"
    if isinstance(value, list):
        for swatch in value:
            yield _line(key, _named(swatch["hex"]), f"{swatch['share']:.1%} of the picture")
    elif "number" in entry:
        yield _line(key, str(value), f"{entry['number']:.4g} {entry['unit']}", sure)
    else:
        yield _line(key, _named(value), sure)


def _named(colour: str) -> str:
    return f"{colour}  {nearest_colour_name(colour)}"


def _line(key: str, value: str, *remarks: str) -> str:
    return f"  {key:<20}  {value:<28}  {', '.join(remark for remark in remarks if remark)}".rstrip()
