"""``manage.py demo`` as a person runs it: a real worker process, a film on disk; and what it says to bad input."""

import itertools
import json
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from continuity.models import Asset, Blob, Budget, Job
from continuity.services.errors import Refused
from continuity.video.verify import verify
from continuity.vision.scene_score import METRIC, band_of
from sessions_app.demo import LOCAL_ENGINE, DemoComparison, DemoCut, DemoReport, Watcher, _film, run_comparison, run_demo
from sessions_app.management.commands.demo import comparison_lines, table
from sessions_app.models import Session
from sessions_app.services import continue_scene
from tests.clips import run_reference
from tests.environment import ROOT

HEADING = "local engine: shows the mechanism, not a model's quality"
SECONDS = 1
ZOOM = f"mandelbrot=size=640x360:rate=24:start_scale=1.5:end_scale=1.2:end_pts=48,trim=duration={SECONDS}"
MOVING = ["-f", "lavfi", "-i", ZOOM]
SOUND = ["-f", "lavfi", "-i", "sine=frequency=440:duration=1", "-c:a", "aac"]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A second of a slow zoom, in the size that the animatic engine goes on with."""
    path = tmp_path / "pier.mp4"
    run_reference([*MOVING, "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", str(path)])
    return path


def demo(environment: dict[str, str], *words: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(ROOT / "manage.py"), "demo", *map(str, words)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=150)


def made(environment: dict[str, str], directory: Path, *words: object) -> dict[str, Any]:
    """The report of a demo that went well, which is also in the directory beside the files that it names."""
    done = demo(environment, "--out", directory, "--json", *words)
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report == json.loads((directory / "report.json").read_text(encoding="utf-8"))
    assert sorted(path.name for path in directory.iterdir()) == sorted(report["files"])
    return report


@pytest.mark.django_db(transaction=True)
def test_a_demo_continues_a_clip_into_a_film(child_environment, clip, tmp_path) -> None:
    directory = tmp_path / "demo"

    report = made(child_environment, directory, "--video", clip)

    film = verify(directory / "film.mp4")
    shots = [verify(directory / shot["file"]) for shot in report["shots"]]
    assert film.duration == sum(shot.duration for shot in shots) == Fraction(report["film"]["seconds"])
    assert film.frame_count == sum(shot.frame_count for shot in shots) == report["film"]["frames"]
    assert [cut["difference"] < 4 for cut in report["cuts"]] == [True, True], report["cuts"]
    starts = [shot["started_from"] for shot in report["shots"]]
    assert starts[0] is None
    assert [start["index"] for start in starts[1:]] == [shot.frame_count - 1 for shot in shots[:2]]
    assert [start["sha256"] for start in starts[1:]] == [shot.last.sha256 for shot in shots[:2]]
    check_cuts(report["cuts"])
    assert [cut["bridge"] for cut in report["cuts"]] == ["bridged", "bridged"]
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
    assert not Budget.objects.filter(reserved_micros__gt=0).exists()


def check_cuts(rows: list[dict[str, Any]]) -> None:
    """Every cut is measured, and says what was found in words that name its shots."""
    assert [(cut["left"], cut["right"], cut["metric"], cut["reason"]) for cut in rows] == [
        (1, 2, METRIC, None),
        (2, 3, METRIC, None),
    ]
    for cut in rows:
        assert (cut["metric"], cut["reason"]) == (METRIC, None)
        assert (0 <= cut["score"] <= 1, cut["band"] == band_of(cut["score"]), -1 <= cut["ncc"] <= 1) == (True, True, True), cut
        assert isinstance(cut["deltaE"], float)
        assert any(f"shot {cut['right']}" in finding for finding in cut["findings"]), cut["findings"]


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_a_comparison_makes_both_scenes_and_shows_what_continuity_does(child_environment, clip, tmp_path) -> None:
    directory = tmp_path / "demo"

    done = demo(child_environment, "--compare", "--video", clip, "--out", directory)

    assert done.returncode == 0, done.stderr
    comparison = json.loads((directory / "comparison.json").read_text(encoding="utf-8"))
    heading, *lines, place = done.stdout.splitlines()
    assert (heading, comparison["heading"], place) == (HEADING, HEADING, str(directory))
    reports = {
        name: json.loads((directory / name / "report.json").read_text(encoding="utf-8")) for name in ("continued", "without")
    }
    assert reports == {name: comparison[name] for name in reports}
    for name, report in reports.items():
        check_cuts(report["cuts"])
        assert sorted(path.name for path in (directory / name).iterdir()) == sorted(report["files"])
        assert any(line.startswith(f"  {name} ") and f"{report['cuts'][0]['score']:.2f}" in line for line in lines), lines
    assert [report["continuity"] for report in reports.values()] == [True, False]
    scores = {name: [cut["score"] for cut in report["cuts"]] for name, report in reports.items()}
    assert min(scores["continued"]) > max(scores["without"]), scores
    assert Session.objects.count() == 2


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_a_demo_without_continuity_shows_what_is_lost(child_environment, clip, tmp_path) -> None:
    report = made(child_environment, tmp_path / "demo", "--video", clip, "--no-continuity")

    assert [cut["difference"] > 8 for cut in report["cuts"]] == [True, True], report["cuts"]
    assert [shot["started_from"] for shot in report["shots"]] == [None, None, None]
    assert [shot["mode"] for shot in report["shots"]] == ["none", "none", "none"]


def a_cut(left: int, score: float | None, **columns: Any) -> DemoCut:
    row: dict[str, Any] = {"metric": METRIC, "bridge": "bridged", "ncc": 0.9984, "deltaE": 0.31, "findings": []}
    row |= {"reason": None, "difference": 1.0, "band": None if score is None else str(band_of(score))}
    return DemoCut(left=left, right=left + 1, score=score, **row | columns)


def a_report(directory: Path, *, continuity: bool, cuts: list[DemoCut]) -> DemoReport:
    film = {"file": "film.mp4", "frames": 86, "seconds": "43/12"}
    return DemoReport("ses_1", "animatic", continuity, str(directory), [], cuts, film, "", 12.5)


def test_a_comparison_is_told_under_its_heading_row_by_row(tmp_path) -> None:
    good = [a_cut(1, 0.97, findings=["the grade holds from shot 1 to shot 2 (ΔE 0.3)"]), a_cut(2, 0.96)]
    bad = [
        a_cut(1, 0.12, bridge="cut", ncc=0.12, deltaE=9.04, findings=["shot 1 and shot 2 look like two scenes (0.12)"]),
        a_cut(2, None, bridge=None, ncc=None, deltaE=None, reason="Both shots are black."),
    ]
    continued, without = (a_report(tmp_path, continuity=bool(cuts is good), cuts=cuts) for cuts in (good, bad))

    heading, first, second, note, *findings = comparison_lines(
        DemoComparison("animatic", LOCAL_ENGINE, str(tmp_path), continued, without)
    )

    assert (heading, LOCAL_ENGINE) == (HEADING, HEADING)
    rows = [re.split(r"\s{2,}", line.strip()) for line in (first, second)]
    bridged = "bridged (NCC 0.998), ΔE 0.3, scene score"
    assert rows[0] == ["continued", "1|2", f"{bridged} 0.97", "2|3", f"{bridged} 0.96"]
    assert rows[1] == [
        *("without", "1|2", "cut (NCC 0.120), ΔE 9.0, scene score 0.12"),
        *("2|3", "not compared, ΔE not measured, no score"),
    ]
    assert "scene score" in note
    assert findings == [
        "continued:",
        "  the grade holds from shot 1 to shot 2 (ΔE 0.3)",
        "without:",
        "  shot 1 and shot 2 look like two scenes (0.12)",
    ]


def test_a_cut_without_a_score_says_why_in_the_table(tmp_path) -> None:
    cuts = [a_cut(1, 0.97, findings=["the grade holds"]), a_cut(2, None, bridge=None, ncc=None, reason="Both shots are black.")]

    lines = list(table(a_report(tmp_path, continuity=True, cuts=cuts)))

    assert lines == [
        f"Cut 1|2  0.97 matches, bridged (NCC 0.998) ({METRIC})",
        "  the grade holds",
        f"Cut 2|3  no score ({METRIC})",
        "  Both shots are black.",
        "Film     3.58 s, 86 frames; everything took 12.5 s",
    ]


@pytest.mark.parametrize(
    ("engine", "heading"), [("animatic", "local engine: "), ("ltx", "LTX 2.3 fast: one run of three shots, not a benchmark")]
)
def test_a_comparison_says_whose_pictures_it_compares(tmp_path, monkeypatch, settings, engine: str, heading: str) -> None:
    settings.PROVIDERS = settings.PROVIDERS | {"ltx": {"api_key": "k", "base_url": "http://127.0.0.1:9"}}
    asked: list[tuple[bool, str]] = []

    def made_at_once(*, directory: Path, continuity: bool, **options: Any) -> DemoReport:
        asked.append((continuity, directory.name))
        directory.mkdir(parents=True)
        return a_report(directory, continuity=continuity, cuts=[])

    monkeypatch.setattr("sessions_app.demo.run_demo", made_at_once)

    comparison = run_comparison(owner=User(), directory=tmp_path / "demo", clip=None, engine=engine, watch=patience())

    assert (comparison.heading.startswith(heading), asked) == (True, [(True, "continued"), (False, "without")])
    assert json.loads((tmp_path / "demo" / "comparison.json").read_text(encoding="utf-8")) == json.loads(comparison.as_json())


@pytest.mark.django_db
def test_a_comparison_without_continuity_is_refused(tmp_path) -> None:
    with pytest.raises(CommandError, match="--compare makes both scenes: leave --no-continuity out") as refusal:
        call_command("demo", "--compare", "--no-continuity", "--out", str(tmp_path / "demo"))

    assert (refusal.value.returncode, (tmp_path / "demo").exists()) == (2, False)
    assert (Session.all_objects.count(), User.objects.count(), Job.objects.count()) == (0, 0, 0)


def bad_file(kind: str, clip: Path) -> Path:
    path = clip.with_name("bad.mp4")
    whole = clip.read_bytes()
    contents = {
        "not a video": b"%PDF-1.7 a letter",
        "a playlist": b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/secret.ts\n",
        "truncated": whole[: len(whole) // 2],
        "truncated at the end": whole[:-3000],
        "empty": b"",
    }
    if kind == "audio only":
        run_reference([*SOUND, str(path)])
    elif kind != "missing":
        path.write_bytes(contents[kind])
    return path


BAD = ["missing", "not a video", "a playlist", "truncated", "truncated at the end", "empty", "audio only"]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", BAD)
def test_a_demo_of_a_bad_file_says_so_and_leaves_nothing(clip, tmp_path, kind: str) -> None:
    path, directory = bad_file(kind, clip), tmp_path / "demo"

    with pytest.raises(CommandError) as refusal:
        call_command("demo", "--video", str(path), "--out", str(directory))

    assert (refusal.value.returncode, "\n" in str(refusal.value), len(str(refusal.value)) > 10) == (2, False, True)
    assert "Errno" not in str(refusal.value)
    assert (directory.exists(), Session.all_objects.count(), Asset.objects.count(), Job.objects.count()) == (False, 0, 0, 0)


@pytest.mark.django_db
def test_a_demo_with_an_engine_that_nobody_knows_names_those_there_are(tmp_path) -> None:
    with pytest.raises(CommandError, match="There is no engine “sora”: choose one of animatic") as refusal:
        call_command("demo", "--engine", "sora", "--out", str(tmp_path / "demo"))

    assert (refusal.value.returncode, (tmp_path / "demo").exists(), Session.all_objects.count()) == (2, False, 0)


@pytest.mark.django_db
def test_a_demo_of_a_vendor_without_a_key_names_the_key_and_leaves_nothing(tmp_path, settings) -> None:
    settings.PROVIDERS = settings.PROVIDERS | {"ltx": {"api_key": "", "base_url": "https://api.ltx.video"}}

    with pytest.raises(CommandError, match="set LTX_API_KEY") as refusal:
        call_command("demo", "--engine", "ltx", "--out", str(tmp_path / "demo"))

    assert (refusal.value.returncode, (tmp_path / "demo").exists(), Session.all_objects.count()) == (2, False, 0)


@pytest.mark.django_db
def test_a_demo_of_a_clip_and_a_vendor_without_a_key_leaves_nothing(clip, tmp_path, settings) -> None:
    settings.PROVIDERS = settings.PROVIDERS | {"ltx": {"api_key": "", "base_url": "https://api.ltx.video"}}

    with pytest.raises(CommandError, match="set LTX_API_KEY"):
        call_command("demo", "--video", str(clip), "--engine", "ltx", "--out", str(tmp_path / "demo"))

    assert (Session.all_objects.count(), Asset.objects.count(), Blob.objects.count(), Job.objects.count()) == (0, 0, 0, 0)


def patience() -> Watcher:
    """Watches forty times, ten seconds in all: a dead worker is noticed at once."""
    looks = itertools.count(1)

    def watch(rows: object, elapsed: float) -> None:
        assert next(looks) <= 40, "The demo still waits."

    return watch


@pytest.mark.django_db(transaction=True)
def test_a_demo_whose_worker_dies_ends_and_says_so(owner, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")

    with pytest.raises(Refused, match="The worker ended with 1: see why") as refusal:
        run_demo(
            owner=owner,
            directory=tmp_path / "demo",
            clip=None,
            engine="animatic",
            continuity=True,
            watch=patience(),
        )

    assert (refusal.value.code, (tmp_path / "demo").exists()) == ("worker_died", False)


@pytest.mark.django_db(transaction=True)
def test_a_film_whose_worker_dies_is_not_waited_for(owner, clip) -> None:
    session, _ = continue_scene(owner=owner, name="Pier", prompts=["One"], clip=clip, settings={"auto_extract": False})
    process = subprocess.Popen(["/bin/false"])
    process.wait()

    with pytest.raises(Refused, match="The worker ended with 1"):
        _film(session, owner=owner, process=process, watch=patience(), started=0.0)


@pytest.mark.django_db(transaction=True)
def test_a_demo_that_is_refused_exits_with_2_and_one_line(child_environment, tmp_path) -> None:
    done = demo(child_environment, "--video", tmp_path / "nowhere.mp4", "--out", tmp_path / "demo")

    assert (done.returncode, done.stdout, done.stderr.count("\n"), "Traceback" in done.stderr) == (2, "", 1, False)
    assert User.objects.get(username="demo").has_usable_password() is False
