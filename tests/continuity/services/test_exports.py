"""The film of a scene: its chosen takes in order, made once for the same takes and options."""

import pytest
from django.db.models import QuerySet

from continuity.models import Asset, Export, Job, Shot
from continuity.services import exports, media, shots, shots_edit
from continuity.services.errors import Refused
from continuity.video.verify import verify
from tests.engine import at_once, scene, settle
from tests.factories.continuity import TakeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(owner, clip):
    """A scene of two finished shots, each of a second."""
    session, [_, second] = scene(owner, "One", "Two", clip=clip, auto_extract=False)
    shots.add_uploaded_take(shot=second, path=clip, name="b.mp4", by=owner)
    settle(session)
    return session


def film_jobs() -> QuerySet[Job]:
    return Job.objects.filter(kind="film")


def test_a_film_is_the_chosen_takes_in_order(two, owner) -> None:
    export = exports.request_film(session=two, by=owner)
    settle(two)

    export.refresh_from_db()
    blob = export.asset.blob
    assert (blob.frame_count, blob.width, blob.height) == (48, 160, 90)
    assert (export.asset.role, export.asset.owner, export.asset.session) == ("film", owner, two)
    with media.local_clip(export.asset) as path:
        assert verify(path).frame_count == 48
    assert export.options["takes"] == [shot.chosen_take_id for shot in Shot.objects.order_by("rank")]


def test_the_same_film_is_made_once(two, owner) -> None:
    first = exports.request_film(session=two, by=owner)
    assert exports.request_film(session=two, by=owner) == first
    assert film_jobs().count() == 1
    settle(two)

    assert exports.request_film(session=two, by=owner) == first
    assert (film_jobs().count(), Export.objects.count()) == (1, 1)


def test_another_choice_or_another_option_is_another_film(two, owner, clip) -> None:
    first = exports.request_film(session=two, by=owner)
    titled = exports.request_film(session=two, by=owner, titles=["Dusk", None])
    faded = exports.request_film(session=two, by=owner, crossfade="1/4")
    shot = Shot.objects.first()
    take = shots.add_uploaded_take(shot=shot, path=clip, name="c.mp4", by=owner)
    shots.choose_take(shot=shot, take=take, by=owner)
    chosen = exports.request_film(session=two, by=owner)

    assert len({first.pk, titled.pk, faded.pk, chosen.pk}) == 4
    assert film_jobs().count() == 4


def test_a_film_that_failed_may_be_asked_for_again(two, owner) -> None:
    export = exports.request_film(session=two, by=owner)
    film_jobs().update(deadline_at="2026-01-01T00:00Z")
    settle(two)
    assert film_jobs().get().error_code == "deadline"

    assert exports.request_film(session=two, by=owner) == export

    settle(two)
    export.refresh_from_db()
    assert (export.asset is not None, Asset.objects.filter(role="film").count()) == (True, 1)


@pytest.mark.django_db(transaction=True)
def test_ten_people_who_ask_at_once_get_one_film(two, owner) -> None:
    answers = at_once(10, lambda number: exports.request_film(session=two, by=owner))

    assert answers == [Export.objects.get()] * 10
    assert film_jobs().count() == 1


def test_who_asks_in_the_moment_between_gets_the_film_that_is_being_made(two, owner, monkeypatch) -> None:
    export = exports.request_film(session=two, by=owner)
    monkeypatch.setattr(exports, "live_film_job", lambda export: None)  # looked a moment too early

    assert exports.request_film(session=two, by=owner) == export
    assert (film_jobs().count(), Export.objects.count()) == (1, 1)


def test_a_shot_without_a_clip_is_named(two, owner) -> None:
    third = shots_edit.add_shot(session=two, user_prompt="Three", by=owner)
    TakeFactory(shot=third, state="failed", error_code="x")

    with pytest.raises(Refused, match="Shot 3 has no finished clip") as refusal:
        exports.request_film(session=two, by=owner)

    assert (refusal.value.code, Export.objects.count(), film_jobs().count()) == ("shot_without_clip", 0, 0)


def test_a_deleted_shot_is_not_in_the_film(two, owner) -> None:
    Shot.objects.last().delete_softly()

    assert len(exports.request_film(session=two, by=owner).options["takes"]) == 1


def test_a_scene_without_shots_has_no_film(two, owner) -> None:
    for shot in Shot.objects.all():
        shot.delete_softly()

    with pytest.raises(Refused) as refusal:
        exports.request_film(session=two, by=owner)

    assert refusal.value.code == "no_shots"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"titles": ["one"]}, "bad_titles"),
        ({"titles": []}, "bad_titles"),
        ({"crossfade": "soon"}, "bad_crossfade"),
        ({"crossfade": "1/0"}, "bad_crossfade"),
        ({"crossfade": "-1"}, "bad_crossfade"),
        ({"crossfade": "0.6"}, "bad_crossfade"),
    ],
    ids=str,
)
def test_options_that_no_film_can_have_are_refused_at_once(two, owner, options: dict, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        exports.request_film(session=two, by=owner, **options)

    assert (refusal.value.code, Export.objects.count(), film_jobs().count()) == (code, 0, 0)


def test_the_clips_of_a_film_come_in_its_order(two, owner) -> None:
    export = exports.request_film(session=two, by=owner)
    first, second = export.options["takes"]
    export.options = {"takes": [second, first]}

    with exports.clips_of(export) as paths:
        assert [path.exists() for path in paths] == [True, True]
