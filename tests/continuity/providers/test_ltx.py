import hashlib
import json
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from continuity.providers.base import (
    AuthError,
    ContentRefused,
    ImageFile,
    InvalidRequest,
    ModelRetired,
    OutputExpired,
    OutputInvalid,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    Reference,
    RemoteFailed,
    RemoteState,
    SubmitUnknown,
    Transient,
    Unreachable,
    UnsupportedCapability,
    VideoRequest,
)
from continuity.providers.connection import AddressRefused
from continuity.providers.ltx import Ltx
from tests.stand_ins.clips import ClipSize, clip_bytes
from tests.stand_ins.ltx import StandIn, ltx_stand_in

CANARY = "canary-7f3a-key"
CLIP = {"width": 160, "height": 90, "seconds": 1, "fps": 24}
REQUEST = VideoRequest(model="ltx-2-3-fast", prompt="a wet street at night", seconds=6, width=1920, height=1080, fps=24)
MakePicture = Callable[..., ImageFile]
NOWHERE = ImageFile(Path("/nowhere/a.png"), "ab" * 32, 1920, 1080)


@pytest.fixture(scope="module")
def server() -> Iterator[StandIn]:
    with ltx_stand_in(api_key=CANARY) as stand_in:
        yield stand_in


@pytest.fixture
def vendor(server: StandIn) -> Iterator[StandIn]:
    server.journal.unlink(missing_ok=True)
    server.script(clip=CLIP)
    yield server
    server.script()


@pytest.fixture
def ltx(vendor: StandIn) -> Ltx:
    return Ltx(CANARY, vendor.base_url)


@pytest.fixture
def make_picture(tmp_path: Path) -> MakePicture:
    """A PNG of one colour: ``make_picture(width, height, colour)``."""

    def make(width: int = 320, height: int = 180, colour: str = "teal") -> ImageFile:
        path = tmp_path / f"{colour}-{width}x{height}.png"
        Image.new("RGB", (width, height), colour).save(path)
        return ImageFile(path, hashlib.sha256(path.read_bytes()).hexdigest(), width, height)

    return make


def submit(provider: Ltx, request: VideoRequest = REQUEST) -> str:
    return provider.submit(provider.stage(provider.prepare(request)), attempt_id="attempt-1").remote_id


def named(value: object) -> str | None:
    """Test ids of the rules."""
    return "-".join(str(item) for item in value.values()) if isinstance(value, dict) else None


def answer(status: int, kind: str = "api_error", **more: object) -> dict:
    return {"do": "answer", "status": status, "type": kind, **more}


# prepare


def test_prepare_names_pictures_by_digest_and_everything_else_as_it_will_be_sent(ltx: Ltx, make_picture: MakePicture) -> None:
    start, end = make_picture(1920, 1080, "teal"), make_picture(1920, 1080, "navy")
    prepared = ltx.prepare(replace(REQUEST, start_image=start, end_image=end, audio=True))
    assert prepared.mechanism == "image-to-video"
    assert dict(prepared.body) == {
        "prompt": "a wet street at night",
        "model": "ltx-2-3-fast",
        "duration": 6,
        "resolution": "1920x1080",
        "fps": 24,
        "generate_audio": True,
        "image_uri": f"sha256:{start.sha256}",
        "last_frame_uri": f"sha256:{end.sha256}",
    }
    assert prepared.notes == ()


def test_prepare_sends_and_reads_nothing(ltx: Ltx, vendor: StandIn) -> None:
    ltx.prepare(replace(REQUEST, start_image=NOWHERE))
    assert vendor.counts() == {}


def test_prepare_says_what_it_changed_to_fit_the_model(ltx: Ltx) -> None:
    small = replace(NOWHERE, width=640, height=360)
    prepared = ltx.prepare(replace(REQUEST, seconds=6.5, fps=30, seed=7, start_image=small))
    assert (prepared.body["duration"], prepared.body["fps"]) == (8, 25)
    assert prepared.notes == (
        "LTX 2.3 fast makes no clip of 6.5 seconds: this one will have 8.",
        "LTX 2.3 fast does not make 30 frames a second: this clip will have 25.",
        "LTX takes no seed: the same request gives another clip each time.",
        "The picture of 640x360 is scaled to fill 1920x1080; what stands over is cut off evenly.",
    )


