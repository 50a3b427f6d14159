# ruff: noqa: N815 - the API's own names are camelCase
"""A small API of its own, declared as the real one is: one operation for each thing that the door does."""

from typing import Any, TypedDict

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError, transaction
from django.http import Http404
from django.urls import include, path, re_path
from rest_framework import exceptions, serializers

from config.urls import handler400, handler404, handler500
from continuity.services.errors import Refused
from prompts.expectations import VersionConflict
from sessions_app.api.answers import Answer, accepted, created
from sessions_app.api.etag import etag
from sessions_app.api.fields import Choice, Flag, Id, Input, JsonObject, Number, Text, Whole
from sessions_app.api.operation import Asked, operation
from sessions_app.api.problems import Problem
from sessions_app.api.typed import Page
from sessions_app.api.views import ApiView, NoSuchAddress
from sessions_app.enums import ThrottleScope, TokenScope
from sessions_app.models import Session
from sessions_app.web import urls as pages

__all__ = ["handler400", "handler404", "handler500", "urlpatterns"]
TOY = "/api/toy"
"""Where the addresses below are."""


class SaidDto(TypedDict):
    """What arrived."""

    body: dict[str, Any]
    query: dict[str, Any]


class SceneDto(TypedDict):
    """A session."""

    id: str
    name: str
    version: int


class JobDto(TypedDict):
    """A job."""

    id: str


class Inner(Input):
    seconds = Number(min_value=0, required=False)


class Thing(Input):
    """One field of every kind."""

    text = Text(max_length=30, required=False, allow_null=True, source="text_column")
    other = Id(required=False)
    whole = Whole(min_value=-100, max_value=100, required=False, allow_null=True)
    bigWhole = Whole(required=False)
    number = Number(required=False)
    flag = Flag(required=False)
    choice = Choice(["red", "blue"], required=False)
    data = JsonObject(required=False, most=3)
    words = serializers.ListField(child=Choice(["one", "two"]), required=False)
    inner = Inner(required=False)


