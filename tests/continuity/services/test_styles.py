"""The look of a scene: measured from its first shot, never over a person's own, and carried into the prompts."""

from typing import Any

import pytest

from continuity.enums import JobKind
from continuity.models import Continuity, Cut, Extraction, Frame, Grade, Job, Shot, Style, Take
from continuity.services import media, shots, styles
from continuity.services.errors import Refused
from continuity.vision.scene_score import METRIC
from sessions_app import undo
from sessions_app.models import AuditEvent, Edit, Session
from tests.continued_scene import WARM, continued, opened_scene, reread
from tests.engine import drive, scene, settle
from tests.factories.continuity import (
    AssetFactory,
    ContinuityFactory,
    CutFactory,
    DoneTakeFactory,
    ExtractionFactory,
    GradeFactory,
    ShotFactory,
    StyleFactory,
    style_values,
)

pytestmark = pytest.mark.django_db


def first_take(**half: Any) -> Take:
    """The chosen take of the first shot of a scene."""
    take = DoneTakeFactory()
    Shot.objects.filter(pk=take.shot_id).update(chosen_take=take)
    ContinuityFactory(session=take.shot.session, **half)
    return Take.objects.select_related("shot__session").get(pk=take.pk)


# measuring


def test_measuring_any_clip_is_a_job_with_the_extraction_as_its_result(owner, clip) -> None:
    session, [shot] = scene(owner, clip=clip, auto_extract=False)
    asset = Take.objects.get(shot=shot).video

    asked = [styles.request_extraction(asset=asset, by=owner) for _ in range(2)]
    drive(lambda: not Job.objects.exclude(state="done").exists())

    assert asked[0] == asked[1]
    extraction = Extraction.objects.get()
    assert Job.objects.get().result == {
        "extraction": extraction.pk,
        "extractor": extraction.extractor,
        "values": extraction.values,
    }
    assert Style.objects.filter(session=session).count() == 0


def test_a_clip_is_measured_once_for_each_person(owner, stranger, clip) -> None:
    _, [shot] = scene(owner, clip=clip, auto_extract=False)
    mine = Take.objects.get(shot=shot).video
    theirs = AssetFactory(owner=stranger, blob=mine.blob)

    extractions = [styles.measure_asset(asset)[0] for asset in (mine, mine, theirs)]

    assert extractions[0] == extractions[1]
    assert extractions[2] != extractions[0]
    assert [extraction.owner for extraction in Extraction.objects.order_by("created_at")] == [owner, stranger]
    assert extractions[0].frames_sha256 == extractions[2].frames_sha256


def test_what_is_cached_is_not_measured_again(owner, clip, monkeypatch) -> None:
    _, [shot] = scene(owner, clip=clip, auto_extract=False)
    asset = Take.objects.get(shot=shot).video
    known, frames = styles.measure_asset(asset)
    monkeypatch.setattr(styles, "measure_style", lambda pictures: pytest.fail("this was measured before"))

    assert styles.extraction_of(frames, owner=owner) == known


# who sets the base


def test_the_first_shots_chosen_take_sets_the_base() -> None:
    assert styles.may_set_base(first_take()) is True
    assert styles.may_set_base(first_take(base_style=StyleFactory(origin="extracted"), base_style_source="extracted")) is True


def test_an_anchor_that_a_person_set_stays() -> None:
    anchored = first_take(base_style=StyleFactory(origin="re-anchor"), base_style_source="extracted")

    assert styles.may_set_base(anchored) is False


@pytest.mark.parametrize("source", ["user-defined", "template"])
def test_a_base_that_a_person_set_stays(source: str) -> None:
    assert styles.may_set_base(first_take(base_style=StyleFactory(), base_style_source=source)) is False


def test_nothing_else_sets_the_base() -> None:
    take = first_take()
    second = ShotFactory(session=take.shot.session)
    later = DoneTakeFactory(shot=second)
    Shot.objects.filter(pk=second.pk).update(chosen_take=later)
    not_chosen = DoneTakeFactory(shot=take.shot)

    assert styles.may_set_base(Take.objects.get(pk=later.pk)) is False
    assert styles.may_set_base(Take.objects.get(pk=not_chosen.pk)) is False
    assert styles.may_set_base(first_take(auto_extract=False)) is False
    assert styles.may_set_base(DoneTakeFactory()) is False  # a session without a continuity half


def test_the_look_of_the_first_clip_becomes_the_scenes(owner, clip) -> None:
    session, [shot] = scene(owner, clip=clip)
    take = Take.objects.get(shot=shot)

    settle(session)

    half, style = Continuity.objects.get(), Style.objects.get()
    take.refresh_from_db()
    assert (half.base_style, half.base_style_source, half.base_take) == (style, "extracted", take)
    assert (style.number, style.origin, style.source_take, style.values) == (1, "extracted", take, take.measured.values)
    assert (half.primary_reference.asset, half.primary_reference.role) == (take.video, "key")
    assert 0 < half.primary_reference.index < 23
    assert style.fragment


