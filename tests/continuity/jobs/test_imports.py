"""Import jobs: what a person's address brings becomes theirs; why another one does not is told to nobody but staff."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from django.db.models import F
from PIL import Image

from continuity import storage
from continuity.enums import JobState
from continuity.jobs import claims, keeper, steps
from continuity.models import Asset, Extraction, Frame, Job
from continuity.services import imports, media
from tests.engine import at_once, turn
from tests.factories.session import SessionFactory
from tests.stand_ins.clips import ClipSize, clip_bytes
from tests.stand_ins.internet import PUBLIC, Internet, bomb, cut_short, endless, page, redirect, small_internet, status

pytestmark = pytest.mark.django_db
PICTURE = "https://pictures.example/a/red%20door.png"
CLIP = "http://pictures.example/pier.mp4"
UNUSABLE = (
    "This address cannot be used: give a public http or https one without sign-in that within 20 seconds brings a whole picture "
    "(PNG, JPEG or WebP) no larger than an upload may be."
)


def picture(width: int = 64, height: int = 36) -> bytes:
    content = BytesIO()
    Image.radial_gradient("L").resize((width, height)).convert("RGB").save(content, format="PNG")
    return content.getvalue()


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Internet]:
    with small_internet(monkeypatch) as internet:
        internet.names |= {"pictures.example": [PUBLIC], "inside.example": ["10.0.0.1"], "quiet.example": ["1.1.1.1"]}
        internet.pages |= {
            "/a/red%20door.png": page(picture(), "text/html"),
            "/door.png": page(picture(), "image/png"),
            "/pier.mp4": page(clip_bytes(ClipSize(160, 90, 1, 24)), "text/plain"),
        }
        yield internet


def run(job: Job) -> Job:
    """Claim and run the job once, as a worker does."""
    claimed = claims.claim(job.pk, "worker")
    assert claimed is not None
    steps.run(claimed)
    job.refresh_from_db()
    return job


def test_a_picture_becomes_the_askers(owner, internet) -> None:
    session = SessionFactory(owner=owner)

    job = run(imports.request_import(url=PICTURE.replace("https", "http"), kind="image", by=owner, session=session))

    [asset] = Asset.objects.all()
    assert (job.state, job.kind, job.result) == ("done", "extract", {"asset": asset.pk, "frame": Frame.objects.get().pk})
    assert (asset.owner, asset.session, asset.role, asset.origin, asset.name) == (
        owner,
        session,
        "still",
        "imported",
        "red door.png",
    )


def test_a_clip_becomes_the_askers_with_its_first_and_last_picture(owner, internet) -> None:
    job = run(imports.request_import(url=CLIP, kind="video", by=owner))

    asset = Asset.objects.get(pk=job.result["asset"])
    assert (job.state, job.result) == ("done", {"asset": asset.pk, "frame": None})
    assert (asset.owner, asset.session, asset.role, asset.name) == (owner, None, "clip", "pier.mp4")
    assert sorted(asset.frames.values_list("role", flat=True)) == ["first", "last"]


@pytest.mark.parametrize(("url", "kind"), [("http://pictures.example/door.png", "image"), (CLIP, "video")])
def test_a_look_is_measured_where_it_was_asked_for(url: str, kind: Any, owner, internet) -> None:
    job = run(imports.request_import(url=url, kind=kind, by=owner, then="style"))

    extraction = Extraction.objects.get(owner=owner)
    assert (job.state, job.result["extraction"]) == ("done", extraction.pk)
    assert extraction.values["lighting"]["intensity"]["source"] == "measured"
    assert Asset.objects.filter(pk=job.result["asset"]).exists()


def test_the_look_of_a_fetched_clip_is_the_one_of_the_same_clip_brought_by_hand(owner, internet, clip) -> None:
    from continuity.services import styles

    job = run(imports.request_import(url=CLIP, kind="video", by=owner, then="style"))

    extraction, _ = styles.measure_asset(imports.import_upload(path=clip, name="pier.mp4", owner=owner))
    assert job.result["extraction"] == extraction.pk


USELESS: dict[str, tuple[str, Callable[[Internet], Any]]] = {
    "this machine": ("http://127.0.0.1/door.png", lambda internet: None),
    "a private address": ("http://192.168.0.1/door.png", lambda internet: None),
    "the metadata service": ("http://169.254.169.254/latest/meta-data/", lambda internet: None),
    "a private name": ("http://inside.example/door.png", lambda internet: None),
    "no such name": ("http://nowhere.example/door.png", lambda internet: None),
    "nobody listens": ("http://quiet.example/door.png", lambda internet: None),
    "no TLS": ("https://pictures.example/door.png", lambda internet: None),
    "not found": ("http://pictures.example/x", lambda internet: None),
    "for members": ("http://pictures.example/x", lambda internet: internet.pages.update({"/x": status(401)})),
    "too busy": ("http://pictures.example/x", lambda internet: internet.pages.update({"/x": status(429)})),
    "broken": ("http://pictures.example/x", lambda internet: internet.pages.update({"/x": status(500)})),
    "leads inside": ("http://pictures.example/x", lambda internet: internet.pages.update({"/x": redirect("http://10.0.0.1/")})),
    "leads to a file": ("http://pictures.example/x", lambda internet: internet.pages.update({"/x": redirect("file:///etc/x")})),
    "leads round": ("http://pictures.example/x", lambda internet: internet.pages.update({"/x": redirect("/x")})),
    "a page": ("http://pictures.example/x", lambda internet: internet.pages.update({"/x": page(b"<html>", "image/png")})),
    "a play list": ("http://pictures.example/x", lambda internet: internet.pages.update({"/x": page(b"#EXTM3U\n/etc/x")})),
    "half of it": ("http://pictures.example/x", lambda internet: internet.pages.update({"/x": cut_short(picture())})),
    "damaged": ("http://pictures.example/x", lambda internet: internet.pages.update({"/x": page(picture()[:200])})),
    "nothing": ("http://pictures.example/x", lambda internet: internet.pages.update({"/x": page(b"")})),
    "a bomb": ("http://pictures.example/x", lambda internet: internet.pages.update({"/x": bomb})),
    "endless": ("http://pictures.example/x", lambda internet: internet.pages.update({"/x": endless})),
    "a clip": (CLIP, lambda internet: None),
}


@pytest.mark.parametrize("why", USELESS)
def test_what_is_wrong_with_an_address_is_told_to_staff_only(why: str, owner, internet, settings, monkeypatch) -> None:
    settings.UPLOAD_MAX_BYTES = 1_000_000
    monkeypatch.setattr(keeper, "REPORT_EVERY_SECONDS", 0)
    url, prepare = USELESS[why]
    prepare(internet)

    job = run(imports.request_import(url=url, kind="image", by=owner, then="style"))

    assert (job.state, job.error_code, job.error_sentence, job.result) == ("failed", "address_unusable", UNUSABLE, {})
    assert list(job.events.order_by("-id").values_list("note", flat=True)[:1]) == [UNUSABLE]
    assert (job.progress, job.progress_note) == (None, "Fetching the file")
    assert (job.error_raw != "", job.error_raw != UNUSABLE) == (True, True)
    assert (Asset.objects.count(), Extraction.objects.count()) == (0, 0)
    assert {address for address, _ in internet.dialled} <= {PUBLIC, "1.1.1.1"}


@pytest.mark.parametrize(("spare", "state"), [(0, "done"), (-1, "failed")])
def test_a_file_may_be_as_large_as_an_upload(spare: int, state: str, owner, internet, settings) -> None:
    settings.UPLOAD_MAX_BYTES = len(picture()) + spare

    job = run(imports.request_import(url="http://pictures.example/door.png", kind="image", by=owner))

    assert (job.state, Asset.objects.count()) == (state, 1 + spare)


def test_a_picture_is_no_clip(owner, internet) -> None:
    job = run(imports.request_import(url="http://pictures.example/door.png", kind="video", by=owner))

    assert (job.state, "a whole clip (MP4" in job.error_sentence, Asset.objects.count()) == ("failed", True, 0)


def test_staff_read_what_was_wrong(owner, internet) -> None:
    raw = [
        run(imports.request_import(url=USELESS[why][0], kind="image", by=owner)).error_raw
        for why in ("not found", "a private name")
    ]

    assert ("HTTP 404" in raw[0], "inside.example is 10.0.0.1" in raw[1]) == (True, True)


def test_the_same_address_asked_for_twice_is_fetched_once(owner, stranger, internet) -> None:
    first, second = (imports.request_import(url=CLIP, kind="video", by=owner) for _ in range(2))
    others = [
        imports.request_import(url=CLIP, kind="video", by=stranger),
        imports.request_import(url=CLIP, kind="video", by=owner, then="style"),
        imports.request_import(url=CLIP, kind="video", by=owner, session=SessionFactory(owner=owner)),
        imports.request_import(url=CLIP, kind="image", by=owner),
    ]

    assert first == second
    assert len({job.pk for job in (first, *others)}) == 5
    run(first)
    assert imports.request_import(url=CLIP, kind="video", by=owner) != first


@pytest.mark.django_db(transaction=True)
def test_many_who_ask_at_once_for_one_address_get_one_job(owner) -> None:
    answers = at_once(6, lambda _: imports.request_import(url=CLIP, kind="video", by=owner).pk)

    assert answers == [Job.objects.get().pk] * 6


def test_a_worker_that_lost_the_job_leaves_no_file_behind(owner, internet, monkeypatch) -> None:
    job = imports.request_import(url=CLIP, kind="video", by=owner)
    fetch = imports.fetch

    def meanwhile(*args: Any, **options: Any) -> Any:
        stored = fetch(*args, **options)
        Job.objects.filter(pk=job.pk).update(fence=F("fence") + 1, state=JobState.QUEUED, lease_until=None)
        return stored

    monkeypatch.setattr(imports, "fetch", meanwhile)
    monkeypatch.setattr("tests.engine.check_histories", lambda: None)  # the other worker of this test leaves no events

    run(job)

    assert (job.state, job.result, Asset.objects.count()) == ("queued", {}, 0)


def test_a_full_disk_is_no_fault_of_the_address(owner, internet, monkeypatch) -> None:
    keep, full = storage.keep_picture, [True]

    def keep_picture(frame: Any) -> Any:
        if full.pop() if full else False:
            raise OSError(28, "No space left on device")
        return keep(frame)

    monkeypatch.setattr(media.storage, "keep_picture", keep_picture)
    job = run(imports.request_import(url="http://pictures.example/door.png", kind="image", by=owner))
    assert (job.state, job.error_code) == ("waiting", None)
    Job.objects.update(next_run_at="2026-01-01T00:00Z")

    turn()

    job.refresh_from_db()
    assert (job.state, Asset.objects.count()) == ("done", 1)


def test_nothing_of_a_fetch_stays_in_the_scratch_folder(owner, internet, settings) -> None:
    run(imports.request_import(url=CLIP, kind="video", by=owner))
    run(imports.request_import(url=CLIP, kind="image", by=owner))

    assert list(settings.SCRATCH_ROOT.iterdir()) == []
