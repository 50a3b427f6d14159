"""Bodies about the continuity half: settings, style, references, the proxy."""

from typing import Any, ClassVar

from rest_framework import serializers

from continuity.enums import GenerationMode, InjectionPosition, InjectionStrength, ShotMode
from sessions_app.api.fields import Choice, Flag, Id, Input, JsonObject, Number, Text, Whole


class Settings(Input):
    example: ClassVar = {"defaultContinuityMode": "frame-bridge", "takesPerShot": 2, "gateEnabled": True}
    generationMode = Choice(GenerationMode, required=False, source="generation_mode")
    defaultContinuityMode = Choice(ShotMode, required=False, source="default_mode")
    defaultStyleStrength = Number(min_value=0, max_value=1, required=False, source="style_strength")
    injectionStrength = Choice(InjectionStrength, required=False, source="injection_strength")
    injectionPosition = Choice(InjectionPosition, required=False, source="injection_position")
    inheritColour = Flag(required=False, source="inherit_colour")
    inheritLighting = Flag(required=False, source="inherit_lighting")
    inheritAtmosphere = Flag(required=False, source="inherit_atmosphere")
    inheritTechnical = Flag(required=False, source="inherit_technical")
    autoExtractStyle = Flag(required=False, source="auto_extract")
    autoFrameBridge = Flag(required=False, source="auto_bridge")
    defaultModel = Text(max_length=100, required=False, source="default_model")
    previewFirst = Flag(required=False, source="preview_first")
    previewModel = Text(max_length=100, required=False, allow_null=True, source="preview_model")
    takesPerShot = Whole(min_value=1, max_value=8, required=False, source="takes_per_shot")
    gateEnabled = Flag(required=False, source="gate_enabled")
    gateThreshold = Number(min_value=0, max_value=1, required=False, source="gate_threshold")
    maxRetries = Whole(min_value=0, max_value=5, required=False, source="max_retries")
    safeBridge = Flag(required=False, source="safe_bridge")
    chainLimit = Whole(min_value=1, max_value=100, required=False, source="chain_limit")
    driftLimit = Number(min_value=0, max_value=100, required=False, source="drift_limit")


class NewContinuity(Input):
    """At most one source: a take of this session, a file of yours, or the session's own prompt."""

    example: ClassVar = {"fromPrompt": True, "settings": {"takesPerShot": 2}}
    fromPrompt = Flag(required=False, source="from_prompt")
    takeId = Id(required=False, source="take_id")
    assetId = Id(required=False, source="asset_id")
    settings = Settings(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        sources = [name for name in ("from_prompt", "take_id", "asset_id") if attrs.get(name)]
        if len(sources) > 1:
            raise serializers.ValidationError("Name one source only: the prompt, a take, or a file.", code="unprocessable")
        return attrs


class StyleValues(Input):
    """Per aspect the keys to set; null takes a value away."""

    colour = JsonObject(required=False, most=20)
    lighting = JsonObject(required=False, most=20)
    atmosphere = JsonObject(required=False, most=20)
    technical = JsonObject(required=False, most=20)


class StyleChange(Input):
    """``lock``: every ``aspect.key`` that later measuring leaves alone; left out = as before."""

    example: ClassVar = {"values": {"atmosphere": {"weather": "light rain"}}, "lock": ["atmosphere.weather"]}
    values = StyleValues(required=False)
    lock = serializers.ListField(child=Text(max_length=60), required=False, max_length=60)


class StyleReference(Input):
    """Exactly one of them: a picture, a finished take of this session, or a file of yours."""

    frameId = Id(required=False, source="frame_id")
    takeId = Id(required=False, source="take_id")
    assetId = Id(required=False, source="asset_id")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return one_of(attrs, "frame_id", "take_id", "asset_id")


class NewProxy(Input):
    """Exactly one picture, and a depth picture for real parallax."""

    frameId = Id(required=False, source="frame_id")
    takeId = Id(required=False, source="take_id")
    assetId = Id(required=False, source="asset_id")
    depthAssetId = Id(required=False, source="depth_asset_id")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return one_of(attrs, "frame_id", "take_id", "asset_id")


class Camera(Input):
    """Where the scene's proxy is looked at from: `yaw` (right) and `pitch` (up) as a share of the frame, `dolly` as zoom."""

    example: ClassVar = {"yaw": 0.05, "pitch": 0, "dolly": 0.1}
    yaw = Number(min_value=-0.5, max_value=0.5, required=False)
    pitch = Number(min_value=-0.5, max_value=0.5, required=False)
    dolly = Number(min_value=-0.25, max_value=1, required=False)


class TakeRef(Input):
    takeId = Id(source="take_id")


class TemplateName(Input):
    example: ClassVar = {"name": "Rainy harbour"}
    name = Text(max_length=200, blank=False)


class TemplateRef(Input):
    templateId = Id(source="template_id")


def one_of(attrs: dict[str, Any], *names: str) -> dict[str, Any]:
    """Refuse a body that names none of ``names``, or several."""
    if sum(bool(attrs.get(name)) for name in names) != 1:
        raise serializers.ValidationError("Name exactly one picture to work with.", code="unprocessable")
    return attrs
