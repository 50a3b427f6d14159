"""The continuity half as an answer."""

from decimal import Decimal
from typing import Any, cast

from continuity.enums import BaseStyleSource, ProxyKind, ProxyState
from continuity.models import Continuity, Frame, SceneProxy
from sessions_app.api.v2.dto import ContinuityDto, ProxyPreviewDto, SceneProxyDto, SettingsDto, ShotDto
from sessions_app.api.v2.names import SETTINGS_NAMES
from sessions_app.api.v2.present.media import frame_dto
from sessions_app.api.v2.present.plain import moment


def continuity_dto(continuity: Continuity, *, proxy: SceneProxy | None, shots: list[ShotDto]) -> ContinuityDto:
    """``primary_reference`` and the proxy's ``reference`` are read with their rows."""
    reference = continuity.primary_reference
    return {
        "shots": shots,
        "primaryStyleReference": frame_dto(reference) if reference is not None else None,
        "sceneProxy": proxy_dto(proxy) if proxy is not None else None,
        "settings": settings_dto(continuity),
        "baseStyleId": continuity.base_style_id,
        "baseStyleSource": BaseStyleSource(continuity.base_style_source),
        "baseTakeId": continuity.base_take_id,
    }


def settings_dto(continuity: Continuity) -> SettingsDto:
    named = {api_name: _number(getattr(continuity, column)) for column, api_name in SETTINGS_NAMES.items()}
    return cast(SettingsDto, named)


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def proxy_dto(proxy: SceneProxy) -> SceneProxyDto:
    return {
        "id": proxy.pk,
        "kind": ProxyKind(proxy.kind),
        "state": ProxyState(proxy.state),
        "reference": frame_dto(proxy.reference),
        "depthAssetId": proxy.depth_id,
        "error": proxy.error_code,
        "createdAt": moment(proxy.created_at),
    }


def proxy_preview_dto(frame: Frame, *, hole_share: float) -> ProxyPreviewDto:
    return {"frame": frame_dto(frame), "holeShare": hole_share}
