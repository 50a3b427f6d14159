"""For tests of the API: clients that come with a token, and believe only what the document describes."""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sessions_app.enums import TokenScope

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from tests.sessions_app.api.documented import DocumentedClient
    from tests.sessions_app.api.world import World

    ApiOf = Callable[..., DocumentedClient]


@pytest.fixture
def api_of(request: pytest.FixtureRequest) -> "ApiOf":
    """``api_of(user, scopes=…)``: a client of ``user`` with a new token; with the addresses that the test is marked with."""
    from tests.sessions_app.api.documented import DocumentedClient, secret_of

    marked = request.node.get_closest_marker("urls")

    def client(user: "User", *, scopes: Collection[TokenScope] = tuple(TokenScope), **options: Any) -> "DocumentedClient":
        urlconf = marked.args[0] if marked is not None else None
        return DocumentedClient(urlconf=urlconf, headers={"Authorization": f"Bearer {secret_of(user, scopes)}"}, **options)

    return client


@pytest.fixture
def api(owner: "User", api_of: "ApiOf") -> "DocumentedClient":
    """The client of ``owner``, with a token of all scopes."""
    return api_of(owner)


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[World]":
    """Two people with a scene of everything each, made once for a file of tests that take back what they write."""
    from tests.sessions_app.api.world import shared_world

    with shared_world(django_db_blocker, tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest.fixture
def world(made: "World", local_dir: Path) -> "Iterator[World]":
    """``made``, with its files where the product looks for them."""
    from tests.sessions_app.api.world import house_in

    with house_in(made.folder):
        yield made
