"""Every promise of the engine's records, kept by both databases."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from continuity.enums import AssetRole, ChargeState, FrameRole, GradeState, JobKind, JobState, StyleOrigin, TakeOrigin, TakeState
from continuity.models import Asset, Blob, Budget, Continuity, Frame, Job, Shot, Style, Take
from continuity.models.take import INPUT_COLUMNS
from tests.factories import continuity as make
from tests.factories.session import NOON, SessionFactory, digest
from tests.violations import Plant, Table, answer_to, enum_columns, enum_constraint, expected_answer, planted, rules, twice

pytestmark = pytest.mark.django_db

REFUSED_ROWS: Table = {
    "continuity_style_strength": [
        lambda: make.ContinuityFactory(style_strength=Decimal("1.001")),
        lambda: make.ContinuityFactory(style_strength=Decimal("-0.001")),
    ],
    "continuity_gate_threshold": [
        lambda: make.ContinuityFactory(gate_threshold=Decimal("1.001")),
        lambda: make.ContinuityFactory(gate_threshold=Decimal("-0.001")),
    ],
    "continuity_takes_per_shot": [
        lambda: make.ContinuityFactory(takes_per_shot=0),
        lambda: make.ContinuityFactory(takes_per_shot=9),
    ],
    "continuity_max_retries": [lambda: make.ContinuityFactory(max_retries=6)],
    "continuity_chain_limit": [
        lambda: make.ContinuityFactory(chain_limit=0),
        lambda: make.ContinuityFactory(chain_limit=101),
    ],
    "continuity_drift_limit": [
        lambda: make.ContinuityFactory(drift_limit=Decimal("-0.01")),
        lambda: make.ContinuityFactory(drift_limit=Decimal("100.01")),
    ],
    "continuity_base_style_has_a_source": [
        lambda: make.ContinuityFactory(base_style=make.StyleFactory()),
        lambda: make.ContinuityFactory(base_style_source="extracted"),
    ],
    "continuity_continuity.session_id": [lambda: twice(make.ContinuityFactory, "session")],
    "shot_rank": [lambda: twice(make.ShotFactory, "session", "rank")],
    "shot_legacy_id": [lambda: twice(make.ShotFactory, "session", legacy_id="shot-1")],
    "style_number": [lambda: twice(make.StyleFactory, "session", "number")],
    "styletemplate_name": [lambda: twice(make.StyleTemplateFactory, "owner", "name")],
    "extraction_cache": [lambda: twice(make.ExtractionFactory, "owner", "frames_sha256", "extractor")],
    "sceneproxy_one_current": [lambda: twice(make.SceneProxyFactory, "session", current=True)],
    "continuity_generationrun.directory": [lambda: twice(make.GenerationRunFactory, "directory")],
    "continuity_generationrun.session_id": [lambda: twice(make.GenerationRunFactory, "session")],
    "blob_fps_den": [lambda: make.BlobFactory(fps_num=24, fps_den=0), lambda: make.BlobFactory(fps_num=24, fps_den=-1)],
    "blob_duration_den": [lambda: make.BlobFactory(duration_num=4, duration_den=0)],
    "asset_recipe": [lambda: twice(make.AssetFactory, "role", parent=make.AssetFactory(), recipe_sha256=digest("recipe"))],
    "frame_index": [lambda: twice(make.FrameFactory, "asset", "index")],
    "frame_time_den": [lambda: make.FrameFactory(time_den=0), lambda: make.FrameFactory(time_den=-1)],
    "export_inputs": [lambda: twice(make.ExportFactory, "session", "inputs_sha256")],
    "take_number": [lambda: twice(make.TakeFactory, "shot", "number")],
    "take_done_has_clip_and_frames": [
        lambda: change(make.DoneTakeFactory(), video=None),
        lambda: change(make.DoneTakeFactory(), first_frame=None),
        lambda: change(make.DoneTakeFactory(), last_frame=None),
    ],
    "take_failed_says_why": [lambda: make.TakeFactory(state=TakeState.FAILED)],
    "take_sent_names_its_request": [
        lambda: make.DoneTakeFactory(request_sha256=None),
        lambda: make.TakeFactory(state=TakeState.UNKNOWN),
    ],
    "takereference_order": [lambda: twice(make.TakeReferenceFactory, "take", "order")],
    "cut_measured_once": [lambda: twice(make.CutFactory, "session", "left_take", "right_take", "metric")],
    "cut_score": [lambda: make.CutFactory(score=1.01), lambda: make.CutFactory(score=-0.01)],
    "cut_score_or_reason": [
        lambda: make.CutFactory(score=None),
        lambda: make.CutFactory(reason="too dark"),
    ],
    "grade_one_applied": [lambda: twice(make.GradeFactory, "take", state=GradeState.APPLIED)],
    "grade_lut_or_reason": [
        lambda: make.GradeFactory(lut=None),
        lambda: make.GradeFactory(state=GradeState.REFUSED, lut=None),
    ],
    "job_one_live_generate": [
        lambda: twice(make.JobFactory, "session", kind=JobKind.GENERATE, shot=make.ShotFactory()),
        lambda: one_queued_one_unknown(make.ShotFactory()),
    ],
    "job_one_live_per_subject": [lambda: twice(make.JobFactory, "subject_key")],
    "job_remote_id": [lambda: twice(make.JobFactory, provider="ltx", remote_id="42", submit_intent_at=NOON)],
    "job_running_has_lease": [
        lambda: make.RunningJobFactory(lease_until=None),
        lambda: make.JobFactory(lease_until=NOON),
    ],
    "job_live_has_a_next_look": [
        lambda: make.JobFactory(next_run_at=None),
        lambda: make.JobFactory(deadline_at=None),
        lambda: make.JobFactory(state=JobState.UNKNOWN, next_run_at=None),
        lambda: make.RunningJobFactory(deadline_at=None),
        lambda: make.JobFactory(state=JobState.WAITING, next_run_at=None),
    ],
    "job_remote_id_after_intent": [lambda: make.JobFactory(provider="ltx", remote_id="42")],
    "job_terminal_is_finished": [
        lambda: make.DoneJobFactory(finished_at=None),
        lambda: make.JobFactory(state=JobState.FAILED),
        lambda: make.JobFactory(state=JobState.CANCELLED),
    ],
    "continuity_budget.scope": [lambda: twice(make.BudgetFactory, "scope")],
    "budget_not_negative": [
        lambda: make.BudgetFactory(reserved_micros=-1),
        lambda: make.BudgetFactory(spent_micros=-1),
        lambda: make.BudgetFactory(overrun_micros=-1),
        lambda: make.BudgetFactory(limit_micros=-1),
    ],
    "budget_within_limit": [lambda: make.BudgetFactory(limit_micros=10, reserved_micros=6, spent_micros=5)],
    "continuity_charge.job_id": [lambda: twice(make.ChargeFactory, "job")],
    "charge_not_negative": [
        lambda: make.ChargeFactory(estimate_micros=-1),
        lambda: make.ChargeFactory(reserved_micros=-1),
        lambda: make.ChargeFactory(settled_micros=-1),
        lambda: make.ChargeFactory(released_micros=-1),
        lambda: make.ChargeFactory(overrun_micros=-1),
    ],
    "charge_within_reserve": [lambda: make.ChargeFactory(reserved_micros=3, settled_micros=2, released_micros=2)],
    "charge_closed_sums": [lambda: make.ChargeFactory(reserved_micros=3, settled_micros=2, state=ChargeState.CLOSED)],
    "ledgerentry_once_per_kind": [lambda: twice(make.LedgerEntryFactory, "charge", charge=make.ChargeFactory())],
    "ledgerentry_not_negative": [lambda: make.LedgerEntryFactory(kind="overrun", amount_micros=-1)],
    "providerkey_one_valid": [lambda: twice(make.ProviderKeyFactory, "user", "provider")],
}
FACTORIES = {
    factory._meta.model: factory
    for factory in vars(make).values()
    if isinstance(factory, type)
    and factory.__name__ == f"{getattr(getattr(factory, '_meta', None), 'model', int).__name__}Factory"
}
BESIDE_THE_ENUM: dict[str, dict[str, Any]] = {
    "continuity_base_style_source": {"base_style": lambda: make.StyleFactory()},
}


def change(row: Any, **values: Any) -> int:
    """Change a stored row as any code could, by its table's manager."""
    return int(type(row)._base_manager.filter(pk=row.pk).update(**values))


