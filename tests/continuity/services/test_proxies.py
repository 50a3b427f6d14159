"""The scene proxy: whose pictures it is made of, what a shot may aim at, and the start image that a provider really receives."""

import math
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageOps

from continuity import storage
from continuity.enums import AssetRole, ProxyKind, ShotMode
from continuity.jobs.requests import resolve_inputs
from continuity.models import Asset, Continuity, Frame, SceneProxy, Shot, Take
from continuity.services import media, proxies, shots
from continuity.services.errors import Refused
from continuity.video.frames import ExactFrame
from continuity.vision.proxy import render_parallax, render_proxy
from continuity.vision.scale import Picture
from sessions_app.models import AuditEvent, Edit, Session
from tests.continued_scene import ELSEWHERE, HEIGHT, OPENING, WIDTH
from tests.engine import LTX, scene, settle
from tests.factories.continuity import AssetFactory, FrameFactory, SceneProxyFactory, ShotFactory, StillFactory
from tests.factories.session import SessionFactory
from tests.stand_ins.clips import Asked
from tests.stand_ins.drifting import Perturbed

pytestmark = pytest.mark.django_db
AIM = {"yaw": 0.05, "pitch": -0.05, "dolly": 0.25}
"""A view that lies inside the reference, and is no part of it that anything else would show."""
NO_HOLES = {"yaw": 0.0, "pitch": 0.0, "dolly": 0.25}


def uploaded(owner, picture: Picture, *, session: Session | None = None) -> Frame:
    """A picture that its owner brought in."""
    exact = ExactFrame(0, 0, picture)
    still = StillFactory(owner=owner, session=session, blob=storage.keep_picture(exact), origin="upload")
    columns = {"width": exact.width, "height": exact.height, "rgb24_sha256": exact.sha256}
    return FrameFactory(asset=still, image=still, index=0, role="key", **columns)


def near_below() -> Picture:
    """A depth picture: the lower a pixel, the nearer it is."""
    ramp = np.linspace(0, 255, HEIGHT).astype(np.uint8)
    return np.repeat(np.repeat(ramp[:, None, None], WIDTH, axis=1), 3, axis=2)


@pytest.fixture
def shot(owner) -> Shot:
    return ShotFactory(session=SessionFactory(owner=owner))


@pytest.fixture
def reference(owner) -> Frame:
    return uploaded(owner, OPENING)


def facts(shot: Shot) -> dict[str, object]:
    """Everything that a refused verb leaves as it is."""
    session = Session.objects.filter(pk=shot.session_id).values().get()
    proxy_rows = list(SceneProxy.objects.order_by("pk").values())
    return {"shot": Shot.objects.filter(pk=shot.pk).values().get(), "session": session, "proxies": proxy_rows}


# setting


def test_a_picture_becomes_the_scenes_proxy(owner, shot, reference) -> None:
    proxy = proxies.set_proxy(session=shot.session, reference=reference, by=owner)

    assert (proxy.kind, proxy.reference, proxy.depth, proxy.current) == (ProxyKind.PAN_ZOOM, reference, None, True)
    assert proxies.current(shot.session_id) == SceneProxy.objects.get()
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.object_id) == ("proxy.set", owner, proxy.pk)
    assert Session.objects.get(pk=shot.session_id).version == 2


def test_a_scene_has_one_proxy_at_a_time(owner, shot, reference) -> None:
    first = proxies.set_proxy(session=shot.session, reference=reference, by=owner)
    other_scene = SceneProxyFactory(session__owner=owner, current=True)

    second = proxies.set_proxy(session=shot.session, reference=uploaded(owner, ELSEWHERE), by=owner)

    assert proxies.current(shot.session_id) == second
    assert set(SceneProxy.objects.filter(current=True)) == {second, other_scene}
    assert SceneProxy.objects.filter(pk=first.pk, current=False).exists()


@pytest.mark.parametrize("foreign", ["reference", "depth"])
def test_a_picture_of_somebody_else_is_refused(owner, stranger, shot, foreign: str) -> None:
    pictures = {
        "reference": uploaded(stranger if foreign == "reference" else owner, OPENING),
        "depth": uploaded(stranger if foreign == "depth" else owner, near_below()).asset,
    }
    before = facts(shot)

    with pytest.raises(Refused, match="This picture is not yours") as refusal:
        proxies.set_proxy(session=shot.session, by=owner, **pictures)

    assert (refusal.value.code, facts(shot), AuditEvent.objects.count()) == ("reference_of_another_owner", before, 0)


# aiming


