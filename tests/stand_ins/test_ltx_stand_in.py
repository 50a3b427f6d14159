"""The stand-in must be hard to please: a body or header that the vendor would refuse must be refused here too."""

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from jsonschema_rs import Draft202012Validator
from PIL import Image

from continuity.providers.base import ImageFile, VideoRequest
from continuity.providers.ltx import Ltx
from tests.stand_ins.clips import ClipSize, clip_bytes
from tests.stand_ins.ltx import KEY, StandIn, journal_counts, journal_rows, ltx_stand_in
from tests.stand_ins.ltx_handler import UPLOAD_HEADERS
from tests.stand_ins.ltx_schemas import ANSWERS, SCHEMAS

OFFICIAL = Path(__file__).resolve().parents[3] / "shared" / "specs" / "ltx.openapi.json"
GOOD = {
    "prompt": "a wet street",
    "model": "ltx-2-3-fast",
    "duration": 6,
    "resolution": "1920x1080",
    "fps": 24,
    "generate_audio": False,
}
HEADERS = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
MISSING = "(missing)"  # a constant word, so that the ids of tests are the same in every process


@pytest.fixture(scope="module")
def server() -> Iterator[StandIn]:
    with ltx_stand_in() as stand_in:
        yield stand_in


@pytest.fixture
def vendor(server: StandIn) -> Iterator[StandIn]:
    server.journal.unlink(missing_ok=True)
    server.script(clip={"width": 160, "height": 90, "seconds": 1, "fps": 24})
    yield server
    server.script()


@pytest.fixture
def call(vendor: StandIn) -> Iterator[Callable[..., httpx.Response]]:
    with httpx.Client(base_url=vendor.base_url, trust_env=False) as client:
        yield client.request


def without(data: dict, *names: str) -> dict:
    return {name: value for name, value in data.items() if name not in names and value is not MISSING}


def png(width: int, height: int) -> bytes:
    sink = BytesIO()
    Image.new("RGB", (width, height), "teal").save(sink, "PNG")
    return sink.getvalue()


def uploaded(call: Callable[..., httpx.Response], *, width: int = 1920, height: int = 1080) -> str:
    """The storage URI of a picture that the stand-in has."""
    target = call("POST", "/v1/upload", headers={"authorization": f"Bearer {KEY}"}).json()
    headers = target["required_headers"] | {"content-type": "image/png"}
    assert call("PUT", target["upload_url"], content=png(width, height), headers=headers).status_code == 200
    return str(target["storage_uri"])


def error_of(response: httpx.Response) -> tuple[int, str]:
    Draft202012Validator(ANSWERS["error"]).validate(response.json())
    return response.status_code, response.json()["error"]["type"]


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"fps": MISSING},
        {"generate_audio": MISSING},
        {"model": "ltx-2-3-pro", "resolution": "3840x2160", "fps": 50},
        {"duration": 20},
    ],
    ids=str,
)
def test_stand_in_takes_a_good_body(call: Callable[..., httpx.Response], vendor: StandIn, change: dict) -> None:
    before = len(vendor.jobs())
    response = call("POST", "/v2/text-to-video", json=without(GOOD | change), headers=HEADERS)
    assert (response.status_code, len(vendor.jobs()) - before) == (202, 1)


BROKEN = [
    *[{name: MISSING} for name in ("prompt", "model", "duration", "resolution")],
    *[{"prompt": value} for value in ("", "x" * 5001, 7, None, ["a"])],
    *[{"model": value} for value in ("ltx-2-fast", "ltx-2-3", "", None)],
    *[{"duration": value} for value in (5, 7, 22, 0, -6, 6.5, "6", None)],
    *[{"resolution": value} for value in ("1280x720", "1920×1080", "3840x2160", "", None, [1920, 1080])],
    *[{"fps": value} for value in (30, 50, 0, "24", 24.5)],
    *[{"generate_audio": value} for value in ("false", 0, None)],
    {"model": "ltx-2-3-pro", "duration": 12},
    {"seed": 7},
    {"negative_prompt": "blur"},
    {"image_uri": "ltx://uploads/abc"},
]


@pytest.mark.parametrize(
    "change", BROKEN, ids=lambda change: str({key: "missing" if v is MISSING else v for key, v in change.items()})[:60]
)
def test_stand_in_refuses_a_broken_body(call: Callable[..., httpx.Response], vendor: StandIn, change: dict) -> None:
    before = len(vendor.jobs())
    response = call("POST", "/v2/text-to-video", json=without(GOOD | change), headers=HEADERS)
    assert error_of(response) == (400, "invalid_request_error")
    assert len(vendor.jobs()) == before


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"text"', b"null", b"prompt=a"])
def test_stand_in_refuses_what_is_no_json_object(call: Callable[..., httpx.Response], content: bytes) -> None:
    assert error_of(call("POST", "/v2/text-to-video", content=content, headers=HEADERS)) == (400, "invalid_request_error")


