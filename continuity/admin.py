"""The engine's records, to be looked at by staff: every job leads to its take, shot and session, and back."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from continuity import models
from continuity.services.budgets import dollars
from prompts.admin import ReadOnlyAdmin

THUMBNAIL = '<img src="{}" alt="{}" width="160" loading="lazy">'
NOTHING = "–"


def thumbnail(asset_id: str | None, variant: str, words: str) -> str:
    """A picture of an asset through the staff's media door."""
    return format_html(THUMBNAIL, reverse("staff-media", args=[asset_id, variant]), words) if asset_id else NOTHING


def links(*targets: tuple[str, str, dict[str, str]]) -> str:
    """Links to lists: (words, model name, query)."""
    rows = [(reverse(f"admin:continuity_{name}_changelist"), urlencode(query), words) for words, name, query in targets]
    return format_html_join(" · ", '<a href="{}?{}">{}</a>', rows)


def money(*columns: str) -> list[str]:
    """The names of the display methods of these ``…_micros`` columns."""
    return [column.replace("_micros", "_dollars") for column in columns]


class MoneyAdmin(ReadOnlyAdmin):
    """Shows every ``…_micros`` column in dollars."""

    money_columns: tuple[str, ...] = ()

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        for column in self.money_columns:
            setattr(self, money(column)[0], self._in_dollars(column))

    def _in_dollars(self, column: str) -> Any:
        @admin.display(description=column.replace("_micros", ""), ordering=column)
        def shown(row: Any) -> str:
            micros = getattr(row, column)
            return "no limit" if micros is None else dollars(micros)

        return shown

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        others = [name for name in super().get_fields(request, obj) if name not in self.money_columns]
        return [*others, *money(*self.money_columns)]


@admin.register(models.Continuity)
class ContinuityAdmin(ReadOnlyAdmin):
    list_display = ("session", "generation_mode", "default_mode", "default_model", "base_style_source")
    list_filter = ("generation_mode", "default_mode", "base_style_source")
    list_select_related = ("session",)
    search_fields = ("=session__id",)


@admin.register(models.Shot)
class ShotAdmin(ReadOnlyAdmin):
    list_display = ("id", "session", "rank", "user_prompt", "mode", "chosen_take", "deleted_at")
    list_filter = ("mode", "chosen_by")
    list_select_related = ("session", "chosen_take")
    search_fields = ("=id", "=session__id")
    readonly_fields = ("related",)

    def related(self, shot: models.Shot) -> str:
        return links(("takes", "take", {"q": shot.pk}), ("jobs", "job", {"q": shot.pk}))


@admin.register(models.Take)
class TakeAdmin(ReadOnlyAdmin):
    list_display = ("id", "first_picture", "state", "shot", "number", "origin", "model", "error_code", "created_at")
    list_filter = ("state", "origin", "mode", "provider")
    list_select_related = ("shot",)
    search_fields = ("=id", "=shot__id", "=shot__session__id", "=request_sha256")
    readonly_fields = ("related", "first_picture", "last_picture")

    @admin.display(description="first frame")
    def first_picture(self, take: models.Take) -> str:
        return thumbnail(take.video_id if take.first_frame_id else None, "first", f"first frame of take {take.number}")

    @admin.display(description="last frame")
    def last_picture(self, take: models.Take) -> str:
        return thumbnail(take.video_id if take.last_frame_id else None, "last", f"last frame of take {take.number}")

    def related(self, take: models.Take) -> str:
        return links(("jobs", "job", {"q": take.pk}), ("charges", "charge", {"q": take.pk}))


@admin.register(models.TakeReference)
class TakeReferenceAdmin(ReadOnlyAdmin):
    list_display = ("take", "frame", "role", "order")
    list_select_related = ("take", "frame")
    search_fields = ("=take__id",)


@admin.register(models.Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "state", "step", "session", "shot", "take", "by", "provider", "attempts", "error_code")
    list_filter = ("state", "kind", "provider", "step")
    list_select_related = ("session", "shot", "take", "by")
    search_fields = ("=id", "=session__id", "=shot__id", "=take__id", "=remote_id", "=subject_key")
    ordering = ("-created_at",)
    readonly_fields = ("related",)

    def related(self, job: models.Job) -> str:
        return links(("events", "jobevent", {"q": job.pk}), ("charge", "charge", {"q": job.pk}))


@admin.register(models.JobEvent)
class JobEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "job", "from_state", "to_state", "step", "fence", "note")
    list_filter = ("to_state", "step")
    list_select_related = ("job",)
    search_fields = ("=job__id",)
    ordering = ("-id",)


