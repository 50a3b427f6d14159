"""Long lists as answers, page by page. ``query`` is what ``inputs`` made of the parameters."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.utils.dateparse import parse_datetime

from continuity.enums import LIVE_JOB_STATES
from continuity.models import Grade, Shot, Style, StyleTemplate, Take
from continuity.selectors import grade_rows
from continuity.services.errors import Refused
from continuity.shot_rows import chosen_clips, shot_rows
from continuity.take_rows import take_rows
from prompts.models import PromptVersion
from sessions_app import access, selectors
from sessions_app.api.v2 import dto
from sessions_app.api.v2.names import api_name
from sessions_app.api.v2.present import cut as cuts_shown
from sessions_app.api.v2.present.continuity import continuity_dto
from sessions_app.api.v2.present.history import edit_dto
from sessions_app.api.v2.present.job import job_dto
from sessions_app.api.v2.present.letting_in import token_dto
from sessions_app.api.v2.present.media import asset_dto
from sessions_app.api.v2.present.plain import API, session_url, shot_url, take_url
from sessions_app.api.v2.present.prompt import prompt_dto, version_dto
from sessions_app.api.v2.present.reads import half_of, share_link_dto, whole
from sessions_app.api.v2.present.session import continuity_half, current_proxy, prompt_half, session_row_dto
from sessions_app.api.v2.present.shot import by_session, scene_of, shot_dtos
from sessions_app.api.v2.present.style import style_dto, template_dto
from sessions_app.api.v2.present.take import take_dto
from sessions_app.keyset import LIMIT, Order, Page, page_of
from sessions_app.models import Session
from sessions_app.undo import undoable

Row = TypeVar("Row", bound=Model)
Query = Mapping[str, Any]

SESSIONS = Order("sessions", "-listed_at", "id")
JOBS = Order("jobs", "-created_at", "-id")
ASSETS = Order("assets", "-created_at", "-id")
TOKENS = Order("tokens", "-created_at", "-id")
LINKS = Order("share-links", "-created_at", "-id")
GRADES = Order("grades", "-created_at", "-id")
TEMPLATES = Order("style-templates", "name", "id")
SHOTS = Order("shots", "rank", "id")
TAKES = Order("takes", "-number", "-id")
STYLES = Order("styles", "-number", "-id")
VERSIONS = Order("prompt-versions", "-number", "-id")


def session_page(user: User, query: Query) -> dict[str, Any]:
    """Two queries for a page: the sessions with their halves, and all their shots."""
    wishes = {name: value for name, value in query.items() if name not in ("limit", "cursor")}
    if "updated_after" in wishes:
        wishes["updated_after"] = time_of(wishes["updated_after"])
    rows = selectors.with_halves(selectors.filtered_sessions(user, **wishes))
    page = _page(rows, SESSIONS, query)
    return _listed(page, f"{API}/sessions", query, session_dtos(page.rows))


def session_dtos(sessions: Sequence[Session]) -> list[dto.SessionDto]:
    """Of sessions that were read with their halves: one query for all their shots."""
    halves = {session.pk: continuity_half(session) for session in sessions}
    ids = [session_id for session_id, half in halves.items() if half is not None]
    shots = by_session(shot_rows(Shot.objects.filter(session__in=ids).order_by("session", "rank"))) if ids else {}
    shown = []
    for session in sessions:
        prompt, half = prompt_half(session), halves[session.pk]
        rows = shots.get(session.pk, [])
        listed = shot_dtos(rows, scene=scene_of(session.pk, half))
        continuity = continuity_dto(half, proxy=current_proxy(session), shots=listed) if half is not None else None
        shown.append(session_row_dto(session, prompt=prompt_dto(prompt) if prompt is not None else None, continuity=continuity))
    return shown


def shot_page(session: Session, query: Query) -> dict[str, Any]:
    """Four queries for a page."""
    page = _page(Shot.objects.filter(session=session).only("pk", "rank"), SHOTS, query)
    rows = list(shot_rows(Shot.objects.filter(pk__in=[shot.pk for shot in page.rows]).order_by("rank")))
    shown = shot_dtos(rows, scene=scene_of(session.pk, half_of(session)), clips=chosen_clips(session.pk))
    return _listed(page, f"{session_url(session.pk)}/shots", query, shown)


def take_page(session: Session, shot: Shot, query: Query) -> dict[str, Any]:
    page = _page(take_rows(Take.objects.filter(shot=shot)), TAKES, query)
    return _shown(page, f"{shot_url(session.pk, shot.pk)}/takes", query, take_dto)


def grade_page(take: Take, query: Query) -> dict[str, Any]:
    page = _page(grade_rows(Grade.objects.filter(take=take)), GRADES, query)
    return _shown(page, f"{take_url(take.shot.session_id, take.pk)}/grades", query, cuts_shown.grade_dto)


def style_page(session: Session, query: Query) -> dict[str, Any]:
    page = _page(Style.objects.filter(session=session), STYLES, query)
    return _shown(page, f"{session_url(session.pk)}/style/versions", query, style_dto)


def prompt_version_page(session: Session, query: Query) -> dict[str, Any]:
    page = _page(PromptVersion.objects.filter(prompt=session.pk), VERSIONS, query)
    return _shown(page, f"{session_url(session.pk)}/prompt/versions", query, version_dto)


def template_page(user: User, query: Query) -> dict[str, Any]:
    page = _page(StyleTemplate.objects.filter(owner=user), TEMPLATES, query)
    return _shown(page, f"{API}/style-templates", query, template_dto)


def token_page(user: User, query: Query) -> dict[str, Any]:
    return _shown(_page(access.visible_tokens(user), TOKENS, query), f"{API}/tokens", query, token_dto)


def share_link_page(session: Session, query: Query) -> dict[str, Any]:
    page = _page(session.share_links.all(), LINKS, query)
    return _shown(page, f"{session_url(session.pk)}/share-links", query, share_link_dto)


def asset_page(user: User, query: Query) -> dict[str, Any]:
    """``session_id`` = only that session's files."""
    rows = access.visible_assets(user).select_related("blob")
    wanted = rows.filter(session=query["session_id"]) if "session_id" in query else rows
    return _shown(_page(wanted, ASSETS, query), f"{API}/assets", query, asset_dto)


