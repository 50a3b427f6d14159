"""How times, money and addresses are written."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.urls import reverse

from continuity.models import Continuity, Shot
from prompts.models import Prompt
from sessions_app.api.v2.dto import PromptDto, SettingsDto, ShotDto
from sessions_app.api.v2.names import PROMPT_NAMES, SETTINGS_NAMES, SHOT_NAMES, columns_of
from sessions_app.api.v2.present.plain import media_url, moment, money, rational, reason


def test_a_time_is_told_in_utc_with_milliseconds() -> None:
    rome = timezone(timedelta(hours=2))

    assert moment(datetime(2026, 11, 20, 12, 0, 0, 123_999, tzinfo=UTC)) == "2026-11-20T12:00:00.123Z"
    assert moment(datetime(2026, 11, 20, 1, 0, tzinfo=rome)) == "2026-11-19T23:00:00.000Z"
    assert moment(None) is None


@pytest.mark.parametrize(
    ("micros", "amount"),
    [(0, "0.000000"), (1, "0.000001"), (300_000, "0.300000"), (20_000_000, "20.000000"), (-1_500_000, "-1.500000")],
)
def test_money_is_told_to_the_millionth(micros: int, amount: str) -> None:
    assert money(micros) == {"amount": amount, "currency": "USD"}


def test_what_nobody_knows_is_null() -> None:
    assert (rational(None, 1), rational(1, None), rational(0, 1)) == (None, None, {"num": 0, "den": 1})
    assert (reason(None, None), reason(None, ""), reason("busy", None)) == (None, None, {"code": "busy", "sentence": ""})


def test_files_are_at_the_address_of_the_site() -> None:
    assert media_url("ast_1", "poster") == reverse("media", args=["ast_1", "poster"])


@pytest.mark.parametrize(
    ("names", "model", "shown"),
    [(SETTINGS_NAMES, Continuity, SettingsDto), (SHOT_NAMES, Shot, ShotDto), (PROMPT_NAMES, Prompt, PromptDto)],
)
def test_every_name_is_of_a_column_and_of_an_answer(names: dict[str, str], model: type, shown: type) -> None:
    columns = {field.name for field in model._meta.concrete_fields}  # type: ignore[attr-defined]

    assert set(names) <= columns
    assert set(names.values()) <= set(shown.__annotations__)
    assert columns_of(names) == {api_name: column for column, api_name in names.items()}
    assert len(columns_of(names)) == len(names)


def test_a_scene_has_no_setting_but_those_that_are_told() -> None:
    assert set(SETTINGS_NAMES.values()) == set(SettingsDto.__annotations__)
