"""Editing shots: where they stand, what they are set to, what is refused, and how little a move writes."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from continuity.enums import JobKind
from continuity.models import Continuity, Job, Shot, Take
from continuity.models.scene import RANK_STEP
from continuity.services import ranks, shots, shots_edit
from continuity.services.errors import Refused
from prompts.expectations import VersionConflict, expecting
from sessions_app.models import AuditEvent, Edit, Session
from tests.engine import at_once, job_of, scene
from tests.factories.continuity import DoneTakeFactory, FrameFactory, ShotFactory
from tests.factories.session import SessionFactory

pytestmark = pytest.mark.django_db
MANY = 1000
CONTROL = re.compile(r"^(BEGIN|COMMIT|SAVEPOINT|RELEASE|ROLLBACK)", re.IGNORECASE)


def standing(session: Session) -> list[str]:
    return list(Shot.objects.filter(session=session).order_by("rank").values_list("pk", flat=True))


def row(shot: Shot) -> Shot:
    return Shot.all_objects.select_related("session__owner").get(pk=shot.pk)


def edits(session: Session) -> list[tuple[str, dict, dict]]:
    return list(Edit.objects.filter(session=session).order_by("number").values_list("verb", "before", "after"))


def words(session: Session) -> list[str]:
    return list(Shot.objects.filter(session=session).order_by("rank").values_list("user_prompt", flat=True))


def scene_of(owner, count: int, *, step: int = RANK_STEP) -> tuple[Session, list[Shot]]:
    session = SessionFactory(owner=owner)
    rows = [Shot(session=session, rank=(number + 1) * step, user_prompt=f"Shot {number}") for number in range(count)]
    return session, Shot.objects.bulk_create(rows)


def refused(act: Callable[[], Any]) -> str:
    """The code of a refusal that leaves no shot, edit and count as it was not before."""

    def facts() -> tuple[Any, ...]:
        rows = list(Shot.all_objects.order_by("pk").values())
        return rows, Edit.objects.count(), AuditEvent.objects.count(), list(Session.objects.values_list("version", "revision"))

    before = facts()
    with pytest.raises(Refused) as refusal:
        act()
    assert facts() == before
    assert str(refusal.value).endswith(".")
    return refusal.value.code


def statements(act: Callable[[], Any]) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        act()
    return [query["sql"] for query in captured.captured_queries if not CONTROL.match(query["sql"])]


# adding


@pytest.mark.parametrize(("position", "order"), [(None, "012x"), (3, "012x"), (0, "x012"), (1, "0x12"), (2, "01x2")])
def test_a_shot_is_added_where_it_is_wanted(owner, position: int | None, order: str) -> None:
    session, _ = scene_of(owner, 3)

    made = shots_edit.add_shot(session=session, user_prompt="Shot x", by=owner, position=position)

    assert [text[-1] for text in words(session)] == list(order)
    assert edits(session) == [("shot.add", {"deleted": True}, {"deleted": False})]
    assert (Edit.objects.get().target_id, Session.objects.get().version, made.version) == (made.pk, 2, 1)


def test_a_first_shot_may_be_added_at_the_beginning(owner) -> None:
    session = SessionFactory(owner=owner)

    shots_edit.add_shot(session=session, user_prompt="One", by=owner, position=0)

    assert Shot.objects.get().rank == RANK_STEP


def test_no_shot_is_added_beyond_the_end(owner) -> None:
    session, _ = scene_of(owner, 2)

    assert refused(lambda: shots_edit.add_shot(session=session, user_prompt="x", by=owner, position=3)) == "no_such_position"


def test_a_used_up_gap_is_widened_without_changing_the_order(owner) -> None:
    session, made = scene_of(owner, 3, step=1)
    Shot.objects.filter(pk=made[1].pk).update(deleted_at="2026-11-20T12:00:00Z")

    shots_edit.add_shot(session=session, user_prompt="Shot x", by=owner, position=1)
    shots_edit.add_shot(session=session, user_prompt="Shot y", by=owner, position=1)
    shots_edit.restore_shot(shot=row(made[1]), by=owner)

    placed = words(session)
    assert [text for text in placed if text != "Shot 1"] == ["Shot 0", "Shot y", "Shot x", "Shot 2"]
    assert placed.index("Shot 0") < placed.index("Shot 1") < placed.index("Shot 2")


def test_forty_shots_at_one_place_stand_in_order(owner) -> None:
    session, _ = scene_of(owner, 2)

    for number in range(40):
        shots_edit.add_shot(session=session, user_prompt=f"x{number}", by=owner, position=1)

    assert words(session) == ["Shot 0", *(f"x{number}" for number in reversed(range(40))), "Shot 1"]


def test_an_inserted_shot_bridges_from_earlier_ones_only(owner) -> None:
    session, [first, last] = scene_of(owner, 2)
    add = shots_edit.add_shot

    assert refused(lambda: add(session=session, user_prompt="x", by=owner, position=1, bridge_from=last)) == "bridge_not_earlier"
    assert add(session=session, user_prompt="x", by=owner, position=1, bridge_from=first).bridge_source() == first


# changing


def test_a_change_is_one_edit_of_the_columns_that_changed(owner) -> None:
    _, [shot] = scene_of(owner, 1)
    frame = FrameFactory(asset__owner=owner)

    shots_edit.change_shot(shot=shot, by=owner, user_prompt="Shot 0", seed=7, params={"seconds": 2.5}, start_image=frame)

    before = {"seed": None, "params": {}, "start_image": None}
    assert edits(shot.session) == [("shot.change", before, {"seed": 7, "params": {"seconds": 2.5}, "start_image": frame.pk})]
    assert (row(shot).seed, row(shot).start_image, row(shot).version, row(shot).session.version) == (7, frame, 2, 2)


def test_a_change_to_what_it_is_counts_as_nothing(owner) -> None:
    _, [shot] = scene_of(owner, 1)

    shots_edit.change_shot(shot=shot, by=owner, user_prompt="Shot 0", mode=None, params={})

    assert (edits(shot.session), row(shot).version, row(shot).session.version) == ([], 1, 1)


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"user_prompt": "a\x00b"}, "prompt_invalid"),
        ({"mode": "magic"}, "shot_invalid"),
        ({"seed": 2**63}, "shot_invalid"),
        ({"model": "m" * 101}, "shot_invalid"),
        ({"params": {"seconds": float("nan")}}, "shot_invalid"),
        ({"style_overrides": {"colour": "\ud800"}}, "shot_invalid"),
        ({"params": {"size": "a\x00"}}, "shot_invalid"),
        ({"camera": {"yaw": 0.1}}, "no_proxy"),
        ({"camera": {"roll": 0.1}}, "camera_invalid"),
        ({"camera": {"yaw": float("inf")}}, "camera_invalid"),
        ({"camera": {"yaw": True}}, "camera_invalid"),
    ],
    ids=str,
)
def test_what_a_shot_cannot_be_is_refused(owner, columns: dict[str, Any], code: str) -> None:
    _, [shot] = scene_of(owner, 1)

    assert refused(lambda: shots_edit.change_shot(shot=shot, by=owner, **columns)) == code


def test_a_backslash_in_a_setting_is_kept_as_it_is(owner) -> None:
    _, [shot] = scene_of(owner, 1)

    shots_edit.change_shot(shot=shot, by=owner, params={"note": "\\u0000"})

    assert row(shot).params == {"note": "\\u0000"}


def test_a_locked_shots_words_may_change_and_its_start_may_not(owner) -> None:
    _, [first, shot] = scene_of(owner, 2)
    Shot.objects.filter(pk=shot.pk).update(locked=True)

    assert refused(lambda: shots_edit.change_shot(shot=shot, by=owner, bridge_from=first)) == "shot_locked"
    assert shots_edit.change_shot(shot=shot, by=owner, user_prompt="Other words").user_prompt == "Other words"


@pytest.mark.parametrize("verb", ["choose_take", "bridge_from"])
def test_a_padlock_that_came_meanwhile_holds(owner, verb: str) -> None:
    """The caller's row still says unlocked."""
    _, [first, shot] = scene_of(owner, 2)
    take = DoneTakeFactory(shot=shot)
    stale = row(shot)
    Shot.objects.filter(pk=shot.pk).update(locked=True)
    acts = {
        "choose_take": lambda: shots.choose_take(shot=stale, take=take, by=owner),
        "bridge_from": lambda: shots.bridge_from(shot=stale, source=first, by=owner),
    }

    assert (stale.locked, refused(acts[verb])) == (False, "shot_locked")


