"""Bodies about shots, takes, cuts and grades."""

from typing import Any, ClassVar

from django.core.validators import RegexValidator
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from continuity.enums import ShotMode
from sessions_app.api.fields import LONGEST_ID, Choice, Flag, Id, Input, Number, OwnOrValues, Text, Whole
from sessions_app.api.v2.inputs.continuity import Camera

LARGEST_SEED = 2**31 - 1
MOST_SHOTS = 10_000
SIZE = r"^[1-9][0-9]{1,4}x[1-9][0-9]{1,4}\Z"


class Params(Input):
    """What the clip is asked to be; what is left out comes from the scene's first clip, else from the model."""

    seconds = Number(min_value=0.1, max_value=600, required=False)
    size = Text(
        max_length=11,
        required=False,
        validators=[RegexValidator(SIZE, "Write width x height in pixels, such as 1280x720.", "unprocessable")],
    )
    fps = Whole(min_value=1, max_value=240, required=False)
    audio = Flag(required=False)


class StyleOverrides(Input):
    """Per aspect: `own` = nothing of the scene's look, or values by key. An aspect left out is the scene's."""

    colour = OwnOrValues(required=False)
    lighting = OwnOrValues(required=False)
    atmosphere = OwnOrValues(required=False)
    technical = OwnOrValues(required=False)


class ShotSettings(Input):
    """What a shot can differ in from its scene; null means as the scene says."""

    continuityMode = Choice(ShotMode, required=False, allow_null=True, source="mode")
    useFrameBridge = Flag(required=False, source="use_frame_bridge", help_text="true = mode frame-bridge; false = not that mode.")
    injectStyle = Flag(required=False, allow_null=True, source="inject")
    model = Text(max_length=100, required=False, allow_null=True, blank=False)
    seed = Whole(min_value=0, max_value=LARGEST_SEED, required=False, allow_null=True)
    params = Params(required=False)
    styleOverrides = StyleOverrides(required=False, source="style_overrides")
    inheritColour = Flag(required=False, allow_null=True, source="inherit_colour")
    inheritLighting = Flag(required=False, allow_null=True, source="inherit_lighting")
    inheritAtmosphere = Flag(required=False, allow_null=True, source="inherit_atmosphere")
    inheritTechnical = Flag(required=False, allow_null=True, source="inherit_technical")
    camera = Camera(required=False)
    bridgeFromShotId = Id(required=False, allow_null=True, source="bridge_from")
    startImageId = Id(required=False, allow_null=True, source="start_image", help_text="A frame's id.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "use_frame_bridge" in attrs and attrs.get("mode") is not None:
            raise serializers.ValidationError("Say continuityMode or useFrameBridge, not both.", code="unprocessable")
        return attrs


class NewShot(ShotSettings):
    example: ClassVar = {"userPrompt": "Medium shot: the captain lights a pipe"}
    userPrompt = Text(source="user_prompt")
    position = Whole(
        min_value=0,
        max_value=MOST_SHOTS,
        required=False,
        allow_null=True,
        help_text="The sequenceIndex to insert at; the end if left out.",
    )


class ShotChange(ShotSettings):
    example: ClassVar = {"userPrompt": "Close-up: the captain lights a pipe, rain on his cap", "seed": 7}
    userPrompt = Text(required=False, source="user_prompt")


class Position(Input):
    example: ClassVar = {"position": 0}
    position = Whole(min_value=0, max_value=MOST_SHOTS, help_text="The sequenceIndex that the shot is to have.")


class Order(Input):
    shotIds = serializers.ListField(
        child=Text(max_length=LONGEST_ID, blank=False), min_length=0, max_length=MOST_SHOTS, source="shot_ids"
    )


class Generation(Input):
    """``purpose``: final makes the clip itself where the scene would make a preview first."""

    purpose = Choice(("preview", "final"), required=False)


class GenerationQuery(Input):
    preview = Flag(required=False, help_text="1: say what would be sent, made and paid, and do nothing.")


class Decision(Input):
    """What became of a take that nobody knows about. ``attach`` needs the provider's ``remoteId``."""

    example: ClassVar = {"decision": "not-made"}
    decision = Choice(("attach", "not-made", "give-up"))
    remoteId = Text(max_length=500, blank=False, required=False, source="remote_id")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["decision"] == "attach") != ("remote_id" in attrs):
            sentence = "remoteId belongs to the decision attach, and only to that."
            raise serializers.ValidationError({"remoteId": [ErrorDetail(sentence, code="unprocessable")]})
        return attrs


class Note(Input):
    example: ClassVar = {"note": "The jump is wanted: we cut to the dream."}
    note = Text(max_length=2000, required=False)


class Reason(Input):
    reason = Text(max_length=500, required=False)
