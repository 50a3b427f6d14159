"""Share links, what they show, and tokens, as answers."""

from collections.abc import Iterable
from datetime import datetime

from continuity.shot_rows import ShotRow
from prompts.models import Prompt
from sessions_app.api.v2.dto import (
    NewTokenDto,
    SharedPromptDto,
    SharedSessionDto,
    SharedShotDto,
    ShareLinkDto,
    TokenDto,
)
from sessions_app.api.v2.present.plain import API, moment, rational
from sessions_app.enums import ShareOrigin, ShareScope, TokenScope
from sessions_app.models import ApiToken, ShareLink


def link_dto(link: ShareLink, *, now: datetime) -> ShareLinkDto:
    is_over = link.expires_at is not None and link.expires_at <= now
    return {
        "id": link.pk,
        "url": share_url(link.token),
        "sessionId": link.session_id,
        "scope": ShareScope(link.scope),
        "origin": ShareOrigin(link.origin),
        "isValid": link.revoked_at is None and not is_over,
        "createdAt": moment(link.created_at),
        "expiresAt": moment(link.expires_at),
        "revokedAt": moment(link.revoked_at),
    }


def share_url(token: str) -> str:
    return f"{API}/shared/{token}"


def shared_dto(link: ShareLink, *, prompt: Prompt | None, rows: Iterable[ShotRow]) -> SharedSessionDto:
    """What the link covers. A link to the prompt shows neither the scene's words nor its shots."""
    session = link.session
    shown: SharedSessionDto = {
        "name": session.name,
        "description": session.description if link.scope == ShareScope.SESSION else "",
        "scope": ShareScope(link.scope),
    }
    if prompt is not None:
        shown["prompt"] = _shared_prompt(prompt)
    if link.scope == ShareScope.SESSION:
        shown["shots"] = [_shared_shot(row, index, token=link.token) for index, row in enumerate(rows)]
    return shown


def _shared_prompt(prompt: Prompt) -> SharedPromptDto:
    return {"title": prompt.title, "input": prompt.input, "output": prompt.output}


def _shared_shot(row: ShotRow, index: int, *, token: str) -> SharedShotDto:
    clip = row.clip
    return {
        "sequenceIndex": index,
        "userPrompt": row.user_prompt,
        "posterUrl": f"/share/{token}/media/{clip.id}/poster" if clip is not None else None,
        "width": clip.width if clip else None,
        "height": clip.height if clip else None,
        "duration": rational(clip.duration_num, clip.duration_den) if clip else None,
        "durationSeconds": clip.duration_num / clip.duration_den if clip and clip.duration_num and clip.duration_den else None,
    }


def token_dto(token: ApiToken) -> TokenDto:
    return {
        "id": token.pk,
        "name": token.name,
        "prefix": token.prefix,
        "scopes": [TokenScope(scope) for scope in token.scopes],
        "createdAt": moment(token.created_at),
        "lastUsedAt": moment(token.last_used_at),
        "expiresAt": moment(token.expires_at),
        "revokedAt": moment(token.revoked_at),
    }


def new_token_dto(token: ApiToken, secret: str) -> NewTokenDto:
    return {**token_dto(token), "secret": secret}
