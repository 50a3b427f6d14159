"""What people type. A form that is refused is shown again with everything that was typed."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from continuity.enums import ShotMode
from continuity.selectors import ModelChoice, model_choices
from sessions_app.models import Session

MOST_SHOTS = 100
LONGEST_PROMPT = 5000
MEBIBYTE = 1024 * 1024


def usable_models() -> list[ModelChoice]:
    """The models that a new scene can be made with: they can start from a frame, and their key is set."""
    return [choice for choice in model_choices(mode=ShotMode.FRAME_BRIDGE) if not choice.missing]


def upload_limit() -> str:
    """The largest clip in words, such as “512 MB”."""
    limit = settings.UPLOAD_MAX_BYTES
    return f"{limit // MEBIBYTE} MB" if limit >= MEBIBYTE else f"{limit} bytes"


def _model_line(choice: ModelChoice) -> str:
    return choice.label if choice.price in choice.label else f"{choice.label}, {choice.price}"


class NewSceneForm(forms.Form):
    name = forms.CharField(
        label="Name", required=False, max_length=500, widget=forms.TextInput(attrs={"placeholder": "Rain over the harbour"})
    )
    prompts = forms.CharField(
        label="Prompts, one shot per line",
        required=False,
        widget=forms.Textarea(
            attrs={
                "rows": 5,
                "placeholder": "Wide shot: a ferry leaves the harbour at dusk\nMedium shot: the captain lights a pipe",
            }
        ),
    )
    model = forms.ChoiceField(label="Model")
    clip = forms.FileField(
        label="Start from a clip you have (optional)",
        required=False,
        widget=forms.FileInput(attrs={"accept": "video/*"}),
        help_text="It becomes shot 1 and sets the look; the prompts above continue it.",
    )

    def __init__(self, *args: Any, refused_clip: bool = False, **kwargs: Any) -> None:
        """``refused_clip``: a clip was sent that is larger than this installation takes, and was thrown away on arrival."""
        super().__init__(*args, **kwargs)
        self.refused_clip = refused_clip
        choices = [(choice.id, _model_line(choice)) for choice in usable_models()]
        model = self.fields["model"]
        assert isinstance(model, forms.ChoiceField)
        model.choices = choices
        model.initial = settings.DEFAULT_MODEL

    def clean_name(self) -> str:
        return str(self.cleaned_data["name"] or Session._meta.get_field("name").default or "")

    def clean_prompts(self) -> list[str]:
        prompts = [line.strip() for line in self.cleaned_data["prompts"].splitlines() if line.strip()]
        if len(prompts) > MOST_SHOTS:
            raise forms.ValidationError(
                f"These are {len(prompts)} shots: start with at most {MOST_SHOTS} and add the others later."
            )
        for number, prompt in enumerate(prompts, start=1):
            if len(prompt) > LONGEST_PROMPT:
                raise forms.ValidationError(f"Line {number} has {len(prompt)} characters: shorten it to {LONGEST_PROMPT}.")
        return prompts

    def clean_clip(self) -> "UploadedFile[bytes] | None":
        if self.refused_clip:
            raise forms.ValidationError(f"This clip is larger than {upload_limit()}: bring a shorter or smaller one.")
        clip: UploadedFile[bytes] | None = self.cleaned_data["clip"]
        return clip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        brought = cleaned.get("clip") or "clip" in self.errors
        if not cleaned.get("prompts") and "prompts" not in self.errors and not brought:
            self.add_error("prompts", "Write at least one shot, or bring a clip.")
        return cleaned


class ShotForm(forms.Form):
    prompt = forms.CharField(
        label="What happens in this shot",
        max_length=LONGEST_PROMPT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write what happens in this shot."},
    )


class SettingsForm(forms.Form):
    """How takes are judged and how far a scene may drift; ``initial`` is the continuity half."""

    takes_per_shot = forms.IntegerField(label="Takes per shot", min_value=1, max_value=8)
    gate_enabled = forms.BooleanField(label="Try again while the best take is under the threshold", required=False)
    gate_threshold = forms.DecimalField(
        label="Threshold of the scene score", min_value=0, max_value=1, max_digits=4, decimal_places=3
    )
    max_retries = forms.IntegerField(label="Retries at most", min_value=0, max_value=5)
    preview_model = forms.ChoiceField(
        label="Preview with", required=False, help_text="A take of this model is made and judged before the clip itself."
    )
    safe_bridge = forms.BooleanField(label="Bring bridge frames back to the look of the base", required=False)
    chain_limit = forms.IntegerField(label="Bridged shots in a row", min_value=1, max_value=100)
    drift_limit = forms.DecimalField(label="Drift from the base, ΔE", min_value=0, max_value=100, max_digits=5, decimal_places=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "setting-%s", **kwargs})
        model = self.fields["preview_model"]
        assert isinstance(model, forms.ChoiceField)
        model.choices = [("", "nothing"), *((choice.id, _model_line(choice)) for choice in usable_models())]

    def clean_preview_model(self) -> str | None:
        return self.cleaned_data["preview_model"] or None


class NoteForm(forms.Form):
    note = forms.CharField(required=False, max_length=2000)


class RemoteIdForm(forms.Form):
    remote_id = forms.CharField(
        label="The vendor’s job id",
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Copy the job’s id from the vendor’s page into this field."},
    )
