"""The continuity half: adding it, its settings, its reference picture, its proxy, a fresh anchor."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from continuity.models import Asset, Continuity, Frame, Shot, Take
from continuity.selectors import model_named
from continuity.services import proxies, style_reference, styles
from continuity.services.errors import Refused
from prompts.models import Prompt
from sessions_app import access, services
from sessions_app.api.answers import Answer, accepted, created
from sessions_app.api.operation import Asked, operation
from sessions_app.api.problems import Problem
from sessions_app.api.v2 import present
from sessions_app.api.v2.dto import JobDto, ProxyPreviewDto, SceneProxyDto, SessionDto
from sessions_app.api.v2.inputs import continuity as inputs
from sessions_app.api.v2.present.plain import session_url
from sessions_app.api.v2.views.sessions import now
from sessions_app.api.views import ApiView
from sessions_app.enums import TokenScope

WRITE = TokenScope.WRITE


class ContinuityHalf(ApiView):
    tag = "continuity"

    @operation(
        "Add the continuity half",
        scope=WRITE,
        status=201,
        body=inputs.NewContinuity,
        remembers=False,
        answer=SessionDto,
        has_tag=True,
        description="To this same session: empty, from its prompt, from a finished take, from a clip or from a picture of yours.",
    )
    def post(self, asked: Asked) -> Answer:
        settings = asked.body.pop("settings", {})
        require_models(settings, None, "default_model", "preview_model")
        services.add_continuity(session=asked.session, by=asked.user, source=source_of(asked), **settings)
        return now(asked, status=201)


class SceneSettings(ApiView):
    tag = "continuity"

    @operation(
        "Change the settings of a scene", scope=WRITE, body=inputs.Settings, answer=SessionDto, if_match=True, has_tag=True,
        description="What you leave out stays as it is. They hold for takes asked for from now on.",
    )  # fmt: skip
    def put(self, asked: Asked) -> Answer:
        require_models(asked.body, require_half(asked), "default_model", "preview_model")
        services.change_settings(session=asked.session, by=asked.user, **asked.body)
        return now(asked)


class SceneReference(ApiView):
    tag = "style"

    @operation(
        "Set the style reference",
        scope=WRITE,
        status=202,
        body=inputs.StyleReference,
        answer=JobDto,
        if_match=True,
        description="The picture is the scene's reference at once; the job measures it as a new version of the base style.",
    )
    def put(self, asked: Asked) -> Answer:
        require_half(asked)
        job = style_reference.set_style_reference(session=asked.session, by=asked.user, **picture_of(asked, file="clip"))
        return accepted(present.job_dto(job))


class SceneProxy(ApiView):
    tag = "continuity"

    @operation("Set the scene proxy", scope=WRITE, status=201, body=inputs.NewProxy, answer=SceneProxyDto)
    def post(self, asked: Asked) -> Answer:
        require_half(asked)
        depth_id = asked.body.pop("depth_asset_id", None)
        files = access.visible_assets(asked.user)
        depth = asked.find(files, depth_id, pointer="/depthAssetId") if depth_id else None
        frame = frame_of(asked, **picture_of(asked, file="asset"))
        proxy = proxies.set_proxy(session=asked.session, reference=frame, by=asked.user, depth=depth)
        return created(present.proxy_dto(proxy), session_url(asked.session.pk))


class SceneProxyPreview(ApiView):
    tag = "continuity"

    @operation(
        "Look at the scene proxy from a camera", scope=WRITE, body=inputs.Camera, answer=ProxyPreviewDto, remembers=False,
        description="The picture that a shot with this camera would start from, and how much of it the reference does not show.",
    )  # fmt: skip
    def post(self, asked: Asked) -> Answer:
        require_half(asked)
        frame, hole_share = proxies.look(session=asked.session, **asked.body)
        return Answer({"frame": present.frame_dto(frame), "holeShare": hole_share})


class ReAnchor(ApiView):
    tag = "style"

    @operation(
        "Anchor the scene at a take", scope=WRITE, body=inputs.TakeRef, answer=SessionDto, has_tag=True,
        description="Its look becomes the base that later shots follow and are measured against. Older versions stay.",
    )  # fmt: skip
    def post(self, asked: Asked) -> Answer:
        require_half(asked)
        take = asked.find(asked.takes, asked.body["take_id"], pointer="/takeId")
        styles.re_anchor(take=take, by=asked.user)
        return now(asked)


def require_half(asked: Asked) -> Continuity:
    """Problem for a session that has no continuity half: 404 to who reads it, 409 to who writes."""
    half = Continuity.objects.filter(session=asked.session).first()
    if half is None:
        status = 409 if asked.writes else 404
        raise Problem(status, "no_continuity", "This session has no continuity half: add it first (POST …/continuity).")
    return half


def prompt_of(asked: Asked) -> Prompt:
    """Problem 409 for a session that has no prompt half."""
    prompt = Prompt.objects.filter(session=asked.session).select_related("session").first()
    if prompt is None:
        raise Refused("no_prompt", "This session has no prompt half: write its words first (PATCH …/prompt).")
    return prompt


def require_models(columns: Mapping[str, Any], row: Continuity | Shot | None, *names: str) -> None:
    """Refused for a model that there is not; one that an older system left on ``row`` may stay."""
    for name in names:
        wish = columns.get(name)
        if wish and wish != getattr(row, name, None) and model_named(wish) is None:
            raise Refused("model_unknown", f"There is no model “{wish[:80]}”: choose one of /api/v2/models.")


def own_frames(asked: Asked) -> QuerySet[Frame]:
    """Every picture of the person's own files, whichever scene they are of."""
    return Frame.objects.filter(asset__in=access.visible_assets(asked.user)).select_related("asset", "image__blob")


def source_of(asked: Asked) -> Take | Asset | Prompt | None:
    """What a new continuity half begins with; None = nothing. Problem 422 for a prompt that the session does not have."""
    body = asked.body
    if body.get("take_id"):
        return asked.find(asked.takes, body["take_id"], pointer="/takeId")
    if body.get("asset_id"):
        return asked.find(own_files(asked), body["asset_id"], pointer="/assetId")
    if body.get("from_prompt"):
        return prompt_of(asked)
    return None


def picture_of(asked: Asked, *, file: str) -> dict[str, Any]:
    """The one picture that a body names: a ``frame``, a ``take``, or a file under the keyword that the verb has for it."""
    body = asked.body
    if body.get("frame_id"):
        return {"frame": asked.find(own_frames(asked), body["frame_id"], pointer="/frameId")}
    if body.get("take_id"):
        return {"take": asked.find(asked.takes, body["take_id"], pointer="/takeId")}
    return {file: asked.find(own_files(asked), body["asset_id"], pointer="/assetId")}


def own_files(asked: Asked) -> QuerySet[Asset]:
    return access.visible_assets(asked.user).select_related("blob", "owner")


def frame_of(asked: Asked, *, frame: Frame | None = None, take: Take | None = None, asset: Asset | None = None) -> Frame:
    """The picture itself: of a take its first frame, of a file its still."""
    if frame is not None:
        return frame
    if take is not None and take.first_frame is not None:
        return take.first_frame
    rows = Frame.objects.filter(asset=asset) | Frame.objects.filter(image=asset)  # the second: a picture of a clip
    row = rows.order_by("index").first() if asset is not None else None
    pointer = "/assetId" if asset is not None else "/takeId"
    return asked.find(Frame.objects.select_related("asset", "image__blob"), row.pk if row else None, pointer=pointer)