@pytest.mark.parametrize(
    "change", [{"image_uri": MISSING}, {"image_uri": "data:image/png;base64,AAAA"}, {"image_uri": "https://a.example/a.png"}]
)
def test_stand_in_refuses_a_picture_that_is_not_uploaded(call: Callable[..., httpx.Response], change: dict) -> None:
    good = GOOD | {"image_uri": uploaded(call)}
    assert call("POST", "/v2/image-to-video", json=good, headers=HEADERS).status_code == 202
    for body in (
        without(good | change),
        good | {"last_frame_uri": "ltx://uploads/abc"},
        good | {"image_uri": "ltx://uploads/abc"},
    ):
        assert error_of(call("POST", "/v2/image-to-video", json=body, headers=HEADERS)) == (400, "invalid_request_error")


def test_stand_in_refuses_a_picture_of_another_size(call: Callable[..., httpx.Response]) -> None:
    body = GOOD | {"image_uri": uploaded(call, width=640, height=360)}
    assert error_of(call("POST", "/v2/image-to-video", json=body, headers=HEADERS)) == (400, "invalid_request_error")


@pytest.mark.parametrize(
    "authorization",
    [None, "", KEY, f"Basic {KEY}", "Bearer", "Bearer wrong", f"bearer {KEY}", f"Bearer {KEY} "],
)
@pytest.mark.parametrize("request_line", ["POST /v2/text-to-video", "POST /v1/upload", "GET /v2/text-to-video/abc"])
def test_stand_in_refuses_a_wrong_key(call: Callable[..., httpx.Response], authorization: str | None, request_line: str) -> None:
    method, path = request_line.split()
    headers = {} if authorization is None else {"authorization": authorization}
    if authorization == f"Bearer {KEY} ":
        headers["authorization"] = f"Bearer {KEY}, Bearer {KEY}"
    assert error_of(call(method, path, headers=headers)) == (401, "authentication_error")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"])
def test_stand_in_refuses_another_content_type(call: Callable[..., httpx.Response], content_type: str) -> None:
    response = call("POST", "/v2/text-to-video", content=json.dumps(GOOD), headers=HEADERS | {"content-type": content_type})
    assert error_of(response) == (400, "invalid_request_error")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v2/text-to-video", 404),
        ("PUT", "/v2/text-to-video", 404),
        ("DELETE", "/v2/text-to-video/abc", 404),
        ("POST", "/v1/text-to-video", 404),
        ("POST", "/v2/text-to-video/", 404),
        ("POST", "/v2/extend", 404),
        ("GET", "/v2/text-to-video/abc", 404),
        ("POST", "/v2/text-to-video?x=1", 404),
        ("GET", "/", 404),
    ],
)
def test_stand_in_has_no_other_paths(call: Callable[..., httpx.Response], method: str, path: str, status: int) -> None:
    assert error_of(call(method, path, headers=HEADERS)) == (status, "not_found_error")


def test_stand_in_refuses_a_body_at_upload(call: Callable[..., httpx.Response]) -> None:
    assert error_of(call("POST", "/v1/upload", json={}, headers=HEADERS)) == (400, "invalid_request_error")


