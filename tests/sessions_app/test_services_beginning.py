"""The continuity half, added to a session that is there: from nothing, the prompt, a take, a clip, a picture."""

from typing import Any

import pytest

from continuity.enums import AssetOrigin
from continuity.models import Asset, Continuity, Job, Shot, Take
from continuity.services import media, shots, shots_edit
from continuity.services.errors import Refused
from prompts.models import Prompt
from sessions_app import services
from sessions_app.models import AuditEvent, Edit, Session
from tests.engine import at_once, settle
from tests.factories.continuity import AssetFactory, ContinuityFactory, DoneTakeFactory, ShotFactory, TakeFactory
from tests.factories.prompt import PromptFactory, PromptVersionFactory
from tests.factories.session import NOON, SessionFactory, UserFactory
from tests.stand_ins.clips import ClipSize, clip_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(owner) -> Session:
    return SessionFactory(owner=owner)


@pytest.fixture
def clip(owner, tmp_path) -> Asset:
    """Decoded and kept, in the owner's own hands."""
    path = tmp_path / "pier.mp4"
    path.write_bytes(clip_bytes(ClipSize(160, 90, 1, 24)))
    asset, _ = media.add_clip(path=path, owner=owner, session=None, name="pier.mp4", origin=AssetOrigin.UPLOAD)
    return asset


def refusal_of(**given: Any) -> str:
    with pytest.raises(Refused) as refusal:
        services.add_continuity(**given)
    return refusal.value.code


def words(session: Session) -> list[str]:
    return list(Shot.objects.filter(session=session).order_by("rank").values_list("user_prompt", flat=True))


def test_a_half_from_nothing_has_no_shots(session, owner) -> None:
    half = services.add_continuity(session=session, by=owner, default_mode="none", gate_threshold="0.5")

    session.refresh_from_db()
    assert (half.default_mode, str(half.gate_threshold), words(session)) == ("none", "0.500", [])
    assert (session.active_mode, session.version, Job.objects.count()) == ("continuity", 2, 0)
    assert list(AuditEvent.objects.values_list("action", "object_id")) == [("continuity.add", session.pk)]


def test_a_second_half_is_refused(session, owner) -> None:
    services.add_continuity(session=session, by=owner, default_mode="none")

    assert refusal_of(session=session, by=owner, default_mode="native") == "continuity_is_there"
    assert (Continuity.objects.get().default_mode, AuditEvent.objects.count()) == ("none", 1)


@pytest.mark.django_db(transaction=True)
def test_of_many_halves_at_once_there_is_one() -> None:
    session = SessionFactory(owner=UserFactory())

    answers = at_once(6, lambda number: services.add_continuity(session=session, by=session.owner))

    assert sorted(getattr(answer, "code", "added") for answer in answers) == ["added"] + ["continuity_is_there"] * 5
    assert AuditEvent.objects.count() == 1


def test_a_half_has_no_other_settings(session, owner) -> None:
    with pytest.raises(TypeError, match="no setting base_style"):
        services.add_continuity(session=session, by=owner, base_style=None)

    assert refusal_of(session=session, by=owner, takes_per_shot=9) == "value_invalid"
    assert (Continuity.objects.count(), Session.objects.get().active_mode) == (0, "create")


def test_a_deleted_session_gets_no_half(session, owner) -> None:
    Session.objects.update(deleted_at=NOON)

    assert refusal_of(session=session, by=owner) == "session_is_deleted"


# --- from the prompt ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("output", "expected"), [("A pier at dusk, wide", "A pier at dusk, wide"), (None, "a pier"), ("", "a pier")]
)
def test_the_prompt_becomes_the_words_of_shot_1(output: str | None, expected: str, session, owner) -> None:
    prompt = PromptFactory(session=session, input="a pier", output=output)
    version = PromptVersionFactory(prompt=prompt)
    Prompt.objects.update(current_version=version)

    services.add_continuity(session=session, by=owner, source=Prompt.objects.get())

    shot = Shot.objects.get()
    assert (shot.user_prompt, shot.prompt_version, Prompt.objects.get().input) == (expected, version, "a pier")


def test_a_prompt_brings_no_shot_where_there_are_some(session, owner) -> None:
    shots_edit.add_shot(session=session, user_prompt="One", by=owner)

    services.add_continuity(session=session, by=owner, source=PromptFactory(session=session))

    assert words(session) == ["One"]


def test_an_empty_or_foreign_prompt_is_refused(session, owner) -> None:
    assert refusal_of(session=session, by=owner, source=PromptFactory(session=session, input=" ")) == "prompt_is_empty"
    other = PromptFactory(session__owner=owner)
    assert refusal_of(session=session, by=owner, source=other) == "prompt_of_another_session"
    assert Continuity.objects.count() == 0


# --- from a clip and a picture --------------------------------------------------------------------------------------------


def test_a_clip_becomes_shot_1_and_sets_the_look(session, owner, clip) -> None:
    shots_edit.add_shot(session=session, user_prompt="What follows", by=owner)

    services.add_continuity(session=session, by=owner, source=clip)

    take = Take.objects.get()
    assert words(session) == ["", "What follows"]
    assert (take.shot.user_prompt, take.origin, take.shot.chosen_take, take.video.blob) == ("", "upload", take, clip.blob)
    settle(session)
    half = Continuity.objects.get()
    assert (half.base_take, half.base_style_source, half.primary_reference is not None) == (take, "extracted", True)


