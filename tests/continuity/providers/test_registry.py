"""From a provider's name to the object that speaks to it, by settings."""

import pytest

from continuity.providers.animatic import Animatic
from continuity.providers.base import AuthError
from continuity.providers.capabilities import model_cards
from continuity.providers.ltx import Ltx
from continuity.providers.registry import VIDEO_PROVIDERS, video_provider


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
