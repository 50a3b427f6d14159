"""Verbs that span the halves of a session. Who calls them imports them from here."""

from continuity.services.removal import take_away
from sessions_app.services.beginning import add_continuity
from sessions_app.services.copying import duplicate_session
from sessions_app.services.lifecycle import (
    archive,
    change_session,
    complete,
    create_session,
    delete_session,
    reopen,
    restore_session,
)
from sessions_app.services.prompting import change_prompt
from sessions_app.services.scenes import continue_scene, generate_missing
from sessions_app.services.setting import SETTINGS, change_settings

__all__ = [
    "SETTINGS",
    "add_continuity",
    "archive",
    "change_prompt",
    "change_session",
    "change_settings",
    "complete",
    "continue_scene",
    "create_session",
    "delete_session",
    "duplicate_session",
    "generate_missing",
    "reopen",
    "restore_session",
    "take_away",
]
