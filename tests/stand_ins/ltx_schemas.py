"""What the LTX stand-in accepts: JSON schemas of the two creating bodies, closed, with the lengths and sizes per model."""

from jsonschema_rs import Draft202012Validator

FULL_HD = ("1920x1080", "1080x1920")
LARGER = ("2560x1440", "1440x2560", "3840x2160", "2160x3840")
MODELS = {
    "ltx-2-3-fast": {"duration": [6, 8, 10, 12, 14, 16, 18, 20], "fps": [24, 25], "resolution": [*FULL_HD]},
    "ltx-2-3-pro": {"duration": [6, 8, 10], "fps": [24, 25, 48, 50], "resolution": [*FULL_HD, *LARGER]},
}
FIELDS = {
    "prompt": {"type": "string", "minLength": 1, "maxLength": 5000},
    "model": {"enum": list(MODELS)},
    "duration": {"type": "integer"},
    "fps": {"type": "integer"},
    "resolution": {"type": "string"},
    "generate_audio": {"type": "boolean"},
}
PICTURES = {field: {"type": "string", "pattern": "^ltx://uploads/[a-z0-9]+$"} for field in ("image_uri", "last_frame_uri")}
PER_MODEL = [
    {
        "if": {"properties": {"model": {"const": model}}},
        "then": {"properties": {field: {"enum": values} for field, values in limits.items()}},
    }
    for model, limits in MODELS.items()
]


def _body(properties: dict, required: list[str]) -> dict:
    return {
        "type": "object",
        "properties": properties,
        "required": ["prompt", "model", "duration", "resolution", *required],
        "additionalProperties": False,
        "allOf": PER_MODEL,
    }


SCHEMAS = {"text-to-video": _body(FIELDS, []), "image-to-video": _body(FIELDS | PICTURES, ["image_uri"])}
VALIDATORS = {endpoint: Draft202012Validator(schema) for endpoint, schema in SCHEMAS.items()}


def fault(endpoint: str, body: object) -> str | None:
    """The first fault of a creating body, naming the field; None = the body is good."""
    for error in VALIDATORS[endpoint].iter_errors(body):
        return f"{'.'.join(map(str, error.instance_path)) or 'body'}: {error.message}"
    return None


MOMENT = {"type": "string", "format": "date-time"}
TEXT = {"type": "string", "minLength": 1}
JOB = {"id": TEXT, "created_at": MOMENT}


def _closed(properties: dict) -> dict:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


ERROR = _closed({"type": TEXT, "message": {"type": "string"}})
ANSWERS = {
    "error": _closed({"type": {"const": "error"}, "error": ERROR}),
    "created": _closed(JOB),
    "upload": _closed(
        {
            "upload_url": {"type": "string", "format": "uri"},
            "storage_uri": {"type": "string", "pattern": "^ltx://uploads/"},
            "expires_at": MOMENT,
            "required_headers": {"type": "object", "additionalProperties": {"type": "string"}},
        }
    ),
    "status": {
        "oneOf": [
            _closed(JOB | {"status": {"enum": ["pending", "processing"]}}),
            _closed(JOB | {"status": {"const": "completed"}, "completed_at": MOMENT, "result": {"type": "object"}}),
            _closed(JOB | {"status": {"const": "failed"}, "completed_at": MOMENT, "error": ERROR}),
        ]
    },
}
