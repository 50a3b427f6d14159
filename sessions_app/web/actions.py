"""The buttons of a scene: each is one POST, one verb, and back to the scene with a sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.contrib import messages
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from continuity.enums import TakePurpose
from continuity.models import Cut, Grade, Shot, Take
from continuity.services import cuts, exports, grades, shots, shots_edit, styles
from continuity.services.errors import Refused
from sessions_app import access, services
from sessions_app.models import Session
from sessions_app.web.forms import NoteForm, RemoteIdForm, SettingsForm, ShotForm
from sessions_app.web.views import UNPROCESSABLE, scene_page


@dataclass(frozen=True)
class Asked:
    """Who asked for what: a person, and the session that they may change."""

    request: HttpRequest
    session: Session
    by: User


Door = Callable[..., HttpResponse]
Verb = Callable[..., str | HttpResponse]
"""Does its work and answers the sentence for the page, or a page of its own."""


def verb(function: Verb) -> Door:
    """A POST of the session's owner. A ``Refused`` becomes a sentence on the scene's page; foreign sessions are 404."""

    @require_POST
    @wraps(function)
    def door(request: HttpRequest, session_id: str, **ids: str) -> HttpResponse:
        if not isinstance(request.user, User):
            return redirect_to_login(reverse("scene", args=[session_id]))
        session = get_object_or_404(access.visible_sessions(request.user), pk=session_id)
        if not access.can_edit(request.user, session):
            raise PermissionDenied
        asked = Asked(request=request, session=session, by=request.user)
        try:
            answer = function(asked, **ids)
        except Refused as error:
            messages.error(request, str(error))
            return _back(session, **ids)
        if isinstance(answer, HttpResponse):
            return answer
        messages.success(request, answer)
        return _back(session, **ids)

    return door


@verb
def add_shot(asked: Asked) -> str | HttpResponse:
    form = ShotForm(asked.request.POST, auto_id="new-shot-%s")
    try:
        if form.is_valid():
            shots_edit.add_shot(session=asked.session, user_prompt=form.cleaned_data["prompt"], by=asked.by)
            return "The shot is at the end of the scene."
    except Refused as error:
        form.add_error("prompt", str(error))
    return scene_page(asked.request, asked.session, hold=True, status=UNPROCESSABLE, shot_form=form)


@verb
def change_settings(asked: Asked) -> str | HttpResponse:
    form = SettingsForm(asked.request.POST)
    if not form.is_valid():
        return scene_page(asked.request, asked.session, hold=True, status=UNPROCESSABLE, settings_form=form)
    services.change_settings(session=asked.session, by=asked.by, **form.cleaned_data)
    return "The settings are changed: they hold for takes asked for from now on."


@verb
def generate_missing(asked: Asked) -> str:
    _require_spending(asked)
    count = len(services.generate_missing(session=asked.session, by=asked.by))
    return "One shot is asked for." if count == 1 else f"{count} shots are asked for."


@verb
def make_film(asked: Asked) -> str:
    export = exports.request_film(session=asked.session, by=asked.by)
    return "The film is asked for." if export.asset_id is None else "The film of these takes is already here."


@verb
def generate(asked: Asked, *, shot_id: str) -> str:
    _require_spending(asked)
    take = shots.request_generation(shot=_shot(asked, shot_id), by=asked.by)
    return f"Take {take.number} is asked for."


@verb
def retry(asked: Asked, *, take_id: str) -> str:
    _require_spending(asked)
    take = shots.retry(take=_take(asked, take_id), by=asked.by)
    return f"Take {take.number} is asked for."


@verb
def cancel(asked: Asked, *, take_id: str) -> str:
    take = shots.cancel(take=_take(asked, take_id), by=asked.by)
    if take.state == "cancelled":
        return f"Take {take.number} is cancelled: nothing was charged."
    return f"Take {take.number} is being stopped. If the provider finishes it all the same, the clip is kept."


@verb
def choose(asked: Asked, *, take_id: str) -> str:
    take = _take(asked, take_id)
    shots.choose_take(shot=take.shot, take=take, by=asked.by)
    return f"Take {take.number} is the chosen one."


@verb
def choose_best(asked: Asked, *, shot_id: str) -> str:
    shots.let_the_best_be_chosen(shot=_shot(asked, shot_id), by=asked.by)
    return "From now on the best take of this shot is chosen, until you choose one."


@verb
def make_final(asked: Asked, *, shot_id: str) -> str:
    """The clip itself, whatever its preview scored."""
    _require_spending(asked)
    take = shots.request_generation(shot=_shot(asked, shot_id), by=asked.by, purpose=TakePurpose.FINAL)
    return f"Take {take.number} is asked for."


@verb
def bridge_from(asked: Asked, *, shot_id: str) -> str:
    chosen = asked.request.POST.get("source", "")
    source = _shot(asked, chosen) if chosen else None
    shots.bridge_from(shot=_shot(asked, shot_id), source=source, by=asked.by)
    return "The next take of this shot starts from the one you chose."


@verb
def lock(asked: Asked, *, shot_id: str) -> str:
    shots.lock(shot=_shot(asked, shot_id), locked=True, by=asked.by)
    return "The shot is locked: its take and its grade stay as they are."


@verb
def unlock(asked: Asked, *, shot_id: str) -> str:
    shots.lock(shot=_shot(asked, shot_id), locked=False, by=asked.by)
    return "The shot is unlocked."


@verb
def measure_cuts(asked: Asked) -> str:
    count = len(cuts.measure_again(session=asked.session, by=asked.by))
    return "One cut is being measured." if count == 1 else f"{count} cuts are being measured."


@verb
def accept_cut(asked: Asked, *, cut_id: str) -> str:
    form = NoteForm(asked.request.POST)
    if not form.is_valid():
        raise Refused("bad_note", "This note cannot be kept: write it as plain text of at most 2,000 characters.")
    cuts.accept(cut=_cut(asked, cut_id), by=asked.by, note=form.cleaned_data["note"])
    return "The cut is accepted as it is."


@verb
def withdraw_cut(asked: Asked, *, cut_id: str) -> str:
    cuts.withdraw(cut=_cut(asked, cut_id), by=asked.by)
    return "The cut is no longer accepted."


@verb
def propose_grade(asked: Asked, *, take_id: str) -> str:
    grades.request(take=_take(asked, take_id), by=asked.by)
    return "A grade match is being fitted."


@verb
def apply_grade(asked: Asked, *, grade_id: str) -> str:
    grades.apply(grade=_grade(asked, grade_id), by=asked.by)
    return "The grade is applied: preview and film use it, the clip itself stays as it is."


@verb
def remove_grade(asked: Asked, *, grade_id: str) -> str:
    grades.remove(grade=_grade(asked, grade_id), by=asked.by)
    return "The grade is taken off again."


@verb
def re_anchor(asked: Asked, *, take_id: str) -> str:
    style = styles.re_anchor(take=_take(asked, take_id), by=asked.by)
    return f"Base style {style.number} is measured from this take; the shots to come follow it."


@verb
def attach_remote_id(asked: Asked, *, take_id: str) -> str | HttpResponse:
    take = _take(asked, take_id)
    form = RemoteIdForm(asked.request.POST)
    try:
        if form.is_valid():
            shots.attach_remote_id(take=take, remote_id=form.cleaned_data["remote_id"], by=asked.by)
            return f"Take {take.number} goes on with that id."
    except Refused as error:
        form.add_error("remote_id", str(error))
    return scene_page(asked.request, asked.session, hold=True, status=UNPROCESSABLE, decided=(take.pk, form))


@verb
def not_made(asked: Asked, *, take_id: str) -> str:
    take = shots.not_made(take=_take(asked, take_id), by=asked.by)
    return f"Take {take.number} was not made: the money held back for it is released."


@verb
def give_up(asked: Asked, *, take_id: str) -> str:
    take = shots.give_up(take=_take(asked, take_id), by=asked.by)
    return f"Take {take.number} is given up: what it may have cost is booked."


def _require_spending(asked: Asked) -> None:
    if not access.can_spend(asked.by, asked.session):
        raise PermissionDenied


def _shot(asked: Asked, shot_id: str) -> Shot:
    return get_object_or_404(Shot.objects.select_related("session"), pk=shot_id, session=asked.session)


def _take(asked: Asked, take_id: str) -> Take:
    """A take of this very session; one of another session, own or foreign, is 404."""
    takes = Take.objects.select_related("shot__session", "measured", "video__blob").filter(shot__deleted_at=None)
    return get_object_or_404(takes, pk=take_id, shot__session=asked.session)


def _cut(asked: Asked, cut_id: str) -> Cut:
    return get_object_or_404(Cut.objects.select_related("session"), pk=cut_id, session=asked.session)


def _grade(asked: Asked, grade_id: str) -> Grade:
    rows = Grade.objects.select_related("take__shot__session", "lut")
    return get_object_or_404(rows, pk=grade_id, take__shot__session=asked.session, take__shot__deleted_at=None)


def _back(
    session: Session, *, shot_id: str = "", take_id: str = "", cut_id: str = "", grade_id: str = ""
) -> HttpResponseRedirect:
    take_id = take_id or Grade.objects.filter(pk=grade_id).values_list("take_id", flat=True).first() or ""
    place = cut_id or shot_id or Take.objects.filter(pk=take_id).values_list("shot_id", flat=True).first() or ""
    return HttpResponseRedirect(reverse("scene", args=[session.pk]) + (f"#{place}" if place else ""))