def test_a_deleted_shot_is_not_changed(owner) -> None:
    _, [shot] = scene_of(owner, 1)
    stale = row(shot)
    shots_edit.delete_shot(shot=shot, by=owner)

    assert refused(lambda: shots_edit.change_shot(shot=stale, by=owner, seed=1)) == "shot_deleted"
    assert refused(lambda: shots_edit.delete_shot(shot=stale, by=owner)) == "shot_deleted"
    assert refused(lambda: shots_edit.duplicate_shot(shot=stale, by=owner)) == "shot_deleted"
    assert refused(lambda: shots_edit.move_shot(shot=stale, position=0, by=owner)) == "shot_deleted"


def test_of_two_who_saw_the_same_version_the_second_changes_nothing(owner) -> None:
    _, [shot] = scene_of(owner, 1)
    with expecting(shot.pk, 1):
        shots_edit.change_shot(shot=shot, by=owner, seed=1)

    with expecting(shot.pk, 1), pytest.raises(VersionConflict):
        shots_edit.change_shot(shot=shot, by=owner, seed=2)

    assert (row(shot).seed, row(shot).version, Edit.objects.count()) == (1, 2, 1)


# moving


@pytest.mark.parametrize("position", range(5))
@pytest.mark.parametrize("which", range(5))
@pytest.mark.parametrize("step", [RANK_STEP, 1])
def test_a_shot_moves_to_any_place(owner, which: int, position: int, step: int) -> None:
    session, made = scene_of(owner, 5, step=step)
    expected = [shot.pk for shot in made]
    expected.insert(position, expected.pop(which))

    shots_edit.move_shot(shot=row(made[which]), position=position, by=owner)

    assert standing(session) == expected
    assert Edit.objects.count() == (which != position)
    assert row(made[which]).version == 1 + (which != position)