def job_page(user: User, query: Query) -> dict[str, Any]:
    """``session_id`` = only that session's; ``live`` = only what is being made, or only what is over."""
    rows = access.visible_jobs(user).select_related("charge")
    if "session_id" in query:
        rows = rows.filter(session=query["session_id"])
    if "live" in query:
        rows = rows.filter(state__in=LIVE_JOB_STATES) if query["live"] else rows.exclude(state__in=LIVE_JOB_STATES)
    return _shown(_page(rows, JOBS, query), f"{API}/jobs", query, job_dto)


def edit_list(session: Session) -> dict[str, Any]:
    """What can be undone, the newest first."""
    return whole([edit_dto(edit) for edit in undoable(session)])


def time_of(text: str) -> datetime:
    """Refused ``not_a_time`` for what is no RFC 3339 time; one without an offset is UTC."""
    try:
        time = parse_datetime(text)
        if time is not None:
            return time.astimezone(UTC) if time.tzinfo is not None else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # no such day, or in UTC before the first or after the last one
        pass
    raise Refused("not_a_time", "This is no time: write it as in RFC 3339, such as 2026-11-20T12:00:00Z.")


def _page(rows: QuerySet[Row], order: Order, query: Query) -> Page[Row]:
    return page_of(rows, order, cursor=query.get("cursor"), limit=query.get("limit", LIMIT))


def _shown(page: Page[Row], path: str, query: Query, show: Callable[[Row], Any]) -> dict[str, Any]:
    return _listed(page, path, query, [show(row) for row in page.rows])


def _listed(page: Page[Any], path: str, query: Query, items: Collection[Any]) -> dict[str, Any]:
    return {"items": list(items), "next": _link(path, query, page.next), "previous": _link(path, query, page.previous)}


def _link(path: str, query: Query, cursor: str | None) -> str | None:
    """The same question about another page."""
    if cursor is None:
        return None
    asked = {api_name(name): _api_value(value) for name, value in query.items() if name != "cursor"}
    return f"{path}?{urlencode({**asked, 'cursor': cursor})}"


def _api_value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
