"""From a provider's name to the object that speaks to it, by settings."""

import pytest
import time_machine

from continuity.providers import capabilities
from continuity.providers.animatic import Animatic
from continuity.providers.base import AuthError, InvalidRequest, ModelRetired
from continuity.providers.capabilities import model_cards, vision_cards
from continuity.providers.gemini import GeminiVision
from continuity.providers.ltx import Ltx
from continuity.providers.openai import OpenAiVision
from continuity.providers.registry import (
    VIDEO_PROVIDERS,
    VISION_MODELS,
    chosen_vision_model,
    video_provider,
    vision_model,
)

VISION_PROVIDERS = {
    "openai": {"api_key": "a-key", "base_url": "https://api.openai.com/v1"},
    "gemini": {"api_key": "a-key", "base_url": "https://generativelanguage.googleapis.com"},
}


def test_every_model_of_the_table_has_a_provider_and_every_provider_a_model() -> None:
    assert {card.provider for card in model_cards().values()} == set(VIDEO_PROVIDERS)


def test_a_provider_is_built_of_its_settings(settings, tmp_path) -> None:
    settings.PROVIDERS = {
        "animatic": {"root": str(tmp_path)},
        "ltx": {"api_key": "a-key", "base_url": "https://api.ltx.video"},
    }

    animatic, ltx = video_provider("animatic"), video_provider("ltx")

    assert (type(animatic), animatic.name, animatic.root) == (Animatic, "animatic", tmp_path)
    assert (type(ltx), ltx.name) == (Ltx, "ltx")


def test_one_provider_serves_many_jobs_until_its_settings_change(settings, tmp_path) -> None:
    settings.PROVIDERS = {"animatic": {"root": str(tmp_path)}}
    first = video_provider("animatic")
    assert video_provider("animatic") is first

    settings.PROVIDERS = {"animatic": {"root": str(tmp_path / "other")}}

    assert video_provider("animatic") is not first


def test_a_key_that_is_not_set_is_named_as_in_the_environment(settings) -> None:
    settings.PROVIDERS = {"ltx": {"api_key": "", "base_url": "https://api.ltx.video"}}

    with pytest.raises(AuthError) as refusal:
        video_provider("ltx")

    assert str(refusal.value) == "ltx needs a key: set LTX_API_KEY in the environment, or choose the model animatic."


@pytest.mark.parametrize("name", VIDEO_PROVIDERS)
def test_every_provider_keeps_the_promises_of_the_protocol(settings, tmp_path, name: str) -> None:
    settings.PROVIDERS = {"animatic": {"root": str(tmp_path)}, "ltx": {"api_key": "k", "base_url": "https://api.ltx.video"}}

    provider = video_provider(name)

    for verb in ("prepare", "stage", "submit", "poll", "download", "cancel", "reconcile"):
        assert callable(getattr(provider, verb)), verb


def test_every_vision_model_has_a_provider_and_every_provider_a_model() -> None:
    assert {card.provider for card in vision_cards().values()} == set(VISION_MODELS)


@pytest.mark.parametrize(("model", "adapter"), [("gpt-6-luna", OpenAiVision), ("gemini-3.8-flash", GeminiVision)])
def test_a_vision_model_is_built_of_its_providers_settings(settings, model: str, adapter: type) -> None:
    settings.PROVIDERS = VISION_PROVIDERS

    vision = vision_model(model)

    assert (type(vision), vision.model, vision.name) == (adapter, model, vision_cards()[model].provider)
    assert vision_model(model) is vision


def test_a_vision_model_without_a_key_names_the_variable(settings) -> None:
    settings.PROVIDERS = VISION_PROVIDERS | {"gemini": {"api_key": "", "base_url": "https://generativelanguage.googleapis.com"}}

    with pytest.raises(AuthError) as refusal:
        vision_model("gemini-3.8-flash")

    assert str(refusal.value) == "gemini needs a key: set GEMINI_API_KEY in the environment, or leave VISION_MODEL empty."


def test_a_vision_model_that_nobody_knows_names_those_there_are() -> None:
    with pytest.raises(InvalidRequest, match="no vision model “gpt-4o”: choose one of gpt-6-luna, gemini"):
        vision_model("gpt-4o")


def test_no_vision_model_is_chosen_unless_the_setting_names_one(settings) -> None:
    settings.PROVIDERS = VISION_PROVIDERS
    assert chosen_vision_model() is None

    settings.VISION_MODEL = "gpt-6-luna"

    chosen = chosen_vision_model()
    assert chosen is not None
    assert chosen.model == "gpt-6-luna"


def test_a_vision_model_is_not_asked_after_its_last_day(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace
    from datetime import date

    settings.PROVIDERS = VISION_PROVIDERS
    ending = replace(vision_cards()["gpt-6-luna"], shutdown_date=date(2027, 1, 14))
    monkeypatch.setattr(capabilities, "vision_cards", lambda: {"gpt-6-luna": ending})

    with time_machine.travel("2027-01-13T23:59:00Z", tick=False):
        assert vision_model("gpt-6-luna").model == "gpt-6-luna"
    with time_machine.travel("2027-01-14T00:00:00Z", tick=False), pytest.raises(ModelRetired) as refusal:
        vision_model("gpt-6-luna")

    assert str(refusal.value) == "GPT-6 Luna ended on 2027-01-14: choose another VISION_MODEL."
