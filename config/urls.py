"""Every door of the house: the admin, the API, and the pages."""

import json

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views import defaults

from sessions_app.api import problems
from sessions_app.api.browsable import error_page
from sessions_app.web.media import staff_media

urlpatterns = [
    path("admin/media/<str:asset_id>/<str:variant>", admin.site.admin_view(staff_media), name="staff-media"),
    path("admin/", admin.site.urls),
    path("api/", include("sessions_app.api.urls")),
    path("", include("sessions_app.web.urls")),
]


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that Django itself refuses, such as one for a host that is not served here."""
    if not request.path.startswith("/api/"):
        return defaults.bad_request(request, exception)
    return problems.answer(request, problems.Problem(400, "bad_request", "This request cannot be read: send it as documented."))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An address that no pattern takes, such as one with a line break in it."""
    if not request.path.startswith("/api/"):
        return defaults.page_not_found(request, exception)
    return problems.answer(request, problems.Problem(404, "not_found", problems.NOT_FOUND))


def server_error(request: HttpRequest) -> HttpResponse:
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    answer = problems.server_error(request)
    if request.get_preferred_type(["application/json", "text/html"]) != "text/html":
        return answer
    return error_page(request, json.loads(answer.content), status=answer.status_code)


handler400 = bad_request
handler404 = page_not_found
handler500 = server_error
