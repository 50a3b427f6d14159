"""Verbs on clips and stills: bytes become a Blob, somebody's Asset, and exact Frames."""

from contextlib import AbstractContextManager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction

from continuity import storage
from continuity.enums import AssetOrigin, AssetRole, FrameRole
from continuity.models import Asset, Frame
from continuity.video.frames import ExactFrame, read_still
from continuity.video.verify import Progress, Verified, verify
from continuity.vision.scale import Picture

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from sessions_app.models import Session


def add_clip(
    *, path: Path, owner: "User", session: "Session | None", name: str, origin: AssetOrigin, on_progress: Progress | None = None
) -> tuple[Asset, Verified]:
    """Decode the clip at ``path`` whole and keep it as ``owner``'s.

    Raises the family of ``video.errors``; then nothing is kept.
    """
    verified = verify(path, on_progress=on_progress)
    blob = storage.keep_clip(path, verified)
    return Asset.objects.create(
        owner=owner, session=session, blob=blob, role=AssetRole.CLIP, origin=origin, name=name[:255]
    ), verified


def add_still(*, path: Path, owner: "User", session: "Session | None", name: str) -> Frame:
    """Keep an uploaded picture (upright, as PNG) as ``owner``'s, with its one frame. Raises the family of ``video.errors``."""
    picture = read_still(path)
    blob = storage.keep_picture(picture)
    with transaction.atomic():
        asset = Asset.objects.create(
            owner=owner, session=session, blob=blob, role=AssetRole.STILL, origin=AssetOrigin.UPLOAD, name=name[:255]
        )
        return Frame.objects.create(asset=asset, image=asset, role=FrameRole.KEY, **_columns(picture))


def keep_frame(*, clip: Asset, picture: ExactFrame, role: FrameRole) -> Frame:
    """The Frame row of one picture of ``clip``; the same index always answers the same row."""
    known = Frame.objects.filter(asset=clip, index=picture.index).first()
    if known is not None:
        return known
    blob = storage.keep_picture(picture)
    with transaction.atomic():
        image, _ = Asset.objects.get_or_create(
            parent=clip,
            role=AssetRole.STILL,
            recipe_sha256=picture.sha256,
            deleted_at=None,
            defaults={
                "owner": clip.owner,
                "session": clip.session,
                "blob": blob,
                "origin": AssetOrigin.DERIVED,
                "name": f"frame {picture.index}",
            },
        )
        frame, _ = Frame.objects.get_or_create(
            asset=clip, index=picture.index, defaults={"image": image, "role": role, **_row(picture)}
        )
    return frame


def keep_derived_still(rgb: Picture, *, parent: Asset, recipe: str, name: str) -> Frame:
    """The Frame of a picture that was computed from ``parent``; the same ``recipe`` always answers the same row."""
    picture = ExactFrame(0, Fraction(0), rgb)
    blob = storage.keep_picture(picture)
    row = {"owner": parent.owner, "session": parent.session, "blob": blob, "origin": AssetOrigin.DERIVED, "name": name[:255]}
    with transaction.atomic():
        image, _ = Asset.objects.get_or_create(
            parent=parent, role=AssetRole.STILL, recipe_sha256=recipe, deleted_at=None, defaults=row
        )
        frame, _ = Frame.objects.get_or_create(
            asset=image, index=0, defaults={"image": image, "role": FrameRole.KEY, **_row(picture)}
        )
    return frame


def picture(frame: Frame) -> Picture:
    """The pixels of a kept frame: uint8 height x width x 3, sRGB."""
    return still_picture(frame.image)


def still_picture(asset: Asset) -> Picture:
    """The pixels of a kept still: uint8 height x width x 3, sRGB."""
    with storage.local_file(asset.blob, suffix=".png") as path:
        return read_still(path).rgb


def local_clip(asset: Asset) -> AbstractContextManager[Path]:
    """The asset's bytes as a file on this machine while the block lasts."""
    return storage.local_file(asset.blob, suffix=".mp4")


def _columns(picture: ExactFrame) -> dict[str, object]:
    return {"index": picture.index, **_row(picture)}


def _row(picture: ExactFrame) -> dict[str, object]:
    return {
        "time_num": picture.time.numerator,
        "time_den": picture.time.denominator,
        "rgb24_sha256": picture.sha256,
        "width": picture.width,
        "height": picture.height,
    }
