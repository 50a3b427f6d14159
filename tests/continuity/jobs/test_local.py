"""Jobs that cost nothing: they may fail, and take nothing with them but themselves."""

import pytest

from continuity.enums import JobKind
from continuity.jobs import claims, create, steps
from continuity.models import Continuity, Extraction, Job, Take
from continuity.services import exports, media, shots, styles
from continuity.video.errors import VideoDamaged
from tests.engine import LTX, job_of, scene, settle, turn
from tests.stand_ins.clips import ClipSize, clip_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def blind(monkeypatch) -> None:
    """Nothing can be measured."""

    def fails(job: Job, keeper) -> None:
        raise VideoDamaged("The clip cannot be decoded: make it again.")

    monkeypatch.setitem(steps.STEPS, ("style", "measure"), fails)


def test_a_look_that_cannot_be_measured_leaves_the_take_as_it_is(owner, clip, blind) -> None:
    session, [shot] = scene(owner, clip=clip)
    take = Take.objects.get(shot=shot)
    before = Take.objects.filter(pk=take.pk).values().get()

    settle(session)

    job = Job.objects.get()
    assert (job.state, job.error_code, job.error_sentence) == (
        "failed",
        "video_damaged",
        "The clip cannot be decoded: make it again.",
    )
    assert (Take.objects.filter(pk=take.pk).values().get(), Continuity.objects.get().base_style) == (before, None)


def test_the_chain_goes_on_without_a_look_that_cannot_be_measured(owner, vendor, clip, blind) -> None:
    session, [_, second] = scene(owner, "One", "Two", model=LTX, clip=clip)
    take = shots.request_generation(shot=second, by=owner)
    assert job_of(take).wait_reason == "Waiting for the look of the first shot"

    settle(session)

    take.refresh_from_db()
    assert (take.state, take.style, take.input_frame) == ("done", None, second.previous().chosen_take.last_frame)


def test_a_clip_of_ones_own_is_measured_on_demand(owner, clip) -> None:
    session, [shot] = scene(owner, clip=clip, auto_extract=False)
    asset = Take.objects.get(shot=shot).video

    create.job(kind=JobKind.EXTRACT, subject_key="extract:1", by=owner, session=session, payload={"asset": asset.pk})
    settle(session)

    extraction = Extraction.objects.get(owner=owner)
    assert Job.objects.get().result == {
        "extraction": extraction.pk,
        "extractor": extraction.extractor,
        "values": extraction.values,
    }


def test_a_film_says_how_far_it_is_and_counts_as_a_change(owner, clip) -> None:
    session, _ = scene(owner, clip=clip, auto_extract=False)
    revision = type(session).objects.get(pk=session.pk).revision
    export = exports.request_film(session=session, by=owner, titles=["Dusk"])

    settle(session)

    export.refresh_from_db()
    job = Job.objects.get(kind="film")
    assert (job.state, job.result) == ("done", {"export": export.pk})
    assert job.progress is not None
    assert type(session).objects.get(pk=session.pk).revision > revision


def test_a_film_whose_clip_was_lost_fails_with_words(owner, clip, caplog) -> None:
    session, [shot] = scene(owner, clip=clip, auto_extract=False)
    with media.local_clip(Take.objects.get(shot=shot).video) as path:
        path.unlink()
    export = exports.request_film(session=session, by=owner)

    for _ in range(3):
        turn()
        Job.objects.filter(state="waiting").update(next_run_at="2026-01-01T00:00Z")

    export.refresh_from_db()
    job = Job.objects.get()
    assert (job.state, export.asset, "Traceback" in job.error_sentence) == ("failed", None, False)


@pytest.mark.django_db
def test_a_take_that_was_chosen_while_another_was_measured_keeps_the_base(owner, clip, tmp_path, monkeypatch) -> None:
    session, [shot] = scene(owner, "", clip=clip)
    first = Take.objects.get()
    other = tmp_path / "other.mp4"
    other.write_bytes(clip_bytes(ClipSize(320, 180, 1, 24)))
    second = shots.add_uploaded_take(shot=shot, path=other, name="other.mp4", by=owner)
    slow_job = Job.objects.get(take=first, kind="style")
    measure = styles.measure_asset

    def chosen_meanwhile(asset):
        if asset.pk == first.video_id:
            shots.choose_take(shot=shot, take=second, by=owner)
            steps.run(claims.claim(Job.objects.get(take=second, kind="style").pk, "second worker"))
        return measure(asset)

    monkeypatch.setattr(styles, "measure_asset", chosen_meanwhile)

    steps.run(claims.claim(slow_job.pk, "first worker"))

    assert Continuity.objects.get(session=session).base_take == second
