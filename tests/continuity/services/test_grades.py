"""Grade verbs on really drifted clips: what is proposed and why not, what applying does, what the next shot starts from."""

from fractions import Fraction

import numpy as np
import pytest
from django.core.files.storage import default_storage

from continuity.enums import AssetRole, FrameRole, GradeState, JobKind, ShotMode
from continuity.models import Asset, Continuity, Export, Frame, Grade, Job, Shot, Take
from continuity.services import cuts, exports, grades, media, proxies, shots, styles
from continuity.services.errors import Refused
from continuity.storage import sha256_of
from continuity.video.frames import frame_at
from continuity.vision.drift import measure_drift
from continuity.vision.scale import Picture
from sessions_app.models import AuditEvent
from tests.continued_scene import ELSEWHERE, FAR_OFF, FPS, FRAMES, OPENING, WARM, continued, opened_scene, reread, take_showing
from tests.engine import settle
from tests.factories.continuity import (
    ExtractionFactory,
    GradeFactory,
    ShotFactory,
    TakeFactory,
)
from tests.stand_ins.drift import Drift

pytestmark = pytest.mark.django_db
HARDLY = Drift(temperature=0.04)
"""Below what is worth a grade."""


def distance(reference: Picture, picture: Picture) -> float:
    """ΔE2000 between the grades of two pictures of one content."""
    return measure_drift(reference, picture, same_content=True).delta_e


def distance_of(reference: Frame, frame: Frame) -> float:
    return distance(media.picture(reference), media.picture(frame))


def proposed(take: Take, owner) -> Grade:
    grade = grades.propose(take=take, by=owner).grade
    assert grade is not None
    return grade


def drifted_pair(owner) -> tuple[Take, Take]:
    """The takes of an opening shot and of a second one that came out warmer and darker."""
    _, [_, second], opening = opened_scene(owner, shots=2)
    return opening, continued(second, opening.last_frame, WARM)


def lock(shot: Shot) -> None:
    Shot.objects.filter(pk=shot.pk).update(locked=True)


# proposing


def test_a_drifted_shot_is_proposed_a_grade_that_brings_it_back(owner) -> None:
    opening, take = drifted_pair(owner)

    fit = grades.propose(take=take, by=owner)

    grade = Grade.objects.get()
    assert (fit.grade, fit.delta_e, grade.state, grade.by) == (grade, grade.delta_e_before, GradeState.PROPOSED, owner)
    assert (grade.source_frame, grade.reference_frame) == (take.first_frame, opening.last_frame)
    assert grade.delta_e_before == pytest.approx(distance_of(opening.last_frame, take.first_frame), abs=0.3)
    assert (grade.delta_e_before > 3, grade.delta_e_after < 0.5, grade.strength) == (True, True, 1.0)
    assert set(grade.guards) == {"foldedCells", "extraClipping", "neutralSlopeLow", "neutralSlopeHigh"}
    assert (grade.lut.role, grade.lut.parent, grade.lut.owner) == (AssetRole.LUT, take.video, owner)
    with default_storage.open(grade.lut.blob.storage_key) as text:
        assert b"LUT_3D_SIZE 33" in text.read()


def test_a_take_is_proposed_one_grade_however_often_it_is_fitted(owner) -> None:
    _, take = drifted_pair(owner)

    fits = [grades.propose(take=take, by=owner) for _ in range(2)]

    assert fits[0] == fits[1]
    assert (Grade.objects.count(), Asset.objects.filter(role=AssetRole.LUT).count()) == (1, 1)


@pytest.mark.parametrize("drift", [Drift(), HARDLY], ids=["none", "hardly"])
def test_a_drift_that_nobody_sees_needs_no_grade(owner, drift: Drift) -> None:
    _, [_, second], opening = opened_scene(owner, shots=2)

    fit = grades.propose(take=continued(second, opening.last_frame, drift), by=owner)

    assert (fit.grade, 0 <= fit.delta_e < 1, fit.sentence) == (None, True, grades.HAS_THE_LOOK)
    assert (Grade.objects.count(), Asset.objects.filter(role=AssetRole.LUT).count()) == (0, 0)


def test_a_shot_of_other_content_is_refused_with_the_reason(owner) -> None:
    _, [_, second], _ = opened_scene(owner, shots=2)

    grade = proposed(take_showing(second, ELSEWHERE), owner)

    assert (grade.state, grade.lut, grade.delta_e_before) == (GradeState.REFUSED, None, None)
    assert grade.refused_reason == "These two shots do not share content: a grade fitted from them would make it worse."


