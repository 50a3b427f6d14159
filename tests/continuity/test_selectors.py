"""What a page says of a shot: the words of DATA-MODEL 4.3, row by row, in as many queries for many shots as for one."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from continuity.models import Asset, Export, Shot, Take
from continuity.selectors import ShotProgress, film_of, film_progress, shot_progress
from tests.factories.continuity import (
    AssetFactory,
    DoneJobFactory,
    DoneTakeFactory,
    ExportFactory,
    JobFactory,
    RunningJobFactory,
    ShotFactory,
    TakeFactory,
)
from tests.factories.session import NOON, SessionFactory, digest

pytestmark = pytest.mark.django_db


def seen(shot: Shot) -> ShotProgress:
    (row,) = shot_progress(shot.session)
    return row


def live(shot: Shot, *, factory: Any = JobFactory, **columns: Any) -> Take:
    """A take that is being made, with its job."""
    take = TakeFactory(shot=shot)
    factory(kind="generate", session=shot.session, shot=shot, take=take, **columns)
    return take


def chosen(shot: Shot) -> Take:
    take = DoneTakeFactory(shot=shot)
    Shot.objects.filter(pk=shot.pk).update(chosen_take=take)
    return take


def test_a_shot_without_a_take_is_a_draft() -> None:
    row = seen(ShotFactory())

    assert (row.word, row.note, row.progress, row.take, row.job, row.is_live) == ("Draft", "", None, None, None, False)


LIVE_ROWS: list[tuple[dict, str, str]] = [
    ({}, "Queued", ""),
    ({"state": "waiting", "wait_reason": "Waiting for the previous shot"}, "Blocked", "Waiting for the previous shot"),
    ({"factory": RunningJobFactory, "step": "prepare"}, "Generating", "Reading the scene"),
    ({"factory": RunningJobFactory, "step": "verify", "progress_note": "Checking"}, "Generating", "Checking"),
    ({"state": "waiting", "step": "poll", "progress": 0.42}, "Generating", "At the provider"),
    ({"state": "unknown", "error_sentence": "Its answer was lost."}, "Needs your decision", "Its answer was lost."),
]


@pytest.mark.parametrize(("columns", "word", "note"), LIVE_ROWS, ids=[str(row[0].get("state", row[1])) for row in LIVE_ROWS])
def test_a_shot_that_is_being_made_says_how_far_it_is(columns: dict, word: str, note: str) -> None:
    shot = ShotFactory()
    take = live(shot, **columns)

    row = seen(shot)

    assert (row.word, row.note, row.progress, row.take, row.is_live) == (word, note, columns.get("progress"), take, True)
    assert row.job.take == take


def test_a_shot_with_a_finished_take_is_done() -> None:
    shot = ShotFactory()
    take = chosen(shot)

    assert (seen(shot).word, seen(shot).take, seen(shot).is_live) == ("Done", take, False)


def test_a_newer_take_in_the_making_shows_beside_the_chosen_one() -> None:
    shot = ShotFactory()
    take = chosen(shot)
    live(shot, factory=RunningJobFactory, step="poll", progress=0.5)

    row = seen(shot)

    assert (row.word, row.also, row.note) == ("Done", "Generating", "At the provider")
    assert (row.live_word, row.progress, row.take, row.is_live) == ("Generating", 0.5, take, True)


def test_a_failed_newer_take_does_not_hide_the_chosen_one() -> None:
    shot = ShotFactory()
    take = chosen(shot)
    TakeFactory(shot=shot, state="failed", error_code="x", error_sentence="The filter refused it.")

    assert (seen(shot).word, seen(shot).take) == ("Done", take)


@pytest.mark.parametrize(
    ("state", "word", "note"), [("failed", "Failed", "The filter refused it."), ("cancelled", "Cancelled", "")]
)
def test_a_shot_whose_newest_take_ended_badly_says_so(state: str, word: str, note: str) -> None:
    shot = ShotFactory()
    TakeFactory(shot=shot, state="failed", error_code="x", error_sentence="An older one.")
    take = TakeFactory(shot=shot, state=state, error_code="x", error_sentence="The filter refused it.")
    DoneJobFactory(kind="generate", session=shot.session, shot=shot, take=take, state=state)

    assert (seen(shot).word, seen(shot).note, seen(shot).take) == (word, note, take)


def test_a_shot_whose_look_is_measured_is_no_longer_being_made() -> None:
    shot = ShotFactory()
    take = chosen(shot)
    JobFactory(kind="style", session=shot.session, shot=shot, take=take)

    assert (seen(shot).word, seen(shot).is_live) == ("Done", False)


def test_shots_come_in_order_without_the_deleted_ones_and_without_another_scenes() -> None:
    session = SessionFactory()
    shots = [ShotFactory(session=session, rank=rank) for rank in (30, 10, 20)]
    ShotFactory(session=session, deleted_at=NOON)
    ShotFactory()

    assert [(row.number, row.shot) for row in shot_progress(session)] == [(1, shots[1]), (2, shots[2]), (3, shots[0])]


@pytest.mark.parametrize("count", [1, 3])
def test_a_scene_is_read_with_as_many_queries_however_many_shots_it_has(count: int) -> None:
    session = SessionFactory()
    for _ in range(count):
        shot = ShotFactory(session=session)
        chosen(shot)
        live(shot)

    with CaptureQueriesContext(connection) as queries:
        for row in shot_progress(session):
            assert row.take.video.blob_id
            assert row.take.last_frame.index == 95

    assert len(queries) == 4


def test_the_film_of_a_scene_is_its_newest_finished_one() -> None:
    session = SessionFactory()
    assert film_of(session) is None
    films: list[Asset] = []
    for name in ("older", "newer"):
        films.append(AssetFactory(role="film"))
        ExportFactory(session=session, inputs_sha256=digest(name), asset=films[-1])
    ExportFactory(session=session)  # still being made
    ExportFactory(asset=AssetFactory())

    assert (film_of(session), Export.objects.count()) == (films[1], 4)


def test_the_film_of_the_chosen_takes_is_shown_although_a_newer_one_is_there() -> None:
    shot = ShotFactory()
    first, second = chosen(shot), DoneTakeFactory(shot=shot)
    films = {}
    for take in (first, second):
        films[take] = AssetFactory(role="film")
        ExportFactory(session=shot.session, asset=films[take], options={"takes": [take.pk]})

    shown = film_progress(shot.session, shot_progress(shot.session))
    assert (shown.asset, shown.is_current) == (films[first], True)

    Shot.objects.filter(pk=shot.pk).update(chosen_take=DoneTakeFactory(shot=shot))
    shown = film_progress(shot.session, shot_progress(shot.session))
    assert (shown.asset, shown.is_current) == (films[second], False)
