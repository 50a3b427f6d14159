"""What the arithmetic on pixels refuses. ``str(error)`` is one sentence for a person, saying what to do."""


class VisionError(Exception):
    """The family; ``code`` goes into ``error_code``."""

    code = "vision"


class NotAColour(VisionError):
    """A text that is not ``#RRGGBB``."""

    code = "not_a_colour"


class NotAPicture(VisionError):
    """An array that is not 8-bit RGB with at least one pixel, or no picture at all."""

    code = "not_a_picture"
