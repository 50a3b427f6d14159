"""The film of a scene: its chosen takes, in order, as one file."""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from continuity.enums import LIVE_JOB_STATES, JobKind, TakeState
from continuity.jobs import create
from continuity.models import Asset, Export, Grade, Job, Shot, Take
from continuity.services import grades, media
from continuity.services.errors import Refused

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from sessions_app.models import Session


def request_film(*, session: "Session", by: "User", titles: list[str | None] | None = None, crossfade: str = "0") -> Export:
    """The Export of the scene as it is chosen now, and a job that makes it unless it is made. ``crossfade`` rational seconds.

    Raises Refused when a shot has no finished take, and for titles and cross-fades that no film can have. The same takes
    and options always answer the same Export.
    """
    takes = chosen_takes(session)
    _require_options(takes, titles=titles, crossfade=crossfade)
    options = {**clips_named(takes), "titles": titles, "crossfade": crossfade}
    inputs = hashlib.sha256(json.dumps(options, sort_keys=True).encode()).hexdigest()
    try:
        with transaction.atomic():
            export, _ = Export.objects.get_or_create(session=session, inputs_sha256=inputs, defaults={"options": options})
            if export.asset_id is None and not live_film_job(export):
                create.job(
                    kind=JobKind.FILM, subject_key=film_subject(export), by=by, session=session, payload={"export": export.pk}
                )
    except IntegrityError:  # somebody asked for the same film in this moment
        export = Export.objects.get(session=session, inputs_sha256=inputs)
    return export


def clips_named(takes: list[Take]) -> dict[str, Any]:
    """What a film is made of, as its options name it: the takes in order, and the grade applied to each that has one."""
    return {
        "takes": [take.pk for take in takes],
        "grades": {take_id: grade.pk for take_id, grade in sorted(grades.applied_to(takes).items())},
    }


def film_subject(export: Export) -> str:
    """``Job.subject_key`` of the job that makes this film: one live job per film."""
    return f"film:{export.pk}"


def live_film_job(export: Export) -> Job | None:
    return Job.objects.filter(subject_key=film_subject(export), state__in=LIVE_JOB_STATES).first()


def chosen_takes(session: "Session") -> list[Take]:
    """The chosen take of every shot, in order; Refused naming the first shot that has none."""
    shots = Shot.objects.filter(session=session).select_related("chosen_take__video__blob").order_by("rank")
    takes = []
    for position, shot in enumerate(shots, start=1):
        take = shot.chosen_take
        if take is None or take.state != TakeState.DONE or take.video is None:
            raise Refused(
                "shot_without_clip", f"Shot {position} has no finished clip: generate it, or delete the shot, then make the film."
            )
        takes.append(take)
    if not takes:
        raise Refused("no_shots", "This scene has no shot yet: add one, generate it, then make the film.")
    return takes


@contextlib.contextmanager
def clips_of(export: Export) -> Iterator[list[Path]]:
    """The export's clips as files on this machine, in order, while the block lasts."""
    takes = {take.pk: take for take in Take.objects.filter(pk__in=export.options["takes"]).select_related("video__blob")}
    graded = _graded_clips(export)
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(media.local_clip(graded.get(pk) or _video(takes[pk]))) for pk in export.options["takes"]]


def _graded_clips(export: Export) -> dict[str, Asset]:
    """The rendered clip of every take that the film takes with a grade; a preview that is not there yet is rendered now."""
    wanted = export.options.get("grades", {}).values()
    rows = Grade.objects.filter(pk__in=wanted).select_related("lut__blob", "take__video__blob", "take__video__owner")
    return {grade.take_id: grades.graded_clip(grade) for grade in rows}


def _require_options(takes: list[Take], *, titles: list[str | None] | None, crossfade: str) -> None:
    if titles is not None and len(titles) != len(takes):
        raise Refused("bad_titles", f"There are {len(titles)} titles for {len(takes)} shots: give one per shot, empty for none.")
    try:
        seconds = Fraction(crossfade)
    except (ValueError, ZeroDivisionError) as error:
        raise Refused("bad_crossfade", "The cross-fade is no length: write seconds, such as 0.5 or 1/2.") from error
    shortest = min(Fraction(_video(take).blob.duration_num or 0, _video(take).blob.duration_den or 1) for take in takes)
    if not 0 <= seconds <= shortest / 2:
        raise Refused(
            "bad_crossfade", f"A cross-fade lasts 0 to {float(shortest / 2):g} seconds here, half the shortest shot: change it."
        )


def _video(take: Take) -> Asset:
    assert take.video is not None
    return take.video