class Filter(Input):
    limit = Whole(min_value=1, max_value=9, required=False)
    word = Text(required=False, max_length=20)
    first = Flag(required=False)
    last = Flag(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "first" in attrs and "last" in attrs:
            raise serializers.ValidationError("Ask for the first or for the last, not for both.")
        return attrs


class Name(Input):
    name = Text(max_length=100)


class Dry(Input):
    preview = Flag(required=False)


def said(asked: Asked) -> Answer:
    return Answer({"body": asked.body, "query": asked.query})


class Things(ApiView):
    @operation("Read things", answer=SaidDto, query=Filter)
    def get(self, asked: Asked) -> Answer:
        return said(asked)

    @operation("Say a thing", scope=TokenScope.WRITE, body=Thing, query=Filter, answer=SaidDto)
    def post(self, asked: Asked) -> Answer:
        return said(asked)


class Bare(ApiView):
    @operation("Do it", scope=TokenScope.WRITE)
    def post(self, asked: Asked) -> Answer:
        return Answer()


class Open(ApiView):
    @operation("Read what is open", answer=SaidDto, anonymous=True)
    def get(self, asked: Asked) -> Answer:
        return said(asked)

    @operation("Knock", answer=SaidDto, body=Thing, anonymous=True, throttle=ThrottleScope.SIGN_IN)
    def post(self, asked: Asked) -> Answer:
        return said(asked)


class Files(ApiView):
    @operation("Send a file", scope=TokenScope.WRITE, body=Name, answer=SaidDto, file="file")
    def post(self, asked: Asked) -> Answer:
        return said(asked)


class Scenes(ApiView):
    @operation("List scenes", answer=Page(SceneDto))
    def get(self, asked: Asked) -> Answer:
        return Answer({"items": [scene(row) for row in Session.objects.all()], "next": None, "previous": None})

    @operation("Make a scene", scope=TokenScope.WRITE, status=201, body=Name, answer=SceneDto)
    def post(self, asked: Asked) -> Answer:
        made = Session.objects.create(owner=asked.user, name=asked.body["name"])
        return created(scene(made), f"{TOY}/scenes/{made.pk}")


class Scene(ApiView):
    @operation("Read a scene", answer=SceneDto, has_tag=True)
    def get(self, asked: Asked) -> Answer:
        tag = asked.unless_known(version=asked.session.version, revision=asked.session.revision)
        return Answer(scene(asked.session), headers={"ETag": tag})

    @operation("Rename a scene", scope=TokenScope.WRITE, body=Name, answer=SceneDto, if_match=True, has_tag=True)
    def patch(self, asked: Asked) -> Answer:
        return rename(asked.session, asked)

    @operation("Rename a scene by a form", scope=TokenScope.WRITE, body=Name, answer=SceneDto, if_match=True, has_tag=True)
    def post(self, asked: Asked) -> Answer:
        return rename(asked.session, asked)

    @operation("Rename a scene whatever it is", scope=TokenScope.WRITE, body=Name, answer=SceneDto)
    def put(self, asked: Asked) -> Answer:
        return rename(asked.session, asked)


class Restore(ApiView):
    @operation("Restore a scene", scope=TokenScope.WRITE, answer=SceneDto, of_deleted=True)
    def post(self, asked: Asked) -> Answer:
        Session.all_objects.filter(pk=asked.deleted_session.pk).update(deleted_at=None)
        return rename(asked.deleted_session, asked)


class Shot(ApiView):
    @operation("Read a shot", answer=JobDto)
    def get(self, asked: Asked) -> Answer:
        return Answer({"id": asked.shot.pk})

    @operation("Change a shot", scope=TokenScope.WRITE, answer=JobDto, if_match=True)
    def patch(self, asked: Asked) -> Answer:
        asked.shot.edit("shot.change", by=asked.user, before={}, after={})
        return Answer({"id": asked.shot.pk})


class Paid(ApiView):
    """Paid work, which here is a session with that name."""

    @operation(
        "Pay for a scene", scope=TokenScope.SPEND, status=202, body=Name, query=Dry, answer=JobDto, paid=True, dry_run="preview",
        other_answers={200: SaidDto},
    )  # fmt: skip
    def post(self, asked: Asked) -> Answer:
        if asked.query.get("preview"):
            return said(asked)
        work = WORK.get(asked.body["name"])
        made = Session.objects.create(owner=asked.user, name=asked.body["name"])
        if work is not None:
            work()
        return accepted({"id": made.pk})


WORK: dict[str, Any] = {}
"""What the paid work of that name does besides: set by a test."""
ERRORS: dict[str, Any] = {
    "refused": lambda: Refused("shot_is_being_made", "Wait for the take, or cancel it.", job_id="job_1"),
    "words": lambda: Refused("prompt_too_long", "Write a shorter prompt."),
    "clip": lambda: Refused("video_too_large", "Send a smaller clip."),
    "style": lambda: Refused("style_invalid", "Write other words."),
    "order": lambda: Refused("not_a_permutation", "Name every shot once."),
    "conflict": lambda: VersionConflict("ses_1"),
    "missing": Http404,
    "missing-in-framework": exceptions.NotFound,
    "forbidden": lambda: PermissionDenied("Ask the owner."),
    "forbidden-in-framework": exceptions.PermissionDenied,
    "large": RequestDataTooBig,
    "locked": lambda: OperationalError("database is locked: /secret/path"),
    "bug": lambda: ZeroDivisionError("the secret of the traceback"),
    "problem": lambda: Problem(422, "own_code", "Do it otherwise.", extra={"context": {"scope": "read"}}),
}


class Failing(ApiView):
    @operation("Fail", anonymous=True)
    def get(self, asked: Asked, how: str = "") -> Answer:
        raise ERRORS[asked.ids["how"]]()


BETWEEN: dict[str, Any] = {}
"""What happens between the two edits of a renaming to that name: set by a test."""


def scene(row: Session) -> dict[str, Any]:
    row.refresh_from_db()
    return {"id": row.pk, "name": row.name, "version": row.version}


def rename(row: Session, asked: Asked) -> Answer:
    """Two counted edits in one verb: the second one builds on the first."""
    name = asked.body.get("name", "")
    with transaction.atomic():
        Session.objects.filter(pk=row.pk).update(name=name)
        row.touch(by=asked.user)
        BETWEEN.get(name, lambda: None)()
        row.edit("session.change", by=asked.user, target=row, before={"name": row.name}, after={"name": name})
    row.refresh_from_db()
    return Answer(scene(row), headers={"ETag": etag(version=row.version, revision=row.revision)})


toys = [
    path("", Things.as_view()),
    path("/bare", Bare.as_view()),
    path("/open", Open.as_view()),
    path("/files", Files.as_view()),
    path("/scenes", Scenes.as_view()),
    path("/scenes/<str:session_id>", Scene.as_view()),
    path("/scenes/<str:session_id>/restore", Restore.as_view()),
    path("/scenes/<str:session_id>/shots/<str:shot_id>", Shot.as_view()),
    path("/paid", Paid.as_view()),
    path("/failing/<str:how>", Failing.as_view()),
]
urlpatterns = [path("api/toy", include(toys)), re_path(r"^api/.*\Z", NoSuchAddress.as_view()), path("", include(pages))]
