"""Who asks, and what each of them has to be answered: the cells of the matrix."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from sessions_app.enums import TokenScope
from tests.sessions_app.api.calls import Call, send
from tests.sessions_app.api.documented import document
from tests.sessions_app.api.world import ALL, World, client, rolled_back, written

WRITE, SPEND, READ = TokenScope.WRITE, TokenScope.SPEND, TokenScope.READ
NOT_THE_CALLERS = {"model_id"}
"""Parameters that name nothing of anybody's."""
METRICS, TOKENS, SIGN_IN, SIGN_OUT = "GET /metrics", "POST /tokens", "POST /sign-in", "POST /sign-out"
EXTRACT, SHARED = "POST /extract-style", "GET /shared/{token}"
NOWHERE = "none_0"
"""An id of nothing."""


@dataclass(frozen=True)
class Role:
    """``enter``: a client that asks as this one; ``must``: the status that it has to be answered."""

    name: str
    enter: Callable[[World], Client]
    must: Callable[[Call], int]


def by_key(key: str) -> Client:
    asking = client()
    asking.defaults["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return asking


def by_cookie(person: User, *, with_csrf: bool = True) -> Client:
    asking = client()
    asking.force_login(person)
    if with_csrf:
        asking.cookies[settings.CSRF_COOKIE_NAME] = asking.defaults["HTTP_X_CSRFTOKEN"] = "a" * 32
    return asking


def by_key_of_deactivated(world: World) -> Client:
    asking = by_key(world.key(world.owner))
    _deactivate(world.owner)
    return asking


def by_cookie_of_deactivated(world: World) -> Client:
    asking = by_cookie(world.owner)
    _deactivate(world.owner)
    return asking


def _deactivate(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


def owner(call: Call) -> int:
    """With a token of every scope."""
    return {METRICS: 403, TOKENS: 403}.get(call.name, call.status)


def owner_signed_in(call: Call) -> int:
    """With the site's cookie: who makes tokens, and has none to sign out."""
    return {METRICS: 403, SIGN_OUT: 409}.get(call.name, call.status)


def without_csrf(call: Call) -> int:
    return 403 if call.writes and call.name != SIGN_IN else owner_signed_in(call)


def is_somebodys(call: Call) -> bool:
    """Whether its address names something that has an owner."""
    return not call.operation.anonymous and bool(set(call.parameters) - NOT_THE_CALLERS)


def other(call: Call) -> int:
    """404 for what is somebody's, one's own list for what is everybody's own, and the same for another's id as for none."""
    return 404 if is_somebodys(call) else {EXTRACT: 422}.get(call.name, owner(call))


def staff(call: Call) -> int:
    return 200 if call.name == METRICS else other(call)


def nobody(call: Call) -> int:
    return call.status if call.operation.anonymous else 401


def let_in_no_more(call: Call) -> int:
    """A key that opens nothing is said to, wherever keys are read."""
    return call.status if call.name == SIGN_IN else 401


def deactivated(call: Call) -> int:
    return 401


def deactivated_signed_in(call: Call) -> int:
    """The cookie is nobody's: and what the person shared is not shown any more."""
    return {SIGN_IN: 401, SHARED: 404}.get(call.name, nobody(call))


def without(*lost: TokenScope) -> Callable[[Call], int]:
    def must(call: Call) -> int:
        return 403 if call.scope in lost and not call.operation.anonymous else owner(call)

    return must


def by_key_without(*lost: TokenScope) -> Callable[[World], Client]:
    return lambda world: by_key(world.key(world.owner, [scope for scope in ALL if scope not in lost]))


OWNERS = (
    Role("owner", lambda world: by_key(world.key(world.owner)), owner),
    Role("owner, cookie", lambda world: by_cookie(world.owner), owner_signed_in),
)
OTHERS = (
    Role("stranger", lambda world: by_key(world.key(world.stranger)), other),
    Role("staff", lambda world: by_key(world.key(world.staff)), staff),
    Role("superuser", lambda world: by_key(world.key(world.superuser)), staff),
)
ROLES = (
    *OWNERS,
    Role("no CSRF token", lambda world: by_cookie(world.owner, with_csrf=False), without_csrf),
    *OTHERS,
    Role("anonymous", lambda world: client(), nobody),
    Role("key not read", by_key_without(READ), without(READ)),
    Role("key not write", by_key_without(WRITE), without(WRITE)),
    Role("key not spend", by_key_without(SPEND), without(SPEND)),
    Role("key reads only", by_key_without(WRITE, SPEND), without(WRITE, SPEND)),
    Role("revoked key", lambda world: by_key(world.revoked_key()), let_in_no_more),
    Role("deactivated, key", by_key_of_deactivated, deactivated),
    Role("deactivated, cookie", by_cookie_of_deactivated, deactivated_signed_in),
)


@dataclass(frozen=True)
class Cell:
    """What one role was answered. ``fault``: what is wrong with that; "" = nothing."""

    status: int
    fault: str = ""


def row_of(call: Call, world: World) -> dict[str, Cell]:
    """Every role's answer to one operation, each as if it were the only one."""
    return {role.name: cell_of(call, role, world) for role in ROLES}


def cell_of(call: Call, role: Role, world: World) -> Cell:
    must = role.must(call)
    with rolled_back():
        asking = role.enter(world)
        with written() as statements:
            answer = send(asking, call, world.mine)
        faults = [f"{answer.status_code} instead of {must}{_why(answer)}"] if answer.status_code != must else []
        faults += [f"wrote {statement}" for statement in statements if must >= 400 and not _may(call, statement)]
        faults += undocumented(answer)
        if role in OTHERS:
            faults += _seen(answer, world) if must < 400 else _differences(asking, call, answer, world)
    return Cell(answer.status_code, "; ".join(faults))


def _may(call: Call, statement: str) -> bool:
    """What is written of a refusal: who tried to sign in."""
    return call.name == SIGN_IN and statement.startswith('INSERT INTO "sessions_app_auditevent"')


def undocumented(answer: Any) -> list[str]:
    """What the OpenAPI document does not say of this answer."""
    try:
        document().check(answer)
    except AssertionError as error:
        return [str(error)]
    return []


def _why(answer: Any) -> str:
    crash = getattr(answer, "exc_info", None)
    return f" ({crash[0].__name__}: {crash[1]})" if crash else f" ({answer.content[:300].decode()})"


def _seen(answer: Any, world: World) -> list[str]:
    """What an answer for somebody else says of the owner's things."""
    text = b"" if answer.streaming else answer.content
    return [f"shows {name}" for name, row_id in world.mine.ids().items() if row_id.encode() in text and name not in _SHARED]


_SHARED = ("link_token",)


def _differences(asking: Client, call: Call, answer: Any, world: World) -> list[str]:
    """Between what a foreign thing is answered, and what a thing that does not exist is."""
    nothing = {name: NOWHERE for name in call.parameters if name not in NOT_THE_CALLERS}
    missing = send(asking, call, world.mine, ids=nothing)
    same = (answer.status_code, sentence_of(answer)) == (missing.status_code, sentence_of(missing))
    return [] if same or not nothing else [f"a missing id is answered {missing.status_code} {missing.content[:300].decode()}"]


def sentence_of(answer: Any) -> Mapping[str, Any]:
    """A problem without what names this one request."""
    body = answer.json() if answer.get("Content-Type", "").endswith("json") else {"text": answer.content}
    return {name: value for name, value in body.items() if name not in ("instance", "requestId")}
