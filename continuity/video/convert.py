"""The one way from a decoded frame to RGB: a filter graph with the flags of ``tool.SCALE_FLAGS``.

PyAV's ``reformat`` hands the flags on but places the chroma samples of 4:2:0 pictures elsewhere, up to 140 code values
off at coloured edges; the ``scale`` filter agrees with ffmpeg's own to the last bit. Matrix and range are those of the
tags; an untagged picture is BT.601 limited range whatever its size, as in ffmpeg. HDR curves are kept, not tone-mapped.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from continuity.video.orientation import orientation_of
from continuity.video.tool import SCALE_FLAGS


def to_rgb(frame: Any) -> NDArray[np.uint8]:
    """uint8 height x width x 3, full range, upright as displayed, of a decoded ``av.VideoFrame``."""
    from av.filter import Graph  # here, so that start-up does not load it

    graph = Graph()
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)
    chain = [*orientation_of(frame).filters, ("scale", f"flags={SCALE_FLAGS}"), ("format", "rgb24"), ("buffersink", None)]
    graph.link_nodes(source, *(graph.add(name, arguments) for name, arguments in chain)).configure()
    graph.push(frame)
    return np.asarray(graph.pull().to_ndarray(), dtype=np.uint8)
