"""What a provider is: the requests it takes, the answers it gives, the errors it raises. No Django, no records.

A provider sees only its request, never the session. ``prepare`` is pure, ``stage`` may be repeated, ``submit`` sends
**exactly one** creating POST and never retries, ``poll`` and ``download`` may be repeated for ever.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True)
class ImageFile:
    """A picture on disk, upright, 8-bit sRGB PNG unless ``media_type`` says otherwise."""

    path: Path
    sha256: str
    width: int
    height: int
    media_type: str = "image/png"


@dataclass(frozen=True)
class Reference:
    """A reference picture and its weight 0-1 (``style_strength``)."""

    image: ImageFile
    weight: float


@dataclass(frozen=True)
class VideoRequest:
    """One clip to be made. ``seconds`` > 0; ``width`` and ``height`` in pixels; ``seed`` None = the provider's choice."""

    model: str
    prompt: str
    seconds: float
    width: int
    height: int
    fps: int
    seed: int | None = None
    start_image: ImageFile | None = None
    end_image: ImageFile | None = None
    references: tuple[Reference, ...] = ()
    audio: bool = False


@dataclass(frozen=True)
class Prepared:
    """What will be sent, before any of it is sent.

    ``body`` is canonical JSON data whose pictures are named by sha256 (no URL yet), so ``sha256`` depends on the
    request alone. ``price_ceiling_micros`` is the most that the vendor may bill, in millionths of a US dollar.
    ``notes`` are sentences about what was changed to fit the model (a duration rounded up, say).
    """

    request: VideoRequest
    mechanism: str
    body: Mapping[str, object]
    sha256: str
    price_ceiling_micros: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Staged:
    """A prepared request whose pictures are where the vendor can read them: sha256 of the picture -> URI."""

    prepared: Prepared
    uris: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Submitted:
    """The vendor's own name of the job, all that is needed to poll it from another process."""

    remote_id: str


class RemoteState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class RemoteStatus:
    """The vendor's answer to a poll. ``progress`` 0-1 or None = the vendor does not say.

    ``error`` is set when ``state`` is failed. ``billed_micros`` None = the vendor does not say (then the ceiling holds
    for a clip that was made, and nothing for one that failed).
    """

    state: RemoteState
    progress: float | None = None
    note: str = ""
    error: "ProviderError | None" = None
    billed_micros: int | None = None


class ProviderError(Exception):
    """Something a provider refuses or fails at. ``str(error)`` is one sentence for a person, saying what to do.

    ``code`` goes into ``error_code``; ``raw`` is the vendor's own text, for staff; ``retryable`` says whether the same
    call may be made again (never used for ``submit``: see SubmitUnknown). ``billed_micros``: what a failed call of a Vision
    has cost, in millionths of a US dollar; None = nobody knows (at most its price ceiling).
    """

    code = "provider_error"
    retryable = False

    def __init__(
        self, sentence: str, *, raw: str = "", retry_after_seconds: float | None = None, billed_micros: int | None = None
    ) -> None:
        super().__init__(sentence)
        self.raw = raw[:4000]
        self.retry_after_seconds = retry_after_seconds
        self.billed_micros = billed_micros


class AuthError(ProviderError):
    """The key is missing, wrong or not allowed to do this."""

    code = "provider_auth"


class QuotaExhausted(ProviderError):
    """The account has no credit left: waiting does not help."""

    code = "provider_quota"


class RateLimited(ProviderError):
    """Refused before acceptance because of too many calls or jobs: safe to send again later."""

    code = "provider_rate_limited"
    retryable = True


class Unreachable(ProviderError):
    """No connection was made, so nothing was sent: safe to send again."""

    code = "provider_unreachable"
    retryable = True


class Transient(ProviderError):
    """A read failed on the vendor's side (5xx, cut connection). Never raised by ``submit``."""

    code = "provider_transient"
    retryable = True


class SubmitUnknown(ProviderError):
    """The creating POST was sent and its outcome is not known. It is never sent again."""

    code = "submit_unknown"


class InvalidRequest(ProviderError):
    """The vendor says the request is wrong (400), before acceptance."""

    code = "provider_invalid_request"


class UnsupportedCapability(ProviderError):
    """This model cannot do what is asked; raised locally, before anything is sent."""

    code = "mode_unsupported"


class ContentRefused(ProviderError):
    """The vendor's filter refused the prompt, the picture or the result."""

    code = "content_refused"


