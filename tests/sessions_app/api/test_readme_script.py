"""The README's commands, run by a shell as they stand, against the site and the worker that ``make run`` starts.

Turned red by: a name of the API that is spelt another way in the README (``links.self`` → ``links.job``: the shell ends at once);
an undo that does not bring the shot back.
"""

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from continuity.enums import ShotMode
from continuity.models import Cut, Shot
from continuity.video.verify import verify
from sessions_app.models import Edit
from tests.crash_house import workers
from tests.environment import ROOT
from tests.fuzz import server

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]
PATIENCE_SECONDS = 120
FENCE = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def script() -> str:
    """The one block of shell commands under the heading "The API"."""
    [chapter] = re.findall(r"^## The API\n(.*?)^## ", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    [commands] = FENCE.findall(chapter)
    return str(commands)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder like the checkout's, whose ``.local`` is the test's own."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "manage.py").symlink_to(ROOT / "manage.py")
    (folder / ".local").symlink_to(tmp_path / "local")
    return folder


@contextlib.contextmanager
def running(environment: dict[str, str], folder: Path) -> Iterator[str]:
    """The site and its worker, as ``make run`` starts them; the site's port."""
    with server(environment) as url, workers(environment, folder) as crew:
        crew.start()
        yield url.rpartition(":")[2]


def test_the_commands_of_the_readme_do_what_they_say(child_environment: dict[str, str], checkout: Path, tmp_path: Path) -> None:
    with running(child_environment, tmp_path) as port:
        done = subprocess.run(
            ["bash", "-c", script()],
            cwd=checkout,
            env=child_environment | {"PORT": port, "NO_PROXY": "127.0.0.1"},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    assert done.returncode == 0, done.stdout + done.stderr
    user = User.objects.get()
    one, two = Shot.objects.filter(session__owner=user).order_by("rank")
    check_take(two, checkout / ".local" / "take-2.mp4")
    assert two.chosen_take.input_frame_id == one.chosen_take.last_frame_id
    assert Cut.objects.get(left_take=one.chosen_take, right_take=two.chosen_take).score is not None
    assert list(Edit.objects.filter(target_id=two.pk).order_by("number").values_list("verb", flat=True)) == [
        "shot.add",
        "shot.delete",
        "undo:shot.delete",
    ]
    assert done.stdout.splitlines()[-2:] == ["undo:shot.delete", "done"]


def check_take(shot: Shot, downloaded: Path) -> None:
    """What was downloaded is the shot's clip, whole, of the length and size that were asked for."""
    verified = verify(downloaded)
    take = shot.chosen_take
    assert take is not None
    assert take.mode == ShotMode.FRAME_BRIDGE
    assert downloaded.stat().st_size == take.video.blob.size
    assert verified.last.sha256 == take.last_frame.rgb24_sha256
    assert (verified.frame_count, verified.last.rgb.shape) == (48, (360, 640, 3))
