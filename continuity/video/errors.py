"""What goes wrong with a clip. ``str(error)`` is one sentence for a person, saying what to do."""


class VideoError(Exception):
    """Base of the family; ``code`` goes into ``error_code``."""

    code = "video_error"


class NotAVideo(VideoError):
    """The bytes are not a clip (or still) of an allowed container, whatever the name says."""

    code = "not_a_video"


class VideoDamaged(VideoError):
    """A clip of an allowed container that is cut short or cannot be decoded whole."""

    code = "video_damaged"


class VideoTooLarge(VideoError):
    """More pixels per frame than this system decodes."""

    code = "video_too_large"


class NoPicture(VideoError):
    """Audio only, or a video stream without a single frame."""

    code = "no_picture"


class PastTheEnd(VideoError):
    """A time was asked for at which the clip is over."""

    code = "past_the_end"


class FFmpegFailed(VideoError):
    """ffmpeg ended with an error; ``stderr_tail`` is its own last words, for staff."""

    code = "ffmpeg_failed"

    def __init__(self, sentence: str, *, stderr_tail: str = "") -> None:
        super().__init__(sentence)
        self.stderr_tail = stderr_tail


class FFmpegTimeout(FFmpegFailed):
    """ffmpeg took longer than it was given and was killed with all its children."""

    code = "ffmpeg_timeout"
