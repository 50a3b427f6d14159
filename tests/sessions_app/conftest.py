"""For tests that send requests: static files have their folder, since whitenoise warns, and warnings are errors; and nobody has
tried or asked anything yet."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import caches


@pytest.fixture(autouse=True, scope="session")
def static_root() -> None:
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(autouse=True)
def empty_caches() -> None:
    for name in settings.CACHES:
        caches[name].clear()
