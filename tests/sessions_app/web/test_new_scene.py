"""The form that makes a scene: prompts, a clip, or both; and everything that can be wrong with them."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from continuity.enums import TakeOrigin, TakeState
from continuity.models import Asset, Shot, Take
from sessions_app.models import Session
from tests.clips import Zoo, session_zoo

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Zoo:
    return session_zoo(tmp_path_factory)


@pytest.fixture
def client(owner: Any) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def incoming(settings: Any, tmp_path: Path) -> Path:
    """Where uploads lie while they arrive."""
    folder = tmp_path / "incoming"
    folder.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = str(folder)
    return folder


def send(client: Client, **fields: Any) -> Any:
    return client.post("/", {"name": "", "prompts": "", "model": "animatic", **fields})


def test_one_shot_per_line(client: Client, owner: Any) -> None:
    response = send(client, name="Harbour", prompts="  A ferry leaves\n\n \nThe captain — “alone”\r\n")

    session = Session.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/session/{session.pk}/continuity")
    assert (session.name, session.owner, session.continuity.default_model) == ("Harbour", owner, "animatic")
    assert list(Shot.objects.values_list("user_prompt", flat=True)) == ["A ferry leaves", "The captain — “alone”"]
    assert Take.objects.count() == 0


def test_clip_becomes_the_first_shot_and_the_prompts_follow(client: Client, owner: Any, zoo: Zoo, incoming: Path) -> None:
    with zoo.clip("h264-b-frames").open("rb") as clip:
        response = send(client, name="Brought", prompts="It goes on", clip=clip)

    first, second = Shot.objects.all()
    take = Take.objects.get()
    assert response.status_code == 302
    assert (first.user_prompt, second.user_prompt) == ("", "It goes on")
    assert (take.shot, take.origin, take.state, first.chosen_take) == (first, TakeOrigin.UPLOAD, TakeState.DONE, take)
    assert (take.video.name, take.video.owner, take.video.blob.frame_count) == ("h264-b-frames.mp4", owner, 36)
    assert list(incoming.iterdir()) == []


@pytest.mark.parametrize("name", ["Ü" * 200 + ".mp4", "../../evil.mp4", "-y.mp4", "a b.mp4"])
def test_clip_of_any_name_is_taken(client: Client, zoo: Zoo, incoming: Path, settings: Any, name: str) -> None:
    response = send(client, clip=SimpleUploadedFile(name, zoo.clip("h264-b-frames").read_bytes()))

    assert response.status_code == 302
    assert Take.objects.get().video.name == name.split("/")[-1]
    assert [*incoming.iterdir(), *settings.SCRATCH_ROOT.iterdir()] == []


def test_clip_alone_is_a_scene(client: Client, zoo: Zoo) -> None:
    with zoo.clip("h264-b-frames").open("rb") as clip:
        response = send(client, clip=clip)

    page = client.get(response["Location"])
    assert "h264-b-frames.mp4" in page.content.decode()
    assert [shot.chosen_take is not None for shot in Shot.objects.all()] == [True]


def check_refused(response: Any, sentence: str) -> None:
    """The page is shown again with the sentence and what was typed, and nothing was made."""
    page = response.content.decode()
    assert (response.status_code, sentence in page) == (422, True), page
    assert (Session.all_objects.count(), Shot.objects.count(), Asset.objects.count()) == (0, 0, 0)


def test_nothing_written_is_refused(client: Client) -> None:
    check_refused(send(client, name="Empty"), "Write at least one shot, or bring a clip.")


def test_refused_form_keeps_what_was_typed(client: Client, incoming: Path) -> None:
    clip = SimpleUploadedFile("notes.mp4", b"this is no film at all" * 10)

    response = send(client, name="Kept <b>name</b>", prompts="Kept first\nKept second", clip=clip)

    check_refused(response, "Kept first\nKept second</textarea>")
    assert 'value="Kept &lt;b&gt;name&lt;/b&gt;"' in response.content.decode()
    assert list(incoming.iterdir()) == []


def test_file_that_is_no_clip_says_so(client: Client) -> None:
    clip = SimpleUploadedFile("film.mp4", b"<html><script>alert(1)</script></html>" * 10)

    response = send(client, prompts="One", clip=clip)

    check_refused(response, "film.mp4 is not a clip: give an MP4, MOV, WebM, MKV, MPEG-TS or GIF file.")
    assert "<script>" not in response.content.decode()


def test_damaged_clip_says_so(client: Client, zoo: Zoo) -> None:
    whole = zoo.clip("h264-b-frames").read_bytes()

    check_refused(send(client, prompts="One", clip=SimpleUploadedFile("cut.mp4", whole[: len(whole) // 2])), "cut.mp4")


def test_clip_that_is_too_large_is_thrown_away_and_the_text_kept(client: Client, settings: Any, incoming: Path, zoo: Zoo) -> None:
    settings.UPLOAD_MAX_BYTES = 5000
    with zoo.clip("h264-b-frames").open("rb") as clip:
        response = client.post("/", {"clip": clip, "name": "Big", "prompts": "Kept line", "model": "animatic"})

    check_refused(response, "This clip is larger than 5000 bytes")
    assert "Kept line</textarea>" in response.content.decode()
    assert list(incoming.iterdir()) == []


def test_clip_of_just_the_limit_is_taken(client: Client, settings: Any, zoo: Zoo) -> None:
    path = zoo.clip("h264-b-frames")
    settings.UPLOAD_MAX_BYTES = path.stat().st_size
    with path.open("rb") as clip:
        assert send(client, clip=clip).status_code == 302


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"prompts": "x\n" * 101}, "These are 101 shots: start with at most 100"),
        ({"prompts": "fine\n" + "x" * 5001}, "Line 2 has 5001 characters: shorten it to 5000."),
        ({"prompts": "a\x00b"}, "Null characters are not allowed."),
        ({"prompts": "One", "name": "n" * 501}, "at most 500 characters"),
        ({"prompts": "One", "model": "nothing"}, "nothing is not one of the available choices"),
        ({"prompts": "One", "model": "animatic-text"}, "animatic-text is not one of the available choices"),
        ({"prompts": "One", "model": "ltx-2-3-fast"}, "ltx-2-3-fast is not one of the available choices"),
    ],
)
def test_unusable_fields_say_what_to_do(client: Client, fields: dict[str, str], sentence: str) -> None:
    check_refused(send(client, **fields), sentence)


def test_model_without_a_key_is_named_with_what_it_needs(client: Client) -> None:
    page = client.get("/").content.decode()

    assert "ltx needs a key: set LTX_API_KEY" in page
    assert '<option value="ltx-2-3-fast"' not in page


def test_model_with_a_key_can_be_chosen(client: Client, settings: Any) -> None:
    settings.PROVIDERS = settings.PROVIDERS | {"ltx": {"api_key": "k", "base_url": "http://127.0.0.1:9"}}

    page = client.get("/").content.decode()

    assert '<option value="ltx-2-3-fast">LTX 2.3 fast, $0.06 a second</option>' in page
    assert '<option value="ltx-2-3-pro">LTX 2.3 pro, from $0.08 a second</option>' in page


def test_too_much_text_is_a_400_with_a_page(client: Client) -> None:
    response = send(client, prompts="x" * 3_000_000)

    assert (response.status_code, b"That could not be read" in response.content) == (400, True)