def one_queued_one_unknown(shot: Shot) -> None:
    make.JobFactory(kind=JobKind.GENERATE, shot=shot)
    make.JobFactory(kind=JobKind.GENERATE, shot=shot, state=JobState.UNKNOWN)


@pytest.mark.planted_budget
@pytest.mark.parametrize(("name", "plant"), planted(REFUSED_ROWS))
def test_constraint_refuses_a_planted_row(name: str, plant: Plant) -> None:
    assert answer_to(plant) == expected_answer(rules("continuity")[name])


def test_every_constraint_has_a_planted_row() -> None:
    enums = {enum_constraint(model, field) for model, field in enum_columns("continuity")}

    assert set(rules("continuity")) == set(REFUSED_ROWS) | enums


@pytest.mark.parametrize(
    ("model", "field"),
    [pytest.param(model, field, id=f"{model.__name__}.{field.name}") for model, field in enum_columns("continuity")],
)
def test_enum_column_refuses_a_word_that_is_not_in_the_enum(model: Any, field: Any) -> None:
    name = enum_constraint(model, field)
    assert name is not None, f"{model.__name__}.{field.name} has choices and no check over exactly them"
    beside = {key: value() for key, value in BESIDE_THE_ENUM.get(name, {}).items()}

    assert answer_to(lambda: FACTORIES[model](**beside, **{field.name: "nonsense"})) == (name, ())


