"""The shape of the house: who may import whom, who may start what, what lies where, and what the README must name."""

import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.environment import ROOT, settings_variables

PACKAGES = ("config", "sessions_app", "continuity", "prompts")
VAGUE_NAMES = {"utils.py", "helpers.py", "common.py", "manager.py", "misc.py"}
TOP_LEVEL = {
    *("manage.py", "pyproject.toml", "README.md", "config", "sessions_app", "continuity", "prompts", "templates", "tests"),
    *("Makefile", "requirements.lock", ".env.example", ".ci", ".gitignore", "LICENSE"),
}
STARTS_A_PROCESS = {
    "continuity/video/tool.py": "ffmpeg, the only place that does",
    "continuity/video/launch.py": "becomes the ffmpeg that tool.py asked for",
    "continuity/providers/animatic.py": "its own renderer, which goes on when the worker is gone",
    "sessions_app/demo.py": "manage.py work, while the demo lasts",
}
READS_THE_ENVIRONMENT = {
    "config/env.py": "the typed readers",
    "continuity/providers/animatic.py": "hands its own environment on to its renderer",
}
PROCESS_CALLS = re.compile(r"\b(import subprocess|from subprocess|os\.(exec|spawn|posix_spawn|system|popen|fork)\w*\()")
LINT_IMPORTS = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
PLANTED = [
    ("1. One arrow", "prompts/ids.py", "import continuity.enums"),
    ("2. Video, vision, providers", "continuity/video/timing.py", "import django.utils.timezone"),
    ("3. django_q", "continuity/storage.py", "import django_q.tasks"),
    ("4. Doors", "sessions_app/web/urls.py", "import continuity.video.probe"),
    ("4. Doors", "sessions_app/api/v2/urls.py", "import continuity.jobs.queue"),
]
NAMED_PATH = re.compile(r"`((?:\w+/)+[\w.]*)`")


def product_files() -> list[Path]:
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return sorted(path.relative_to(ROOT) for path in files if "migrations" not in path.parts)


def broken_contracts(folder: Path) -> list[str]:
    """The names of the contracts that do not hold for the packages in ``folder``."""
    linted = subprocess.run(LINT_IMPORTS, cwd=folder, capture_output=True, text=True)
    assert "Contracts" in linted.stdout, linted.stdout + linted.stderr
    return re.findall(r"^(\d\. .*) BROKEN\b", linted.stdout, flags=re.MULTILINE)


@pytest.fixture
def copy_of_the_packages(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_import_contracts_hold() -> None:
    assert broken_contracts(ROOT) == []


@pytest.mark.parametrize(("contract", "name", "line"), PLANTED)
def test_import_contract_catches_a_planted_violation(contract: str, name: str, line: str, copy_of_the_packages: Path) -> None:
    file = copy_of_the_packages / name
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")

    broken = broken_contracts(copy_of_the_packages)

    assert [name.startswith(contract) for name in broken] == [True], broken


def test_processes_are_started_in_these_places_only() -> None:
    found = {str(path) for path in product_files() if PROCESS_CALLS.search((ROOT / path).read_text(encoding="utf-8"))}

    assert found == set(STARTS_A_PROCESS)


def test_ffmpeg_binary_is_asked_for_by_the_tool_only() -> None:
    found = [str(path) for path in product_files() if "imageio_ffmpeg" in (ROOT / path).read_text(encoding="utf-8")]

    assert found == ["continuity/video/tool.py"]


def test_no_file_has_a_name_that_says_nothing() -> None:
    tests = [path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*.py")]

    assert [str(path) for path in (*product_files(), *tests) if path.name in VAGUE_NAMES] == []


def test_environment_is_read_in_these_places_only() -> None:
    reads = re.compile(r"os\.(environ|getenv)\b(?!\.setdefault\(\"DJANGO_SETTINGS_MODULE\")")
    found = {str(path) for path in product_files() if reads.search((ROOT / path).read_text(encoding="utf-8"))}

    assert found == set(READS_THE_ENVIRONMENT)


def test_top_level_holds_what_the_design_names_and_nothing_else() -> None:
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines() if line]
    names = {path.name for path in ROOT.iterdir()} - {".git"}

    assert {name for name in names if not any(fnmatch(name, pattern) for pattern in ignored)} == TOP_LEVEL


@pytest.mark.parametrize("name", ["requirements.lock", "tests/requirements.lock"])
def test_lock_file_holds_hashes_and_neither_an_address_nor_a_path(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    pins = re.findall(r"^[a-z0-9][\w.\-\[\],]*==", text, flags=re.MULTILINE)

    assert len(pins) > 50
    assert re.findall(r"://|@ ?file|(?:^|\s)(?:-i|-f|--index-url|--find-links)\b|/(?:home|root|tmp|work)/", text) == []
    assert all("--hash=sha256:" in block for block in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE) if "==" in block)


def test_tests_install_the_very_versions_of_the_product() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9][^\s;]*==[^\s;\\]+)", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE))

    assert pins("requirements.lock") - pins("tests/requirements.lock") == set()


def test_readme_names_every_command_and_every_variable() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = [path.stem for path in product_files() if path.parent.name == "commands" and path.stem != "__init__"]

    assert [name for name in (*commands, *settings_variables()) if not re.search(rf"\b{name}\b", readme)] == []


def test_everything_that_the_readme_names_is_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets, modules = re.findall(r"\bmake ([a-z]+)\b", readme), re.findall(r"python -m ([\w.]+)", readme)
    paths = [*NAMED_PATH.findall(readme), *(f"{module.replace('.', '/')}.py" for module in modules)]
    paths += [link for link in re.findall(r"\]\(([^)]+)\)", readme) if "://" not in link]

    assert {target for target in targets if not re.search(rf"^{target}:.*  ## ", makefile, flags=re.MULTILINE)} == set()
    assert [path for path in paths if not any((folder / path).exists() for folder in (ROOT, ROOT / "continuity"))] == []
    assert len(targets) > 5
    assert len(paths) > 30


def test_example_environment_names_every_variable_and_no_other() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")

    assert sorted(re.findall(r"^#([A-Z0-9_]+)=", example, flags=re.MULTILINE)) == sorted(settings_variables())
