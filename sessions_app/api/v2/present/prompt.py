"""The prompt half as an answer."""

from prompts.models import Prompt, PromptVersion
from sessions_app.api.v2.dto import PromptDto, PromptVersionDto
from sessions_app.api.v2.present.plain import moment


def prompt_dto(prompt: Prompt) -> PromptDto:
    return {
        "input": prompt.input,
        "output": prompt.output,
        "uuid": str(prompt.uuid) if prompt.uuid is not None else None,
        "title": prompt.title,
        "targetModel": prompt.target_model,
        "mode": prompt.mode,
        "generationParams": prompt.generation_params,
        "keyframes": prompt.keyframes,
        "highlightCache": prompt.highlight_cache,
        "brainstorm": prompt.brainstorm,
        "score": prompt.score,
        "currentVersionId": prompt.current_version_id,
        "version": prompt.version,
    }


def version_dto(version: PromptVersion) -> PromptVersionDto:
    return {
        "id": version.pk,
        "number": version.number,
        "label": version.label,
        "input": version.input,
        "output": version.output,
        "generationParams": version.generation_params,
        "keyframes": version.keyframes,
        "highlightCache": version.highlight_cache,
        "generations": version.generations,
        "userId": str(version.by_id) if version.by_id is not None else None,
        "createdAt": moment(version.created_at),
    }