@admin.register(models.Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("name", "at")
    ordering = ("-at",)


@admin.register(models.Blob)
class BlobAdmin(ReadOnlyAdmin):
    list_display = ("sha256", "kind", "container", "codec", "width", "height", "size", "created_at")
    list_filter = ("kind", "container", "codec")


@admin.register(models.Asset)
class AssetAdmin(ReadOnlyAdmin):
    list_display = ("id", "picture", "name", "role", "origin", "owner", "session", "created_at", "deleted_at")
    list_filter = ("role", "origin")
    list_select_related = ("owner", "session")
    search_fields = ("=id", "=session__id", "=owner__username", "=blob__sha256")
    ordering = ("-created_at",)
    readonly_fields = ("picture", "original")

    def picture(self, asset: models.Asset) -> str:
        if asset.role == "still":
            return thumbnail(asset.pk, "original", asset.name)
        return thumbnail(asset.pk, "poster", asset.name) if asset.role == "clip" else NOTHING

    @admin.display(description="file")
    def original(self, asset: models.Asset) -> str:
        return format_html(
            '<a href="{}">open (written into the audit log)</a>', reverse("staff-media", args=[asset.pk, "original"])
        )


@admin.register(models.Frame)
class FrameAdmin(ReadOnlyAdmin):
    list_display = ("id", "picture", "asset", "index", "role", "width", "height")
    list_filter = ("role",)
    list_select_related = ("asset",)
    search_fields = ("=id", "=asset__id")
    readonly_fields = ("picture",)

    def picture(self, frame: models.Frame) -> str:
        return thumbnail(frame.image_id, "original", f"frame {frame.index}")


@admin.register(models.Export)
class ExportAdmin(ReadOnlyAdmin):
    list_display = ("id", "session", "asset", "created_at")
    list_select_related = ("session", "asset")
    search_fields = ("=id", "=session__id")


@admin.register(models.Style)
class StyleAdmin(ReadOnlyAdmin):
    list_display = ("id", "session", "number", "origin", "fragment", "source_take", "by", "created_at")
    list_filter = ("origin",)
    list_select_related = ("session", "source_take", "by")
    search_fields = ("=id", "=session__id")


@admin.register(models.StyleTemplate)
class StyleTemplateAdmin(ReadOnlyAdmin):
    list_display = ("id", "name", "owner", "created_at", "deleted_at")
    list_select_related = ("owner",)


@admin.register(models.Extraction)
class ExtractionAdmin(MoneyAdmin):
    money_columns = ("cost_micros",)
    list_display = ("id", "owner", "extractor", "frames_sha256", "tokens", "cost_dollars", "created_at")
    list_filter = ("extractor",)
    list_select_related = ("owner",)
    search_fields = ("=frames_sha256",)


@admin.register(models.Cut)
class CutAdmin(ReadOnlyAdmin):
    list_display = ("id", "session", "left_take", "right_take", "metric", "state", "score", "band", "bridge_kind")
    list_filter = ("state", "band", "bridge_kind", "metric")
    list_select_related = ("session", "left_take", "right_take")
    search_fields = ("=id", "=session__id", "=left_take__id", "=right_take__id")


@admin.register(models.Grade)
class GradeAdmin(ReadOnlyAdmin):
    list_display = ("id", "take", "state", "strength", "delta_e_before", "delta_e_after", "refused_reason")
    list_filter = ("state",)
    list_select_related = ("take",)
    search_fields = ("=id", "=take__id")


@admin.register(models.SceneProxy)
class SceneProxyAdmin(ReadOnlyAdmin):
    list_display = ("id", "session", "kind", "state", "current", "created_at")
    list_filter = ("state", "kind")
    list_select_related = ("session",)
    search_fields = ("=id", "=session__id")


@admin.register(models.GenerationRun)
class GenerationRunAdmin(ReadOnlyAdmin):
    list_display = ("id", "session", "directory", "layout", "created_at")
    list_filter = ("layout",)
    list_select_related = ("session",)
    search_fields = ("=id", "=session__id")


@admin.register(models.Budget)
class BudgetAdmin(MoneyAdmin):
    money_columns = ("limit_micros", "reserved_micros", "spent_micros", "overrun_micros")
    list_display = ("scope", "limit_dollars", "reserved_dollars", "spent_dollars", "overrun_dollars")
    search_fields = ("scope",)


@admin.register(models.Charge)
class ChargeAdmin(MoneyAdmin):
    money_columns = ("estimate_micros", "reserved_micros", "settled_micros", "released_micros", "overrun_micros")
    list_display = ("id", "job", "take", "payer", "model", "state", *money(*money_columns[1:]))
    list_filter = ("state", "provider", "model")
    list_select_related = ("job", "take", "payer")
    search_fields = ("=job__id", "=take__id", "=payer__username")
    ordering = ("-id",)


@admin.register(models.LedgerEntry)
class LedgerEntryAdmin(MoneyAdmin):
    money_columns = ("amount_micros",)
    list_display = ("at", "charge", "kind", "amount_dollars", "note")
    list_filter = ("kind",)
    list_select_related = ("charge",)
    search_fields = ("=charge__job__id", "=charge__take__id")
    ordering = ("-id",)


@admin.register(models.ProviderKey)
class ProviderKeyAdmin(ReadOnlyAdmin):
    """The key itself is never shown: only its last four characters."""

    list_display = ("user", "provider", "last4", "created_at", "revoked_at")
    list_filter = ("provider",)
    list_select_related = ("user",)
    search_fields = ("=user__username",)


@admin.register(models.ProviderHealth)
class ProviderHealthAdmin(ReadOnlyAdmin):
    list_display = ("provider", "state", "failures", "opened_at", "not_before")
    list_filter = ("state",)
