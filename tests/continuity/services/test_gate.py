"""The quality gate: which take is chosen, when another is made, what it does differently, and what it never touches."""

import math
from typing import Any

import pytest

from continuity.enums import ChosenBy, RetryBy, ShotMode, TakePurpose
from continuity.jobs.generate import cancelled
from continuity.models import Budget, Continuity, Cut, Job, Shot, Take
from continuity.services import cuts, gate, shots
from continuity.services.errors import Refused
from continuity.vision.scene_score import METRIC, band_of
from tests.engine import LTX, LTX_PRICE
from tests.factories.continuity import (
    ContinuityFactory,
    CutFactory,
    DoneTakeFactory,
    JobFactory,
    ShotFactory,
    StyleFactory,
)

pytestmark = pytest.mark.django_db


def scene_of_two(**settings: Any) -> tuple[Continuity, Take, Shot]:
    """A continuity half, the finished take of its first shot, and its second shot."""
    continuity = ContinuityFactory(**{"gate_enabled": True, "default_model": LTX, **settings})
    first = ShotFactory(session=continuity.session)
    left = DoneTakeFactory(shot=first)
    Shot.objects.filter(pk=first.pk).update(chosen_take=left)
    return continuity, left, ShotFactory(session=continuity.session)


def measured(left: Take, shot: Shot, score: float, *, findings: tuple[str, ...] = (), **columns: Any) -> Take:
    """A finished take of ``shot`` whose cut after ``left`` has this score; the first one is the chosen one."""
    take = DoneTakeFactory(shot=shot, **{"mode": ShotMode.FRAME_BRIDGE, "model": LTX, "provider": "ltx", "seed": 7, **columns})
    Shot.objects.filter(pk=shot.pk, chosen_take=None).update(chosen_take=take)
    logit = math.log(score / (1 - score))
    CutFactory(
        session=shot.session,
        left_take=left,
        right_take=take,
        metric=METRIC,
        score=score,
        band=band_of(score),
        parts={"constant": logit, "colour": 0.0, "grain": 0.0, "texture": 0.0, "structure": 0.0},
        findings=[{"code": code, "amount": None, "unit": None, "isCertain": True, "detail": {}} for code in findings],
    )
    return take


def chosen(shot: Shot) -> str | None:
    return Shot.objects.get(pk=shot.pk).chosen_take_id


# choosing


def test_the_best_take_is_chosen(owner) -> None:
    _, left, shot = scene_of_two(gate_enabled=False)
    measured(left, shot, 0.3)
    good = measured(left, shot, 0.9)
    middling = measured(left, shot, 0.6)

    gate.judge(middling, by=owner)

    assert chosen(shot) == good.pk


def test_a_persons_choice_survives_a_better_take(owner) -> None:
    _, left, shot = scene_of_two()
    bad = measured(left, shot, 0.3)
    shots.choose_take(shot=shot, take=bad, by=owner)

    outcome = gate.judge(measured(left, shot, 0.95), by=owner)

    assert (chosen(shot), outcome, Take.objects.filter(shot=shot).count()) == (bad.pk, {}, 2)


def test_a_choice_that_is_given_back_is_the_gates_again(owner) -> None:
    _, left, shot = scene_of_two()
    bad = measured(left, shot, 0.3)
    shots.choose_take(shot=shot, take=bad, by=owner)
    good = measured(left, shot, 0.95)
    shots.let_the_best_be_chosen(shot=shot, by=owner)

    gate.judge(good, by=owner)

    assert chosen(shot) == good.pk


def test_a_take_that_is_hardly_better_changes_nothing(owner) -> None:
    _, left, shot = scene_of_two()
    first = measured(left, shot, 0.90)

    gate.judge(measured(left, shot, 0.91), by=owner)

    assert chosen(shot) == first.pk


@pytest.mark.parametrize("finding", sorted(gate.REJECTED))
def test_a_rejected_take_is_never_the_best(owner, finding: str) -> None:
    _, left, shot = scene_of_two(max_retries=0)
    copy = measured(left, shot, 0.99, findings=(finding,))
    other = measured(left, shot, 0.4)

    gate.judge(other, by=owner)

    assert (chosen(shot), gate.verdicts_of(shot, left=left, continuity=Continuity.objects.get())[copy.pk].word) == (
        other.pk,
        "rejected",
    )


def test_a_padlock_keeps_the_take_and_makes_no_other(owner) -> None:
    _, left, shot = scene_of_two()
    kept = measured(left, shot, 0.2)
    shots.lock(shot=shot, locked=True, by=owner)

    outcome = gate.judge(measured(left, shot, 0.9), by=owner)

    assert (chosen(shot), outcome, Job.objects.filter(kind="generate").count()) == (kept.pk, {}, 0)


