"""Takes: all of a shot's, choosing one, deciding an unknown one; grades."""

from continuity.services import grades, shots
from sessions_app import access
from sessions_app.api.answers import Answer, accepted
from sessions_app.api.operation import Asked, operation
from sessions_app.api.typed import Page
from sessions_app.api.v2 import present
from sessions_app.api.v2.dto import GradeDto, JobDto, TakeDto
from sessions_app.api.v2.inputs import shot as inputs
from sessions_app.api.v2.inputs.listing import Listing
from sessions_app.api.views import ApiView
from sessions_app.enums import ThrottleScope, TokenScope

WRITE, SPEND = TokenScope.WRITE, TokenScope.SPEND


class Takes(ApiView):
    tag = "takes"

    @operation("List the takes of a shot", answer=Page(TakeDto), query=Listing)
    def get(self, asked: Asked) -> Answer:
        return Answer(present.take_page(asked.session, asked.shot, asked.query))


class OneTake(ApiView):
    tag = "takes"

    @operation("Read a take", answer=TakeDto)
    def get(self, asked: Asked) -> Answer:
        return take_now(asked)


class ChooseTake(ApiView):
    tag = "takes"

    @operation("Choose a take", scope=WRITE, answer=TakeDto)
    def post(self, asked: Asked) -> Answer:
        shots.choose_take(shot=asked.take.shot, take=asked.take, by=asked.user)
        return take_now(asked)


class RetryTake(ApiView):
    tag = "takes"

    @operation("Make a take again", scope=SPEND, status=202, body=inputs.Reason, answer=JobDto, paid=True)
    def post(self, asked: Asked) -> Answer:
        access.require_spending(asked.user, asked.session)
        return present.accepted_take(shots.retry(take=asked.take, by=asked.user, reason=asked.body.get("reason", "")))


class CancelTake(ApiView):
    tag = "takes"

    @operation("Cancel a take", scope=WRITE, answer=TakeDto)
    def post(self, asked: Asked) -> Answer:
        shots.cancel(take=asked.take, by=asked.user)
        return take_now(asked)


class ResolveTake(ApiView):
    tag = "takes"

    @operation(
        "Decide what became of an unknown take",
        scope=SPEND,
        throttle=ThrottleScope.WRITE,
        remembers=False,
        body=inputs.Decision,
        answer=TakeDto,
        description=(
            "`attach`: the provider has it under `remoteId`, it goes on. `not-made`: it never was, the money is released. "
            "`give-up`: nobody will know, what it may have cost is booked. It is never sent a second time."
        ),
    )
    def post(self, asked: Asked) -> Answer:
        decision, take = asked.body["decision"], asked.take
        if decision == "attach":
            shots.attach_remote_id(take=take, remote_id=asked.body["remote_id"], by=asked.user)
        else:
            {"not-made": shots.not_made, "give-up": shots.give_up}[decision](take=take, by=asked.user)
        return take_now(asked)


class TakeGrades(ApiView):
    tag = "grades"

    @operation("List the grades of a take", answer=Page(GradeDto), query=Listing)
    def get(self, asked: Asked) -> Answer:
        return Answer(present.grade_page(asked.take, asked.query))

    @operation(
        "Propose a grade for a take", scope=WRITE, status=202, answer=JobDto,
        description="The job fits it to the scene's base and says what came of it. Nothing changes until you apply it.",
    )  # fmt: skip
    def post(self, asked: Asked) -> Answer:
        return accepted(present.job_dto(grades.request(take=asked.take, by=asked.user)))


class ApplyGrade(ApiView):
    tag = "grades"

    @operation("Apply a grade", scope=WRITE, answer=GradeDto, description="In preview and film; the clip stays as it was made.")
    def post(self, asked: Asked) -> Answer:
        return Answer(present.grade_dto(grades.apply(grade=asked.grade, by=asked.user)))


class RemoveGrade(ApiView):
    tag = "grades"

    @operation("Remove an applied grade", scope=WRITE, answer=GradeDto)
    def post(self, asked: Asked) -> Answer:
        return Answer(present.grade_dto(grades.remove(grade=asked.grade, by=asked.user)))


def take_now(asked: Asked) -> Answer:
    return Answer(present.take_dto(asked.session, asked.ids["take_id"]))
