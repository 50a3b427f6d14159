"""Every door of the house: the admin, and what sessions_app opens."""

from django.contrib import admin
from django.urls import include, path

from sessions_app.web.media import staff_media

urlpatterns = [
    path("admin/media/<str:asset_id>/<str:variant>", admin.site.admin_view(staff_media), name="staff-media"),
    path("admin/", admin.site.urls),
    path("", include("sessions_app.web.urls")),
]
