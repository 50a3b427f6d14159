"""``manage.py demo`` as a person runs it: a real worker process, a film on disk; and what it says to bad input."""

import itertools
import json
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
from sessions_app.demo import Watcher, _film, run_demo
from sessions_app.models import Session
from sessions_app.services import continue_scene
from tests.clips import run_reference
from tests.environment import ROOT

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
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
    assert not Budget.objects.filter(reserved_micros__gt=0).exists()


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_a_demo_without_continuity_shows_what_is_lost(child_environment, clip, tmp_path) -> None:
    report = made(child_environment, tmp_path / "demo", "--video", clip, "--no-continuity")

    assert [cut["difference"] > 8 for cut in report["cuts"]] == [True, True], report["cuts"]
    assert [shot["started_from"] for shot in report["shots"]] == [None, None, None]
    assert [shot["mode"] for shot in report["shots"]] == ["none", "none", "none"]


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
