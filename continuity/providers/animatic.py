"""Animatic: the local previz engine, asynchronous like a vendor. No key, no network, no price.

It draws what a prompt names (hour, weather, palette, framing, camera move, people, place) and moves a start image when
given one. It is not a generative model and does not claim to be. A request is a file in a folder; a detached child
process (``animatic_scene.render``) turns it into a clip, and ``poll`` starts that process again if it died.
"""

import hashlib
import json
import math
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from continuity.providers.animatic_scene.attempt import Attempt, attempt_in, forget_old, store_input
from continuity.providers.base import (
    ImageFile,
    InvalidRequest,
    OutputExpired,
    OutputInvalid,
    Prepared,
    RemoteFailed,
    RemoteState,
    RemoteStatus,
    Staged,
    Submitted,
    Transient,
    Unreachable,
    UnsupportedCapability,
    VideoRequest,
)
from continuity.providers.capabilities import ModelCard, model_card

PROJECT = Path(__file__).resolve().parents[2]
RENDERER = "continuity.providers.animatic_scene.render"
# A renderer that dies this often (killed by the system, say) is not started again.
STARTS_MAX = 20
COPY_BYTES = 1 << 20
KEPT_SECONDS = 7 * 24 * 3600


class Animatic:
    """The provider. ``root`` is the folder of requests and clips, made when first needed."""

    name = "animatic"
    submits_once = True

    def __init__(self, root: str) -> None:
        self.root = Path(root).resolve()

    def prepare(self, request: VideoRequest) -> Prepared:
        """Pure. Clamps the frame rate, drops what the model has not (sound, references past its number) with a note;
        refuses sizes, lengths, pictures and prompts that it cannot take. The price ceiling is always 0."""
        card = model_card(request.model)
        notes: list[str] = []
        _refuse(card, request)
        request = _fitted(card, request, notes)
        body = _body(card, request)
        digest = hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())
        return Prepared(
            request=request,
            mechanism=_mechanism(request),
            body=body,
            sha256=digest.hexdigest(),
            price_ceiling_micros=0,
            notes=tuple(notes),
        )

    def stage(self, prepared: Prepared) -> Staged:
        """Copy the pictures into the engine's folder. Unreachable when a picture cannot be read or copied."""
        uris: dict[str, str] = {}
        for image in _pictures(prepared.request):
            try:
                uris[image.sha256] = str(store_input(self.root, image.path, image.sha256).relative_to(self.root))
            except OSError as error:
                raise Unreachable("A picture could not be copied into the animatic folder: try again.", raw=str(error)) from error
        return Staged(prepared=prepared, uris=uris)

    def submit(self, staged: Staged, *, attempt_id: str) -> Submitted:
        """Write the request file (once per attempt id) and start the renderer. Unreachable = nothing was accepted;
        InvalidRequest for a bad id, or one that already names another request."""
        attempt = attempt_in(self.root, attempt_id)
        document = {"request_sha256": staged.prepared.sha256, "body": dict(staged.prepared.body), "inputs": dict(staged.uris)}
        try:
            forget_old(self.root, seconds=KEPT_SECONDS)
            is_new = attempt.accept(document)
        except OSError as error:
            raise Unreachable(
                "The animatic folder cannot be written to: free some space and try again.", raw=str(error)
            ) from error
        if not is_new and attempt.request()["request_sha256"] != staged.prepared.sha256:
            raise InvalidRequest("This attempt id already names another request: make a new one.")
        # Accepted is accepted: a renderer that cannot be started now is started by a later poll.
        with suppress(Transient):
            _start_if_needed(attempt)
        return Submitted(remote_id=attempt_id)

    def poll(self, remote_id: str) -> RemoteStatus:
        """What the files say; starts the renderer again when it is gone. OutputExpired when the request is not there,
        Transient when no renderer can be started just now."""
        attempt = attempt_in(self.root, remote_id)
        if attempt.finished:
            return RemoteStatus(state=RemoteState.SUCCEEDED, progress=1.0, billed_micros=0)
        if attempt.cancelled:
            return RemoteStatus(state=RemoteState.CANCELLED, billed_micros=0)
        if not attempt.accepted:
            raise OutputExpired("This clip is no longer in the animatic folder: generate it again.")
        sentence = attempt.failure
        if sentence is None:
            sentence = _start_if_needed(attempt)
        if sentence is not None:
            return RemoteStatus(state=RemoteState.FAILED, error=RemoteFailed(sentence), billed_micros=0)
        said = attempt.progress
        if said is None:
            return RemoteStatus(state=RemoteState.QUEUED, progress=0.0, note="waiting for the renderer")
        return RemoteStatus(state=RemoteState.RUNNING, progress=said.fraction, note=said.note)

    def download(self, remote_id: str, sink: BinaryIO, *, max_bytes: int) -> None:
        """Copy the clip. OutputExpired when there is none, OutputInvalid when it is larger than ``max_bytes``."""
        clip = attempt_in(self.root, remote_id).file("mp4")
        try:
            source = clip.open("rb")
        except FileNotFoundError as error:
            raise OutputExpired("This clip is not in the animatic folder: generate it again.") from error
        with source:
            if os.fstat(source.fileno()).st_size > max_bytes:
                raise OutputInvalid(f"The clip is larger than {max_bytes} bytes: ask for a shorter or smaller one.")
            while chunk := source.read(COPY_BYTES):
                sink.write(chunk)

    def cancel(self, remote_id: str) -> bool:
        """Stop the renderer for good. True = it had not finished; False = the clip is there, or there was no such job."""
        attempt = attempt_in(self.root, remote_id)
        if attempt.finished or not attempt.accepted:
            return False
        attempt.leave("cancelled", "")
        attempt.stop_renderer()
        if attempt.finished:
            attempt.file("cancelled").unlink(missing_ok=True)
            return False
        return True

    def reconcile(self, attempt_id: str, *, request_sha256: str) -> str | None:
        """The attempt id itself if its request was accepted; else None (then nothing was accepted)."""
        attempt = attempt_in(self.root, attempt_id)
        return attempt_id if attempt.accepted else None