def test_the_only_shot_moves_nowhere(owner) -> None:
    session, [shot] = scene_of(owner, 1)

    shots_edit.move_shot(shot=row(shot), position=0, by=owner)

    assert (row(shot).rank, edits(session)) == (RANK_STEP, [])
    assert refused(lambda: shots_edit.move_shot(shot=row(shot), position=1, by=owner)) == "no_such_position"


def test_a_move_of_somebody_who_read_long_ago_lands_all_the_same(owner) -> None:
    session, [one, two, three] = scene_of(owner, 3)
    stale = row(one)
    shots_edit.move_shot(shot=row(one), position=2, by=owner)

    shots_edit.move_shot(shot=stale, position=1, by=owner)

    assert standing(session) == [two.pk, one.pk, three.pk]
    with expecting(one.pk, 1), pytest.raises(VersionConflict):
        shots_edit.move_shot(shot=row(one), position=0, by=owner)


@pytest.mark.parametrize("position", [0, 500, MANY - 1])
def test_a_move_among_a_thousand_is_one_statement_on_shots(owner, position: int) -> None:
    """The others count and write down the edit: session, audit log, edit."""
    session, made = scene_of(owner, MANY)
    shot = row(made[700])

    done = statements(lambda: shots_edit.move_shot(shot=shot, position=position, by=owner))

    on_shots = [sql for sql in done if "continuity_shot" in sql]
    assert (len(on_shots), len(done)) == (1, 4), done
    assert standing(session)[position] == shot.pk
    assert Shot.objects.filter(session=session).exclude(pk=shot.pk).exclude(rank__in=[r.rank for r in made]).count() == 0


