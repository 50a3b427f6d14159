"""JSON as a page shows it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.api.json_markup import is_address, marked_up, pretty
from tests.sessions_app.api.page_reader import PageReader

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
MARKUP = {"pre", "span", "a"}


@given(VALUES)
def test_any_value_is_shown_as_it_is_and_never_as_markup(value: Any) -> None:
    page = PageReader(f"<pre>{marked_up(value)}</pre>")

    assert page.texts["pre"] == pretty(value)
    assert {tag for tag, _ in page.elements} <= MARKUP


def test_names_texts_and_addresses_are_told_apart() -> None:
    shown = marked_up({"a:b": 'say "x": \\', "url": "/media/ast_1/first", "n": -1.5, "/api/v2": None})

    page = PageReader(shown)
    assert page.texts["json-name"] == '"a:b""url""n""/api/v2"'
    assert page.texts["json-text"] == json.dumps('say "x": \\')
    assert page.links["a"] == ["/media/ast_1/first"]


@pytest.mark.parametrize("address", ["/api/v2", "/api/v2/sessions?cursor=a%2Fb", "/media/ast_1/original"])
def test_addresses_of_this_site_are_links(address: str) -> None:
    assert is_address(address)


@pytest.mark.parametrize(
    "text",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/api/v20",
        "/api/v2/a b",
        "/api/v2/\\elsewhere",
        "/mediation",
        "javascript:alert(1)",
    ],
)
def test_other_texts_are_not(text: str) -> None:
    assert not is_address(text)
    assert PageReader(marked_up([text])).links == {}
