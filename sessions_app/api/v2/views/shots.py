"""Shots: in order, one of them, generating it."""

from typing import Any

from continuity.enums import ShotMode, TakePurpose
from continuity.models import Shot
from continuity.services import bridges, cancelling, preview, shots, shots_edit, style_values
from sessions_app import access, services
from sessions_app.api import etag
from sessions_app.api.answers import Answer
from sessions_app.api.operation import Asked, operation
from sessions_app.api.typed import Page
from sessions_app.api.v2 import present
from sessions_app.api.v2.dto import GenerationPreviewDto, JobDto, ShotDto
from sessions_app.api.v2.inputs import shot as inputs
from sessions_app.api.v2.inputs.listing import Listing
from sessions_app.api.v2.views.continuity import own_frames, require_models
from sessions_app.api.views import ApiView
from sessions_app.enums import ThrottleScope, TokenScope

WRITE, SPEND = TokenScope.WRITE, TokenScope.SPEND


class Shots(ApiView):
    tag = "shots"

    @operation("List the shots of a session", answer=Page(ShotDto), query=Listing)
    def get(self, asked: Asked) -> Answer:
        return Answer(present.shot_page(asked.session, asked.query))

    @operation("Add a shot", scope=WRITE, status=201, body=inputs.NewShot, answer=ShotDto, has_tag=True)
    def post(self, asked: Asked) -> Answer:
        made = shots_edit.add_shot(session=asked.session, by=asked.user, **_columns(asked))
        return shot_now(asked, made.pk, status=201)


class OneShot(ApiView):
    tag = "shots"

    @operation("Read a shot", answer=ShotDto, has_tag=True)
    def get(self, asked: Asked) -> Answer:
        tag = asked.unless_known(version=asked.shot.version, revision=asked.session.revision)
        return Answer(present.shot_dto(asked.session, asked.shot.pk), headers={"ETag": tag})

    @operation("Change a shot", scope=WRITE, body=inputs.ShotChange, answer=ShotDto, if_match=True, has_tag=True)
    def patch(self, asked: Asked) -> Answer:
        shots_edit.change_shot(shot=asked.shot, by=asked.user, **_columns(asked, shot=asked.shot))
        return shot_now(asked)

    @operation("Delete a shot", scope=WRITE, if_match=True, status=204, description="It can be restored, with its takes.")
    def delete(self, asked: Asked) -> Answer:
        shots_edit.delete_shot(shot=asked.shot, by=asked.user)
        return Answer()


class RestoreShot(ApiView):
    tag = "shots"

    @operation("Restore a deleted shot", scope=WRITE, of_deleted=True, answer=ShotDto, has_tag=True)
    def post(self, asked: Asked) -> Answer:
        shots_edit.restore_shot(shot=asked.deleted_shot, by=asked.user)
        return shot_now(asked)


class DuplicateShot(ApiView):
    tag = "shots"

    @operation("Duplicate a shot", scope=WRITE, status=201, answer=ShotDto, has_tag=True)
    def post(self, asked: Asked) -> Answer:
        return shot_now(asked, shots_edit.duplicate_shot(shot=asked.shot, by=asked.user).pk, status=201)


class MoveShot(ApiView):
    tag = "shots"

    @operation("Move a shot", scope=WRITE, body=inputs.Position, answer=ShotDto, has_tag=True)
    def post(self, asked: Asked) -> Answer:
        shots_edit.place_shot(shot=asked.shot, position=asked.body["position"], by=asked.user)
        return shot_now(asked)


class ShotOrder(ApiView):
    tag = "shots"

    @operation(
        "Put the shots in an order", scope=WRITE, body=inputs.Order, answer=Page(ShotDto), if_match=True,
        description="`shotIds` names every shot of the session once.",
    )  # fmt: skip
    def put(self, asked: Asked) -> Answer:
        shots_edit.reorder(session=asked.session, order=asked.body["shot_ids"], by=asked.user)
        return Answer(present.shot_page(asked.session, {"limit": inputs.MOST_SHOTS}))


class LockShot(ApiView):
    tag = "shots"

    @operation(
        "Lock a shot", scope=WRITE, answer=ShotDto, has_tag=True,
        description="It keeps its take and its grade, whatever is generated, measured or retried around it.",
    )  # fmt: skip
    def post(self, asked: Asked) -> Answer:
        shots.lock(shot=asked.shot, locked=True, by=asked.user)
        return shot_now(asked)


