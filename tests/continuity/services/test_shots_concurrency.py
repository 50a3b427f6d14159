"""Many people press the button in the same moment: real threads, real transactions, both databases."""

import pytest

from continuity.models import Budget, Charge, Job, Shot, Take
from continuity.models.scene import RANK_STEP
from continuity.services import shots, shots_edit
from continuity.services.errors import Refused
from tests.engine import LTX, LTX_PRICE, at_once, job_of, scene, settle
from tests.factories.continuity import ShotFactory

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 20


def test_twenty_requests_for_one_shot_make_one_take_and_twenty_answers_that_name_it(owner, vendor) -> None:
    session, [shot] = scene(owner, "A red door in the rain", model=LTX)

    answers = at_once(PEOPLE, lambda number: shots.request_generation(shot=Shot.objects.get(pk=shot.pk), by=owner))

    take = Take.objects.get()
    assert answers == [take] * PEOPLE
    assert (Job.objects.count(), Charge.objects.count(), take.number) == (1, 1, 1)
    assert {row.reserved_micros for row in Budget.objects.all()} == {LTX_PRICE}
    settle(session)
    assert (vendor.posts(), Take.objects.get().state) == (1, "done")


@pytest.mark.parametrize("affordable", [1, 3])
def test_twenty_requests_for_twenty_shots_start_as_many_as_there_is_money_for(owner, vendor, settings, affordable: int) -> None:
    settings.SPEND_LIMIT_USER_MONTH_MICROS = affordable * LTX_PRICE + LTX_PRICE - 1
    session, _ = scene(owner, "One", model=LTX, default_mode="none")
    made = [ShotFactory(session=session) for _ in range(PEOPLE)]

    answers = at_once(PEOPLE, lambda number: shots.request_generation(shot=made[number], by=owner))

    refusals = [answer for answer in answers if isinstance(answer, Refused)]
    assert {refusal.code for refusal in refusals} == {"budget_exceeded"}
    assert (len(refusals), Take.objects.count(), Job.objects.count()) == (PEOPLE - affordable, affordable, affordable)
    assert Budget.objects.get(scope__startswith="user:").reserved_micros == affordable * LTX_PRICE


def test_cancel_and_request_in_the_same_moment_have_one_outcome(owner, vendor) -> None:
    _, [shot] = scene(owner, "A red door in the rain", model=LTX)
    first = shots.request_generation(shot=shot, by=owner)

    def act(number: int) -> Take:
        if number % 2:
            return shots.request_generation(shot=shot, by=owner)
        return shots.cancel(take=Take.objects.get(pk=first.pk), by=owner)

    answers = at_once(10, act)

    assert all(isinstance(answer, Take | Refused) for answer in answers), answers
    assert job_of(first).state == "cancelled"
    assert Job.objects.exclude(take=first).filter(state="queued").count() <= 1
    assert Take.objects.count() <= 2


def test_eight_shots_added_at_once_are_eight_shots_in_a_row(owner) -> None:
    session, _ = scene(owner, "One")

    answers = at_once(8, lambda number: shots_edit.add_shot(session=session, user_prompt=f"Shot {number}", by=owner))

    ranks = list(Shot.objects.filter(session=session).order_by("rank").values_list("rank", flat=True))
    assert [answer for answer in answers if not isinstance(answer, Shot)] == []
    assert ranks == [RANK_STEP * number for number in range(1, 10)]


def test_four_clips_uploaded_to_one_shot_at_once_are_four_takes(owner, clip) -> None:
    _, [shot] = scene(owner, "One", auto_extract=False)

    def upload(number: int) -> Take:
        return shots.add_uploaded_take(shot=Shot.objects.get(pk=shot.pk), path=clip, name=f"{number}.mp4", by=owner)

    answers = at_once(4, upload)

    assert [answer for answer in answers if not isinstance(answer, Take)] == []
    assert sorted(answer.number for answer in answers) == [1, 2, 3, 4]