def test_a_shot_that_is_too_far_off_is_refused_with_the_reason(owner) -> None:
    _, [_, second], opening = opened_scene(owner, shots=2)

    fit = grades.propose(take=continued(second, opening.last_frame, FAR_OFF), by=owner)

    assert fit.grade is not None
    assert (fit.grade.state, fit.grade.lut, fit.grade.delta_e_after) == (GradeState.REFUSED, None, None)
    assert fit.grade.delta_e_before == fit.delta_e > 12
    assert fit.grade.refused_reason.startswith(
        f"The grades are ΔE {fit.delta_e:.1f} apart, more than 12: generate the shot again"
    )


def test_the_take_that_the_look_comes_from_needs_no_grade(owner) -> None:
    """Even where it was bridged from another one, which is not the base any more."""
    _, take = drifted_pair(owner)
    Continuity.objects.update(base_take=take)

    assert grades.propose(take=take, by=owner) == grades.Fit(None, None, grades.NOTHING_TO_MATCH)


def test_a_shot_that_wants_other_colours_is_not_graded(owner) -> None:
    opening, take = drifted_pair(owner)
    Shot.objects.filter(pk=take.shot_id).update(style_overrides={"colour": "own"})
    take = reread(take)

    assert grades.propose(take=take, by=owner) == grades.Fit(None, None, grades.NOTHING_TO_MATCH)
    assert (grades.target_of(take), grades.scene_frame(take)) == (None, take.last_frame)
    with pytest.raises(Refused) as refusal:
        grades.request(take=take, by=owner)
    assert (refusal.value.code, Job.objects.count(), Grade.objects.count()) == ("colours_are_wished", 0, 0)
    assert grades.scene_frame(opening) == opening.last_frame


def test_a_shot_that_differs_in_something_else_is_graded(owner) -> None:
    _, take = drifted_pair(owner)
    Shot.objects.filter(pk=take.shot_id).update(style_overrides={"atmosphere": "own"})

    assert proposed(reread(take), owner).state == GradeState.PROPOSED


# asking for a fit


def test_a_fit_is_asked_for_once_at_a_time(owner) -> None:
    _, take = drifted_pair(owner)

    asked = [grades.request(take=take, by=owner) for _ in range(2)]

    assert asked[0] == asked[1] == Job.objects.get()
    assert (asked[0].kind, asked[0].take, asked[0].shot, asked[0].by) == (JobKind.GRADE, take, take.shot, owner)


def test_a_fit_can_be_asked_for_again_when_the_last_one_ended(owner) -> None:
    _, take = drifted_pair(owner)
    first = grades.request(take=take, by=owner)
    settle(take.shot.session)

    assert grades.request(take=take, by=owner) != first


@pytest.mark.parametrize("columns", [{}, {"state": "failed", "error_code": "x"}], ids=["requested", "failed"])
def test_a_take_that_is_not_finished_cannot_be_fitted(owner, columns: dict) -> None:
    take = TakeFactory(**columns)

    with pytest.raises(Refused, match="Only a finished take can be graded"):
        grades.request(take=take, by=owner)

    assert Job.objects.count() == 0


def test_a_bridged_cut_is_followed_by_a_fit_and_a_cut_to_another_picture_is_not(owner) -> None:
    _, [_, second, third], opening = opened_scene(owner, shots=3)
    drifted, other = continued(second, opening.last_frame, WARM), take_showing(third, ELSEWHERE)
    cuts.request_missing(session=second.session, by=owner)

    settle(second.session)

    assert [job.take for job in Job.objects.filter(kind=JobKind.GRADE)] == [drifted]
    assert [grade.take for grade in Grade.objects.all()] == [drifted]
    assert Job.objects.filter(kind=JobKind.CUT, state="done", take=other).count() == 2


def test_a_bridged_cut_into_a_shot_of_its_own_colours_is_not_followed_by_a_fit(owner) -> None:
    _, take = drifted_pair(owner)
    Shot.objects.filter(pk=take.shot_id).update(style_overrides={"colour": "own"})
    cuts.request_missing(session=take.shot.session, by=owner)

    settle(take.shot.session)

    assert (Job.objects.filter(kind=JobKind.CUT, state="done").count(), Job.objects.filter(kind=JobKind.GRADE).count()) == (1, 0)


# applying


