"""Keys of scripts: made, shown once, looked up by their sha256, revoked."""

import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from continuity.services.errors import Refused
from sessions_app.audit import write_down
from sessions_app.enums import TokenScope
from sessions_app.models import ApiToken

CHALLENGE = 'Bearer realm="throughline"'
"""What WWW-Authenticate asks for: RFC 6750, section 3."""
SHOWN = 8
"""Characters of a secret that a person sees again, to tell it from others."""
MOST_TOKENS = 50
MOST_DAYS = 3650
NOTED_EVERY = timedelta(minutes=1)
"""``last_used_at`` is written this often at most: reading through the API stays reading."""
_SECRET = re.compile(r"tl_[A-Za-z0-9_-]{43}\Z")


def make_token(
    *, user: User, name: str, scopes: Collection[TokenScope | str], expires_in_days: int | None = None
) -> tuple[ApiToken, str]:
    """A new key of ``user`` and its secret, which is kept nowhere. ``expires_in_days`` None = it works until it is revoked.

    Refused for no name, no or another scope, a time that is not 1 to MOST_DAYS days, and past MOST_TOKENS living ones.
    """
    chosen = _scopes(scopes)
    name = _name(name)
    if expires_in_days is not None and not 1 <= expires_in_days <= MOST_DAYS:
        raise Refused("token_days_invalid", f"A token works from 1 to {MOST_DAYS} days: choose a number of days between them.")
    secret = f"tl_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)  # who makes many at once waits here to be counted
        if living_tokens(user).count() >= MOST_TOKENS:
            raise Refused("too_many_tokens", f"You have {MOST_TOKENS} tokens that work: revoke one that you no longer need.")
        token = ApiToken.objects.create(
            user=user,
            name=name,
            hash=_hash(secret),
            prefix=secret[:SHOWN],
            scopes=chosen,
            expires_at=None if expires_in_days is None else timezone.now() + timedelta(days=expires_in_days),
        )
        write_down("token.make", by=user, kind="apitoken", target_id=token.pk, detail={"scopes": chosen})
    return token, secret


def authenticate(secret: str) -> ApiToken | None:
    """The living token of that secret with its user, in one query; None = it opens nothing.

    Revoked and expired ones, and those of a deactivated user, open nothing.
    """
    if not _SECRET.match(secret):
        return None
    now = timezone.now()
    # The hash is unique, so there is nothing to sort (``first`` would), and the rest is quicker asked of the row than of SQL.
    token = next(iter(ApiToken.objects.filter(hash=_hash(secret)).select_related("user")), None)
    if token is None or token.revoked_at is not None or not token.user.is_active or not _is_before(now, token.expires_at):
        return None
    if token.last_used_at is None or token.last_used_at <= now - NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        token.last_used_at = now
    return token


def _is_before(now: datetime, end: datetime | None) -> bool:
    return end is None or now < end


def of_header(authorization: str) -> ApiToken | None:
    """The living token that an Authorization header brings; None for any other scheme too."""
    scheme, _, secret = authorization.partition(" ")
    return authenticate(secret.strip()) if scheme.lower() == "bearer" else None


def revoke(*, token: ApiToken, by: User) -> ApiToken:
    """From now on the token opens nothing. Refused for one that was revoked before."""
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()) != 1:
            raise Refused("token_is_revoked", "This token is revoked already: it opens nothing any more.")
        write_down("token.revoke", by=by, kind="apitoken", target_id=token.pk)
    token.refresh_from_db()
    return token


def revoke_all(*, user: User) -> int:
    """None of the tokens of ``user`` opens anything any more: somebody else may have made one with the old password."""
    with transaction.atomic():
        gone = list(living_tokens(user).values_list("pk", flat=True))
        ApiToken.objects.filter(pk__in=gone).update(revoked_at=timezone.now())
        for token_id in gone:
            write_down("token.revoke", by=user, kind="apitoken", target_id=token_id, detail={"because": "password.reset"})
    return len(gone)


def living_tokens(user: User) -> QuerySet[ApiToken]:
    """Those of ``user`` that open something."""
    return _living().filter(user=user)


def _living() -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None)


def _hash(secret: str) -> str:
    """Plain sha256: the secret is 256 random bits, so there is nothing to guess that a slow hash would hold up."""
    return sha256(secret.encode()).hexdigest()


def _scopes(scopes: Collection[TokenScope | str]) -> list[str]:
    chosen = [scope.value for scope in TokenScope if scope in set(scopes)]
    if not chosen or len(chosen) != len(set(scopes)):
        raise Refused("token_scopes_invalid", f"A token has scopes: choose one or more of {', '.join(TokenScope)}.")
    return chosen


def _name(name: str) -> str:
    longest = ApiToken._meta.get_field("name").max_length or 0
    if not name.strip() or len(name.strip()) > longest or not name.strip().isprintable():
        raise Refused(
            "token_name_invalid", f"A token has a name, so that you know it again: write one of up to {longest} letters."
        )
    return name.strip()
