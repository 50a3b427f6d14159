"""The style reference: shown at once, read by a job, one edit with one undo, and never over what a person chose since."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from continuity.models import Charge, Continuity, Frame, Grade, Job, Shot, Style, Take
from continuity.services import media, shots, style_edit, styles
from continuity.services.errors import Refused
from sessions_app import undo
from sessions_app.models import Edit, Session
from tests.contracts.vision_table import GOOD
from tests.engine import scene, settle
from tests.factories.continuity import ContinuityFactory, DoneTakeFactory, FrameFactory, GradeFactory, ShotFactory, TakeFactory
from tests.factories.session import SessionFactory
from tests.stand_ins.openai import openai_stand_in

pytestmark = pytest.mark.django_db
BASE = ("base_style", "base_style_source", "base_take", "primary_reference")


@pytest.fixture
def red(tmp_path: Path) -> Path:
    path = tmp_path / "red.png"
    Image.new("RGB", (64, 36), (200, 20, 20)).save(path)
    return path


def still(owner: Any, path: Path, session: Session | None = None) -> Frame:
    return media.add_still(path=path, owner=owner, session=session, name="red.png")


def base(session: Session) -> tuple[Any, ...]:
    return Continuity.objects.values_list(*BASE).get(session=session)


def test_a_picture_is_the_reference_at_once_and_its_look_the_base_soon(owner, red) -> None:
    session, _ = scene(owner, "One", auto_extract=False)
    frame = still(owner, red, session)

    job = style_edit.set_style_reference(session=session, by=owner, frame=frame)
    at_once = base(session)
    settle(session)

    job.refresh_from_db()
    style = Style.objects.get()
    assert at_once == (None, "none", None, frame.pk)
    assert (job.kind, job.subject_key, job.take) == ("style", f"style-reference:{session.pk}:{frame.pk}", None)
    assert (job.state, job.result["style"], job.result["reason"]) == ("done", style.pk, "")
    assert (style.number, style.origin, style.source_take, style.by) == (1, "extracted", None, owner)
    assert base(session) == (style.pk, "extracted", None, frame.pk)
    assert style.values["colour"]["palette.primary"]["source"] == "measured"
    assert "red" in style.fragment


def test_only_the_persons_wish_counts_as_an_edit(owner, red) -> None:
    session, _ = scene(owner, "One", auto_extract=False)
    version = Session.objects.get().version

    style_edit.set_style_reference(session=session, by=owner, frame=still(owner, red))
    asked = Session.objects.values_list("version", "revision").get()
    settle(session)

    done = Session.objects.values_list("version", "revision").get()
    assert (asked[0], done[0], done[1] > asked[1]) == (version + 1, version + 1, True)


def test_one_undo_takes_back_the_picture_and_the_look(owner, red, clip) -> None:
    session, _ = scene(owner, "One", clip=clip)
    settle(session)
    before = base(session)
    frame = still(owner, red)
    style_edit.set_style_reference(session=session, by=owner, frame=frame)
    settle(session)
    after = base(session)

    edit = session.edits.latest("number")
    undo.undo(session=session, by=owner)
    undone = base(session)
    undo.redo(session=session, by=owner)

    changed = [name for name, old, new in zip(BASE, before, after, strict=True) if old != new]
    assert (edit.verb, set(edit.before), set(changed)) == (
        "style.base",
        set(changed),
        {"base_style", "base_take", "primary_reference"},
    )
    assert edit.after == {name: dict(zip(BASE, after, strict=True))[name] for name in changed}
    assert (undone, base(session)) == (before, after)


def test_a_take_is_read_as_a_whole_and_becomes_what_others_are_measured_against(owner, clip) -> None:
    session, [_, second] = scene(owner, "One", "Two", clip=clip)
    settle(session)
    take = shots.add_uploaded_take(shot=second, path=clip, name="b.mp4", by=owner)
    settle(session)
    grade = GradeFactory(take=take)

    style_edit.set_style_reference(session=session, by=owner, take=take)
    settle(session)

    half = Continuity.objects.get()
    assert (half.base_style.source_take, half.base_style.parent.number, half.base_take) == (take, 1, take)
    assert half.primary_reference.asset == take.video
    assert (half.primary_reference.role, Grade.objects.get(pk=grade.pk).state) == ("key", "removed")


def test_a_clip_of_ones_own_is_a_reference_too(owner, clip) -> None:
    session, _ = scene(owner, "One", auto_extract=False)
    asset, _ = media.add_clip(path=clip, owner=owner, session=None, name="ref.mp4", origin="upload")

    style_edit.set_style_reference(session=session, by=owner, clip=asset)
    settle(session)

    half = Continuity.objects.get()
    assert (half.primary_reference.asset, half.base_take, half.base_style.source_take) == (asset, None, None)
    assert half.base_style.extraction == styles.measure_asset(asset)[0]


def test_the_look_is_put_into_words_where_a_model_is_set(owner, red, settings) -> None:
    session, _ = scene(owner, "One", auto_extract=False)
    with openai_stand_in() as onlooker:
        onlooker.answer(GOOD)
        settings.PROVIDERS = settings.PROVIDERS | {"openai": {"api_key": onlooker.api_key, "base_url": onlooker.base_url}}
        settings.VISION_MODEL = "gpt-6-luna"
        job = style_edit.set_style_reference(session=session, by=owner, frame=still(owner, red))
        settle(session)

    weather = Style.objects.get().values["atmosphere"]["weather"]
    assert (weather["value"], weather["source"]) == (GOOD["atmosphere"]["weather"], "model")
    assert (Charge.objects.get().job, Charge.objects.get().state, onlooker.posts()) == (job, "closed", 1)


def test_what_is_locked_stays(owner, red) -> None:
    session, _ = scene(owner, "One", auto_extract=False)
    style_edit.edit_style(session=session, by=owner, changes={"colour": {"temperature": "cool"}}, lock=["colour.temperature"])

    style_edit.set_style_reference(session=session, by=owner, frame=still(owner, red))
    settle(session)

    style = Continuity.objects.get().base_style
    assert (style.number, style.values["colour"]["temperature"]["value"]) == (2, "cool")
    assert (style.values["colour"]["temperature"]["source"], style.locked_keys) == ("user", ["colour.temperature"])
    assert style.values["colour"]["saturation"]["source"] == "measured"


def test_a_look_that_a_person_wrote_meanwhile_is_not_overwritten(owner, red) -> None:
    session, _ = scene(owner, "One", auto_extract=False)
    job = style_edit.set_style_reference(session=session, by=owner, frame=still(owner, red))
    written = style_edit.edit_style(session=session, by=owner, changes={"atmosphere": {"mood": "calm"}})

    settle(session)

    job.refresh_from_db()
    assert (job.state, job.result["style"], Continuity.objects.get().base_style) == ("done", None, written)
    assert job.result["reason"].startswith("The style was changed by hand meanwhile")


def test_of_two_references_the_later_one_holds_whichever_is_read_last(owner, red, tmp_path) -> None:
    session, _ = scene(owner, "One", auto_extract=False)
    Image.new("RGB", (64, 36), (20, 20, 200)).save(tmp_path / "blue.png")
    frames = [still(owner, red), still(owner, tmp_path / "blue.png")]
    jobs = [style_edit.set_style_reference(session=session, by=owner, frame=frame) for frame in frames]

    settle(session)

    results = [Job.objects.get(pk=job.pk).result for job in jobs]
    assert (results[0]["style"], results[0]["reason"][:27]) == (None, "Another reference was chose")
    assert base(session) == (results[1]["style"], "extracted", None, frames[1].pk)


def test_a_reference_chosen_again_while_it_is_read_is_the_reference_again(owner, red, tmp_path) -> None:
    session, _ = scene(owner, "One", auto_extract=False)
    Image.new("RGB", (64, 36), (20, 20, 200)).save(tmp_path / "blue.png")
    one, two = still(owner, red), still(owner, tmp_path / "blue.png")

    jobs = [style_edit.set_style_reference(session=session, by=owner, frame=frame) for frame in (one, two, one)]
    at_once = base(session)
    settle(session)

    assert (jobs[0], at_once) == (jobs[2], (None, "none", None, one.pk))
    result = Job.objects.get(pk=jobs[0].pk).result
    assert (result["reason"], base(session)) == ("", (result["style"], "extracted", None, one.pk))


def test_a_reference_chosen_again_after_it_was_undone_is_read_after_all(owner, red) -> None:
    session, _ = scene(owner, "One", auto_extract=False)
    frame = still(owner, red)
    style_edit.set_style_reference(session=session, by=owner, frame=frame)
    undo.undo(session=session, by=owner)

    style_edit.set_style_reference(session=session, by=owner, frame=frame)
    settle(session)

    assert base(session) == (Style.objects.get().pk, "extracted", None, frame.pk)


def test_a_reference_that_was_undone_before_it_was_read_changes_nothing(owner, red) -> None:
    session, _ = scene(owner, "One", auto_extract=False)
    style_edit.set_style_reference(session=session, by=owner, frame=still(owner, red))
    undo.undo(session=session, by=owner)

    settle(session)

    assert (base(session), Style.objects.count()) == ((None, "none", None, None), 0)


def test_a_reference_that_was_undone_and_done_again_is_read_after_all(owner, red) -> None:
    session, _ = scene(owner, "One", auto_extract=False)
    frame = still(owner, red)
    style_edit.set_style_reference(session=session, by=owner, frame=frame)
    undo.undo(session=session, by=owner)
    undo.redo(session=session, by=owner)

    settle(session)
    read = base(session)
    undo.undo(session=session, by=owner)

    assert read == (Style.objects.get().pk, "extracted", None, frame.pk)
    assert base(session) == (None, "none", None, None)


def test_the_same_picture_is_read_again_when_it_is_chosen_again(owner, red) -> None:
    session, _ = scene(owner, "One", auto_extract=False)
    frame = still(owner, red)
    style_edit.set_style_reference(session=session, by=owner, frame=frame)
    settle(session)
    written = style_edit.edit_style(session=session, by=owner, changes={"colour": {"temperature": "cool"}})
    for _ in range(2):  # the second time while the first one is undone
        style_edit.set_style_reference(session=session, by=owner, frame=frame)
        settle(session)
        again = Continuity.objects.get().base_style
        undo.undo(session=session, by=owner)
        assert (again != written, again.values["colour"]["temperature"]["source"]) == (True, "measured")
        assert Continuity.objects.get().base_style == written


def test_undoing_what_changed_nothing_is_an_edit_like_any_other(owner, red) -> None:
    session, _ = scene(owner, "One", auto_extract=False)
    frame = still(owner, red)
    style_edit.set_style_reference(session=session, by=owner, frame=frame)
    settle(session)
    before = base(session)
    job = style_edit.set_style_reference(session=session, by=owner, frame=frame)

    undo.undo(session=session, by=owner)
    settle(session)

    job.refresh_from_db()
    assert (job.state, job.result["style"], job.attempts) == ("done", None, 1)
    assert base(session) == before


def test_the_first_shots_next_take_does_not_take_a_persons_reference_away(owner, red, clip) -> None:
    session, [first] = scene(owner, "One", clip=clip)
    settle(session)
    style_edit.set_style_reference(session=session, by=owner, frame=still(owner, red))
    settle(session)
    chosen = base(session)

    other = shots.add_uploaded_take(shot=first, path=clip, name="other.mp4", by=owner)
    shots.choose_take(shot=first, take=other, by=owner)
    settle(session)

    assert base(session) == chosen


def test_who_asks_while_it_is_read_gets_the_same_job(owner, red) -> None:
    session, _ = scene(owner, "One", auto_extract=False)
    frame = still(owner, red)

    asked = [style_edit.set_style_reference(session=session, by=owner, frame=frame) for _ in range(2)]

    assert (asked[0], session.edits.count()) == (asked[1], 2)


def test_a_picture_that_was_lost_fails_the_job_and_leaves_the_style(owner, red, caplog) -> None:
    session, _ = scene(owner, "One", auto_extract=False)
    frame = still(owner, red)
    job = style_edit.set_style_reference(session=session, by=owner, frame=frame)
    Frame.objects.filter(pk=frame.pk).delete()

    settle(session)

    job.refresh_from_db()
    assert (job.state, job.error_code, base(session)) == ("failed", "reference_gone", (None, "none", None, None))


def test_what_is_not_ones_own_is_no_reference(owner, stranger, red) -> None:
    session = ContinuityFactory(session__owner=owner).session
    theirs = DoneTakeFactory(shot=ShotFactory(session=SessionFactory(owner=stranger)))
    before = base(session)

    for given, code in (
        ({"frame": still(stranger, red)}, "reference_of_another_owner"),
        ({"clip": theirs.video}, "reference_of_another_owner"),
        ({"take": theirs}, "take_of_another_scene"),
    ):
        with pytest.raises(Refused) as refusal:
            style_edit.set_style_reference(session=session, by=owner, **given)
        assert refusal.value.code == code

    assert (base(session), Job.objects.count(), Edit.objects.count()) == (before, 0, 0)


def test_a_take_without_a_clip_is_no_reference(owner) -> None:
    take = TakeFactory(shot__session__owner=owner)
    ContinuityFactory(session=take.shot.session)

    with pytest.raises(Refused) as refusal:
        style_edit.set_style_reference(session=take.shot.session, by=owner, take=take)

    assert refusal.value.code == "take_not_finished"


def test_a_session_without_the_half_takes_no_reference(owner, red) -> None:
    with pytest.raises(Refused) as refusal:
        style_edit.set_style_reference(session=SessionFactory(owner=owner), by=owner, frame=still(owner, red))

    assert (refusal.value.code, Job.objects.count()) == ("no_continuity", 0)


@pytest.mark.parametrize("count", [0, 2])
def test_a_reference_is_exactly_one_thing(owner, count: int) -> None:
    session = ContinuityFactory(session__owner=owner).session
    given = {"frame": FrameFactory(), "take": Take()} if count else {}

    with pytest.raises(TypeError, match="give exactly one"):
        style_edit.set_style_reference(session=session, by=owner, **given)


def test_the_shots_to_come_carry_the_references_look(owner, red) -> None:
    session, [shot] = scene(owner, "One", auto_extract=False)
    style_edit.set_style_reference(session=session, by=owner, frame=still(owner, red))
    settle(session)

    injection, style = styles.inject(
        user_prompt="A door", shot=Shot.objects.get(pk=shot.pk), continuity=Continuity.objects.get(), max_length=None
    )

    assert (style.number, "red" in injection.text) == (1, True)
