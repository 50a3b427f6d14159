"""A copy of a session: everything that a person set, nothing that was made or paid for, and no way back into the other one."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from continuity.enums import BlobKind
from continuity.models import Asset, Blob, Charge, Continuity, Frame, Job, LedgerEntry, SceneProxy, Shot, Style, Take
from continuity.services.errors import Refused
from prompts.models import Prompt
from sessions_app import services
from sessions_app.models import AuditEvent, Edit, Session, ShareLink
from tests.engine import at_once
from tests.factories import continuity as make
from tests.factories.prompt import PromptFactory, PromptVersionFactory
from tests.factories.session import NOON, SessionFactory, ShareLinkFactory, UserFactory
from tests.sessions_app.web.scenes import done_shot, running_take, stored_clip

pytestmark = pytest.mark.django_db
KEPT_BEHIND = {
    Session: {"id", "owner", "name", "description", "active_mode"}
    | {"status", "version", "revision", "created_at", "updated_at", "listed_at", "opened_at", "deleted_at", "extra"},
    Prompt: {"session", "uuid", "keyframes", "highlight_cache", "brainstorm", "score", "current_version", "version"},
    Continuity: {"session", "base_style", "base_style_source", "base_take", "primary_reference", "legacy"},
    Shot: {"id", "session", "legacy_id", "prompt_version", "bridge_from", "start_image", "locked", "chosen_take", "chosen_by"}
    | {"version", "created_at", "deleted_at", "extra"},
    Style: {"id", "session", "number", "parent", "source_take", "by", "created_at"},
}
"""What a copy does not take over as it stands; every other column is the same."""
SHOT = {
    "mode": "style-match",
    "inject": False,
    "model": "animatic",
    "seed": 7,
    "params": {"seconds": 2},
    "style_overrides": {"colour": "own"},
    "camera": {"yaw": 0.1, "pitch": 0.0, "dolly": 0.0},
    "inherit_colour": False,
    "inherit_lighting": True,
}


@pytest.fixture
def session(owner) -> Session:
    """A scene in which everything is set that can be, with a take made, one being made, and what they cost."""
    row = SessionFactory(
        owner=owner,
        name="Pier",
        description="At dusk",
        status="archived",
        active_mode="studio",
        extra={"was": "x"},
        opened_at=NOON,
    )
    prompt = PromptFactory(
        session=row, title="Pier", output="A pier, wide", target_model="ltx", mode="t2v", generation_params={"seed": 4},
        uuid="0b0e1a9e-7f3c-4a53-9c0f-2f3a7f0f8a11", keyframes=[{"assetId": "x"}], score=0.5, version=3,
    )  # fmt: skip
    Prompt.objects.update(current_version=PromptVersionFactory(prompt=prompt))
    first = done_shot(row, video__session=row)
    still = own_picture(row)
    second = make.ShotFactory(session=row, user_prompt="Two", start_image=still, **SHOT)
    deleted = make.ShotFactory(session=row, user_prompt="Deleted", deleted_at=NOON)
    third = make.ShotFactory(session=row, user_prompt="Three", bridge_from=first, locked=True, legacy_id="s3", extra={"was": "y"})
    make.ShotFactory(session=row, user_prompt="Four", bridge_from=deleted)
    Shot.objects.filter(pk=second.pk).update(prompt_version=prompt.versions.get(), chosen_take=make.DoneTakeFactory(shot=second))
    make.StyleFactory(session=row, number=1)
    base = make.StyleFactory(
        session=row, number=2, values=make.style_values(mood="calm"), fragment="calm", source_take=first.chosen_take,
        extraction=make.ExtractionFactory(owner=owner), locked_keys=["atmosphere.mood"], parent=Style.objects.get(number=1),
    )  # fmt: skip
    make.ContinuityFactory(
        session=row, base_style=base, base_style_source="user-defined", base_take=first.chosen_take, primary_reference=still,
        takes_per_shot=3, gate_threshold="0.6", safe_bridge=False, preview_model="animatic", legacy={"was": "z"},
    )  # fmt: skip
    make.SceneProxyFactory(session=row, reference=still, current=True, depth=make.StillFactory(owner=owner, session=row))
    running_take(row)
    make.CutFactory(session=row, left_take=first.chosen_take, right_take=make.DoneTakeFactory(shot=third))
    ShareLinkFactory(session=row)
    return row


def own_picture(session: Session) -> Frame:
    clip = make.AssetFactory(owner=session.owner, session=session)
    return make.FrameFactory(
        asset=clip, image=make.StillFactory(owner=session.owner, session=session, parent=clip, name="frame 9")
    )


def of(session: Session) -> dict[type[models.Model], list[Any]]:
    """Every row that a session holds, by its model."""
    found: dict[type[models.Model], list[Any]] = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is Session and model is not ShareLink:
                found[model] = list(model._base_manager.filter(**{field.name: session}).order_by("pk"))
    return {model: rows for model, rows in found.items() if rows}


def same(model: type[models.Model], row: Any, copy: Any) -> dict[str, tuple[Any, Any]]:
    """The columns that ought to be the same and are not."""
    names = [field.attname for field in model._meta.concrete_fields if field.name not in KEPT_BEHIND[model]]
    return {name: (getattr(row, name), getattr(copy, name)) for name in names if getattr(row, name) != getattr(copy, name)}


def test_a_copy_is_a_new_active_session_of_the_same_owner(session, owner) -> None:
    copy = services.duplicate_session(session=session, by=owner)

    copy.refresh_from_db()
    assert (copy.owner, copy.name, copy.description, copy.active_mode) == (owner, "Pier (copy)", "At dusk", "studio")
    assert (copy.status, copy.version, copy.revision, copy.extra, copy.opened_at) == ("active", 1, 1, {}, None)
    assert list(AuditEvent.objects.values_list("action", "object_id", "detail")) == [
        ("session.duplicate", copy.pk, {"source": session.pk})
    ]


@pytest.mark.parametrize(
    ("name", "expected"), [("", "(copy)"), ("x" * 500, "x" * 493 + " (copy)"), ("Pier (copy)", "Pier (copy) (copy)")]
)
def test_a_copy_says_that_it_is_one(name: str, expected: str, owner) -> None:
    assert services.duplicate_session(session=SessionFactory(owner=owner, name=name), by=owner).name == expected


def test_every_setting_is_the_same(session, owner) -> None:
    copy = services.duplicate_session(session=session, by=owner)

    assert same(Prompt, session.prompt, Prompt.objects.get(session=copy)) == {}
    assert same(Continuity, Continuity.objects.get(session=session), Continuity.objects.get(session=copy)) == {}
    assert same(Style, session.continuity.base_style, Style.objects.get(session=copy)) == {}
    shots, copies = (list(Shot.objects.filter(session=row).order_by("rank")) for row in (session, copy))
    assert [shot.user_prompt for shot in shots] == [shot.user_prompt for shot in copies]
    assert [same(Shot, *pair) for pair in zip(shots, copies, strict=True)] == [{}] * len(shots)
    assert [getattr(copies[1], name) for name in SHOT] == list(SHOT.values())


def test_what_leads_to_a_shot_or_a_picture_leads_to_their_copies(session, owner) -> None:
    copy = services.duplicate_session(session=session, by=owner)

    [first, second, third, fourth, *_] = Shot.objects.filter(session=copy).order_by("rank")
    half, style, proxy = (model.objects.get(session=copy) for model in (Continuity, Style, SceneProxy))
    assert (third.bridge_from, fourth.bridge_from, third.locked) == (first, None, False)
    assert (half.base_style, half.base_style_source, half.base_take, style.number) == (style, "user-defined", None, 1)
    assert (style.parent, style.source_take, style.by) == (None, None, owner)
    assert half.primary_reference == second.start_image == proxy.reference
    picture, original = second.start_image, Shot.objects.get(session=session, user_prompt="Two").start_image
    assert (picture.image.blob, picture.rgb24_sha256, picture.index) == (original.image.blob, original.rgb24_sha256, 0)
    assert (picture.asset, picture.asset.session, picture.asset.owner) == (picture.image, copy, owner)
    assert proxy.current is True


def test_nothing_of_a_copy_leads_into_the_other_session(session, owner) -> None:
    copy = services.duplicate_session(session=session, by=owner)

    theirs = {(model, row.pk) for model, rows in of(session).items() for row in rows}
    theirs |= {(model, row.pk) for model, rows in _beneath(session).items() for row in rows} | {(Session, session.pk)}
    ours = {**of(copy), **_beneath(copy), Session: [copy]}
    leading_back = [
        (row, field.name)
        for model, rows in ours.items()
        for row in rows
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and (field.related_model, getattr(row, field.attname)) in theirs
    ]
    assert leading_back == []
    assert set(ours) == {Session, Prompt, Continuity, Shot, Style, SceneProxy, Asset, Frame}
    assert (Frame, session.continuity.primary_reference_id) in theirs


def _beneath(session: Session) -> dict[type[models.Model], list[Any]]:
    frames = Frame.objects.filter(asset__session=session)
    takes = Take.objects.filter(shot__session=session)
    rows = {Frame: list(frames), Take: list(takes)}
    return {model: found for model, found in rows.items() if found}


def test_a_copy_costs_nothing_and_leaves_the_other_session_as_it_was(session, owner) -> None:
    def books() -> list[int]:
        return [model.objects.count() for model in (Take, Job, Charge, LedgerEntry, Edit, ShareLink, Blob)]

    before, rows = books(), [list(model.objects.filter(session=session).values()) for model in (Shot, Style, Asset, SceneProxy)]
    services.duplicate_session(session=session, by=owner)

    session.refresh_from_db()
    assert books() == before
    assert [list(model.objects.filter(session=session).values()) for model in (Shot, Style, Asset, SceneProxy)] == rows
    assert (session.version, session.revision, session.name) == (1, 1, "Pier")


def test_a_copy_s_pictures_are_there_when_the_other_session_is_deleted(owner) -> None:
    session = SessionFactory(owner=owner)
    clip = stored_clip(owner, b"a picture", kind=BlobKind.IMAGE, container="png")
    Asset.objects.filter(pk=clip.pk).update(session=session, role="still")
    still = make.FrameFactory(asset=Asset.objects.get(), image=Asset.objects.get(), index=0)
    make.ShotFactory(session=session, start_image=still)
    copy = services.duplicate_session(session=session, by=owner)
    services.delete_session(session=session, by=owner)
    client = Client()
    client.force_login(owner)

    own = Shot.objects.get(session=copy).start_image.image
    answers = [
        client.get(reverse("media", args=[asset.pk, "original"]), headers={"Accept": "text/html"}) for asset in (own, clip)
    ]

    assert [b"".join(answers[0]), answers[0].status_code, answers[1].status_code] == [b"a picture", 200, 404]


def test_a_picture_of_one_s_own_library_stays_the_same_one(owner) -> None:
    still = make.FrameFactory(asset__owner=owner)
    session = make.ShotFactory(session__owner=owner, start_image=still).session

    copy = services.duplicate_session(session=session, by=owner)

    assert (Shot.objects.get(session=copy).start_image, Asset.objects.filter(session=copy).count()) == (still, 0)


def test_a_session_without_halves_is_copied_without_halves(owner) -> None:
    copy = services.duplicate_session(session=SessionFactory(owner=owner), by=owner)

    assert of(copy) == {}


def test_a_deleted_session_is_not_copied(owner) -> None:
    with pytest.raises(Refused) as refusal:
        services.duplicate_session(session=SessionFactory(owner=owner, deleted_at=NOON), by=owner)

    assert (refusal.value.code, Session.all_objects.count()) == ("session_is_deleted", 1)


def test_more_shots_are_no_more_queries(owner) -> None:
    def queries(shots: int) -> int:
        session = make.ContinuityFactory(session__owner=owner).session
        make.ShotFactory.create_batch(shots, session=session)
        with CaptureQueriesContext(connection) as asked:
            services.duplicate_session(session=session, by=owner)
        return len(asked)

    assert queries(1) == queries(20) == 12


@pytest.mark.django_db(transaction=True)
def test_copies_made_at_once_are_all_whole() -> None:
    session = SessionFactory(owner=UserFactory())
    make.ContinuityFactory(session=session)
    make.ShotFactory.create_batch(3, session=session)

    copies = at_once(4, lambda number: services.duplicate_session(session=session, by=session.owner))

    assert [Shot.objects.filter(session=copy).count() for copy in copies] == [3] * 4
