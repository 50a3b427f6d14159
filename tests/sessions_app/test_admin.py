"""The admin: every record of ours can be looked at, none can be changed, and looking into a session is written down."""

import re
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from factory.django import DjangoModelFactory

from continuity.models import Job, LedgerEntry
from prompts.admin import ReadOnlyAdmin
from sessions_app.models import AuditEvent, MigrationItem, MigrationRun, Session
from tests.factories import continuity, prompt, session
from tests.violations import OUR_APPS

pytestmark = pytest.mark.django_db
MODELS = [model for label in OUR_APPS for model in apps.get_app_config(label).get_models()]
FACTORIES = {
    made._meta.model: made
    for module in (continuity, prompt, session)
    for made in reversed(list(vars(module).values()))
    if isinstance(made, type) and issubclass(made, DjangoModelFactory)
}
"""The first factory that a module has of each record."""
FINISHED = {MigrationRun: {"state": "finished"}, MigrationItem: {"run__state": "finished"}}
"""One run of a kind may be running at a time."""


def make_row(model: type[Model]) -> Any:
    if model is LedgerEntry:  # alone it would stand for money that no charge knows
        return continuity.ChargeFactory().entries.last()
    return FACTORIES[model](**FINISHED.get(model, {}))


names = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)


@pytest.fixture
def client(staff: Any) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def address(model: type[Model], page: str, *ids: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=[quote(pk) for pk in ids])


def test_every_record_is_registered_and_the_queues_are_not() -> None:
    registered = {model for model in admin.site._registry if model._meta.app_label in (*OUR_APPS, "django_q")}

    assert registered == set(MODELS)
    assert all(isinstance(admin.site._registry[model], ReadOnlyAdmin) for model in MODELS)


@pytest.mark.planted_budget
@names
def test_record_can_be_looked_at(model: type[Model], client: Client) -> None:
    row = make_row(model)

    listed, shown = client.get(address(model, "changelist")), client.get(address(model, "change", str(row.pk)))
    searched = client.get(address(model, "changelist"), {"q": "nothing-is-called-this"})

    assert (listed.status_code, shown.status_code, searched.status_code) == (200, 200, 200)
    assert address(model, "change", str(row.pk)) not in searched.content.decode()
    assert address(model, "change", str(row.pk)).replace("&", "&amp;") in listed.content.decode()
    assert 'name="_save"' not in shown.content.decode()


@pytest.mark.planted_budget
@names
def test_record_cannot_be_made_changed_or_deleted(model: type[Model], client: Client) -> None:
    row = make_row(model)
    before = model._base_manager.filter(pk=row.pk).values().get()

    answers = [
        client.get(address(model, "add")),
        client.post(address(model, "add"), {"name": "new"}),
        client.post(address(model, "change", str(row.pk)), {"name": "changed"}),
        client.post(address(model, "delete", str(row.pk)), {"post": "yes"}),
        client.post(address(model, "changelist"), {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes"}),
    ]

    assert [answer.status_code for answer in answers[:4]] == [403] * 4
    assert "_selected_action" not in client.get(address(model, "changelist")).content.decode()
    assert model._base_manager.filter(pk=row.pk).values().get() == before


@pytest.mark.planted_budget
@names
def test_list_takes_the_same_queries_for_any_number_of_rows(model: type[Model], client: Client) -> None:
    make_row(model)
    with CaptureQueriesContext(connection) as one:
        client.get(address(model, "changelist"))
    for _ in range(2):
        make_row(model)
    with CaptureQueriesContext(connection) as three:
        client.get(address(model, "changelist"))

    assert len(three) == len(one)


@names
def test_list_is_closed_to_those_who_are_not_staff(model: type[Model], owner: Any) -> None:
    client = Client()
    client.force_login(owner)

    assert client.get(address(model, "changelist")).status_code == 302


def test_staff_see_what_their_permissions_name_only(staff: Any) -> None:
    type(staff).objects.filter(pk=staff.pk).update(is_superuser=False)
    staff.user_permissions.add(Permission.objects.get(codename="view_job"))
    client = Client()
    client.force_login(staff)

    assert client.get(address(Job, "changelist")).status_code == 200
    assert client.get(address(Session, "changelist")).status_code == 403


def test_looking_into_a_session_is_written_down(client: Client, owner: Any) -> None:
    row = session.SessionFactory(owner=owner)

    client.get(address(Session, "changelist"))
    assert AuditEvent.objects.count() == 0
    client.get(address(Session, "change", row.pk))

    event = AuditEvent.objects.get()
    assert (event.actor.username, event.actor_kind, event.action) == ("staff", "staff", "staff.view")
    assert (event.object_kind, event.object_id, event.session_id) == ("session", row.pk, row.pk)


def test_looking_for_a_session_that_is_not_there_writes_nothing(client: Client) -> None:
    client.get(address(Session, "change", "ses_none"))

    assert AuditEvent.objects.count() == 0


def test_deleted_session_is_still_shown_to_staff(client: Client, owner: Any) -> None:
    row = session.SessionFactory(owner=owner, name="Thrown away")
    Session.objects.filter(pk=row.pk).soft_delete()

    assert "Thrown away" in client.get(address(Session, "changelist")).content.decode()
    assert client.get(address(Session, "change", row.pk)).status_code == 200


@pytest.mark.parametrize(
    ("factory", "secret"),
    [(session.ShareLinkFactory, "token"), (session.ApiTokenFactory, "hash"), (continuity.ProviderKeyFactory, "ciphertext")],
)
def test_secret_is_not_shown(client: Client, factory: Any, secret: str) -> None:
    row = factory()
    value = getattr(row, secret)
    text = value if isinstance(value, str) else value.decode()

    pages = [client.get(address(type(row), "changelist")), client.get(address(type(row), "change", str(row.pk)))]

    assert [text in page.content.decode() for page in pages] == [False, False]


def test_admin_keeps_the_strict_policy_and_asks_nobody_else(client: Client, owner: Any) -> None:
    row = session.SessionFactory(owner=owner)

    page = client.get(address(Session, "change", row.pk))

    assert "script-src 'self'" in page["Content-Security-Policy"].split("; ")
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page.content.decode()) == []
    assert re.findall(r"<\w[^>]*\sstyle=|<style|<script(?![^>]*\bsrc=)", page.content.decode()) == []
