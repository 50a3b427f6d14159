"""Bytes become a blob, somebody's asset, and exact frames, each kept once."""

import numpy as np
import pytest
from PIL import Image

from continuity.enums import AssetOrigin, FrameRole
from continuity.models import Asset, Blob, Frame
from continuity.services import media
from continuity.video.errors import VideoDamaged, VideoError
from continuity.video.frames import frame_at, last_frame

pytestmark = pytest.mark.django_db


def added(path, owner) -> Asset:
    asset, _ = media.add_clip(path=path, owner=owner, session=None, name="pier.mp4", origin=AssetOrigin.UPLOAD)
    return asset


def test_a_clip_is_somebodys_asset_of_a_blob_that_was_decoded_whole(owner, clip) -> None:
    asset, verified = media.add_clip(path=clip, owner=owner, session=None, name="x" * 300, origin=AssetOrigin.UPLOAD)

    assert (asset.owner, asset.session, asset.role, asset.origin, asset.name) == (owner, None, "clip", "upload", "x" * 255)
    assert (asset.blob.frame_count, verified.frame_count, asset.blob.kind, asset.blob.codec) == (24, 24, "video", "h264")
    assert (asset.blob.duration_num, asset.blob.duration_den, asset.blob.verified_at is not None) == (1, 1, True)


def test_the_same_clip_of_two_people_is_two_assets_and_one_blob(owner, stranger, clip) -> None:
    assets = [added(clip, person) for person in (owner, stranger)]

    assert assets[0].pk != assets[1].pk
    assert (assets[0].blob, Blob.objects.count()) == (assets[1].blob, 1)


def test_a_torn_clip_leaves_nothing_behind(owner, clip, local_dir) -> None:
    clip.write_bytes(clip.read_bytes()[:-2000])

    with pytest.raises(VideoDamaged):
        added(clip, owner)

    assert (Asset.objects.count(), Blob.objects.count(), (local_dir / "media").exists()) == (0, 0, False)


def test_a_picture_is_kept_as_a_frame_of_itself(owner, tmp_path) -> None:
    path = tmp_path / "door.png"
    Image.fromarray(np.full((40, 60, 3), 200, np.uint8)).save(path)

    frame = media.add_still(path=path, owner=owner, session=None, name="door.png")

    assert (frame.asset, frame.image, frame.index, frame.role) == (frame.asset, frame.asset, 0, "key")
    assert (frame.asset.owner, frame.asset.role, frame.asset.origin) == (owner, "still", "upload")
    assert (frame.width, frame.height, frame.image.blob.width, frame.image.blob.container) == (60, 40, 60, "png")


def test_what_is_no_picture_leaves_nothing_behind(owner, tmp_path) -> None:
    path = tmp_path / "door.png"
    path.write_bytes(b"no picture")

    with pytest.raises(VideoError):
        media.add_still(path=path, owner=owner, session=None, name="door.png")

    assert (Asset.objects.count(), Frame.objects.count()) == (0, 0)


def test_a_frame_is_kept_once_with_its_very_pixels(owner, clip) -> None:
    asset, picture = added(clip, owner), last_frame(clip)

    frame = media.keep_frame(clip=asset, picture=picture, role=FrameRole.LAST)

    assert media.keep_frame(clip=asset, picture=picture, role=FrameRole.KEY) == frame
    assert (frame.index, frame.role, frame.rgb24_sha256, frame.time_num, frame.time_den) == (23, "last", picture.sha256, 23, 24)
    assert (frame.image.parent, frame.image.owner, frame.image.origin) == (asset, owner, "derived")
    with media.local_clip(frame.image) as path:
        assert np.array_equal(np.asarray(Image.open(path).convert("RGB")), picture.rgb)


def test_a_frame_that_is_known_is_not_encoded_again(owner, clip, monkeypatch) -> None:
    asset, picture = added(clip, owner), last_frame(clip)
    frame = media.keep_frame(clip=asset, picture=picture, role=FrameRole.LAST)
    monkeypatch.setattr(media.storage, "keep_picture", lambda picture: pytest.fail("this is kept already"))

    assert media.keep_frame(clip=asset, picture=picture, role=FrameRole.LAST) == frame


def test_two_frames_that_look_the_same_share_a_picture_and_no_row(owner, clip) -> None:
    asset, picture = added(clip, owner), frame_at(clip, 0)
    twin = type(picture)(index=7, time=picture.time, rgb=picture.rgb)

    frames = [media.keep_frame(clip=asset, picture=one, role=FrameRole.AT) for one in (picture, twin)]

    assert [frame.index for frame in frames] == [0, 7]
    assert frames[0].image == frames[1].image
