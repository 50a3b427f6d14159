"""The operations of an address as forms, each filled in with what is there or with what was typed and refused."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http.request import QueryDict
from rest_framework.request import Request

from sessions_app.api.addresses import Below
from sessions_app.api.controls import Control, controls, example
from sessions_app.api.operation import Operation


@dataclass(frozen=True)
class Shown:
    """What the page shows: the answer's ETag, its data when it is something to change, its problem when it is one."""

    tag: str
    data: Mapping[str, Any]
    problem: Mapping[str, Any]


@dataclass(frozen=True)
class Form:
    """One operation that writes, ready to be sent. ``tag``: the ETag to change, None = not asked for; ``key``: a fresh
    Idempotency-Key; ``example``: the body as JSON; ``dry_run``: the address that only says what would happen; "" = none."""

    method: str
    summary: str
    description: str
    address: str
    controls: list[Control]
    example: str
    tag: str | None
    key: str
    dry_run: str
    is_multipart: bool
    is_open: bool


def forms(request: Request, shown: Shown, *, own: Mapping[str, Operation], beneath: list[Below]) -> list[Form]:
    """The writing operations of this address, then those of addresses beneath it that cannot be read for themselves."""
    mine = [_own(request, shown, method, operation) for method, operation in own.items() if method != "GET"]
    theirs = [
        _form(method, operation, place.address, tag=shown.tag, values={}, errors={})
        for place in beneath
        if "GET" not in place.operations
        for method, operation in place.operations.items()
        if not operation.of_deleted  # what can be read here is there
    ]
    if len(mine) == 1 and "GET" not in own:  # nothing else can be done here
        mine = [_opened(mine[0])]
    return mine + theirs


def parameters(request: Request, own: Mapping[str, Operation]) -> list[Control]:
    """The parameters that the operations of this address know, with what they are now."""
    now = request.query_params
    return list({one.name: one for made in own.values() for one in controls(made.query, values=now, errors={})}.values())


def _own(request: Request, shown: Shown, method: str, operation: Operation) -> Form:
    """A change begins with what is there; what was refused is given back as it was typed, with the reasons."""
    address, is_refused = _address(request, operation), bool(shown.problem) and method == request.method
    if not is_refused:
        now = shown.data if method in ("PATCH", "PUT") else {}
        return _form(method, operation, address, tag=shown.tag, values=now, errors={})
    typed = _typed(request)
    errors = {error.get("pointer", "").strip("/"): error["detail"] for error in shown.problem.get("errors", [])}
    tag = shown.tag or str(typed.get("If-Match", ""))
    return _opened(_form(method, operation, address, tag=tag, values=typed, errors=errors))


def _form(
    method: str, operation: Operation, address: str, *, tag: str, values: Mapping[str, Any], errors: Mapping[str, str]
) -> Form:
    takes_key = method == "POST" and operation.file is None and not operation.anonymous
    return Form(
        method=method,
        summary=operation.summary,
        description=operation.description,
        address=address,
        controls=controls(operation.body, values=values, errors=errors) + _files(operation),
        example=example(operation.body, values=values),
        tag=tag if operation.if_match else None,
        key=secrets.token_urlsafe(24) if takes_key else "",
        dry_run=f"{address.partition('?')[0]}?{operation.dry_run}=1" if operation.dry_run else "",
        is_multipart=operation.file is not None,
        is_open=False,
    )


def _opened(form: Form) -> Form:
    return Form(**{**form.__dict__, "is_open": True})


def _files(operation: Operation) -> list[Control]:
    return [Control(operation.file, "file", operation.body is None, "", (), "null")] if operation.file is not None else []


def _typed(request: Request) -> dict[str, Any]:
    """What a form sent, if the view came as far as reading it."""
    sent = request.__dict__.get("_full_data")
    if not isinstance(sent, QueryDict):
        return {}
    return {name: sent[name] if len(sent.getlist(name)) == 1 else sent.getlist(name) for name in sent}


def _address(request: Request, operation: Operation) -> str:
    """This address with those of its parameters that ``operation`` knows."""
    names = set(operation.query().fields) if operation.query else set()
    kept = QueryDict(mutable=True)
    for name in names & set(request.query_params):
        kept[name] = str(request.query_params[name])
    path = request.get_full_path().partition("?")[0]
    return f"{path}?{kept.urlencode()}" if kept else path
