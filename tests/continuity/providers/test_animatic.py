"""The animatic engine as a provider: what it takes, what it refuses, how a job goes."""

import hashlib
import io
import json
import os
import time
from pathlib import Path

import pytest
from PIL import Image

from continuity.providers.animatic import Animatic
from continuity.providers.base import (
    InvalidRequest,
    OutputExpired,
    OutputInvalid,
    Reference,
    RemoteFailed,
    RemoteState,
    UnsupportedCapability,
)
from continuity.providers.capabilities import model_card
from continuity.video.verify import verify
from tests.continuity.providers.animatic_takes import image_file, polled, request, submitted


@pytest.fixture
def engine(tmp_path: Path) -> Animatic:
    return Animatic(str(tmp_path / "engine"))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "start.png"
    Image.radial_gradient("L").resize((640, 360)).convert("RGB").save(path)
    return path


def test_prepare_names_pictures_by_digest_and_costs_nothing(engine: Animatic, picture: Path) -> None:
    start = image_file(picture)

    prepared = engine.prepare(request("a street", start_image=start, references=(Reference(start, 0.5),)))

    assert dict(prepared.body) == {
        "model": "animatic-1",
        "prompt": "a street",
        "seconds": 0.5,
        "width": 640,
        "height": 360,
        "fps": 24,
        "seed": 7,
        "start_image": start.sha256,
        "references": [{"sha256": start.sha256, "weight": 0.5}],
    }
    canonical = json.dumps(prepared.body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert prepared.sha256 == hashlib.sha256(canonical.encode()).hexdigest()
    assert (prepared.price_ceiling_micros, prepared.mechanism, prepared.notes) == (0, "start-image", ())
    assert not engine.root.exists()


def test_prepare_digest_follows_every_part_of_the_request(engine: Animatic, picture: Path) -> None:
    changes = [
        {},
        {"prompt": "a sea by day"},
        {"seed": 8},
        {"seed": None},
        {"seconds": 1.0},
        {"fps": 25},
        {"width": 854, "height": 480},
        {"start_image": image_file(picture)},
        {"references": (Reference(image_file(picture), 1.0),)},
        {"references": (Reference(image_file(picture), 0.5),)},
        {"model": "animatic-text"},
    ]

    digests = {engine.prepare(request(**change)).sha256 for change in changes}

    assert len(digests) == len(changes)


def test_prepare_clamps_what_it_can_and_says_so(engine: Animatic, picture: Path) -> None:
    weights = (0.1, 0.9, 0.5, 0.7, 0.3)
    references = tuple(Reference(image_file(picture), weight) for weight in weights)

    prepared = engine.prepare(request(fps=60, audio=True, references=references))

    assert prepared.body["fps"] == 30
    assert [item.weight for item in prepared.request.references] == [0.9, 0.7, 0.5, 0.3]
    assert prepared.notes == (
        "animatic makes 30 frames per second here, not 60.",
        "Only the 4 reference pictures with the most weight are used.",
        "animatic makes no sound.",
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"model": "ltx-2-3-fast"}, "is not made by the animatic engine"),
        ({"model": "nobody"}, "There is no model"),
        ({"width": 641}, "does not make 641x360"),
        ({"seconds": 0.1}, "makes clips of 0.5 to 30 seconds"),
        ({"seconds": 31.0}, "makes clips of 0.5 to 30 seconds"),
        ({"seconds": float("nan")}, "makes clips of 0.5 to 30 seconds"),
        ({"prompt": "x" * 5001}, "The prompt has 5001 characters"),
    ],
)
def test_prepare_refuses_a_wrong_request(engine: Animatic, change: dict[str, object], sentence: str) -> None:
    with pytest.raises(InvalidRequest, match=sentence):
        engine.prepare(request(**change))


@pytest.mark.parametrize(
    ("model", "part"), [("animatic-text", "start_image"), ("animatic-text", "references"), ("animatic", "end_image")]
)
def test_prepare_refuses_a_picture_that_the_model_cannot_take(engine: Animatic, picture: Path, model: str, part: str) -> None:
    image = image_file(picture)
    value = (Reference(image, 1.0),) if part == "references" else image

    with pytest.raises(UnsupportedCapability, match=f"{model} cannot"):
        engine.prepare(request(model=model, **{part: value}))


def test_prepare_refuses_a_weight_beyond_one(engine: Animatic, picture: Path) -> None:
    with pytest.raises(InvalidRequest, match="between 0 and 1"):
        engine.prepare(request(references=(Reference(image_file(picture), 1.01),)))


def test_clips_have_the_size_and_length_asked_for_in_every_size_of_the_table(engine: Animatic, tmp_path: Path) -> None:
    sizes = model_card("animatic").sizes
    asked = {f"s{width}x{height}": request("a calm sea by day", width=width, height=height, fps=25) for width, height in sizes}
    for attempt_id, one in asked.items():
        submitted(engine, one, attempt_id=attempt_id)

    found = {}
    for attempt_id in asked:
        polled(engine, attempt_id)
        clip = tmp_path / f"{attempt_id}.mp4"
        with clip.open("wb") as sink:
            engine.download(attempt_id, sink, max_bytes=1 << 30)
        checked = verify(clip)
        colour = (checked.facts.codec, checked.facts.pix_fmt)
        found[attempt_id] = (checked.first.width, checked.first.height, checked.frame_count, float(checked.duration), colour)

    assert found == {f"s{w}x{h}": (w, h, 12, 0.48, ("h264", "yuv420p")) for w, h in sizes}


