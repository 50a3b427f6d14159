"""Jobs about cuts and grades whose take is deleted while they run."""

import pytest

from continuity.jobs import claims, steps
from continuity.models import Job, Shot, Take
from continuity.services import cuts, grades
from tests.continued_scene import WARM, continued, opened_scene


def claimed(job, owner):
    return claims.claim(job.pk, owner)


@pytest.mark.django_db(transaction=True)
def test_a_take_deleted_while_it_is_measured(owner, monkeypatch) -> None:
    """The commit of the outer transaction fails, and the job in hand says "done" all the same: ForbiddenArrow kills the bell."""
    _, [_, second], opening = opened_scene(owner, shots=2)
    take = continued(second, opening.last_frame)
    [job] = cuts.request_missing(session=second.session, by=owner)
    measured = cuts.measure

    def deleted_meanwhile(left, right):
        answer = measured(left, right)
        Shot.objects.filter(pk=second.pk).update(chosen_take=None)
        Take.objects.filter(pk=take.pk).delete()
        return answer

    monkeypatch.setattr(cuts, "measure", deleted_meanwhile)
    steps.run(claimed(job, "worker"))
    job.refresh_from_db()
    assert job.state in ("waiting", "failed"), job.state


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["grade", "preview"])
def test_a_grade_job_whose_take_was_deleted_says_so(owner, kind) -> None:
    _, [_, second], opening = opened_scene(owner, shots=2)
    take = continued(second, opening.last_frame, WARM)
    if kind == "grade":
        job = grades.request(take=take, by=owner)
    else:
        grades.apply(grade=grades.propose(take=take, by=owner).grade, by=owner)
        job = Job.objects.get(kind="preview")
    Shot.objects.filter(pk=second.pk).update(chosen_take=None)
    Take.objects.filter(pk=take.pk).delete()
    for _ in range(3):
        one = claimed(job, "worker")
        if one is None:
            break
        steps.run(one)
        Job.objects.filter(pk=job.pk, state="waiting").update(next_run_at=job.created_at)
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "take_gone"), (job.error_code, job.error_sentence)
