"""The variables that the settings read, and an environment in which none of a person's own values is left."""

import os
import re
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READER_CALL = re.compile(r'\benv_\w+\(\s*"([A-Z0-9_]+)"')


def settings_variables() -> list[str]:
    """Every variable that config/settings.py reads, in the order of the file."""
    return list(dict.fromkeys(READER_CALL.findall((ROOT / "config" / "settings.py").read_text(encoding="utf-8"))))


def clean_environment(*, local_dir: Path, database_url: str = "") -> dict[str, str]:
    """The environment of this process without a person's keys, buckets and databases: state goes to ``local_dir``."""
    foreign = {name for variable in settings_variables() for name in (variable, f"{variable}_FILE")}
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    own = {"LOCAL_DIR": str(local_dir), "DATABASE_URL": database_url, "SECRET_KEY": "only-for-tests"}
    return kept | own | {"DJANGO_SETTINGS_MODULE": "config.settings"}


def own_local_dir() -> Path:
    """A new folder for a test run; inside it one for each process of pytest-xdist, which inherit the variable."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        return Path(tempfile.mkdtemp(prefix="throughline-tests-"))
    folder = Path(os.environ["LOCAL_DIR"]) / worker
    folder.mkdir(exist_ok=True)
    return folder
