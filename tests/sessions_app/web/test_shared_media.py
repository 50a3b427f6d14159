"""Pictures by a share link: what whoever has the link may see of a scene, and nothing else of it or of its owner."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from continuity.models import Take
from continuity.services import imports, shots, shots_edit
from sessions_app.models import Session
from tests.factories.session import SessionFactory, ShareLinkFactory
from tests.stand_ins.clips import ClipSize, clip_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def take(owner: Any, tmp_path: Any) -> Take:
    """A finished take with real bytes, the chosen one of the only shot of its session."""
    path = tmp_path / "harbour.mp4"
    path.write_bytes(clip_bytes(ClipSize(64, 48, 0.5, 12)))
    shot = shots_edit.add_shot(session=SessionFactory(owner=owner), user_prompt="Rain.", by=owner)
    return shots.add_uploaded_take(shot=shot, path=path, name="harbour.mp4", by=owner)


def address(link: Any, take: Take, variant: str = "poster") -> str:
    return f"/share/{link.token}/media/{take.video_id}/{variant}"


@pytest.mark.parametrize("variant", ["poster", "first", "last"])
def test_anybody_with_the_link_gets_the_pictures(take: Take, variant: str) -> None:
    response = Client().get(address(ShareLinkFactory(session=take.shot.session), take, variant))

    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert (response["X-Robots-Tag"], response["Referrer-Policy"]) == ("noindex", "no-referrer")
    assert "max-age=300" in response["Cache-Control"]
    assert b"".join(response.streaming_content).startswith(b"\x89PNG")


def test_the_file_as_it_was_brought_in_is_not_handed_out(take: Take) -> None:
    assert Client().get(address(ShareLinkFactory(session=take.shot.session), take, "original")).status_code == 404


@pytest.mark.parametrize("column", ["revoked_at", "expires_at"])
def test_a_link_that_is_over_shows_nothing(take: Take, column: str) -> None:
    link = ShareLinkFactory(session=take.shot.session, **{column: timezone.now()})

    assert Client().get(address(link, take)).status_code == 404


def test_a_link_to_the_prompt_shows_no_picture(take: Take) -> None:
    assert Client().get(address(ShareLinkFactory(session=take.shot.session, scope="prompt"), take)).status_code == 404


def test_a_link_to_another_session_of_the_same_person_shows_nothing(take: Take, owner: Any) -> None:
    assert Client().get(address(ShareLinkFactory(session=SessionFactory(owner=owner)), take)).status_code == 404


def test_only_what_the_scene_shows_is_shown(take: Take, owner: Any, tmp_path: Any) -> None:
    """Not another file of the session, and not the take of a shot that was deleted."""
    link = ShareLinkFactory(session=take.shot.session)
    path = tmp_path / "other.mp4"
    path.write_bytes(clip_bytes(ClipSize(64, 48, 0.25, 12)))
    other = imports.import_upload(path=path, name="other.mp4", owner=owner, session=take.shot.session)
    assert Client().get(f"/share/{link.token}/media/{other.pk}/poster").status_code == 404

    shots_edit.delete_shot(shot=take.shot, by=owner)

    assert Client().get(address(link, take)).status_code == 404


def test_a_deleted_session_is_shown_no_more(take: Take) -> None:
    link = ShareLinkFactory(session=take.shot.session)
    Session.objects.filter(pk=take.shot.session_id).update(deleted_at=timezone.now())

    assert Client().get(address(link, take)).status_code == 404
