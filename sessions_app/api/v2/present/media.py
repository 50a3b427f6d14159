"""Files and pictures as answers."""

from typing import cast

from continuity.enums import AssetOrigin, AssetRole, BlobKind, FrameRole
from continuity.models import Asset, Frame
from continuity.shot_rows import ClipRow, FrameRow
from sessions_app.api.v2.dto import AssetDto, AssetRefDto, FrameDto
from sessions_app.api.v2.present.plain import media_url, moment, rational


def frame_dto(frame: Frame) -> FrameDto:
    """Of a row with its own columns; nothing else is read."""
    return frame_row_dto(
        FrameRow(
            frame.pk,
            frame.asset_id,
            frame.index,
            frame.role,
            frame.time_num,
            frame.time_den,
            frame.image_id,
            frame.width,
            frame.height,
        )
    )


def frame_row_dto(row: FrameRow) -> FrameDto:
    frame_id, asset_id, place, role, time_num, time_den, image_id, width, height = row
    return {
        "id": frame_id,
        "assetId": asset_id,
        "index": place,
        "role": cast(FrameRole, role),
        "timeSeconds": time_num / time_den,
        "time": {"num": time_num, "den": time_den},
        "url": media_url(image_id),
        "width": width,
        "height": height,
    }


def clip_row_dto(row: ClipRow) -> AssetRefDto:
    asset_id, name, width, height, num, den, has_audio = row
    return {
        "id": asset_id,
        "url": media_url(asset_id),
        "posterUrl": media_url(asset_id, "poster"),
        "name": name,
        "width": width,
        "height": height,
        "durationSeconds": num / den if num is not None and den else None,
        "duration": rational(num, den),
        "hasAudio": has_audio,
    }


def clip_dto(asset: Asset) -> AssetRefDto:
    """A clip where it is used; its ``blob`` is read with it."""
    blob = asset.blob
    return clip_row_dto(
        ClipRow(asset.pk, asset.name, blob.width, blob.height, blob.duration_num, blob.duration_den, blob.has_audio)
    )


def asset_dto(asset: Asset) -> AssetDto:
    """A file; its ``blob`` is read with it. Only a clip has a poster."""
    blob = asset.blob
    reference = clip_dto(asset)
    reference["posterUrl"] = reference["posterUrl"] if asset.role == AssetRole.CLIP else None
    return {
        **reference,
        "kind": BlobKind(blob.kind),
        "role": AssetRole(asset.role),
        "origin": AssetOrigin(asset.origin),
        "size": blob.size,
        "fps": rational(blob.fps_num, blob.fps_den),
        "frameCount": blob.frame_count,
        "sessionId": asset.session_id,
        "parentId": asset.parent_id,
        "createdAt": moment(asset.created_at),
    }
