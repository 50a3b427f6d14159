"""The stand-ins of the vision models themselves: what they refuse, and that what they answer is what the vendor describes."""

import base64
import json
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.stand_ins import gemini, openai
from tests.stand_ins.vision_server import KEY, VisionStandIn, sample

Change = Callable[[dict], Any]


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 36)) -> str:
    sink = BytesIO()
    Image.new("RGB", size).save(sink, kind)
    return base64.b64encode(sink.getvalue()).decode()


def openai_body() -> dict:
    schema = {
        "type": "object",
        "properties": {"mood": {"type": ["string", "null"]}},
        "required": ["mood"],
        "additionalProperties": False,
    }
    url = {"url": f"data:image/jpeg;base64,{picture()}", "detail": "high"}
    return {
        "model": "gpt-6-luna",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Mood?"}, {"type": "image_url", "image_url": url}]}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}},
        "max_completion_tokens": 100,
    }


def gemini_body() -> dict:
    schema = {"type": 6, "properties": {"mood": {"type": 1, "nullable": True}}, "required": ["mood"]}
    parts = [{"text": "Mood?"}, {"inlineData": {"mimeType": "image/jpeg", "data": picture()}}]
    config = {"maxOutputTokens": 100, "responseMimeType": "application/json", "responseSchema": schema}
    return {"contents": [{"role": "user", "parts": parts}], "generationConfig": config}


def post_openai(vendor: VisionStandIn, body: dict, *, key: str = KEY) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.post(f"{vendor.base_url}/chat/completions", json=body, headers=headers, trust_env=False)


def post_gemini(
    vendor: VisionStandIn, body: dict, *, key: str = KEY, model: str = "gemini-3.8-flash", query: str = ""
) -> httpx.Response:
    url = f"{vendor.base_url}/v1beta/models/{model}:generateContent{query}"
    return httpx.post(url, json=body, headers={"x-goog-api-key": key}, trust_env=False)


@pytest.fixture(scope="module")
def vendors() -> Iterator[dict[str, VisionStandIn]]:
    with openai.openai_stand_in() as openai_vendor, gemini.gemini_stand_in() as gemini_vendor:
        yield {"openai": openai_vendor, "gemini": gemini_vendor}


@pytest.fixture
def openai_vendor(vendors: dict[str, VisionStandIn]) -> VisionStandIn:
    vendors["openai"].script()
    return vendors["openai"]


@pytest.fixture
def gemini_vendor(vendors: dict[str, VisionStandIn]) -> VisionStandIn:
    vendors["gemini"].script()
    return vendors["gemini"]


def url_of(body: dict) -> dict:
    return body["messages"][0]["content"][1]["image_url"]


def schema_of(body: dict) -> dict:
    return body["response_format"]["json_schema"]["schema"]