def test_an_applied_grade_is_a_clip_beside_the_original(owner) -> None:
    opening, take = drifted_pair(owner)
    grade = proposed(take, owner)
    with media.local_clip(take.video) as path:
        before = sha256_of(path)

    grades.apply(grade=grade, by=owner)
    settle(take.shot.session)

    preview = Asset.objects.get(role=AssetRole.PREVIEW)
    assert (Grade.objects.get().state, preview.parent, preview.owner) == (GradeState.APPLIED, take.video, owner)
    assert Job.objects.get(kind=JobKind.PREVIEW).result == {"asset": preview.pk}
    assert (preview.blob.frame_count, preview.blob.width, preview.blob.height) == (FRAMES, 192, 108)
    with media.local_clip(preview) as path:
        assert distance(media.picture(opening.last_frame), frame_at(path, 0).rgb) < 1
    with media.local_clip(take.video) as path:
        assert (sha256_of(path), reread(take).video.blob_id) == (before, before)


def test_a_graded_clip_is_rendered_once(owner, monkeypatch) -> None:
    _, take = drifted_pair(owner)
    grade = proposed(take, owner)
    rendered = grades.graded_clip(grade)
    monkeypatch.setattr(grades, "apply_lut", lambda *arguments, **options: pytest.fail("this was rendered before"))

    assert grades.graded_clip(grade) == rendered


def test_applying_is_recorded_and_asks_for_one_preview(owner) -> None:
    _, take = drifted_pair(owner)
    grade = proposed(take, owner)

    grades.apply(grade=grade, by=owner)
    grades.remove(grade=grade, by=owner)
    grades.apply(grade=grade, by=owner)

    actions = [event.action for event in AuditEvent.objects.filter(object_id=grade.pk).order_by("at", "pk")]
    assert actions == ["grade.apply", "grade.remove", "grade.apply"]
    assert Job.objects.filter(kind=JobKind.PREVIEW).count() == 1


def test_a_take_wears_one_grade_at_a_time(owner) -> None:
    _, take = drifted_pair(owner)
    older = GradeFactory(take=take)
    grades.apply(grade=older, by=owner)
    newer = proposed(take, owner)

    grades.apply(grade=newer, by=owner)

    older.refresh_from_db()
    assert (older.state, grades.applied_to([take])) == (GradeState.REMOVED, {take.pk: newer})


@pytest.mark.parametrize("state", [GradeState.APPLIED, GradeState.REFUSED])
def test_a_grade_that_is_not_proposed_cannot_be_applied(owner, state: GradeState) -> None:
    reason = {"lut": None, "refused_reason": "No."} if state == GradeState.REFUSED else {}
    grade = GradeFactory(state=state, **reason)

    with pytest.raises(Refused, match="Only a proposed grade can be applied"):
        grades.apply(grade=grade, by=owner)

    assert (Job.objects.count(), AuditEvent.objects.count()) == (0, 0)


def test_a_locked_shot_keeps_its_grade_as_it_is(owner) -> None:
    worn, wanted = GradeFactory(state=GradeState.APPLIED), GradeFactory()
    for grade in (worn, wanted):
        lock(grade.take.shot)
    worn, wanted = (Grade.objects.select_related("take__shot__session", "lut").get(pk=grade.pk) for grade in (worn, wanted))

    for verb, grade in ((grades.remove, worn), (grades.apply, wanted)):
        with pytest.raises(Refused) as refusal:
            verb(grade=grade, by=owner)
        assert refusal.value.code == "shot_locked"

    states = dict(Grade.objects.values_list("pk", "state"))
    assert (states, Job.objects.count()) == ({worn.pk: GradeState.APPLIED, wanted.pk: GradeState.PROPOSED}, 0)


# the film


def test_the_film_wears_the_applied_grade_and_loses_it_again(owner) -> None:
    opening, take = drifted_pair(owner)
    session, grade = take.shot.session, proposed(take, owner)
    grades.apply(grade=grade, by=owner)
    graded = exports.request_film(session=session, by=owner)
    settle(session)
    grades.remove(grade=grade, by=owner)
    plain = exports.request_film(session=session, by=owner)
    settle(session)

    films = [Export.objects.select_related("asset__blob").get(pk=export.pk) for export in (graded, plain)]
    distances = []
    for film in films:
        assert film.asset.blob.frame_count == 2 * FRAMES
        with media.local_clip(film.asset) as path:
            distances.append(distance(media.picture(opening.last_frame), frame_at(path, Fraction(FRAMES, FPS)).rgb))
    assert (distances[0] < 1.5, distances[1] > 3) == (True, True), distances
    assert [film.options["grades"] for film in films] == [{take.pk: grade.pk}, {}]
    assert (graded.pk != plain.pk, exports.request_film(session=session, by=owner)) == (True, plain)


def test_a_film_asked_for_before_its_preview_is_there_is_graded_all_the_same(owner) -> None:
    opening, take = drifted_pair(owner)
    grades.apply(grade=proposed(take, owner), by=owner)
    export = exports.request_film(session=take.shot.session, by=owner)

    with exports.clips_of(export) as [_, second]:
        assert distance(media.picture(opening.last_frame), frame_at(second, 0).rgb) < 1.5


