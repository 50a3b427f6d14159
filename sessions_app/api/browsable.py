"""The API in a browser: every answer as a page of the product, with its links to follow and its operations as forms."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import loader
from rest_framework.renderers import BrowsableAPIRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from sessions_app import request_id
from sessions_app.api.addresses import below, crumbs, operations_of
from sessions_app.api.forms import Shown, forms, parameters
from sessions_app.api.json_markup import is_address, marked_up
from sessions_app.api.problems import PROBLEM_JSON

TEMPLATE = "rest_framework/api.html"
HTML = "text/html; charset=utf-8"
NOBODYS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)
"""Statuses after which there is nothing here that could be worked on."""


class ApiPages(BrowsableAPIRenderer):
    """What a browser gets where a script gets JSON: the same data, status and headers, inside a page of the product.

    The JSON shown is what the view's first renderer would have sent. Errors are shown in the same frame.
    """

    template = TEMPLATE

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None) -> str:
        context = dict(renderer_context or {})
        response: Response = context["response"]
        sent = next(iter(context["view"].renderer_classes))().render(data, None, dict(context))
        page = _page(json.loads(sent or "null"), context["view"], context["request"], response)
        html = loader.render_to_string(TEMPLATE, page, request=context["request"])
        response["Cache-Control"] = "private, no-store"  # a page kept by the browser would offer its Idempotency-Key twice
        if response.status_code == HTTPStatus.NO_CONTENT:
            response.status_code = HTTPStatus.OK  # a page is content; it says 204 itself
        return html


def error_page(request: HttpRequest, problem: Mapping[str, Any], *, status: int) -> HttpResponse:
    """A problem outside any view, in the same frame. Asks neither database nor session: they may be what is broken."""
    page = _answer(dict(problem), request, headers={"X-Request-Id": request_id.current()}, status=status)
    return HttpResponse(loader.render_to_string(TEMPLATE, page), status=status, content_type=HTML)


def _page(data: Any, view: Any, request: Request, response: Response) -> dict[str, Any]:
    own = operations_of(view)
    here = own.get("GET" if request.method == "HEAD" else str(request.method)) or next(iter(own.values()), None)
    page = _answer(data, request, headers=dict(response.items()), status=response.status_code)
    page["json_address"] = _json_address(request) if request.method == "GET" else ""
    if here is not None:
        page |= {"title": here.summary, "description": here.description.replace("`", "")}
    return page if response.status_code in NOBODYS else page | _to_do(data, own, request, response)


def _to_do(data: Any, own: Mapping[str, Any], request: Request, response: Response) -> dict[str, Any]:
    """The forms of this address and the addresses beneath it."""
    is_problem = response.status_code >= 400
    is_to_change = request.method in ("GET", "PATCH", "PUT") and isinstance(data, dict) and not is_problem
    shown = Shown(response.get("ETag", ""), data if is_to_change else {}, data if is_problem else {})
    beneath = below(request.resolver_match.route, request.path) if request.resolver_match else []
    return {
        "forms": forms(request, shown, own=own, beneath=beneath),
        "below": [place for place in beneath if "GET" in place.operations],
        "parameters": parameters(request, own),
    }


def _answer(data: Any, request: Request | HttpRequest, *, headers: Mapping[str, str], status: int) -> dict[str, Any]:
    """What was asked and what was answered. ``headers`` are those that a script gets, as far as they are known here."""
    is_problem = status >= 400 and isinstance(data, dict)
    known = {name: value for name, value in headers.items() if name != "Content-Type"} | {"X-Request-Id": request_id.current()}
    if data is not None:
        known["Content-Type"] = PROBLEM_JSON if is_problem else "application/json"
    return {
        "title": HTTPStatus(status).phrase,
        "crumbs": crumbs(request.path),
        "method": request.method,
        "address": request.get_full_path(),
        "status": status,
        "phrase": HTTPStatus(status).phrase,
        "mood": "failed" if status >= 400 else "generating" if status == HTTPStatus.ACCEPTED else "done",
        "problem": data if is_problem else None,
        "headers": [(name, value, is_address(value)) for name, value in sorted(known.items())],
        "json": marked_up(data) if data is not None else "",
    }


def _json_address(request: Request) -> str:
    query = request.query_params.copy()
    query["format"] = "json"
    return f"?{query.urlencode()}"
