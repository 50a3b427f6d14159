"""Every route of the API with every method, and calling one of them as somebody."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLResolver, get_resolver

from continuity.models import Shot
from sessions_app.api.addresses import operations_of
from sessions_app.api.operation import Operation
from sessions_app.enums import TokenScope
from sessions_app.models import Session
from tests.sessions_app.api.bodies import Ask, ask_of, fresh_key, usual_ids
from tests.sessions_app.api.everything import Everything

PREFIX = "/api/v2"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PARAMETER = re.compile(r"<str:(\w+)>")


@dataclass(frozen=True)
class Call:
    """One operation. ``query``: the parameter with which a paid one is a dry run, which is a row of its own."""

    method: str
    path: str
    operation: Operation
    query: str = ""

    @property
    def name(self) -> str:
        return f"{self.method} {self.path or '/'}{self.query}"

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def scope(self) -> TokenScope:
        """What a token needs for it."""
        return TokenScope.READ if self.query else self.operation.scope

    @property
    def status(self) -> int:
        """What its owner is answered."""
        made = self.operation
        return 200 if self.query else 204 if made.answer is None and made.status == 200 else made.status

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)


def calls() -> list[Call]:
    return list(_calls())


def _calls() -> Iterator[Call]:
    for route, view in views():
        path = _PARAMETER.sub(r"{\1}", f"/{route}").removeprefix(PREFIX)
        for method, operation in operations_of(getattr(view, "cls", None)).items():
            yield Call(method, path, operation)
            if operation.dry_run:
                yield Call(method, path, operation, query=f"?{operation.dry_run}=1")


def views(under: str = "api/") -> Iterator[tuple[str, Any]]:
    """Every route of the site that begins so, with its view."""
    for route, view in _views(get_resolver().url_patterns, ""):
        if route.startswith(under):
            yield route, view


def _views(entries: Sequence[Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for entry in entries:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _views(entry.url_patterns, route)
        else:
            yield route, entry.callback


def named(name: str) -> Call:
    return next(call for call in calls() if call.name == name)


def send(client: Client, call: Call, mine: Everything, *, ids: Mapping[str, str] | None = None, **options: Any) -> Any:
    """Call it as the owner of ``mine`` would. ``ids``: other ones in the address; ``body``: another one; ``headers``: more."""
    ask = ask_of(call.name, mine)
    at = usual_ids(mine) | dict(ask.ids) | dict(ids or {})
    address = address_of(call, at)
    headers = {**_conditions(call, usual_ids(mine) | dict(ask.ids)), **options.get("headers", {})}
    if ask.file is not None and "body" not in options:
        return client.post(address, _parts(ask), headers=headers)
    return client.generic(call.method, address, headers=headers, **_json(call, options.get("body", ask.body)))


def address_of(call: Call, ids: Mapping[str, str]) -> str:
    return PREFIX + call.path.format(**{name: quote(ids[name], safe="") for name in call.parameters}) + call.query


def _json(call: Call, body: Any) -> dict[str, Any]:
    if not call.writes or body is None:
        return {}
    return {"data": body if isinstance(body, bytes) else json.dumps(body), "content_type": "application/json"}


def _parts(ask: Ask) -> dict[str, Any]:
    return {**(ask.body or {}), "file": SimpleUploadedFile("picture.png", ask.file, "image/png")}


def _conditions(call: Call, at: Mapping[str, str]) -> dict[str, str]:
    """If-Match with what there is now, and a new Idempotency-Key, where they are asked for."""
    headers = {"Idempotency-Key": fresh_key(call.name, at)} if call.operation.paid and not call.query else {}
    if not call.operation.if_match:
        return headers
    is_of_shot = "shot_id" in call.parameters
    row = Shot.all_objects.get(pk=at["shot_id"]) if is_of_shot else Session.all_objects.get(pk=at["session_id"])
    return {**headers, "If-Match": f'"{row.version}.1"'}
