"""One table of defaults: what it says is what a new scene has, and what every constraint allows."""

import pytest

from continuity.defaults import CONTINUITY_DEFAULTS, SHOT_DEFAULTS
from continuity.models import Continuity
from continuity.providers.capabilities import model_cards
from sessions_app.services import SETTINGS
from tests.factories.session import SessionFactory


@pytest.mark.django_db
def test_a_new_scene_has_the_defaults_of_the_table() -> None:
    half = Continuity.objects.create(session=SessionFactory())
    half.refresh_from_db()

    assert {name: getattr(half, name) for name in CONTINUITY_DEFAULTS} == CONTINUITY_DEFAULTS


def test_every_default_is_a_setting_that_a_person_may_change() -> None:
    assert set(CONTINUITY_DEFAULTS) <= SETTINGS
    assert SETTINGS - set(CONTINUITY_DEFAULTS) == {"default_model", "preview_model"}


def test_every_setting_is_a_column() -> None:
    assert {field.name for field in Continuity._meta.concrete_fields} >= SETTINGS


@pytest.mark.parametrize("card", model_cards().values(), ids=lambda card: card.id)
def test_every_model_makes_what_a_shot_leaves_open(card) -> None:
    assert card.fit_seconds(SHOT_DEFAULTS["seconds"]) >= SHOT_DEFAULTS["seconds"]
    assert SHOT_DEFAULTS["fps"] in card.fps
    assert card.price_micros(seconds=6, width=card.sizes[0][0], height=card.sizes[0][1]) >= 0
