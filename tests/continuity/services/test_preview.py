"""The preview of a request: it has no effect, and says what is then really sent, waited for, paid or refused."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from continuity.enums import JobKind
from continuity.models import Continuity, Frame, Job, Shot
from continuity.services import preview, proxies, shots, shots_edit
from continuity.services.errors import Refused
from continuity.services.preview import GenerationPreview, Sentence
from prompts.injection import injection_report
from tests.continued_scene import OPENING, WARM, continued, opened_scene
from tests.engine import LTX, LTX_PRICE, scene, settle
from tests.factories.continuity import DoneJobFactory, StyleFactory, TakeFactory, style_values
from tests.factories.session import NOON

pytestmark = pytest.mark.django_db


def everything(folder: Path) -> tuple[dict[str, int], set[Path]]:
    """The number of rows of every table, and every file."""
    counts = {model._meta.label: model._base_manager.count() for model in apps.get_models()}
    return counts, {path for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def look(owner, local_dir):
    """Previews, and asserts that nothing came of it."""

    def look(shot: Shot, **wish: Any) -> GenerationPreview:
        shown = list(Shot.all_objects.order_by("pk").values()), shot.session.__class__.objects.get(pk=shot.session_id).revision
        before = everything(local_dir)
        seen = preview.preview_generation(shot=shot, by=owner, **wish)
        assert everything(local_dir) == before
        assert (
            list(Shot.all_objects.order_by("pk").values()),
            type(shot.session).objects.get(pk=shot.session_id).revision,
        ) == shown
        return seen

    return look


def really_refused(shot: Shot, owner) -> Sentence:
    with pytest.raises(Refused) as refusal:
        shots.request_generation(shot=shot, by=owner)
    return Sentence(refusal.value.code, str(refusal.value))


def test_what_is_previewed_is_what_the_take_then_sends(owner, look, clip) -> None:
    session, [_, shot] = scene(owner, "One", "A red door, slow push in", clip=clip, preview_first=False)
    settle(session)
    Shot.objects.filter(pk=shot.pk).update(seed=7, params={"seconds": 0.5, "size": "640x360"})

    seen = look(shot)
    take = shots.request_generation(shot=shot, by=owner)
    settle(session)

    take.refresh_from_db()
    assert (take.state, seen.refused, seen.waits_for) == ("done", None, None)
    assert seen.injection is not None
    assert (seen.injection.text, injection_report(seen.injection)) == (take.injected_prompt, take.injection)
    assert seen.report == take.injection
    assert (seen.input_frame, seen.input_frame_reason) == (take.input_frame, None)
    assert seen.input_frame is not None
    assert (seen.style, seen.mode, seen.model, seen.params) == (take.style, take.mode, take.model, take.params)
    assert seen.price_micros == take.charges.get().reserved_micros
    assert len(seen.injection.spans) > 0


def test_a_frame_that_is_brought_back_first_is_said_to_be_not_there_yet(owner, look) -> None:
    _, [_, second, third], opening = opened_scene(owner, shots=3)
    continued(second, opening.last_frame, WARM)

    seen = look(third)

    assert (seen.input_frame, seen.refused) == (None, None)
    assert seen.input_frame_reason == (
        "The last frame of the previous shot is brought back to the look of the first one when the take is made."
    )


def test_a_frame_that_has_not_drifted_visibly_is_the_frame_itself(owner, look) -> None:
    _, [_, second, third], opening = opened_scene(owner, shots=3)
    take = continued(second, opening.last_frame)

    seen = look(third)

    assert (seen.input_frame, seen.input_frame_reason) == (take.last_frame, None)
    assert Frame.objects.filter(asset__parent=take.last_frame.image).count() == 0


def test_a_frame_that_was_brought_back_before_is_shown(owner, look) -> None:
    _, [_, second, third], opening = opened_scene(owner, shots=3)
    corrected = preview.bridges.grades.bridge_frame(continued(second, opening.last_frame, WARM))

    assert look(third).input_frame == corrected


def test_without_a_safe_bridge_it_is_the_last_frame_as_it_is(owner, look) -> None:
    _, [_, second, third], opening = opened_scene(owner, shots=3, safe_bridge=False)
    take = continued(second, opening.last_frame, WARM)

    assert look(third).input_frame == take.last_frame


def test_a_view_of_the_proxy_is_rendered_only_for_the_take(owner, look) -> None:
    continuity, [_, shot], opening = opened_scene(owner, shots=2, default_mode="style-match")
    proxies.set_proxy(session=continuity.session, reference=opening.last_frame, by=owner)
    proxies.aim(shot=shot, yaw=0.05, pitch=0.0, dolly=0.25, by=owner)

    before = look(shot)
    frame = proxies.start_picture(Shot.objects.get(pk=shot.pk))

    assert (before.input_frame, "is rendered when the take is made" in str(before.input_frame_reason)) == (None, True)
    assert look(shot).input_frame == frame
    assert OPENING.shape[1] == frame.width


def test_what_has_to_be_waited_for_is_said(owner, look) -> None:
    _, [first, second] = scene(owner, "One", "Two")
    shots.request_generation(shot=first, by=owner)

    seen = look(second)

    assert (seen.waits_for, seen.input_frame, seen.input_frame_reason, seen.refused) == (
        "Waiting for the previous shot",
        None,
        "Waiting for the previous shot",
        None,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"model": "sora-9"},
        {"mode": "native"},
        {"user_prompt": "x" * 5001},
        {"params": {"size": "wide"}},
        {"locked": True},
        {"locked": True, "model": "sora-9"},
        {"mode": "style-match"},
        {},
    ],
    ids=str,
)
def test_a_refusal_is_the_one_that_the_request_meets(owner, look, change: dict[str, Any]) -> None:
    _, [_, shot] = scene(owner, "One", "Two")
    Shot.objects.filter(pk=shot.pk).update(**change)

    seen = look(shot)

    assert seen.refused == really_refused(shot, owner)
    assert seen.input_frame is None


def test_what_is_refused_before_its_price_is_known_has_none(owner, look) -> None:
    _, [shot] = scene(owner)
    Shot.objects.filter(pk=shot.pk).update(user_prompt="x" * 1_000_000)

    seen = look(shot)

    assert (seen.refused.code if seen.refused else None, seen.price_micros, seen.params) == ("prompt_too_long", None, {})


def test_a_shot_without_words_is_refused(owner, look) -> None:
    _, [shot] = scene(owner)
    Shot.objects.filter(pk=shot.pk).update(user_prompt=" \n")

    assert look(shot).refused == really_refused(shot, owner)
    assert look(shot).refused.code == "prompt_empty"


def test_too_little_money_is_said_and_the_price_too(owner, look, vendor, settings) -> None:
    settings.SPEND_LIMIT_USER_MONTH_MICROS = LTX_PRICE - 1
    _, [shot] = scene(owner, model=LTX)

    seen = look(shot)

    assert (seen.price_micros, seen.refused) == (LTX_PRICE, really_refused(shot, owner))
    settings.SPEND_LIMIT_USER_MONTH_MICROS = LTX_PRICE
    assert look(shot).refused is None
    shots.request_generation(shot=shot, by=owner)
    twin = shots_edit.duplicate_shot(shot=shot, by=owner)
    Shot.objects.filter(pk=twin.pk).update(mode="none")
    assert look(twin).refused == really_refused(twin, owner)


def test_while_a_take_is_made_the_same_wish_is_welcome_and_another_is_not(owner, look) -> None:
    _, [shot] = scene(owner)
    shots.request_generation(shot=shot, by=owner)

    assert look(shot).refused is None
    Shot.objects.update(user_prompt="Another door")
    assert look(shot).refused == really_refused(shot, owner)


def test_a_scene_that_previews_first_is_asked_about_that(owner, look, clip) -> None:
    settings = {"default_model": "animatic", "preview_model": "animatic-text", "default_mode": "none"}
    session, [_, shot] = scene(owner, "One", "Two", clip=clip, **settings)
    settle(session)
    Shot.objects.filter(pk=shot.pk).update(params={"seconds": 1})
    Continuity.objects.update(preview_first=True)

    seen = [look(shot), look(shot, purpose=preview.TakePurpose.FINAL)]

    assert [(one.purpose, one.model) for one in seen] == [("preview", "animatic-text"), ("final", "animatic")]


def test_conflicts_and_the_users_words_are_shown(owner, look) -> None:
    session, [_, shot] = scene(owner, "One", "A red door at noon", default_mode="none")
    style = StyleFactory(session=session, values=style_values(timeOfDay="night", mood="calm"))
    Continuity.objects.update(base_style=style, base_style_source="user-defined")

    seen = look(shot)

    assert seen.injection is not None
    start, end = seen.injection.user_span
    assert (seen.injection.text[start:end], seen.style) == ("A red door at noon", style)
    assert [skipped.users_words for skipped in seen.injection.skipped] == ["at noon"]


# how long it takes


def timed(*seconds: float, model: str = "animatic", kind: str = JobKind.GENERATE, state: str = "done") -> None:
    for number, duration in enumerate(seconds):
        job = DoneJobFactory(kind=kind, state=state, take=TakeFactory(model=model), finished_at=NOON + timedelta(minutes=number))
        Job.objects.filter(pk=job.pk).update(created_at=job.finished_at - timedelta(seconds=duration))


def test_a_model_that_was_never_timed_has_no_expectation(look, owner) -> None:
    _, [shot] = scene(owner)
    timed(5, 6, model="ltx-2-3-fast")
    timed(5, 6, kind=JobKind.STYLE)
    timed(5, 6, state="failed")

    assert look(shot).expected_seconds is None


def test_the_expectation_is_the_middle_eight_tenths(look, owner) -> None:
    _, [shot] = scene(owner)
    timed(*range(10, 21))

    assert look(shot).expected_seconds == pytest.approx((11, 19))


def test_one_measured_clip_is_the_whole_range(owner) -> None:
    timed(7)

    assert preview.expected_seconds("animatic") == (7, 7)


def test_only_the_newest_fifty_count(owner) -> None:
    timed(*[1000] * 10, *[4] * 50)

    assert preview.expected_seconds("animatic") == (4, 4)
