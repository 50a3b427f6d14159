"""The API's document, and a page to read and try it. Both are for everybody: they say how the API is, not what is in it."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import conditional_page, require_safe

DOCUMENT = Path(__file__).parent / "v2" / "openapi.yaml"
YAML = "application/yaml; charset=utf-8"
"""RFC 9512."""


@require_safe
@conditional_page
def openapi_document(request: HttpRequest) -> HttpResponse:
    """The document of version 2 as it is committed; 304 to who has it."""
    return HttpResponse(DOCUMENT.read_bytes(), content_type=YAML)


@require_safe
def swagger_page(request: HttpRequest) -> HttpResponse:
    """The document as a page that sends requests: as the person who is signed in, or with a token typed into it."""
    return render(request, "rest_framework/swagger.html")
