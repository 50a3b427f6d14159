"""Sessions and what the doors remember, to be looked at by staff. Looking into somebody's session is written down."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html_join

from prompts.admin import ReadOnlyAdmin
from sessions_app import models
from sessions_app.web.accounts import AdminSignInForm

LISTS_OF_A_SESSION = ("shot", "take", "job", "style", "cut", "export", "asset")
QUEUE_APP = "django_q"

admin.site.login_form = AdminSignInForm

for model in [model for model in admin.site._registry if model._meta.app_label == QUEUE_APP]:
    admin.site.unregister(model)  # bells are nobody's to edit: the Job rows are the truth about work


@admin.register(models.Session)
class SessionAdmin(ReadOnlyAdmin):
    list_display = ("id", "name", "owner", "status", "active_mode", "version", "revision", "updated_at", "deleted_at")
    list_filter = ("status", "active_mode")
    list_select_related = ("owner",)
    search_fields = ("=id", "=owner__username", "name")
    ordering = ("-listed_at",)
    readonly_fields = ("related",)

    def related(self, session: models.Session) -> str:
        query = urlencode({"q": session.pk})
        rows = [(reverse(f"admin:continuity_{name}_changelist"), query, f"{name}s") for name in LISTS_OF_A_SESSION]
        return format_html_join(" · ", '<a href="{}?{}">{}</a>', rows)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = super().change_view(request, object_id, *args, **kwargs)
        session = self.get_object(request, unquote(object_id))
        if session is not None and answer.status_code == 200:
            session.record("staff.view", by=request.user, target=session)
        return answer


@admin.register(models.Edit)
class EditAdmin(ReadOnlyAdmin):
    list_display = ("id", "session", "number", "by", "verb", "target_kind", "target_id", "created_at", "undone_at")
    list_filter = ("verb", "target_kind")
    list_select_related = ("session", "by")
    search_fields = ("=session__id", "=target_id")


@admin.register(models.AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "actor_kind", "action", "object_kind", "object_id", "session_id")
    list_filter = ("actor_kind", "action", "object_kind")
    list_select_related = ("actor",)
    search_fields = ("=object_id", "=session_id", "=actor__username")
    ordering = ("-id",)


@admin.register(models.ShareLink)
class ShareLinkAdmin(ReadOnlyAdmin):
    """The token opens the link, so it is not shown."""

    list_display = ("id", "session", "scope", "created_by", "created_at", "expires_at", "revoked_at", "origin")
    list_filter = ("scope", "origin")
    list_select_related = ("session", "created_by")
    search_fields = ("=id", "=session__id")
    exclude = ("token",)


@admin.register(models.ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "name", "prefix", "created_at", "last_used_at", "expires_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("=id", "=user__username", "=prefix")
    exclude = ("hash",)


@admin.register(models.IdempotencyRecord)
class IdempotencyRecordAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "route", "state", "status", "created_at", "expires_at")
    list_filter = ("state",)
    list_select_related = ("user",)
    search_fields = ("=key", "=user__username")


@admin.register(models.FeatureRollout)
class FeatureRolloutAdmin(ReadOnlyAdmin):
    list_display = ("name", "enabled", "percent", "updated_at")


@admin.register(models.FeatureOverride)
class FeatureOverrideAdmin(ReadOnlyAdmin):
    list_display = ("rollout", "user", "enabled")
    list_select_related = ("rollout", "user")
    search_fields = ("=user__username",)


@admin.register(models.LegacyBackup)
class LegacyBackupAdmin(ReadOnlyAdmin):
    list_display = ("id", "file_name", "count", "sha256", "created_at")


@admin.register(models.LegacyDocument)
class LegacyDocumentAdmin(ReadOnlyAdmin):
    list_display = ("path", "document_id", "owner_uid", "state", "size", "imported_at")
    list_filter = ("state", "collection")
    search_fields = ("=path", "=document_id", "=owner_uid")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("raw")


@admin.register(models.LegacyLink)
class LegacyLinkAdmin(ReadOnlyAdmin):
    list_display = ("session", "half", "path", "sha256")
    list_filter = ("half",)
    search_fields = ("=session__id", "=path__path")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("session", "path").defer("path__raw")


@admin.register(models.LegacyIdentity)
class LegacyIdentityAdmin(ReadOnlyAdmin):
    list_display = ("uid", "user", "created_by_run")
    list_select_related = ("user", "created_by_run")
    search_fields = ("=uid", "=user__username")


@admin.register(models.MigrationRun)
class MigrationRunAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "mode", "state", "started_at", "heartbeat_at", "finished_at")
    list_filter = ("kind", "mode", "state")


@admin.register(models.MigrationItem)
class MigrationItemAdmin(ReadOnlyAdmin):
    list_display = ("run", "path", "outcome", "problem_codes", "session_id")
    list_filter = ("outcome",)
    list_select_related = ("run",)
    search_fields = ("=run__id", "=path", "=session_id")
