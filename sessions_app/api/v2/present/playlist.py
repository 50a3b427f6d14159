"""A scene, played through, as an answer."""

from collections.abc import Iterable
from fractions import Fraction

from continuity.selectors import planned_seconds
from continuity.shot_rows import ShotRow
from sessions_app.api.v2.dto import PlaylistDto, PlaylistItemDto, RationalDto
from sessions_app.api.v2.present.plain import media_url
from sessions_app.api.v2.present.shot import Scene


def playlist_dto(session_id: str, rows: Iterable[ShotRow], *, scene: Scene, graded: dict[str, str]) -> PlaylistDto:
    """``graded``: the rendered clip of every take that has an applied grade, by take."""
    items: list[PlaylistItemDto] = []
    start = Fraction(0)
    for index, row in enumerate(rows):
        length = _length(row, scene)
        items.append(_item(row, index, start, length, graded.get(row.chosen_take or "")))
        start += length
    return {
        "sessionId": session_id,
        "items": items,
        "duration": _rational(start),
        "durationSeconds": float(start),
        "isComplete": bool(items) and all(item["kind"] == "clip" for item in items),
    }


def _length(row: ShotRow, scene: Scene) -> Fraction:
    """Of the clip, else what the shot is planned to last."""
    if row.clip is not None and row.clip.duration_num and row.clip.duration_den:
        return Fraction(row.clip.duration_num, row.clip.duration_den)
    return planned_seconds(row.params, model=scene.model_of(row.model))


def _item(row: ShotRow, index: int, start: Fraction, length: Fraction, graded: str | None) -> PlaylistItemDto:
    clip = row.clip
    return {
        "kind": "clip" if clip is not None else "slate",
        "shotId": row.id,
        "sequenceIndex": index,
        "takeId": row.chosen_take if clip is not None else None,
        "title": row.user_prompt or (clip.name if clip is not None else ""),
        "url": media_url(graded or clip.id) if clip is not None else None,
        "posterUrl": media_url(clip.id, "poster") if clip is not None else None,
        "width": clip.width if clip is not None else None,
        "height": clip.height if clip is not None else None,
        "isGraded": clip is not None and graded is not None,
        "start": _rational(start),
        "startSeconds": float(start),
        "duration": _rational(length),
        "durationSeconds": float(length),
    }


def _rational(seconds: Fraction) -> RationalDto:
    return {"num": seconds.numerator, "den": seconds.denominator}
