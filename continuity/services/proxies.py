"""The scene proxy: a reference picture of the scene that can be looked at from a little to the side, as the start image of a
new angle. Honest and bounded: what the picture does not show is a hole, and too much of it is refused.
"""

import hashlib
import json
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from continuity.enums import ProxyKind, ProxyState
from continuity.models import Asset, Frame, SceneProxy, Shot
from continuity.services import media
from continuity.services.errors import Refused
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
    with transaction.atomic():
        type(session).all_objects.select_for_update(no_key=True).get(pk=session.pk)
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
        session.record("proxy.set", by=by, target=proxy)
        session.touch(by=by)
    return proxy


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
        raise Refused("shot_locked", "This shot is locked: unlock it to point its camera.")
    proxy = current(shot.session_id)
    if proxy is None:
        raise Refused("no_proxy", "This scene has no proxy: choose a reference picture for it first.")
    camera = {"yaw": yaw, "pitch": pitch, "dolly": dolly}
    rendered = _rendered(proxy, camera)
    with transaction.atomic():
        Shot.objects.filter(pk=shot.pk).update(camera=camera)
        shot.session.record("shot.aim", by=by, target=shot)
        shot.touch(by=by)
    return rendered.hole_share


def start_picture(shot: Shot) -> Frame | None:
    """The proxy seen from the shot's camera, kept; None for a shot that aims no camera or a scene without a proxy."""
    proxy = current(shot.session_id) if shot.camera else None
    if proxy is None:
        return None
    camera = {name: float(shot.camera.get(name, 0)) for name in CAMERA}
    recipe = hashlib.sha256(json.dumps([PROXY, proxy.pk, camera], sort_keys=True).encode()).hexdigest()
    reference = proxy.reference.image
    known = Frame.objects.filter(asset__parent=reference, asset__recipe_sha256=recipe, asset__deleted_at=None).first()
    if known is not None:
        return known
    rendered = _rendered(proxy, camera)
    return media.keep_derived_still(rendered.picture, parent=reference, recipe=recipe, name="scene proxy")


def _rendered(proxy: SceneProxy, camera: dict[str, float]) -> Proxy:
    picture = media.picture(proxy.reference)
    try:
        if proxy.kind == ProxyKind.PAN_ZOOM:
            return render_proxy(picture, **camera)
        return render_parallax(picture, media.still_picture(_depth(proxy)), **camera)
    except VisionError as error:
        raise Refused(error.code, str(error)) from error


def _depth(proxy: SceneProxy) -> Asset:
    if proxy.depth is None:
        raise Refused("no_depth", "This proxy has no depth picture any more: set the scene's proxy again.")
    return proxy.depth
