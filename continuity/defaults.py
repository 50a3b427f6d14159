"""The scene's settings before anybody changed them: one table, read by models, API and pages alike."""

from decimal import Decimal
from typing import Any

from continuity.enums import GenerationMode, InjectionPosition, InjectionStrength, ShotMode

CONTINUITY_DEFAULTS: dict[str, Any] = {
    "generation_mode": GenerationMode.CONTINUITY,
    "default_mode": ShotMode.FRAME_BRIDGE,
    "style_strength": Decimal("0.6"),
    "injection_strength": InjectionStrength.MEDIUM,
    "injection_position": InjectionPosition.PREFIX,
    "inherit_colour": True,
    "inherit_lighting": True,
    "inherit_atmosphere": True,
    "inherit_technical": True,
    "auto_extract": True,
    "auto_bridge": True,
    "preview_first": True,
    "takes_per_shot": 1,
    "gate_enabled": False,
    "gate_threshold": Decimal("0.75"),
    "max_retries": 1,
    "safe_bridge": True,
    "chain_limit": 6,
    "drift_limit": Decimal("8"),
}

SHOT_DEFAULTS: dict[str, Any] = {"seconds": 4.0, "fps": 24, "audio": False}
"""What a shot's ``params`` leave open. The size left open is the model's first."""
