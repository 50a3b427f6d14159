"""Share links: whoever has one sees that scene, or its prompt, and nothing else."""

import re
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from continuity.services.errors import Refused
from prompts.models import Prompt
from sessions_app.enums import ShareScope
from sessions_app.models import Session, ShareLink

MOST_LINKS = 100
MOST_DAYS = 3650
_TOKEN = re.compile(r"[A-Za-z0-9_-]{36,43}\Z")


def make_link(
    *, session: Session, by: User, scope: ShareScope = ShareScope.SESSION, expires_in_days: int | None = None
) -> ShareLink:
    """A new link to ``session``. ``expires_in_days`` None = it works until it is revoked.

    Refused for a prompt that the session does not have, a time that is not 1 to MOST_DAYS days, and past MOST_LINKS living ones.
    """
    if expires_in_days is not None and not 1 <= expires_in_days <= MOST_DAYS:
        raise Refused("link_days_invalid", f"A link works from 1 to {MOST_DAYS} days: choose a number of days between them.")
    if scope == ShareScope.PROMPT and not Prompt.objects.filter(session=session).exists():
        raise Refused("no_prompt", "This session has no prompt half: share the session instead.")
    with transaction.atomic():
        Session.all_objects.select_for_update(no_key=True).get(pk=session.pk)  # who makes many at once waits here to be counted
        if _living().filter(session=session).count() >= MOST_LINKS:
            raise Refused(
                "too_many_links", f"This session has {MOST_LINKS} links that work: revoke one that is no longer needed."
            )
        link = ShareLink.objects.create(
            session=session,
            scope=scope,
            created_by=by,
            expires_at=None if expires_in_days is None else timezone.now() + timedelta(days=expires_in_days),
        )
        session.record("share.make", by=by, target=link, detail={"scope": link.scope})
    return link


def revoke_link(*, link: ShareLink, by: User) -> ShareLink:
    """From now on the link shows nothing. Refused for one that was revoked before."""
    with transaction.atomic():
        if ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now()) != 1:
            raise Refused("link_is_revoked", "This link is revoked already: it shows nothing any more.")
        link.session.record("share.revoke", by=by, target=link)
    link.refresh_from_db()
    return link


def find_link(token: str) -> ShareLink | None:
    """The living link of that token with its session and owner, in one query; None = it shows nothing.

    Revoked and expired ones show nothing, and those of a deleted session or a deactivated owner neither.
    """
    if not _TOKEN.match(token):
        return None
    found = _living().filter(token=token, session__deleted_at=None, session__owner__is_active=True)
    return found.select_related("session__owner").first()


def _living() -> QuerySet[ShareLink]:
    return ShareLink.objects.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None)
