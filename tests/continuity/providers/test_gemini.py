"""Gemini's own ways: what is sent, what its old library would do by itself, and its words for errors."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from continuity.providers.base import (
    AuthError,
    ContentRefused,
    ImageFile,
    InvalidRequest,
    OutputInvalid,
    QuotaExhausted,
    RateLimited,
)
from continuity.providers.gemini import GeminiVision
from continuity.vision.cut_differences import differences_schema
from continuity.vision.word_reading import words_schema
from tests.contracts.vision_table import GOOD, frame_picture
from tests.environment import ROOT, clean_environment
from tests.stand_ins.gemini import DESCRIPTIONS, gemini_stand_in, json_schema, with_named_types
from tests.stand_ins.vision_server import VisionStandIn
from tests.test_architecture import product_files


@pytest.fixture
def vendor() -> Iterator[VisionStandIn]:
    with gemini_stand_in() as running:
        yield running


@pytest.fixture
def picture(tmp_path: Path) -> Iterator[ImageFile]:
    with frame_picture(tmp_path, width=320, height=180) as made:
        yield made


def ask(vendor: VisionStandIn, picture: ImageFile, schema: dict | None = None):
    vision = GeminiVision(vendor.api_key, vendor.base_url, model="gemini-3.8-flash")
    return vision.analyse([picture], instruction="Look.", schema=schema or words_schema())


@pytest.mark.parametrize("schema", [words_schema(), differences_schema()], ids=["words", "differences"])
@pytest.mark.parametrize("who", DESCRIPTIONS)
def test_every_body_that_is_sent_fits_the_description(vendor: VisionStandIn, picture: ImageFile, schema: dict, who: str) -> None:
    ask(vendor, picture, schema)

    (body,) = vendor.bodies()
    DESCRIPTIONS[who]["request"].validate(with_named_types(body))
    assert body["generationConfig"]["maxOutputTokens"] == 8192


def test_types_enums_and_nulls_of_the_schema_are_sent(vendor: VisionStandIn, picture: ImageFile) -> None:
    ask(vendor, picture)

    (body,) = vendor.bodies()
    sent = json_schema(body["generationConfig"]["responseSchema"])
    weather = {"type": ["string", "null"], "enum": ["clear", "cloudy", "rainy", "foggy", "snowy", "stormy", None]}
    assert sent["properties"]["atmosphere"]["properties"]["weather"] == weather
    assert sent["properties"]["atmosphere"]["properties"]["elements"] == {"type": "array", "items": {"type": "string"}}


@pytest.mark.parametrize("status", [401, 503])
def test_a_refused_question_is_sent_once_although_the_library_repeats(
    vendor: VisionStandIn, picture: ImageFile, status: int
) -> None:
    vendor.script("status", status=status)

    with pytest.raises(Exception, match="Gemini"):
        ask(vendor, picture)

    assert vendor.posts() == 1


def test_thinking_is_billed_and_is_no_part_of_the_answer(vendor: VisionStandIn, picture: ImageFile) -> None:
    parts = [{"text": "Let me think {", "thought": True}, {"text": json.dumps(GOOD)[:40]}, {"text": json.dumps(GOOD)[40:]}]
    usage = {"promptTokenCount": 1000, "candidatesTokenCount": 100, "thoughtsTokenCount": 900, "totalTokenCount": 2000}
    candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}
    vendor.script("body", body={"candidates": [candidate], "usageMetadata": usage})

    answer = ask(vendor, picture)

    assert answer.data == GOOD
    assert answer.cost_micros == 750 + 3750


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("SAFETY", ContentRefused),
        (3, ContentRefused),
        ("IMAGE_PROHIBITED_CONTENT", ContentRefused),
        ("ESCALATION", ContentRefused),
        ("LANGUAGE", OutputInvalid),
        ("A_REASON_STILL_TO_COME", OutputInvalid),
        (77, OutputInvalid),
        (0, OutputInvalid),
    ],
)
def test_reasons_by_name_and_number_known_or_new(
    vendor: VisionStandIn, picture: ImageFile, reason: str | int, error: type[Exception]
) -> None:
    vendor.script("finish", reason=reason)

    with pytest.raises(error):
        ask(vendor, picture)


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ({"status": 400, "message": "API key", "details": [{"reason": "API_KEY_INVALID"}]}, AuthError),
        ({"status": 400, "details": [{"reason": "OTHER"}, 7]}, InvalidRequest),
        ({"status": 429, "details": "none"}, RateLimited),
        ({"status": 429, "message": "Your prepayment credits are depleted."}, QuotaExhausted),
        ({"status": 429, "message": "credits", "details": [{"retryDelay": "3s"}]}, RateLimited),
    ],
)
def test_details_of_an_error_say_more_than_its_status(
    vendor: VisionStandIn, picture: ImageFile, rule: dict, error: type[Exception]
) -> None:
    vendor.script("status", **rule)

    with pytest.raises(error) as caught:
        ask(vendor, picture)

    assert type(caught.value) is error


def test_fields_of_the_wrong_kind_are_an_invalid_answer(vendor: VisionStandIn, picture: ImageFile) -> None:
    vendor.script("body", body={"candidates": "none", "usageMetadata": {"totalTokenCount": []}})

    with pytest.raises(OutputInvalid, match="a form that it never announced"):
        ask(vendor, picture)


def test_a_model_of_another_vendor_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="not a model of Gemini"):
        GeminiVision("key", model="gpt-6-luna")


def test_the_old_library_is_imported_by_one_module_only() -> None:
    imports = re.compile(r"\bgoogle\.(generativeai|ai|auth|api_core|protobuf)\b")
    found = [str(path) for path in product_files() if imports.search((ROOT / path).read_text(encoding="utf-8"))]

    assert found == ["continuity/providers/gemini.py"]


def test_import_of_the_old_library_warns_of_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import continuity.providers.gemini"], cwd=ROOT, capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")


HEAVY = """
import sys, django
django.setup()
import continuity.providers.registry, continuity.vision.words, continuity.vision.word_comparison
import continuity.vision.cut_differences
heavy = {"openai", "google.generativeai", "google.auth", "grpc", "requests", "httpx", "httpx2"}
print(sorted(heavy & set(sys.modules)))
"""


def test_no_vendors_library_is_imported_before_it_is_needed(tmp_path: Path) -> None:
    environment = clean_environment(local_dir=tmp_path)

    done = subprocess.run([sys.executable, "-c", HEAVY], cwd=ROOT, capture_output=True, text=True, env=environment)

    assert (done.stdout, done.stderr) == ("[]\n", "")
