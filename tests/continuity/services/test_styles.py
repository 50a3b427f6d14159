"""The look of a scene: measured from its first shot, never over a person's own, and carried into the prompts."""

from typing import Any

import pytest

from continuity.models import Continuity, Extraction, Job, Shot, Style, Take
from continuity.services import shots, styles
from tests.engine import drive, scene, settle
from tests.factories.continuity import (
    AssetFactory,
    ContinuityFactory,
    DoneTakeFactory,
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
    assert Job.objects.get().result == {"extraction": Extraction.objects.get().pk}
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
