"""What generating would send, and what applying a style would change, as answers."""

from typing import cast

from continuity.enums import TakePurpose
from continuity.services.preview import GenerationPreview
from continuity.services.style_apply import ApplyReport
from sessions_app.api.v2.dto import ApplyReportDto, GenerationPreviewDto, InjectionDto
from sessions_app.api.v2.present.media import frame_dto
from sessions_app.api.v2.present.plain import money


def generation_preview_dto(shown: GenerationPreview) -> GenerationPreviewDto:
    expected, refused = shown.expected_seconds, shown.refused
    return {
        "shotId": shown.shot.pk,
        "purpose": TakePurpose(shown.purpose),
        "userPrompt": shown.shot.user_prompt,
        "injectedPrompt": shown.injection.text if shown.injection is not None else None,
        "injection": cast(InjectionDto | None, shown.report),
        "styleId": shown.style.pk if shown.style is not None else None,
        "mode": shown.mode,
        "model": shown.model,
        "params": shown.params,
        "inputFrame": frame_dto(shown.input_frame) if shown.input_frame is not None else None,
        "inputFrameReason": shown.input_frame_reason,
        "referenceFrame": frame_dto(shown.reference) if shown.reference is not None else None,
        "price": money(shown.price_micros) if shown.price_micros is not None else None,
        "expectedSeconds": {"low": expected[0], "high": expected[1]} if expected is not None else None,
        "waitsFor": shown.waits_for,
        "refused": {"code": refused.code, "sentence": refused.sentence} if refused is not None else None,
    }


def apply_report_dto(report: ApplyReport) -> ApplyReportDto:
    return {
        "shotIds": list(report.shot_ids),
        "wouldCost": money(report.would_cost_micros),
        "perModel": [{"model": row.model, "shots": row.shots, "wouldCost": money(row.micros)} for row in report.per_model],
        "sentence": report.sentence,
    }
