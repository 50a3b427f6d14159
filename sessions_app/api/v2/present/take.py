"""Takes as answers, and what they cost."""

from typing import Any, cast

from continuity.enums import ShotMode, TakeOrigin, TakePurpose, TakeState
from continuity.models import Charge, Take
from sessions_app.api.v2.dto import CostDto, InjectionDto, RetryChangeDto, TakeDto
from sessions_app.api.v2.present.media import clip_dto, frame_dto
from sessions_app.api.v2.present.plain import moment, money, reason, take_url


def take_dto(take: Take) -> TakeDto:
    """Of a row of ``continuity.take_rows``, which has everything that is asked for here."""
    shot = take.shot
    return {
        "id": take.pk,
        "url": take_url(shot.session_id, take.pk),
        "sessionId": shot.session_id,
        "shotId": take.shot_id,
        "number": take.number,
        "purpose": TakePurpose(take.purpose),
        "origin": TakeOrigin(take.origin),
        "state": TakeState(take.state),
        "isChosen": shot.chosen_take_id == take.pk,
        "userPrompt": take.user_prompt,
        "injectedPrompt": take.injected_prompt,
        "injection": cast(InjectionDto | None, take.injection),
        "mode": ShotMode(take.mode),
        "model": take.model,
        "provider": take.provider,
        "mechanism": take.mechanism,
        "seed": take.seed,
        "params": take.params,
        "inputFrame": frame_dto(take.input_frame) if take.input_frame is not None else None,
        "styleId": take.style_id,
        "video": clip_dto(take.video) if take.video is not None else None,
        "firstFrame": frame_dto(take.first_frame) if take.first_frame is not None else None,
        "lastFrame": frame_dto(take.last_frame) if take.last_frame is not None else None,
        "cost": _cost_of(take),
        "jobId": getattr(take, "job_id", None),
        "error": reason(take.error_code, take.error_sentence),
        "retryOfTakeId": take.retry_of_id,
        "retryReason": take.retry_reason,
        "retryChange": cast(RetryChangeDto, take.retry_change) if take.retry_change else None,
        "requestedByUserId": str(take.requested_by_id),
        "createdAt": moment(take.created_at),
        "finishedAt": moment(take.finished_at),
    }


def cost_dto(*, estimate: int, reserved: int, settled: int, released: int, overrun: int) -> CostDto:
    """All in millionths of a US dollar."""
    return {
        "estimate": money(estimate),
        "held": money(reserved - settled - released),
        "spent": money(settled + overrun),
        "overrun": money(overrun),
    }


def charge_dto(charge: Charge) -> CostDto:
    return cost_dto(
        estimate=charge.estimate_micros,
        reserved=charge.reserved_micros,
        settled=charge.settled_micros,
        released=charge.released_micros,
        overrun=charge.overrun_micros,
    )


def _cost_of(take: Any) -> CostDto | None:
    """None = no money was ever involved."""
    if take.estimate is None:
        return None
    return cost_dto(
        estimate=take.estimate, reserved=take.reserved, settled=take.settled, released=take.released, overrun=take.overrun
    )
