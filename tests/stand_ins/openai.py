"""A stand-in that speaks OpenAI's chat completions on 127.0.0.1; see ``vision_server``.

``status`` also takes ``kind`` (the error's type), ``code`` and ``message``; ``finish`` the ``reason``. Structured output is
checked as strict mode does: every property required, no other allowed, and only the words of JSON Schema that it knows.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator

from tests.stand_ins.vision_server import Refusal, VisionHandler, VisionStandIn, picture_fault, vision_stand_in

OFFICIAL = Path(__file__).resolve().parents[3] / "shared" / "specs" / "normalised" / "openai.trim.norm.json"
MODELS = ("gpt-6-luna",)
ROUTE = "/v1/chat/completions"
STRICT_WORDS = {
    "object": {"type", "properties", "required", "additionalProperties", "description"},
    "array": {"type", "items", "minItems", "maxItems", "description"},
    "string": {"type", "enum", "pattern", "description"},
}


def _closed(properties: dict, optional: tuple[str, ...] = ()) -> dict:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


TEXT_PART = _closed({"type": {"const": "text"}, "text": {"type": "string", "minLength": 1}})
IMAGE = _closed({"url": {"type": "string", "pattern": "^data:image/[a-z]+;base64,"}, "detail": {"enum": ["auto", "low", "high"]}})
IMAGE_PART = _closed({"type": {"const": "image_url"}, "image_url": IMAGE})
FORMAT = {"name": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}, "strict": {"const": True}, "schema": {"type": "object"}}
REQUEST = _closed(
    {
        "model": {"type": "string"},
        "messages": {
            "type": "array",
            "minItems": 1,
            "items": _closed(
                {"role": {"const": "user"}, "content": {"type": "array", "items": {"anyOf": [TEXT_PART, IMAGE_PART]}}}
            ),
        },
        "response_format": _closed({"type": {"const": "json_schema"}, "json_schema": _closed(FORMAT)}),
        "max_completion_tokens": {"type": "integer", "minimum": 1, "maximum": 128_000},
        "reasoning_effort": {"enum": ["none", "low", "medium", "high", "xhigh", "max"]},
    },
    optional=("reasoning_effort",),
)
NUMBER = {"type": "integer", "minimum": 0}
MESSAGE = {"role": {"const": "assistant"}, "content": {"type": ["string", "null"]}, "refusal": {"type": ["string", "null"]}}
CHOICE = {
    "index": NUMBER,
    "message": _closed(MESSAGE),
    "logprobs": {"type": "null"},
    "finish_reason": {"enum": ["stop", "length", "tool_calls", "content_filter", "function_call"]},
}
NULLABLE = {"type": ["string", "null"]}
DESCRIPTION = {
    "request": REQUEST,
    "answer": _closed(
        {
            "id": {"type": "string"},
            "object": {"const": "chat.completion"},
            "created": NUMBER,
            "model": {"type": "string"},
            "choices": {"type": "array", "items": _closed(CHOICE)},
            "usage": _closed({"prompt_tokens": NUMBER, "completion_tokens": NUMBER, "total_tokens": NUMBER}),
        },
        optional=("usage",),
    ),
    "error": _closed(
        {"error": _closed({"message": {"type": "string"}, "type": {"type": "string"}, "param": NULLABLE, "code": NULLABLE})}
    ),
}
OFFICIAL_NAMES = {"request": "CreateChatCompletionRequest", "answer": "CreateChatCompletionResponse", "error": "ErrorResponse"}


def descriptions() -> dict[str, dict[str, Draft202012Validator]]:
    """Ours, and the vendor's own where its file lies beside the checkout: request, answer, error."""
    found = {"ours": DESCRIPTION}
    if OFFICIAL.exists():
        components = json.loads(OFFICIAL.read_text(encoding="utf-8"))["components"]
        found["official"] = {
            name: {"$ref": f"#/components/schemas/{theirs}", "components": components} for name, theirs in OFFICIAL_NAMES.items()
        }
    return {who: {name: Draft202012Validator(schema) for name, schema in rows.items()} for who, rows in found.items()}


