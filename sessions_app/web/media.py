"""``/media/<asset id>/<variant>``: somebody's clip or a picture of it, for whoever may see it: by session cookie or token."""

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from continuity.enums import BlobKind
from continuity.models import Asset
from sessions_app import tokens
from sessions_app.access import Person, shared_clips, visible_assets
from sessions_app.enums import TokenScope
from sessions_app.models import AuditEvent
from sessions_app.models.history import actor_kind
from sessions_app.sharing import find_link
from sessions_app.web.serving import ORIGINAL, serve, shown_asset

SHARED_SECONDS = 300
SIGN_IN = "Sign in, or send a token that may read: Authorization: Bearer tl_…"
NOT_VALID = "This token is not valid: make another one, or check that it was copied whole."
NO_SCOPE = "This token may not read: make one with the scope read."


@require_safe
def media(request: HttpRequest, asset_id: str, variant: str) -> HttpResponseBase:
    """The owner's door. Foreign, deleted and unknown assets are one and the same 404, for staff too.

    A request with an Authorization header is judged by that alone: a cookie does not make up for a bad token.
    """
    judge = _by_token if "Authorization" in request.headers else _by_cookie
    answer = judge(request, asset_id, variant)
    patch_vary_headers(answer, ["Authorization", "Cookie"])
    return answer


@require_safe
def shared_media(request: HttpRequest, token: str, asset_id: str, variant: str) -> HttpResponseBase:
    """The door of a share link, for anybody: pictures of the clips that it shows, never a file as it was brought in."""
    link = find_link(token)
    if link is None or variant == ORIGINAL:
        raise Http404
    clip = get_object_or_404(shared_clips(link).select_related("blob"), pk=asset_id)
    answer = serve(request, shown_asset(clip, variant))
    patch_cache_control(answer, max_age=SHARED_SECONDS)  # a revoked link is over by then
    answer["X-Robots-Tag"], answer["Referrer-Policy"] = "noindex", "no-referrer"
    return answer


@require_safe
@permission_required("continuity.view_asset", raise_exception=True)
def staff_media(request: HttpRequest, asset_id: str, variant: str) -> HttpResponseBase:
    """The admin's door: anybody's. Playing a clip is written into the audit log, a thumbnail is not."""
    asset = get_object_or_404(Asset.all_objects.select_related("blob"), pk=asset_id)
    shown = shown_asset(asset, variant)
    if shown.blob.kind == BlobKind.VIDEO and request.headers.get("Range", "bytes=0-") == "bytes=0-":
        _write_down(request, asset)
    return serve(request, shown)


def _file(person: Person, request: HttpRequest, asset_id: str, variant: str) -> HttpResponseBase:
    asset = get_object_or_404(visible_assets(person).select_related("blob"), pk=asset_id)
    return serve(request, shown_asset(asset, variant))


def _by_token(request: HttpRequest, asset_id: str, variant: str) -> HttpResponseBase:
    token = tokens.of_header(request.headers["Authorization"])
    if token is None:
        return _challenge(NOT_VALID, 401, 'error="invalid_token"')
    if TokenScope.READ not in token.scopes:
        return _challenge(NO_SCOPE, 403, f'error="insufficient_scope", scope="{TokenScope.READ}"')
    return _file(token.user, request, asset_id, variant)


def _by_cookie(request: HttpRequest, asset_id: str, variant: str) -> HttpResponseBase:
    """Who is not signed in: a browser's page is sent to the sign-in page, all else (a player, a script) gets a 401."""
    if request.user.is_authenticated:
        return _file(request.user, request, asset_id, variant)
    is_page = "text/html" in request.headers.get("Accept", "")
    is_deactivated = SESSION_KEY in request.session  # a session that names a person who may not sign in
    if is_page and not is_deactivated:
        return redirect_to_login(request.get_full_path())
    return _challenge(SIGN_IN, 401)


def _challenge(sentence: str, status: int, *parameters: str) -> HttpResponse:
    headers = {"WWW-Authenticate": ", ".join((tokens.CHALLENGE, *parameters))}
    response = HttpResponse(f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8", headers=headers)
    patch_cache_control(response, no_store=True)
    return response


def _write_down(request: HttpRequest, asset: Asset) -> None:
    AuditEvent.objects.create(
        actor_id=request.user.pk,
        actor_kind=actor_kind(request.user),  # type: ignore[arg-type]
        action="staff.view",
        object_kind="asset",
        object_id=asset.pk,
        session_id=asset.session_id,
    )
