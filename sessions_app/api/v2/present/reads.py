"""Answers that are read from the database: a session in two queries however many shots it has, and what belongs to one."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from continuity.cut_rows import CutRow, cut_rows
from continuity.cut_selectors import drift_of
from continuity.enums import AssetRole, JobKind
from continuity.models import Asset, Continuity, Cut, Frame, Grade, Job, Shot, Style, Take
from continuity.selectors import capabilities, film_of_chosen, grade_rows, graded_clips, month_budget, running_jobs, shot_progress
from continuity.shot_rows import ShotRow, chosen_clips, shot_rows
from continuity.take_rows import take_rows
from prompts.models import Prompt, PromptVersion
from sessions_app import selectors
from sessions_app.access import Person, visible_sessions
from sessions_app.api.answers import Answer, accepted
from sessions_app.api.v2 import dto
from sessions_app.api.v2.inputs.listing import MOST
from sessions_app.api.v2.present import cut as cuts_shown
from sessions_app.api.v2.present import letting_in, me, playlist
from sessions_app.api.v2.present.continuity import continuity_dto
from sessions_app.api.v2.present.job import job_dto
from sessions_app.api.v2.present.media import asset_dto, frame_dto
from sessions_app.api.v2.present.plain import API
from sessions_app.api.v2.present.prompt import prompt_dto, version_dto
from sessions_app.api.v2.present.session import continuity_half, current_proxy, prompt_half, session_row_dto
from sessions_app.api.v2.present.shot import Scene, scene_of, shot_dtos
from sessions_app.api.v2.present.style import style_dto
from sessions_app.api.v2.present.take import take_dto
from sessions_app.enums import ShareScope, TokenScope
from sessions_app.models import ApiToken, Session, ShareLink


def session_dto(
    user: Person, session_id: str, *, expand: Collection[str] = (), fields: Collection[str] = ()
) -> dto.SessionDto | None:
    """None = there is no such session for ``user``. Two queries, and one for each of takes, styles, versions and cuts in
    ``expand`` (style needs none). ``fields``: a half that is not among them is not read; empty = both are."""
    rows = visible_sessions(user).filter(pk=session_id)
    # Not first(): sorting the one row there is costs more than reading it, and this is all that a caller with its tag waits for.
    session = next(iter(selectors.with_halves(rows, base_style=not {"style", "cuts"}.isdisjoint(expand))), None)
    if session is None:
        return None
    continuity, prompt = continuity_half(session), prompt_half(session)

    def is_asked(half: str) -> bool:
        return not fields or half in fields

    return session_row_dto(
        session,
        prompt=_prompt(prompt, expand) if prompt is not None and is_asked("prompt") else None,
        continuity=_continuity(session, continuity, expand) if continuity is not None and is_asked("continuity") else None,
    )


def _prompt(prompt: Prompt, expand: Collection[str]) -> dto.PromptDto:
    shown = prompt_dto(prompt)
    if "versions" in expand:
        shown["versions"] = [version_dto(row) for row in PromptVersion.objects.filter(prompt=prompt).order_by("-number")]
    return shown


def _continuity(session: Session, continuity: Continuity, expand: Collection[str]) -> dto.ContinuityDto:
    scene, read = scene_of(session.pk, continuity), shot_rows(_shots(session.pk))
    rows = list(read) if "cuts" in expand else []
    shots = shot_dtos(rows or read, scene=scene)
    shown = continuity_dto(continuity, proxy=current_proxy(session), shots=shots)
    if "takes" in expand:
        _add_takes(session.pk, shots)
    if "style" in expand:
        shown["style"] = style_dto(continuity.base_style) if continuity.base_style is not None else None
    if "styles" in expand:
        shown["styles"] = [style_dto(row) for row in Style.objects.filter(session=session).order_by("-number")]
    if "cuts" in expand:
        shown["cuts"] = _cuts(session.pk, rows, shots, continuity)
    return shown


def _shots(session_id: str) -> QuerySet[Shot]:
    return Shot.objects.filter(session=session_id).order_by("rank")


def _rows_of(session_id: str) -> list[ShotRow]:
    return list(shot_rows(_shots(session_id)))


def _add_takes(session_id: str, shots: Iterable[dto.ShotDto]) -> None:
    """Every attempt at each shot, the newest first."""
    found: dict[str, list[dto.TakeDto]] = {}
    for take in take_rows(Take.objects.filter(shot__session=session_id, shot__deleted_at=None)).order_by("-number"):
        found.setdefault(take.shot_id, []).append(take_dto(take))
    for shot in shots:
        shot["takes"] = found.get(shot["id"], [])


def _cuts(session_id: str, rows: list[ShotRow], shots: list[dto.ShotDto], continuity: Continuity | None) -> list[dto.CutDto]:
    read: list[CutRow] = cut_rows(session_id, rows, continuity)
    return [cuts_shown.cut_dto(row, is_stale=shots[row.number]["isStale"]) for row in read]


def half_of(session: Session) -> Continuity | None:
    return Continuity.objects.filter(session=session).select_related("base_style__source_take").first()


def shot_dto(session: Session, shot_id: str) -> dto.ShotDto:
    """One living shot, in three queries. 404 when it is not there (any more)."""
    rows = list(shot_rows(Shot.objects.filter(session=session, pk=shot_id)))
    if not rows:
        raise Http404
    return shot_dtos(rows, scene=scene_of(session.pk, half_of(session)), clips=chosen_clips(session.pk))[0]


def take_dto_of(session: Session, take_id: str) -> dto.TakeDto:
    """One take, in one query. 404 when it is not there (any more)."""
    take = take_rows(Take.objects.filter(shot__session=session, shot__deleted_at=None, pk=take_id)).first()
    if take is None:
        raise Http404
    return take_dto(take)


def all_cuts(session: Session) -> list[dto.CutDto]:
    """Every cut of the scene, in three queries."""
    continuity, rows = half_of(session), _rows_of(session.pk)
    return _cuts(session.pk, rows, shot_dtos(rows, scene=scene_of(session.pk, continuity)), continuity)


def cut_dto(session: Session, cut: Cut) -> dto.CutDto:
    """One cut as it stands in the scene now. 404 for a measurement between which no cut lies any more."""
    found = next((shown for shown in all_cuts(session) if shown["id"] == cut.pk), None)
    if found is None:
        raise Http404
    return found


def drift_dto(session: Session) -> dto.DriftDto:
    """Nine queries however many shots there are. 404 for a session without a continuity half."""
    continuity, rows = half_of(session), shot_progress(session)
    if continuity is None:
        raise Http404
    return cuts_shown.drift_dto(drift_of(session, rows, continuity), rows=rows, continuity=continuity)


def playlist_dto(session: Session) -> dto.PlaylistDto:
    """Three queries however many shots there are."""
    scene: Scene = scene_of(session.pk, half_of(session))
    return playlist.playlist_dto(session.pk, _rows_of(session.pk), scene=scene, graded=graded_clips(session.pk))


def film_dto(session: Session) -> dto.FilmDto:
    film = film_of_chosen(session, list(_shots(session.pk).values_list("chosen_take", flat=True)))
    return {
        "asset": asset_dto(film.asset) if film.asset is not None else None,
        "isCurrent": film.is_current,
        "job": job_dto(film.job) if film.job is not None else None,
        "error": film.error,
    }


def upload_dto(asset: Asset) -> dto.UploadDto:
    """A file that was just kept, with its picture when it is a still; its ``blob`` is read with it."""
    return {"asset": asset_dto(asset), "frame": _still_frame(asset)}


def _still_frame(asset: Asset) -> dto.FrameDto | None:
    frame = Frame.objects.filter(asset=asset, index=0).first() if asset.role == AssetRole.STILL else None
    return frame_dto(frame) if frame is not None else None


def grade_dto(grade: Grade) -> dto.GradeDto:
    """As it is now, in one query."""
    return cuts_shown.grade_dto(grade_rows(Grade.objects.filter(pk=grade.pk)).get())


def job_of_take(take: Take) -> dto.JobDto:
    """The newest job that makes or made ``take``. 404 for a clip that was brought in."""
    jobs = Job.objects.filter(take=take, kind=JobKind.GENERATE).select_related("charge").order_by("-created_at", "-pk")
    job = jobs.first()
    if job is None:
        raise Http404
    return job_dto(job)


def accepted_take(take: Take) -> Answer:
    return accepted(job_of_take(take))


def jobs_of_takes(takes: Collection[Take]) -> dict[str, Any]:
    """The jobs that make ``takes``, in their order: one query."""
    jobs = Job.objects.filter(take__in=takes, kind=JobKind.GENERATE).select_related("charge").order_by("created_at", "pk")
    newest = {job.take_id: job for job in jobs}
    return job_list([newest[take.pk] for take in takes if take.pk in newest])


def job_list(jobs: Iterable[Job]) -> dict[str, Any]:
    return whole([job_dto(job) for job in jobs])


def cut_list(session: Session) -> dict[str, Any]:
    return whole(all_cuts(session))


def model_list() -> dict[str, Any]:
    return whole([me.model_dto(card, missing=missing) for card, missing in capabilities()])


def model_dto_or_404(model_id: str) -> dto.ModelDto:
    found = next(((card, missing) for card, missing in capabilities() if card.id == model_id), None)
    if found is None:
        raise Http404
    return me.model_dto(found[0], missing=found[1])


def whole(items: list[Any]) -> dict[str, Any]:
    """A list of which there is one page only."""
    return {"items": items, "next": None, "previous": None}


def me_dto(user: User, auth: object) -> dto.MeDto:
    """``auth``: the token that asks; anything else = the person is signed in on the site, and may do everything. Two queries."""
    now = timezone.now()
    rates: Mapping[str, str] = settings.THROTTLES
    return me.me_dto(
        user,
        scopes=auth.scopes if isinstance(auth, ApiToken) else list(TokenScope),
        budget=month_budget(user.pk, at=now),
        at=now,
        jobs_running=running_jobs(user.pk),
        throttles={
            "read": rates["read"] or None,
            "write": rates["write"] or None,
            "generate": rates["generate"] or None,
            "signIn": rates["sign-in"] or None,
        },
        list_max=MOST,
    )


def links_dto() -> dto.LinksDto:
    return {
        "self": API,
        "sessions": f"{API}/sessions",
        "jobs": f"{API}/jobs",
        "assets": f"{API}/assets",
        "styleTemplates": f"{API}/style-templates",
        "models": f"{API}/models",
        "tokens": f"{API}/tokens",
        "me": f"{API}/me",
        "docs": f"{API}/docs",
        "openapi": f"{API}/openapi.yaml",
    }


def share_link_dto(link: ShareLink) -> dto.ShareLinkDto:
    return letting_in.link_dto(link, now=timezone.now())


def shared_session_dto(link: ShareLink) -> dto.SharedSessionDto:
    """What the link shows, in two queries; its ``session`` is read with it."""
    prompt = Prompt.objects.filter(session=link.session_id).first()
    rows = _rows_of(link.session_id) if link.scope == ShareScope.SESSION else []
    return letting_in.shared_dto(link, prompt=prompt, rows=rows)
