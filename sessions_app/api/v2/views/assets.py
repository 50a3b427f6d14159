"""Files: uploading, fetching from an address, measuring."""

from typing import Any

from django.conf import settings
from rest_framework.request import Request

from continuity.enums import BlobKind
from continuity.services import imports, styles
from sessions_app import access
from sessions_app.api.answers import Answer, accepted, created
from sessions_app.api.operation import Asked, operation
from sessions_app.api.problems import Problem
from sessions_app.api.typed import Page
from sessions_app.api.v2 import present
from sessions_app.api.v2.dto import AssetDto, JobDto, UploadDto
from sessions_app.api.v2.inputs import account as inputs
from sessions_app.api.views import ApiView
from sessions_app.enums import TokenScope
from sessions_app.web.uploads import limit_uploads, upload_on_disk, was_too_large

WRITE = TokenScope.WRITE
FORM_BYTES = 64 * 1024
"""What a body may have beside its file."""


class Assets(ApiView):
    tag = "files"

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        limit_uploads(request)  # before anything reads the body
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.UPLOAD_MAX_BYTES + FORM_BYTES:
            raise _too_large()  # before any of it is read
        super().initial(request, *args, **kwargs)

    @operation("List your files", answer=Page(AssetDto), query=inputs.AssetFilter)
    def get(self, asked: Asked) -> Answer:
        return Answer(present.asset_page(asked.user, asked.query))

    @operation(
        "Upload a file",
        scope=WRITE,
        status=201,
        body=inputs.Upload,
        file="file",
        answer=UploadDto,
        other_answers={202: JobDto},
        description=(
            "A clip or a picture as the part `file`: 201 once it is decoded whole. Or an address as `imageUrl` or `videoUrl`: "
            "202 with the job that fetches it; its result names the file."
        ),
    )
    def post(self, asked: Asked) -> Answer:
        session = asked.own_session(asked.body.get("session_id"))
        url = asked.body.get("image_url") or asked.body.get("video_url")
        file = _file(asked)
        if (file is None) == (url is None) or ("image_url" in asked.body and "video_url" in asked.body):
            raise Problem(422, "one_file", "Send exactly one file: as the part file, as imageUrl or as videoUrl.")
        if url is not None:
            kind = BlobKind.IMAGE if "image_url" in asked.body else BlobKind.VIDEO
            job = imports.request_import(url=url, kind=kind, by=asked.user, session=session)
            return accepted(present.job_dto(job))
        with upload_on_disk(file) as path:
            asset = imports.import_upload(path=path, name=file.name or "", owner=asked.user, session=session)
        return created(present.upload_dto(asset), f"/api/v2/assets/{asset.pk}")


class OneAsset(ApiView):
    tag = "files"

    @operation("Read what a file is", answer=AssetDto, description="Its bytes are at `url`, with Range, for you alone.")
    def get(self, asked: Asked) -> Answer:
        mine = access.visible_assets(asked.user).select_related("blob")
        return Answer(present.asset_dto(asked.one(mine, asked.ids["asset_id"])))


class ExtractStyle(ApiView):
    tag = "style"

    @operation(
        "Measure the look of a file", scope=WRITE, status=202, body=inputs.Extraction, answer=JobDto,
        description="The job's result has the measured values, each with its source.",
    )  # fmt: skip
    def post(self, asked: Asked) -> Answer:
        body = asked.body
        url = body.get("image_url") or body.get("video_url")
        if url:
            kind = BlobKind.IMAGE if "image_url" in body else BlobKind.VIDEO
            return accepted(present.job_dto(imports.request_import(url=url, kind=kind, by=asked.user, then="style")))
        mine = access.visible_assets(asked.user).select_related("blob", "owner")
        if body.get("take_id"):
            asset_id = access.visible_takes(asked.user).filter(pk=body["take_id"]).values_list("video", flat=True).first()
            asset = asked.find(mine, asset_id, pointer="/takeId")
        else:
            asset = asked.find(mine, body["asset_id"], pointer="/assetId")
        return accepted(present.job_dto(styles.request_extraction(asset=asset, by=asked.user)))


def _too_large() -> Problem:
    return Problem(413, "file_too_large", "This file is larger than this installation takes: send a shorter or smaller one.")


def _file(asked: Asked) -> Any:
    """The uploaded part, or None. Problem 413 for one that is larger than this installation takes."""
    if was_too_large(asked.request._request):
        raise _too_large()
    return asked.request.FILES.get("file")
