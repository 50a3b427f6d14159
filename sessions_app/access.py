"""Who may see, edit and spend: the one place that knows it. Single owner; staff look through the admin, audited there."""

from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, QuerySet

from continuity.models import Asset, Job, Shot, Take
from sessions_app.enums import ShareScope
from sessions_app.models import ApiToken, Session, ShareLink

Person = AbstractBaseUser | AnonymousUser


def can_view(user: Person, session: Session) -> bool:
    return _is_owner(user, session)


def can_edit(user: Person, session: Session) -> bool:
    return _is_owner(user, session)


def can_spend(user: Person, session: Session) -> bool:
    """Who may start paid work: the owner, who is also the payer."""
    return _is_owner(user, session)


def require_spending(user: Person, session: Session) -> None:
    """PermissionDenied for who may look but not spend."""
    if not can_spend(user, session):
        raise PermissionDenied("You may not start paid work in this session.")


def visible_sessions(user: Person) -> QuerySet[Session]:
    """Everything that ``user`` may view. Foreign sessions do not exist here, for staff neither."""
    return Session.objects.filter(owner_id=user.pk) if user.is_authenticated else Session.objects.none()


def deleted_sessions(user: Person) -> QuerySet[Session]:
    """What ``user`` has deleted and may restore."""
    return (
        Session.all_objects.filter(owner_id=user.pk).exclude(deleted_at=None) if user.is_authenticated else Session.objects.none()
    )


def session_by_prompt_uuid(user: Person, uuid: UUID) -> Session | None:
    """The session of ``user`` whose prompt half has this legacy share id; of several the oldest, an undated one last."""
    oldest_first = F("created_at").asc(nulls_last=True)
    return visible_sessions(user).filter(prompt__uuid=uuid).order_by(oldest_first, "pk").first()


def visible_tokens(user: Person) -> QuerySet[ApiToken]:
    """The API tokens of ``user``, revoked and expired ones too: they are shown as such."""
    return ApiToken.objects.filter(user_id=user.pk) if user.is_authenticated else ApiToken.objects.none()


def visible_links(user: Person) -> QuerySet[ShareLink]:
    """The share links of the sessions that ``user`` may view, revoked and expired ones too."""
    return ShareLink.objects.filter(session__in=visible_sessions(user)).select_related("session")


def visible_jobs(user: Person) -> QuerySet[Job]:
    """What ``user`` asked for, unless its session is deleted."""
    return Job.objects.filter(Q(session=None) | Q(session__deleted_at=None), by_id=user.pk)


def visible_takes(user: Person) -> QuerySet[Take]:
    """Every take of a living shot in the sessions that ``user`` may view."""
    return Take.objects.filter(shot__deleted_at=None, shot__session__in=visible_sessions(user))


def visible_assets(user: Person) -> QuerySet[Asset]:
    """Every file that ``user`` may fetch: their own, unless it or its session is deleted."""
    if not user.is_authenticated:
        return Asset.objects.none()
    return Asset.objects.filter(Q(session=None) | Q(session__deleted_at=None), owner_id=user.pk)


def shared_clips(link: ShareLink) -> QuerySet[Asset]:
    """The clips that a living link to a session shows: the chosen takes of its living shots. A link to a prompt shows none."""
    if link.scope != ShareScope.SESSION:
        return Asset.objects.none()
    return Asset.objects.filter(pk__in=Shot.objects.filter(session=link.session_id).values("chosen_take__video"))


def _is_owner(user: Person, session: Session) -> bool:
    return user.is_authenticated and user.is_active and session.owner_id == user.pk
