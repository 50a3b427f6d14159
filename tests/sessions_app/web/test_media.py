"""Files by /media/…: who gets them, in which pieces, and with which headers."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from continuity.enums import BlobKind, FrameRole
from continuity.services.imports import import_upload
from sessions_app.models import ApiToken, AuditEvent
from sessions_app.tokens import make_token, revoke
from tests.factories import continuity as scene
from tests.factories.session import SessionFactory, digest
from tests.sessions_app.web.scenes import stored_clip
from tests.stand_ins.clips import ClipSize, clip_bytes

pytestmark = pytest.mark.django_db
CONTENT = bytes(range(256)) * 4


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.fixture
def clip(owner: Any) -> Any:
    return stored_clip(owner, CONTENT, frame_count=96)


@pytest.fixture
def address(clip: Any) -> str:
    return f"/media/{clip.pk}/original"


@pytest.fixture
def client(owner: Any) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def test_whole_file_has_its_headers(client: Client, address: str) -> None:
    response = client.get(address)

    assert (response.status_code, body(response)) == (200, CONTENT)
    assert response["Content-Length"] == "1024"
    assert response["Content-Type"] == "video/mp4"
    assert response["Content-Disposition"] == 'inline; filename="harbour.mp4"'
    assert response["ETag"] == f'"{digest(CONTENT)}"'
    assert response["Accept-Ranges"] == "bytes"
    assert set(response["Cache-Control"].split(", ")) == {"private", "max-age=31536000", "immutable"}
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-", 0, 1023), ("bytes=5-9", 5, 9), ("bytes=-4", 1020, 1023), ("bytes=1000-5000", 1000, 1023)],
)
def test_one_range_is_a_206_of_exactly_those_bytes(client: Client, address: str, asked: str, first: int, last: int) -> None:
    response = client.get(address, headers={"Range": asked})

    assert (response.status_code, body(response)) == (206, CONTENT[first : last + 1])
    assert response["Content-Range"] == f"bytes {first}-{last}/1024"
    assert response["Content-Length"] == str(last - first + 1)


def test_range_behind_the_end_is_a_416_that_says_the_size(client: Client, address: str) -> None:
    response = client.get(address, headers={"Range": "bytes=1024-"})

    assert (response.status_code, response.content, response["Content-Range"]) == (416, b"", "bytes */1024")


def test_several_ranges_are_answered_with_the_whole(client: Client, address: str) -> None:
    response = client.get(address, headers={"Range": "bytes=0-1,4-5"})

    assert (response.status_code, body(response)) == (200, CONTENT)


def test_if_range_of_other_bytes_is_answered_with_the_whole(client: Client, address: str) -> None:
    other = client.get(address, headers={"Range": "bytes=0-1", "If-Range": f'"{digest("other")}"'})
    same = client.get(address, headers={"Range": "bytes=0-1", "If-Range": f'"{digest(CONTENT)}"'})

    assert (other.status_code, same.status_code) == (200, 206)
    assert (body(other), body(same)) == (CONTENT, CONTENT[:2])


def test_head_says_the_length_and_sends_nothing(client: Client, address: str) -> None:
    response = client.head(address, headers={"Range": "bytes=0-1"})

    assert (response.status_code, response["Content-Length"], body(response)) == (200, "1024", b"")


@pytest.mark.parametrize("known", ['"{}"', 'W/"{}"', '"x", "{}"', "*"])
def test_known_bytes_are_not_sent_again(client: Client, address: str, known: str) -> None:
    response = client.get(address, headers={"If-None-Match": known.format(digest(CONTENT)), "Range": "bytes=0-1"})

    assert (response.status_code, response.content, response["ETag"]) == (304, b"", f'"{digest(CONTENT)}"')


def test_other_bytes_are_sent(client: Client, address: str) -> None:
    response = client.get(address, headers={"If-None-Match": f'"{digest("other")}"'})

    assert (response.status_code, body(response)) == (200, CONTENT)


@pytest.mark.parametrize(("variant", "role"), [("first", "first"), ("poster", "first"), ("last", "last")])
def test_pictures_of_a_clip(client: Client, owner: Any, clip: Any, variant: str, role: str) -> None:
    stills = {}
    for index, name in ((0, "first"), (95, "last")):
        stills[name] = stored_clip(owner, f"{name} picture".encode(), container="png", codec="png", kind=BlobKind.IMAGE)
        scene.FrameFactory(asset=clip, index=index, role=FrameRole(name), image=stills[name])

    response = client.get(f"/media/{clip.pk}/{variant}")

    assert (response["Content-Type"], body(response)) == ("image/png", f"{role} picture".encode())
    assert response["ETag"] == f'"{stills[role].blob_id}"'


def test_only_picture_of_a_clip_is_its_last_one_too(client: Client, owner: Any) -> None:
    clip = stored_clip(owner, b"one picture", frame_count=1)
    scene.FrameFactory(asset=clip, index=0, role=FrameRole.FIRST, image=stored_clip(owner, b"the only one", container="png"))

    assert body(client.get(f"/media/{clip.pk}/last")) == b"the only one"


@pytest.mark.parametrize("variant", ["first", "last", "poster", "preview", "ORIGINAL", "…"])
def test_variant_that_is_not_there_is_404(client: Client, clip: Any, variant: str) -> None:
    assert client.get(f"/media/{clip.pk}/{variant}").status_code == 404


def test_bytes_that_are_gone_are_404(client: Client, owner: Any) -> None:
    assert client.get(f"/media/{scene.AssetFactory(owner=owner).pk}/original").status_code == 404


def test_files_of_a_deleted_session_are_404(client: Client, owner: Any, clip: Any, address: str) -> None:
    clip.session = SessionFactory(owner=owner)
    clip.save()
    assert client.head(address).status_code == 200

    type(clip.session).objects.filter(pk=clip.session_id).soft_delete()

    assert client.head(address).status_code == 404


def test_deleted_file_is_404(client: Client, clip: Any, address: str) -> None:
    type(clip).objects.filter(pk=clip.pk).soft_delete()

    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", 'inline; filename="etc passwd.mp4"'),
        ('a"b\r\nX-Evil: 1', 'inline; filename="a b X-Evil  1.mp4"'),
        ("clip.mp4", 'inline; filename="clip.mp4"'),
        ("", None),
        ("Küste", "inline; filename*=utf-8''K%C3%BCste.mp4"),
    ],
)
def test_file_name_is_a_name_and_never_a_path(client: Client, clip: Any, address: str, name: str, expected: str | None) -> None:
    type(clip).objects.filter(pk=clip.pk).update(name=name)

    response = client.head(address)

    assert response["Content-Disposition"] == (expected or f'inline; filename="{clip.pk}.mp4"')
    assert "X-Evil" not in response.headers


@pytest.mark.parametrize(
    ("container", "codec", "expected"),
    [
        ("mov", "h264", "video/mp4"),
        ("matroska", "vp9", "video/webm"),
        ("matroska", "h264", "video/x-matroska"),
        ("mpegts", "h264", "video/mp2t"),
        ("gif", "gif", "image/gif"),
        ("html", "", "application/octet-stream"),
    ],
)
def test_type_is_what_the_bytes_are(client: Client, owner: Any, container: str, codec: str, expected: str) -> None:
    asset = stored_clip(owner, b"<html><script>alert(1)</script>", container=container, codec=codec)

    response = client.head(f"/media/{asset.pk}/original")

    assert response["Content-Type"] == expected
    assert response["Content-Disposition"].startswith("attachment" if container == "html" else "inline")


def test_on_s3_the_owner_is_sent_there_for_five_minutes(client: Client, settings: Any, address: str) -> None:
    options = {"bucket_name": "films", "access_key": "k", "secret_key": "s", "signature_version": "s3v4"}
    settings.S3_BUCKET = "films"
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}}

    response = client.get(address)

    query = parse_qs(urlsplit(response["Location"]).query)
    assert response.status_code == 302
    assert digest(CONTENT) in response["Location"]
    assert (query["X-Amz-Expires"], query["response-content-type"]) == (["300"], ["video/mp4"])
    assert "no-store" in response["Cache-Control"]


def test_on_s3_strangers_are_sent_nowhere(settings: Any, stranger: Any, address: str) -> None:
    settings.S3_BUCKET = "films"
    client = Client()
    client.force_login(stranger)

    assert client.get(address).status_code == 404


def test_staff_play_a_clip_by_the_admins_door_and_that_is_written_down(staff: Any, clip: Any) -> None:
    client = Client()
    client.force_login(staff)

    response = client.get(f"/admin/media/{clip.pk}/original")
    rest = client.get(f"/admin/media/{clip.pk}/original", headers={"Range": "bytes=100-"})

    assert (body(response), body(rest)) == (CONTENT, CONTENT[100:])
    assert list(AuditEvent.objects.values_list("actor__username", "action", "object_id")) == [("staff", "staff.view", clip.pk)]


def test_admins_door_is_closed_to_others(client: Client, clip: Any, staff: Any) -> None:
    type(staff).objects.filter(pk=staff.pk).update(is_superuser=False)
    helper = Client()
    helper.force_login(staff)

    assert client.get(f"/admin/media/{clip.pk}/original").status_code == 302  # not staff: to the admin's own sign-in
    assert helper.get(f"/admin/media/{clip.pk}/original").status_code == 403  # staff without the permission
    assert AuditEvent.objects.count() == 0


# --- who is let in: by cookie or by token ------------------------------------------------------------------------------


def bearer(user: Any, *scopes: str) -> dict[str, str]:
    _, secret = make_token(user=user, name="script", scopes=scopes or ("read",))
    return {"Authorization": f"Bearer {secret}"}


def test_a_token_that_may_read_is_let_in_without_a_cookie(owner: Any, address: str) -> None:
    headers = bearer(owner)

    whole, part, head = (
        Client().get(address, headers=headers),
        Client().get(address, headers=headers | {"Range": "bytes=5-9"}),
        Client().head(address, headers=headers),
    )

    assert (whole.status_code, body(whole)) == (200, CONTENT)
    assert (part.status_code, body(part), head.status_code, body(head)) == (206, CONTENT[5:10], 200, b"")
    assert {"Authorization", "Cookie"} <= set(whole["Vary"].split(", "))


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("extra", [{}, {"Range": "bytes=0-1"}, {"If-None-Match": "*"}], ids=["plain", "range", "validator"])
@pytest.mark.parametrize("visitor", ["stranger", "staff"])
def test_a_token_of_somebody_else_finds_nothing(visitor: str, extra: Any, method: str, address: str, request: Any) -> None:
    headers = bearer(request.getfixturevalue(visitor)) | extra

    foreign = getattr(Client(), method)(address, headers=headers)

    missing = getattr(Client(), method)("/media/ast_none/original", headers=headers)
    assert (foreign.status_code, missing.status_code, foreign.content) == (404, 404, missing.content)


BAD = [
    *(
        "Bearer tl_" + "a" * 43,
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Basic b3duZXI6d29yZA==",
        "Token tl_x",
        "tl_x",
        "",
        "Bearer \x00",
    ),
    *("Bearer " + "tl_" + "a" * 5000, "Digest username=owner"),
]


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
@pytest.mark.parametrize("credentials", BAD)
def test_a_bad_token_is_a_401_and_no_cookie_makes_up_for_it(credentials: str, accept: str, client: Client, address: str) -> None:
    response = client.get(address, headers={"Authorization": credentials, "Accept": accept, "Range": "bytes=0-1"})

    assert (response.status_code, "no-store" in response["Cache-Control"]) == (401, True)
    assert response["WWW-Authenticate"] == 'Bearer realm="throughline", error="invalid_token"'
    assert "Location" not in response


def test_a_revoked_and_an_expired_token_and_one_of_somebody_deactivated_are_401(owner: Any, address: str) -> None:
    def answers(headers: dict[str, str]) -> int:
        return Client().head(address, headers=headers).status_code

    revoked, expired, orphan = bearer(owner), bearer(owner), bearer(owner)
    token, late, _ = ApiToken.objects.order_by("created_at")
    revoke(token=token, by=owner)
    ApiToken.objects.filter(pk=late.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert [answers(headers) for headers in (revoked, expired, orphan)] == [401, 401, 200]

    type(owner).objects.filter(pk=owner.pk).update(is_active=False)

    assert answers(orphan) == 401


@pytest.mark.parametrize("scope", ["write", "spend"])
def test_a_token_without_the_scope_is_told_which_one_it_needs(scope: str, owner: Any, address: str) -> None:
    response = Client().get(address, headers=bearer(owner, scope))

    assert response.status_code == 403
    assert response["WWW-Authenticate"] == 'Bearer realm="throughline", error="insufficient_scope", scope="read"'


@pytest.mark.parametrize("accept", [None, "*/*", "image/avif,image/webp,*/*;q=0.8", "video/mp4"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_player_without_a_session_gets_a_401(method: str, accept: str | None, address: str) -> None:
    response = getattr(Client(), method)(address, headers={} if accept is None else {"Accept": accept})

    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer realm="throughline"')


def test_a_page_without_a_session_is_sent_to_the_sign_in_page(address: str) -> None:
    response = Client().get(address, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})

    assert (response.status_code, response["Location"]) == (302, f"/login/?next={address}")


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_a_deactivated_person_gets_a_401(accept: str, client: Client, owner: Any, address: str) -> None:
    type(owner).objects.filter(pk=owner.pk).update(is_active=False)

    assert client.get(address, headers={"Accept": accept}).status_code == 401


def test_a_token_opens_neither_the_admins_door_nor_a_write(staff: Any, address: str) -> None:
    headers = bearer(staff, "read", "write", "spend")

    assert Client().get(f"/admin{address}", headers=headers).status_code == 302
    assert Client().post(address, headers=headers).status_code == 405


# --- what is served is nothing else than a clip or a picture ------------------------------------------------------------


def test_a_clip_with_a_page_inside_is_served_as_a_clip(client: Client, owner: Any, tmp_path: Any) -> None:
    page = b"<html><script>alert(document.domain)</script></html>"
    path = tmp_path / "page.html"
    path.write_bytes(clip_bytes(ClipSize(160, 90, 1, 24)) + (8 + len(page)).to_bytes(4) + b"free" + page)
    asset = import_upload(path=path, name="page.html", owner=owner)

    response = client.get(f"/media/{asset.pk}/original")

    assert page in body(response)
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("video/mp4", "nosniff")
    assert response["Content-Disposition"] == 'inline; filename="page.html.mp4"'
    assert "script-src 'self'" in response["Content-Security-Policy"]


def test_an_imported_clip_has_its_poster(client: Client, owner: Any, tmp_path: Any) -> None:
    path = tmp_path / "pier.mp4"
    path.write_bytes(clip_bytes(ClipSize(160, 90, 1, 24)))
    asset = import_upload(path=path, name="pier.mp4", owner=owner)

    response = client.get(f"/media/{asset.pk}/poster")

    assert (response.status_code, response["Content-Type"], body(response)[:4]) == (200, "image/png", b"\x89PNG")


def test_two_people_with_one_file_get_answers_that_differ_by_the_address_only(client: Client, owner: Any, stranger: Any) -> None:
    mine, theirs = stored_clip(owner, CONTENT, frame_count=96), scene.AssetFactory(owner=stranger)
    type(theirs).objects.filter(pk=theirs.pk).update(blob=mine.blob)
    other = Client()
    other.force_login(stranger)

    answers = [client.get(f"/media/{mine.pk}/original"), other.get(f"/media/{theirs.pk}/original")]

    assert [response.status_code for response in answers] == [200, 200]
    assert body(answers[0]) == body(answers[1])
    for name in ("Content-Type", "ETag", "Cache-Control", "Content-Length", "Vary"):
        assert answers[0][name] == answers[1][name]
    assert client.get(f"/media/{theirs.pk}/original").status_code == 404


def test_on_s3_what_is_only_downloaded_stays_so(client: Client, settings: Any, owner: Any) -> None:
    asset = stored_clip(owner, b"<html>", container="html", codec="")
    options = {"bucket_name": "films", "access_key": "k", "secret_key": "s", "signature_version": "s3v4"}
    settings.S3_BUCKET = "films"
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}}

    query = parse_qs(urlsplit(client.get(f"/media/{asset.pk}/original")["Location"]).query)

    assert query["response-content-type"] == ["application/octet-stream"]
    assert query["response-content-disposition"][0].startswith("attachment")
