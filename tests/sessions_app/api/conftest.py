"""For tests of the API: clients that come with a token, and believe only what the document describes."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import pytest

from sessions_app.enums import TokenScope

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from tests.sessions_app.api.documented import DocumentedClient

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
