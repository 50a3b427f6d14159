"""Requests and answers name the columns alike: the names of the answers are the table, the bodies are held to it."""

import pytest

from sessions_app.api.fields import Input
from sessions_app.api.v2 import names
from sessions_app.api.v2.inputs.continuity import Settings
from sessions_app.api.v2.inputs.session import PromptChange, SessionChange
from sessions_app.api.v2.inputs.shot import ShotChange


@pytest.mark.parametrize(
    ("body", "table", "left_out", "added"),
    [
        (SessionChange, names.SESSION_NAMES, {"status"}, {}),
        (PromptChange, names.PROMPT_NAMES, {"brainstorm", "score"}, {}),
        (Settings, names.SETTINGS_NAMES, set(), {}),
        (ShotChange, names.SHOT_NAMES, set(), {"useFrameBridge": "use_frame_bridge"}),
    ],
)
def test_a_body_names_the_columns_as_the_answers_do(
    body: type[Input], table: dict[str, str], left_out: set[str], added: dict[str, str]
) -> None:
    sources = {name: field.source for name, field in body().fields.items()}

    assert sources == {name: column for name, column in names.columns_of(table).items() if column not in left_out} | added