def _refuse(card: ModelCard, request: VideoRequest) -> None:
    if card.provider != Animatic.name:
        raise InvalidRequest(f"{card.label} is not made by the animatic engine: choose animatic or animatic-text.")
    if request.start_image is not None and not card.start_image:
        raise UnsupportedCapability(f"{card.id} cannot start from a picture: choose animatic, or leave the start image out.")
    if request.references and card.reference_images == 0:
        raise UnsupportedCapability(f"{card.id} cannot follow reference pictures: choose animatic, or leave them out.")
    if request.end_image is not None:
        raise UnsupportedCapability(f"{card.id} cannot end on a given picture: leave the end image out.")
    if len(request.prompt) > card.prompt_max:
        raise InvalidRequest(
            f"The prompt has {len(request.prompt)} characters and {card.id} reads {card.prompt_max}: shorten it."
        )
    if any(not 0 <= reference.weight <= 1 for reference in request.references):
        raise InvalidRequest("The weight of a reference picture is between 0 and 1: change it.")
    card.check_size(request.width, request.height)


def _fitted(card: ModelCard, request: VideoRequest, notes: list[str]) -> VideoRequest:
    seconds = card.fit_seconds(request.seconds) if math.isfinite(request.seconds) else card.fit_seconds(0)
    fps = min(card.fps, key=lambda allowed: (abs(allowed - request.fps), allowed))
    heaviest = sorted(request.references, key=lambda reference: -reference.weight)[: card.reference_images]
    if fps != request.fps:
        notes.append(f"{card.id} makes {fps} frames per second here, not {request.fps}.")
    if len(heaviest) < len(request.references):
        notes.append(f"Only the {card.reference_images} reference pictures with the most weight are used.")
    if request.audio:
        notes.append(f"{card.id} makes no sound.")
    return replace(request, seconds=seconds, fps=fps, references=tuple(heaviest), audio=False)


def _body(card: ModelCard, request: VideoRequest) -> dict[str, object]:
    return {
        "model": card.vendor_model,
        "prompt": request.prompt,
        "seconds": request.seconds,
        "width": request.width,
        "height": request.height,
        "fps": request.fps,
        "seed": request.seed,
        "start_image": request.start_image.sha256 if request.start_image else None,
        "references": [{"sha256": item.image.sha256, "weight": item.weight} for item in request.references],
    }


def _mechanism(request: VideoRequest) -> str:
    if request.start_image is not None:
        return "start-image"
    return "references" if request.references else "text"


def _pictures(request: VideoRequest) -> list[ImageFile]:
    start = [request.start_image] if request.start_image else []
    return start + [reference.image for reference in request.references]


def _start_if_needed(attempt: Attempt) -> str | None:
    """Start a renderer unless one runs or nothing is left to do. None, or the sentence why it is not started again.
    Transient when the system does not let one start."""
    descriptor = attempt.take_lock()
    if descriptor is None:
        return None
    try:
        if attempt.finished or attempt.cancelled or attempt.failure is not None:
            return None
        if attempt.starts >= STARTS_MAX:
            return f"The animatic renderer stopped {STARTS_MAX} times without a word: see its log, then generate again."
        _start(attempt, lock=descriptor)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Transient("The animatic renderer could not be started: it is tried again.", raw=str(error)) from error
    finally:
        os.close(descriptor)
    return None


def _start(attempt: Attempt, *, lock: int) -> None:
    """Start the renderer in a session of its own. It inherits the lock, so that no moment is left for a second one; the
    shell between lets go of it at once, so that no finished child waits for this process to look at it."""
    with attempt.file("starts").open("ab") as starts:
        starts.write(b".")
    path = os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-m", RENDERER, str(attempt.root), attempt.id, str(lock)]
    with attempt.file("log").open("ab") as log:
        subprocess.run(
            ["/bin/sh", "-c", '"$@" &', "sh", *command],
            check=True,
            cwd=PROJECT,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            pass_fds=(lock,),
            start_new_session=True,
        )