def test_an_order_of_a_thousand_is_written_in_a_few_statements(owner) -> None:
    session, made = scene_of(owner, MANY)
    order = [shot.pk for shot in reversed(made)]

    done = statements(lambda: shots_edit.reorder(session=session, order=order, by=owner))

    assert standing(session) == order
    assert len([sql for sql in done if sql.startswith("UPDATE") and "continuity_shot" in sql]) == 1 + -(-MANY // ranks.BATCH)
    assert len(done) <= 14, [sql[:100] for sql in done]


# order


def test_an_order_is_put_and_only_that_of_the_living(owner) -> None:
    session, [one, two, three, gone] = scene_of(owner, 4)
    shots_edit.delete_shot(shot=gone, by=owner)

    shots_edit.reorder(session=session, order=[three.pk, one.pk, two.pk], by=owner)
    shots_edit.restore_shot(shot=row(gone), by=owner)

    assert standing(session) == [three.pk, one.pk, two.pk, gone.pk]
    verb, before, after = edits(session)[1]
    assert (verb, before, after) == (
        "shots.reorder",
        {"order": [one.pk, two.pk, three.pk]},
        {"order": [three.pk, one.pk, two.pk]},
    )


def test_an_order_that_is_none_is_refused(owner) -> None:
    session, [one, two] = scene_of(owner, 2)
    foreign = ShotFactory()
    wrong = [[], [one.pk], [one.pk, one.pk], [one.pk, two.pk, two.pk], [one.pk, foreign.pk], [one.pk, two.pk, foreign.pk]]

    codes = {refused(lambda order=order: shots_edit.reorder(session=session, order=order, by=owner)) for order in wrong}

    assert codes == {"not_a_permutation"}


def test_the_order_that_is_there_is_no_edit(owner) -> None:
    session, made = scene_of(owner, 3)

    shots_edit.reorder(session=session, order=[shot.pk for shot in made], by=owner)

    assert (edits(session), Session.objects.get().version) == ([], 1)


def test_a_new_order_asks_for_the_cuts_that_are_new(owner) -> None:
    session, made = scene_of(owner, 3)
    Continuity.objects.create(session=session)
    takes = [DoneTakeFactory(shot=shot) for shot in made]
    for shot, take in zip(made, takes, strict=True):
        Shot.objects.filter(pk=shot.pk).update(chosen_take=take)

    shots_edit.reorder(session=session, order=[made[2].pk, made[0].pk, made[1].pk], by=owner)

    asked = {(job.payload["left"], job.payload["right"]) for job in Job.objects.filter(kind=JobKind.CUT)}
    assert asked == {(takes[2].pk, takes[0].pk), (takes[0].pk, takes[1].pk)}


# deleting, restoring, duplicating


def test_a_deleted_shot_is_gone_and_keeps_its_takes(owner) -> None:
    session, [one, two, three] = scene_of(owner, 3)
    take = DoneTakeFactory(shot=two)
    shots.bridge_from(shot=three, source=one, by=owner)
    Shot.objects.filter(pk=two.pk).update(chosen_take=take)

    shots_edit.delete_shot(shot=two, by=owner)
    shots_edit.delete_shot(shot=one, by=owner)

    assert (standing(session), Take.objects.get(), row(two).chosen_take) == ([three.pk], take, take)
    assert (row(three).bridge_from, row(three).bridge_source()) == (one, None)
    shots_edit.restore_shot(shot=row(one), by=owner)
    assert row(three).bridge_source() == one


def test_a_shot_that_is_being_made_is_not_deleted(owner) -> None:
    _, [shot] = scene(owner)
    take = shots.request_generation(shot=shot, by=owner)

    with pytest.raises(Refused) as refusal:
        shots_edit.delete_shot(shot=shot, by=owner)

    assert (refusal.value.code, refusal.value.job_id, row(shot).deleted_at) == ("shot_is_being_made", job_of(take).pk, None)
    shots.cancel(take=take, by=owner)
    shots_edit.delete_shot(shot=shot, by=owner)
    assert Shot.objects.count() == 0


def test_no_clip_is_asked_for_of_a_shot_that_was_deleted_or_locked_meanwhile(owner, monkeypatch) -> None:
    """Planned while it was there, written when it was not."""
    _, made = scene(owner, "One", "Two", default_mode="none")
    for shot, change in zip(made, ({"deleted_at": "2026-11-20T12:00:00Z"}, {"locked": True}), strict=True):
        reserve = shots.generation.budgets.reserve

        def meanwhile(shot: Shot = shot, change: dict[str, Any] = change, reserve: Any = reserve, **given: Any) -> None:
            Shot.objects.filter(pk=shot.pk).update(**change)
            reserve(**given)

        with monkeypatch.context() as patch:
            patch.setattr(shots.generation.budgets, "reserve", meanwhile)
            with pytest.raises(Refused) as refusal:
                shots.request_generation(shot=shot, by=owner)
        assert refusal.value.code in ("shot_deleted", "shot_locked")

    assert (Take.objects.count(), Job.objects.count()) == (0, 0)


def test_a_shot_comes_back_to_its_place(owner) -> None:
    session, [one, two, three] = scene_of(owner, 3)
    shots_edit.delete_shot(shot=two, by=owner)

    shots_edit.restore_shot(shot=row(two), by=owner)

    assert standing(session) == [one.pk, two.pk, three.pk]
    assert edits(session)[-1] == ("shot.restore", {"deleted": True}, {"deleted": False})
    assert refused(lambda: shots_edit.restore_shot(shot=row(two), by=owner)) == "shot_not_deleted"


@pytest.mark.parametrize("step", [RANK_STEP, 1])
def test_a_shot_whose_place_is_taken_comes_back_right_after_it(owner, step: int) -> None:
    session, [one, two, three] = scene_of(owner, 3, step=step)
    shots_edit.delete_shot(shot=two, by=owner)
    other = Shot.objects.create(session=session, rank=two.rank, user_prompt="In its place")

    shots_edit.restore_shot(shot=row(two), by=owner)

    assert standing(session) == [one.pk, other.pk, two.pk, three.pk]


def test_a_duplicate_has_the_settings_and_none_of_the_takes(owner) -> None:
    session, [one, two, three] = scene_of(owner, 3)
    take, frame = DoneTakeFactory(shot=two), FrameFactory(asset__owner=owner)
    columns = {
        "mode": "none",
        "inject": False,
        "model": "animatic",
        "seed": 7,
        "params": {"seconds": 2.0},
        "style_overrides": {"colour": "own"},
        "inherit_colour": False,
        "camera": {"yaw": 0.1},
        "start_image": frame,
        "bridge_from": one,
    }
    Shot.objects.filter(pk=two.pk).update(chosen_take=take, locked=True, legacy_id="s2", **columns)

    twin = shots_edit.duplicate_shot(shot=row(two), by=owner)

    assert standing(session) == [one.pk, two.pk, twin.pk, three.pk]
    copy = row(twin)
    assert {name: getattr(copy, name) for name in columns} == columns
    assert (copy.user_prompt, copy.takes.count(), copy.chosen_take, copy.locked, copy.legacy_id) == (
        "Shot 1",
        0,
        None,
        False,
        None,
    )
    assert edits(session) == [("shot.duplicate", {"deleted": True}, {"deleted": False})]


@pytest.mark.django_db(transaction=True)
def test_many_hands_place_shots_at_once_and_nobody_waits_in_a_ring(owner) -> None:
    session, made = scene_of(owner, 6, step=2)
    shots_edit.delete_shot(shot=made[5], by=owner)
    acts = [
        lambda: shots_edit.add_shot(session=session, user_prompt="new", by=owner, position=1),
        lambda: shots_edit.move_shot(shot=row(made[3]), position=1, by=owner),
        lambda: shots_edit.move_shot(shot=row(made[4]), position=0, by=owner),
        lambda: shots_edit.duplicate_shot(shot=row(made[0]), by=owner),
        lambda: shots_edit.restore_shot(shot=row(made[5]), by=owner),
        lambda: shots_edit.reorder(session=session, order=list(reversed(standing(session))), by=owner),
        lambda: shots_edit.change_shot(shot=made[2], by=owner, seed=1),
    ]

    answers = at_once(12, lambda number: acts[number % len(acts)]())

    refusals = {answer.code for answer in answers if isinstance(answer, Refused)}
    assert [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, Refused)] == []
    # An order that was read before somebody added a shot, and the second of two who restore the same one.
    assert refusals <= {"not_a_permutation", "shot_not_deleted"}
    placed = list(Shot.objects.filter(session=session).values_list("rank", flat=True))
    assert (len(placed), len(set(placed))) == (10, 10)
    assert Session.objects.get().version == 1 + Edit.objects.count()


