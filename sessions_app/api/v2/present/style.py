"""Styles as answers."""

from typing import cast

from continuity.enums import StyleOrigin
from continuity.models import Extraction, Style, StyleTemplate
from sessions_app.api.v2.dto import ExtractedStyleDto, StyleDto, StyleTemplateDto, StyleValuesDto
from sessions_app.api.v2.present.plain import moment


def style_dto(style: Style) -> StyleDto:
    return {
        "id": style.pk,
        "sessionId": style.session_id,
        "number": style.number,
        "origin": StyleOrigin(style.origin),
        "parentId": style.parent_id,
        "values": cast(StyleValuesDto, style.values),
        "stylePromptFragment": style.fragment,
        "sourceTakeId": style.source_take_id,
        "lockedKeys": style.locked_keys,
        "userId": str(style.by_id) if style.by_id is not None else None,
        "createdAt": moment(style.created_at),
    }


def template_dto(template: StyleTemplate) -> StyleTemplateDto:
    return {
        "id": template.pk,
        "name": template.name,
        "values": cast(StyleValuesDto, template.values),
        "createdAt": moment(template.created_at),
    }


def extraction_dto(extraction: Extraction) -> ExtractedStyleDto:
    return {
        "id": str(extraction.pk),
        "extractor": extraction.extractor,
        "values": cast(StyleValuesDto, extraction.values),
        "createdAt": moment(extraction.created_at),
    }
