"""What a column is called in the API: one table, for answers and for requests."""

SESSION_NAMES = {
    "name": "name",
    "description": "description",
    "status": "status",
    "active_mode": "activeMode",
}
"""What a person can change of a session; ``status`` through complete, archive and reopen only."""

PROMPT_NAMES = {
    "input": "input",
    "output": "output",
    "title": "title",
    "target_model": "targetModel",
    "mode": "mode",
    "generation_params": "generationParams",
    "keyframes": "keyframes",
    "highlight_cache": "highlightCache",
    "brainstorm": "brainstorm",
    "score": "score",
}

SETTINGS_NAMES = {
    "generation_mode": "generationMode",
    "default_mode": "defaultContinuityMode",
    "style_strength": "defaultStyleStrength",
    "injection_strength": "injectionStrength",
    "injection_position": "injectionPosition",
    "inherit_colour": "inheritColour",
    "inherit_lighting": "inheritLighting",
    "inherit_atmosphere": "inheritAtmosphere",
    "inherit_technical": "inheritTechnical",
    "auto_extract": "autoExtractStyle",
    "auto_bridge": "autoFrameBridge",
    "default_model": "defaultModel",
    "preview_first": "previewFirst",
    "preview_model": "previewModel",
    "takes_per_shot": "takesPerShot",
    "gate_enabled": "gateEnabled",
    "gate_threshold": "gateThreshold",
    "max_retries": "maxRetries",
    "safe_bridge": "safeBridge",
    "chain_limit": "chainLimit",
    "drift_limit": "driftLimit",
}

SHOT_NAMES = {
    "user_prompt": "userPrompt",
    "mode": "continuityMode",
    "inject": "injectStyle",
    "model": "model",
    "seed": "seed",
    "params": "params",
    "style_overrides": "styleOverrides",
    "inherit_colour": "inheritColour",
    "inherit_lighting": "inheritLighting",
    "inherit_atmosphere": "inheritAtmosphere",
    "inherit_technical": "inheritTechnical",
    "camera": "camera",
    "bridge_from": "bridgeFromShotId",
    "start_image": "startImageId",
}
"""What a person can change of a shot. ``useFrameBridge`` is another way to say ``continuityMode``, in requests too."""


def api_name(column: str) -> str:
    """What a column of no table here is called: ``session_id`` → ``sessionId``."""
    first, *others = column.split("_")
    return first + "".join(other.capitalize() for other in others)


def columns_of(names: dict[str, str]) -> dict[str, str]:
    """The same table the other way round: API name → column."""
    return {api_name: column for column, api_name in names.items()}
