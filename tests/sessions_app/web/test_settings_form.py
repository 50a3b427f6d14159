"""The scene's settings on its page: kept, refused with everything that was typed, and never changed by anything else."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from continuity.models import Continuity
from sessions_app.models import AuditEvent
from tests.sessions_app.web.scenes import make_scene

pytestmark = pytest.mark.django_db
TYPED = {
    "takes_per_shot": "3",
    "gate_enabled": "on",
    "gate_threshold": "0.8",
    "max_retries": "2",
    "preview_model": "animatic",
    "chain_limit": "4",
    "drift_limit": "5.5",
}
"""``safe_bridge`` is left out: an empty box sends nothing."""


@pytest.fixture
def client(owner: Any) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def test_what_is_typed_is_kept_and_recorded(client: Client, owner: Any) -> None:
    session = make_scene(owner, shots=1)

    response = client.post(reverse("settings-change", args=[session.pk]), TYPED)

    half = Continuity.objects.get(session=session)
    assert response.status_code == 302
    assert (half.takes_per_shot, half.gate_enabled, half.gate_threshold) == (3, True, Decimal("0.8"))
    assert (half.max_retries, half.preview_model, half.safe_bridge) == (2, "animatic", False)
    assert (half.chain_limit, half.drift_limit) == (4, Decimal("5.5"))
    change = AuditEvent.objects.get(action="continuity.change").detail
    assert (change["before"]["takes_per_shot"], change["after"]["takes_per_shot"]) == (1, 3)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("takes_per_shot", "9"),
        ("gate_threshold", "1.5"),
        ("gate_threshold", "NaN"),
        ("max_retries", "-1"),
        ("preview_model", "sora"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_lost(client: Client, owner: Any, field: str, value: str) -> None:
    session = make_scene(owner, shots=1)
    before = Continuity.objects.values().get(session=session)

    response = client.post(reverse("settings-change", args=[session.pk]), TYPED | {field: value})

    page = response.content.decode()
    assert (response.status_code, Continuity.objects.values().get(session=session)) == (422, before)
    assert 'class="error"' in page
    assert 'value="4"' in page
