"""Everything that a vendor, a disk or a bug can do to a generation, and what becomes of job, take and money each time."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from continuity.jobs import generate, steps
from continuity.models import Job, ProviderHealth, Take
from continuity.services import shots
from tests.engine import LTX, LTX_PRICE, drive, job_of, ledger_of, scene, turn
from tests.stand_ins.ltx import KEY, StandIn

pytestmark = pytest.mark.django_db
CLIP = {"width": 160, "height": 90, "seconds": 1, "fps": 24}
RESERVED = {"estimate": LTX_PRICE, "reserve": LTX_PRICE}
RELEASED, SETTLED = RESERVED | {"release": LTX_PRICE}, RESERVED | {"settle": LTX_PRICE}


@pytest.fixture
def asked(owner, vendor) -> Take:
    _, [shot] = scene(owner, "A red door in the rain", model=LTX, auto_extract=False)
    return shots.request_generation(shot=shot, by=owner)


def end(take: Take) -> Take:
    """Let everything happen that still happens by itself, waits included."""

    def ended() -> bool:
        Job.objects.filter(state="waiting").update(next_run_at=Now())
        ProviderHealth.objects.update(not_before=None)
        return job_of(take).state not in ("queued", "waiting", "running")

    drive(ended)
    take.refresh_from_db()
    return take


def told(take: Take) -> tuple[str, str | None]:
    assert job_of(take).error_code == take.error_code
    return take.state, take.error_code


# before the vendor took it: nothing is owed


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (422, "content_filtered_error", "content_refused"),
        (401, "authentication_error", "provider_auth"),
        (402, "insufficient_funds_error", "provider_quota"),
        (400, "invalid_request_error", "provider_invalid_request"),
        (404, "not_found_error", "model_retired"),
    ],
)
def test_a_refusal_ends_the_take_and_releases_the_money(asked, vendor: StandIn, status: int, kind: str, code: str) -> None:
    vendor.script(submit={"do": "answer", "status": status, "type": kind, "message": "internal words"})

    take = end(asked)

    assert (told(take), vendor.posts(), ledger_of(take)) == (("failed", code), 1, RELEASED)
    assert take.error_sentence.startswith(("LTX", "The"))
    assert "internal words" in take.error_raw
    assert "internal words" not in take.error_sentence
    assert KEY not in take.error_raw + take.error_sentence


def test_a_429_rests_the_provider_as_long_as_it_says_and_is_then_accepted_once(asked, vendor: StandIn) -> None:
    limited = {"do": "answer", "status": 429, "type": "rate_limit_error", "headers": {"Retry-After": "70"}, "times": 1}
    vendor.script(submit=limited, polls=0, clip=CLIP)

    turn()
    turn()

    late = Now() + timedelta(seconds=65)
    assert Job.objects.filter(pk=job_of(asked).pk, state="waiting", next_run_at__gt=late, submit_intent_at=None).exists()
    assert ProviderHealth.objects.filter(provider="ltx", not_before__gt=late).exists()
    assert (vendor.posts(), len(vendor.jobs()), ledger_of(asked)) == (1, 0, RESERVED)

    take = end(asked)

    assert (told(take), vendor.posts(), len(vendor.jobs()), ledger_of(take)) == (("done", None), 2, 1, SETTLED)


def test_a_rested_provider_rests_for_its_other_jobs_too(asked, owner, vendor: StandIn) -> None:
    limited = {"do": "answer", "status": 429, "type": "rate_limit_error", "headers": {"Retry-After": "70"}}
    vendor.script(submit=limited)
    turn()
    _, [shot] = scene(owner, "Another scene", model=LTX)
    other = shots.request_generation(shot=shot, by=owner)

    turn()

    assert (job_of(other).state, vendor.posts()) == ("queued", 1)


def test_a_vendor_that_cannot_be_reached_was_not_asked_and_is_tried_again(asked, vendor: StandIn, settings) -> None:
    reachable = settings.PROVIDERS
    settings.PROVIDERS = reachable | {"ltx": {"api_key": KEY, "base_url": "http://127.0.0.1:1"}}
    turn()
    job = job_of(asked)
    assert (job.state, job.submit_intent_at, job.attempts, job.payload["failures"]) == ("waiting", None, 0, 1)

    settings.PROVIDERS = reachable

    assert (told(end(asked)), vendor.posts()) == (("done", None), 1)


# nobody knows whether the vendor took it


@pytest.mark.parametrize(
    "submit",
    [
        {"do": "answer", "status": 500, "accept": True},
        {"do": "cut"},
        {"do": "hang"},
        {"do": "garbage"},
        {"do": "without-id"},
    ],
    ids=lambda rule: rule["do"],
)
def test_an_answer_that_is_lost_is_never_asked_for_by_sending_again(asked, impatient: StandIn, submit: dict) -> None:
    impatient.script(submit=submit)

    turn()
    assert job_of(asked).state == "unknown"
    Job.objects.update(next_run_at=Now())
    for _ in range(5):
        turn()
        Job.objects.update(next_run_at=Now())

    asked.refresh_from_db()
    assert told(asked) == ("unknown", "submit_unknown")
    assert (impatient.posts(), len(impatient.jobs())) == (1, 1)
    assert (ledger_of(asked), job_of(asked).charge.state) == (RESERVED, "open")


def test_a_bug_between_the_post_and_its_answer_is_a_persons_to_decide_too(asked, vendor: StandIn, monkeypatch, caplog) -> None:
    def forgets(job: Job, step: str, **columns) -> None:
        raise RuntimeError("the row could not be written")

    monkeypatch.setattr(generate, "_go_on", forgets)
    Job.objects.update(step_attempts=2)  # its last attempt

    turn()

    asked.refresh_from_db()
    assert (told(asked), vendor.posts(), ledger_of(asked)) == (("unknown", "submit_unknown"), 1, RESERVED)
    assert "RuntimeError" in asked.error_raw
    assert "the row could not be written" in caplog.text


# after the vendor took it


def test_a_job_that_the_vendor_fails_at_costs_nothing(asked, vendor: StandIn) -> None:
    vendor.script(polls=0, poll={"do": "failed"})

    take = end(asked)

    assert (told(take), ledger_of(take)) == (("failed", "remote_failed"), RELEASED)


def test_a_result_that_the_vendors_filter_refuses_says_so(asked, vendor: StandIn) -> None:
    vendor.script(polls=0, poll={"do": "failed", "type": "content_filtered_error"})

    take = end(asked)

    assert (told(take), ledger_of(take)) == (("failed", "content_refused"), RELEASED)


def test_a_job_that_is_done_without_a_clip_costs_nothing(asked, vendor: StandIn) -> None:
    vendor.script(polls=0, poll={"do": "without-output"})

    take = end(asked)

    assert (told(take), ledger_of(take)) == (("failed", "remote_failed"), RELEASED)


def test_a_clip_that_is_never_whole_is_fetched_three_times_and_paid_for(asked, vendor: StandIn) -> None:
    vendor.script(polls=0, clip=CLIP, download={"do": "truncated"})

    take = end(asked)

    assert (told(take), vendor.counts()["GET /_output"], vendor.posts()) == (("failed", "output_invalid"), 3, 1)
    assert (ledger_of(take), take.video, take.shot.chosen_take) == (SETTLED, None, None)


def test_a_clip_that_is_whole_at_the_third_fetch_is_kept(asked, vendor: StandIn) -> None:
    vendor.script(polls=0, clip=CLIP, download={"do": "truncated", "times": 2})

    take = end(asked)

    assert (told(take), vendor.counts()["GET /_output"], ledger_of(take)) == (("done", None), 3, SETTLED)


def test_a_clip_that_the_vendor_no_longer_has_was_made_and_is_paid_for(asked, vendor: StandIn) -> None:
    turn()
    vendor.script(poll={"do": "answer", "status": 404, "type": "not_found_error"})

    take = end(asked)

    assert (told(take), ledger_of(take)) == (("failed", "output_expired"), SETTLED)


def test_polls_that_fail_are_repeated_and_open_the_circuit(asked, vendor: StandIn) -> None:
    turn()
    vendor.script(polls=0, clip=CLIP, poll={"do": "answer", "status": 503, "times": 6})
    for _ in range(5):
        turn()
    assert (job_of(asked).state, ProviderHealth.objects.get(provider="ltx").state) == ("waiting", "open")

    take = end(asked)

    assert (told(take), vendor.posts(), ProviderHealth.objects.get().state) == (("done", None), 1, "closed")


def test_a_key_that_is_wrong_for_a_while_does_not_cost_a_clip_in_the_making(asked, vendor: StandIn) -> None:
    turn()
    vendor.script(polls=0, clip=CLIP, poll={"do": "answer", "status": 401, "type": "authentication_error", "times": 1})
    turn()
    assert job_of(asked).state == "waiting"

    assert (told(end(asked)), vendor.posts()) == (("done", None), 1)


def test_a_disk_that_is_full_for_a_while_does_not_cost_the_clip(asked, vendor: StandIn, monkeypatch, caplog, local_dir) -> None:
    keep, tries = generate.storage.keep_clip, []

    def is_full(path, verified):
        tries.append(path)
        if len(tries) <= 5:
            raise OSError(28, "No space left on device")
        return keep(path, verified)

    monkeypatch.setattr(generate.storage, "keep_clip", is_full)
    turn()
    drive(lambda: len(tries) == 4)
    assert (job_of(asked).state, job_of(asked).progress_note) == (
        "waiting",
        "The clip cannot be stored at the moment: it is tried again.",
    )

    take = end(asked)

    assert (told(take), vendor.posts(), ledger_of(take), len(tries)) == (("done", None), 1, SETTLED, 6)
    assert vendor.counts()["GET /_output"] == 1
    assert "No space left on device" in caplog.text


# our own faults


@pytest.fixture
def broken(monkeypatch) -> list[int]:
    """A ``prepare`` with a bug in it; the list grows by every call."""
    calls: list[int] = []

    def breaks(job: Job, keeper) -> None:
        calls.append(job.step_attempts)
        raise RuntimeError("a secret detail")

    monkeypatch.setitem(steps.STEPS, ("generate", "prepare"), breaks)
    return calls


def test_a_bug_is_logged_tried_three_times_and_told_without_its_trace(asked, broken, caplog, vendor: StandIn) -> None:
    take = end(asked)

    assert (told(take), broken, ledger_of(take)) == (("failed", "internal_error"), [1, 2, 3], RELEASED)
    assert take.error_sentence == "Something went wrong on our side: try again, or ask support."
    assert 'RuntimeError("a secret detail")' in take.error_raw
    assert caplog.text.count("a secret detail") >= 3
    assert vendor.posts() == 0


def test_a_bug_that_passes_is_forgotten(asked, broken, monkeypatch, caplog) -> None:
    turn()
    assert (job_of(asked).state, job_of(asked).step_attempts, broken) == ("waiting", 1, [1])

    monkeypatch.setitem(steps.STEPS, ("generate", "prepare"), generate.prepare)

    take = end(asked)
    assert (told(take), take.error_sentence) == (("done", None), None)


@pytest.mark.parametrize(
    ("step", "ledger"), [("submit", RELEASED), ("fetch", SETTLED), ("verify", SETTLED), ("frames", SETTLED), ("settle", SETTLED)]
)
def test_every_later_step_has_three_attempts_too(
    asked, monkeypatch, caplog, local_dir, step: str, ledger: dict[str, int]
) -> None:
    calls: list[int] = []

    def breaks(job: Job, keeper) -> None:
        calls.append(job.step_attempts)
        raise RuntimeError("a bug")

    monkeypatch.setitem(steps.STEPS, ("generate", step), breaks)

    take = end(asked)

    assert (told(take), calls, ledger_of(take)) == (("failed", "internal_error"), [1, 2, 3], ledger)
    assert list((local_dir / "scratch").glob("*")) == []


def test_a_take_that_fails_leaves_the_chosen_one_and_nothing_on_disk(asked, owner, vendor: StandIn, local_dir) -> None:
    first = end(asked)
    vendor.script(polls=0, clip=CLIP, download={"do": "truncated"})

    second = end(shots.request_generation(shot=first.shot, by=owner))

    second.shot.refresh_from_db()
    assert (second.state, second.shot.chosen_take) == ("failed", first)
    assert list((local_dir / "scratch").iterdir()) == []


def test_the_price_may_not_rise_between_the_ask_and_the_post(asked, vendor: StandIn) -> None:
    charge = job_of(asked).charge
    Take.objects.filter(pk=asked.pk).update(params={**asked.params, "seconds": 20.0})

    take = end(asked)

    assert (told(take), vendor.posts(), ledger_of(take)) == (("failed", "price_changed"), 0, RELEASED)
    assert charge.reserved_micros == LTX_PRICE
