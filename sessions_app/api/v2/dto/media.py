"""Files and pictures. Their URLs are asked with the same sign-in as the API, and never expire."""

from typing import TypedDict

from continuity.enums import AssetOrigin, AssetRole, BlobKind, FrameRole
from sessions_app.api.v2.dto.basic import RationalDto


class AssetRefDto(TypedDict):
    """A file where it is used. ``posterUrl``, ``durationSeconds`` and ``duration`` are null for what is no clip."""

    id: str
    url: str
    posterUrl: str | None
    name: str
    width: int | None
    height: int | None
    durationSeconds: float | None
    duration: RationalDto | None
    hasAudio: bool


class AssetDto(AssetRefDto):
    """A file of yours. ``parentId`` names the file that it was made from."""

    kind: BlobKind
    role: AssetRole
    origin: AssetOrigin
    size: int
    fps: RationalDto | None
    frameCount: int | None
    sessionId: str | None
    parentId: str | None
    createdAt: str


class UploadDto(TypedDict):
    """What became of an uploaded file. ``frame`` is the picture itself for a still, which shots and references name; null for
    a clip."""

    asset: AssetDto
    frame: "FrameDto | None"


class FrameDto(TypedDict):
    """One picture of a clip, or a still itself (then ``index`` 0). ``assetId`` is the clip's, ``url`` the picture's."""

    id: str
    assetId: str
    index: int
    role: FrameRole
    timeSeconds: float
    time: RationalDto
    url: str
    width: int
    height: int
