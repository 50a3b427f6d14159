"""What every maker of clips promises (``continuity.providers.base.VideoProvider``), asked of each provider of the registry."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from continuity.providers.animatic import Animatic
from continuity.providers.base import (
    ImageFile,
    InvalidRequest,
    OutputInvalid,
    Prepared,
    ProviderError,
    Reference,
    RemoteState,
    UnsupportedCapability,
    VideoProvider,
    VideoRequest,
)
from continuity.providers.capabilities import model_card, model_cards
from continuity.providers.ltx import Ltx
from continuity.providers.mp4 import Mp4Check
from continuity.providers.registry import VIDEO_PROVIDERS
from tests.stand_ins.ltx import ltx_stand_in

NOWHERE = ImageFile(Path("/nowhere/a.png"), "ab" * 32, 640, 360)
ENDINGS = {RemoteState.SUCCEEDED, RemoteState.FAILED, RemoteState.CANCELLED}
PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Case:
    """A provider, a small request that it can do, and a count of the jobs that it was asked to begin."""

    provider: VideoProvider
    request: VideoRequest
    begun: Callable[[], int]


@contextmanager
def ltx_case(folder: Path) -> Iterator[Case]:
    with ltx_stand_in(journal=folder / "journal.jsonl") as vendor:
        vendor.script(clip={"width": 160, "height": 90, "seconds": 1})
        request = VideoRequest(model="ltx-2-3-fast", prompt="a wet street at night", seconds=6, width=1920, height=1080, fps=24)
        yield Case(Ltx(vendor.api_key, vendor.base_url), request, vendor.posts)


@contextmanager
def animatic_case(folder: Path) -> Iterator[Case]:
    root = folder / "animatic"
    request = VideoRequest(model="animatic", prompt="a wet street at night", seconds=0.5, width=640, height=360, fps=24)
    yield Case(Animatic(str(root)), request, lambda: len(list(root.glob("*.json"))))


CASES = {"animatic": animatic_case, "ltx": ltx_case}


@pytest.fixture(params=VIDEO_PROVIDERS)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    with CASES[request.param](tmp_path) as made:
        yield made


@pytest.fixture
def picture(tmp_path: Path) -> ImageFile:
    path = tmp_path / "start.png"
    Image.linear_gradient("L").convert("RGB").resize((640, 360)).save(path)
    return ImageFile(path, hashlib.sha256(path.read_bytes()).hexdigest(), 640, 360)


def begin(case: Case, request: VideoRequest | None = None, *, attempt_id: str = "attempt-1") -> str:
    prepared = case.provider.prepare(request or case.request)
    return case.provider.submit(case.provider.stage(prepared), attempt_id=attempt_id).remote_id


def finish(case: Case, remote_id: str) -> RemoteState:
    """Poll until the job has ended; a job that never ends is an error of the provider."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        state = case.provider.poll(remote_id).state
        if state in ENDINGS:
            return state
        time.sleep(0.05)
    raise AssertionError(f"{case.provider.name} did not end the job")


def test_a_provider_goes_by_the_name_of_its_row(case: Case) -> None:
    assert CASES.keys() == VIDEO_PROVIDERS.keys()
    assert model_card(case.request.model).provider == case.provider.name


def test_prepare_is_pure(case: Case) -> None:
    request = replace(case.request, start_image=NOWHERE)
    first, second = case.provider.prepare(request), case.provider.prepare(request)
    assert first == second
    assert case.begun() == 0


def test_prepare_names_pictures_by_digest_in_canonical_json(case: Case) -> None:
    prepared = case.provider.prepare(replace(case.request, start_image=NOWHERE))
    text = json.dumps(dict(prepared.body))
    assert json.loads(text) == dict(prepared.body)
    assert NOWHERE.sha256 in text
    assert "/nowhere" not in text


@pytest.mark.parametrize("change", ["prompt", "size", "seconds", "start_image", "other_picture"])
def test_prepare_gives_another_request_another_digest(case: Case, change: str) -> None:
    card = model_card(case.request.model)
    changes: dict[str, dict] = {
        "prompt": {"prompt": case.request.prompt + "."},
        "size": dict(zip(("width", "height"), card.sizes[-1], strict=True)),
        "seconds": {"seconds": case.request.seconds + 2},
        "start_image": {"start_image": NOWHERE},
        "other_picture": {"start_image": replace(NOWHERE, sha256="cd" * 32)},
    }
    base = replace(case.request, start_image=NOWHERE) if change == "other_picture" else case.request
    assert digest(case.provider.prepare(replace(base, **changes[change]))) != digest(case.provider.prepare(base))


def digest(prepared: Prepared) -> str:
    assert len(bytes.fromhex(prepared.sha256)) == 32
    return prepared.sha256


def test_prepare_gives_the_same_digest_wherever_a_picture_lies(case: Case) -> None:
    here, there = NOWHERE, replace(NOWHERE, path=Path("/elsewhere/b.png"))
    first, second = (case.provider.prepare(replace(case.request, start_image=image)) for image in (here, there))
    assert digest(first) == digest(second)


