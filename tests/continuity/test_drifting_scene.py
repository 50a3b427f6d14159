"""The scenes of ``tests.drifting_scene`` are what they say: each shot starts from the one before it, and drifts as asked."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from continuity.models import Continuity, Take
from continuity.services import shots
from continuity.video.frames import sample_frames
from continuity.vision.scene_score import SCORE_POSITIONS, ShotFeatures, scene_score, shot_features
from tests.drifting_scene import BAD, BETTER, CLIP, GOOD, LINK, MIDDLING, OPENING, SPOT, chain, picture_of, scene_before_a_gate
from tests.engine import settle
from tests.stand_ins.clips import Asked, ClipSize
from tests.stand_ins.drift import Picture, drifted
from tests.stand_ins.drifting import Perturbed
from tests.stand_ins.ltx import StandIn


def difference(left: Picture, right: Picture) -> float:
    """Mean absolute difference in code values."""
    return float(np.abs(left.astype(float) - right).mean())


@pytest.mark.django_db
def test_chain_hands_every_last_frame_on_and_drifts_at_every_link(owner, vendor: StandIn) -> None:
    made = chain(owner, vendor, count=3, drift=LINK, safe=False, opening=SPOT)

    firsts, starts, lasts = made.first_pictures(), made.start_pictures(), made.last_pictures()
    assert Continuity.objects.get(session=made.session).safe_bridge is False
    assert vendor.posts() == 3
    assert starts[0] is None
    assert difference(firsts[0], SPOT) < 1.2
    for before, number in ((0, 1), (1, 2)):
        assert np.array_equal(starts[number], lasts[before])
        assert difference(firsts[number], drifted(starts[number], LINK)) < 1.5
    assert difference(firsts[2], drifted(drifted(SPOT, LINK), LINK)) < 2
    assert difference(firsts[2], SPOT) > difference(firsts[1], SPOT) > 2


@pytest.mark.django_db
def test_scene_before_a_gate_shows_the_opening_and_then_the_makers_in_order(owner, vendor: StandIn) -> None:
    session, second = scene_before_a_gate(owner, vendor, BAD, gate_enabled=False, safe_bridge=False)
    first = Take.objects.get(shot__session=session)

    take = shots.request_generation(shot=second, by=owner)
    settle(session)

    take.refresh_from_db()
    assert difference(picture_of(first.first_frame), OPENING) < 1.2
    assert difference(picture_of(take.first_frame), BAD.picture) < 1.2
    assert (first.shot.previous(), take.shot, vendor.posts()) == (None, second, 2)


@pytest.mark.parametrize("is_bridged", [True, False], ids=["bridged", "not bridged"])
def test_takes_of_a_gate_are_as_good_as_their_names_say(tmp_path: Path, is_bridged: bool) -> None:
    start_image = BytesIO()
    Image.fromarray(OPENING).save(start_image, "PNG")
    asked = Asked({}, ClipSize(**CLIP), start_image=start_image.getvalue() if is_bridged else None)
    first = features(tmp_path, Perturbed(picture=OPENING)(asked))
    makers = {"bad": BAD, "middling": MIDDLING, "good": GOOD, "better": BETTER}

    scores = {name: scene_score(first, features(tmp_path, maker(asked))) for name, maker in makers.items()}

    assert sorted(makers, key=lambda name: scores[name].score) == list(makers)
    assert [scores[name].band for name in makers] == ["jump", "check", "matches", "matches"]
    assert scores["better"].score - scores["good"].score > 0.02


def features(folder: Path, clip: bytes) -> ShotFeatures:
    path = folder / "clip.mp4"
    path.write_bytes(clip)
    return shot_features([frame.rgb for frame in sample_frames(path, SCORE_POSITIONS)])