def test_a_locked_shot_refuses_another_take_and_another_choice(owner) -> None:
    _, left, shot = scene_of_two()
    measured(left, shot, 0.9)
    other = measured(left, shot, 0.8)
    shots.lock(shot=shot, locked=True, by=owner)
    locked = Shot.objects.get(pk=shot.pk)

    with pytest.raises(Refused, match="locked"):
        shots.request_generation(shot=locked, by=owner)
    with pytest.raises(Refused, match="locked"):
        shots.choose_take(shot=locked, take=other, by=owner)


def test_a_shot_of_its_own_is_not_judged(owner) -> None:
    _, left, shot = scene_of_two()
    Shot.objects.filter(pk=shot.pk).update(mode=ShotMode.NONE, inject=False)

    assert gate.judge(measured(left, shot, 0.1), by=owner) == {}


# retrying


def test_a_take_that_passes_is_followed_by_none(owner, vendor) -> None:
    _, left, shot = scene_of_two()

    outcome = gate.judge(measured(left, shot, 0.76), by=owner)

    assert (outcome["verdict"], outcome.get("retry"), Take.objects.filter(shot=shot).count()) == ("passed", None, 1)


def test_a_retry_names_what_it_does_differently_and_why(owner, vendor) -> None:
    continuity, left, shot = scene_of_two()
    take = measured(left, shot, 0.4, style=StyleFactory(session=continuity.session))

    outcome = gate.judge(take, by=owner)

    retry = Take.objects.get(pk=outcome["retry"])
    assert retry.retry_change == {
        "by": RetryBy.GATE,
        "verdict": "not-passed",
        "changes": [{"what": "injectionStrength", "was": "medium", "now": "strong"}],
    }
    assert (retry.retry_of, retry.retry_reason) == (take, "The cut scores 0.40, under 0.75.")
    assert (retry.changed_to("injectionStrength"), outcome["changes"]) == (
        "strong",
        ["the look goes into the prompt at strength strong instead of medium"],
    )


def test_the_retries_climb_from_words_to_bridge_to_seed(owner, vendor) -> None:
    continuity, left, shot = scene_of_two(default_mode=ShotMode.NONE, max_retries=3)
    style = StyleFactory(session=continuity.session)
    take = measured(left, shot, 0.4, mode=ShotMode.NONE, style=style)

    changes = []
    for _ in range(3):
        retry = Take.objects.get(pk=gate.judge(take, by=owner)["retry"])
        changes.append([row["what"] for row in retry.retry_change["changes"]])
        assert retry.mode == (ShotMode.FRAME_BRIDGE if "mode" in changes[-1] else ShotMode.NONE)
        take = _finish(retry, left, 0.4)

    assert changes == [["injectionStrength"], ["injectionStrength", "mode"], ["injectionStrength", "mode", "seed"]]


def _finish(take: Take, left: Take, score: float) -> Take:
    """Make a requested take a finished one whose cut after ``left`` has this score; its job is out of the way."""
    done = DoneTakeFactory()
    made = {"video": done.video, "first_frame": done.first_frame, "last_frame": done.last_frame}
    Take.objects.filter(pk=take.pk).update(request_sha256=done.request_sha256, **made)
    cancelled(Job.objects.get(take=take), billed_micros=0)
    Take.objects.filter(pk=take.pk).update(state="done")
    logit = math.log(score / (1 - score))
    parts = {"constant": logit, "colour": 0.0, "grain": 0.0, "texture": 0.0, "structure": 0.0}
    CutFactory(session=take.shot.session, left_take=left, right_take=take, metric=METRIC, score=score, parts=parts)
    return Take.objects.select_related("shot__session").get(pk=take.pk)


def test_the_last_retry_ends_with_a_visible_verdict(owner, vendor) -> None:
    _, left, shot = scene_of_two(max_retries=1)
    first = measured(left, shot, 0.5)
    retry = measured(left, shot, 0.3, retry_of=first, retry_change={"by": "gate", "changes": []})

    outcome = gate.judge(retry, by=owner)

    assert (outcome["verdict"], outcome["stopped"]) == ("not-passed", "1 of 1 retries are used.")
    assert chosen(shot) == first.pk


def test_an_empty_budget_ends_the_retries_and_says_so(owner, vendor, settings) -> None:
    settings.SPEND_LIMIT_USER_MONTH_MICROS = LTX_PRICE - 1
    _, left, shot = scene_of_two()

    outcome = gate.judge(measured(left, shot, 0.4), by=owner)

    assert outcome["stopped"].startswith("This clip may cost $0.36, but your budget of this month has")
    assert (Take.objects.filter(shot=shot).count(), sum(Budget.objects.values_list("reserved_micros", flat=True))) == (1, 0)


def test_a_retry_never_changes_the_settings(owner, vendor) -> None:
    continuity, left, shot = scene_of_two()
    before = Continuity.objects.filter(pk=continuity.pk).values().get(), Shot.objects.filter(pk=shot.pk).values().get()
    take = measured(left, shot, 0.4, style=StyleFactory(session=continuity.session))

    gate.judge(take, by=owner)

    after = Continuity.objects.filter(pk=continuity.pk).values().get(), Shot.objects.filter(pk=shot.pk).values().get()
    assert after[0] == before[0]
    assert after[1] == {**before[1], "chosen_take_id": take.pk}