def test_a_shot_is_aimed_and_told_what_is_empty(owner, shot, reference) -> None:
    proxies.set_proxy(session=shot.session, reference=reference, by=owner)

    inside = proxies.aim(shot=shot, **NO_HOLES, by=owner)
    beyond = proxies.aim(shot=shot, yaw=0.1, pitch=0.0, dolly=0.0, by=owner)

    row = Shot.objects.get(pk=shot.pk)
    assert (inside, beyond) == (0.0, pytest.approx(round(0.1 * WIDTH) / WIDTH))
    assert (row.camera, row.version) == ({"yaw": 0.1, "pitch": 0.0, "dolly": 0.0}, 3)
    assert AuditEvent.objects.filter(action="shot.change", object_id=shot.pk, actor=owner).count() == 2


def test_a_padlock_that_came_while_the_picture_was_rendered_holds(owner, shot, reference, monkeypatch) -> None:
    proxies.set_proxy(session=shot.session, reference=reference, by=owner)
    render = proxies.render_proxy

    def meanwhile(*pictures, **camera):
        Shot.objects.filter(pk=shot.pk).update(locked=True)
        return render(*pictures, **camera)

    monkeypatch.setattr(proxies, "render_proxy", meanwhile)

    with pytest.raises(Refused) as refusal:
        proxies.aim(shot=shot, **NO_HOLES, by=owner)

    assert (refusal.value.code, Shot.objects.get(pk=shot.pk).camera) == ("shot_locked", {})


def test_a_look_at_the_proxy_is_the_picture_that_a_shot_aimed_so_starts_from(owner, shot, reference) -> None:
    proxies.set_proxy(session=shot.session, reference=reference, by=owner)
    session = {"version": Session.objects.get(pk=shot.session_id).version, "edits": Edit.objects.count()}

    frame, hole_share = proxies.look(session=shot.session, **AIM)
    again = proxies.look(session=shot.session, **AIM)

    assert (hole_share, again) == (0.0, (frame, 0.0))
    assert session == {"version": Session.objects.get(pk=shot.session_id).version, "edits": Edit.objects.count()}
    proxies.aim(shot=shot, **AIM, by=owner)
    assert proxies.start_picture(Shot.objects.get(pk=shot.pk)) == frame


@pytest.mark.parametrize(
    ("camera", "sentence"),
    [
        ({"yaw": 0.3, "pitch": 0.0, "dolly": 0.0}, "This move leaves 30.2 % of the picture empty, and at most 12 % may be"),
        ({"yaw": 0.0, "pitch": 0.0, "dolly": -0.2}, "of the picture empty, and at most 12 % may be"),
        ({"yaw": 0.6, "pitch": 0.0, "dolly": 1.0}, "A yaw of 0.6 is out of reach: give one from -0.5 to 0.5."),
        ({"yaw": 0.0, "pitch": -0.6, "dolly": 1.0}, "A pitch of -0.6 is out of reach: give one from -0.5 to 0.5."),
        ({"yaw": 0.0, "pitch": 0.0, "dolly": 1.5}, "A dolly of 1.5 is out of reach: give one from -0.25 to 1."),
        ({"yaw": math.nan, "pitch": 0.0, "dolly": 0.0}, "A yaw of nan is out of reach: give one from -0.5 to 0.5."),
    ],
    ids=["holes", "holes around", "yaw", "pitch", "dolly", "no number"],
)
def test_a_move_that_the_picture_does_not_hold_leaves_the_shot_as_it_was(
    owner, shot, reference, camera: dict[str, float], sentence: str
) -> None:
    proxies.set_proxy(session=shot.session, reference=reference, by=owner)
    proxies.aim(shot=shot, **NO_HOLES, by=owner)
    before, events = facts(shot), AuditEvent.objects.count()

    with pytest.raises(Refused) as refusal:
        proxies.aim(shot=shot, **camera, by=owner)

    assert (refusal.value.code, sentence in str(refusal.value)) == ("proxy_refused", True), str(refusal.value)
    assert (facts(shot), AuditEvent.objects.count(), facts(shot)["shot"]["camera"]) == (before, events, NO_HOLES)


def test_a_scene_without_a_proxy_has_nothing_to_aim_at(owner, shot) -> None:
    SceneProxyFactory(session=shot.session, current=False)
    before = facts(shot)

    with pytest.raises(Refused, match="This scene has no proxy") as refusal:
        proxies.aim(shot=shot, **NO_HOLES, by=owner)

    assert (refusal.value.code, facts(shot)) == ("no_proxy", before)


