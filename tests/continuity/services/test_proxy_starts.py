"""What a shot that aims a camera starts from, with models that take references and with those that do not."""

import pytest

from continuity.models import Shot
from continuity.services import proxies, shots, shots_edit
from continuity.vision.proxy import render_proxy
from tests.continuity.services.test_proxies import AIM, OPENING, away, style_matched
from tests.engine import settle

pytestmark = pytest.mark.django_db


def test_a_style_match_shot_with_a_proxy_is_made_by_a_model_without_references(owner, vendor) -> None:
    received, take = style_matched(owner, vendor, aimed=True, in_a_scene_with_a_picture=True)

    assert (take.state, take.error_sentence) == ("done", None)
    assert away(received.pictures[0], render_proxy(OPENING, **AIM).picture) < 1


def test_a_second_style_match_shot_needs_nothing_but_the_proxy(owner, vendor) -> None:
    _, take = style_matched(owner, vendor, aimed=True, in_a_scene_with_a_picture=False)
    shot = shots_edit.add_shot(session=take.shot.session, user_prompt="And again", by=owner)
    proxies.aim(shot=shot, **AIM, by=owner)

    second = shots.request_generation(shot=Shot.objects.get(pk=shot.pk), by=owner)
    settle(take.shot.session)

    second.refresh_from_db()
    assert (second.state, second.input_frame) == ("done", take.input_frame)
