"""What a person does to the scene's style: each time a new version, one edit that can be undone, and locks that hold."""

from typing import Any

import pytest

from continuity.models import Continuity, Cut, Grade, Shot, Style, StyleTemplate, Take
from continuity.services import shots, style_edit, styles
from continuity.services.errors import Refused
from prompts.expectations import VersionConflict, expecting
from sessions_app import undo
from sessions_app.models import AuditEvent, Edit, Session
from tests.engine import scene, settle
from tests.factories.continuity import (
    ContinuityFactory,
    DoneTakeFactory,
    ExtractionFactory,
    FrameFactory,
    GradeFactory,
    ShotFactory,
    StyleFactory,
    StyleTemplateFactory,
    style_values,
)
from tests.factories.session import SessionFactory

pytestmark = pytest.mark.django_db
BASE = ("base_style", "base_style_source", "base_take", "primary_reference")


def styled(owner: Any, **values: Any) -> Session:
    """A scene whose base style says ``values``, taken from its first shot's finished take."""
    session = SessionFactory(owner=owner)
    take = DoneTakeFactory(shot=ShotFactory(session=session))
    Take.objects.filter(pk=take.pk).update(
        measured=ExtractionFactory(owner=owner, values=style_values(mood="calm", weather="fog"))
    )
    Shot.objects.filter(pk=take.shot_id).update(chosen_take=take)
    FrameFactory(asset=take.video, index=40, role="key")
    style = StyleFactory(
        session=session, number=1, origin="extracted", source_take=take, values=style_values(**(values or {"mood": "calm"}))
    )
    ContinuityFactory(session=session, base_style=style, base_style_source="extracted", base_take=take)
    return session


def base(session: Session) -> tuple[Any, ...]:
    return Continuity.objects.values_list(*BASE).get(session=session)


# editing


def test_an_edit_is_a_new_version_over_the_old_one(owner) -> None:
    session = styled(owner, mood="calm", weather="fog")
    before = base(session)

    style = style_edit.edit_style(
        session=session, by=owner, changes={"atmosphere": {"mood": "tense"}, "colour": {"contrast": "low"}}
    )

    atmosphere = style.values["atmosphere"]
    assert (style.number, style.origin, style.by, style.parent_id) == (2, "edited", owner, before[0])
    assert atmosphere["mood"] == {"value": "tense", "source": "user", "confidence": None, "origin": style.pk}
    assert atmosphere["weather"]["value"] == "fog"
    assert ("tense mood" in style.fragment, "low contrast" in style.fragment, "fog" in style.fragment) == (True, True, True)
    assert base(session) == (style.pk, "user-defined", before[2], before[3])
    assert Style.objects.get(number=1).values["atmosphere"]["mood"]["value"] == "calm"


def test_an_edit_can_be_undone_and_done_again(owner) -> None:
    session = styled(owner)
    before = base(session)
    style_edit.edit_style(session=session, by=owner, changes={"atmosphere": {"mood": "tense"}})
    after = base(session)

    edit = Edit.objects.get()
    undo.undo(session=session, by=owner)
    taken_back = base(session)
    undo.redo(session=session, by=owner)

    assert (edit.verb, edit.target_kind, edit.number, Session.objects.get().version) == ("style.base", "continuity", 2, 4)
    assert edit.before == {"base_style": before[0], "base_style_source": "extracted"}
    assert edit.after == {"base_style": after[0], "base_style_source": "user-defined"}
    assert (taken_back, base(session), Style.objects.count()) == (before, after, 2)


def test_null_says_nothing_of_a_value(owner) -> None:
    session = styled(owner, mood="calm", weather="fog")

    style = style_edit.edit_style(session=session, by=owner, changes={"atmosphere": {"mood": None}})

    assert style.values["atmosphere"]["mood"] == {"value": None, "source": "not-measured", "confidence": None}
    assert style.fragment == "fog"