def test_a_locked_shot_points_where_it_pointed(owner, shot, reference) -> None:
    proxies.set_proxy(session=shot.session, reference=reference, by=owner)
    Shot.objects.filter(pk=shot.pk).update(locked=True)
    before = facts(shot)

    with pytest.raises(Refused, match="This shot is locked"):
        proxies.aim(shot=Shot.objects.get(pk=shot.pk), **NO_HOLES, by=owner)

    assert facts(shot) == before


# the picture


def test_the_start_picture_is_the_reference_as_the_camera_sees_it(owner, shot, reference) -> None:
    proxies.set_proxy(session=shot.session, reference=reference, by=owner)
    proxies.aim(shot=shot, **AIM, by=owner)
    shot.refresh_from_db()

    frame = proxies.start_picture(shot)

    expected = render_proxy(OPENING, **AIM).picture
    assert np.array_equal(media.picture(frame), expected)
    assert not np.array_equal(expected, OPENING)
    assert (frame.asset.role, frame.asset.parent, frame.asset.owner) == (AssetRole.STILL, reference.image, owner)


def test_the_same_view_is_rendered_once_and_another_one_anew(owner, shot, reference, monkeypatch) -> None:
    proxies.set_proxy(session=shot.session, reference=reference, by=owner)
    shot.camera = AIM
    first = proxies.start_picture(shot)
    shot.camera = NO_HOLES
    second = proxies.start_picture(shot)
    monkeypatch.setattr(proxies, "render_proxy", lambda *arguments, **rest: pytest.fail("this was rendered before"))
    shot.camera = dict(reversed(AIM.items()))

    assert proxies.start_picture(shot) == first != second
    assert Asset.objects.filter(parent=reference.image).count() == 2


def test_a_shot_that_aims_nowhere_has_no_start_picture(owner, shot, reference) -> None:
    assert proxies.start_picture(ShotFactory(session=shot.session, camera=AIM)) is None

    proxies.set_proxy(session=shot.session, reference=reference, by=owner)

    assert proxies.start_picture(shot) is None


# depth


