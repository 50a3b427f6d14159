"""Promises of the templates and the style sheet themselves."""

import re
from pathlib import Path

import pytest

from tests.environment import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLE_SHEETS = sorted((ROOT / "sessions_app" / "static").rglob("*.css"))
FORBIDDEN = {
    "inline style": re.compile(r"<\w[^>]*\sstyle\s*=|<style", re.IGNORECASE),
    "inline script": re.compile(r"<script(?![^>]*\ssrc=)|javascript:|\son[a-z]+\s*=", re.IGNORECASE),
    "unescaped text": re.compile(r"\|\s*safe\b|autoescape\s+off|mark_safe"),
    "another host": re.compile(r"(?:src|href|action)\s*=\s*[\"']?(?:https?:)?//", re.IGNORECASE),
}


def test_there_are_templates_to_look_at() -> None:
    assert len(TEMPLATES) > 20


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_has(what: str) -> None:
    found = {str(path.relative_to(ROOT)): FORBIDDEN[what].findall(path.read_text(encoding="utf-8")) for path in TEMPLATES}

    assert {path: hits for path, hits in found.items() if hits} == {}


def test_every_form_that_posts_has_the_token() -> None:
    for path in TEMPLATES:
        for form in re.findall(r"<form\b.*?</form>", path.read_text(encoding="utf-8"), re.DOTALL):
            assert ('method="post"' in form) == ("{% csrf_token %}" in form), f"{path.name}: {form[:80]}"


@pytest.mark.parametrize("sheet", STYLE_SHEETS, ids=lambda sheet: sheet.name)
def test_style_is_in_small_sheets_of_our_own(sheet: Path) -> None:
    text = sheet.read_text(encoding="utf-8")

    assert sheet.stat().st_size < 25_000
    assert "url(" not in text
    assert "@import" not in text


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, 1.4.3."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", ["stage", "ground", "panel", "raised"])
@pytest.mark.parametrize(
    ("ink", "least"), [("text", 4.5), ("soft", 4.5), ("failed", 4.5), ("done", 4.5), ("thread", 3), ("line-strong", 3)]
)
def test_colours_are_readable(ink: str, ground: str, least: float) -> None:
    text = (ROOT / "sessions_app/static/sessions_app/throughline.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", text))

    assert contrast(colours[ink], colours[ground]) >= least
