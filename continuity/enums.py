"""Every closed vocabulary of the engine, as plain ``StrEnum``: no Django here, so that providers may use it too.

One enum value is one string everywhere: column, API, template and report.
"""

from enum import StrEnum


class SessionStatus(StrEnum):
    ACTIVE = "active"
    COMPLETED = "completed"
    ARCHIVED = "archived"


class ActiveMode(StrEnum):
    CREATE = "create"
    STUDIO = "studio"
    CONTINUITY = "continuity"


class GenerationMode(StrEnum):
    CONTINUITY = "continuity"
    STANDARD = "standard"


class ShotMode(StrEnum):
    """What is handed from the shots there are to the next one, see DATA-MODEL 4.4."""

    FRAME_BRIDGE = "frame-bridge"
    STYLE_MATCH = "style-match"
    NATIVE = "native"
    NONE = "none"


class InjectionStrength(StrEnum):
    LIGHT = "light"
    MEDIUM = "medium"
    STRONG = "strong"


class InjectionPosition(StrEnum):
    PREFIX = "prefix"
    SUFFIX = "suffix"
    SMART = "smart"


class Aspect(StrEnum):
    COLOUR = "colour"
    LIGHTING = "lighting"
    ATMOSPHERE = "atmosphere"
    TECHNICAL = "technical"


class ValueSource(StrEnum):
    """Where one style value comes from. ``not-measured`` always has the value null."""

    MEASURED = "measured"
    MODEL = "model"
    USER = "user"
    TEMPLATE = "template"
    NOT_MEASURED = "not-measured"


class BaseStyleSource(StrEnum):
    EXTRACTED = "extracted"
    USER_DEFINED = "user-defined"
    TEMPLATE = "template"
    NONE = "none"


class ShotStyleSource(StrEnum):
    """The spec's ``styleSource`` of a shot: derived, never stored."""

    BASE = "base"
    INHERITED = "inherited"
    CUSTOM = "custom"


class StyleOrigin(StrEnum):
    EXTRACTED = "extracted"
    EDITED = "edited"
    TEMPLATE = "template"
    RESET = "reset"
    RE_ANCHOR = "re-anchor"


class ChosenBy(StrEnum):
    AUTO = "auto"
    PERSON = "person"


class BlobKind(StrEnum):
    VIDEO = "video"
    IMAGE = "image"
    AUDIO = "audio"
    LUT = "lut"
    TEXT = "text"


class AssetRole(StrEnum):
    CLIP = "clip"
    STILL = "still"
    MASK = "mask"
    SOUND = "sound"
    NARRATION = "narration"
    LUT = "lut"
    PREVIEW = "preview"
    POSTER = "poster"
    FILM = "film"
    EXPORT = "export"


class AssetOrigin(StrEnum):
    UPLOAD = "upload"
    GENERATED = "generated"
    DERIVED = "derived"
    IMPORTED = "imported"


class FrameRole(StrEnum):
    FIRST = "first"
    LAST = "last"
    AT = "at"
    KEY = "key"


class TakePurpose(StrEnum):
    FINAL = "final"
    PREVIEW = "preview"


class TakeOrigin(StrEnum):
    GENERATED = "generated"
    UPLOAD = "upload"
    IMPORTED = "imported"
    LEGACY = "legacy"


class TakeState(StrEnum):
    REQUESTED = "requested"
    GENERATING = "generating"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class RetryBy(StrEnum):
    """Who made a take that no person asked for: the second and later of several takes, the quality gate, a preview that
    passed."""

    BATCH = "batch"
    GATE = "gate"
    PREVIEW = "preview"


class CutState(StrEnum):
    MEASURED = "measured"
    FAILED = "failed"


class Band(StrEnum):
    MATCHES = "matches"
    CHECK = "check"
    JUMP = "jump"


class BridgeKind(StrEnum):
    BRIDGED = "bridged"
    BRIDGED_WITH_MOTION = "bridged-with-motion"
    CUT = "cut"


class GradeState(StrEnum):
    PROPOSED = "proposed"
    APPLIED = "applied"
    REFUSED = "refused"
    REMOVED = "removed"


class ProxyKind(StrEnum):
    PAN_ZOOM = "pan-zoom"
    DEPTH_PARALLAX = "depth-parallax"
    LEGACY = "legacy"


class ProxyState(StrEnum):
    READY = "ready"
    FAILED = "failed"
    LEGACY = "legacy"


class RunLayout(StrEnum):
    A = "A"
    B = "B"
    C = "C"
    FLAT = "flat"
    LORA = "lora"
    OWN = "own"


class JobKind(StrEnum):
    GENERATE = "generate"
    STYLE = "style"
    CUT = "cut"
    GRADE = "grade"
    PREVIEW = "preview"
    PROXY = "proxy"
    EXPORT = "export"
    OPTIMISE = "optimise"
    EXTRACT = "extract"
    FILM = "film"


class JobState(StrEnum):
    QUEUED = "queued"
    WAITING = "waiting"
    RUNNING = "running"
    UNKNOWN = "unknown"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


LIVE_JOB_STATES = (JobState.QUEUED, JobState.WAITING, JobState.RUNNING, JobState.UNKNOWN)
TERMINAL_JOB_STATES = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class GenerateStep(StrEnum):
    """The steps of a generate job, in order. Style and cut are jobs of their own."""

    PREPARE = "prepare"
    SUBMIT = "submit"
    POLL = "poll"
    FETCH = "fetch"
    VERIFY = "verify"
    FRAMES = "frames"
    SETTLE = "settle"


class ChargeState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    DISPUTED = "disputed"


class LedgerKind(StrEnum):
    ESTIMATE = "estimate"
    RESERVE = "reserve"
    SETTLE = "settle"
    RELEASE = "release"
    OVERRUN = "overrun"


class BreakerState(StrEnum):
    """``ProviderHealth.state``: closed lets calls through, open does not, half-open lets one probe through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


def values(enum: type[StrEnum]) -> list[str]:
    """The strings of an enum, in order of definition."""
    return [member.value for member in enum]
