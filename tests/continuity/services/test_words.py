"""A look in words: asked over HTTP, paid through the ledger, cached for its owner; and what is left when it cannot be asked."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from continuity.cut_selectors import scene_cuts
from continuity.models import Budget, Charge, Continuity, Extraction, Job, Take
from continuity.selectors import shot_progress
from continuity.services import shots
from tests.contracts.vision_table import GOOD
from tests.engine import scene, settle
from tests.stand_ins.drift import Drift
from tests.stand_ins.drifting import drifting_clip
from tests.stand_ins.openai import openai_stand_in
from tests.stand_ins.pictures import drawn_picture
from tests.stand_ins.vision_server import VisionStandIn

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db


@pytest.fixture
def onlooker(settings: "SettingsWrapper") -> Iterator[VisionStandIn]:
    """A vision model on this machine that says the same of every frame."""
    with openai_stand_in() as stand_in:
        stand_in.answer(GOOD)
        options = {"api_key": stand_in.api_key, "base_url": stand_in.base_url}
        settings.PROVIDERS = settings.PROVIDERS | {"openai": options}
        settings.VISION_MODEL = "gpt-6-luna"
        yield stand_in


def style_job(take: Take) -> Job:
    return Job.objects.get(kind="style", take=take)


def test_two_frames_are_put_into_words_and_paid_for(owner, clip, onlooker) -> None:
    session, [shot] = scene(owner, "One", clip=clip)
    settle(session)

    take = Take.objects.select_related("measured").get(shot=shot)
    words = Extraction.objects.get(extractor="words@1:gpt-6-luna")
    charge = Charge.objects.get(job=style_job(take))
    weather = take.measured.values["atmosphere"]["weather"]
    assert onlooker.posts() == 2
    assert (weather["value"], weather["source"], weather["confidence"]) == (GOOD["atmosphere"]["weather"], "model", 1.0)
    assert (charge.state, charge.settled_micros, charge.model) == ("closed", words.cost_micros, "gpt-6-luna")
    assert 0 < charge.settled_micros < charge.reserved_micros
    assert (words.tokens > 0, words.owner, len(words.raw_answer) > 0) == (True, owner, True)


def test_pixels_win_on_colour(owner, clip, onlooker) -> None:
    session, [shot] = scene(owner, "One", clip=clip)
    settle(session)

    colour = Take.objects.select_related("measured").get(shot=shot).measured.values["colour"]

    assert {entry["source"] for entry in colour.values()} <= {"measured", "not-measured"}


def test_the_same_frames_are_never_asked_about_twice(owner, clip, onlooker) -> None:
    session, [_, second] = scene(owner, "One", "Two", clip=clip)
    settle(session)
    shots.add_uploaded_take(shot=second, path=clip, name="two.mp4", by=owner)

    settle(session)

    assert Charge.objects.filter(job__kind="style").count() == 1


def test_one_persons_words_never_feed_anothers(owner, stranger, clip, onlooker) -> None:
    for person in (owner, stranger):
        session, _ = scene(person, "One", clip=clip)
        settle(session)

    assert onlooker.posts() == 4


@pytest.mark.parametrize("trouble", [{"do": "refuse"}, {"do": "status", "status": 429}, {"do": "text", "text": "Sure!"}])
def test_a_model_that_cannot_be_asked_leaves_the_pixels_and_a_reason(owner, clip, onlooker, trouble: dict[str, Any]) -> None:
    onlooker.script(**trouble)
    session, [shot] = scene(owner, "One", clip=clip)

    settle(session)

    take = Take.objects.select_related("measured").get(shot=shot)
    job = style_job(take)
    assert (job.state, take.measured.values["atmosphere"]["weather"]["value"]) == ("done", None)
    assert job.result["words"].endswith("."), job.result
    assert take.measured.values["colour"]["temperature"]["value"] is not None
    assert Continuity.objects.get().base_style is not None
    assert not Budget.objects.filter(reserved_micros__gt=0).exists()


def test_an_empty_budget_leaves_the_pixels_and_asks_nobody(owner, clip, onlooker, settings) -> None:
    settings.SPEND_LIMIT_USER_MONTH_MICROS = 10
    session, [shot] = scene(owner, "One", clip=clip)

    settle(session)

    job = style_job(Take.objects.get(shot=shot))
    assert (onlooker.posts(), job.state) == (0, "done")
    assert job.result["words"].startswith("Putting the look into words may cost $0.00")


def test_without_a_model_nobody_is_asked_and_nothing_is_owed(owner, clip) -> None:
    session, [shot] = scene(owner, "One", clip=clip)

    settle(session)

    assert (Charge.objects.count(), style_job(Take.objects.get(shot=shot)).result["words"]) == (0, "")


def test_a_cut_is_compared_in_words_when_both_takes_have_them(owner, clip, onlooker) -> None:
    session, [_, second] = scene(owner, "One", "Two", clip=clip)
    shots.add_uploaded_take(shot=second, path=clip, name="two.mp4", by=owner)
    settle(session)

    [cut] = scene_cuts(session, shot_progress(session), Continuity.objects.get()).cuts

    assert cut.words is not None
    assert cut.words.atmosphere == 1
    assert "atmosphere.weather" not in {key for key, _ in cut.not_measured}


def test_a_real_cut_is_described_by_the_model_and_a_bridge_is_not(owner, clip, onlooker) -> None:
    told = {"differences": [{"aspect": "things", "before": "a red lamp", "after": None, "size": "clear"}]}
    session, [_, second, third] = scene(owner, "One", "Two", "Three", clip=clip)
    settle(session)
    shots.add_uploaded_take(shot=second, path=clip, name="two.mp4", by=owner)  # the same clip: its last frame is not its first
    settle(session)
    asked = onlooker.posts()
    onlooker.answer(told)
    other = clip.with_name("other.mp4")
    other.write_bytes(drifting_clip(drawn_picture(160, 90, scene=1), Drift(), frames=12, fps=24))
    shots.add_uploaded_take(shot=third, path=other, name="three.mp4", by=owner)
    settle(session)

    cuts = scene_cuts(session, shot_progress(session), Continuity.objects.get()).cuts

    said = "Things: a red lamp before the cut, nothing of it after it (clear)."
    assert said in cuts[1].findings
    assert onlooker.posts() > asked
    job = Job.objects.get(kind="cut", take__shot=third, charge__isnull=False)
    assert (job.charge.state, 0 < job.charge.settled_micros < job.charge.reserved_micros) == ("closed", True)
    assert "a red lamp" in job.result["vision_raw"]
