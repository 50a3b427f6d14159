"""The gate over HTTP: a vendor serves really perturbed clips, the best is chosen, nothing else is touched."""

import pytest

from continuity.models import Budget, Continuity, Cut, Frame, Shot, Take
from continuity.services import cuts, gate, shots, shots_edit
from continuity.vision.scene_score import METRIC
from tests.drifting_scene import BAD, BETTER, GOOD, MIDDLING, scene_before_a_gate
from tests.engine import LTX_PRICE, settle

pytestmark = pytest.mark.django_db


def settings_of(shot: Shot) -> tuple[dict[str, object], dict[str, object]]:
    """Everything that a person set, of the scene and of the shot."""
    half = Continuity.objects.filter(session=shot.session_id).values().get()
    row = Shot.objects.filter(pk=shot.pk).values().get()
    return half, {name: value for name, value in row.items() if name not in ("chosen_take_id", "version")}


def scores(shot: Shot) -> list[float]:
    left = cuts.chosen_before(shot)
    rows = Cut.objects.filter(left_take=left, right_take__shot=shot, metric=METRIC).order_by("right_take__number")
    return [round(row.score or 0, 2) for row in rows]


def test_the_good_take_of_three_is_chosen_and_a_persons_choice_survives_a_better_fourth(owner, vendor) -> None:
    session, shot = scene_before_a_gate(owner, vendor, BAD, GOOD, MIDDLING, BETTER, gate_enabled=True, max_retries=2)
    Continuity.objects.update(takes_per_shot=3)
    before = settings_of(shot)

    shots.request_generation(shot=shot, by=owner)
    settle(session)

    shot = Shot.objects.select_related("chosen_take", "session").get(pk=shot.pk)
    takes = list(Take.objects.filter(shot=shot).order_by("number"))
    print("scores of bad, good, middling:", scores(shot))  # noqa: T201
    assert ([take.state for take in takes], shot.chosen_take, shot.chosen_by) == (["done"] * 3, takes[1], "auto")
    assert gate.verdicts_of(shot, left=cuts.chosen_before(shot), continuity=session.continuity)[takes[1].pk].passed
    assert settings_of(shot) == before
    assert (vendor.posts(), Budget.objects.get(scope=f"session:{session.pk}").spent_micros) == (4, 4 * LTX_PRICE)

    shots.choose_take(shot=shot, take=takes[2], by=owner)
    Continuity.objects.update(takes_per_shot=1)
    shots.request_generation(shot=Shot.objects.get(pk=shot.pk), by=owner)
    settle(session)

    shot.refresh_from_db()
    assert scores(shot)[3] > scores(shot)[1] > scores(shot)[2]
    assert (shot.chosen_take, shot.chosen_by) == (takes[2], "person")


def test_a_bad_take_is_retried_until_one_passes(owner, vendor) -> None:
    session, shot = scene_before_a_gate(owner, vendor, BAD, GOOD, BETTER, gate_enabled=True, max_retries=3)

    shots.request_generation(shot=shot, by=owner)
    settle(session)

    bad, good = Take.objects.filter(shot=shot).order_by("number")
    assert (good.retry_of, good.retry_change["by"], good.retry_reason[:15]) == (bad, "gate", "The cut scores ")
    assert Shot.objects.get(pk=shot.pk).chosen_take == good
    assert vendor.posts() == 3


def test_what_never_passes_ends_with_the_best_and_says_so(owner, vendor) -> None:
    session, shot = scene_before_a_gate(owner, vendor, BAD, MIDDLING, BAD, gate_enabled=True, max_retries=2)

    shots.request_generation(shot=shot, by=owner)
    settle(session)

    shot = Shot.objects.select_related("chosen_take", "session").get(pk=shot.pk)
    verdict = gate.verdicts_of(shot, left=cuts.chosen_before(shot), continuity=session.continuity)[shot.chosen_take_id]
    assert (shot.chosen_take.number, verdict.word, vendor.posts()) == (2, "not-passed", 4)


def test_the_next_shot_waits_for_the_gate(owner, vendor) -> None:
    """It starts from the take that the gate leaves chosen, not from the first one that is done."""
    session, second = scene_before_a_gate(owner, vendor, BAD, GOOD, GOOD, gate_enabled=True, max_retries=2)
    third = shots_edit.add_shot(session=session, user_prompt="The pier again", by=owner)

    shots.request_generation(shot=second, by=owner)
    take = shots.request_generation(shot=third, by=owner)
    settle(session)

    take.refresh_from_db()
    chosen = Shot.objects.get(pk=second.pk).chosen_take
    assert (chosen.number, take.state) == (2, "done")
    assert take.input_frame in (chosen.last_frame, *_brought_back(chosen))


def _brought_back(take: Take) -> list[Frame]:
    return list(Frame.objects.filter(asset__parent=take.last_frame.image))
