"""The API's document and the page to try it on: for everybody, and with nothing from another host."""

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from sessions_app.api import docs
from tests.sessions_app.api.page_reader import PageReader

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.sessions_app.api.toy_addresses")]
DOCUMENT = "openapi: 3.1.0\ninfo: {title: Thröughline}\n"


@pytest.fixture(autouse=True)
def document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docs, "DOCUMENT", tmp_path / "openapi.yaml")
    docs.DOCUMENT.write_text(DOCUMENT, encoding="utf-8")


def test_document_is_the_committed_one(client: Client) -> None:
    response = client.get("/api/v2/openapi.yaml")

    assert (response.content.decode(), response["Content-Type"]) == (DOCUMENT, "application/yaml; charset=utf-8")


def test_document_that_somebody_has_is_not_sent_again(client: Client) -> None:
    tag = client.get("/api/v2/openapi.yaml")["ETag"]
    known = client.get("/api/v2/openapi.yaml", headers={"If-None-Match": tag}).status_code

    docs.DOCUMENT.write_text("openapi: 3.1.0\n", encoding="utf-8")

    assert (known, client.get("/api/v2/openapi.yaml", headers={"If-None-Match": tag}).status_code) == (304, 200)


@pytest.mark.parametrize("address", ["/api/v2/openapi.yaml", "/api/v2/docs"])
def test_both_are_only_read(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405


def test_page_is_made_of_files_of_this_installation(client: Client) -> None:
    page = PageReader(client.get("/api/v2/docs").content.decode())

    sources = [str(made.get("src") or made.get("href")) for tag, made in page.elements if tag in ("script", "link")]
    assert [source for source in sources if finders.find(source.removeprefix("/static/")) is None] == []
    assert sum("swagger-ui" in source for source in sources) == 2


def test_page_reads_the_document_beside_it(client: Client) -> None:
    page = PageReader(client.get("/api/v2/docs").content.decode())

    [address] = [made["href"] for tag, made in page.elements if made.get("id") == "document"]
    assert client.get(str(address)).status_code == 200
