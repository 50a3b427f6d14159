"""Undo and redo: every verb of the table, in every order, and what stands in the way."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from continuity.enums import GradeState, TakeState
from continuity.jobs import failures
from continuity.jobs.lease import take_over
from continuity.models import Charge, Continuity, Cut, Grade, Job, LedgerEntry, SceneProxy, Shot, Take
from continuity.services import cuts, grades, proxies, ranks, shots, shots_edit, style_apply, style_base
from continuity.services.errors import Refused
from prompts import services as prompt_services
from prompts.expectations import VersionConflict, expecting
from prompts.models import Prompt
from sessions_app import services
from sessions_app.models import Edit, Session
from sessions_app.undo import DEPTH, INVERSES, redo, redoable, undo, undoable
from tests.engine import at_once, job_of, scene, settle
from tests.factories.continuity import (
    ContinuityFactory,
    CutFactory,
    DoneTakeFactory,
    FrameFactory,
    GradeFactory,
    ShotFactory,
    StyleFactory,
)
from tests.factories.session import NOON, SessionFactory

pytestmark = pytest.mark.django_db
COUNTED = {"version", "revision", "updated_at", "listed_at", "deleted_at", "rank", "current_version_id"}
"""Columns that every edit counts on, or that are compared in another way."""


class World:
    """A scene with something of everything that can be edited."""

    def __init__(self, owner) -> None:
        self.by = owner
        self.session = services.create_session(owner=owner, name="Pier", prompt={"input": "A red door"})
        self.continuity = ContinuityFactory(session=self.session, auto_extract=False)
        self.shots = [ShotFactory(session=self.session) for _ in range(3)]
        self.takes = [DoneTakeFactory(shot=shot) for shot in self.shots]
        for shot, take in zip(self.shots, self.takes, strict=True):
            Shot.objects.filter(pk=shot.pk).update(chosen_take=take)
        self.other_take = DoneTakeFactory(shot=self.shots[1])
        self.cut = CutFactory(session=self.session, left_take=self.takes[0], right_take=self.takes[1])
        self.grade = GradeFactory(take=self.takes[1])
        self.pictures = [FrameFactory(asset__owner=owner) for _ in range(2)]
        self.styles = [StyleFactory(session=self.session) for _ in range(2)]

    def shot(self, number: int = 1) -> Shot:
        return Shot.all_objects.select_related("session").get(pk=self.shots[number].pk)

    def change(self, **columns: Any) -> None:
        shots_edit.change_shot(shot=self.shot(), by=self.by, **columns)

    def deleted(self) -> Shot:
        shots_edit.delete_shot(shot=self.shot(), by=self.by)
        return self.shot()

    def applied(self) -> Grade:
        return grades.apply(grade=self.grade, by=self.by)

    def prompt(self) -> Prompt:
        return Prompt.objects.get(session=self.session)

    def restore_first_words(self) -> None:
        prompt = self.prompt()
        first = prompt.versions.order_by("number").first()
        prompt_services.restore_version(prompt=prompt, version=first, by=self.by)


def state(world: World) -> dict[str, Any]:
    """Everything an edit may change, but not what only counts edits; the living shots in order, without the ranks themselves."""
    tables = [Session, Continuity, Cut, Prompt]
    rows = {model.__name__: [_plain(row) for row in model._base_manager.order_by("pk").values()] for model in tables}
    living = [_plain(row) for row in Shot.objects.filter(session=world.session).order_by("rank").values()]
    worn = list(Grade.objects.filter(state=GradeState.APPLIED).values_list("pk", flat=True))
    proxy = list(SceneProxy.objects.filter(current=True).values_list("pk", flat=True))
    return {**rows, "shots": living, "worn": worn, "proxy": proxy}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in COUNTED}


Act = Callable[[World], Any]
NOTHING: Act = lambda world: None  # noqa: E731
EDITS: dict[str, tuple[str, Act, Act]] = {
    "rename": ("session.change", NOTHING, lambda w: services.change_session(session=w.session, by=w.by, name="Quay")),
    "complete": ("session.change", NOTHING, lambda w: services.complete(session=w.session, by=w.by)),
    "settings": (
        "continuity.change",
        NOTHING,
        lambda w: services.change_settings(session=w.session, by=w.by, drift_limit="5.5", takes_per_shot=3, default_mode="none"),
    ),
    "add": (
        "shot.add",
        NOTHING,
        lambda w: shots_edit.add_shot(session=w.session, user_prompt="New", by=w.by, position=1),
    ),
    "duplicate": ("shot.duplicate", NOTHING, lambda w: shots_edit.duplicate_shot(shot=w.shot(), by=w.by)),
    "delete": ("shot.delete", NOTHING, lambda w: w.deleted()),
    "restore": (
        "shot.restore",
        lambda w: Shot.objects.filter(pk=w.shots[1].pk).update(deleted_at=NOON),
        lambda w: shots_edit.restore_shot(shot=w.shot(), by=w.by),
    ),
    "move": ("shot.move", NOTHING, lambda w: shots_edit.move_shot(shot=w.shot(), position=0, by=w.by)),
    "reorder": (
        "shots.reorder",
        NOTHING,
        lambda w: shots_edit.reorder(session=w.session, order=[w.shots[i].pk for i in (2, 0, 1)], by=w.by),
    ),
    "words": ("shot.change", NOTHING, lambda w: w.change(user_prompt="A green door")),
    "settings of a shot": (
        "shot.change",
        NOTHING,
        lambda w: w.change(
            mode="none",
            inject=False,
            model="animatic",
            seed=7,
            params={"seconds": 2.5, "size": "640x360"},
            style_overrides={"colour": "own"},
            inherit_lighting=False,
            start_image=w.pictures[0],
        ),
    ),
    "bridge": ("shot.change", NOTHING, lambda w: shots.bridge_from(shot=w.shot(2), source=w.shot(0), by=w.by)),
    "lock": ("shot.lock", NOTHING, lambda w: shots.lock(shot=w.shot(), locked=True, by=w.by)),
    "unlock": (
        "shot.unlock",
        lambda w: Shot.objects.filter(pk=w.shots[1].pk).update(locked=True),
        lambda w: shots.lock(shot=w.shot(), locked=False, by=w.by),
    ),
    "choose": ("take.choose", NOTHING, lambda w: shots.choose_take(shot=w.shot(), take=w.other_take, by=w.by)),
    "choose first": (
        "take.choose",
        lambda w: Shot.objects.filter(pk=w.shots[1].pk).update(chosen_take=None),
        lambda w: shots.choose_take(shot=w.shot(), take=w.other_take, by=w.by),
    ),
    "choose best": (
        "take.choose_best",
        lambda w: Shot.objects.filter(pk=w.shots[1].pk).update(chosen_by="person"),
        lambda w: shots.let_the_best_be_chosen(shot=w.shot(), by=w.by),
    ),
    "base": (
        "style.base",
        NOTHING,
        lambda w: style_base.set_base(
            session=w.session,
            by=w.by,
            base_style=w.styles[0].pk,
            base_style_source="user-defined",
            base_take=w.takes[0].pk,
            primary_reference=w.pictures[0].pk,
        ),
    ),
    "apply to all": (
        "style.apply_all",
        lambda w: Shot.objects.filter(pk__in=[w.shots[0].pk, w.shots[2].pk]).update(
            style_overrides={"colour": "own"}, inherit_lighting=False
        ),
        lambda w: style_apply.apply_to_all(session=w.session, by=w.by),
    ),
    "proxy": ("proxy.set", NOTHING, lambda w: proxies.set_proxy(session=w.session, reference=w.pictures[0], by=w.by)),
    "another proxy": (
        "proxy.set",
        lambda w: proxies.set_proxy(session=w.session, reference=w.pictures[0], by=w.by),
        lambda w: proxies.set_proxy(session=w.session, reference=w.pictures[1], by=w.by),
    ),
    "accept": ("cut.accept", NOTHING, lambda w: cuts.accept(cut=w.cut, by=w.by, note="A dream begins.")),
    "withdraw": (
        "cut.withdraw",
        lambda w: cuts.accept(cut=w.cut, by=w.by, note="A dream begins."),
        lambda w: cuts.withdraw(cut=w.cut, by=w.by),
    ),
    "grade": ("grade.apply", NOTHING, lambda w: w.applied()),
    "another grade": (
        "grade.apply",
        lambda w: w.applied(),
        lambda w: grades.apply(grade=GradeFactory(take=w.takes[1]), by=w.by),
    ),
    "grade off": ("grade.remove", lambda w: w.applied(), lambda w: grades.remove(grade=w.grade, by=w.by)),
    "prompt": (
        "prompt.change",
        NOTHING,
        lambda w: prompt_services.change_prompt(prompt=w.prompt(), by=w.by, input="A green door"),
    ),
    "old prompt": (
        "prompt.restore",
        lambda w: prompt_services.change_prompt(prompt=w.prompt(), by=w.by, input="A green door"),
        lambda w: w.restore_first_words(),
    ),
}


@pytest.fixture
def world(owner) -> World:
    return World(owner)


def newest(session: Session) -> Edit:
    return Edit.objects.filter(session=session).latest("number")


def money() -> list[int]:
    return [model.objects.count() for model in (Charge, LedgerEntry, Take)]


def test_every_verb_of_the_table_is_tried() -> None:
    assert {verb for verb, _, _ in EDITS.values()} == set(INVERSES)


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_undone_and_done_again(world: World, name: str) -> None:
    verb, prepare, act = EDITS[name]
    prepare(world)
    before, paid, count = state(world), money(), Edit.objects.count()
    act(world)
    edit, after = newest(world.session), state(world)
    assert (edit.verb, Edit.objects.count() - count, after != before) == (verb, 1, True)

    undoing = undo(session=world.session, by=world.by)
    undone = state(world)
    redoing = redo(session=world.session, by=world.by)
    redone = state(world)
    again = undo(session=world.session, by=world.by)

    assert (undone, redone, state(world)) == (before, after, before)
    assert [made.verb for made in (undoing, redoing, again)] == [f"undo:{verb}", f"redo:{verb}", f"undo:{verb}"]
    edit.refresh_from_db()
    undoing.refresh_from_db()
    assert (edit.undone_by_edit, undoing.undone_by_edit, edit.undone_at is not None) == (undoing, redoing, True)
    assert money() == paid
    assert Session.objects.get(pk=world.session.pk).version == newest(world.session).number


SPOIL: dict[str, Act] = {
    "rename": lambda w: Session.objects.update(name="Other"),
    "settings": lambda w: Continuity.objects.update(takes_per_shot=4),
    "add": lambda w: Shot.objects.filter(user_prompt="New").update(deleted_at=NOON),
    "delete": lambda w: Shot.all_objects.update(deleted_at=None),
    "move": lambda w: Shot.objects.filter(pk=w.shots[1].pk).update(rank=77),
    "reorder": lambda w: ranks.write_ranks({w.shots[0].pk: 77}),
    "words": lambda w: Shot.objects.update(user_prompt="Other"),
    "settings of a shot": lambda w: Shot.objects.update(params={"seconds": 3}),
    "lock": lambda w: Shot.objects.update(locked=False),
    "choose": lambda w: Shot.objects.update(chosen_take=w.takes[1]),
    "choose best": lambda w: Shot.objects.update(chosen_by="person"),
    "base": lambda w: Continuity.objects.update(base_style=w.styles[1]),
    "apply to all": lambda w: Shot.objects.filter(pk=w.shots[0].pk).update(inherit_lighting=True),
    "proxy": lambda w: SceneProxy.objects.update(current=False),
    "accept": lambda w: Cut.objects.update(accepted_note="Other"),
    "grade": lambda w: Grade.objects.update(state=GradeState.REMOVED),
    "prompt": lambda w: Prompt.objects.update(input="Other"),
    "bridge": lambda w: Shot.objects.filter(pk=w.shots[2].pk).delete(),
}


@pytest.mark.parametrize("name", SPOIL)
def test_what_was_changed_since_is_not_undone(world: World, name: str) -> None:
    EDITS[name][1](world)
    EDITS[name][2](world)
    SPOIL[name](world)
    before, count = state(world), Edit.objects.count()

    with pytest.raises(Refused) as refusal:
        undo(session=world.session, by=world.by)

    assert (refusal.value.code, state(world), Edit.objects.count()) == ("changed_since", before, count)
    assert str(refusal.value) == "This was changed since by somebody: undo that first or change it by hand."


# in what order


def test_three_edits_of_one_shot_are_undone_and_done_again_in_their_order(world: World) -> None:
    seen = [state(world)]
    for words in ("One", "Two", "Three"):
        world.change(user_prompt=words)
        seen.append(state(world))

    for step in (2, 1):
        undo(session=world.session, by=world.by)
        assert state(world) == seen[step]
    redo(session=world.session, by=world.by)
    assert state(world) == seen[2]
    for step in (1, 0):
        undo(session=world.session, by=world.by)
        assert state(world) == seen[step]
    for step in (1, 2, 3):
        redo(session=world.session, by=world.by)
        assert state(world) == seen[step]

    with pytest.raises(Refused) as refusal:
        redo(session=world.session, by=world.by)
    assert refusal.value.code == "nothing_to_redo"


def test_different_verbs_on_one_shot_are_undone_in_turn(world: World) -> None:
    seen = [state(world)]
    names = ["words", "move", "choose", "lock", "settings of a shot"]
    for name in names:
        EDITS[name][2](world)
        seen.append(state(world))

    for step in reversed(range(len(names))):
        undo(session=world.session, by=world.by)
        assert state(world) == seen[step]
    for step in range(len(names)):
        redo(session=world.session, by=world.by)
        assert state(world) == seen[step + 1]


def test_another_edit_ends_what_can_be_done_again(world: World) -> None:
    world.change(user_prompt="One")
    undo(session=world.session, by=world.by)
    world.change(seed=1)

    with pytest.raises(Refused) as refusal:
        redo(session=world.session, by=world.by)
    undo(session=world.session, by=world.by)

    assert (refusal.value.code, len(redoable(world.session))) == ("nothing_to_redo", 1)
    assert [edit.verb for edit in undoable(world.session)] == []
    redo(session=world.session, by=world.by)
    assert (world.shot().seed, world.shot().user_prompt) == (1, world.shots[1].user_prompt)


def test_a_scene_that_nobody_edited_has_nothing_to_undo(owner) -> None:
    session = SessionFactory(owner=owner)
    for act, code in ((undo, "nothing_to_undo"), (redo, "nothing_to_redo")):
        with pytest.raises(Refused) as refusal:
            act(session=session, by=owner)
        assert refusal.value.code == code


def test_the_last_edits_can_be_undone_newest_first(world: World) -> None:
    for number in range(DEPTH + 2):
        world.change(seed=number)

    assert [edit.after["seed"] for edit in undoable(world.session)] == list(range(DEPTH + 1, 1, -1))
    assert {edit.by for edit in undoable(world.session)} == {world.by}


def test_edits_of_another_scene_are_left_alone(world: World, owner) -> None:
    other = World(owner)
    other.change(seed=1)
    world.change(seed=2)

    undo(session=world.session, by=owner)

    assert (world.shot().seed, other.shot().seed) == (None, 1)
    assert (len(undoable(other.session)), len(undoable(world.session))) == (1, 0)


def test_an_edit_of_no_known_verb_is_passed_over(world: World) -> None:
    world.change(seed=1)
    world.session.edit("style.template", by=world.by, target=world.session, before={}, after={})

    assert undo(session=world.session, by=world.by).verb == "undo:shot.change"


# others at work


def test_edits_of_two_people_are_undone_in_the_order_in_which_they_were_made(world: World, staff) -> None:
    world.change(seed=1)
    shots_edit.change_shot(shot=world.shot(0), by=staff, seed=2)

    first, second = undo(session=world.session, by=world.by), undo(session=world.session, by=staff)

    assert [(made.target_id, made.by) for made in (first, second)] == [
        (world.shots[0].pk, world.by),
        (world.shots[1].pk, staff),
    ]
    assert (world.shot(0).seed, world.shot(1).seed) == (None, None)


def test_a_worker_that_finishes_a_take_meanwhile_stands_in_no_ones_way(owner) -> None:
    session, [shot] = scene(owner, "A red door")
    take = shots.request_generation(shot=shot, by=owner)
    shots_edit.change_shot(shot=shot, by=owner, user_prompt="A green door")
    version = Session.objects.get().version
    settle(session)

    undo(session=session, by=owner)

    shot.refresh_from_db()
    assert (shot.user_prompt, shot.chosen_take, take.state) == ("A red door", take, TakeState.REQUESTED)
    assert (Session.objects.get().version, Take.objects.get().state) == (version + 1, TakeState.DONE)


def test_a_measurement_that_chose_meanwhile_does_not_keep_a_persons_choice_from_coming_back(world: World) -> None:
    shots.choose_take(shot=world.shot(), take=world.other_take, by=world.by)
    shots.let_the_best_be_chosen(shot=world.shot(), by=world.by)
    Shot.objects.filter(pk=world.shots[1].pk).update(chosen_take=world.takes[1])  # as the gate does

    undo(session=world.session, by=world.by)

    assert (world.shot().chosen_take, world.shot().chosen_by) == (world.other_take, "person")


def test_what_a_service_refuses_is_not_undone(owner) -> None:
    session, [shot] = scene(owner, "A red door")
    made = shots_edit.add_shot(session=session, user_prompt="Two", by=owner, mode="none")
    take = shots.request_generation(shot=made, by=owner)

    with pytest.raises(Refused) as refusal:
        undo(session=session, by=owner)

    assert (refusal.value.code, refusal.value.job_id) == ("shot_is_being_made", job_of(take).pk)
    assert undoable(session)[0].undone_at is None
    take_over(job_of(take), owner="worker")
    failures.fail(Job.objects.get(pk=job_of(take).pk), code="x", sentence="No.", billed_micros=0)
    assert (undo(session=session, by=owner).verb, Shot.objects.get()) == ("undo:shot.add", shot)


def test_a_moved_shot_is_not_put_back_where_another_one_stands(world: World) -> None:
    rank = world.shot().rank
    shots_edit.move_shot(shot=world.shot(), position=0, by=world.by)
    ShotFactory(session=world.session, rank=rank)

    with pytest.raises(Refused) as refusal:
        undo(session=world.session, by=world.by)

    assert refusal.value.code == "place_taken"


def test_paid_work_is_never_undone(owner) -> None:
    _, [shot] = scene(owner, "A red door")
    count = Edit.objects.count()

    take = shots.request_generation(shot=shot, by=owner)
    shots.cancel(take=take, by=owner)

    assert Edit.objects.count() == count


def test_who_saw_an_older_version_undoes_nothing(world: World) -> None:
    world.change(seed=1)
    version = Session.objects.get().version

    with expecting(world.session.pk, version - 1), pytest.raises(VersionConflict):
        undo(session=world.session, by=world.by)
    assert world.shot().seed == 1
    with expecting(world.session.pk, version):
        undo(session=world.session, by=world.by)
    assert world.shot().seed is None


def test_times_and_decimals_come_back_exactly(world: World) -> None:
    accepted = cuts.accept(cut=world.cut, by=world.by, note="Wanted.")
    Cut.objects.filter(pk=accepted.pk).update(accepted_at=NOON + timedelta(microseconds=1))
    cuts.withdraw(cut=accepted, by=world.by)
    services.change_settings(session=world.session, by=world.by, style_strength="0.125", gate_threshold="0.5")

    undo(session=world.session, by=world.by)
    undo(session=world.session, by=world.by)

    half = Continuity.objects.get()
    assert (str(half.style_strength), str(half.gate_threshold)) == ("0.600", "0.750")
    assert Cut.objects.get().accepted_at == NOON + timedelta(microseconds=1)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_undo_at_once_each_undoes_another_edit(owner) -> None:
    world = World(owner)
    for number in range(4):
        world.change(seed=number)

    answers = at_once(4, lambda _: undo(session=Session.objects.get(pk=world.session.pk), by=owner))

    undone = {answer.pk for answer in answers if isinstance(answer, Edit)}
    busy = [answer.code for answer in answers if isinstance(answer, Refused)]
    assert (len(undone) + len(busy), set(busy) <= {"busy"}) == (4, True), answers
    assert len(undone) >= 1
    assert Edit.objects.exclude(undone_at=None).count() == len(undone)
    left = [edit.after["seed"] for edit in undoable(world.session)]
    assert left == list(reversed(range(4 - len(undone))))
    assert world.shot().seed == (left[0] if left else None)


# what is mended on the way


def test_a_grade_that_led_to_an_older_base_is_not_applied_from_an_old_page(world: World) -> None:
    style_base.set_base(session=world.session, by=world.by, base_take=world.takes[0].pk)
    assert Grade.objects.get().state == GradeState.REMOVED

    with pytest.raises(Refused) as refusal:
        grades.apply(grade=world.grade, by=world.by)

    assert (refusal.value.code, Grade.objects.get().state) == ("grade_not_applicable", GradeState.REMOVED)
