"""The prompt half: its words, its versions, putting them in order."""

from continuity.services import optimise
from prompts import services as prompts
from prompts.models import PromptVersion
from sessions_app import services
from sessions_app.api.answers import Answer, accepted
from sessions_app.api.operation import Asked, operation
from sessions_app.api.typed import Page
from sessions_app.api.v2 import present
from sessions_app.api.v2.dto import JobDto, PromptVersionDto, SessionDto
from sessions_app.api.v2.inputs import session as inputs
from sessions_app.api.v2.inputs.listing import Listing
from sessions_app.api.v2.views.continuity import prompt_of
from sessions_app.api.v2.views.sessions import now
from sessions_app.api.views import ApiView
from sessions_app.enums import TokenScope

WRITE = TokenScope.WRITE


class PromptHalf(ApiView):
    tag = "prompt"

    @operation(
        "Change the prompt",
        scope=WRITE,
        body=inputs.PromptChange,
        answer=SessionDto,
        if_match=True,
        has_tag=True,
        description="A session without a prompt half gets one; then `input` is needed. Changed words become a new version.",
    )
    def patch(self, asked: Asked) -> Answer:
        services.change_prompt(session=asked.session, by=asked.user, **asked.body)
        return now(asked)


class PromptVersions(ApiView):
    tag = "prompt"

    @operation("List the versions of a prompt", answer=Page(PromptVersionDto), query=Listing)
    def get(self, asked: Asked) -> Answer:
        return Answer(present.prompt_version_page(asked.session, asked.query))


class RestorePromptVersion(ApiView):
    tag = "prompt"

    @operation(
        "Restore a version of the prompt", scope=WRITE, body=inputs.PromptVersionRef, answer=SessionDto, has_tag=True,
        description="Its words become the newest version; the ones between stay.",
    )  # fmt: skip
    def post(self, asked: Asked) -> Answer:
        prompt = prompt_of(asked)
        version = asked.find(PromptVersion.objects.filter(prompt=prompt), asked.body["version_id"], pointer="/versionId")
        prompts.restore_version(prompt=prompt, version=version, by=asked.user)
        return now(asked)


class OptimisePrompt(ApiView):
    tag = "prompt"

    @operation(
        "Put the words of a prompt in order",
        scope=WRITE,
        status=202,
        answer=JobDto,
        description=(
            "Framing, subject, action, place, light, camera: your own words, reordered by local rules, unless a text model is "
            "set up. The job's result names the new version and says what was moved."
        ),
    )
    def post(self, asked: Asked) -> Answer:
        prompt_of(asked)
        return accepted(present.job_dto(optimise.request_optimise(session=asked.session, by=asked.user)))