DESCRIPTIONS = descriptions()


def openai_stand_in() -> AbstractContextManager[VisionStandIn]:
    """A running stand-in with its journal."""
    return vision_stand_in(OpenAiHandler, path="/v1")


class OpenAiHandler(VisionHandler):
    def check(self, body: bytes) -> dict:
        if (self.command, self.path) != ("POST", ROUTE):
            raise Refusal(404, "invalid_request_error", f"Unknown request URL: {self.command} {self.path}")
        if self.headers.get_all("Authorization") != [f"Bearer {self.vendor.api_key}"]:
            raise Refusal(401, "invalid_request_error", f"Incorrect API key provided: {self.headers.get('Authorization')}")
        if self.headers.get("Content-Type") != "application/json":
            raise Refusal(400, "invalid_request_error", "Content-Type must be application/json")
        data: dict = json.loads(body)
        for validators in DESCRIPTIONS.values():
            for error in validators["request"].iter_errors(data):
                raise Refusal(400, "invalid_request_error", f"{'.'.join(map(str, error.instance_path))}: {error.message}")
        if data["model"] not in MODELS:
            raise Refusal(404, "model_not_found", f"The model {data['model']} does not exist")
        fault = strict_fault(self.schema_asked_for(data)) or _pictures_fault(data)
        if fault:
            raise Refusal(400, "invalid_request_error", fault)
        return data

    def schema_asked_for(self, data: dict) -> Mapping[str, Any]:
        schema: dict = data["response_format"]["json_schema"]["schema"]
        return schema

    def good_body(self, text: str | None, *, refusal: str | None = None, finish: str = "stop") -> dict:
        message = {"role": "assistant", "content": text, "refusal": refusal}
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_795_000_000,
            "model": f"{MODELS[0]}-2026-09-22",
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
            "usage": {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200},
        }

    def spoiled_body(self, rule: dict, text: str) -> dict:
        match rule["do"]:
            case "refuse":
                return self.good_body(None, refusal="I'm sorry, I can't help with that.")
            case "finish" if rule["reason"] == "length":
                return self.good_body(text[: len(text) // 2], finish="length")
            case "finish":
                return self.good_body(text, finish=rule["reason"])
            case "empty":
                return self.good_body("")
        body = self.good_body(text)
        del body["usage"]
        return body

    def error_body(self, status: int, kind: str, message: str, **details: object) -> dict:
        code = details.get("code") or {401: "invalid_api_key", 404: "model_not_found"}.get(status)
        return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def strict_fault(schema: object, place: str = "schema") -> str | None:
    """Why strict mode would refuse a schema; None = it is taken."""
    if not isinstance(schema, dict) or "type" not in schema:
        return f"{place}: a type is missing"
    kinds = [kind for kind in ([schema["type"]] if isinstance(schema["type"], str) else schema["type"]) if kind != "null"]
    unknown = set(schema) - STRICT_WORDS[kinds[0]]
    if len(kinds) != 1 or unknown:
        return f"{place}: not permitted: {sorted(unknown) or kinds}"
    if kinds == ["object"]:
        if schema.get("additionalProperties") is not False or set(schema["required"]) != set(schema["properties"]):
            return f"{place}: additionalProperties must be false and every property required"
        return next(
            (fault for name, row in schema["properties"].items() if (fault := strict_fault(row, f"{place}.{name}"))), None
        )
    return strict_fault(schema["items"], f"{place}[]") if kinds == ["array"] else None


def _pictures_fault(data: dict) -> str | None:
    parts = [part for message in data["messages"] for part in message["content"] if part["type"] == "image_url"]
    if not parts:
        return "no image was sent"
    for part in parts:
        head, _, encoded = part["image_url"]["url"].partition(";base64,")
        try:
            content = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            return "the image is not base64"
        fault = picture_fault(content, head.removeprefix("data:"))
        if fault:
            return fault
    return None