OPENAI_FAULTS: dict[str, Change] = {
    "an unknown parameter": lambda body: body.update(colour="red"),
    "a parameter that this model refuses": lambda body: body.update(temperature=0.2),
    "the old name of the length": lambda body: body.update(max_tokens=body.pop("max_completion_tokens")),
    "no messages": lambda body: body.pop("messages"),
    "an unknown role": lambda body: body["messages"][0].update(role="narrator"),
    "an address for a picture": lambda body: url_of(body).update(url="https://example.org/a.jpg"),
    "a picture as a plain string": lambda body: body["messages"][0]["content"][1].update(image_url="data:"),
    "an unknown detail": lambda body: url_of(body).update(detail="ultra"),
    "a picture that is none": lambda body: url_of(body).update(url="data:image/jpeg;base64,aGVsbG8="),
    "a picture of another type": lambda body: url_of(body).update(url=f"data:image/jpeg;base64,{picture('PNG')}"),
    "a picture that is too large": lambda body: url_of(body).update(url=f"data:image/jpeg;base64,{picture(size=(1280, 720))}"),
    "no picture": lambda body: body["messages"][0]["content"].pop(),
    "a format without a name": lambda body: body["response_format"]["json_schema"].pop("name"),
    "not strict": lambda body: body["response_format"]["json_schema"].update(strict=False),
    "a schema with optional properties": lambda body: schema_of(body).update(required=[]),
    "a schema that is open": lambda body: schema_of(body).pop("additionalProperties"),
    "a schema with lengths": lambda body: schema_of(body)["properties"]["mood"].update(maxLength=80),
}
GEMINI_FAULTS: dict[str, Change] = {
    "an unknown parameter": lambda body: body.update(colour="red"),
    "a sampling parameter, which this model ignores": lambda body: body["generationConfig"].update(temperature=0.2),
    "no contents": lambda body: body.pop("contents"),
    "an unknown role": lambda body: body["contents"][0].update(role="narrator"),
    "a picture that is none": lambda body: body["contents"][0]["parts"][1]["inlineData"].update(data="aGVsbG8="),
    "a picture of another type": lambda body: body["contents"][0]["parts"][1]["inlineData"].update(data=picture("PNG")),
    "a picture that is too large": lambda body: body["contents"][0]["parts"][1]["inlineData"].update(
        data=picture(size=(1280, 720))
    ),
    "no picture": lambda body: body["contents"][0]["parts"].pop(),
    "another answer than JSON": lambda body: body["generationConfig"].update(responseMimeType="text/plain"),
    "no length": lambda body: body["generationConfig"].pop("maxOutputTokens"),
    "additionalProperties in the schema": lambda body: body["generationConfig"]["responseSchema"].update(
        additionalProperties=False
    ),
    "a type that is none": lambda body: body["generationConfig"]["responseSchema"].update(type=99),
    "a word of JSON Schema deep in the schema": lambda body: body["generationConfig"]["responseSchema"]["properties"][
        "mood"
    ].update(maxLength=80),
}


@pytest.mark.parametrize("change", OPENAI_FAULTS.values(), ids=OPENAI_FAULTS.keys())
def test_openai_stand_in_refuses_a_broken_request(openai_vendor: VisionStandIn, change: Change) -> None:
    body = openai_body()
    assert post_openai(openai_vendor, body).status_code == 200

    change(body)

    assert post_openai(openai_vendor, body).status_code == 400


@pytest.mark.parametrize("change", GEMINI_FAULTS.values(), ids=GEMINI_FAULTS.keys())
def test_gemini_stand_in_refuses_a_broken_request(gemini_vendor: VisionStandIn, change: Change) -> None:
    body = gemini_body()
    assert post_gemini(gemini_vendor, body).status_code == 200

    change(body)

    assert post_gemini(gemini_vendor, body).status_code == 400


def test_openai_stand_in_knows_its_key_its_models_and_its_one_route(openai_vendor: VisionStandIn) -> None:
    assert post_openai(openai_vendor, openai_body(), key="another").json()["error"]["code"] == "invalid_api_key"
    assert post_openai(openai_vendor, openai_body() | {"model": "gpt-4o"}).json()["error"]["code"] == "model_not_found"
    assert httpx.post(f"{openai_vendor.base_url}/responses", trust_env=False).status_code == 404


def test_gemini_stand_in_knows_its_key_its_models_and_its_one_route(gemini_vendor: VisionStandIn) -> None:
    wrong_key = post_gemini(gemini_vendor, gemini_body(), key="another")
    assert (wrong_key.status_code, wrong_key.json()["error"]["details"][0]["reason"]) == (400, "API_KEY_INVALID")
    assert post_gemini(gemini_vendor, gemini_body(), model="gemini-1.0-pro").status_code == 404
    assert httpx.get(f"{gemini_vendor.base_url}/v1beta/models", trust_env=False).status_code == 404