@pytest.mark.parametrize(
    ("change", "content"),
    [
        ({"authorization": f"Bearer {KEY}"}, png(64, 36)),
        ({"x-note": KEY}, png(64, 36)),
        ({"x-goog-content-length-range": MISSING}, png(64, 36)),
        ({"x-goog-content-length-range": "0,1"}, png(64, 36)),
        ({"content-type": "image/jpeg"}, png(64, 36)),
        ({"content-type": MISSING}, png(64, 36)),
        ({}, b"no picture"),
        ({}, png(64, 36)[:60]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_stand_in_refuses_a_wrong_upload(call: Callable[..., httpx.Response], change: dict, content: bytes) -> None:
    url = call("POST", "/v1/upload", headers={"authorization": f"Bearer {KEY}"}).json()["upload_url"]
    headers = without(UPLOAD_HEADERS | {"content-type": "image/png"} | change)
    assert error_of(call("PUT", url, content=content, headers=headers)) == (400, "storage_error")


def test_stand_in_refuses_a_download_that_carries_the_key(call: Callable[..., httpx.Response], vendor: StandIn) -> None:
    vendor.script(polls=0, clip={"width": 160, "height": 90, "seconds": 1})
    job = call("POST", "/v2/text-to-video", json=GOOD, headers=HEADERS).json()["id"]
    url = call("GET", f"/v2/text-to-video/{job}", headers=HEADERS).json()["result"]["video_url"]
    assert error_of(call("GET", url, headers={"authorization": f"Bearer {KEY}"})) == (400, "storage_error")
    assert call("GET", url).content == clip_bytes(ClipSize(160, 90, 1, 24))
    assert error_of(call("GET", url.partition("?")[0])) == (404, "not_found_error")


@pytest.mark.parametrize(
    "script", [{"sumbit": {}}, {"submit": {"do": "explode"}}, {"put": {"do": "page"}}, {"poll": {"do": "drip"}}]
)
def test_stand_in_refuses_a_script_that_does_nothing(vendor: StandIn, script: dict) -> None:
    with pytest.raises(ValueError, match="a script has no"):
        vendor.script(**script)


def test_stand_in_misbehaves_as_often_as_the_script_says(call: Callable[..., httpx.Response], vendor: StandIn) -> None:
    vendor.script(submit={"do": "answer", "status": 500, "times": 2})
    statuses = [call("POST", "/v2/text-to-video", json=GOOD, headers=HEADERS).status_code for _ in range(4)]
    assert statuses == [500, 500, 202, 202]
    assert vendor.counts() == {"POST /v2/text-to-video": 4}


def test_stand_in_as_a_process_leaves_its_journal_behind(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    with ltx_stand_in(journal=journal, process=True) as vendor:
        httpx.post(f"{vendor.base_url}/v2/text-to-video", json=GOOD, headers=HEADERS, trust_env=False)
        httpx.post(f"{vendor.base_url}/v1/upload", headers=HEADERS, trust_env=False)
        assert [job["endpoint"] for job in vendor.jobs()] == ["text-to-video"]
    assert journal_counts(journal) == {"POST /v2/text-to-video": 1, "POST /v1/upload": 1}
    assert json.loads(journal_rows(journal)[0]["body"]) == GOOD


def test_stand_in_makes_a_clip_of_the_length_and_size_asked_for(vendor: StandIn, call: Callable[..., httpx.Response]) -> None:
    vendor.script(polls=0)
    job = call("POST", "/v2/text-to-video", json=GOOD, headers=HEADERS).json()["id"]
    url = call("GET", f"/v2/text-to-video/{job}", headers=HEADERS).json()["result"]["video_url"]
    assert call("GET", url, timeout=60).content == clip_bytes(ClipSize(1920, 1080, 6, 24))


# The same conversation against every description there is: our own, and the vendor's where its file lies beside the checkout.

OFFICIAL_NAMES = {
    "error": "Error",
    "created": "V2JobCreatedResponse",
    "upload": "UploadResponse",
    "status": "V2JobStatusResponse",
    "text-to-video": "TextToVideoRequest",
    "image-to-video": "ImageToVideoRequest",
}


def official_schemas(path: Path) -> dict:
    """The vendor's schemas under our names; open objects, so unknown fields are checked by our own only."""
    components = json.loads(path.read_text(encoding="utf-8"))["components"]
    return {name: {"$ref": f"#/components/schemas/{theirs}", "components": components} for name, theirs in OFFICIAL_NAMES.items()}


DESCRIPTIONS = {"ours": ANSWERS | SCHEMAS} | ({"official": official_schemas(OFFICIAL)} if OFFICIAL.exists() else {})


@pytest.mark.parametrize("description", DESCRIPTIONS.values(), ids=DESCRIPTIONS.keys())
def test_every_answer_of_the_stand_in_fits_the_description(
    call: Callable[..., httpx.Response], vendor: StandIn, description: dict
) -> None:
    def check(name: str, response: httpx.Response) -> dict:
        Draft202012Validator(description[name], validate_formats=True).validate(response.json())
        return dict(response.json())

    check("upload", call("POST", "/v1/upload", headers=HEADERS))
    job = check("created", call("POST", "/v2/text-to-video", json=GOOD, headers=HEADERS))["id"]
    states = [check("status", call("GET", f"/v2/text-to-video/{job}", headers=HEADERS))["status"] for _ in range(3)]
    vendor.script(poll={"do": "failed"})
    states.append(check("status", call("GET", f"/v2/text-to-video/{job}", headers=HEADERS))["status"])
    assert states == ["pending", "processing", "completed", "failed"]
    for headers, path in ((HEADERS, "/v2/text-to-video"), ({}, "/v2/text-to-video"), (HEADERS, "/nowhere")):
        check("error", call("POST", path, json={}, headers=headers))


@pytest.mark.parametrize("description", DESCRIPTIONS.values(), ids=DESCRIPTIONS.keys())
@pytest.mark.parametrize("model", ["ltx-2-3-fast", "ltx-2-3-pro"])
def test_every_body_that_the_provider_sends_fits_the_description(
    vendor: StandIn, tmp_path: Path, description: dict, model: str
) -> None:
    import hashlib

    picture = tmp_path / "a.png"
    picture.write_bytes(png(1920, 1080))
    image = ImageFile(picture, hashlib.sha256(picture.read_bytes()).hexdigest(), 1920, 1080)
    ltx = Ltx(KEY, vendor.base_url)
    for pictures in ({}, {"start_image": image}, {"start_image": image, "end_image": image}):
        request = VideoRequest(model=model, prompt="a", seconds=7, width=1920, height=1080, fps=24, **pictures)
        ltx.submit(ltx.stage(ltx.prepare(request)), attempt_id="a")
    bodies = [
        (row["route"].rpartition("/")[2], json.loads(row["body"]))
        for row in vendor.rows()
        if row["route"].startswith("POST /v2/")
    ]
    assert [endpoint for endpoint, _ in bodies] == ["text-to-video", "image-to-video", "image-to-video"]
    for endpoint, body in bodies:
        Draft202012Validator(description[endpoint]).validate(body)
