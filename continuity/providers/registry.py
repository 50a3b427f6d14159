"""Provider name -> the object that speaks to it. The one module here that reads settings; adding a vendor is one row."""

from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings

from continuity.providers.base import AuthError, VideoProvider, Vision
from continuity.providers.capabilities import vision_card

VIDEO_PROVIDERS = {
    "animatic": "continuity.providers.animatic:Animatic",
    "ltx": "continuity.providers.ltx:Ltx",
}

VISION_MODELS = {
    "openai": "continuity.providers.openai:OpenAiVision",
    "gemini": "continuity.providers.gemini:GeminiVision",
}
"""By provider; which model is whose stands in models.toml."""


def video_provider(name: str) -> VideoProvider:
    """The provider of that name, built from ``settings.PROVIDERS[name]`` (keyword arguments of its class).

    Raises AuthError when a key that it needs is not set.
    """
    provider: VideoProvider = _build(VIDEO_PROVIDERS[name], _options(name, otherwise="choose the model animatic"))
    return provider


def vision_model(name: str) -> Vision:
    """The vision model of that id in models.toml, built from the settings of its provider.

    Raises InvalidRequest (no such model), ModelRetired (it has ended), AuthError (its key is not set).
    """
    card = vision_card(name)
    card.require_served(datetime.now(UTC).date())
    options = _options(card.provider, otherwise="leave VISION_MODEL empty")
    vision: Vision = _build(VISION_MODELS[card.provider], (*options, ("model", name)))
    return vision


def chosen_vision_model() -> Vision | None:
    """The model that ``VISION_MODEL`` names; None = none is set, so nothing that needs words is measured. Raises as above."""
    return vision_model(settings.VISION_MODEL) if settings.VISION_MODEL else None


def _options(name: str, *, otherwise: str) -> tuple[tuple[str, str], ...]:
    options = settings.PROVIDERS.get(name, {})
    missing = [key for key, value in options.items() if value == ""]
    if missing:
        variable = f"{name.upper()}_{missing[0].upper()}"
        raise AuthError(f"{name} needs a key: set {variable} in the environment, or {otherwise}.")
    return tuple(sorted(options.items()))


@cache
def _build(place: str, options: tuple[tuple[str, str], ...]) -> Any:
    module_name, class_name = place.split(":")
    return getattr(import_module(module_name), class_name)(**dict(options))
