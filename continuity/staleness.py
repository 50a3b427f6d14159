"""Did a take start from what it would start from now? Plain data in, so that a page and an API read agree."""

from continuity.enums import AssetRole, ShotMode


def clip_of_start(*, role: str, asset_id: str, grandparent_id: str | None) -> str | None:
    """The id of the clip that a start frame is of; a frame that was brought back counts as the one it came from.

    ``role`` and ``asset_id`` of the frame's asset, ``grandparent_id`` the parent of its parent.
    """
    return asset_id if role == AssetRole.CLIP else grandparent_id


def is_stale_start(*, mode: str, start_clip: str | None, source_clip: str | None) -> bool:
    """A chosen take of ``mode`` started from ``start_clip``, None = from no clip of the scene; the shot that it is bridged from
    has ``source_clip`` chosen now, None = nothing."""
    return mode == ShotMode.FRAME_BRIDGE and start_clip is not None and source_clip != start_clip