def test_removing_shows_the_take_as_it_was_made_and_keeps_the_proposal(owner) -> None:
    _, take = drifted_pair(owner)
    grade = grades.apply(grade=proposed(take, owner), by=owner)

    grades.remove(grade=grade, by=owner)

    assert (grade.state, Grade.objects.get().state, grades.applied_to([take])) == (GradeState.PROPOSED, GradeState.PROPOSED, {})
    with pytest.raises(Refused, match="This grade is not applied"):
        grades.remove(grade=grade, by=owner)


# what a take should look like


def test_a_bridged_take_should_look_like_the_picture_it_started_from(owner) -> None:
    opening, take = drifted_pair(owner)

    assert (grades.target_of(opening), grades.target_of(take)) == (None, opening.last_frame)


def test_a_take_from_a_still_should_look_like_that_still(owner) -> None:
    opening, take = drifted_pair(owner)
    third = ShotFactory(session=take.shot.session)
    brought_back = grades.bridge_frame(take)

    assert grades.target_of(continued(third, brought_back)) == brought_back
    assert brought_back not in (take.last_frame, opening.last_frame)


def test_a_clip_that_was_brought_in_should_look_like_the_end_of_the_shot_before(owner) -> None:
    _, [_, second], opening = opened_scene(owner, shots=2)
    upload = take_showing(second, media.picture(opening.last_frame), WARM, origin="upload")

    assert grades.target_of(upload) == opening.last_frame
    assert proposed(upload, owner).state == GradeState.PROPOSED


def test_a_first_shot_that_is_not_the_base_should_look_like_nothing(owner) -> None:
    continuity, _, opening = opened_scene(owner, shots=1)
    Continuity.objects.filter(pk=continuity.pk).update(base_take=None)

    assert grades.target_of(opening) is None


def test_every_link_leads_to_the_first_shot_itself(owner) -> None:
    """Three links, each too small to be undone: the third is fitted to the first shot, and not to the second's drift."""
    _, made, opening = opened_scene(owner, shots=4)
    small, start = Drift(temperature=0.06), opening
    takes = []
    for shot in made[1:]:
        start = continued(shot, start.last_frame, small)
        takes.append(start)

    fits = [grades.propose(take=take, by=owner) for take in takes]

    assert [round(fit.delta_e / fits[0].delta_e, 1) for fit in fits] == [1.0, 2.0, 3.0]
    assert [fit.grade is not None for fit in fits] == [False, True, True]


@pytest.mark.parametrize("is_brought_back", [False, True], ids=["from the rendered frame", "from the frame brought back"])
def test_re_anchoring_moves_what_the_shots_should_look_like(owner, is_brought_back: bool) -> None:
    _, [_, second, third], opening = opened_scene(owner, shots=3)
    drifted = continued(second, opening.last_frame, WARM)
    Take.objects.filter(pk=drifted.pk).update(measured=ExtractionFactory(owner=owner))
    drifted = reread(drifted)
    after = continued(third, grades.bridge_frame(drifted) if is_brought_back else drifted.last_frame)
    before = grades.propose(take=after, by=owner)

    styles.re_anchor(take=drifted, by=owner)

    fit = grades.propose(take=after, by=owner)
    assert (grades.target_of(drifted), grades.scene_frame(drifted)) == (None, drifted.last_frame)
    assert grades.target_of(after) == drifted.last_frame
    assert [one.grade is not None for one in (before, fit)] == [not is_brought_back, is_brought_back]
    assert [one.delta_e > 3 for one in (before, fit)] == [not is_brought_back, is_brought_back]


def test_a_shot_from_the_scenes_keyframe_should_look_like_that_keyframe(owner) -> None:
    """It is another picture of the clip than its last one, which the look is brought back to elsewhere."""
    continuity, [first, second], _ = opened_scene(owner, shots=2)
    opening = take_showing(first, OPENING, movement=far_in)
    with media.local_clip(opening.video) as path:
        key = media.keep_frame(clip=opening.video, picture=frame_at(path, Fraction(2, FPS)), role=FrameRole.KEY)
    Continuity.objects.filter(pk=continuity.pk).update(base_take=opening, primary_reference=key)
    take = continued(second, key, WARM, mode=ShotMode.STYLE_MATCH)

    assert grades.target_of(take) == key
    assert proposed(take, owner).state == GradeState.PROPOSED