def test_a_seed_changes_the_digest_or_a_note_says_why_not(case: Case) -> None:
    plain, seeded = (case.provider.prepare(replace(case.request, seed=seed)) for seed in (None, 7))
    if model_card(case.request.model).seed:
        assert digest(plain) != digest(seeded)
    else:
        assert (digest(plain), plain.notes) != (digest(seeded), seeded.notes)
        assert any("seed" in note for note in seeded.notes)


def test_prepare_never_prices_below_the_table(case: Case) -> None:
    card, request = model_card(case.request.model), case.request
    least = card.price_micros(seconds=request.seconds, width=request.width, height=request.height)
    assert case.provider.prepare(request).price_ceiling_micros >= least


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"width": 641, "height": 361}, InvalidRequest),
        ({"seconds": 3600.0}, InvalidRequest),
        ({"seconds": float("nan")}, InvalidRequest),
        ({"seconds": -1.0}, InvalidRequest),
        ({"prompt": "x" * 5001}, InvalidRequest),
        ({"model": "no-such-model"}, InvalidRequest),
        ({"end_image": NOWHERE}, UnsupportedCapability),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_not_supported_is_refused_before_anything_is_sent(case: Case, change: dict, error: type[ProviderError]) -> None:
    with pytest.raises(error) as caught:
        case.provider.prepare(replace(case.request, **change))
    assert not caught.value.retryable
    assert case.begun() == 0


def test_every_row_without_pictures_refuses_them(case: Case) -> None:
    """Each model of this provider, with the one thing that its row says it cannot take."""
    for card in model_cards().values():
        if card.provider != case.provider.name:
            continue
        width, height = card.sizes[0]
        request = replace(case.request, model=card.id, width=width, height=height, seconds=card.seconds_max, fps=card.fps[0])
        if not card.start_image:
            with pytest.raises(UnsupportedCapability):
                case.provider.prepare(replace(request, start_image=NOWHERE))
        if card.reference_images == 0:
            with pytest.raises(UnsupportedCapability):
                case.provider.prepare(replace(request, references=(Reference(NOWHERE, 0.5),)))
        assert case.provider.prepare(request).body


def test_a_model_of_another_provider_is_refused(case: Case) -> None:
    for card in model_cards().values():
        if card.provider != case.provider.name:
            width, height = card.sizes[0]
            with pytest.raises(InvalidRequest):
                case.provider.prepare(replace(case.request, model=card.id, width=width, height=height, seconds=card.seconds_min))


def test_stage_may_be_repeated_and_begins_nothing(case: Case, picture: ImageFile) -> None:
    prepared = case.provider.prepare(replace(case.request, start_image=picture))
    for _ in range(2):
        assert set(case.provider.stage(prepared).uris) == {picture.sha256}
    assert case.begun() == 0


def test_submit_begins_exactly_one_job(case: Case) -> None:
    remote_id = begin(case)
    assert case.begun() == 1
    assert finish(case, remote_id) is RemoteState.SUCCEEDED
    assert case.begun() == 1


def test_a_clip_from_a_picture_can_be_polled_and_fetched_again_and_again(case: Case, picture: ImageFile) -> None:
    remote_id = begin(case, replace(case.request, start_image=picture))
    assert finish(case, remote_id) is RemoteState.SUCCEEDED
    assert [case.provider.poll(remote_id).state for _ in range(3)] == [RemoteState.SUCCEEDED] * 3
    clips = []
    for _ in range(2):
        sink = BytesIO()
        case.provider.download(remote_id, sink, max_bytes=10**8)
        clips.append(sink.getvalue())
    check = Mp4Check()
    check.feed(clips[0])
    check.finish()
    assert clips[0] == clips[1]
    with pytest.raises(OutputInvalid):
        case.provider.download(remote_id, BytesIO(), max_bytes=len(clips[0]) - 1)
    assert case.begun() == 1


def test_an_unknown_job_is_an_error_for_a_person(case: Case) -> None:
    remote_id = begin(case)
    unknown = remote_id[:-1] + ("1" if remote_id[-1] == "0" else "0")
    with pytest.raises(ProviderError) as caught:
        case.provider.poll(unknown)
    assert len(str(caught.value)) > 20
    assert not caught.value.retryable
    finish(case, remote_id)


def test_reconcile_finds_only_what_was_begun(case: Case) -> None:
    assert case.provider.reconcile("attempt-9", request_sha256="ab" * 32) is None
    remote_id = begin(case, attempt_id="attempt-9")
    prepared = case.provider.prepare(case.request)
    assert case.provider.reconcile("attempt-9", request_sha256=prepared.sha256) in (None, remote_id)
    finish(case, remote_id)


def test_cancel_of_a_finished_job_changes_nothing(case: Case) -> None:
    remote_id = begin(case)
    assert finish(case, remote_id) is RemoteState.SUCCEEDED
    assert case.provider.cancel(remote_id) is False
    assert case.provider.poll(remote_id).state is RemoteState.SUCCEEDED