def test_nobody_decides_while_another_take_is_on_its_way(owner, vendor) -> None:
    _, left, shot = scene_of_two()
    take = measured(left, shot, 0.4)
    other = DoneTakeFactory(shot=shot)
    JobFactory(kind="cut", session=shot.session, shot=shot, take=other, subject_key=cuts.subject(left, other), step="measure")

    assert gate.judge(take, by=owner) == {}


def test_a_wished_difference_does_not_count_in_the_gate(owner) -> None:
    """DATA-MODEL 4.5: the colours are others because the person asked for that."""
    continuity, left, shot = scene_of_two()
    take = measured(left, shot, 0.5)
    cut = Cut.objects.get(right_take=take)
    cut.parts = {"constant": 3.0, "colour": -4.0, "grain": 0.0, "texture": 0.0, "structure": 0.0}
    shot.style_overrides = {"colour": "own"}

    verdict = gate.verdict_of(cut, shot=shot, continuity=continuity)

    assert (verdict.word, round(verdict.score or 0, 3)) == ("passed", round(1 / (1 + math.exp(-3)), 3))


def test_a_cut_without_a_score_is_neither_passed_nor_failed(owner) -> None:
    continuity, left, shot = scene_of_two()
    cut = CutFactory(session=shot.session, left_take=left, score=None, band=None, reason="Both shots are black.")

    verdict = gate.verdict_of(cut, shot=shot, continuity=continuity)

    assert (verdict.word, verdict.score, verdict.sentence) == (
        "not-measured",
        None,
        "The cut could not be scored: Both shots are black.",
    )


# several takes, and the preview


def test_the_next_of_several_takes_is_asked_for_when_one_is_done(owner, vendor) -> None:
    _, left, shot = scene_of_two(takes_per_shot=3, gate_enabled=False)

    second = gate.ask_for_another(measured(left, shot, 0.5), by=owner)

    assert second is not None
    assert second.retry_change["changes"] == [
        {"what": "take", "was": "1", "now": "2 of 3"},
        {"what": "seed", "was": "7", "now": "new"},
    ]


def test_after_the_last_of_several_takes_none_is_asked_for(owner, vendor) -> None:
    _, left, shot = scene_of_two(takes_per_shot=2)
    first = measured(left, shot, 0.5)
    second = measured(left, shot, 0.5, retry_of=first, retry_change={"by": "batch", "changes": []})

    assert gate.ask_for_another(second, by=owner) is None


def test_the_first_shot_needs_no_preview(owner, vendor) -> None:
    session, _, second = scene_of_two(preview_model="animatic")
    first = Shot.objects.filter(session=session.session).order_by("rank").first()

    assert (gate.previews(first, session), gate.previews(second, session)) == (False, True)


def test_a_clip_is_asked_for_as_a_preview_first(owner, vendor) -> None:
    _, _, shot = scene_of_two(preview_model="animatic")

    take = shots.request_generation(shot=shot, by=owner)

    assert (take.purpose, take.model, Budget.objects.count()) == (TakePurpose.PREVIEW, "animatic", 0)


def test_a_preview_that_passes_is_followed_by_the_clip(owner, vendor) -> None:
    _, left, shot = scene_of_two(preview_model="animatic")
    preview = measured(left, shot, 0.8, purpose=TakePurpose.PREVIEW, model="animatic", provider="animatic")
    Shot.objects.filter(pk=shot.pk).update(chosen_take=None)

    outcome = gate.judge(preview, by=owner)

    final = Take.objects.get(pk=outcome["retry"])
    assert (final.purpose, final.model, final.retry_of) == (TakePurpose.FINAL, LTX, preview)
    assert chosen(shot) is None


def test_a_preview_that_does_not_pass_costs_nothing_more(owner, vendor) -> None:
    _, left, shot = scene_of_two(preview_model="animatic")
    preview = measured(left, shot, 0.3, purpose=TakePurpose.PREVIEW, model="animatic", provider="animatic")

    outcome = gate.judge(preview, by=owner)

    assert outcome["stopped"] == "The preview did not pass, so the clip itself was not paid for."
    assert Take.objects.filter(shot=shot).count() == 1


def test_a_person_may_skip_the_preview(owner, vendor) -> None:
    _, _, shot = scene_of_two(preview_model="animatic")

    take = shots.request_generation(shot=shot, by=owner, purpose=TakePurpose.FINAL)

    assert (take.purpose, take.model) == (TakePurpose.FINAL, LTX)


def test_giving_the_choice_back_is_recorded(owner) -> None:
    _, left, shot = scene_of_two()
    measured(left, shot, 0.9)

    shots.let_the_best_be_chosen(shot=shot, by=owner)

    assert Shot.objects.get(pk=shot.pk).chosen_by == ChosenBy.AUTO
