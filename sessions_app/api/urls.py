"""Everything under /api."""

from django.urls import include, path, re_path

from sessions_app.api.docs import openapi_document, swagger_page
from sessions_app.api.v2.views.account import Root
from sessions_app.api.views import NoSuchAddress

urlpatterns = [
    path("v2", Root.as_view(), name="api-root"),
    path("v2/docs", swagger_page, name="api-docs"),
    path("v2/openapi.yaml", openapi_document, name="api-document"),
    path("v2/", include("sessions_app.api.v2.urls")),
    re_path(r"^.*\Z", NoSuchAddress.as_view()),
]
