"""The scene proxy: a reference picture of the scene that can be looked at from a little to the side, as the start image of a
new angle. Honest and bounded: what the picture does not show is a hole, and too much of it is refused.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from continuity.enums import BlobKind, ProxyKind, ProxyState
from continuity.models import Asset, Frame, SceneProxy, Shot
from continuity.services import media
from continuity.services.columns import as_data
from continuity.services.errors import Refused
from continuity.services.only_looking import not_while_looking
from continuity.video.errors import VideoError
from continuity.vision.errors import VisionError
from continuity.vision.proxy import PROXY, Proxy, render_parallax, render_proxy

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from sessions_app.models import Session

CAMERA = ("yaw", "pitch", "dolly")
"""``Shot.camera``: yaw (right) and pitch (up) as share of the frame, dolly as zoom."""


def set_proxy(*, session: "Session", reference: Frame, by: "User", depth: Asset | None = None) -> SceneProxy:
    """Make ``reference`` the scene's proxy: pan and zoom on it, or parallax where a depth picture comes with it."""
    if reference.asset.owner_id != session.owner_id or (depth is not None and depth.owner_id != session.owner_id):
        raise Refused("reference_of_another_owner", "This picture is not yours: upload it to this scene first.")
    if depth is not None and depth.blob.kind != BlobKind.IMAGE:
        raise Refused("depth_invalid", "A depth picture is a still: choose a picture in which near is bright and far is dark.")
    with transaction.atomic():
        type(session).all_objects.select_for_update(no_key=True).get(pk=session.pk)
        before = _current_id(session.pk)
        SceneProxy.objects.filter(session=session, current=True).update(current=False)
        proxy = SceneProxy.objects.create(
            session=session,
            kind=ProxyKind.PAN_ZOOM if depth is None else ProxyKind.DEPTH_PARALLAX,
            reference=reference,
            depth=depth,
            state=ProxyState.READY,
            current=True,
            created_at=timezone.now(),
        )
        session.edit("proxy.set", by=by, target=proxy, before={"proxy": before}, after={"proxy": proxy.pk})
    return proxy


def make_current(*, session: "Session", proxy_id: str | None, by: "User") -> None:
    """Go back to a proxy that the scene had before; None = to none. Refused for one that it never had."""
    with transaction.atomic():
        type(session).all_objects.select_for_update(no_key=True).get(pk=session.pk)
        rows, before = SceneProxy.objects.filter(session=session), _current_id(session.pk)
        rows.filter(current=True).update(current=False)
        if proxy_id is not None and rows.filter(pk=proxy_id).update(current=True) != 1:
            raise Refused("no_proxy", "This scene has no such proxy any more: choose a reference picture for a new one.")
        target = session if proxy_id is None else rows.get(pk=proxy_id)
        session.edit("proxy.set", by=by, target=target, before={"proxy": before}, after={"proxy": proxy_id})


def current(session_id: str) -> SceneProxy | None:
    return (
        SceneProxy.objects.filter(session_id=session_id, current=True, state=ProxyState.READY)
        .select_related("reference__image__blob", "reference__image__owner", "depth__blob")
        .first()
    )


def aim(*, shot: Shot, yaw: float, pitch: float, dolly: float, by: "User") -> float:
    """Point the shot's camera. Returns the share of the picture that the reference does not show, 0-1; refused past the limit,
    and for a scene without a proxy: then nothing is changed."""
    if shot.locked:
        raise _locked()  # before the picture is rendered; asked again when the shot is held
    camera = {"yaw": yaw, "pitch": pitch, "dolly": dolly}
    rendered = _rendered(_require_current(shot.session_id), camera)
    with transaction.atomic():
        row = Shot.objects.select_for_update(no_key=True, of=("self",)).select_related("session").get(pk=shot.pk)
        if row.locked:
            raise _locked()
        before = as_data(row, ["camera"])
        if row.camera != camera:
            Shot.objects.filter(pk=row.pk).update(camera=camera)
            row.edit("shot.change", by=by, before=before, after={"camera": camera})
    return rendered.hole_share


def look(*, session: "Session", yaw: float = 0.0, pitch: float = 0.0, dolly: float = 0.0) -> tuple[Frame, float]:
    """The scene's proxy seen from a camera, kept, and the share of it that the reference does not show. Refused like ``aim``."""
    proxy, camera = _require_current(session.pk), {"yaw": float(yaw), "pitch": float(pitch), "dolly": float(dolly)}
    rendered = _rendered(proxy, camera)
    return _known_picture(proxy, camera) or _keep(rendered, proxy, camera), rendered.hole_share


def require_visible(*, session_id: str, camera: Mapping[str, Any]) -> None:
    """Refused when the scene's proxy cannot be seen from ``camera``: yaw, pitch, dolly, each 0 where it is left out. An empty one
    asks for no proxy."""
    if not camera:
        return
    if not camera.keys() <= set(CAMERA) or not all(_is_number(value) for value in camera.values()):
        raise Refused("camera_invalid", "A camera is yaw, pitch and dolly, as numbers: write it so.")
    _rendered(_require_current(session_id), _complete(camera))


def start_picture(shot: Shot) -> Frame | None:
    """The proxy seen from the shot's camera, kept; None for a shot that aims no camera or a scene without a proxy."""
    proxy = current(shot.session_id) if shot.camera else None
    if proxy is None:
        return None
    camera = _complete(shot.camera)
    known = _known_picture(proxy, camera)
    if known is not None:
        return known
    not_while_looking("The view of the scene's proxy from this camera is rendered when the take is made.")
    return _keep(_rendered(proxy, camera), proxy, camera)


def _current_id(session_id: str) -> str | None:
    return SceneProxy.objects.filter(session_id=session_id, current=True).values_list("pk", flat=True).first()


def _require_current(session_id: str) -> SceneProxy:
    proxy = current(session_id)
    if proxy is None:
        raise Refused("no_proxy", "This scene has no proxy: choose a reference picture for it first.")
    return proxy


def _complete(camera: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(camera.get(name, 0)) for name in CAMERA}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _recipe(proxy: SceneProxy, camera: dict[str, float]) -> str:
    return hashlib.sha256(json.dumps([PROXY, proxy.pk, camera], sort_keys=True).encode()).hexdigest()


def _known_picture(proxy: SceneProxy, camera: dict[str, float]) -> Frame | None:
    recipe, parent = _recipe(proxy, camera), proxy.reference.image
    return Frame.objects.filter(asset__parent=parent, asset__recipe_sha256=recipe, asset__deleted_at=None).first()


def _keep(rendered: Proxy, proxy: SceneProxy, camera: dict[str, float]) -> Frame:
    recipe, parent = _recipe(proxy, camera), proxy.reference.image
    return media.keep_derived_still(rendered.picture, parent=parent, recipe=recipe, name="scene proxy")


def _locked() -> Refused:
    return Refused("shot_locked", "This shot is locked: unlock it to point its camera.")


def _rendered(proxy: SceneProxy, camera: dict[str, float]) -> Proxy:
    picture = media.picture(proxy.reference)
    try:
        if proxy.kind == ProxyKind.PAN_ZOOM:
            return render_proxy(picture, **camera)
        return render_parallax(picture, media.still_picture(_depth(proxy)), **camera)
    except (VideoError, VisionError) as error:
        raise Refused(error.code, str(error)) from error


def _depth(proxy: SceneProxy) -> Asset:
    if proxy.depth is None:
        raise Refused("no_depth", "This proxy has no depth picture any more: set the scene's proxy again.")
    return proxy.depth