@pytest.mark.parametrize(
    ("model", "seconds", "size", "micros"),
    [
        ("ltx-2-3-fast", 6, (1920, 1080), 360_000),
        ("ltx-2-3-fast", 6.5, (1080, 1920), 480_000),
        ("ltx-2-3-pro", 10, (3840, 2160), 3_200_000),
    ],
)
def test_prepare_prices_the_length_that_will_be_made(
    ltx: Ltx, model: str, seconds: float, size: tuple[int, int], micros: int
) -> None:
    request = replace(REQUEST, model=model, seconds=seconds, width=size[0], height=size[1])
    assert ltx.prepare(request).price_ceiling_micros == micros


def test_prepare_gives_the_digest_of_the_request_alone(ltx: Ltx, vendor: StandIn) -> None:
    elsewhere = Ltx("another-key", "https://api.ltx.video")
    assert ltx.prepare(REQUEST).sha256 == elsewhere.prepare(replace(REQUEST, seed=3)).sha256
    canonical = (
        '{"body":{"duration":6,"fps":24,"generate_audio":false,"model":"ltx-2-3-fast","prompt":"a wet street at night",'
        '"resolution":"1920x1080"},"endpoint":"text-to-video"}'
    )
    assert ltx.prepare(REQUEST).sha256 == hashlib.sha256(canonical.encode()).hexdigest()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"references": (Reference(NOWHERE, 0.5),)}, UnsupportedCapability),
        ({"end_image": NOWHERE}, UnsupportedCapability),
        ({"seconds": 21}, InvalidRequest),
        ({"seconds": 0}, InvalidRequest),
        ({"seconds": float("nan")}, InvalidRequest),
        ({"width": 1280, "height": 720}, InvalidRequest),
        ({"prompt": "x" * 5001}, InvalidRequest),
        ({"prompt": " \n"}, InvalidRequest),
        ({"model": "animatic"}, InvalidRequest),
        ({"model": "ltx-1"}, InvalidRequest),
    ],
    ids=lambda value: str(value)[:40],
)
def test_prepare_refuses_here_what_the_vendor_cannot(ltx: Ltx, vendor: StandIn, change: dict, error: type[ProviderError]) -> None:
    with pytest.raises(ProviderError) as caught:
        ltx.prepare(replace(REQUEST, **change))
    assert type(caught.value) is error
    assert vendor.counts() == {}


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "schlüssel"])
def test_a_key_that_cannot_be_sent_is_refused_at_once(key: str) -> None:
    with pytest.raises(AuthError):
        Ltx(key)


@pytest.mark.parametrize("base_url", ["http://api.ltx.video", "ftp://127.0.0.1", "http://10.0.0.1:8000"])
def test_an_address_without_tls_is_refused_at_once(base_url: str) -> None:
    with pytest.raises(InvalidRequest):
        Ltx(CANARY, base_url)


# stage


def test_stage_uploads_pictures_at_the_size_of_the_clip(ltx: Ltx, vendor: StandIn, make_picture: MakePicture) -> None:
    request = replace(REQUEST, start_image=make_picture(640, 360), end_image=make_picture(1920, 1080, "navy"))
    staged = ltx.stage(ltx.prepare(request))
    assert set(staged.uris) == {request.start_image.sha256, request.end_image.sha256}
    assert list(vendor.uploads().values())[-2:] == [[1920, 1080], [1920, 1080]]
    assert ltx.submit(staged, attempt_id="a").remote_id.startswith("image-to-video/")


def test_stage_uploads_one_picture_once(ltx: Ltx, vendor: StandIn, make_picture: MakePicture) -> None:
    picture = make_picture()
    ltx.stage(ltx.prepare(replace(REQUEST, start_image=picture, end_image=picture)))
    assert vendor.counts() == {"POST /v1/upload": 1, "PUT /_storage": 1}