def test_with_a_depth_picture_what_is_near_moves_first(owner, shot, reference) -> None:
    depth = uploaded(owner, near_below()).asset
    proxy = proxies.set_proxy(session=shot.session, reference=reference, depth=depth, by=owner)
    camera = {"yaw": 0.06, "pitch": 0.0, "dolly": 0.0}

    share = proxies.aim(shot=shot, **camera, by=owner)

    shot.refresh_from_db()
    expected = render_parallax(OPENING, near_below(), **camera)
    picture = media.picture(proxies.start_picture(shot))
    assert (proxy.kind, share, np.array_equal(picture, expected.picture)) == (
        ProxyKind.DEPTH_PARALLAX,
        expected.hole_share,
        True,
    )
    changed = np.abs(picture.astype(int) - OPENING).mean(axis=(1, 2))
    assert changed[-HEIGHT // 4 :].mean() > 5 * changed[: HEIGHT // 10].mean()


def test_a_depth_picture_that_is_a_clip_is_refused(owner, shot, reference) -> None:
    before = facts(shot)

    with pytest.raises(Refused, match="A depth picture is a still") as refusal:
        proxies.set_proxy(session=shot.session, reference=reference, depth=AssetFactory(owner=owner), by=owner)

    assert (refusal.value.code, facts(shot)) == ("depth_invalid", before)


def test_a_scene_that_has_a_lut_for_its_depth_is_refused_a_look(owner, shot, reference) -> None:
    lut = AssetFactory(owner=owner, role="lut", blob=storage.keep_text("LUT_3D_SIZE 2\n", kind="lut", container="cube"))
    SceneProxyFactory(session=shot.session, reference=reference, depth=lut, kind=ProxyKind.DEPTH_PARALLAX, current=True)

    with pytest.raises(Refused) as refusal:
        proxies.aim(shot=shot, yaw=0.05, pitch=0.0, dolly=0.0, by=owner)

    assert refusal.value.code == "not_a_video"


def test_a_depth_picture_without_depth_is_refused_when_it_is_used(owner, shot, reference) -> None:
    flat = uploaded(owner, np.full((HEIGHT, WIDTH, 3), 128, np.uint8)).asset
    proxies.set_proxy(session=shot.session, reference=reference, depth=flat, by=owner)
    before = facts(shot)

    with pytest.raises(Refused, match="The depth picture is flat"):
        proxies.aim(shot=shot, yaw=0.05, pitch=0.0, dolly=0.0, by=owner)

    assert facts(shot) == before


def test_parallax_without_its_depth_picture_says_so(owner, shot, reference) -> None:
    proxies.set_proxy(session=shot.session, reference=reference, depth=uploaded(owner, near_below()).asset, by=owner)
    SceneProxy.objects.update(depth=None)

    with pytest.raises(Refused, match="no depth picture any more") as refusal:
        proxies.aim(shot=shot, yaw=0.05, pitch=0.0, dolly=0.0, by=owner)

    assert refusal.value.code == "no_depth"


# what the provider receives


class Received:
    """Makes the clips of a vendor, and keeps the start images that came with the requests."""

    def __init__(self) -> None:
        self.pictures: list[Picture | None] = []

    def __call__(self, asked: Asked) -> bytes:
        self.pictures.append(None if asked.start_image is None else _at_proxy_size(asked.start_image))
        return Perturbed(opening=OPENING)(asked)


def _at_proxy_size(content: bytes) -> Picture:
    """What came in the vendor's size, as large as the reference."""
    with Image.open(BytesIO(content)) as picture:
        return np.asarray(ImageOps.fit(picture.convert("RGB"), (WIDTH, HEIGHT), Image.Resampling.BOX))


def away(left: Picture, right: Picture) -> float:
    """Mean difference in code values."""
    return float(np.abs(left.astype(int) - right).mean())


def style_matched(owner, vendor, *, aimed: bool, in_a_scene_with_a_picture: bool) -> tuple[Received, Take]:
    """A style-match shot of a scene with a proxy, really asked for: what the vendor received, and the take."""
    received = Received()
    vendor.script(polls=0, clip={"width": WIDTH, "height": HEIGHT, "seconds": 0.25, "fps": 24})
    vendor.make_clips(received)
    session, [shot] = scene(owner, "From the side", model=LTX, auto_extract=False, default_mode=ShotMode.STYLE_MATCH)
    if in_a_scene_with_a_picture:
        Continuity.objects.filter(session=session).update(primary_reference=uploaded(owner, ELSEWHERE, session=session))
    proxies.set_proxy(session=session, reference=uploaded(owner, OPENING, session=session), by=owner)
    if aimed:
        proxies.aim(shot=shot, **AIM, by=owner)
    take = shots.request_generation(shot=shot, by=owner)
    settle(session)
    take.refresh_from_db()
    return received, take


def test_a_style_match_shot_is_started_from_the_view_that_it_aims_at(owner, vendor) -> None:
    received, take = style_matched(owner, vendor, aimed=True, in_a_scene_with_a_picture=False)

    view = render_proxy(OPENING, **AIM).picture
    [picture] = received.pictures
    assert (take.state, take.mode, take.input_frame) == ("done", ShotMode.STYLE_MATCH, proxies.start_picture(take.shot))
    assert np.array_equal(media.picture(take.input_frame), view)
    assert (away(picture, view) < 1, away(picture, OPENING) > 5) == (True, True)


def test_a_style_match_shot_that_aims_nowhere_is_started_from_the_scenes_picture(owner, vendor) -> None:
    received, take = style_matched(owner, vendor, aimed=False, in_a_scene_with_a_picture=True)

    [picture] = received.pictures
    assert (take.state, take.input_frame) == ("done", Continuity.objects.get().primary_reference)
    assert away(picture, ELSEWHERE) < 1


def test_a_model_that_takes_both_gets_the_view_and_the_scenes_picture(owner) -> None:
    session, [shot] = scene(owner, "From the side", auto_extract=False, default_mode=ShotMode.STYLE_MATCH)
    picture = uploaded(owner, ELSEWHERE, session=session)
    Continuity.objects.filter(session=session).update(primary_reference=picture)
    proxies.set_proxy(session=session, reference=uploaded(owner, OPENING, session=session), by=owner)
    proxies.aim(shot=shot, **AIM, by=owner)
    take = shots.request_generation(shot=shot, by=owner)

    inputs = resolve_inputs(Take.objects.get(pk=take.pk), Continuity.objects.get())

    assert (inputs.input_frame, inputs.reference) == (proxies.start_picture(Shot.objects.get()), picture)


def test_a_bridged_shot_starts_from_its_bridge_whatever_it_aims_at(owner, vendor, clip) -> None:
    vendor.script(polls=0, clip={"width": WIDTH, "height": HEIGHT, "seconds": 0.25, "fps": 24})
    session, [first, second] = scene(owner, "One", "Two", model=LTX, clip=clip, auto_extract=False)
    proxies.set_proxy(session=session, reference=uploaded(owner, OPENING), by=owner)
    proxies.aim(shot=second, **AIM, by=owner)

    take = shots.request_generation(shot=second, by=owner)
    settle(session)

    take.refresh_from_db()
    assert take.input_frame == Take.objects.get(shot=first).last_frame
