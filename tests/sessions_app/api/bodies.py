"""What makes each operation succeed for the owner of everything: one table, of the matrix, the example and the type tests."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.sessions_app.api.everything import Everything
from tests.sessions_app.api.world import PASSWORD

PICTURE = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde"
    b"\0\0\0\x0cIDATx\x9cc\xf8\xcf\xc0\0\0\x03\x01\x01\0\xc9\xfe\x92\xef\0\0\0\0IEND\xaeB`\x82"
)
"""A PNG of one red pixel."""


@dataclass(frozen=True)
class Ask:
    """``ids``: what stands in the address where it is not the usual thing of that name. ``file``: sent as the part ``file``."""

    body: Mapping[str, Any] | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    file: bytes | None = None


def usual_ids(mine: Everything) -> dict[str, str]:
    """What stands in an address for each of its parameters."""
    return {
        "session_id": mine.session,
        "shot_id": mine.shot,
        "take_id": mine.take,
        "cut_id": mine.cut,
        "grade_id": mine.grade,
        "uuid": mine.uuid,
        "link_id": mine.link,
        "token": mine.link_token,
        "template_id": mine.template,
        "job_id": mine.job,
        "asset_id": mine.clip,
        "token_id": mine.token,
        "model_id": "animatic",
    }


S = "/sessions/{session_id}"
SHOT, TAKE, GRADE, CUT = f"{S}/shots/{{shot_id}}", f"{S}/takes/{{take_id}}", f"{S}/grades/{{grade_id}}", f"{S}/cuts/{{cut_id}}"

BODIES: dict[str, Callable[[Everything], Ask]] = {
    "POST /sessions": lambda mine: Ask({"name": "Fog", "description": "", "prompt": {"input": "A lighthouse in fog"}}),
    f"PATCH {S}": lambda mine: Ask({"name": "Fog, second try", "activeMode": "studio"}),
    f"DELETE {S}": lambda mine: Ask(ids={"session_id": mine.finished}),
    f"POST {S}/restore": lambda mine: Ask(ids={"session_id": mine.deleted_session}),
    f"POST {S}/reopen": lambda mine: Ask(ids={"session_id": mine.finished}),
    f"PATCH {S}/prompt": lambda mine: Ask({"input": "A lighthouse in fog, at dawn", "title": None}),
    f"POST {S}/prompt/restore": lambda mine: Ask({"versionId": mine.prompt_version}),
    f"POST {S}/continuity": lambda mine: Ask(
        {"fromPrompt": True, "settings": {"takesPerShot": 2}}, ids={"session_id": mine.bare}
    ),
    f"PUT {S}/settings": lambda mine: Ask({"takesPerShot": 2, "defaultContinuityMode": "style-match", "driftLimit": 4.5}),
    f"PATCH {S}/style": lambda mine: Ask({"values": {"atmosphere": {"mood": "hopeful"}}, "lock": ["atmosphere.mood"]}),
    f"POST {S}/style/save": lambda mine: Ask({"name": "Rainy harbour"}),
    f"POST {S}/style/start-from": lambda mine: Ask({"templateId": mine.template}),
    f"PUT {S}/style-reference": lambda mine: Ask({"takeId": mine.take}),
    f"POST {S}/scene-proxy": lambda mine: Ask({"frameId": mine.frame}),
    f"POST {S}/scene-proxy/preview": lambda mine: Ask({"yaw": 0.01, "pitch": 0, "dolly": 0.1}),
    f"POST {S}/re-anchor": lambda mine: Ask({"takeId": mine.take}),
    f"POST {S}/shots": lambda mine: Ask({"userPrompt": "Medium shot: the captain lights a pipe", "position": 1}),
    f"PUT {S}/shot-order": lambda mine: Ask({"shotIds": list(reversed(mine.living_shots))}),
    f"PATCH {SHOT}": lambda mine: Ask({"userPrompt": "Close-up: a pipe", "seed": 7}, ids={"shot_id": mine.draft_shot}),
    f"DELETE {SHOT}": lambda mine: Ask(ids={"shot_id": mine.draft_shot}),
    f"POST {SHOT}/restore": lambda mine: Ask(ids={"shot_id": mine.deleted_shot}),
    f"POST {SHOT}/move": lambda mine: Ask({"position": 2}),
    f"POST {SHOT}/generate": lambda mine: Ask({"purpose": "final"}, ids={"shot_id": mine.draft_shot}),
    f"POST {SHOT}/generate?preview=1": lambda mine: Ask(ids={"shot_id": mine.draft_shot}),
    f"POST {SHOT}/cancel": lambda mine: Ask(ids={"shot_id": mine.running_shot}),
    f"POST {TAKE}/choose": lambda mine: Ask(ids={"take_id": mine.other_take}),
    f"POST {TAKE}/retry": lambda mine: Ask({"reason": "The rain is missing."}, ids={"take_id": mine.failed_take}),
    f"POST {TAKE}/cancel": lambda mine: Ask(ids={"take_id": mine.running_take}),
    f"POST {TAKE}/resolve": lambda mine: Ask({"decision": "not-made"}, ids={"take_id": mine.unknown_take}),
    f"POST {GRADE}/remove": lambda mine: Ask(ids={"grade_id": mine.applied_grade}),
    f"POST {CUT}/accept": lambda mine: Ask({"note": "The jump is wanted."}),
    f"DELETE {CUT}/accept": lambda mine: Ask(ids={"cut_id": mine.accepted_cut}),
    f"POST {S}/film": lambda mine: Ask(ids={"session_id": mine.finished}),
    f"POST {S}/share-links": lambda mine: Ask({"scope": "session", "expiresInDays": 14}),
    "POST /assets": lambda mine: Ask({}, file=PICTURE),
    "POST /extract-style": lambda mine: Ask({"assetId": mine.clip}),
    "POST /tokens": lambda mine: Ask({"name": "night render", "scopes": ["read", "write"], "expiresInDays": 90}),
    "POST /sign-in": lambda mine: Ask({"username": "owner", "password": PASSWORD, "name": "laptop", "scopes": ["read"]}),
}
"""By method and address; an operation that is not here needs no body and the usual ids."""


def ask_of(name: str, mine: Everything) -> Ask:
    return BODIES.get(name, lambda _: Ask())(mine)


def fresh_key(*parts: object) -> str:
    """An Idempotency-Key for one call."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()