# asking for something else while a take is being made


@pytest.mark.parametrize(
    "change",
    [
        {"user_prompt": "A green door"},
        {"seed": 8},
        {"params": {"size": "640x360", "seconds": 1.0}},
        {"params": {"size": "1280x720", "seconds": 0.5}},
        {"params": {"seconds": 0.5}},
        {"mode": "none"},
        {"model": "animatic-text", "mode": "none"},
    ],
    ids=str,
)
def test_another_wish_while_a_take_is_made_is_refused_with_its_job(owner, change: dict[str, Any]) -> None:
    _, [shot] = scene(owner)
    Shot.objects.update(seed=7, params={"size": "640x360", "seconds": 0.5})
    take = shots.request_generation(shot=shot, by=owner)
    assert shots.request_generation(shot=shot, by=owner) == take
    Shot.objects.filter(pk=shot.pk).update(**change)

    with pytest.raises(Refused) as refusal:
        shots.request_generation(shot=shot, by=owner)

    assert (refusal.value.code, refusal.value.job_id, Take.objects.count()) == ("other_take_is_being_made", job_of(take).pk, 1)


def test_what_the_scenes_first_clip_decided_since_is_no_other_wish(owner, clip) -> None:
    _, [first, second] = scene(owner, "One", "Two", default_mode="none")
    Shot.objects.filter(pk=second.pk).update(params={"seconds": 0.5})
    take = shots.request_generation(shot=second, by=owner)
    shots.add_uploaded_take(shot=first, path=clip, name="one.mp4", by=owner)

    assert shots.request_generation(shot=second, by=owner) == take


def test_what_a_retry_changed_itself_is_no_other_wish(owner) -> None:
    _, [shot] = scene(owner, default_mode="none")
    Shot.objects.update(seed=7)
    changes = [{"what": "seed", "was": "7", "now": "new"}, {"what": "mode", "was": "none", "now": "frame-bridge"}]
    take = shots.request_generation(shot=shot, by=owner)
    Take.objects.update(seed=99, mode="frame-bridge", retry_change={"by": "gate", "changes": changes, "verdict": "not-passed"})

    assert shots.request_generation(shot=shot, by=owner) == take
    Shot.objects.update(user_prompt="Something else")
    with pytest.raises(Refused, match="being made with other settings"):
        shots.request_generation(shot=shot, by=owner)
