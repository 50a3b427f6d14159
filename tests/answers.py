"""Does an answer hold exactly what its TypedDict says? By the very JSON schema that the API's document has of it."""

from typing import Any

import jsonschema_rs
import orjson

from sessions_app.api.renderers import OrjsonRenderer
from sessions_app.api.typed import object_schema, schema_of


def problems_of(answer: Any, kind: Any) -> list[str]:
    """What is wrong with ``answer`` as a ``kind`` (a TypedDict, or ``list`` of one), once it is written as JSON."""
    made: dict[str, Any] = {}

    def reference(part: type) -> dict[str, Any]:
        if part.__name__ not in made:
            made[part.__name__] = {}  # it may name itself
            made[part.__name__] = object_schema(part, reference)
        return {"$ref": f"#/$defs/{part.__name__}"}

    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema_of(kind, reference), "$defs": made}
    data = orjson.loads(OrjsonRenderer().render(answer))
    return [
        f"{'/'.join(map(str, error.instance_path))}: {error.message}"
        for error in jsonschema_rs.Draft202012Validator(schema).iter_errors(data)
    ]
