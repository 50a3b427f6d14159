"""kill -9 of a worker and of the whole cluster, and SIGSTOP past the lease, at each step of a generation.

Turned red by: the sweeper and ``submit`` taking a job whose intent is committed for one not yet sent (posts become 2);
``move`` without the fence in its filter (a stopped worker that wakes up commits a step once more); the sweeper passing over
expired leases (nothing ever ends).
"""

from pathlib import Path

import pytest

from continuity.models import Shot, Take
from continuity.services import shots
from sessions_app.services import continue_scene
from tests.crash_house import check_done_once, check_unknown_and_open, seeded_cases, survive, workers
from tests.stand_ins.ltx import ltx_stand_in

pytestmark = pytest.mark.django_db(transaction=True)
SEED = 20261120
KILLS, SOAK_KILLS = 5, 50  # of each engine
SENT = [("sent", act) for act in ("kill-worker", "kill-cluster")]


def asked_for(owner, *, model: str, params: dict) -> Take:
    _, [shot] = continue_scene(owner=owner, name="Crash", prompts=["A red door in the rain"], settings={"default_model": model})
    Shot.objects.filter(pk=shot.pk).update(params=params)
    return shots.request_generation(shot=shot, by=owner)


def check_animatic_survives(owner, environment: dict[str, str], folder: Path, point: str, act: str) -> None:
    take = asked_for(owner, model="animatic", params={"size": "640x360", "seconds": 0.5})

    with workers(environment, folder) as crew:
        survive(crew, take, point, act)

    check_done_once(take)
    assert len(list((folder / "local" / "animatic").glob("*.json"))) == 1


def check_vendor_survives(owner, environment: dict[str, str], folder: Path, point: str, act: str) -> None:
    with ltx_stand_in() as vendor:
        vendor.script(polls=1, clip={"width": 160, "height": 90, "seconds": 1, "fps": 24})
        take = asked_for(owner, model="ltx-2-3-fast", params={})
        environment = environment | {"LTX_API_KEY": vendor.api_key, "LTX_BASE_URL": vendor.base_url}

        with workers(environment, folder) as crew:
            survive(crew, take, point, act)

        assert vendor.posts() <= 1
        if take.state == "unknown":
            check_unknown_and_open(take)
        else:
            check_done_once(take)
            assert vendor.posts() == 1


@pytest.fixture
def vendor_key(settings) -> None:
    """The verbs of this process want a key too; only the worker processes call the vendor."""
    settings.PROVIDERS = settings.PROVIDERS | {"ltx": {"api_key": "only-for-tests", "base_url": "http://127.0.0.1:9"}}


@pytest.mark.crash
@pytest.mark.parametrize(("point", "act"), [*seeded_cases(SEED, KILLS), ("before:fetch", "stop")])
def test_an_animatic_take_ends_done_once(owner, child_environment, tmp_path, point, act) -> None:
    check_animatic_survives(owner, child_environment, tmp_path, point, act)


@pytest.mark.crash
@pytest.mark.parametrize(("point", "act"), [*seeded_cases(SEED + 1, KILLS), ("intent", "stop")])
def test_a_vendor_is_asked_once_at_most(owner, vendor_key, child_environment, tmp_path, point, act) -> None:
    check_vendor_survives(owner, child_environment, tmp_path, point, act)


@pytest.mark.crash
@pytest.mark.parametrize(("point", "act"), SENT)
def test_a_kill_between_send_and_commit_leaves_it_to_a_person(owner, vendor_key, child_environment, tmp_path, point, act) -> None:
    with ltx_stand_in() as vendor:
        take = asked_for(owner, model="ltx-2-3-fast", params={})
        environment = child_environment | {"LTX_API_KEY": vendor.api_key, "LTX_BASE_URL": vendor.base_url}

        with workers(environment, tmp_path) as crew:
            survive(crew, take, point, act)

        assert vendor.posts() == 1
        check_unknown_and_open(take)


@pytest.mark.soak
@pytest.mark.parametrize(("point", "act"), seeded_cases(SEED + 2, SOAK_KILLS))
def test_soak_an_animatic_take_ends_done_once(owner, child_environment, tmp_path, point, act) -> None:
    check_animatic_survives(owner, child_environment, tmp_path, point, act)


@pytest.mark.soak
@pytest.mark.parametrize(("point", "act"), seeded_cases(SEED + 3, SOAK_KILLS))
def test_soak_a_vendor_is_asked_once_at_most(owner, vendor_key, child_environment, tmp_path, point, act) -> None:
    check_vendor_survives(owner, child_environment, tmp_path, point, act)