def test_a_style_may_be_written_before_anything_was_measured(owner) -> None:
    session = ContinuityFactory(session__owner=owner).session

    style = style_edit.edit_style(session=session, by=owner, changes={"lighting": {"style": "low-key"}})

    assert (style.number, style.parent, style.fragment) == (1, None, "low-key")
    assert base(session)[:2] == (style.pk, "user-defined")
    undo.undo(session=session, by=owner)
    assert base(session)[:2] == (None, "none")


def test_what_changes_nothing_writes_nothing(owner) -> None:
    session = styled(owner)
    first = style_edit.edit_style(session=session, by=owner, changes={"atmosphere": {"mood": "tense"}}, lock=["atmosphere.mood"])

    again = style_edit.edit_style(session=session, by=owner, changes={"atmosphere": {"mood": "tense"}}, lock=["atmosphere.mood"])

    assert (again, Style.objects.count(), Edit.objects.count()) == (first, 2, 1)


def test_a_whole_style_sent_back_is_no_edit(owner) -> None:
    session = styled(owner, mood="calm", weather="fog")
    style = Style.objects.get()

    again = style_edit.edit_style(session=session, by=owner, changes=style.values)

    assert (again, Style.objects.count(), Edit.objects.count()) == (style, 1, 0)


def test_nothing_of_a_refused_edit_is_written(owner) -> None:
    session = styled(owner)
    before = base(session), Session.objects.values().get()

    for columns in ({"changes": {"atmosphere": {"mood": "tense", "weather": "<b>"}}}, {"lock": ["atmosphere.smell"]}):
        with pytest.raises(Refused):
            style_edit.edit_style(session=session, by=owner, **columns)

    assert (base(session), Session.objects.values().get()) == before
    assert (Style.objects.count(), AuditEvent.objects.count()) == (1, 0)


def test_an_edit_of_what_somebody_else_edited_is_refused_whole(owner) -> None:
    session = styled(owner)
    style_edit.edit_style(session=session, by=owner, changes={"atmosphere": {"mood": "tense"}})

    with pytest.raises(VersionConflict), expecting(session.pk, 1):
        style_edit.edit_style(session=session, by=owner, changes={"atmosphere": {"mood": "epic"}})

    assert Style.objects.count() == 2


@pytest.mark.parametrize("verb", ["edit_style", "reset_to_first_shot", "apply_to_all"])
def test_a_session_without_the_continuity_half_has_no_style(owner, verb: str) -> None:
    session = SessionFactory(owner=owner)
    DoneTakeFactory(shot=ShotFactory(session=session), measured=ExtractionFactory(owner=owner))
    Shot.objects.update(chosen_take=Take.objects.get())

    with pytest.raises(Refused) as refusal:
        getattr(style_edit, verb)(session=session, by=owner)

    assert refusal.value.code == "no_continuity"


def test_the_shots_to_come_carry_what_was_written(owner) -> None:
    session = styled(owner)
    style_edit.edit_style(session=session, by=owner, changes={"atmosphere": {"mood": "tense"}})
    Continuity.objects.update(injection_strength="strong")

    injection, style = styles.inject(
        user_prompt="A red door", shot=ShotFactory(session=session), continuity=Continuity.objects.get(), max_length=None
    )

    assert (style.number, "tense" in injection.text.lower()) == (2, True)


# locks


def locked(owner: Any) -> Session:
    """A scene whose mood a person wrote and locked."""
    session = styled(owner, mood="calm", weather="fog")
    style_edit.edit_style(session=session, by=owner, changes={"atmosphere": {"mood": "tense"}}, lock=["atmosphere.mood"])
    return session


def mood_and_weather(style: Style) -> tuple[Any, Any, Any]:
    atmosphere = style.values["atmosphere"]
    return atmosphere["mood"]["value"], atmosphere["mood"]["source"], atmosphere["weather"]["value"]


