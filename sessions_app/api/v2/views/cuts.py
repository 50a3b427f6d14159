"""Cuts, drift, the play list, the film."""

from django.http import Http404

from continuity.cut_rows import stands
from continuity.models import Cut
from continuity.services import cuts, exports
from sessions_app.api.answers import Answer
from sessions_app.api.operation import Asked, operation
from sessions_app.api.typed import Page
from sessions_app.api.v2 import present
from sessions_app.api.v2.dto import CutDto, DriftDto, FilmDto, JobDto, PlaylistDto
from sessions_app.api.v2.inputs import shot as inputs
from sessions_app.api.views import ApiView
from sessions_app.enums import TokenScope

WRITE = TokenScope.WRITE


class Cuts(ApiView):
    tag = "cuts"

    @operation(
        "List the cuts of a session", answer=Page(CutDto), description="One between each two shots, as they are chosen now."
    )
    def get(self, asked: Asked) -> Answer:
        return Answer(present.cut_list(asked.session))


class MeasureCuts(ApiView):
    tag = "cuts"

    @operation("Measure the cuts that have no number", scope=WRITE, status=202, answer=Page(JobDto))
    def post(self, asked: Asked) -> Answer:
        jobs = cuts.measure_again(session=asked.session, by=asked.user)
        return Answer(present.job_list(jobs), status=202, headers={"Retry-After": "1"})


class AcceptCut(ApiView):
    tag = "cuts"

    @operation("Accept a cut as it is", scope=WRITE, body=inputs.Note, answer=CutDto, description="The numbers stay.")
    def post(self, asked: Asked) -> Answer:
        cut = cuts.accept(cut=standing(asked), by=asked.user, note=asked.body.get("note", ""))
        return Answer(present.cut_dto(asked.session, cut))

    @operation("Take back that a cut is accepted", scope=WRITE, answer=CutDto)
    def delete(self, asked: Asked) -> Answer:
        return Answer(present.cut_dto(asked.session, cuts.withdraw(cut=standing(asked), by=asked.user)))


def standing(asked: Asked) -> Cut:
    """404, before anything is written, for a measurement between which no cut lies now."""
    if not stands(asked.cut):
        raise Http404
    return asked.cut


class Drift(ApiView):
    tag = "cuts"

    @operation("Read the drift of a session", answer=DriftDto)
    def get(self, asked: Asked) -> Answer:
        return Answer(present.drift_dto(asked.session))


class Playlist(ApiView):
    tag = "cuts"

    @operation(
        "Read the play list of a session", answer=PlaylistDto, description="Chosen takes in order, slates for missing ones."
    )
    def get(self, asked: Asked) -> Answer:
        return Answer(present.playlist_dto(asked.session))


class Film(ApiView):
    tag = "film"

    @operation("Read the film of a session", answer=FilmDto)
    def get(self, asked: Asked) -> Answer:
        return Answer(present.film_dto(asked.session))

    @operation("Make the film of a session", scope=WRITE, status=202, answer=FilmDto, description="Of the takes chosen now.")
    def post(self, asked: Asked) -> Answer:
        exports.request_film(session=asked.session, by=asked.user)
        return Answer(present.film_dto(asked.session), status=202, headers={"Retry-After": "1"})
