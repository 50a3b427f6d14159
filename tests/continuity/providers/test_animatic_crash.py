"""What is left of an animatic job when its renderer, or everybody at once, does the wrong thing."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from continuity.providers.animatic import RENDERER, STARTS_MAX, Animatic
from continuity.providers.animatic_scene.attempt import attempt_in
from continuity.providers.base import RemoteState
from tests.continuity.providers.animatic_takes import polled, renderer_of, request, submitted


@pytest.fixture
def engine(tmp_path: Path) -> Animatic:
    return Animatic(str(tmp_path / "engine"))


def test_a_killed_renderer_is_started_again_and_makes_the_same_bytes(engine: Animatic, tmp_path: Path) -> None:
    asked = request("a street at night, neon, rain", seconds=1.0)
    undisturbed = Animatic(str(tmp_path / "undisturbed"))
    submitted(undisturbed, asked, attempt_id="calm")
    submitted(engine, asked, attempt_id="killed")
    for _ in range(2):
        process_id = renderer_of(engine, "killed")
        os.kill(process_id, signal.SIGKILL)
        _gone(engine, "killed")
        assert not (engine.root / "killed.mp4").exists()
        engine.poll("killed")

    assert polled(engine, "killed").state is RemoteState.SUCCEEDED
    polled(undisturbed, "calm")

    assert (engine.root / "killed.mp4").read_bytes() == (undisturbed.root / "calm.mp4").read_bytes()
    assert (engine.root / "killed.starts").read_text() == "..."
    _gone(engine, "killed")
    names = sorted(path.name for path in engine.root.iterdir())
    assert names == ["killed.json", "killed.lock", "killed.log", "killed.mp4", "killed.progress", "killed.starts"]


def test_many_polls_at_once_start_one_renderer(engine: Animatic) -> None:
    staged = engine.stage(engine.prepare(request()))
    attempt = attempt_in(engine.root, "crowd")
    attempt.accept({"request_sha256": staged.prepared.sha256, "body": dict(staged.prepared.body), "inputs": {}})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: engine.poll("crowd"), range(24)))

    assert (engine.root / "crowd.starts").read_text() == "."
    assert polled(engine, "crowd").state is RemoteState.SUCCEEDED


def test_cancel_stops_the_renderer_for_good(engine: Animatic) -> None:
    submitted(engine, request(seconds=20.0), attempt_id="stopped")
    renderer_of(engine, "stopped")

    assert engine.cancel("stopped") is True

    _gone(engine, "stopped")
    status = engine.poll("stopped")
    assert (status.state, status.billed_micros) == (RemoteState.CANCELLED, 0)
    assert (engine.root / "stopped.starts").read_text() == "."
    left = sorted(path.suffix for path in engine.root.iterdir())
    assert [suffix for suffix in left if suffix != ".progress"] == [".cancelled", ".json", ".lock", ".log", ".starts"]
    submitted(engine, request(seconds=20.0), attempt_id="stopped")
    assert (engine.root / "stopped.starts").read_text() == "."


def test_cancel_is_too_late_for_a_finished_clip(engine: Animatic) -> None:
    submitted(engine, request(), attempt_id="done")
    polled(engine, "done")

    assert engine.cancel("done") is False
    assert engine.poll("done").state is RemoteState.SUCCEEDED


def test_a_renderer_that_never_lives_is_given_up_with_a_sentence(engine: Animatic) -> None:
    staged = engine.stage(engine.prepare(request()))
    attempt = attempt_in(engine.root, "doomed")
    attempt.accept({"request_sha256": staged.prepared.sha256, "body": dict(staged.prepared.body), "inputs": {}})
    (engine.root / "doomed.starts").write_text("." * STARTS_MAX)

    status = engine.poll("doomed")

    assert status.state is RemoteState.FAILED
    assert (
        str(status.error) == f"The animatic renderer stopped {STARTS_MAX} times without a word: see its log, then generate again."
    )


def _gone(engine: Animatic, attempt_id: str) -> None:
    """Wait until the renderer's lock is free: the kernel lets go of it when the process ends."""
    attempt = attempt_in(engine.root, attempt_id)
    while (descriptor := attempt.take_lock()) is None:
        os.sched_yield()
    os.close(descriptor)


def test_the_renderer_knows_no_django_and_no_network() -> None:
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys, {RENDERER}; print(sorted(set(sys.modules) & {{'django', 'httpx', 'prompts.models'}}))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    assert found.stdout.strip() == "[]"
