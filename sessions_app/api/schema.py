"""The OpenAPI document, made from what each method is declared as (``operation``): nothing is said of it twice."""

import re
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from rest_framework.serializers import Serializer

from sessions_app.api.fields import Input
from sessions_app.api.operation import Operation
from sessions_app.api.problems import PROBLEM_JSON
from sessions_app.api.typed import Schema, object_schema, schema_of
from sessions_app.api.v2.dto import JobDto, ProblemDto

PROBLEMS = {
    400: "The request is not as described here; `errors` says where.",
    401: "Not signed in, or with a token that opens nothing.",
    403: "The token lacks the scope, the CSRF token is missing, or this is not for you.",
    404: "There is nothing here of yours.",
    406: "This answer does not exist in the type that Accept asks for.",
    409: "What is there does not allow it; `code` says why.",
    412: "It was edited since the version that If-Match names.",
    413: "The body is too large.",
    415: "The body's content type is not read here.",
    422: "The content cannot be used; nothing was written.",
    428: "If-Match, or the Idempotency-Key of paid work, is missing.",
    429: "Too many requests; wait as long as Retry-After says.",
    503: "The server is busy; nothing was changed.",
}
ETAG = {"description": '`"<version>.<revision>"`: send it back as If-Match or If-None-Match.', "schema": {"type": "string"}}
LOCATION = {"description": "Where the new resource, or the job that makes it, can be read.", "schema": {"type": "string"}}
OWN_ID: Schema = {"type": "string", "pattern": "^[a-z]{3}_[0-9a-z]{26}$"}
PATH_SCHEMAS: dict[str, Schema] = {
    "session_id": {"type": "string", "minLength": 1, "maxLength": 255, "description": "An older system's ids are kept."},
    "model_id": {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[A-Za-z0-9._-]+$"},
    "uuid": {"type": "string", "pattern": "^[0-9a-fA-F-]{32,36}$"},
    "token": {"type": "string", "pattern": "^[A-Za-z0-9_-]{36,43}$"},
}
"""What stands in an address; every other id is one of this system's own."""


class JsonObjectSchema(OpenApiSerializerFieldExtension):
    """Data of the caller's own is an object, with as many members as are kept."""

    target_class = "sessions_app.api.fields.JsonObject"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Schema:
        return {"type": "object", "additionalProperties": {}, "maxProperties": self.target.most}


class OwnOrValuesSchema(OpenApiSerializerFieldExtension):
    target_class = "sessions_app.api.fields.OwnOrValues"
    priority = 1  # before that of JsonObject

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Schema:
        values = {"type": "object", "additionalProperties": {}, "maxProperties": self.target.most}
        return {"anyOf": [{"const": "own"}, values]}


def with_problems(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """The postprocessing hook that says once what every problem looks like."""
    content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    responses = {f"Problem{status}": {"description": text, "content": content} for status, text in PROBLEMS.items()}
    result["components"]["responses"] = responses
    return result


class OperationSchema(AutoSchema):
    """Every view of the API is an ApiView, and every method of it is declared."""

    @property
    def declared(self) -> Operation:
        made: Operation = getattr(self.view, self.method.lower()).operation
        return made

    def get_operation_id(self) -> str:
        return _lower_camel(self.declared.summary)

    def get_summary(self) -> str:
        return self.declared.summary

    def get_description(self) -> str:  # type: ignore[override]
        scope = "" if self.declared.anonymous else f"Scope of a token: `{self.declared.scope.value}`."
        return "\n\n".join(part for part in (self.declared.description, scope) if part)

    def get_tags(self) -> list[str]:
        return [str(getattr(self.view, "tag", "other"))]

    def get_auth(self) -> list[Schema]:
        ways: list[Schema] = [{"token": []}, {"cookie": []}]
        return [*ways, {}] if self.declared.anonymous else ways

    def _get_parameters(self) -> list[Schema]:
        path = [
            {"name": name, "in": "path", "required": True, "schema": PATH_SCHEMAS.get(name, OWN_ID)}
            for name in sorted(re.findall(r"{(\w+)}", self.path))
        ]
        return [*path, *self._query_parameters(), *self._header_parameters()]

    def _query_parameters(self) -> list[Schema]:
        if self.declared.query is None:
            return []
        parameters: list[Schema] = []
        for name, field in self.declared.query().fields.items():
            schema = dict(self._map_serializer_field(field, "request"))
            self._insert_field_validators(field, schema)
            text = schema.pop("description", str(field.help_text or ""))
            parameters.append({"name": name, "in": "query", "schema": schema} | ({"description": text} if text else {}))
        return parameters

    def _header_parameters(self) -> list[Schema]:
        made, headers = self.declared, []
        if made.has_tag and self.method == "GET":
            headers.append(_header("If-None-Match", "The ETag that you have: 304 when nothing changed.", required=False))
        if self.method != "GET" and "{session_id}" in self.path:
            text = "The ETag of what you read; 412 when somebody edited it since."
            headers.append(_header("If-Match", text, required=made.if_match))
        if made.paid:
            text = "A key of your own; the same key and body give the same answer for 24 hours, and the work is done once."
            headers.append(_header("Idempotency-Key", text, required=made.dry_run is None, pattern="^[\\x21-\\x7e]{1,255}$"))
        return headers

    def _get_request_body(self, direction: str = "request") -> Schema | None:
        made = self.declared
        if made.body is None or self.method == "GET":
            return None
        component = self.resolve_serializer(made.body, "request")
        media: Schema = {"schema": component.ref}
        example = getattr(made.body, "example", None)
        if example is not None:
            media["example"] = example
        content = {"application/json": media}
        if made.file is not None:
            content = {"multipart/form-data": {"schema": _with_file(component.schema, made.file)}, **content}
        return {"content": content, "required": bool(component.schema.get("required")) or made.file is not None}

    def _get_response_bodies(self, direction: str = "response") -> Schema:
        made = self.declared
        answers = {str(made.status if made.answer is not None or made.status != 200 else 204): self._answer(made.answer)}
        answers |= {str(status): self._answer(answer) for status, answer in made.other_answers.items()}
        if made.has_tag and self.method == "GET":
            answers["304"] = {"description": "You have it already.", "headers": {"ETag": ETAG}}
        self._reference(ProblemDto)
        for status in self._problem_statuses():
            answers[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
        return dict(sorted(answers.items()))

    def _problem_statuses(self) -> set[int]:
        made, writes = self.declared, self.method != "GET"
        statuses = {400, 401, 406, 429, 503}
        if not made.anonymous or writes:
            statuses.add(403)
        if "{" in self.path:
            statuses.add(404)
        if made.query is not None:
            statuses.add(422)
        if writes:
            statuses |= {409, 413, 415, 422} | ({404} if made.anonymous else set())
        if writes and "{session_id}" in self.path:
            statuses.add(412)
        return statuses | ({428} if made.if_match or made.paid else set())

    def _answer(self, answer: Any) -> Schema:
        made = self.declared
        headers: Schema = {"ETag": ETAG} if made.has_tag else {}
        if answer is JobDto or made.status == 201:
            headers["Location"] = LOCATION
        if answer is None:
            return {"description": "Done; there is nothing to say.", **({"headers": headers} if headers else {})}
        content = {"application/json": {"schema": schema_of(answer, self._reference)}}
        return {"description": made.summary, "content": content, **({"headers": headers} if headers else {})}

    def _reference(self, made: type) -> Schema:
        name = made.__name__.removesuffix("Dto")
        component = ResolvedComponent(name=name, type=ResolvedComponent.SCHEMA, object=made)
        if component not in self.registry:
            self.registry.register(component)
            component.schema = object_schema(made, self._reference)
        return dict(component.ref)

    def _get_serializer_name(self, serializer: Any, direction: str, bypass_extensions: bool = False) -> str:
        """Bodies are named apart from answers."""
        return f"{type(serializer).__name__}Body"

    def _map_basic_serializer(self, serializer: Serializer[Any], direction: str) -> Schema:
        schema: Schema = super()._map_basic_serializer(serializer, direction)
        if isinstance(serializer, Input):
            schema["additionalProperties"] = False
            own = type(serializer).__dict__.get("__doc__")  # that of Input is for readers of the code
            if own:
                schema["description"] = " ".join(own.split())
            else:
                schema.pop("description", None)
        return schema


def _header(name: str, description: str, *, required: bool, pattern: str | None = None) -> Schema:
    schema: Schema = {"type": "string"} | ({"pattern": pattern} if pattern else {})
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


def _with_file(schema: Schema, name: str) -> Schema:
    part = {"type": "string", "contentMediaType": "application/octet-stream", "format": "binary"}
    properties = {name: part, **schema.get("properties", {})}
    return {"type": "object", "properties": properties, "required": [name], "additionalProperties": False}


def _lower_camel(text: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", text)
    return words[0].lower() + "".join(word.capitalize() for word in words[1:])
