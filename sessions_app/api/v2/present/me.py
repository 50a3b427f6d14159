"""Who is asking, what they may spend, and the models, as answers."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import User

from continuity.enums import ShotMode
from continuity.models import Budget
from sessions_app.api.v2.dto import BudgetDto, MeDto, ModelDto, ThrottlesDto
from sessions_app.api.v2.present.plain import MICROS, money
from sessions_app.enums import TokenScope

if TYPE_CHECKING:
    from continuity.providers.capabilities import ModelCard


def me_dto(
    user: User,
    *,
    scopes: Collection[str],
    budget: Budget,
    at: datetime,
    jobs_running: int,
    throttles: ThrottlesDto,
    list_max: int,
) -> MeDto:
    return {
        "id": str(user.pk),
        "username": user.username,
        "email": user.email,
        "isStaff": user.is_staff,
        "scopes": [scope for scope in TokenScope if scope in scopes],
        "budget": _budget(budget, at),
        "limits": {
            "jobsAtOnce": settings.JOBS_PER_USER,
            "jobsRunning": jobs_running,
            "uploadMaxBytes": settings.UPLOAD_MAX_BYTES,
            "listMax": list_max,
        },
        "throttles": throttles,
    }


def _budget(budget: Budget, at: datetime) -> BudgetDto:
    limit = budget.limit_micros
    left = max(0, limit - budget.reserved_micros - budget.spent_micros) if limit is not None else None
    return {
        "month": f"{at:%Y-%m}",
        "limit": money(limit) if limit is not None else None,
        "reserved": money(budget.reserved_micros),
        "spent": money(budget.spent_micros + budget.overrun_micros),
        "left": money(left) if left is not None else None,
    }


def model_dto(card: "ModelCard", *, missing: str) -> ModelDto:
    """``missing``: what stands in its way here, "" = nothing."""
    return {
        "id": card.id,
        "label": card.label,
        "provider": card.provider,
        "modes": [mode for mode in ShotMode if card.supports(mode)],
        "startImage": card.start_image,
        "endImage": card.end_image,
        "referenceImages": card.reference_images,
        "native": card.native,
        "seconds": {"low": card.seconds_min, "high": card.seconds_max, "oneOf": list(card.seconds_one_of)},
        "sizes": [f"{width}x{height}" for width, height in card.sizes],
        "anySide": {"low": card.any_side[0], "high": card.any_side[1]} if card.any_side is not None else None,
        "fps": list(card.fps),
        "audio": card.audio,
        "seed": card.seed,
        "promptMax": card.prompt_max,
        "prices": [{"size": size, "perSecond": money(int(price * MICROS))} for size, price in card.prices.items()],
        "priceVersion": card.price_version,
        "isAvailable": not missing,
        "missing": missing,
    }
