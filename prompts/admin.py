"""The admin shows and never changes: what is to be changed has a verb, which keeps money, history and files in step."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from prompts.models import Prompt, PromptVersion

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class ReadOnlyAdmin(ModelAdmin):
    """Every record that there is, deleted ones too, to be looked at. The base of all our admin pages."""

    list_per_page = 50
    show_full_result_count = False
    actions = None
    search_fields: ClassVar[tuple[str, ...]] = ("=pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = getattr(self.model, "all_objects", self.model._default_manager).get_queryset()
        return rows.order_by(*self.get_ordering(request)) if self.get_ordering(request) else rows

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """Every column, ids too, but bytes and what ``exclude`` names; then what the class adds by ``readonly_fields``."""
        columns = [field for field in self.model._meta.fields if not isinstance(field, models.BinaryField)]
        return [*(column.name for column in columns if column.name not in (self.exclude or ())), *self.readonly_fields]

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(Prompt)
class PromptAdmin(ReadOnlyAdmin):
    list_display = ("session", "title", "target_model", "mode", "version")
    list_select_related = ("session",)
    search_fields = ("=session__id", "=uuid", "title")


@admin.register(PromptVersion)
class PromptVersionAdmin(ReadOnlyAdmin):
    list_display = ("id", "prompt", "number", "label", "by", "created_at")
    list_select_related = ("prompt", "by")
    search_fields = ("=id", "=prompt__session__id")
    raw_id_fields = ("prompt",)
