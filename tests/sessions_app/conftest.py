"""For tests that send requests: whitenoise warns, and warnings are errors, when the folder of static files is not there."""

from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture(autouse=True, scope="session")
def static_root() -> None:
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
