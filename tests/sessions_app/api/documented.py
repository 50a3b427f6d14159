"""A client that believes no answer of the API which its OpenAPI document does not describe: status, content type and body."""

import json
import secrets
from collections.abc import Collection
from functools import cache
from typing import Any

import jsonschema_rs
from django.contrib.auth.models import User
from django.test import Client
from django.urls import ResolverMatch
from drf_spectacular.generators import SchemaGenerator

from sessions_app.api.views import ApiView, NoSuchAddress
from sessions_app.enums import TokenScope
from sessions_app.tokens import SHOWN
from tests.factories.session import ApiTokenFactory, digest

JSON = "application/json"
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
BODILESS = (204, 304)


class DocumentedClient(Client):
    """Bodies are sent as JSON unless a ``content_type`` is named. AssertionError for an answer that is not as documented.

    ``urlconf``: whose addresses the document describes; None = those of the settings. What is no view of the API (pages, the
    document itself) is let through.
    """

    def __init__(self, *, urlconf: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.urlconf = urlconf

    def post(self, path: str, data: Any = "", content_type: str = JSON, **options: Any) -> Any:
        return super().post(path, data, content_type, **options)

    def put(self, path: str, data: Any = "", content_type: str = JSON, **options: Any) -> Any:
        return super().put(path, data, content_type, **options)

    def patch(self, path: str, data: Any = "", content_type: str = JSON, **options: Any) -> Any:
        return super().patch(path, data, content_type, **options)

    def delete(self, path: str, data: Any = "", content_type: str = JSON, **options: Any) -> Any:
        return super().delete(path, data, content_type, **options)

    def request(self, **environ: Any) -> Any:
        response = super().request(**environ)
        document(self.urlconf).check(response)
        return response


def secret_of(user: User, scopes: Collection[TokenScope] = tuple(TokenScope), **columns: Any) -> str:
    """The secret of a new token of ``user``; nothing is written down about it."""
    secret = f"tl_{secrets.token_urlsafe(32)}"
    ApiTokenFactory(user=user, hash=digest(secret), prefix=secret[:SHOWN], scopes=[str(scope) for scope in scopes], **columns)
    return secret


@cache
def document(urlconf: str | None = None) -> "Document":
    return Document(SchemaGenerator(urlconf=urlconf).get_schema(request=None, public=True))


class Document:
    """The OpenAPI document, as plain data as whoever reads it has it."""

    def __init__(self, made: Any) -> None:
        self.made: dict[str, Any] = json.loads(json.dumps(made))
        self._validators: dict[str, Any] = {}

    def check(self, response: Any) -> None:
        """Raises AssertionError, naming the operation, when ``response`` is not what the document says of it."""
        request = response.wsgi_request
        match: ResolverMatch | None = request.resolver_match
        view = getattr(match.func, "cls", None) if match is not None else None
        named = f"{request.method} {request.path} → {response.status_code}"
        if match is None or view is None or not issubclass(view, ApiView):
            return
        if issubclass(view, NoSuchAddress):
            assert response.status_code in (404, 406), f"{named}: what is no address does not answer so"
            self._check_body(response, PROBLEM, named)
            return
        operations = self.made["paths"].get(f"/{match.route}".replace("<str:", "{").replace(">", "}"))
        assert operations is not None, f"{named}: this address is not in the document"
        self._check_operation(response, request.method, operations, named)

    def _check_operation(self, response: Any, method: str, operations: dict[str, Any], named: str) -> None:
        operation = operations.get("get" if method == "HEAD" else method.lower())
        if operation is None:
            assert response.status_code in (401, 405, 406) or method == "OPTIONS", f"{named}: there is no such method"
            self._check_body(response, {} if response.status_code in BODILESS else PROBLEM, named)
            return
        documented = operation["responses"].get(str(response.status_code))
        statuses = ", ".join(operation["responses"])
        assert documented is not None, f"{named}: documented are {statuses}. {_text(response)[:1000]}"
        shared = documented.get("$ref", "").removeprefix("#/components/responses/")
        described = self.made["components"]["responses"][shared] if shared else documented
        self._check_body(response, described.get("content", {}), named)

    def _check_body(self, response: Any, content: dict[str, Any], named: str) -> None:
        if not content or response.status_code in BODILESS:
            assert _text(response) == "", f"{named}: no body is documented"
            return
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        assert kind in content, f"{named}: {kind} is not documented, {', '.join(content)} is"
        if kind.endswith("json") and response.wsgi_request.method != "HEAD":
            wrong = self.wrong(json.loads(_text(response)), content[kind]["schema"])
            assert wrong == [], f"{named}: {'; '.join(wrong)[:2000]}"

    def wrong(self, data: Any, schema: dict[str, Any]) -> list[str]:
        """What is not as ``schema`` (its references are the document's) has it, one sentence each."""
        name = json.dumps(schema, sort_keys=True)
        if name not in self._validators:
            whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "components": self.made["components"], **schema}
            self._validators[name] = jsonschema_rs.validator_for(whole)
        return [f"/{'/'.join(map(str, one.instance_path))}: {one.message}" for one in self._validators[name].iter_errors(data)]


def _text(response: Any) -> str:
    return "" if response.streaming else response.content.decode()
