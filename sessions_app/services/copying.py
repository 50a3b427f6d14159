"""A copy of a session to try something else with: everything that a person set, nothing that was made or paid for."""

from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone

from continuity.enums import AssetOrigin, FrameRole
from continuity.models import Asset, Continuity, Frame, SceneProxy, Shot, Style
from continuity.services import proxies
from prompts.models import Prompt
from sessions_app.models import Session
from sessions_app.services.lifecycle import living
from sessions_app.services.setting import SETTINGS

MARK = " (copy)"
PROMPT_COLUMNS = ("title", "input", "output", "target_model", "mode", "generation_params")
"""Not ``uuid``, which is a share link, and no legacy lists: these may name the media of the other session."""
SHOT_COLUMNS = (
    *("rank", "user_prompt", "mode", "inject", "model", "seed", "params", "style_overrides", "camera"),
    *("inherit_colour", "inherit_lighting", "inherit_atmosphere", "inherit_technical"),
)
"""What a shot's copy has of it as it is; ``bridge_from`` and ``start_image`` lead to copies of what they lead to."""
STYLE_COLUMNS = ("origin", "values", "fragment", "extraction", "locked_keys")
INSERTED_AT_ONCE = 200


def duplicate_session(*, session: Session, by: User) -> Session:
    """A new active session of the same owner with both halves, the shots and their settings, the base style as version 1, the
    reference picture and the proxy; without takes, jobs, links, history and prompt versions.

    It leads nowhere into the session it was made of, so that one may be deleted. Refused for a deleted one.
    """
    with transaction.atomic():
        source = living(session)
        copy = _Copy(source, by=by)
        copy.prompt()
        copy.continuity()
        copy.shots()
        copy.session.record("session.duplicate", by=by, target=copy.session, detail={"source": source.pk})
    return copy.session


class _Copy:
    """The new session while it is filled; ``pictures`` are those that it has of the other one, by their ids there."""

    def __init__(self, source: Session, *, by: User) -> None:
        longest = Session._meta.get_field("name").max_length or 0
        now = timezone.now()
        self.source, self.by, self.now = source, by, now
        self.pictures: dict[str, Frame] = {}
        self.session = Session.objects.create(
            owner=source.owner,
            name=f"{source.name[: longest - len(MARK)]}{MARK}".strip(),
            description=source.description,
            active_mode=source.active_mode,
            created_at=now,
            updated_at=now,
        )

    def prompt(self) -> None:
        prompt = Prompt.objects.filter(session=self.source).first()
        if prompt is not None:
            Prompt.objects.create(session=self.session, **_columns(prompt, PROMPT_COLUMNS))

    def continuity(self) -> None:
        half = Continuity.objects.filter(session=self.source).select_related("base_style", "primary_reference__asset").first()
        if half is None:
            return
        Continuity.objects.create(
            session=self.session,
            base_style=self._style(half.base_style),
            base_style_source=half.base_style_source,
            primary_reference=self._picture(half.primary_reference),
            **_columns(half, SETTINGS),
        )
        self._proxy()

    def shots(self) -> None:
        rows = list(Shot.objects.filter(session=self.source).select_related("start_image__asset").order_by("rank"))
        copies = {
            row.pk: Shot(session=self.session, created_at=self.now, start_image=self._picture(row.start_image), **_shot(row))
            for row in rows
        }
        for row in rows:  # a source that is deleted counts as none: the shot then starts from the one before it
            copies[row.pk].bridge_from = copies.get(row.bridge_from_id or "")
        Shot.objects.bulk_create(copies.values(), batch_size=INSERTED_AT_ONCE)

    def _style(self, style: Style | None) -> Style | None:
        if style is None:
            return None
        row = _columns(style, STYLE_COLUMNS)
        return Style.objects.create(session=self.session, number=1, by=self.by, created_at=self.now, **row)

    def _proxy(self) -> None:
        proxy = proxies.current(self.source.pk)
        if proxy is None:
            return
        reference = self._picture(proxy.reference)
        assert reference is not None
        SceneProxy.objects.create(
            session=self.session,
            kind=proxy.kind,
            state=proxy.state,
            reference=reference,
            depth=None if proxy.depth is None else self._file(proxy.depth),
            current=True,
            created_at=self.now,
        )

    def _picture(self, frame: Frame | None) -> Frame | None:
        """A still of the copy's own with the pixels of ``frame``; one that is no file of the other session stays as it is."""
        if frame is None or frame.asset.session_id != self.source.pk:
            return frame
        if frame.pk not in self.pictures:
            still = self._file(frame.image)
            pixels = _columns(frame, ("rgb24_sha256", "width", "height"))
            self.pictures[frame.pk] = Frame.objects.create(asset=still, image=still, index=0, role=FrameRole.KEY, **pixels)
        return self.pictures[frame.pk]

    def _file(self, asset: Asset) -> Asset:
        """The same bytes as a file of the copy's own."""
        if asset.session_id != self.source.pk:
            return asset
        row = _columns(asset, ("owner", "blob", "role", "name"))
        return Asset.objects.create(session=self.session, origin=AssetOrigin.DERIVED, **row)


def _shot(shot: Shot) -> dict[str, Any]:
    return _columns(shot, SHOT_COLUMNS)


def _columns(row: models.Model, names: "tuple[str, ...] | frozenset[str]") -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