def test_a_lock_is_part_of_the_version_and_stays_until_it_is_taken_off(owner) -> None:
    session = locked(owner)

    kept = style_edit.edit_style(session=session, by=owner, changes={"atmosphere": {"weather": "rain"}})
    opened = style_edit.edit_style(session=session, by=owner, lock=[])

    assert (kept.locked_keys, opened.locked_keys) == (["atmosphere.mood"], [])
    assert mood_and_weather(opened) == ("tense", "user", "rain")


def test_a_key_is_locked_once(owner) -> None:
    style = style_edit.edit_style(session=styled(owner), by=owner, lock=["colour.temperature", "colour.temperature"])

    assert style.locked_keys == ["colour.temperature"]


def test_what_is_locked_survives_a_reset_an_anchor_and_a_template(owner) -> None:
    session = locked(owner)
    take = Take.objects.select_related("shot__session", "measured", "video__blob").get()
    written = Style.objects.get(number=2)
    template = StyleTemplateFactory(owner=owner, values=style_values(mood="epic", weather="snow"))

    after = [
        style_edit.reset_to_first_shot(session=session, by=owner),
        styles.re_anchor(take=take, by=owner),
        style_edit.start_from_template(session=session, template=template, by=owner),
    ]

    assert [mood_and_weather(style) for style in after] == [
        ("tense", "user", "fog"),
        ("tense", "user", "fog"),
        ("tense", "user", "snow"),
    ]
    assert [style.locked_keys for style in after] == [["atmosphere.mood"]] * 3
    assert {style.values["atmosphere"]["mood"]["origin"] for style in after} == {written.pk}


def test_what_is_locked_survives_what_is_measured_by_itself(owner) -> None:
    session = styled(owner)
    automatic = StyleFactory(
        session=session, origin="extracted", values=style_values(mood="tense"), locked_keys=["atmosphere.mood"]
    )
    Continuity.objects.update(base_style=automatic)
    take = Take.objects.select_related("shot__session", "measured").get()

    style = styles.set_base_from_take(take=take, extraction=take.measured, reference=FrameFactory(), by=owner)

    assert (mood_and_weather(style), style.locked_keys, style.parent) == (
        ("tense", "user", "fog"),
        ["atmosphere.mood"],
        automatic,
    )


# the first shot


def test_the_look_of_the_first_shot_is_the_scenes_again(owner) -> None:
    session = styled(owner)
    take = Take.objects.get()
    style_edit.edit_style(session=session, by=owner, changes={"atmosphere": {"mood": "tense"}})
    edited = base(session)

    style = style_edit.reset_to_first_shot(session=session, by=owner)

    assert (style.number, style.origin, style.source_take, style.by) == (3, "reset", take, owner)
    assert mood_and_weather(style) == ("calm", "user", "fog")
    assert base(session)[:3] == (style.pk, "extracted", take.pk)
    undo.undo(session=session, by=owner)
    assert base(session) == edited


def test_a_reset_stays_when_the_first_shot_is_made_anew(owner, clip) -> None:
    session, [first] = scene(owner, "One", clip=clip)
    settle(session)
    style_edit.edit_style(session=session, by=owner, changes={"atmosphere": {"mood": "tense"}})
    style = style_edit.reset_to_first_shot(session=session, by=owner)

    other = shots.add_uploaded_take(shot=first, path=clip, name="other.mp4", by=owner)
    shots.choose_take(shot=first, take=other, by=owner)
    settle(session)

    assert Continuity.objects.get().base_style == style


def test_without_a_take_there_is_nothing_to_go_back_to(owner) -> None:
    session = styled(owner)
    Take.objects.update(measured=None)
    with pytest.raises(Refused) as not_measured:
        style_edit.reset_to_first_shot(session=session, by=owner)
    Shot.objects.update(chosen_take=None)
    with pytest.raises(Refused) as no_take:
        style_edit.reset_to_first_shot(session=session, by=owner)

    assert (not_measured.value.code, no_take.value.code) == ("take_not_measured", "no_first_take")


