"""Idempotency-Key: the same key and body give the same answer for 24 hours, and the work is done once.

The record is inserted in the transaction of what it protects. Who comes with the same key meanwhile waits on the unique index
until that transaction ends, and then replays its answer.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from sessions_app.api.answers import Answer
from sessions_app.api.problems import Problem
from sessions_app.enums import IdempotencyState
from sessions_app.models import IdempotencyRecord

KEPT = timedelta(hours=24)
PATIENCE_MILLISECONDS = 10_000
"""How long a second call waits for the first one with its key; after that it is answered 409."""
LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's word for having waited as long as it may. SQLite has one writer and does not know whose work it waits for: there
the call is answered 503 as every other one that finds the database busy."""
_KEY = re.compile(r"[\x21-\x7e]{1,255}\Z")


def require_key(key: str) -> None:
    """Problem 400 for what is no key."""
    if not _KEY.match(key):
        sentence = "An Idempotency-Key has 1 to 255 visible ASCII characters: send such a one."
        raise Problem(400, "idempotency_key_invalid", sentence)


def missing() -> Problem:
    sentence = "Send an Idempotency-Key of your own, such as a random UUID, and the same one again if you have to repeat this."
    return Problem(428, "idempotency_key_required", sentence)


def digest(*, route: str, body: Any, query: Any) -> str:
    return hashlib.sha256(json.dumps([route, body, query], sort_keys=True, default=str).encode()).hexdigest()


def once(work: Callable[[], Answer], *, user: User, key: str, route: str, request_sha256: str) -> Answer:
    """The answer of ``work``, which is done at most once per user and key. What was refused is not remembered: nothing was
    written, so the same key may try again. Problem 409 while the first call is still at work, 422 for another request."""
    for _ in range(3):
        known = IdempotencyRecord.objects.filter(user=user, key=key).first()
        if known is not None and known.expires_at > timezone.now():
            return _replay(known, request_sha256)
        try:
            with transaction.atomic():
                record = _begin(user=user, key=key, route=route, request_sha256=request_sha256)
                answer = work()
                _finish(record, answer)
            return answer
        except _SomebodyElse:
            continue
    raise _in_flight()


class _SomebodyElse(Exception):
    """Another call with this key came first: look at its record."""


def _begin(*, user: User, key: str, route: str, request_sha256: str) -> IdempotencyRecord:
    expired = IdempotencyRecord.objects.filter(user=user, expires_at__lte=timezone.now())
    # What another call is just deleting is left to it: waiting for that would be waiting for its work.
    gone = list(expired.select_for_update(skip_locked=True).values_list("pk", flat=True))
    IdempotencyRecord.objects.filter(pk__in=gone).delete()
    row = {"route": route[:500], "request_sha256": request_sha256, "expires_at": timezone.now() + KEPT}
    try:
        with transaction.atomic():
            _wait_at_most(PATIENCE_MILLISECONDS)
            record = IdempotencyRecord.objects.create(user=user, key=key, **row)
            _wait_at_most(0)
            return record
    except IntegrityError as error:
        raise _SomebodyElse from error
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        raise _in_flight() from error


def _wait_at_most(milliseconds: int) -> None:
    """0 = as long as it takes. SQLite waits by itself, as long as its settings say."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [str(milliseconds)])


def _finish(record: IdempotencyRecord, answer: Answer) -> None:
    record.state, record.status = IdempotencyState.FINISHED, answer.status
    record.headers, record.body = answer.headers, json.dumps(answer.body).encode()
    record.save(update_fields=["state", "status", "headers", "body"])


def _replay(record: IdempotencyRecord, request_sha256: str) -> Answer:
    if record.request_sha256 != request_sha256:
        sentence = "This Idempotency-Key was used for another request: use a new key for this one."
        raise Problem(422, "idempotency_key_reused", sentence)
    if record.state != IdempotencyState.FINISHED or record.status is None:
        raise _in_flight()
    body = json.loads(bytes(record.body)) if record.body else None
    return Answer(body, status=record.status, headers={**(record.headers or {}), "Idempotent-Replayed": "true"})


def _in_flight() -> Problem:
    sentence = "A request with this Idempotency-Key is still at work: repeat this one in a moment."
    return Problem(409, "request_in_flight", sentence, headers={"Retry-After": "2"})