def test_same_request_gives_the_same_bytes_with_and_without_seed(tmp_path: Path) -> None:
    clips = []
    for place in ("one", "other"):
        engine = Animatic(str(tmp_path / place))
        for attempt_id, seed in (("seeded", 3), ("unseeded", None)):
            submitted(engine, request("a street at night, neon, rain, a woman", seed=seed), attempt_id=attempt_id)
        clips.append([_bytes_of(engine, attempt_id) for attempt_id in ("seeded", "unseeded")])

    assert clips[0] == clips[1]
    assert clips[0][0] != clips[0][1]


def test_submitting_an_attempt_twice_leaves_one_request_and_one_renderer(engine: Animatic) -> None:
    first = submitted(engine, request(), attempt_id="twice")
    second = submitted(engine, request(), attempt_id="twice")
    polled(engine, "twice")
    third = submitted(engine, request(), attempt_id="twice")

    assert (first, second, third) == ("twice", "twice", "twice")
    assert [path.name for path in engine.root.glob("*.json")] == ["twice.json"]
    assert (engine.root / "twice.starts").read_text() == "."


def test_submit_refuses_an_attempt_id_of_another_request(engine: Animatic) -> None:
    submitted(engine, request(), attempt_id="taken")
    before = (engine.root / "taken.json").read_bytes()

    with pytest.raises(InvalidRequest, match="already names another request"):
        submitted(engine, request("something else"), attempt_id="taken")

    assert (engine.root / "taken.json").read_bytes() == before
    polled(engine, "taken")


@pytest.mark.parametrize("attempt_id", ["", "../up", "a/b", "UPPER", "a" * 65, "a.b", "a\n", "ü"])
def test_attempt_ids_that_could_be_paths_are_refused_everywhere(engine: Animatic, attempt_id: str) -> None:
    staged = engine.stage(engine.prepare(request()))

    for call in (
        lambda: engine.submit(staged, attempt_id=attempt_id),
        lambda: engine.poll(attempt_id),
        lambda: engine.cancel(attempt_id),
        lambda: engine.download(attempt_id, io.BytesIO(), max_bytes=10),
        lambda: engine.reconcile(attempt_id, request_sha256="0"),
    ):
        with pytest.raises(InvalidRequest, match="attempt id"):
            call()
    assert not engine.root.exists()


def test_a_submit_forgets_what_nobody_has_touched_for_a_week(engine: Animatic, picture: Path) -> None:
    submitted(engine, request(start_image=image_file(picture)), attempt_id="old")
    polled(engine, "old")
    for path in engine.root.rglob("*"):
        os.utime(path, (0, 0))

    submitted(engine, request(), attempt_id="new")

    assert engine.reconcile("old", request_sha256="") is None
    assert {path.name.partition(".")[0] for path in engine.root.rglob("*") if path.is_file()} == {"new"}


def test_reconcile_finds_an_accepted_request_and_nothing_else(engine: Animatic) -> None:
    prepared = engine.prepare(request())
    engine.submit(engine.stage(prepared), attempt_id="known")

    assert engine.reconcile("known", request_sha256=prepared.sha256) == "known"
    assert engine.reconcile("unknown", request_sha256=prepared.sha256) is None
    polled(engine, "known")


def test_a_job_that_is_not_there_has_expired(engine: Animatic) -> None:
    with pytest.raises(OutputExpired, match="generate it again"):
        engine.poll("gone")
    with pytest.raises(OutputExpired, match="generate it again"):
        engine.download("gone", io.BytesIO(), max_bytes=10)
    assert engine.cancel("gone") is False


def test_download_refuses_a_clip_over_the_limit_and_writes_nothing(engine: Animatic) -> None:
    submitted(engine, request(), attempt_id="large")
    polled(engine, "large")
    size, sink = (engine.root / "large.mp4").stat().st_size, io.BytesIO()

    with pytest.raises(OutputInvalid, match=f"larger than {size - 1} bytes"):
        engine.download("large", sink, max_bytes=size - 1)

    assert sink.getvalue() == b""
    engine.download("large", sink, max_bytes=size)
    assert sink.getvalue() == (engine.root / "large.mp4").read_bytes()


def test_a_damaged_start_image_fails_with_a_sentence_and_is_not_tried_again(engine: Animatic, picture: Path) -> None:
    damaged = picture.with_name("damaged.png")
    damaged.write_bytes(picture.read_bytes()[:200])
    image = image_file(picture)
    broken = type(image)(path=damaged, sha256=hashlib.sha256(damaged.read_bytes()).hexdigest(), width=640, height=360)
    submitted(engine, request(start_image=broken), attempt_id="broken")

    status = polled(engine, "broken")

    assert (status.state, status.billed_micros) == (RemoteState.FAILED, 0)
    assert isinstance(status.error, RemoteFailed)
    assert str(status.error) == "The start image or a reference picture cannot be read as a picture: choose another one."
    assert engine.poll("broken").state is RemoteState.FAILED
    assert (engine.root / "broken.starts").read_text() == "."
    while list(engine.root.glob("broken.work-*")):  # the renderer says that it failed before it has tidied up
        time.sleep(0.01)
    assert sorted(path.suffix for path in engine.root.glob("broken*")) == [
        ".error",
        ".json",
        ".lock",
        ".log",
        ".progress",
        ".starts",
    ]


def test_a_picture_staged_under_a_name_that_is_no_digest_is_refused(engine: Animatic, picture: Path) -> None:
    image = image_file(picture)
    named = type(image)(path=picture, sha256="../../escape", width=640, height=360)

    with pytest.raises(InvalidRequest, match="sha256"):
        engine.stage(engine.prepare(request(start_image=named)))
    assert not engine.root.exists()


def _bytes_of(engine: Animatic, attempt_id: str) -> bytes:
    assert polled(engine, attempt_id).state is RemoteState.SUCCEEDED
    sink = io.BytesIO()
    engine.download(attempt_id, sink, max_bytes=1 << 30)
    return sink.getvalue()
