"""What the page says when a grade could not be fitted or rendered, and of a start from the scene's proxy."""

import pytest

from continuity.enums import GradeState, JobKind, JobState, ShotMode
from continuity.services import grades, proxies
from tests.continued_scene import continued, opened_scene
from tests.factories import continuity as scene
from tests.sessions_app.web.test_cuts_page import button, client, cut_of, page_of, session, takes_of, with_grade  # noqa: F401

pytestmark = pytest.mark.django_db


def test_a_view_of_the_proxy_is_not_called_a_frame_that_was_brought_back(client, owner) -> None:
    continuity, [first, second], opening = opened_scene(owner, shots=2)
    proxies.set_proxy(session=continuity.session, reference=opening.last_frame, by=owner)
    second.camera = {"yaw": 0.05, "pitch": 0.0, "dolly": 0.25}
    continued(second, proxies.start_picture(second), mode=ShotMode.STYLE_MATCH)

    page = page_of(client, continuity.session)

    assert ("brought back" in page, "As it was rendered" in page) == (False, False)


def test_a_film_without_the_grade_is_older_than_the_grade(client, session) -> None:
    grade = with_grade(session)
    film = scene.AssetFactory(owner=session.owner, session=session, role="film", blob__duration_num=4, blob__duration_den=1)
    scene.ExportFactory(session=session, asset=film, options={"takes": [take.pk for take in takes_of(session)], "grades": {}})
    grades.apply(grade=grade, by=session.owner)

    assert "Make a new film" in page_of(client, session)


def test_a_preview_that_failed_does_not_say_that_it_is_being_rendered(client, session) -> None:
    grade = with_grade(session, state=GradeState.APPLIED)
    scene.DoneJobFactory(
        session=session,
        kind=JobKind.PREVIEW,
        subject_key=f"preview:{grade.pk}",
        state=JobState.FAILED,
        error_code="video_damaged",
        error_sentence="The clip is cut short.",
    )

    assert "Rendering the graded clip" not in cut_of(client, session)


@pytest.mark.parametrize("kind", ["grade", "preview"])
def test_the_page_re_reads_itself_while_a_grade_is_fitted_or_rendered(client, session, kind) -> None:
    grade = with_grade(session, state=GradeState.APPLIED)
    subject = f"grade:{grade.take_id}" if kind == "grade" else f"preview:{grade.pk}"
    scene.RunningJobFactory(session=session, kind=kind, subject_key=subject, take=grade.take, shot=grade.take.shot)

    assert 'http-equiv="refresh"' in page_of(client, session)


def test_a_fit_that_failed_says_why(client, session) -> None:
    from tests.sessions_app.web.test_cuts_page import measured

    cut = measured(session, band="check", score=0.6, bridge_kind="bridged", ncc=0.99)
    scene.DoneJobFactory(
        session=session,
        kind=JobKind.GRADE,
        subject_key=f"grade:{cut.right_take_id}",
        state=JobState.FAILED,
        error_code="video_damaged",
        error_sentence="The clip is cut short.",
    )
    assert "The clip is cut short." in cut_of(client, session)
