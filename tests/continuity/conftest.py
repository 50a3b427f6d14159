from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from tests.conftest import uses_database
from tests.stand_ins.clips import ClipSize, clip_bytes
from tests.stand_ins.ltx import StandIn, ltx_stand_in

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper


@pytest.fixture(autouse=True)
def histories(house_rules: None, request: pytest.FixtureRequest) -> Iterator[None]:
    """After every test with jobs that were made by the engine: their events replay to where they stand."""
    yield
    if uses_database(request.node) and not connection.needs_rollback:
        from tests.engine import check_histories

        check_histories()


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A whole clip on disk: 160x90, 24 frames, one second."""
    path = tmp_path / "pier.mp4"
    path.write_bytes(clip_bytes(ClipSize(160, 90, 1, 24)))
    return path


@pytest.fixture
def vendor(local_dir: Path, settings: "SettingsWrapper") -> Iterator[StandIn]:
    """LTX on this machine: takes every good request, and delivers a small clip at the second look."""
    with ltx_stand_in() as stand_in:
        stand_in.script(polls=1, clip={"width": 160, "height": 90, "seconds": 1, "fps": 24})
        settings.PROVIDERS = settings.PROVIDERS | {"ltx": {"api_key": stand_in.api_key, "base_url": stand_in.base_url}}
        yield stand_in


@pytest.fixture
def impatient(vendor: StandIn, settings: "SettingsWrapper") -> StandIn:
    """The same vendor, waited for half a second only."""
    ltx = settings.PROVIDERS["ltx"] | {"read_seconds": 0.5, "total_seconds": 1.0}
    settings.PROVIDERS = settings.PROVIDERS | {"ltx": ltx}
    return vendor