def test_stage_without_pictures_asks_nothing(ltx: Ltx, vendor: StandIn) -> None:
    assert ltx.stage(ltx.prepare(REQUEST)).uris == {}
    assert vendor.counts() == {}


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ({"upload": answer(401, "authentication_error")}, AuthError),
        ({"upload": answer(402, "insufficient_funds_error")}, QuotaExhausted),
        ({"upload": answer(429, "rate_limit_error")}, RateLimited),
        ({"upload": answer(404, "not_found_error")}, Transient),
        ({"upload": answer(500)}, Transient),
        ({"upload": answer(503, "overloaded_error")}, RateLimited),
        ({"upload": {"do": "cut"}}, Transient),
        ({"upload": {"do": "garbage"}}, Transient),
        ({"upload": {"do": "huge"}}, Transient),
        ({"upload": {"do": "redirect", "to": "/v1/upload"}}, Transient),
        ({"upload": {"do": "url", "url": "file:///etc/passwd"}}, AddressRefused),
        ({"upload": {"do": "url", "url": "http://10.0.0.1/a"}}, AddressRefused),
        ({"upload": {"do": "url", "url": None}}, AddressRefused),
        ({"upload": {"do": "headers", "headers": {"Authorization": "Bearer x"}}}, Transient),
        ({"upload": {"do": "headers", "headers": {"x-a": "b\r\nhost: c"}}}, Transient),
        ({"upload": {"do": "headers", "headers": None}}, Transient),
        ({"upload": {"do": "storage-uri", "uri": "no uri"}}, Transient),
        ({"upload": {"do": "storage-uri", "uri": None}}, Transient),
        ({"put": answer(403)}, Transient),
        ({"put": answer(500)}, Transient),
        ({"put": answer(429)}, RateLimited),
        ({"put": {"do": "redirect", "to": "/_storage/abc?signature=abc"}}, Transient),
        ({"put": {"do": "cut"}}, Transient),
    ],
    ids=lambda value: str(value)[:70],
)
def test_stage_tells_each_failure_apart(
    ltx: Ltx, vendor: StandIn, make_picture: MakePicture, script: dict, error: type[ProviderError]
) -> None:
    vendor.script(clip=CLIP, **script)
    if "cut" in str(script.get("put")):
        ltx = Ltx(CANARY, vendor.base_url, read_seconds=0.3)
    with pytest.raises(ProviderError) as caught:
        ltx.stage(ltx.prepare(replace(REQUEST, start_image=make_picture(1920, 1080))))
    assert type(caught.value) is error
    assert vendor.counts()["PUT /_storage"] == ("put" in script)


def test_stage_sends_the_headers_that_the_vendor_requires(ltx: Ltx, vendor: StandIn, make_picture: MakePicture) -> None:
    """The stand-in's storage refuses an upload without them, whoever left them out."""
    vendor.script(upload={"do": "headers", "headers": {}})
    with pytest.raises(Transient):
        ltx.stage(ltx.prepare(replace(REQUEST, start_image=make_picture(1920, 1080))))
    assert vendor.counts()["PUT /_storage"] == 1


# submit


def test_submit_posts_exactly_what_was_prepared(ltx: Ltx, vendor: StandIn) -> None:
    prepared = ltx.prepare(REQUEST)
    ltx.submit(ltx.stage(prepared), attempt_id="attempt-1")
    assert [json.loads(row["body"]) for row in vendor.rows()] == [dict(prepared.body)]


TAKEN = [
    (answer(500, accept=True), SubmitUnknown),
    ({"do": "hang"}, SubmitUnknown),
    ({"do": "cut"}, SubmitUnknown),
    ({"do": "trickle"}, SubmitUnknown),
    ({"do": "garbage"}, SubmitUnknown),
    ({"do": "huge"}, SubmitUnknown),
    ({"do": "without-id"}, SubmitUnknown),
    ({"do": "id", "id": ""}, SubmitUnknown),
    ({"do": "id", "id": 7}, SubmitUnknown),
    ({"do": "id", "id": "abc", "status": 500}, SubmitUnknown),
    ({"do": "id", "id": "../../v1/upload"}, SubmitUnknown),
    ({"do": "id", "id": "a?b=c"}, SubmitUnknown),
    ({"do": "id", "id": "x" * 200}, SubmitUnknown),
    ({"do": "redirect", "to": "/v2/text-to-video"}, SubmitUnknown),
    ({"do": "redirect", "to": "/v2/text-to-video", "status": 303}, SubmitUnknown),
    (answer(502, accept=True), SubmitUnknown),
    (answer(503, "service_unavailable", accept=True), SubmitUnknown),
    (answer(504, accept=True), SubmitUnknown),
    (answer(529, "api_error", accept=True), SubmitUnknown),
    (answer(500, "overloaded_error", accept=True), SubmitUnknown),
    (answer(500, "content_filtered_error", accept=True), SubmitUnknown),
    (answer(408, accept=True), SubmitUnknown),
    (answer(409, accept=True), SubmitUnknown),
]
REFUSED = [
    (answer(400, "invalid_request_error"), InvalidRequest),
    (answer(400, "content_filtered_error"), ContentRefused),
    (answer(401, "authentication_error"), AuthError),
    (answer(402, "insufficient_funds_error"), QuotaExhausted),
    (answer(403, "permission_error"), AuthError),
    (answer(404, "not_found_error"), ModelRetired),
    (answer(410, "gone"), ModelRetired),
    (answer(413, "request_too_large"), InvalidRequest),
    (answer(418, "teapot"), InvalidRequest),
    (answer(422, "content_filtered_error"), ContentRefused),
    (answer(422, "something_new"), ContentRefused),
    (answer(422, "invalid_request_error"), InvalidRequest),
    (answer(429, "rate_limit_error"), RateLimited),
    (answer(429, "concurrency_limit_error"), RateLimited),
    (answer(429, "insufficient_funds_error"), QuotaExhausted),
    (answer(503, "overloaded_error"), RateLimited),
    (answer(529, "overloaded"), RateLimited),
]


