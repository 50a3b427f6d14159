"""OpenAI's own ways: what is sent, and its words for errors."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from continuity.providers.base import ContentRefused, ImageFile, InvalidRequest, ModelRetired, ProviderError, RateLimited
from continuity.providers.openai import OpenAiVision
from continuity.vision.cut_differences import differences_schema
from continuity.vision.word_reading import words_schema
from tests.contracts.vision_table import frame_picture
from tests.stand_ins.openai import DESCRIPTIONS, openai_stand_in, strict_fault
from tests.stand_ins.vision_server import VisionStandIn


@pytest.fixture
def vendor() -> Iterator[VisionStandIn]:
    with openai_stand_in() as running:
        yield running


@pytest.fixture
def picture(tmp_path: Path) -> Iterator[ImageFile]:
    with frame_picture(tmp_path, width=320, height=180) as made:
        yield made


def vision(vendor: VisionStandIn) -> OpenAiVision:
    return OpenAiVision(vendor.api_key, vendor.base_url, model="gpt-6-luna")


@pytest.mark.parametrize("schema", [words_schema(), differences_schema()], ids=["words", "differences"])
@pytest.mark.parametrize("who", DESCRIPTIONS)
def test_every_body_that_is_sent_fits_the_description(vendor: VisionStandIn, picture: ImageFile, schema: dict, who: str) -> None:
    vision(vendor).analyse([picture], instruction="Look.", schema=schema)

    (body,) = vendor.bodies()
    DESCRIPTIONS[who]["request"].validate(body)
    assert strict_fault(body["response_format"]["json_schema"]["schema"]) is None
    assert (body["reasoning_effort"], body["max_completion_tokens"]) == ("none", 1500)
    assert "temperature" not in body


def test_enums_and_nulls_of_the_schema_are_sent(vendor: VisionStandIn, picture: ImageFile) -> None:
    vision(vendor).analyse([picture], instruction="Look.", schema=words_schema())

    (body,) = vendor.bodies()
    sent = body["response_format"]["json_schema"]["schema"]["properties"]["atmosphere"]["properties"]["weather"]
    assert sent == {"type": ["string", "null"], "enum": ["clear", "cloudy", "rainy", "foggy", "snowy", "stormy", None]}


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ({"status": 400, "code": "content_policy_violation"}, ContentRefused),
        ({"status": 400, "code": "model_not_found"}, ModelRetired),
        ({"status": 400, "code": "no_such_code"}, InvalidRequest),
        ({"status": 404, "kind": "invalid_request_error"}, ModelRetired),
    ],
)
def test_the_code_of_an_error_says_more_than_its_status(
    vendor: VisionStandIn, picture: ImageFile, rule: dict, error: type[ProviderError]
) -> None:
    vendor.script("status", **rule)

    with pytest.raises(error) as caught:
        vision(vendor).analyse([picture], instruction="Look.", schema=words_schema())

    assert caught.value.billed_micros == 0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "20"}, 20.0),
        ({"retry-after-ms": "1500", "Retry-After": "9"}, 2.0),
        ({}, None),
        ({"Retry-After": "x"}, None),
    ],
)
def test_retry_after_is_read_in_seconds_and_milliseconds(
    vendor: VisionStandIn, picture: ImageFile, headers: dict, seconds: float | None
) -> None:
    vendor.script("status", status=429, headers=headers)

    with pytest.raises(RateLimited) as caught:
        vision(vendor).analyse([picture], instruction="Look.", schema=words_schema())

    assert caught.value.retry_after_seconds == seconds


def test_a_model_of_another_vendor_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="not a model of OpenAI"):
        OpenAiVision("key", model="gemini-3.8-flash")
