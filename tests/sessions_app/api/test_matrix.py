"""Every operation of the API and every kind of caller: the owner gets it, everybody else gets what a missing id gets."""

import pytest

from tests.sessions_app.api.bodies import BODIES
from tests.sessions_app.api.calls import Call, calls
from tests.sessions_app.api.matrix import table
from tests.sessions_app.api.roles import row_of
from tests.sessions_app.api.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("call", calls(), ids=lambda call: call.name)
def test_every_role_gets_what_it_must(call: Call, world: World) -> None:
    row = row_of(call, world)

    assert {role: cell.fault for role, cell in row.items() if cell.fault} == {}, table([(call, row)])


def test_every_body_is_of_an_operation() -> None:
    assert set(BODIES) <= {call.name for call in calls()}
