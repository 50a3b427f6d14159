"""The WSGI door, before anything of Django's has looked at the request."""

from typing import Any

import pytest

pytestmark = pytest.mark.django_db(transaction=True)  # the door closes old connections, as a server does


def called(**environ: Any) -> tuple[str, bytes]:
    """Status line and body of one request, as a web server would make it."""
    import io

    from config.wsgi import application

    told: list[str] = []
    request = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/v2/sessions",
        "QUERY_STRING": "format=json",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "CONTENT_LENGTH": "2",
        "wsgi.input": io.BytesIO(b"{}"),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
    }
    answer = application({**request, **environ}, lambda status, headers, info=None: told.append(status))
    return told[0], b"".join(answer)


@pytest.mark.parametrize("charset", ["zip", "rot13", "no-such-thing", "utf-8\\x00"])
def test_a_character_set_that_is_none_is_a_type_that_nobody_reads(charset: str, api_secret: str) -> None:
    """Django looks it up while it makes the request, where nothing could answer but the server's bare 500."""
    status, body = called(CONTENT_TYPE=f"application/json; charset={charset}", HTTP_AUTHORIZATION=f"Bearer {api_secret}")

    assert status.startswith("415 ")
    assert b"urn:throughline:problem:unsupported_media_type" in body


def test_a_character_set_of_text_is_left_as_it_is(api_secret: str) -> None:
    status, _ = called(CONTENT_TYPE="application/json; charset=utf-8", QUERY_STRING="", HTTP_AUTHORIZATION=f"Bearer {api_secret}")

    assert status.startswith("201 ")


@pytest.fixture
def api_secret(owner: Any) -> str:
    from sessions_app.enums import TokenScope
    from sessions_app.tokens import make_token

    return make_token(user=owner, name="script", scopes=list(TokenScope))[1]