class ModelRetired(ProviderError):
    """The vendor no longer serves this model."""

    code = "model_retired"


class OutputExpired(ProviderError):
    """The clip was made and is no longer there to be fetched."""

    code = "output_expired"


class OutputInvalid(ProviderError):
    """What was fetched is not a whole clip, or not an answer to the question that was asked."""

    code = "output_invalid"
    retryable = True


class OutputTruncated(OutputInvalid):
    """A model's answer ended at the length it was allowed: the same question would end there again."""

    code = "output_truncated"
    retryable = False


class RemoteFailed(ProviderError):
    """The vendor accepted the job and then failed at it."""

    code = "remote_failed"


class VideoProvider(Protocol):
    """A maker of clips. One instance serves many jobs and keeps no state between calls.

    ``submits_once`` True = the same attempt id is the same job however often it is submitted (the provider takes a key),
    so an attempt that it does not know may be submitted again.
    """

    name: str
    submits_once: bool

    def prepare(self, request: VideoRequest) -> Prepared:
        """Pure: clamp or refuse (UnsupportedCapability, InvalidRequest), canonical body, sha256, price ceiling."""
        ...

    def stage(self, prepared: Prepared) -> Staged:
        """Put the pictures where the vendor can read them. Free and repeatable; raises any retryable error."""
        ...

    def submit(self, staged: Staged, *, attempt_id: str) -> Submitted:
        """Send exactly one creating POST. SubmitUnknown when the outcome is not known; RateLimited and Unreachable
        only when the vendor certainly did not accept it."""
        ...

    def poll(self, remote_id: str) -> RemoteStatus:
        """Ask once. Raises RateLimited, Unreachable, Transient, AuthError, OutputExpired."""
        ...

    def download(self, remote_id: str, sink: BinaryIO, *, max_bytes: int) -> None:
        """Write the clip's bytes into ``sink``. Raises OutputInvalid, OutputExpired, Transient, Unreachable."""
        ...

    def cancel(self, remote_id: str) -> bool:
        """Ask the vendor to stop. False = this vendor cannot, or it was too late."""
        ...

    def reconcile(self, attempt_id: str, *, request_sha256: str) -> str | None:
        """The remote id of an attempt whose answer was lost, where the vendor lets one look it up; else None."""
        ...


@dataclass(frozen=True)
class VisionAnswer:
    """A vision model's answer.

    ``data``: a JSON object of the shape of the schema (its keys, its types); **what stands in it is still a stranger's
    word** and goes through ``vision.word_reading`` or ``vision.cut_differences``. ``raw``: the model's own text, at most
    16,000 characters, for staff. ``tokens``: in and out as the vendor counts them. ``cost_micros``: by the price row, in
    millionths of a US dollar. ``is_counted`` False = the vendor gave no count: tokens is 0, the cost is the ceiling.
    """

    data: Mapping[str, object]
    raw: str
    tokens: int
    cost_micros: int
    is_counted: bool = True


class Vision(Protocol):
    """A model that answers questions about pictures. One instance serves many calls and keeps nothing between them.

    ``model``: its id in the table ``models.toml``. ``schema``: JSON Schema of an object in which every property is
    required and no other is allowed; optional values are null.
    """

    name: str
    model: str

    def price_ceiling_micros(self, *, images: int, instruction: str, schema: Mapping[str, object]) -> int:
        """The most that one ``analyse`` may cost, in millionths of a US dollar, rounded up. Pure."""
        ...

    def analyse(self, images: Sequence[ImageFile], *, instruction: str, schema: Mapping[str, object]) -> VisionAnswer:
        """Send one POST, never a second one.

        Raises AuthError, QuotaExhausted, RateLimited, Unreachable, Transient, InvalidRequest, ContentRefused,
        ModelRetired, OutputInvalid, OutputTruncated; ``billed_micros`` of the error says what it has cost.
        """
        ...


class TextModel(Protocol):
    def rewrite(self, text: str, *, instruction: str, schema: Mapping[str, object]) -> Mapping[str, object]: ...


class Images(Protocol):
    def draw(self, prompt: str, *, width: int, height: int, references: Sequence[Reference]) -> bytes: ...


class Speech(Protocol):
    def speak(self, text: str, *, voice: str) -> bytes: ...


class Sound(Protocol):
    def compose(self, description: str, *, seconds: float) -> bytes: ...
