"""Changes by people as answers."""

from collections.abc import Mapping
from typing import Any

from sessions_app.api.v2.dto import EditDto
from sessions_app.api.v2.names import PROMPT_NAMES, SESSION_NAMES, SETTINGS_NAMES, SHOT_NAMES, api_name
from sessions_app.api.v2.present.plain import moment
from sessions_app.models import Edit

NAMES = {"session": SESSION_NAMES, "continuity": SETTINGS_NAMES, "shot": SHOT_NAMES, "prompt": PROMPT_NAMES}
"""By kind of target. What has no name there is no column that a request names."""


def edit_dto(edit: Edit) -> EditDto:
    names = NAMES.get(edit.target_kind, {})
    return {
        "id": str(edit.pk),
        "number": edit.number,
        "verb": edit.verb,
        "targetKind": edit.target_kind,
        "targetId": edit.target_id,
        "before": _named(edit.before, names),
        "after": _named(edit.after, names),
        "userId": str(edit.by_id),
        "isUndone": edit.undone_at is not None,
        "undoneByEditId": str(edit.undone_by_edit_id) if edit.undone_by_edit_id is not None else None,
        "createdAt": moment(edit.created_at),
        "undoneAt": moment(edit.undone_at),
    }


def _named(columns: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Columns by their names in the API."""
    return {names.get(name) or api_name(name): value for name, value in columns.items()}
