"""A whole scene at once: begun, taken away, asked for."""

import pytest

from continuity.models import Asset, Blob, Continuity, Frame, Job, Shot, Take
from continuity.services import shots
from continuity.services.errors import Refused
from sessions_app import services
from sessions_app.models import Session
from tests.factories.continuity import DoneTakeFactory, ShotFactory
from tests.factories.session import SessionFactory
from tests.stand_ins.clips import ClipSize, clip_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "pier.mp4"
    path.write_bytes(clip_bytes(ClipSize(160, 90, 1, 24)))
    return path


def nothing_but_people() -> bool:
    return not any(model.all_objects.exists() for model in (Session, Shot)) and not any(
        model.objects.exists() for model in (Continuity, Take, Asset, Frame, Blob, Job)
    )


def test_a_scene_has_one_shot_per_prompt(owner) -> None:
    session, made = services.continue_scene(owner=owner, name="Pier", prompts=["One", "Two"], settings={"auto_extract": False})

    assert [shot.user_prompt for shot in Shot.objects.filter(session=session).order_by("rank")] == ["One", "Two"]
    assert [shot.user_prompt for shot in made] == ["One", "Two"]
    assert (session.continuity.auto_extract, Job.objects.count()) == (False, 0)


def test_a_scene_that_continues_a_clip_has_it_as_its_first_shot(owner, clip) -> None:
    _, made = services.continue_scene(owner=owner, name="Pier", prompts=["One", "Two"], clip=clip)

    take = Take.objects.get()
    assert (take.shot, take.origin, take.state, Shot.objects.get(pk=made[0].pk).chosen_take) == (made[0], "upload", "done", take)
    assert Job.objects.get().kind == "style"


@pytest.mark.parametrize(
    "content", [b"", b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/a.ts\n", b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 500]
)
def test_a_scene_of_a_clip_that_cannot_be_used_leaves_nothing(owner, clip, content: bytes) -> None:
    clip.write_bytes(content)

    with pytest.raises(Refused) as refusal:
        services.continue_scene(owner=owner, name="Pier", prompts=["One"], clip=clip)

    assert refusal.value.code in ("not_a_video", "video_damaged", "no_picture")
    assert nothing_but_people()


def test_a_scene_of_a_prompt_that_cannot_be_sent_leaves_nothing(owner) -> None:
    with pytest.raises(Refused) as refusal:
        services.continue_scene(owner=owner, name="Pier", prompts=["One", "a\x00b"])

    assert refusal.value.code == "prompt_invalid"
    assert nothing_but_people()


def test_a_scene_that_fails_after_its_clip_was_kept_leaves_no_file_of_it(owner, clip, monkeypatch) -> None:
    def fail(*args: object, **columns: object) -> None:
        raise OSError("The disk is full.")

    monkeypatch.setattr(shots.create, "style_job", fail)

    with pytest.raises(OSError, match="The disk is full"):
        services.continue_scene(owner=owner, name="Pier", prompts=["One"], clip=clip)

    assert (Session.all_objects.count(), Asset.all_objects.count(), Frame.objects.count()) == (0, 0, 0)


def test_a_scene_that_is_taken_away_takes_its_files_and_its_measuring_along(owner, clip) -> None:
    session, _ = services.continue_scene(owner=owner, name="Pier", prompts=["One"], clip=clip)
    other, _ = services.continue_scene(owner=owner, name="Other", prompts=["One"], clip=clip)

    services.take_away(session)

    assert list(Session.all_objects.all()) == [other]
    assert set(Asset.all_objects.values_list("session", flat=True)) == {other.pk}
    assert dict(Job.objects.values_list("session", "state")) == {None: "cancelled", other.pk: "queued"}


def test_everything_that_is_missing_is_asked_for_in_order(owner) -> None:
    session, made = services.continue_scene(owner=owner, name="Pier", prompts=["One", "Two", "Three", "Four"])
    done = DoneTakeFactory(shot=made[0])
    Shot.objects.filter(pk=made[0].pk).update(chosen_take=done)
    shots.request_generation(shot=made[1], by=owner)
    ShotFactory(session=SessionFactory(owner=owner))  # another scene's

    takes = services.generate_missing(session=session, by=owner)

    assert [take.shot for take in takes] == [made[2], made[3]]
    assert [job.state for job in Job.objects.filter(kind="generate").order_by("created_at")] == ["queued", "waiting", "waiting"]


def test_a_scene_without_shots_says_so_when_it_is_asked_for(owner) -> None:
    with pytest.raises(Refused) as refusal:
        services.generate_missing(session=SessionFactory(owner=owner), by=owner)

    assert refusal.value.code == "no_shots"


def test_asking_for_what_is_missing_when_nothing_is_says_so(owner) -> None:
    session, _ = services.continue_scene(owner=owner, name="Pier", prompts=["One"])
    services.generate_missing(session=session, by=owner)

    with pytest.raises(Refused) as refusal:
        services.generate_missing(session=session, by=owner)

    assert (refusal.value.code, Take.objects.count()) == ("nothing_missing", 1)
