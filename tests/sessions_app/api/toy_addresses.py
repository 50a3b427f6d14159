# ruff: noqa: N815 - the API's own names are camelCase
"""A small API of its own, declared as the real one is: two shots of one session, whatever the tests need to be in them."""

from typing import Any, ClassVar, TypedDict

from django.urls import include, path, re_path
from rest_framework import serializers

from sessions_app.api import docs
from sessions_app.api.answers import Answer, created
from sessions_app.api.browsable import ApiPages
from sessions_app.api.etag import etag, required_version
from sessions_app.api.fields import Choice, Flag, Id, Input, JsonObject, Number, Text, Whole
from sessions_app.api.operation import Asked, operation
from sessions_app.api.problems import Problem
from sessions_app.api.renderers import OrjsonRenderer
from sessions_app.api.views import ApiView, NoSuchAddress
from sessions_app.enums import TokenScope

SHOT: dict[str, Any] = {
    "id": "sht_1",
    "userPrompt": "A ferry.",
    "seed": 12,
    "urls": {"self": "/api/v2/shots/sht_1", "video": "/media/ast_1/original", "elsewhere": "https://elsewhere.example/"},
}
VERSION = 3


class Toy(TypedDict):
    id: str


class ShotChange(Input):
    example: ClassVar = {"userPrompt": "A ship.", "seed": 7}
    userPrompt = Text(max_length=300, source="user_prompt", required=False, help_text="What happens.")
    model = Text(max_length=64, required=False, allow_null=True, blank=False)
    continuityMode = Choice(["frame-bridge", "none"], source="mode", required=False, allow_null=True)
    injectStyle = Flag(source="inject", required=False)
    seed = Whole(min_value=0, max_value=99, required=False, allow_null=True)
    styleStrength = Number(min_value=0, max_value=1, source="style_strength", required=False)


class NewShot(ShotChange):
    example: ClassVar = {}
    userPrompt = Text(max_length=300, source="user_prompt", blank=False)


class EveryKind(NewShot):
    example: ClassVar = {"userPrompt": "A ferry.", "order": ["sht_1"]}
    params = JsonObject(required=False)
    scopes = serializers.ListField(child=Choice(["read", "write", "spend"]), required=False)
    order = serializers.ListField(child=Id(), required=False)


class Page(Input):
    status = Choice(["active", "archived"], required=False)


class Generation(Input):
    preview = Flag(required=False)


class ToyView(ApiView):
    renderer_classes = [OrjsonRenderer, ApiPages]


class RootView(ToyView):
    @operation("The API", answer=Toy)
    def get(self, asked: Asked) -> Answer:
        return Answer({"shots": "/api/v2/shots"})


class ShotsView(ToyView):
    @operation("The shots", answer=Toy, query=Page)
    def get(self, asked: Asked) -> Answer:
        return Answer({"items": [SHOT], "status": asked.query.get("status")})

    @operation("Add a shot", scope=TokenScope.WRITE, status=201, body=NewShot, answer=Toy, description="At the end.")
    def post(self, asked: Asked) -> Answer:
        return created({"got": asked.body, "key": asked.header("Idempotency-Key")}, "/api/v2/shots/sht_2")


class ShotView(ToyView):
    @operation("A shot", answer=Toy, has_tag=True)
    def get(self, asked: Asked) -> Answer:
        return Answer(SHOT, headers={"ETag": asked.unless_known(version=VERSION, revision=7)})

    @operation("Change a shot", scope=TokenScope.WRITE, body=ShotChange, answer=Toy, if_match=True, has_tag=True)
    def patch(self, asked: Asked) -> Answer:
        required_version(asked.header("If-Match"), version=VERSION)
        return Answer(SHOT | {"got": asked.body}, headers={"ETag": etag(version=VERSION + 1, revision=8)})

    @operation("Delete a shot", scope=TokenScope.WRITE, if_match=True)
    def delete(self, asked: Asked) -> Answer:
        return Answer()


class LockView(ToyView):
    @operation("Keep the shot as it is", scope=TokenScope.WRITE, answer=Toy, if_match=True)
    def post(self, asked: Asked) -> Answer:
        required_version(asked.header("If-Match"), version=VERSION)
        return Answer()


class TakesView(ToyView):
    @operation("The takes", answer=Toy)
    def get(self, asked: Asked) -> Answer:
        return Answer({"items": []})


class BestTakeView(ToyView):
    @operation("Choose the best take", scope=TokenScope.WRITE)
    def post(self, asked: Asked) -> Answer:
        return Answer()


class GenerateView(ToyView):
    @operation("Make a take", scope=TokenScope.SPEND, body=EveryKind, query=Generation, paid=True, dry_run="preview", answer=Toy)
    def post(self, asked: Asked) -> Answer:
        return Answer({"got": asked.body, "preview": asked.query.get("preview")})


class AssetsView(ToyView):
    @operation("Upload", scope=TokenScope.WRITE, status=201, answer=Toy, file="file")
    def post(self, asked: Asked) -> Answer:
        return Answer({"size": asked.request.FILES["file"].size}, status=201)


class ForbiddenView(ToyView):
    @operation("Forbidden", answer=Toy)
    def get(self, asked: Asked) -> Answer:
        raise Problem(403, "forbidden", "You may not do this.")


class NoAddress(NoSuchAddress):
    renderer_classes = [OrjsonRenderer, ApiPages]


SHOT_ADDRESS = "shots/<str:id>"
urlpatterns = [
    path("api/v2", RootView.as_view()),
    path("api/v2/docs", docs.swagger_page),
    path("api/v2/openapi.yaml", docs.openapi_document),
    path("api/v2/shots", ShotsView.as_view()),
    path(f"api/v2/{SHOT_ADDRESS}", ShotView.as_view()),
    path(f"api/v2/{SHOT_ADDRESS}/lock", LockView.as_view()),
    path(f"api/v2/{SHOT_ADDRESS}/takes", TakesView.as_view()),
    path(f"api/v2/{SHOT_ADDRESS}/takes/best", BestTakeView.as_view()),
    path(f"api/v2/{SHOT_ADDRESS}/generate", GenerateView.as_view()),
    path("api/v2/assets", AssetsView.as_view()),
    path("api/v2/forbidden", ForbiddenView.as_view()),
    re_path(r"^api/.*\Z", NoAddress.as_view()),
    path("", include("sessions_app.web.urls")),
]
