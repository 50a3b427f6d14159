"""Changes by people as answers."""

from sessions_app.api.v2.dto import EditDto
from sessions_app.api.v2.present.plain import moment
from sessions_app.models import Edit


def edit_dto(edit: Edit) -> EditDto:
    return {
        "id": str(edit.pk),
        "number": edit.number,
        "verb": edit.verb,
        "targetKind": edit.target_kind,
        "targetId": edit.target_id,
        "before": edit.before,
        "after": edit.after,
        "userId": str(edit.by_id),
        "isUndone": edit.undone_at is not None,
        "undoneByEditId": str(edit.undone_by_edit_id) if edit.undone_by_edit_id is not None else None,
        "createdAt": moment(edit.created_at),
        "undoneAt": moment(edit.undone_at),
    }
