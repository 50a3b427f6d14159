"""What the pages say: one word for each state, mode and reason (DATA-MODEL 4.3)."""

from continuity.defaults import SHOT_DEFAULTS
from continuity.enums import (
    AssetRole,
    BridgeKind,
    GenerationMode,
    InjectionPosition,
    InjectionStrength,
    ShotMode,
    TakeOrigin,
    TakeState,
    ValueSource,
)
from continuity.models import Continuity, Take

TAKE_WORDS = {
    TakeState.REQUESTED: "Queued",
    TakeState.GENERATING: "Generating",
    TakeState.DONE: "Done",
    TakeState.FAILED: "Failed",
    TakeState.CANCELLED: "Cancelled",
    TakeState.UNKNOWN: "Needs your decision",
}
MODE_WORDS = {
    ShotMode.FRAME_BRIDGE: "Frame bridge",
    ShotMode.STYLE_MATCH: "Style match",
    ShotMode.NATIVE: "Native",
    ShotMode.NONE: "Text only",
}
BRIDGES = {
    BridgeKind.BRIDGED: "bridged",
    BridgeKind.BRIDGED_WITH_MOTION: "bridged, with motion",
    BridgeKind.CUT: "a cut",
}
PARTS = {
    "constant": "where every pair begins",
    "colour": "colours",
    "grain": "grain",
    "texture": "texture",
    "structure": "directions of edges",
}
"""Parts of the scene score's logit."""
DRIFTS = {
    "deltaE": ("grade difference, ΔE2000", ".1f", ""),
    "exposure": ("exposure", "+.2f", "stop"),
    "temperature": ("temperature", "+.2f", "log₂ red/blue"),
    "tint": ("tint", "+.2f", "log₂ green"),
    "saturation": ("saturation", "+.2f", "log₂"),
    "contrast": ("contrast", "+.2f", "log₂"),
    "hue": ("hue", "+.1f", "°"),
    "grain": ("grain", "+.2f", "log₂"),
}
OPENING = "Opening shot"
"""What a frame bridge is called where there is no shot before it."""
DEFAULT_MODE_SENTENCES = {
    ShotMode.FRAME_BRIDGE: "Each shot starts from the last frame of the one before, unless another is chosen for it.",
    ShotMode.STYLE_MATCH: "Each shot is matched to the scene’s reference picture.",
    ShotMode.NATIVE: "Each shot is continued by the model’s own means.",
    ShotMode.NONE: "Each shot is made from its prompt alone.",
}
POSITIONS = {
    InjectionPosition.PREFIX: "before your words",
    InjectionPosition.SUFFIX: "after your words",
    InjectionPosition.SMART: "where it reads best",
}
STRENGTHS = {
    InjectionStrength.LIGHT: "lightly",
    InjectionStrength.MEDIUM: "at medium strength",
    InjectionStrength.STRONG: "strongly",
}
ASPECTS = {"colour": "colour", "lighting": "lighting", "atmosphere": "atmosphere", "technical": "the technical look"}
SKIP_REASONS = {
    "user-said-otherwise": "you wrote “{}”",
    "already-said": "you already say “{}”",
    "too-long": "the prompt would be too long for the model",
    "overridden": "that aspect is switched off here",
    "unsafe": "it does not read as plain words",
}
SOURCES = {
    ValueSource.MEASURED: "measured",
    ValueSource.MODEL: "read by a model",
    ValueSource.USER: "yours",
    ValueSource.TEMPLATE: "from a template",
}
KEY_WORDS = {
    "timeOfDay": "time of day",
    "keyLight": "key light",
    "fillLight": "fill light",
    "grainLevel": "grain",
    "filmStock": "film stock",
    "lensCharacteristics": "lens",
    "depthOfField": "depth of field",
    "motionBlur": "motion blur",
    "style": "lighting style",
    "direction": "light direction",
    "quality": "light quality",
    "palette.dominant": "palette",
}


def key_word(key: str) -> str:
    """A style key, with or without its aspect, in words: ``technical.grainLevel`` → grain."""
    bare = key.split(".", 1)[1] if key.split(".")[0] in ASPECTS else key
    return KEY_WORDS.get(bare, bare.replace("palette.", "palette "))


def measured_word(key: str) -> str:
    """What a cut's ``not_measured`` key is called: ``parts.grain`` → grain, ``lighting.direction`` → light direction."""
    family, _, name = key.partition(".")
    if family in ("parts", "drift"):
        table = PARTS if family == "parts" else {code: row[0] for code, row in DRIFTS.items()}
        return table.get(name, name or family)
    return key_word(key)


def settings_sentences(continuity: Continuity | None) -> list[str]:
    """How the scene's shots are made to follow each other."""
    if continuity is None or continuity.generation_mode == GenerationMode.STANDARD:
        return ["Continuity is off: each shot is made from its prompt alone."]
    seconds, fps = SHOT_DEFAULTS["seconds"], SHOT_DEFAULTS["fps"]
    return [
        DEFAULT_MODE_SENTENCES[ShotMode(continuity.default_mode)],
        _injection_sentence(continuity),
        f"Shots that say nothing else are {seconds:g} s long, at the first clip’s frame rate where the model can, else {fps}.",
    ]


def _injection_sentence(continuity: Continuity) -> str:
    inherited = [words for aspect, words in ASPECTS.items() if getattr(continuity, f"inherit_{aspect}")]
    if not inherited:
        return "Nothing of the base style goes into the prompts."
    strength = STRENGTHS[InjectionStrength(continuity.injection_strength)]
    position = POSITIONS[InjectionPosition(continuity.injection_position)]
    return f"The base style ({_listed(inherited)}) goes into the prompts {strength}, {position}."


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def start_sentence(take: Take, *, source_number: int | None, is_stale: bool = False) -> str:
    """What the take started from. ``source_number``: the place of the shot that its start frame is of, None = of none;
    ``is_stale``: that shot has another take chosen by now."""
    if take.origin != TakeOrigin.GENERATED:
        return "A clip that was brought in."
    if take.input_frame is None:
        return "Made from its prompt alone."
    if source_number is None:
        return "Started from its own start image."
    start = f"Started from frame {take.input_frame.index} of shot {source_number}"
    if take.mode != ShotMode.FRAME_BRIDGE:
        return "Started from the scene’s reference picture, seen from the shot’s camera."
    if take.input_frame.asset.role == AssetRole.STILL:
        start = f"Started from the last frame of shot {source_number}, brought back to the look of the first shot"
    if is_stale:
        return f"{start}, which is no longer what it would start from: make another take to bring it up to date."
    return f"{start}."