def test_gemini_stand_in_answers_enums_as_it_was_asked_to(gemini_vendor: VisionStandIn) -> None:
    named = post_gemini(gemini_vendor, gemini_body())
    numbered = post_gemini(gemini_vendor, gemini_body(), query="?$alt=json;enum-encoding=int")

    assert named.json()["candidates"][0]["finishReason"] == "STOP"
    assert numbered.json()["candidates"][0]["finishReason"] == 1


BEHAVIOURS: dict[str, dict] = {
    "good": {},
    "a refusal": {"do": "refuse"},
    "truncated": {"do": "finish", "reason": {"openai": "length", "gemini": "MAX_TOKENS"}},
    "another reason": {"do": "finish", "reason": {"openai": "content_filter", "gemini": "SAFETY"}},
    "empty": {"do": "empty"},
    "uncounted": {"do": "uncounted"},
}


@pytest.mark.parametrize("who", openai.DESCRIPTIONS)
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_openai_answers_fit_the_description(openai_vendor: VisionStandIn, behaviour: str, who: str) -> None:
    script(openai_vendor, BEHAVIOURS[behaviour], "openai")

    answer = post_openai(openai_vendor, openai_body())

    assert [error.message for error in openai.DESCRIPTIONS[who]["answer"].iter_errors(answer.json())] == []


@pytest.mark.parametrize("who", gemini.DESCRIPTIONS)
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_gemini_answers_fit_the_description(gemini_vendor: VisionStandIn, behaviour: str, who: str) -> None:
    script(gemini_vendor, BEHAVIOURS[behaviour], "gemini")

    answer = post_gemini(gemini_vendor, gemini_body())

    assert [error.message for error in gemini.DESCRIPTIONS[who]["answer"].iter_errors(answer.json())] == []


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_openai_errors_fit_the_description(openai_vendor: VisionStandIn, status: int) -> None:
    openai_vendor.script("status", status=status)

    error = post_openai(openai_vendor, openai_body())

    assert error.status_code == status
    for validators in openai.DESCRIPTIONS.values():
        validators["error"].validate(error.json())


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_gemini_errors_fit_the_description(gemini_vendor: VisionStandIn, status: int) -> None:
    gemini_vendor.script("status", status=status)

    error = post_gemini(gemini_vendor, gemini_body())

    assert (error.status_code, error.json()["error"]["code"]) == (status, status)
    gemini.DESCRIPTIONS["ours"]["error"].validate(error.json())


def script(vendor: VisionStandIn, rule: dict, name: str) -> None:
    options = {key: value[name] if isinstance(value, dict) else value for key, value in rule.items()}
    vendor.script(options.pop("do", ""), **options)


def test_stand_in_misbehaves_as_often_as_the_script_says(openai_vendor: VisionStandIn) -> None:
    before = openai_vendor.posts()
    openai_vendor.script("status", status=500, times=2)

    statuses = [post_openai(openai_vendor, openai_body()).status_code for _ in range(3)]

    assert statuses == [500, 500, 200]
    assert openai_vendor.posts() - before == 3


def test_stand_in_refuses_a_script_that_does_nothing(openai_vendor: VisionStandIn) -> None:
    with pytest.raises(ValueError, match="a script has no dance"):
        openai_vendor.script("dance")


def test_model_says_one_answer_after_the_other(openai_vendor: VisionStandIn) -> None:
    openai_vendor.answer({"mood": "calm"}, {"mood": "tense"})

    said = [post_openai(openai_vendor, openai_body()).json()["choices"][0]["message"]["content"] for _ in range(3)]
    openai_vendor.answer()

    assert [json.loads(text)["mood"] for text in said] == ["calm", "tense", "tense"]


def test_sample_fits_the_schema_that_it_is_made_from() -> None:
    schema = {"type": "object", "properties": {"a": {"type": ["string", "null"], "enum": ["x", None]}, "b": {"type": "array"}}}

    assert sample(schema) == {"a": "x", "b": []}
