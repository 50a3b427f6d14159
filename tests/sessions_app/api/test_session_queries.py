"""What one answer costs: the same number of queries for 1, 10 and 1,000 shots, whoever asks is looked up included.

Turned red by: a query for each shot (``Shot.objects.filter(pk=row.id).first()`` in ``shot_dtos``) or job (``job_page`` without
``select_related("charge")``); a token that is looked up without its person (``tokens.authenticate`` without
``select_related("user")``); a tag that is looked at when the answer is made already.
"""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from continuity.models import Shot
from sessions_app.models import ApiToken, Session
from tests.factories.session import SessionFactory
from tests.large_scenes import large_scene
from tests.sessions_app.api.documented import DocumentedClient

pytestmark = pytest.mark.django_db
SIGN_IN = {"token": 1, "cookie": 2}
"""A token comes with its person; a cookie is the row of the site's session, then the person."""
READS = {
    "": 2,
    "?expand=takes,style,styles,versions,cuts": 7,
    "/shots": 5,
    "/shots/{shot}": 5,
    "/shots/{shot}/takes": 3,
    "/cuts": 5,
    "/playlist": 4,
    "/drift": 8,
    "/film": 4,
}
"""Address under a session: queries besides those of signing in."""
JOBS = "/api/v2/jobs?live=true&limit=5&sessionId="


@pytest.fixture(params=SIGN_IN)
def way_in(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def reader(api: DocumentedClient, owner: User, way_in: str) -> Client:
    """``owner``, coming in by a token that was used a moment ago, or by the cookie of the site."""
    if way_in == "cookie":
        api = DocumentedClient()
        api.force_login(owner)
    read(api, "/api/v2/sessions")
    return api


def read(client: Client, address: str, *, status: int = 200, **headers: str) -> int:
    """The number of queries that it costs."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address, headers=headers)
    assert response.status_code == status
    return len(queries)


def costs(client: Client, session: Session) -> dict[str, int]:
    last = Shot.objects.filter(session=session).order_by("-rank")[0].pk
    return {address: read(client, f"/api/v2/sessions/{session.pk}{address.format(shot=last)}") for address in READS}


@pytest.mark.parametrize("shots", [1, 10, 1000])
def test_everything_that_is_read_of_a_session_costs_the_same_however_many_shots_it_has(
    owner: User, reader: Client, way_in: str, shots: int
) -> None:
    session = large_scene(owner, shots=shots)

    found = costs(reader, session)

    assert found == {address: count + SIGN_IN[way_in] for address, count in READS.items()}
    assert found[""] <= 4
    assert read(reader, JOBS + session.pk) == 1 + SIGN_IN[way_in]


@pytest.mark.parametrize("shots", [1, 1000])
def test_who_has_the_session_already_costs_one_query(owner: User, reader: Client, way_in: str, shots: int) -> None:
    session = large_scene(owner, shots=shots)
    tag: dict[str, Any] = {"if_none_match": f'"{session.version}.{session.revision}"'}

    known = read(reader, f"/api/v2/sessions/{session.pk}", status=304, **tag)

    assert known == 1 + SIGN_IN[way_in]


@pytest.mark.parametrize("shots", [1, 1000])
def test_who_has_an_older_session_pays_for_asking(owner: User, reader: Client, way_in: str, shots: int) -> None:
    session = large_scene(owner, shots=shots)

    assert read(reader, f"/api/v2/sessions/{session.pk}", if_none_match='"0.0"') == 3 + SIGN_IN[way_in]


def test_a_list_of_sessions_costs_the_same_however_many_shots_they_have(owner: User, reader: Client, way_in: str) -> None:
    large_scene(owner, shots=1)
    few = read(reader, "/api/v2/sessions")
    large_scene(owner, shots=30)
    SessionFactory(owner=owner)

    assert (few, read(reader, "/api/v2/sessions")) == (2 + SIGN_IN[way_in],) * 2


def test_a_token_that_was_not_used_for_a_minute_costs_one_query_more(owner: User, api: DocumentedClient) -> None:
    address = f"/api/v2/sessions/{large_scene(owner, shots=1).pk}"
    ApiToken.objects.update(last_used_at=None)

    assert (read(api, address), read(api, address)) == (4, 3)