def test_a_picture_becomes_the_reference_and_its_look_is_extracted(session, owner, tmp_path) -> None:
    still = _still(owner, tmp_path)

    services.add_continuity(session=session, by=owner, source=still)

    half = Continuity.objects.get()
    assert (half.primary_reference.asset, half.base_style, words(session)) == (still, None, [])
    settle(session)
    half.refresh_from_db()
    assert (half.base_style_source, half.base_take) == ("extracted", None)


def _still(owner: Any, folder: Any) -> Asset:
    from PIL import Image

    path = folder / "pier.png"
    Image.new("RGB", (64, 36), (20, 60, 120)).save(path)
    return media.add_still(path=path, owner=owner, session=None, name="pier.png").asset


def test_a_clip_that_cannot_be_read_any_more_leaves_nothing(session, owner, clip, monkeypatch) -> None:
    shots_edit.add_shot(session=session, user_prompt="What follows", by=owner)

    def fail(*args: object, **columns: object) -> None:
        raise OSError("The disk is full.")

    monkeypatch.setattr(shots.create, "style_job", fail)
    before = list(Edit.objects.values_list("verb", flat=True))

    with pytest.raises(OSError, match="The disk is full"):
        services.add_continuity(session=session, by=owner, source=clip)

    assert (words(session), Shot.all_objects.count(), Continuity.objects.count()) == (["What follows"], 1, 0)
    assert list(Edit.objects.values_list("verb", flat=True)) == before
    assert (Take.objects.count(), Job.objects.count(), Session.objects.get().active_mode) == (0, 0, "create")


def test_a_clip_that_is_damaged_is_refused_in_a_sentence(session, owner, clip) -> None:
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    default_storage.delete(clip.blob.storage_key)
    default_storage.save(clip.blob.storage_key, ContentFile(b"no film"))

    assert refusal_of(session=session, by=owner, source=clip) == "not_a_video"
    assert (Continuity.objects.count(), Shot.all_objects.count()) == (0, 0)


@pytest.mark.parametrize("kind", ["lut", "text", "audio"])
def test_a_file_that_is_no_picture_is_refused(kind: str, session, owner) -> None:
    assert refusal_of(session=session, by=owner, source=AssetFactory(owner=owner, blob__kind=kind)) == "asset_not_usable"


# --- from a take -----------------------------------------------------------------------------------------------------------


def test_a_take_of_this_session_is_chosen_and_measured(session, owner) -> None:
    shot = ShotFactory(session=session)
    take = DoneTakeFactory(shot=shot)

    services.add_continuity(session=session, by=owner, source=take)

    shot.refresh_from_db()
    assert (shot.chosen_take, words(session)) == (take, [shot.user_prompt])
    assert list(Job.objects.values_list("kind", "take")) == [("style", take.pk)]


def test_a_take_that_is_chosen_already_is_only_measured(session, owner) -> None:
    take = DoneTakeFactory(shot__session=session)
    Shot.objects.update(chosen_take=take)

    services.add_continuity(session=session, by=owner, source=take)

    assert list(Job.objects.values_list("kind", "take")) == [("style", take.pk)]
    assert (Edit.objects.count(), Shot.objects.get().chosen_by) == (0, "auto")


def test_a_take_of_a_later_shot_is_the_reference(session, owner, clip) -> None:
    ShotFactory(session=session)
    take = DoneTakeFactory(shot__session=session, video=clip)

    services.add_continuity(session=session, by=owner, source=take)

    assert Continuity.objects.get().primary_reference is not None
    assert set(Job.objects.values_list("kind", "step")) == {("style", "measure"), ("style", "read")}


def test_a_take_of_another_session_of_one_s_own_becomes_shot_1(session, owner, clip) -> None:
    theirs = DoneTakeFactory(shot__session__owner=owner, shot__user_prompt="A pier", video=clip)

    services.add_continuity(session=session, by=owner, source=theirs)

    take = Take.objects.exclude(pk=theirs.pk).get()
    assert (words(session), take.origin, take.video.blob, take.video.session) == (["A pier"], "upload", clip.blob, session)


def test_an_unfinished_take_and_one_of_a_deleted_shot_are_refused(session, owner) -> None:
    takes = [TakeFactory(shot__session=session), DoneTakeFactory(shot__session=session, shot__deleted_at=NOON)]

    assert [refusal_of(session=session, by=owner, source=take) for take in takes] == ["take_not_usable"] * 2


@pytest.mark.parametrize("factory", [AssetFactory, DoneTakeFactory])
def test_what_is_somebody_else_s_is_refused(factory: Any, session, owner, stranger) -> None:
    theirs = factory(**{"owner" if factory is AssetFactory else "shot__session__owner": stranger})

    assert refusal_of(session=session, by=owner, source=theirs) == "source_of_another_owner"
    assert (Continuity.objects.count(), Shot.objects.filter(session=session).count()) == (0, 0)


def test_a_take_that_the_padlock_keeps_out_leaves_no_half(session, owner) -> None:
    shot = ShotFactory(session=session, locked=True)
    take = DoneTakeFactory(shot=shot)

    assert refusal_of(session=session, by=owner, source=take) == "shot_locked"
    assert (Continuity.objects.count(), Session.objects.get().active_mode) == (0, "create")


def test_everything_about_one_session_stays_in_it(session, owner) -> None:
    other = ContinuityFactory(session__owner=owner).session

    services.add_continuity(session=session, by=owner)

    assert (Session.objects.get(pk=other.pk).version, Continuity.objects.count()) == (1, 2)
