"""A stand-in that speaks Gemini's generateContent on 127.0.0.1; see ``vision_server``.

Asked for ``enum-encoding=int`` (the library does) it answers enums as numbers, as Google does. ``status`` also takes ``kind``
(the google.rpc status), ``message`` and ``details``; ``finish`` and ``block`` the ``reason`` by name or number.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jsonschema_rs import Draft202012Validator

from tests.stand_ins.vision_server import Refusal, VisionHandler, VisionStandIn, picture_fault, vision_stand_in

OFFICIAL = Path(__file__).resolve().parents[3] / "shared" / "specs" / "normalised" / "gemini.trim.norm.json"
MODELS = ("gemini-3.8-flash",)
ROUTE = r"/v1beta/models/([a-z0-9.-]+):generateContent"
TYPES = ("TYPE_UNSPECIFIED", "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL")
FINISH = {"STOP": 1, "MAX_TOKENS": 2, "SAFETY": 3, "RECITATION": 4, "OTHER": 5, "LANGUAGE": 6, "PROHIBITED_CONTENT": 8}
BLOCK = {"SAFETY": 1, "OTHER": 2, "PROHIBITED_CONTENT": 4}
STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
}
STATUSES |= {500: "INTERNAL", 503: "UNAVAILABLE"}


def _closed(properties: dict, optional: tuple[str, ...] = ()) -> dict:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


WORDS_OF_SCHEMA = {
    "type": {"enum": TYPES[1:]},
    "description": {"type": "string"},
    "nullable": {"const": True},
    "enum": {"type": "array", "items": {"type": "string"}},
    "items": {"type": "object"},
    "properties": {"type": "object"},
    "required": {"type": "array", "items": {"type": "string"}},
}
SCHEMA = _closed(WORDS_OF_SCHEMA, optional=tuple(name for name in WORDS_OF_SCHEMA if name != "type"))
BLOB = _closed({"mimeType": {"type": "string"}, "data": {"type": "string"}})
PART = {"anyOf": [_closed({"text": {"type": "string", "minLength": 1}}), _closed({"inlineData": BLOB})]}
CONFIG = {
    "maxOutputTokens": {"type": "integer", "minimum": 1, "maximum": 65_536},
    "responseMimeType": {"const": "application/json"},
    "responseSchema": SCHEMA,
}
NUMBER = {"type": "integer", "minimum": 0}
CONTENT = _closed({"role": {"const": "model"}, "parts": {"type": "array", "items": {"type": "object"}}})
REASON = {"type": "string"}
DESCRIPTION = {
    "request": _closed(
        {
            "contents": {
                "type": "array",
                "minItems": 1,
                "items": _closed({"role": {"const": "user"}, "parts": {"type": "array", "items": PART}}),
            },
            "generationConfig": _closed(CONFIG),
        }
    ),
    "answer": _closed(
        {
            "candidates": {
                "type": "array",
                "items": _closed({"content": CONTENT, "finishReason": REASON, "index": NUMBER}, optional=("content",)),
            },
            "promptFeedback": _closed({"blockReason": REASON}),
            "usageMetadata": {"type": "object"},
            "modelVersion": {"type": "string"},
        },
        optional=("candidates", "promptFeedback", "usageMetadata"),
    ),
    "error": _closed(
        {
            "error": _closed(
                {"code": NUMBER, "message": {"type": "string"}, "status": {"type": "string"}, "details": {"type": "array"}},
                optional=("details",),
            )
        }
    ),
}
OFFICIAL_NAMES = {"request": "GenerateContentRequest", "answer": "GenerateContentResponse"}


def descriptions() -> dict[str, dict[str, Draft202012Validator]]:
    """Ours, and the vendor's own where its file lies beside the checkout (which describes no errors)."""
    found: dict[str, dict] = {"ours": DESCRIPTION}
    if OFFICIAL.exists():
        components = json.loads(OFFICIAL.read_text(encoding="utf-8"))["components"]
        found["official"] = {
            name: {"$ref": f"#/components/schemas/{theirs}", "components": components} for name, theirs in OFFICIAL_NAMES.items()
        }
    return {who: {name: Draft202012Validator(schema) for name, schema in rows.items()} for who, rows in found.items()}


DESCRIPTIONS = descriptions()


def gemini_stand_in() -> AbstractContextManager[VisionStandIn]:
    """A running stand-in with its journal."""
    return vision_stand_in(GeminiHandler, path="")


