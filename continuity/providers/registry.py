"""Provider name -> the object that speaks to it. The one module here that reads settings; adding a vendor is one row."""

from functools import cache
from importlib import import_module

from django.conf import settings

from continuity.providers.base import AuthError, VideoProvider

VIDEO_PROVIDERS = {
    "animatic": "continuity.providers.animatic:Animatic",
    "ltx": "continuity.providers.ltx:Ltx",
}


def video_provider(name: str) -> VideoProvider:
    """The provider of that name, built from ``settings.PROVIDERS[name]`` (keyword arguments of its class).

    Raises AuthError when a key that it needs is not set.
    """
    options = settings.PROVIDERS.get(name, {})
    missing = [key for key, value in options.items() if value == ""]
    if missing:
        variable = f"{name.upper()}_{missing[0].upper()}"
        raise AuthError(f"{name} needs a key: set {variable} in the environment, or choose the model animatic.")
    return _build(name, tuple(sorted(options.items())))


@cache
def _build(name: str, options: tuple[tuple[str, str], ...]) -> VideoProvider:
    module_name, class_name = VIDEO_PROVIDERS[name].split(":")
    provider: VideoProvider = getattr(import_module(module_name), class_name)(**dict(options))
    return provider