def test_another_base_take_takes_back_what_was_only_proposed(owner) -> None:
    session = styled(owner)
    old, later = Take.objects.get(), DoneTakeFactory(shot=ShotFactory(session=session))
    grade = GradeFactory(take=later)

    style_edit.set_base(session=session, by=owner, base_take=later.pk)

    assert (Grade.objects.get(pk=grade.pk).state, Cut.objects.count()) == ("removed", 0)
    assert Edit.objects.get().before == {"base_take": old.pk}


def test_the_base_has_four_columns(owner) -> None:
    with pytest.raises(TypeError, match=r"The base has no drift_limit\."):
        style_edit.set_base(session=styled(owner), by=owner, drift_limit="3")


# templates


def test_a_style_is_kept_as_a_template_of_its_owner(owner) -> None:
    session = styled(owner)

    template = style_edit.save_template(session=session, name="  Blue hour ", by=owner)

    assert (template.name, template.owner, template.values) == ("Blue hour", owner, Style.objects.get().values)
    assert (Session.objects.get().version, AuditEvent.objects.get().action) == (1, "style.save_template")


def test_a_template_name_is_taken_once_for_each_person(owner, stranger) -> None:
    session = styled(owner)
    first = style_edit.save_template(session=session, name="Blue hour", by=owner)
    style_edit.save_template(session=styled(stranger), name="Blue hour", by=stranger)

    with pytest.raises(Refused, match="You have a template “Blue hour” already") as refusal:
        style_edit.save_template(session=session, name="Blue hour", by=owner)
    style_edit.delete_template(template=first)
    again = style_edit.save_template(session=session, name="Blue hour", by=owner)

    assert (refusal.value.code, again != first) == ("template_name_taken", True)
    assert (StyleTemplate.objects.count(), StyleTemplate.all_objects.count()) == (2, 3)


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "two\nlines", "nul\x00"])
def test_a_template_needs_a_name(owner, name: str) -> None:
    with pytest.raises(Refused) as refusal:
        style_edit.save_template(session=styled(owner), name=name, by=owner)

    assert (refusal.value.code, StyleTemplate.objects.count()) == ("template_name", 0)


def test_a_scene_without_a_style_makes_no_template(owner) -> None:
    with pytest.raises(Refused) as refusal:
        style_edit.save_template(session=ContinuityFactory(session__owner=owner).session, name="Blue hour", by=owner)

    assert refusal.value.code == "no_style"


def test_a_scene_starts_from_a_template_without_the_other_scenes_numbers(owner) -> None:
    values = style_values(mood="epic")
    values["colour"]["contrast"] = {
        "value": "low", "number": 0.3, "unit": "OKLab L", "source": "measured", "confidence": 0.9, "origin": "pixels@1:x",
    }  # fmt: skip
    template = StyleTemplateFactory(owner=owner, values=values)
    session = styled(owner)
    before = base(session)

    style = style_edit.start_from_template(session=session, template=template, by=owner)

    wished = {"source": "template", "confidence": None, "origin": template.pk}
    assert style.values["colour"]["contrast"] == {"value": "low", **wished}
    assert style.values["atmosphere"]["mood"] == {"value": "epic", **wished}
    assert (style.origin, base(session)) == ("template", (style.pk, "template", *before[2:]))
    undo.undo(session=session, by=owner)
    assert base(session) == before


def test_somebody_elses_template_and_a_deleted_one_are_not_there(owner, stranger) -> None:
    session = styled(owner)
    deleted = StyleTemplateFactory(owner=owner)
    style_edit.delete_template(template=deleted)

    for template in (StyleTemplateFactory(owner=stranger), StyleTemplate.all_objects.get(pk=deleted.pk)):
        with pytest.raises(Refused) as refusal:
            style_edit.start_from_template(session=session, template=template, by=owner)
        assert refusal.value.code == "no_such_template"

    assert Style.objects.count() == 1