@pytest.mark.parametrize("model", FACTORIES, ids=lambda model: model.__name__)
@pytest.mark.planted_budget
def test_factory_makes_a_row_that_the_database_accepts(model: Any) -> None:
    if model.__name__ == "LedgerEntry":
        row = FACTORIES[model](amount_micros=0, charge=make.ChargeFactory(estimate_micros=0))
    else:
        row = FACTORIES[model]()

    assert list(model._base_manager.filter(pk=row.pk)) == [row]


def test_deleted_shot_frees_its_rank_and_is_seen_by_all_objects_only() -> None:
    gone = make.ShotFactory(legacy_id="shot-1")
    gone.delete_softly()

    new = make.ShotFactory(session=gone.session, rank=gone.rank, legacy_id="shot-1")

    assert list(gone.session.shots.all()) == [new]
    assert list(Shot.objects.all()) == [new]
    assert set(Shot.all_objects.all()) == {gone, new}


def test_deleted_asset_frees_its_recipe_and_is_seen_by_all_objects_only() -> None:
    clip = make.AssetFactory()
    gone = make.AssetFactory(parent=clip, recipe_sha256=digest("recipe"))

    assert Asset.objects.filter(pk=gone.pk).soft_delete() == 1
    assert Asset.objects.filter(pk=gone.pk).soft_delete() == 0
    new = make.AssetFactory(parent=clip, recipe_sha256=digest("recipe"))

    assert list(clip.derived.all()) == [new]
    assert set(Asset.all_objects.filter(parent=clip)) == {gone, new}


def test_second_live_generate_job_is_allowed_once_the_first_is_finished() -> None:
    shot = make.ShotFactory()
    make.DoneJobFactory(kind=JobKind.GENERATE, shot=shot, subject_key="generate:1")
    live = make.JobFactory(kind=JobKind.GENERATE, shot=shot, subject_key="generate:1")

    assert list(Job.objects.filter(shot=shot, state=JobState.QUEUED)) == [live]