@pytest.mark.parametrize(("rule", "error"), TAKEN, ids=named)
def test_submit_does_not_know_what_became_of_a_lost_answer(vendor: StandIn, rule: dict, error: type[ProviderError]) -> None:
    vendor.script(submit=rule)
    impatient = Ltx(CANARY, vendor.base_url, read_seconds=0.4, total_seconds=0.8)
    before = len(vendor.jobs())
    with pytest.raises(ProviderError) as caught:
        submit(impatient)
    assert type(caught.value) is error
    assert not caught.value.retryable
    assert (vendor.posts(), len(vendor.jobs()) - before) == (1, 1)


@pytest.mark.parametrize(("rule", "error"), REFUSED, ids=named)
def test_submit_tells_each_refusal_apart(ltx: Ltx, vendor: StandIn, rule: dict, error: type[ProviderError]) -> None:
    vendor.script(submit=rule)
    before = len(vendor.jobs())
    with pytest.raises(ProviderError) as caught:
        submit(ltx)
    assert type(caught.value) is error
    assert (vendor.posts(), len(vendor.jobs()) - before) == (1, 0)


@pytest.mark.parametrize(("value", "seconds"), [("7", 7.0), ("Fri, 20 Nov 2020 12:00:00 GMT", 0.0), ("later", None)])
def test_submit_passes_on_how_long_to_wait(ltx: Ltx, vendor: StandIn, value: str, seconds: float | None) -> None:
    vendor.script(submit=answer(429, "rate_limit_error", headers={"Retry-After": value}))
    with pytest.raises(RateLimited) as caught:
        submit(ltx)
    assert caught.value.retry_after_seconds == seconds


def test_submit_over_the_concurrency_limit_is_told_to_wait(ltx: Ltx, vendor: StandIn) -> None:
    vendor.script(concurrency=0)
    with pytest.raises(RateLimited):
        submit(ltx)
    assert vendor.posts() == 1


def test_submit_waits_for_a_slow_answer(ltx: Ltx, vendor: StandIn) -> None:
    vendor.script(submit={"delay": 0.3})
    assert submit(ltx).startswith("text-to-video/")
    assert vendor.posts() == 1


def test_submit_without_a_connection_has_sent_nothing() -> None:
    with pytest.raises(Unreachable):
        submit(Ltx(CANARY, "http://127.0.0.1:1"))


def test_submit_without_a_handshake_has_sent_nothing(vendor: StandIn) -> None:
    with pytest.raises(Unreachable):
        submit(Ltx(CANARY, vendor.base_url.replace("http:", "https:")))
    assert vendor.posts() == 0


def test_submit_cut_while_it_is_sent_is_unknown() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def take_and_drop() -> None:
            connection, _ = listener.accept()
            connection.recv(10)
            connection.close()

        thread = threading.Thread(target=take_and_drop)
        thread.start()
        with pytest.raises(SubmitUnknown):
            submit(Ltx(CANARY, f"http://127.0.0.1:{listener.getsockname()[1]}"))
        thread.join()


def test_submit_refuses_a_picture_that_was_not_staged(ltx: Ltx, vendor: StandIn) -> None:
    staged = ltx.stage(ltx.prepare(REQUEST))
    with_picture = replace(staged, prepared=ltx.prepare(replace(REQUEST, start_image=NOWHERE)))
    with pytest.raises(InvalidRequest):
        ltx.submit(with_picture, attempt_id="a")
    assert vendor.posts() == 0


# poll


