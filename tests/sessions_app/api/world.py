"""The people of the ownership matrix, each with a way in, and what every table holds."""

import contextlib
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection, models, transaction
from django.test import Client, override_settings
from django.utils import timezone

from sessions_app.enums import TokenScope
from sessions_app.models import ApiToken
from sessions_app.tokens import make_token
from tests.factories.session import UserFactory
from tests.sessions_app.api.everything import Everything, a_scene_with_everything

PASSWORD = "correct horse battery staple"
"""Of the owner."""
ALL = tuple(TokenScope)
_NOT_COMPARED = {"last_used_at", "last_login"}
"""Written by asking."""


@dataclass(frozen=True)
class World:
    """``owner`` and ``stranger`` have everything; ``mine`` and ``theirs`` are the ids of it."""

    owner: User
    stranger: User
    staff: User
    superuser: User
    mine: Everything
    theirs: Everything
    folder: Path

    def key(self, person: User, scopes: Sequence[TokenScope] = ALL) -> str:
        """The secret of a new token of ``person`` with those scopes."""
        return make_token(user=person, name="matrix", scopes=scopes)[1]

    def revoked_key(self) -> str:
        token, secret = make_token(user=self.owner, name="lost", scopes=ALL)
        ApiToken.objects.filter(pk=token.pk).update(revoked_at=timezone.now())
        return secret


def a_world(folder: Path) -> World:
    """Its files are in ``folder``."""
    people = {name: UserFactory(username=name) for name in ("owner", "stranger", "staff", "superuser")}
    people["owner"].set_password(PASSWORD)
    people["staff"].is_staff = people["superuser"].is_staff = people["superuser"].is_superuser = True
    for person in people.values():
        person.save()
    mine, theirs = (a_scene_with_everything(people[name]) for name in ("owner", "stranger"))
    return World(**people, mine=mine, theirs=theirs, folder=folder)


@contextlib.contextmanager
def shared_world(blocker: Any, folder: Path) -> Iterator[World]:
    """One world for the tests of a module: made in a transaction around theirs, its files in ``folder``."""
    with blocker.unblock(), house_in(folder), rolled_back():
        yield a_world(folder)


@contextlib.contextmanager
def house_in(folder: Path) -> Iterator[None]:
    """Media and scratch in ``folder``, quick passwords, and nobody asks too often."""
    from django.conf import settings

    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder / "media"}}
    with override_settings(
        LOCAL_DIR=folder,
        MEDIA_ROOT=folder / "media",
        SCRATCH_ROOT=folder / "scratch",
        STORAGES=settings.STORAGES | {"default": files},
        PROVIDERS=settings.PROVIDERS | {"animatic": {"root": str(folder / "animatic")}},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        THROTTLES=dict.fromkeys(settings.THROTTLES, ""),
    ):
        yield


@contextlib.contextmanager
def rolled_back() -> Iterator[None]:
    """What the block writes into the database is gone afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextlib.contextmanager
def written() -> Iterator[list[str]]:
    """The statements of the block that write, those that are rolled back again included."""
    statements: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        if not _READS.match(sql) and not _LOOKED_AT.match(sql):
            statements.append(sql[:120])
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield statements


_READS = re.compile(r"\s*(SELECT|SAVEPOINT|RELEASE|ROLLBACK|PRAGMA)\b")
_LOOKED_AT = re.compile(r'UPDATE "sessions_app_apitoken" SET "last_used_at" =')
"""Who asks with a key is noted, once a minute at most."""


def client() -> Client:
    """One that answers a crash with a 500, as the server does, and looks at CSRF tokens."""
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


def tables() -> dict[str, str]:
    """What every table holds, as a digest per table."""
    return {model._meta.label: _digest(model) for model in apps.get_models()}


def _digest(model: type[models.Model]) -> str:
    names = [column.attname for column in model._meta.concrete_fields if column.name not in _NOT_COMPARED]
    rows = model._base_manager.order_by("pk").values_list(*names)
    return hashlib.sha256(repr(list(rows)).encode()).hexdigest()


def changed_tables(before: dict[str, str]) -> list[str]:
    """The tables that hold something else than ``before``."""
    return [name for name, digest in tables().items() if digest != before[name]]
