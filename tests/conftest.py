"""The test house: own state folder, own people, own media, the legs of ``make test``, and what must hold after each test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings as django_settings

from tests.environment import clean_environment, own_local_dir

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from pytest_django.fixtures import SettingsWrapper

if django_settings.configured:
    pytest.exit(
        "Django started before the tests could give it a folder of their own: unset DJANGO_SETTINGS_MODULE.", returncode=4
    )
LOCAL_DIR = own_local_dir()
_environment = clean_environment(local_dir=LOCAL_DIR, database_url=os.environ.get("TEST_DATABASE_URL", ""))
os.environ.clear()
os.environ.update(_environment)

LEGS = ("plain", "database", "crash", "soak")
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--leg", choices=LEGS, help="run only the tests of one leg of make test")


def pytest_configure(config: pytest.Config) -> None:
    assert django_settings.DATABASES  # read the settings now: pytest-django starts Django only when they are
    # A pytest that this one starts (pytest-xdist does) would otherwise read them before its own conftest.
    del os.environ["DJANGO_SETTINGS_MODULE"]
    config.addinivalue_line("markers", "planted_budget: the test writes budget rows of its own, without charges")


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(LOCAL_DIR, ignore_errors=True)


def uses_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(DATABASE_FIXTURES & fixtures)


def leg_of(item: pytest.Item) -> str:
    for mark in ("soak", "crash"):
        if item.get_closest_marker(mark):
            return mark
    return "database" if uses_database(item) else "plain"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of the leg asked for; without one, all but the long ones (``-m soak`` asks for those)."""
    leg = config.getoption("leg")
    soak = "soak" in str(config.getoption("markexpr"))
    others = [item for item in items if (leg_of(item) != leg if leg else leg_of(item) == "soak" and not soak)]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in set(others)]


@pytest.fixture(autouse=True)
def house_rules(request: pytest.FixtureRequest) -> Iterator[None]:
    """For every test with a database: its own media and scratch folders before, balanced books and valid JSON after."""
    if not uses_database(request.node):
        yield
        return
    request.getfixturevalue("db")  # set up before this fixture, so that its rows are still there afterwards
    request.getfixturevalue("local_dir")
    yield
    from django.db import connection

    from tests.books import check_everything

    if not connection.needs_rollback:
        check_everything(budgets=request.node.get_closest_marker("planted_budget") is None)


@pytest.fixture
def local_dir(tmp_path: Path, settings: "SettingsWrapper") -> Path:
    """This test's own state folder, with media, scratch and animatic root inside as in an installation."""
    folder = tmp_path / "local"
    folder.mkdir()
    settings.LOCAL_DIR, settings.MEDIA_ROOT, settings.SCRATCH_ROOT = folder, folder / "media", folder / "scratch"
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder / "media"}}
    settings.STORAGES = settings.STORAGES | {"default": files}
    settings.PROVIDERS = settings.PROVIDERS | {"animatic": {"root": str(folder / "animatic")}}
    return folder


@pytest.fixture
def child_environment(local_dir: Path, transactional_db: None) -> dict[str, str]:
    """The environment in which another process (a worker, a command) sees this test's database and folders."""
    from django.db import connection

    database = connection.settings_dict
    url = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        password = f":{database['PASSWORD']}" if database["PASSWORD"] else ""
        url = f"postgresql://{database['USER']}{password}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    return clean_environment(local_dir=local_dir, database_url=url)


@pytest.fixture
def owner(db: None) -> "User":
    from tests.factories.session import UserFactory

    return UserFactory(username="owner")


@pytest.fixture
def stranger(db: None) -> "User":
    """Somebody else, who has an account and no right to anything of ``owner``."""
    from tests.factories.session import UserFactory

    return UserFactory(username="stranger")


@pytest.fixture
def staff(db: None) -> "User":
    from tests.factories.session import UserFactory

    return UserFactory(username="staff", is_staff=True, is_superuser=True)