def test_a_later_shot_only_offers_its_look(owner, clip) -> None:
    session, [_, second] = scene(owner, "One", "Two", clip=clip)
    settle(session)
    before = Continuity.objects.values().get()

    take = shots.add_uploaded_take(shot=second, path=clip, name="b.mp4", by=owner)
    settle(session)

    take.refresh_from_db()
    assert take.measured is not None
    assert (Continuity.objects.values().get(), Style.objects.count()) == (before, 1)


def test_a_base_that_a_person_set_is_not_overwritten_by_a_measurement(owner, clip) -> None:
    session, [shot] = scene(owner, "One")
    own = StyleFactory(session=session, values=style_values(mood="calm"))
    Continuity.objects.update(base_style=own, base_style_source="user-defined")

    take = shots.add_uploaded_take(shot=shot, path=clip, name="a.mp4", by=owner)
    settle(session)

    take.refresh_from_db()
    half = Continuity.objects.get()
    assert (half.base_style, half.base_style_source, half.base_take) == (own, "user-defined", None)
    assert take.measured is not None


# anchoring it anew


def three_shots(owner: Any) -> tuple[Continuity, list[Take]]:
    """A scene of three finished shots, all measured against the first one; the second one's look is read, and is another."""
    continuity, [_, second, third], opening = opened_scene(owner, shots=3)
    style = StyleFactory(session=continuity.session, number=1, origin="extracted", source_take=opening)
    Continuity.objects.update(base_style=style, base_style_source="extracted", primary_reference=opening.first_frame)
    takes = [opening, continued(second, opening.last_frame, WARM)]
    takes.append(continued(third, takes[1].last_frame))
    values = style_values(mood="tense", weather="fog")
    Take.objects.filter(pk=takes[1].pk).update(measured=ExtractionFactory(owner=owner, values=values))
    return Continuity.objects.select_related("base_style", "session").get(pk=continuity.pk), [reread(take) for take in takes]


def test_a_take_becomes_the_scenes_new_base(owner) -> None:
    before, [_, take, _] = three_shots(owner)

    style = styles.re_anchor(take=take, by=owner)

    half = Continuity.objects.get()
    assert (style.number, style.origin, style.parent, style.by) == (2, "re-anchor", before.base_style, owner)
    assert (style.values, style.source_take, style.extraction) == (take.measured.values, take, take.measured)
    assert ("tense" in style.fragment, Style.objects.filter(pk=before.base_style_id).exists()) == (True, True)
    assert (half.base_style, half.base_style_source, half.base_take) == (style, "extracted", take)
    assert (half.primary_reference.asset, half.primary_reference.role, half.primary_reference.index) == (take.video, "key", 3)


def test_the_cuts_against_the_new_base_are_asked_for(owner) -> None:
    continuity, [opening, take, last] = three_shots(owner)
    for left, right in ((opening, take), (take, last), (opening, last)):
        CutFactory(session=continuity.session, left_take=left, right_take=right, metric=METRIC)

    styles.re_anchor(take=take, by=owner)

    [job] = Job.objects.filter(kind=JobKind.CUT)
    assert (job.payload, Cut.objects.count()) == ({"left": take.pk, "right": opening.pk}, 3)


def test_anchoring_anew_is_an_edit_and_is_recorded(owner) -> None:
    continuity, [_, take, _] = three_shots(owner)
    version = continuity.session.version

    style = styles.re_anchor(take=take, by=owner)

    event = AuditEvent.objects.get(action="style.re_anchor")
    assert (event.actor, event.object_id, event.session_id) == (owner, style.pk, continuity.session_id)
    assert Session.objects.get(pk=continuity.session_id).version == version + 1


def test_anchoring_anew_can_be_undone(owner) -> None:
    before, [_, take, _] = three_shots(owner)
    columns = ("base_style", "base_style_source", "base_take", "primary_reference")
    as_it_was = Continuity.objects.values(*columns).get()
    styles.re_anchor(take=take, by=owner)

    edit = Edit.objects.get()
    undo.undo(session=before.session, by=owner)

    assert (edit.verb, set(edit.after)) == ("style.base", {"base_style", "base_take", "primary_reference"})
    assert Continuity.objects.values(*columns).get() == as_it_was


def test_the_shots_to_come_carry_the_new_look(owner) -> None:
    continuity, [_, take, _] = three_shots(owner)
    styles.re_anchor(take=take, by=owner)
    Continuity.objects.update(injection_strength="strong")

    text, style = injected(ShotFactory(session=continuity.session), Continuity.objects.get())

    assert (style.number, "tense" in text) == (2, True)


def test_grades_that_led_to_the_old_base_are_taken_back_unless_they_are_worn(owner) -> None:
    _, [_, take, last] = three_shots(owner)
    rows = [GradeFactory(take=take), GradeFactory(take=last, state="applied"), GradeFactory()]

    styles.re_anchor(take=take, by=owner)

    assert [Grade.objects.get(pk=row.pk).state for row in rows] == ["removed", "applied", "proposed"]


def test_a_clip_that_cannot_be_read_is_no_anchor(owner) -> None:
    _, [_, take, _] = three_shots(owner)
    with media.local_clip(take.video) as path:
        path.write_bytes(path.read_bytes()[:-3000])

    with pytest.raises(Refused, match="is cut short"):
        styles.re_anchor(take=take, by=owner)

    assert Style.objects.count() == 1


