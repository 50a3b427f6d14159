"""Who may see, edit and spend: the one place that knows it. Single owner; staff look through the admin, audited there."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Q, QuerySet

from continuity.models import Asset
from sessions_app.models import Session

Person = AbstractBaseUser | AnonymousUser


def can_view(user: Person, session: Session) -> bool:
    return _is_owner(user, session)


def can_edit(user: Person, session: Session) -> bool:
    return _is_owner(user, session)


def can_spend(user: Person, session: Session) -> bool:
    """Who may start paid work: the owner, who is also the payer."""
    return _is_owner(user, session)


def visible_sessions(user: Person) -> QuerySet[Session]:
    """Everything that ``user`` may view. Foreign sessions do not exist here, for staff neither."""
    return Session.objects.filter(owner_id=user.pk) if user.is_authenticated else Session.objects.none()


def visible_assets(user: Person) -> QuerySet[Asset]:
    """Every file that ``user`` may fetch: their own, unless it or its session is deleted."""
    if not user.is_authenticated:
        return Asset.objects.none()
    return Asset.objects.filter(Q(session=None) | Q(session__deleted_at=None), owner_id=user.pk)


def _is_owner(user: Person, session: Session) -> bool:
    return user.is_authenticated and user.is_active and session.owner_id == user.pk