@pytest.mark.planted_budget
def test_budget_without_a_limit_takes_any_amount() -> None:
    budget = make.BudgetFactory(limit_micros=None, reserved_micros=10**15)

    assert Budget.objects.get(pk=budget.pk).reserved_micros == 10**15


def test_legacy_take_is_done_without_a_clip() -> None:
    take = make.TakeFactory(state=TakeState.DONE, origin=TakeOrigin.LEGACY)

    assert Take.objects.get(pk=take.pk).video is None


def other_value(field: Any) -> object:
    """A value for raw SQL that no factory gives that column."""
    kind = field.get_internal_type()
    if kind in ("ForeignKey", "OneToOneField"):
        return other_value(field.target_field)
    if kind == "JSONField":
        return '{"other": 1}'
    return {"BigIntegerField": 7, "BigAutoField": 999_999, "PositiveIntegerField": 999_999}.get(kind, "other")


@pytest.mark.parametrize("name", INPUT_COLUMNS)
def test_take_refuses_another_input_once_it_runs(name: str) -> None:
    take = make.TakeFactory(state=TakeState.GENERATING)
    field = Take._meta.get_field(name)

    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'UPDATE continuity_take SET "{field.column}" = %s WHERE id = %s', [other_value(field), take.pk])  # noqa: S608

    assert getattr(Take.objects.get(pk=take.pk), field.attname) == getattr(take, field.attname)


@pytest.mark.parametrize("name", [name for name in INPUT_COLUMNS if not Take._meta.get_field(name).is_relation])
def test_take_takes_inputs_while_it_is_only_requested(name: str) -> None:
    take = make.TakeFactory()
    value: Any = {"injection": None, "params": {"seconds": 4}, "seed": 7, "mode": "native"}.get(name, "other")

    assert change(take, **{name: value}) == 1
    assert getattr(Take.objects.get(pk=take.pk), name) == value


def test_take_may_be_finished_and_unlinked_after_its_inputs_are_frozen() -> None:
    take = make.DoneTakeFactory(input_frame=make.FrameFactory(), style=make.StyleFactory())

    assert change(take, state=TakeState.CANCELLED, input_frame=None, style=None, error_sentence="stopped") == 1


def test_still_has_one_frame_of_index_0() -> None:
    still = make.StillFactory()
    frame = make.FrameFactory(asset=still, index=0, role=FrameRole.KEY)

    with pytest.raises(IntegrityError, match="still has one frame"), transaction.atomic():
        make.FrameFactory(asset=still, index=1)
    with pytest.raises(IntegrityError, match="still has one frame"), transaction.atomic():
        change(frame, index=1)

    assert list(Frame.objects.filter(asset=still)) == [frame]


def test_frame_of_a_clip_may_have_any_index() -> None:
    frame = make.FrameFactory(asset=make.AssetFactory(role=AssetRole.CLIP), index=95)

    assert Frame.objects.get(pk=frame.pk).index == 95


def test_purge_of_a_session_takes_its_base_style_and_every_take_along() -> None:
    scene = SessionFactory()
    parent = make.StyleFactory(session=scene)
    style = make.StyleFactory(session=scene, parent=parent, origin=StyleOrigin.EDITED)
    make.ContinuityFactory(session=scene, base_style=style, base_style_source="user-defined")
    take = make.DoneTakeFactory(shot__session=scene, style=style)
    make.CutFactory(session=scene, left_take=take)
    deleted = make.ShotFactory(session=scene, bridge_from=take.shot)
    deleted.delete_softly()

    scene.delete()

    left = [Continuity.objects, Style.objects, Take.objects, Shot.all_objects]
    assert [manager.count() for manager in left] == [0, 0, 0, 0]
    assert Blob.objects.count() > 0


def test_base_style_is_not_deleted_while_its_scene_uses_it() -> None:
    style = make.StyleFactory()
    make.ContinuityFactory(session=style.session, base_style=style, base_style_source="user-defined")

    with pytest.raises(IntegrityError), transaction.atomic():
        Style._base_manager.filter(pk=style.pk).delete()

    assert list(Style.objects.all()) == [style]