@pytest.mark.parametrize("columns", [{"measured": None}, {"state": "failed", "error_code": "x"}], ids=["not measured", "failed"])
def test_a_take_whose_look_nobody_knows_is_no_anchor(owner, columns: dict[str, Any]) -> None:
    take = DoneTakeFactory(**{"measured": ExtractionFactory(owner=owner), **columns})
    ContinuityFactory(session=take.shot.session)
    before = Continuity.objects.values().get(), Session.objects.values().get()

    with pytest.raises(Refused, match="The look of this take is not measured yet") as refusal:
        styles.re_anchor(take=take, by=owner)

    assert refusal.value.code == "take_not_measured"
    assert (Continuity.objects.values().get(), Session.objects.values().get()) == before
    assert (Style.objects.count(), Frame.objects.filter(role="key").count(), AuditEvent.objects.count()) == (0, 0, 0)


def test_a_new_anchor_is_not_undone_by_the_first_shots_next_take(owner, clip) -> None:
    session, [first] = scene(owner, "One", clip=clip)
    settle(session)
    anchor = styles.re_anchor(take=Take.objects.select_related("shot__session", "measured", "video__blob").get(), by=owner)

    other = shots.add_uploaded_take(shot=first, path=clip, name="other.mp4", by=owner)
    shots.choose_take(shot=first, take=other, by=owner)
    settle(session)

    other.refresh_from_db()
    assert (Continuity.objects.get().base_style, other.measured is not None) == (anchor, True)


# carrying it


@pytest.mark.parametrize(
    ("half", "inject", "expected"),
    [
        (None, None, False),
        ({}, None, True),
        ({}, True, True),
        ({}, False, False),
        ({"generation_mode": "standard"}, True, False),
    ],
)
def test_a_shot_carries_the_look_unless_somebody_said_otherwise(half: dict | None, inject: bool | None, expected: bool) -> None:
    shot = ShotFactory(inject=inject)
    continuity = None if half is None else ContinuityFactory(session=shot.session, **half)

    assert styles.wants_injection(shot, continuity) is expected


def scene_with_mood(**half: Any) -> tuple[Shot, Continuity]:
    shot = ShotFactory()
    style = StyleFactory(session=shot.session, values=style_values(mood="calm", weather="fog"))
    half = {"injection_strength": "strong", **half}
    return shot, ContinuityFactory(session=shot.session, base_style=style, base_style_source="user-defined", **half)


def injected(shot: Shot, half: Continuity | None) -> tuple[str, Style | None]:
    injection, style = styles.inject(user_prompt="A red door", shot=shot, continuity=half, max_length=None)
    return injection.text.lower(), style


def test_the_look_goes_into_the_prompt_and_the_persons_words_stay() -> None:
    shot, half = scene_with_mood()

    text, style = injected(shot, half)

    assert style == half.base_style
    assert ("a red door" in text, "calm" in text, "fog" in text) == (True, True, True)


def test_without_a_look_the_prompt_is_the_persons_own() -> None:
    shot, half = scene_with_mood()
    assert injected(shot, None) == ("a red door", None)

    shot.inject = False

    assert injected(shot, half) == ("a red door", None)
    assert injected(ShotFactory(), ContinuityFactory()) == ("a red door", None)


def test_an_aspect_that_the_shot_has_for_itself_is_left_out() -> None:
    shot, half = scene_with_mood()
    shot.style_overrides = {"atmosphere": "own"}

    text, _ = injected(shot, half)

    assert text == "a red door"


def test_a_value_that_the_shot_has_for_itself_takes_the_place_of_the_scenes() -> None:
    shot, half = scene_with_mood()
    entry = {"value": "tense", "source": "user", "confidence": None, "origin": "edit_2"}
    shot.style_overrides = {"atmosphere": {"mood": entry}}

    text, _ = injected(shot, half)

    assert ("tense" in text, "calm" in text, "fog" in text) == (True, False, True)
    assert half.base_style.values["atmosphere"]["mood"]["value"] == "calm"


@pytest.mark.parametrize(
    ("scenes", "own", "carried"), [(True, None, True), (False, None, False), (False, True, True), (True, False, False)]
)
def test_a_shot_inherits_an_aspect_as_the_scene_or_as_itself_says(scenes: bool, own: bool | None, carried: bool) -> None:
    shot, half = scene_with_mood(inherit_atmosphere=scenes)
    shot.inherit_atmosphere = own

    text, _ = injected(shot, half)

    assert ("calm" in text) is carried


def test_the_scenes_options_reach_the_words() -> None:
    shot, half = scene_with_mood(injection_strength="light", injection_position="suffix", inherit_colour=False)

    options = styles.injection_options(shot, half, max_length=99)

    assert (options.strength, options.position, options.max_length) == ("light", "suffix", 99)
    assert (options.include_colour, options.include_lighting) == (False, True)
    assert styles.injection_options(shot, None, max_length=9).max_length == 9