class UnlockShot(ApiView):
    tag = "shots"

    @operation("Unlock a shot", scope=WRITE, answer=ShotDto, has_tag=True)
    def post(self, asked: Asked) -> Answer:
        shots.lock(shot=asked.shot, locked=False, by=asked.user)
        return shot_now(asked)


class ChooseBest(ApiView):
    tag = "shots"

    @operation("Let the best take be chosen", scope=WRITE, answer=ShotDto, has_tag=True)
    def post(self, asked: Asked) -> Answer:
        shots.let_the_best_be_chosen(shot=asked.shot, by=asked.user)
        return shot_now(asked)


class GenerateShot(ApiView):
    tag = "shots"

    @operation(
        "Generate a shot",
        scope=SPEND,
        status=202,
        body=inputs.Generation,
        query=inputs.GenerationQuery,
        answer=JobDto,
        other_answers={200: GenerationPreviewDto},
        paid=True,
        dry_run="preview",
        description=(
            "202 with the job that makes a take; while one is being made of the same inputs, that one. With `?preview=1`: 200 "
            "with the prompt as it would be sent, the frame, the model, the price and the time, and nothing is done; "
            "no Idempotency-Key is needed for that."
        ),
    )
    def post(self, asked: Asked) -> Answer:
        purpose = TakePurpose(asked.body["purpose"]) if "purpose" in asked.body else None
        if asked.query.get("preview"):
            seen = preview.preview_generation(shot=asked.shot, by=asked.user, purpose=purpose)
            return Answer(present.generation_preview_dto(seen))
        access.require_spending(asked.user, asked.session)
        take = shots.request_generation(shot=asked.shot, by=asked.user, purpose=purpose)
        return present.accepted_take(take)


class GenerateMissing(ApiView):
    tag = "shots"

    @operation(
        "Generate every shot that has no clip", scope=SPEND, status=202, answer=Page(JobDto), paid=True,
        description="In order, all of them: none when one is refused.",
    )  # fmt: skip
    def post(self, asked: Asked) -> Answer:
        access.require_spending(asked.user, asked.session)
        takes = services.generate_missing(session=asked.session, by=asked.user)
        return Answer(present.jobs_of_takes(takes), status=202, headers={"Retry-After": "1"})


class CancelShot(ApiView):
    tag = "shots"

    @operation("Cancel what is being made of a shot", scope=WRITE, throttle=ThrottleScope.WRITE, answer=JobDto)
    def post(self, asked: Asked) -> Answer:
        return Answer(present.job_dto(cancelling.cancel_shot(shot=asked.shot, by=asked.user)))


def shot_now(asked: Asked, shot_id: str = "", *, status: int = 200) -> Answer:
    """The shot as a change has left it, with its new tag."""
    made_id = shot_id or asked.ids["shot_id"]
    asked.session.refresh_from_db(fields=["version", "revision"])
    body = present.shot_dto(asked.session, made_id)
    headers = {"ETag": etag.etag(version=body["version"], revision=asked.session.revision)}
    return Answer(body, status=status, headers=headers | ({"Location": body["url"]} if status == 201 else {}))


def _columns(asked: Asked, *, shot: Shot | None = None) -> dict[str, Any]:
    """The body as columns: ids looked up among the person's own rows, ``useFrameBridge`` said as a mode."""
    columns = dict(asked.body)
    require_models(columns, shot, "model")
    wish = columns.pop("use_frame_bridge", None)
    if wish is not None:
        columns |= _mode(asked, columns.get("mode", shot.mode if shot is not None else None), wish=wish)
    if "style_overrides" in columns:
        columns["style_overrides"] = style_values.overrides(columns["style_overrides"])
    if columns.get("bridge_from"):
        rows = Shot.objects.filter(session=asked.session)
        columns["bridge_from"] = asked.find(rows, columns["bridge_from"], pointer="/bridgeFromShotId")
    if columns.get("start_image"):
        columns["start_image"] = asked.find(own_frames(asked), columns["start_image"], pointer="/startImageId")
    return columns


def _mode(asked: Asked, mode: str | None, *, wish: bool) -> dict[str, ShotMode]:
    """``useFrameBridge``: true is the mode frame-bridge; false is none, where a shot of ``mode`` is bridged as ``useFrameBridge``
    of an answer says it."""
    is_bridged = bridges.mode_of(Shot(mode=mode), present.half_of(asked.session)) is ShotMode.FRAME_BRIDGE
    if wish is is_bridged:
        return {}
    return {"mode": ShotMode.FRAME_BRIDGE if wish else ShotMode.NONE}
