"""Work: what is being made, and cancelling it."""

from continuity.models import Job
from continuity.services import cancelling
from sessions_app import access
from sessions_app.api.answers import Answer
from sessions_app.api.operation import Asked, operation
from sessions_app.api.typed import Page
from sessions_app.api.v2 import present
from sessions_app.api.v2.dto import JobDto
from sessions_app.api.v2.inputs.account import JobFilter
from sessions_app.api.views import ApiView
from sessions_app.enums import TokenScope


class Jobs(ApiView):
    tag = "jobs"

    @operation("List your jobs", answer=Page(JobDto), query=JobFilter)
    def get(self, asked: Asked) -> Answer:
        return Answer(present.job_page(asked.user, asked.query))


class OneJob(ApiView):
    tag = "jobs"

    @operation("Read a job", answer=JobDto, description="Ask again, after Retry-After seconds, while `isLive`.")
    def get(self, asked: Asked) -> Answer:
        body = present.job_dto(_job(asked))
        return Answer(body, headers={"Retry-After": "1"} if body["isLive"] else {})


class CancelJob(ApiView):
    tag = "jobs"

    @operation("Cancel a job", scope=TokenScope.WRITE, answer=JobDto)
    def post(self, asked: Asked) -> Answer:
        cancelling.cancel_job(job=_job(asked), by=asked.user)
        return Answer(present.job_dto(_job(asked)))


def _job(asked: Asked) -> Job:
    rows = access.visible_jobs(asked.user).select_related("charge", "session", "shot", "take")
    return asked.one(rows, asked.ids["job_id"])