def test_a_shot_from_a_view_of_the_proxy_should_look_like_that_view(owner) -> None:
    """Even where the proxy is the end of a shot, which shows more than the view does."""
    _, [_, second], opening = opened_scene(owner, shots=2)
    proxies.set_proxy(session=second.session, reference=opening.last_frame, by=owner)
    second.camera = {"yaw": 0.1, "pitch": 0.0, "dolly": 0.5}
    view = proxies.start_picture(second)

    assert grades.target_of(continued(second, view, WARM, mode=ShotMode.STYLE_MATCH)) == view


def far_in(moment: float) -> float:
    return 0.7 * moment


def test_a_circle_of_shots_ends(owner) -> None:
    """The second clip was brought in, so it follows the first one; which was made anew from the end of the second."""
    _, [first, second], _ = opened_scene(owner, shots=2)
    upload = take_showing(second, OPENING, WARM, origin="upload")
    anew = continued(first, upload.last_frame)
    Continuity.objects.update(base_take=None)

    assert grades.target_of(anew) == upload.last_frame
    assert {grades.bridge_frame(take).asset.owner for take in (anew, upload)} == {owner}


# the frame the next shot starts from


def test_a_visibly_drifted_frame_is_brought_back_and_both_are_kept(owner) -> None:
    opening, take = drifted_pair(owner)
    raw = media.picture(take.last_frame).copy()

    frame = grades.bridge_frame(take)

    assert (frame.asset.role, frame.asset.parent, frame.asset.owner) == (AssetRole.STILL, take.last_frame.image, owner)
    assert (frame.role, frame.image, frame.asset.recipe_sha256 is not None) == (FrameRole.KEY, frame.asset, True)
    assert frame.asset.name == f"{take.last_frame.image.name}, brought back"
    assert (distance_of(opening.last_frame, frame) < 0.5, distance_of(opening.last_frame, take.last_frame) > 3) == (True, True)
    assert reread(take).last_frame == take.last_frame
    assert np.array_equal(media.picture(take.last_frame), raw)


def test_a_frame_is_brought_back_once(owner, monkeypatch) -> None:
    _, take = drifted_pair(owner)
    frame = grades.bridge_frame(take)
    monkeypatch.setattr(grades, "corrected_frame", lambda *pictures, **rest: pytest.fail("this was brought back before"))

    assert (grades.bridge_frame(reread(take)), grades.scene_frame(take)) == (frame, frame)


def test_a_drift_that_nobody_sees_starts_the_next_shot_as_it_is(owner) -> None:
    _, [_, second], opening = opened_scene(owner, shots=2)
    take = continued(second, opening.last_frame, HARDLY)

    assert grades.bridge_frame(take) == take.last_frame
    assert grades.scene_frame(take).asset.parent == take.last_frame.image
    assert grades.bridge_frame(opening) == grades.scene_frame(opening) == opening.last_frame


def test_an_unrelated_upload_is_not_brought_back(owner) -> None:
    _, [_, second], _ = opened_scene(owner, shots=2)
    upload = take_showing(second, ELSEWHERE, origin="upload")
    stills = Asset.objects.filter(role=AssetRole.STILL).count()

    assert (grades.scene_frame(upload), grades.bridge_frame(upload)) == (upload.last_frame, upload.last_frame)
    assert Asset.objects.filter(role=AssetRole.STILL).count() == stills


def test_a_frame_that_is_too_far_off_is_not_brought_back(owner) -> None:
    _, [_, second], opening = opened_scene(owner, shots=2)
    take = continued(second, opening.last_frame, FAR_OFF)

    assert grades.bridge_frame(take) == take.last_frame


def test_a_shot_is_started_from_the_frame_that_was_brought_back(owner, vendor) -> None:
    """And from the rendered one where the scene wants that."""
    continuity, [_, second, third], opening = opened_scene(owner, shots=3, default_model="ltx-2-3-fast")
    take = continued(second, opening.last_frame, WARM)
    safe = shots.request_generation(shot=third, by=owner)
    settle(continuity.session)
    Continuity.objects.update(safe_bridge=False)
    plain = shots.request_generation(shot=third, by=owner)
    settle(continuity.session)

    assert reread(safe).input_frame == grades.bridge_frame(take) != take.last_frame
    assert reread(plain).input_frame == take.last_frame


def test_nothing_is_graded_by_itself(owner) -> None:
    """Measured, fitted, and left to a person."""
    _, take = drifted_pair(owner)
    cuts.request_missing(session=take.shot.session, by=owner)

    settle(take.shot.session)

    assert [grade.state for grade in Grade.objects.all()] == [GradeState.PROPOSED]
    assert not Asset.objects.filter(role=AssetRole.PREVIEW).exists()