def test_poll_follows_the_life_cycle_and_stays_at_its_end(ltx: Ltx) -> None:
    remote_id = submit(ltx)
    states = [ltx.poll(remote_id).state for _ in range(5)]
    assert states == [RemoteState.QUEUED, RemoteState.RUNNING, *[RemoteState.SUCCEEDED] * 3]


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        (answer(401, "authentication_error"), AuthError),
        (answer(403, "permission_error"), AuthError),
        (answer(404, "not_found_error"), OutputExpired),
        (answer(410, "gone"), OutputExpired),
        (answer(429, "rate_limit_error"), RateLimited),
        (answer(503, "overloaded_error"), RateLimited),
        (answer(400, "invalid_request_error"), Transient),
        (answer(402, "insufficient_funds_error"), Transient),
        (answer(500), Transient),
        (answer(503), Transient),
        ({"do": "hang"}, Transient),
        ({"do": "cut"}, Transient),
        ({"do": "trickle"}, Transient),
        ({"do": "garbage"}, Transient),
        ({"do": "huge"}, Transient),
        ({"do": "redirect", "to": "/v2/text-to-video/abc"}, Transient),
        ({"do": "state", "status": "paused"}, Transient),
        ({"do": "state", "status": None}, Transient),
        ({"do": "id", "id": "another"}, Transient),
        ({"do": "id", "id": None}, Transient),
    ],
    ids=named,
)
def test_poll_tells_each_failure_to_ask_apart(ltx: Ltx, vendor: StandIn, rule: dict, error: type[ProviderError]) -> None:
    remote_id = submit(ltx)
    vendor.script(poll=rule)
    impatient = Ltx(CANARY, vendor.base_url, read_seconds=0.4, total_seconds=0.8)
    with pytest.raises(ProviderError) as caught:
        impatient.poll(remote_id)
    assert type(caught.value) is error
    assert (vendor.posts(), vendor.counts()["GET /v2/{endpoint}/{id}"]) == (1, 1)


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ({"do": "failed", "type": "api_error"}, RemoteFailed),
        ({"do": "failed", "type": "content_filtered_error"}, ContentRefused),
        ({"do": "failed", "type": "insufficient_funds_error"}, QuotaExhausted),
        ({"do": "failed", "type": "invalid_request_error"}, InvalidRequest),
        ({"do": "failed", "type": "rate_limit_error"}, RemoteFailed),
        ({"do": "failed", "type": ["x"]}, RemoteFailed),
        ({"do": "without-output"}, RemoteFailed),
        ({"do": "url", "url": None}, RemoteFailed),
        ({"do": "url", "url": ""}, RemoteFailed),
    ],
    ids=named,
)
def test_poll_reports_a_job_that_failed(ltx: Ltx, vendor: StandIn, rule: dict, error: type[ProviderError]) -> None:
    remote_id = submit(ltx)
    vendor.script(poll=rule)
    status = ltx.poll(remote_id)
    assert (status.state, type(status.error)) == (RemoteState.FAILED, error)
    assert status.error.raw
    with pytest.raises(error):
        ltx.download(remote_id, BytesIO(), max_bytes=10**7)


def test_poll_of_the_wrong_endpoint_finds_nothing(ltx: Ltx, vendor: StandIn) -> None:
    remote_id = submit(ltx)
    with pytest.raises(OutputExpired):
        ltx.poll(remote_id.replace("text-", "image-"))


@pytest.mark.parametrize(
    "remote_id",
    [
        "",
        "abc",
        "retake/abc",
        "text-to-video/",
        "text-to-video/..",
        "text-to-video/a/b",
        "text-to-video/a?b",
        "text-to-video/a\n",
    ],
)
def test_poll_refuses_an_id_that_is_no_job_of_ltx(ltx: Ltx, vendor: StandIn, remote_id: str) -> None:
    with pytest.raises(InvalidRequest, match="is no job of LTX"):
        ltx.poll(remote_id)
    assert vendor.counts() == {}


def test_poll_without_a_connection_may_be_repeated() -> None:
    with pytest.raises(Unreachable):
        Ltx(CANARY, "http://127.0.0.1:1").poll("text-to-video/abc")


# download


def test_download_asks_for_a_fresh_address_and_writes_the_clip(ltx: Ltx, vendor: StandIn) -> None:
    vendor.script(polls=0, clip=CLIP)
    remote_id = submit(ltx)
    for _ in range(2):
        sink = BytesIO()
        ltx.download(remote_id, sink, max_bytes=10**7)
        assert sink.getvalue() == clip_bytes(ClipSize(160, 90, 1, 24))
    signed = [row["path"] for row in vendor.rows() if row["route"] == "GET /_output"]
    assert len(set(signed)) == 2


