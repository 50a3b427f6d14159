"""Applying the scene's style to all shots: own looks are put aside, nothing is made, and the price of making it is told."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from continuity.models import Continuity, Job, Shot, Take
from continuity.services import style_edit
from continuity.services.errors import Refused
from continuity.services.style_apply import ModelCost
from prompts.expectations import VersionConflict, expecting
from sessions_app import undo
from sessions_app.models import Edit, Session
from tests.engine import LTX, LTX_PRICE
from tests.factories.continuity import ContinuityFactory, DoneTakeFactory, ShotFactory, StyleFactory
from tests.factories.session import SessionFactory

pytestmark = pytest.mark.django_db
OWN = {"style_overrides": {"colour": "own"}, "inherit_lighting": False}
PLAIN = {
    "style_overrides": {},
    **dict.fromkeys(["inherit_colour", "inherit_lighting", "inherit_atmosphere", "inherit_technical"]),
}


def styled(owner: Any, **half: Any) -> Session:
    session = SessionFactory(owner=owner)
    style = StyleFactory(session=session)
    ContinuityFactory(session=session, base_style=style, base_style_source="user-defined", default_model=LTX, **half)
    return session


def shot(session: Session, *, made_with: Any = None, origin: str = "generated", **columns: Any) -> Shot:
    """A shot with a finished chosen take that was made with that style."""
    row = ShotFactory(session=session, **columns)
    Shot.objects.filter(pk=row.pk).update(chosen_take=DoneTakeFactory(shot=row, style=made_with, origin=origin))
    return row


def look_of(row: Shot) -> dict[str, Any]:
    return Shot.objects.values(*PLAIN).get(pk=row.pk)


def test_every_shot_carries_the_scenes_style_again(owner) -> None:
    session = styled(owner)
    own, plain = ShotFactory(session=session, **OWN), ShotFactory(session=session)

    report = style_edit.apply_to_all(session=session, by=owner)

    assert (report.shot_ids, report.would_cost_micros, report.per_model) == ((own.pk,), 0, ())
    assert (look_of(own), look_of(plain)) == (PLAIN, PLAIN)
    assert (Shot.objects.get(pk=own.pk).version, Shot.objects.get(pk=plain.pk).version) == (2, 1)
    assert report.sentence == "The own look of 1 shot is put aside, so that the scene’s style holds. No take has to be made anew."
    assert (Take.objects.count(), Job.objects.count(), Session.objects.get().version) == (0, 0, 2)


def test_it_can_be_undone_and_done_again(owner) -> None:
    session = styled(owner)
    rows = [ShotFactory(session=session, **OWN), ShotFactory(session=session, inherit_colour=True), ShotFactory(session=session)]
    before = [look_of(row) for row in rows]
    style_edit.apply_to_all(session=session, by=owner)

    undo.undo(session=session, by=owner)
    undone = [look_of(row) for row in rows]
    undo.redo(session=session, by=owner)

    edit = Edit.objects.get(number=2)
    assert (edit.verb, set(edit.before["shots"])) == ("style.apply_all", {rows[0].pk, rows[1].pk})
    assert (undone, [look_of(row) for row in rows]) == (before, [PLAIN] * 3)


def test_a_deleted_shot_is_passed_over(owner) -> None:
    session = styled(owner)
    rows = [ShotFactory(session=session, **OWN) for _ in range(2)]
    style_edit.apply_to_all(session=session, by=owner)
    rows[0].delete_softly()

    style_edit.put_back_overrides(session=session, by=owner, **Edit.objects.get().before)

    assert (set(Edit.objects.get(number=3).after["shots"]), look_of(rows[1])["inherit_lighting"]) == ({rows[1].pk}, False)


def test_only_looks_are_put_back(owner) -> None:
    with pytest.raises(TypeError, match=r"The look of a shot has no locked\."):
        style_edit.put_back_overrides(session=styled(owner), by=owner, shots={"sht_1": {"locked": True}})


def test_shots_of_another_scene_are_out_of_reach(owner, stranger) -> None:
    theirs = ShotFactory(session=styled(stranger), **OWN)

    style_edit.put_back_overrides(session=styled(owner), by=owner, shots={theirs.pk: {"inherit_lighting": True}})

    assert look_of(theirs)["inherit_lighting"] is False


def test_the_price_is_of_the_takes_that_were_made_with_another_style(owner) -> None:
    session = styled(owner)
    base, old = Continuity.objects.get().base_style, StyleFactory(session=session)
    outdated = [shot(session, made_with=old), shot(session, made_with=None), shot(session, made_with=base, **OWN)]
    for columns in ({"locked": True}, {"inject": False}, {"origin": "upload"}, {"made_with": base}):
        shot(session, **{"made_with": old, **columns})
    ShotFactory(session=session)  # not made yet: nothing to make anew

    report = style_edit.apply_to_all_preview(session=session)

    assert (report.shot_ids, len(outdated)) == ((outdated[2].pk,), 3)
    assert (report.would_cost_micros, report.per_model) == (3 * LTX_PRICE, (ModelCost(LTX, 3, 3 * LTX_PRICE),))
    assert report.sentence.endswith("To show it, 3 shots would have to be made anew, for about $1.08.")


def test_the_price_is_told_model_by_model(owner) -> None:
    session = styled(owner)
    for model in ("animatic", LTX, "animatic", "gone"):
        shot(session, model=model)

    report = style_edit.apply_to_all_preview(session=session)

    expected = (ModelCost("animatic", 2, 0), ModelCost("gone", 1, 0), ModelCost(LTX, 1, LTX_PRICE))
    assert (report.per_model, report.would_cost_micros) == (expected, LTX_PRICE)


def test_the_shot_that_the_look_comes_from_is_not_made_anew(owner) -> None:
    session = styled(owner)
    first = shot(session)
    style = StyleFactory(session=session, origin="extracted", source_take=Shot.objects.get(pk=first.pk).chosen_take)
    Continuity.objects.update(base_style=style, base_style_source="extracted")

    assert style_edit.apply_to_all_preview(session=session).per_model == ()


def test_looking_changes_nothing_and_promises_what_happens(owner) -> None:
    session = styled(owner)
    shot(session, made_with=None, **OWN)
    before = list(Shot.objects.values()), Session.objects.values().get()

    promised = style_edit.apply_to_all_preview(session=session)

    assert (list(Shot.objects.values()), Session.objects.values().get(), Edit.objects.count()) == (*before, 0)
    assert style_edit.apply_to_all(session=session, by=owner) == promised


def test_when_every_shot_carries_it_nothing_is_written(owner) -> None:
    session = styled(owner)
    ShotFactory(session=session)

    report = style_edit.apply_to_all(session=session, by=owner)

    assert (report.shot_ids, report.sentence) == ((), "Every shot carries the scene’s style. No take has to be made anew.")
    assert (Edit.objects.count(), Session.objects.get().version) == (0, 1)


def test_a_session_without_the_half_is_refused_the_look(owner) -> None:
    with pytest.raises(Refused, match="no continuity half"):
        style_edit.apply_to_all_preview(session=SessionFactory(owner=owner))


def test_of_two_editors_one_is_told_and_nothing_of_theirs_is_kept(owner) -> None:
    session = styled(owner)
    row = ShotFactory(session=session, **OWN)
    session.touch(by=owner)

    with pytest.raises(VersionConflict), expecting(session.pk, 1):
        style_edit.apply_to_all(session=session, by=owner)

    assert look_of(row)["inherit_lighting"] is False


def queries_of_applying(session: Session, by: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        style_edit.apply_to_all(session=session, by=by)
    return len(captured)


def test_many_shots_take_no_more_queries_than_a_few(owner) -> None:
    counts = []
    for number in (1, 30):
        session = styled(owner)
        for _ in range(number):
            shot(session, **OWN)
        counts.append(queries_of_applying(session, owner))

    assert counts[0] == counts[1]
