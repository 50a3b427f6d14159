"""The pages: a person's scenes, and one scene."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from continuity.cut_selectors import drift_png
from continuity.enums import ShotMode
from continuity.models import Continuity
from continuity.selectors import model_choices
from continuity.services.errors import Refused
from sessions_app import selectors
from sessions_app.access import visible_sessions
from sessions_app.models import Session
from sessions_app.services import continue_scene
from sessions_app.web.forms import NewSceneForm, RemoteIdForm, SettingsForm, ShotForm, upload_limit
from sessions_app.web.uploads import clip_on_disk, limit_uploads, was_too_large

SESSIONS_PER_PAGE = 24
UNPROCESSABLE = 422


@csrf_exempt  # checked by the inner view, after the upload handlers are set
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def session_list(request: HttpRequest) -> HttpResponse:
    """A person's scenes, and the form that makes one."""
    limit_uploads(request)
    return _session_list(request)


@csrf_protect
def _session_list(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _list_page(request, NewSceneForm())
    form = NewSceneForm(request.POST, request.FILES, refused_clip=was_too_large(request))
    if not form.is_valid():
        return _list_page(request, form, status=UNPROCESSABLE)
    try:
        session = _create(form, owner=_person(request))
    except Refused as error:
        form.add_error("clip" if form.cleaned_data["clip"] else None, str(error))
        return _list_page(request, form, status=UNPROCESSABLE)
    messages.success(request, "The scene is here. Nothing is generated until you ask for it.")
    return redirect("scene", session.pk)


def _create(form: NewSceneForm, *, owner: User) -> Session:
    """A clip becomes shot 1, without words of its own; the prompts follow."""
    clip, prompts = form.cleaned_data["clip"], form.cleaned_data["prompts"]
    with clip_on_disk(clip) as path:
        session, _ = continue_scene(
            owner=owner,
            name=form.cleaned_data["name"],
            prompts=["", *prompts] if clip is not None else prompts,
            clip=path,
            clip_name=clip.name if clip is not None else None,
            settings={"default_model": form.cleaned_data["model"]},
        )
    return session


def _list_page(request: HttpRequest, form: NewSceneForm, *, status: int = 200) -> HttpResponse:
    page = Paginator(selectors.session_cards(request.user), SESSIONS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "form": form,
        "upload_limit": upload_limit(),
        "locked_models": [choice for choice in model_choices(mode=ShotMode.FRAME_BRIDGE) if choice.missing],
    }
    return render(request, "sessions_app/session_list.html", context, status=status)


@require_safe
@login_required
def scene(request: HttpRequest, session_id: str) -> HttpResponse:
    """One scene. While something moves the page re-reads itself, unless ``?hold`` asks it to hold still."""
    session = get_object_or_404(visible_sessions(request.user), pk=session_id)
    return scene_page(request, session, hold="hold" in request.GET)


def scene_page(
    request: HttpRequest,
    session: Session,
    *,
    hold: bool,
    status: int = 200,
    shot_form: ShotForm | None = None,
    decided: tuple[str, RemoteIdForm] | None = None,
    settings_form: SettingsForm | None = None,
) -> HttpResponse:
    """``hold``: the page does not re-read itself, so that what is being typed or played stays. ``decided``: the id of the
    unknown take whose form was refused, and that form."""
    shown = selectors.scene(session)
    context: dict[str, Any] = {
        "scene": shown,
        "session": session,
        "continuity": shown.continuity,
        "refreshes": shown.is_moving and not hold,
        "holds": shown.is_moving and hold,
        "shot_form": shot_form or ShotForm(auto_id="new-shot-%s"),
        "decided_take": decided[0] if decided else "",
        "decided_form": decided[1] if decided else None,
        "remote_id_form": RemoteIdForm(),
        "settings_form": settings_form or _settings_form(shown.continuity),
    }
    return render(request, "continuity/scene.html", context, status=status)


def _settings_form(continuity: Continuity | None) -> SettingsForm | None:
    return None if continuity is None else SettingsForm(initial=vars(continuity))


@require_safe
@login_required
def drift_plot(request: HttpRequest, session_id: str) -> HttpResponse:
    """The drift ledger's plot as a PNG file; 404 while there is nothing to plot."""
    session = get_object_or_404(visible_sessions(request.user), pk=session_id)
    ledger = selectors.scene(session).measured.drift
    if not ledger.points:
        raise Http404
    headers = {"Content-Disposition": 'inline; filename="drift.png"', "Cache-Control": "private, no-store"}
    return HttpResponse(drift_png(ledger), content_type="image/png", headers=headers)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