class GeminiHandler(VisionHandler):
    def check(self, body: bytes) -> dict:
        url = urlsplit(self.path)
        route = re.fullmatch(ROUTE, url.path)
        if self.command != "POST" or not route:
            raise Refusal(404, "NOT_FOUND", "Requested entity was not found.")
        if self.headers.get_all("x-goog-api-key") != [self.vendor.api_key] or "key=" in url.query:
            raise Refusal(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.")
        if self.headers.get("Content-Type") != "application/json":
            raise Refusal(400, "INVALID_ARGUMENT", "Content-Type must be application/json")
        data: dict = json.loads(body)
        fault = request_fault(data) or _pictures_fault(data)
        if fault:
            raise Refusal(400, "INVALID_ARGUMENT", fault)
        if route[1] not in MODELS:
            raise Refusal(404, "NOT_FOUND", f"models/{route[1]} is not found for API version v1beta")
        return data

    def schema_asked_for(self, data: dict) -> Mapping[str, Any]:
        return json_schema(data["generationConfig"]["responseSchema"])

    def good_body(self, text: str, *, finish: str | int = "STOP") -> dict:
        content = {"role": "model", "parts": [{"text": text}]}
        return {
            "candidates": [{"content": content, "finishReason": self._encoded(FINISH, finish), "index": 0}],
            "usageMetadata": {
                "promptTokenCount": 1000,
                "candidatesTokenCount": 200,
                "thoughtsTokenCount": 300,
                "totalTokenCount": 1500,
            },
            "modelVersion": MODELS[0],
        }

    def spoiled_body(self, rule: dict, text: str) -> dict:
        match rule["do"]:
            case "refuse":
                body = self.good_body(text)
                del body["candidates"]
                return body | {"promptFeedback": {"blockReason": self._encoded(BLOCK, "PROHIBITED_CONTENT")}}
            case "finish" if rule["reason"] == "MAX_TOKENS":
                return self.good_body(text[: len(text) // 2], finish="MAX_TOKENS")
            case "finish":
                body = self.good_body(text, finish=rule["reason"])
                del body["candidates"][0]["content"]
                return body
            case "empty":
                return self.good_body("")
        body = self.good_body(text)
        del body["usageMetadata"]
        return body

    def error_body(self, status: int, kind: str, message: str, **details: object) -> dict:
        error = {"code": status, "message": message, "status": STATUSES.get(status, kind)}
        if message.startswith("API key"):
            reason = {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "API_KEY_INVALID",
                "domain": "googleapis.com",
            }
            return {"error": error | {"details": [reason]}}
        return {"error": error | ({"details": details["details"]} if "details" in details else {})}

    def _encoded(self, names: Mapping[str, int], reason: str | int) -> str | int:
        """The reason as the request wants enums: by number, where it says so and Google has one."""
        wants_numbers = parse_qs(urlsplit(self.path).query).get("$alt") == ["json;enum-encoding=int"]
        return names.get(reason, reason) if wants_numbers and isinstance(reason, str) else reason


def request_fault(data: dict) -> str | None:
    """The first fault of a request by every description there is; enums may be numbers, as in any Google API."""
    named = with_named_types(data)
    for validators in DESCRIPTIONS.values():
        for error in validators["request"].iter_errors(named):
            return f"{'.'.join(map(str, error.instance_path))}: {error.message}"
    schema = named["generationConfig"]["responseSchema"]
    return schema_fault(schema)


def schema_fault(schema: Mapping[str, Any]) -> str | None:
    """Ours, at every depth of the schema."""
    for error in Draft202012Validator(SCHEMA).iter_errors(schema):
        return f"responseSchema: {error.message}"
    rows = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    if schema["type"] == "OBJECT" and set(schema.get("required", ())) != set(schema.get("properties", {})):
        return "responseSchema: not every property is required"
    return next((fault for row in rows if (fault := schema_fault(row))), None)


def with_named_types(value: Any) -> Any:
    """The same data with the types of a schema by name: protobuf's JSON takes an enum's number for its name."""
    if isinstance(value, list):
        return [with_named_types(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: TYPES[item] if key == "type" and isinstance(item, int) and 0 <= item < len(TYPES) else with_named_types(item)
        for key, item in value.items()
    }


def json_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A Gemini schema as JSON Schema."""
    named = with_named_types(dict(schema))
    kind = named["type"].lower()
    found: dict[str, Any] = {"type": [kind, "null"] if named.get("nullable") else kind}
    found |= {"enum": [*named["enum"], None]} if "enum" in named else {}
    found |= (
        {"properties": {name: json_schema(row) for name, row in named["properties"].items()}} if "properties" in named else {}
    )
    return found | ({"items": json_schema(named["items"])} if "items" in named else {})


def _pictures_fault(data: dict) -> str | None:
    blobs = [part["inlineData"] for content in data["contents"] for part in content["parts"] if "inlineData" in part]
    if not blobs:
        return "no image was sent"
    for blob in blobs:
        try:
            content = base64.b64decode(blob["data"], validate=True)
        except binascii.Error:
            return "the image is not base64"
        fault = picture_fault(content, blob["mimeType"])
        if fault:
            return fault
    return None
