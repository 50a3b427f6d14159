"""Cuts, drift and grades as answers."""

from typing import Any, cast

from continuity.cut_rows import CutRow
from continuity.cut_selectors import DriftLedger
from continuity.enums import BridgeKind, GradeState
from continuity.models import Continuity, Cut, Grade
from continuity.selectors import ShotProgress
from continuity.services.gate import Verdict
from sessions_app.api.v2.dto import AcceptanceDto, CutDto, DriftDto, DriftPointDto, FindingDto, GateDto, GradeDto
from sessions_app.api.v2.dto.cut import CutStatus
from sessions_app.api.v2.present.media import frame_dto
from sessions_app.api.v2.present.plain import media_url, moment


def cut_dto(row: CutRow, *, is_stale: bool) -> CutDto:
    """``is_stale``: the right shot's chosen take started from something else than it would now."""
    cut = row.cut
    is_stale = is_stale and row.left_take is not None and row.right_take is not None  # where there is no cut, none is stale
    return {
        "id": cut.pk if cut is not None else None,
        "leftShotId": row.left.id,
        "rightShotId": row.right.id,
        "leftTakeId": row.left_take,
        "rightTakeId": row.right_take,
        "status": _status(row, is_stale=is_stale),
        "isStale": is_stale,
        "score": cut.score if cut is not None else None,
        "band": row.band,
        "reason": cut.reason if cut is not None else None,
        "metric": row.metric,
        "parts": cut.parts if cut is not None else {},
        "bridgeKind": BridgeKind(cut.bridge_kind) if cut is not None and cut.bridge_kind is not None else None,
        "ncc": cut.ncc if cut is not None else None,
        "drift": cut.drift if cut is not None else {},
        "findings": [_finding(found) for found in cut.findings] if cut is not None else [],
        "sentences": list(row.sentences),
        "notMeasured": [{"key": key, "reason": reason} for key, reason in row.not_measured],
        "gate": _gate(row.verdict),
        "accepted": _acceptance(cut) if cut is not None else None,
        "jobId": row.job_id,
        "measuredAt": moment(cut.created_at) if cut is not None else None,
    }


def _status(row: CutRow, *, is_stale: bool) -> CutStatus:
    """In the order in which the pages say it."""
    if row.left_take is None or row.right_take is None:
        return CutStatus.NO_CLIP
    if is_stale:
        return CutStatus.STALE
    if row.band is not None:
        return CutStatus(row.band.value)
    return CutStatus.MEASURING if row.cut is None and row.job_id is not None else CutStatus.NOT_MEASURED


def _finding(found: dict[str, Any]) -> FindingDto:
    return {
        "code": found["code"],
        "amount": found.get("amount"),
        "unit": found.get("unit"),
        "isCertain": found.get("isCertain", True),
    }


def _gate(verdict: Verdict | None) -> GateDto | None:
    return cast(GateDto, verdict.as_json()) if verdict is not None else None


def _acceptance(cut: Cut) -> AcceptanceDto | None:
    if cut.accepted_at is None:
        return None
    by = str(cut.accepted_by_id) if cut.accepted_by_id is not None else None
    return {"userId": by, "at": moment(cut.accepted_at), "note": cut.accepted_note}


def drift_dto(ledger: DriftLedger, *, rows: list[ShotProgress], continuity: Continuity) -> DriftDto:
    """``rows``: every shot of the scene, in order."""
    shots = {row.number: row.shot for row in rows}
    points: list[DriftPointDto] = [
        {
            "shotId": shots[point.number].pk,
            "sequenceIndex": point.number - 1,
            "takeId": shots[point.number].chosen_take_id or "",
            "scoreToPrevious": point.score_to_previous,
            "scoreToBase": point.score_to_base,
            "deltaEToBase": point.delta_e_to_base,
            "band": point.band,
            "isOverridden": point.is_overridden,
            "chainLength": ledger.chain.get(point.number, 0),
        }
        for point in ledger.points
    ]
    return {
        "baseTakeId": continuity.base_take_id,
        "points": points,
        "slope": ledger.slope,
        "limit": ledger.limit,
        "chainLimit": continuity.chain_limit,
        "advice": ledger.advice,
    }


def grade_dto(grade: Grade) -> GradeDto:
    """Of a row of ``continuity.selectors.grade_rows``."""
    preview: str | None = getattr(grade, "preview_id", None)
    return {
        "id": grade.pk,
        "takeId": grade.take_id,
        "state": GradeState(grade.state),
        "strength": grade.strength,
        "deltaEBefore": grade.delta_e_before,
        "deltaEAfter": grade.delta_e_after,
        "guards": grade.guards,
        "refusedReason": grade.refused_reason,
        "lutUrl": media_url(grade.lut_id) if grade.lut_id is not None else None,
        "previewUrl": media_url(preview) if preview is not None else None,
        "sourceFrame": frame_dto(grade.source_frame),
        "referenceFrame": frame_dto(grade.reference_frame),
        "userId": str(grade.by_id) if grade.by_id is not None else None,
        "createdAt": moment(grade.created_at),
    }
