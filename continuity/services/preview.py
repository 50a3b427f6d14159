"""What generating a shot would send, take and cost now, said by the very code that does it. Nothing is written."""

from dataclasses import dataclass
from statistics import quantiles
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from continuity.enums import JobKind, JobState, ShotMode, TakePurpose
from continuity.jobs import create
from continuity.jobs.requests import Inputs, resolve_inputs
from continuity.models import Continuity, Frame, Job, Shot, Style, Take
from continuity.providers.base import ProviderError
from continuity.services import bridges, budgets, generation, shots, styles
from continuity.services.errors import Refused
from continuity.services.generation import Plan
from continuity.services.only_looking import NotMadeYet, only_looking
from prompts.injection import ComposeError, Injection, injection_report

if TYPE_CHECKING:
    from django.contrib.auth.models import User

TIMED = 50
"""How many of the newest finished clips of a model say how long the next one takes."""


@dataclass(frozen=True)
class Sentence:
    """Why something would be refused: ``code`` for programs, ``sentence`` for a person."""

    code: str
    sentence: str


@dataclass(frozen=True)
class GenerationPreview:
    """What a take of ``shot`` asked for now would be.

    ``injection`` None = the prompt cannot be sent. ``input_frame`` None = it starts from no picture, or, where
    ``input_frame_reason`` says so, from one that is not there yet. ``params`` empty and ``price_micros`` None = ``refused``
    before that was known. ``expected_seconds``: in nine of ten cases more than the first and in nine of ten less than the
    second; None = no clip of this model was ever finished. ``waits_for`` None = it would run at once.
    """

    shot: Shot
    purpose: TakePurpose
    model: str
    mode: ShotMode
    injection: Injection | None
    style: Style | None
    input_frame: Frame | None
    input_frame_reason: str | None
    reference: Frame | None
    params: dict[str, Any]
    price_micros: int | None
    expected_seconds: tuple[float, float] | None
    waits_for: str | None
    refused: Sentence | None

    @property
    def report(self) -> dict[str, Any] | None:
        """The injection as ``Take.injection`` keeps it."""
        return injection_report(self.injection) if self.injection is not None else None


def preview_generation(*, shot: Shot, by: "User", purpose: TakePurpose | None = None) -> GenerationPreview:
    """What ``shots.request_generation`` would do now, for ``by`` and with ``purpose`` as there.

    Reads rows and, for a bridge, the pictures of two takes; no vendor is asked. A frame that would have to be brought back to
    the scene's look first is not made, and said to be not there yet.
    """
    shot = Shot.objects.select_related("session__owner", "bridge_from", "start_image").get(pk=shot.pk)
    continuity = Continuity.objects.select_related("primary_reference", "base_style").filter(session_id=shot.session_id).first()
    purpose = purpose or shots.first_purpose(shot)
    model = generation.model_for(shot, continuity, purpose=purpose)
    planned, refused = _planned(shot, purpose)
    seen = _seen(shot, continuity, planned)
    return GenerationPreview(
        shot=shot,
        purpose=purpose,
        model=model,
        mode=planned.mode if planned is not None else bridges.mode_of(shot, continuity),
        injection=seen.injection,
        style=seen.style,
        input_frame=seen.input_frame,
        input_frame_reason=seen.why_no_frame,
        reference=seen.reference,
        params=planned.params if planned is not None else {},
        price_micros=planned.price_micros if planned is not None else None,
        expected_seconds=expected_seconds(model),
        waits_for=create.waiting_for(planned.waits_for) if planned is not None and planned.waits_for is not None else None,
        refused=refused,
    )


def expected_seconds(model: str) -> tuple[float, float] | None:
    """How long clips of ``model`` took from the wish to the finished take, waiting included: the 10th and the 90th percentile
    of the newest ones; None = there are none."""
    done = Job.objects.filter(kind=JobKind.GENERATE, state=JobState.DONE, take__model=model).order_by("-finished_at")
    times = done.values_list("created_at", "finished_at")[:TIMED]
    took = [(finished - created).total_seconds() for created, finished in times if finished is not None]
    if len(took) < 2:
        return (took[0], took[0]) if took else None
    tenths = quantiles(took, n=10, method="inclusive")
    return tenths[0], tenths[-1]


@dataclass(frozen=True)
class _Seen:
    """What would be sent, as far as it can be seen."""

    injection: Injection | None
    style: Style | None
    input_frame: Frame | None = None
    why_no_frame: str | None = None
    reference: Frame | None = None


def _planned(shot: Shot, purpose: TakePurpose) -> tuple[Plan | None, Sentence | None]:
    """The plan as far as it goes, and the first refusal that the real call would meet, in its order."""
    planned: Plan | None = None
    refused: Refused | None = None
    try:
        generation.require_unlocked(shot)
    except Refused as error:
        refused = error
    try:
        planned = generation.outline(shot, purpose=purpose)
        planned = generation.with_waiting(planned)
        _require_free(shot, planned)
    except Refused as error:
        refused = refused or error
    return planned, Sentence(refused.code, str(refused)) if refused is not None else None


def _require_free(shot: Shot, planned: Plan) -> None:
    """Refused when something else is being made of the shot, or there is no money for this."""
    live = shots.live_job(shot)
    if live is not None:
        shots.require_same(live, planned)
    else:
        budgets.require_room(session=shot.session, micros=planned.price_micros, at=timezone.now())


def _seen(shot: Shot, continuity: Continuity | None, planned: Plan | None) -> _Seen:
    """Through ``resolve_inputs``, as when the take runs, with a take that is never saved."""
    if planned is None or planned.waits_for is not None:
        reason = create.waiting_for(planned.waits_for) if planned is not None and planned.waits_for is not None else None
        return _words_only(shot, continuity, planned, reason)
    take = Take(shot=shot, user_prompt=shot.user_prompt, mode=planned.mode, model=planned.card.id)
    try:
        with only_looking():
            inputs: Inputs = resolve_inputs(take, continuity)
    except (NotMadeYet, Refused, ProviderError) as error:
        return _words_only(shot, continuity, planned, str(error))
    return _Seen(inputs.injection, inputs.style, inputs.input_frame, None, inputs.reference)


def _words_only(shot: Shot, continuity: Continuity | None, planned: Plan | None, reason: str | None) -> _Seen:
    limit = planned.card.prompt_max if planned is not None else None
    try:
        injection, style = styles.inject(user_prompt=shot.user_prompt, shot=shot, continuity=continuity, max_length=limit)
    except ComposeError:
        return _Seen(None, None, why_no_frame=reason)
    return _Seen(injection, style, why_no_frame=reason)
