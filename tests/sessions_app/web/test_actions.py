"""The buttons of a scene: what each does, and the sentence when it cannot."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from continuity.enums import ChargeState, JobKind, JobState, TakeState
from continuity.models import Budget, Charge, Export, Job, Shot, Take
from sessions_app.models import Session
from tests.factories import continuity as scene
from tests.factories.session import NOON
from tests.sessions_app.web.scenes import done_shot, failed_take, job_of, live_take, make_scene, running_take, unknown_take

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(owner: Any) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def session(owner: Any) -> Session:
    return make_scene(owner, shots=1)


def press(client: Client, session: Session, way: str, **fields: str) -> Any:
    return client.post(f"/session/{session.pk}/{way}", fields)


def said(response: Any) -> list[tuple[str, str]]:
    return [(message.level_tag, str(message)) for message in get_messages(response.wsgi_request)]


def test_add_shot_puts_it_at_the_end(client: Client, session: Session) -> None:
    response = press(client, session, "shots", prompt="  Rain on the\nwindow ")

    assert said(response) == [("success", "The shot is at the end of the scene.")]
    assert [shot.user_prompt for shot in Shot.objects.all()][-1] == "Rain on the\nwindow"


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        ("  ", "Write what happens in this shot."),
        ("x" * 5001, "at most 5000 characters"),
        ("kept a\x00b", "Null characters are not allowed."),
    ],
)
def test_refused_shot_is_shown_again(client: Client, session: Session, prompt: str, sentence: str) -> None:
    running_take(session)

    response = press(client, session, "shots", prompt=prompt)

    page = response.content.decode()
    assert (response.status_code, sentence in page, Shot.objects.count()) == (422, True, 2)
    assert prompt.strip()[:4000] in page
    assert 'http-equiv="refresh"' not in page


def test_generate_asks_for_a_take(client: Client, session: Session) -> None:
    shot = scene.ShotFactory(session=session)

    response = press(client, session, f"shots/{shot.pk}/generate")

    take = Take.objects.get(shot=shot)
    assert response["Location"] == f"/session/{session.pk}/continuity#{shot.pk}"
    assert said(response) == [("success", "Take 1 is asked for.")]
    assert (take.state, take.mode, job_of(take).state) == (TakeState.REQUESTED, "frame-bridge", JobState.QUEUED)


def test_generate_pressed_twice_makes_one_take(client: Client, session: Session) -> None:
    shot = scene.ShotFactory(session=session)

    for _ in range(2):
        press(client, session, f"shots/{shot.pk}/generate")

    assert Take.objects.filter(shot=shot).count() == 1


def test_generate_without_anything_to_start_from_says_so(client: Client, owner: Any) -> None:
    session = make_scene(owner, shots=0)
    scene.ShotFactory(session=session)
    second = scene.ShotFactory(session=session)

    response = press(client, session, f"shots/{second.pk}/generate")

    sentence = "Shot 1 has no finished clip and none is being made: generate it first, or turn the frame bridge off."
    assert (said(response), Take.objects.count()) == ([("error", sentence)], 0)


def test_generate_beyond_the_budget_says_so_and_spends_nothing(client: Client, session: Session, settings: Any) -> None:
    settings.PROVIDERS = settings.PROVIDERS | {"ltx": {"api_key": "k", "base_url": "http://127.0.0.1:9"}}
    settings.SPEND_LIMIT_USER_MONTH_MICROS = 1000
    shot = scene.ShotFactory(session=session, model="ltx-2-3-fast")

    response = press(client, session, f"shots/{shot.pk}/generate")

    [(level, sentence)] = said(response)
    assert level == "error"
    assert sentence.startswith("This clip may cost $0.36, but your budget of this month has $0.001 left")
    assert (Take.objects.filter(shot=shot).count(), Charge.objects.count(), Budget.objects.count()) == (0, 0, 0)


def test_generate_missing_asks_for_every_shot_without_a_clip(client: Client, owner: Any) -> None:
    session = make_scene(owner, shots=1)
    running = running_take(session)
    missing = [scene.ShotFactory(session=session) for _ in range(2)]

    response = press(client, session, "generate")

    assert said(response) == [("success", "2 shots are asked for.")]
    takes = Take.objects.exclude(pk=running.pk).filter(state=TakeState.REQUESTED).order_by("shot__rank")
    assert [take.shot for take in takes] == missing


def test_generate_missing_with_nothing_missing_says_so(client: Client, session: Session) -> None:
    response = press(client, session, "generate")

    assert said(response)[0][0] == "error"
    assert said(response)[0][1].startswith("Every shot has its clip or is being made")


def test_retry_makes_a_new_take_of_the_failed_one(client: Client, session: Session) -> None:
    failed = failed_take(session, sentence="It failed.")

    response = press(client, session, f"takes/{failed.pk}/retry")

    take = Take.objects.get(retry_of=failed)
    assert (said(response), take.number) == ([("success", "Take 2 is asked for.")], 2)
    failed.refresh_from_db()
    assert failed.state == TakeState.FAILED


def test_retry_of_an_unknown_take_is_refused(client: Client, session: Session) -> None:
    take = unknown_take(session)

    response = press(client, session, f"takes/{take.pk}/retry")

    assert said(response)[0][1].startswith("It is not known whether this take was made: decide that first")
    assert Job.objects.filter(kind=JobKind.GENERATE).count() == 1


def test_cancel_of_a_queued_take_ends_it(client: Client, session: Session) -> None:
    take = live_take(session, state=TakeState.REQUESTED, job_state=JobState.QUEUED)

    response = press(client, session, f"takes/{take.pk}/cancel")

    assert said(response) == [("success", "Take 1 is cancelled: nothing was charged.")]
    assert (job_of(take).state, Charge.objects.get().state) == (JobState.CANCELLED, ChargeState.CLOSED)


def test_cancel_of_a_running_take_asks_it_to_stop(client: Client, session: Session) -> None:
    take = running_take(session)

    response = press(client, session, f"takes/{take.pk}/cancel")

    assert said(response)[0][1].startswith("Take 1 is being stopped.")
    assert job_of(take).cancel_requested_at is not None


def test_cancel_of_a_finished_take_is_refused(client: Client, session: Session) -> None:
    take = Take.objects.get()

    assert said(press(client, session, f"takes/{take.pk}/cancel")) == [
        ("error", "This take is not being made: there is nothing to cancel.")
    ]


def test_choose_takes_the_persons_word(client: Client, session: Session) -> None:
    shot = Shot.objects.get()
    other = scene.DoneTakeFactory(shot=shot, number=2)

    response = press(client, session, f"takes/{other.pk}/choose")

    shot.refresh_from_db()
    assert (said(response), shot.chosen_take, shot.chosen_by) == ([("success", "Take 2 is the chosen one.")], other, "person")


def test_choose_of_a_failed_take_is_refused(client: Client, session: Session) -> None:
    failed = failed_take(session, sentence="It failed.")

    assert said(press(client, session, f"takes/{failed.pk}/choose")) == [
        ("error", "Only a finished take of this shot can be chosen.")
    ]


def test_attach_goes_on_with_the_vendors_job(client: Client, session: Session) -> None:
    take = unknown_take(session)

    response = press(client, session, f"takes/{take.pk}/attach", remote_id=" job-9 ")

    job = job_of(take)
    assert said(response) == [("success", "Take 1 goes on with that id.")]
    assert (job.remote_id, job.step, job.state) == ("job-9", "poll", JobState.RUNNING)


def test_attach_of_an_id_that_is_taken_keeps_what_was_typed(client: Client, session: Session) -> None:
    running_take(session, remote_id="job-9", submit_intent_at=NOON)
    take = unknown_take(session)

    response = press(client, session, f"takes/{take.pk}/attach", remote_id="job-9")

    page = response.content.decode()
    assert (response.status_code, job_of(take).state) == (422, JobState.UNKNOWN)
    assert "Another take already has this id: check it at the vendor." in page
    assert 'value="job-9"' in page


def test_attach_of_nothing_says_what_to_do(client: Client, session: Session) -> None:
    take = unknown_take(session)

    response = press(client, session, f"takes/{take.pk}/attach", remote_id="")

    assert (response.status_code, "Copy the job’s id from the vendor’s page" in response.content.decode()) == (422, True)


@pytest.mark.parametrize(("way", "settled", "released"), [("not-made", 0, 300_000), ("give-up", 300_000, 0)])
def test_an_unknown_take_is_decided(client: Client, session: Session, way: str, settled: int, released: int) -> None:
    take = unknown_take(session)

    response = press(client, session, f"takes/{take.pk}/{way}")

    charge = Charge.objects.get()
    assert said(response)[0][0] == "success"
    assert (charge.settled_micros, charge.released_micros, job_of(take).state) == (settled, released, JobState.FAILED)


@pytest.mark.parametrize("way", ["not-made", "give-up"])
def test_a_take_that_is_known_is_not_decided(client: Client, session: Session, way: str) -> None:
    take = Take.objects.get()

    assert said(press(client, session, f"takes/{take.pk}/{way}")) == [
        ("error", "What became of this take is known: there is nothing to decide.")
    ]


def test_film_is_asked_for_once(client: Client, session: Session) -> None:
    for _ in range(2):
        assert said(press(client, session, "film"))[-1] == ("success", "The film is asked for.")

    assert (Export.objects.count(), Job.objects.filter(kind=JobKind.FILM).count()) == (1, 1)


def test_film_of_the_same_takes_is_not_made_again(client: Client, session: Session) -> None:
    press(client, session, "film")
    Export.objects.update(asset=scene.AssetFactory(owner=session.owner))

    assert said(press(client, session, "film"))[-1] == ("success", "The film of these takes is already here.")


def test_film_without_every_clip_says_which_is_missing(client: Client, session: Session) -> None:
    scene.ShotFactory(session=session)
    done_shot(session)

    assert said(press(client, session, "film")) == [
        ("error", "Shot 2 has no finished clip: generate it, or delete the shot, then make the film.")
    ]