def test_download_of_an_unfinished_clip_may_be_repeated(ltx: Ltx) -> None:
    with pytest.raises(Transient, match="still making"):
        ltx.download(submit(ltx), BytesIO(), max_bytes=10**7)


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ({"poll": answer(404, "not_found_error")}, OutputExpired),
        ({"poll": {"do": "url", "url": "http://10.0.0.1/a.mp4"}}, AddressRefused),
        ({"poll": {"do": "url", "url": "http://169.254.169.254/latest/meta-data/"}}, AddressRefused),
        ({"poll": {"do": "url", "url": "file:///etc/passwd"}}, AddressRefused),
        ({"poll": {"do": "url", "url": 7}}, AddressRefused),
        ({"download": answer(403)}, OutputExpired),
        ({"download": answer(500)}, Transient),
        ({"download": answer(429)}, RateLimited),
        ({"download": {"do": "redirect", "to": "http://10.0.0.1/a.mp4"}}, OutputInvalid),
        ({"download": {"do": "type", "type": "text/html"}}, OutputInvalid),
        ({"download": {"do": "page"}}, OutputInvalid),
        ({"download": {"do": "truncated"}}, OutputInvalid),
        ({"download": {"do": "cut"}}, Transient),
        ({"download": {"do": "hang"}}, Transient),
        ({"download": {"do": "drip"}}, Transient),
        ({"download": {"do": "endless"}}, OutputInvalid),
    ],
    ids=lambda value: str(value)[:70],
)
def test_download_tells_each_failure_apart(ltx: Ltx, vendor: StandIn, script: dict, error: type[ProviderError]) -> None:
    remote_id = submit(ltx)
    vendor.script(polls=0, clip=CLIP, **script)
    impatient = Ltx(CANARY, vendor.base_url, read_seconds=0.4, total_seconds=0.8)
    with pytest.raises(ProviderError) as caught:
        impatient.download(remote_id, BytesIO(), max_bytes=10**6)
    assert type(caught.value) is error
    assert vendor.posts() == 1


def test_cancel_and_reconcile_say_that_the_vendor_cannot(ltx: Ltx, vendor: StandIn) -> None:
    assert ltx.cancel("text-to-video/abc") is False
    assert ltx.reconcile("attempt-1", request_sha256="ab" * 32) is None
    assert vendor.counts() == {}


# the key


@pytest.mark.parametrize(
    "rule", [answer(401, "authentication_error"), answer(400, "invalid_request_error"), answer(500)], ids=named
)
@pytest.mark.parametrize("step", ["upload", "submit", "poll"])
def test_the_key_is_in_no_error_even_when_the_vendor_echoes_it(
    ltx: Ltx, vendor: StandIn, make_picture: MakePicture, step: str, rule: dict
) -> None:
    staged = ltx.stage(ltx.prepare(replace(REQUEST, start_image=make_picture(1920, 1080))))
    remote_id = ltx.submit(staged, attempt_id="a").remote_id
    vendor.script(**{step: rule})
    calls = {
        "upload": lambda: ltx.stage(staged.prepared),
        "submit": lambda: ltx.submit(staged, attempt_id="a"),
        "poll": lambda: ltx.poll(remote_id),
    }
    with pytest.raises(ProviderError) as caught:
        calls[step]()
    assert "As the script says Bearer [key]" in caught.value.raw
    told = (
        "".join(traceback.format_exception(caught.value))
        + caught.value.raw
        + repr(vars(caught.value))
        + repr(ltx)
        + repr(vars(ltx))
    )
    assert CANARY not in told


def test_the_key_goes_to_the_vendors_api_only(ltx: Ltx, vendor: StandIn, make_picture: MakePicture) -> None:
    """The stand-in's storage refuses every request that carries a key, so a whole round proves that none did."""
    vendor.script(polls=0, clip=CLIP)
    remote_id = submit(ltx, replace(REQUEST, start_image=make_picture()))
    ltx.download(remote_id, BytesIO(), max_bytes=10**7)
    assert vendor.counts() == {
        "POST /v1/upload": 1,
        "PUT /_storage": 1,
        "POST /v2/image-to-video": 1,
        "GET /v2/{endpoint}/{id}": 1,
        "GET /_output": 1,
    }
