"""Verbs on clips and stills: bytes become a Blob, somebody's Asset, and exact Frames."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction

from continuity import storage
from continuity.enums import AssetOrigin, AssetRole, FrameRole
from continuity.models import Asset, Blob, Frame
from continuity.video.frames import ExactFrame, read_still
from continuity.video.verify import Progress, Verified, verify
from continuity.vision.scale import Picture

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from sessions_app.models import Session


@dataclass(frozen=True)
class StoredPicture:
    """One picture of a stored file, and its own bytes as a PNG."""

    picture: ExactFrame
    blob: Blob
    role: FrameRole


@dataclass(frozen=True)
class StoredFile:
    """A file that was decoded whole and whose bytes are stored: nobody's until ``give`` makes it somebody's.

    ``pictures``: of a clip its first and its last one, of a still the only one.
    """

    blob: Blob
    pictures: tuple[StoredPicture, ...]

    @property
    def is_still(self) -> bool:
        return self.pictures[0].blob == self.blob


def store_clip(path: Path, *, on_progress: Progress | None = None) -> StoredFile:
    """Decode the clip at ``path`` whole and store its bytes. Raises the family of ``video.errors``; then nothing is kept.

    ``on_progress`` gets shares from 0 to 1; what it raises ends the decoding.
    """
    verified = verify(path, on_progress=on_progress)
    ends = ((verified.first, FrameRole.FIRST), (verified.last, FrameRole.LAST))
    pictures = tuple(StoredPicture(picture, storage.keep_picture(picture), role) for picture, role in ends)
    return StoredFile(storage.keep_clip(path, verified), pictures)


def store_still(path: Path) -> StoredFile:
    """Store the picture at ``path`` upright, as a PNG of nothing but its pixels. Raises the family of ``video.errors``."""
    picture = read_still(path)
    blob = storage.keep_picture(picture)
    return StoredFile(blob, (StoredPicture(picture, blob, FrameRole.KEY),))


def give(stored: StoredFile, *, owner: "User", session: "Session | None", name: str, origin: AssetOrigin) -> Asset:
    """Make a stored file ``owner``'s, with its frames. Rows only, so a job may do it in the transaction of its last arrow."""
    role = AssetRole.STILL if stored.is_still else AssetRole.CLIP
    with transaction.atomic():
        asset = Asset.objects.create(owner=owner, session=session, blob=stored.blob, role=role, origin=origin, name=name[:255])
        for shown in stored.pictures:
            _frame_of(asset, shown)
    return asset


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
    asset = give(store_still(path), owner=owner, session=session, name=name, origin=AssetOrigin.UPLOAD)
    return Frame.objects.get(asset=asset)


def keep_frame(*, clip: Asset, picture: ExactFrame, role: FrameRole) -> Frame:
    """The Frame row of one picture of ``clip``; the same index always answers the same row."""
    known = Frame.objects.filter(asset=clip, index=picture.index).first()
    if known is not None:
        return known
    shown = StoredPicture(picture, storage.keep_picture(picture), role)
    with transaction.atomic():
        return _frame_of(clip, shown)


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


def _frame_of(asset: Asset, shown: StoredPicture) -> Frame:
    image = asset if shown.blob == asset.blob else _derived_still(asset, shown)
    row = {"image": image, "role": shown.role, **_row(shown.picture)}
    return Frame.objects.get_or_create(asset=asset, index=shown.picture.index, defaults=row)[0]


def _derived_still(clip: Asset, shown: StoredPicture) -> Asset:
    """The asset of a clip's picture; two frames that look the same share one."""
    row = {
        "owner": clip.owner,
        "session": clip.session,
        "blob": shown.blob,
        "origin": AssetOrigin.DERIVED,
        "name": f"frame {shown.picture.index}",
    }
    return Asset.objects.get_or_create(
        parent=clip, role=AssetRole.STILL, recipe_sha256=shown.picture.sha256, deleted_at=None, defaults=row
    )[0]


def _row(picture: ExactFrame) -> dict[str, object]:
    return {
        "time_num": picture.time.numerator,
        "time_den": picture.time.denominator,
        "rgb24_sha256": picture.sha256,
        "width": picture.width,
        "height": picture.height,
    }
