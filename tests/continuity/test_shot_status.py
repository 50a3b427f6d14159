"""The table of DATA-MODEL 4.3: every row of it, for pages, v2 and v1."""

import pytest

from continuity.shot_status import STEP_WORDS, LiveJob, state_of, style_source_of

QUEUED = LiveJob(state="queued", step="prepare")
TABLE = [
    ("no take", {"chosen": None, "newest": None}, ("Draft", "draft", "draft", "", "")),
    ("queued", {"newest": "requested", "job": QUEUED}, ("Queued", "queued", "draft", "", "")),
    (
        "queued after a worker had it",
        {"newest": "generating", "job": LiveJob(state="queued", step="poll", attempts=1)},
        ("Queued", "queued", "generating-video", "", ""),
    ),
    (
        "waiting for another job",
        {"newest": "requested", "job": LiveJob(state="waiting", step="prepare", wait_reason="Waiting for the previous shot")},
        ("Blocked", "blocked", "generating-video", "Waiting for the previous shot", ""),
    ),
    (
        "running",
        {"newest": "generating", "job": LiveJob(state="running", step="submit")},
        ("Generating", "generating", "generating-video", "Sending the request", ""),
    ),
    (
        "drawing the keyframe of a style match",
        {"newest": "requested", "job": LiveJob(state="running", step="prepare", mode="style-match")},
        ("Generating", "generating", "generating-keyframe", "Reading the scene", ""),
    ),
    (
        "past the keyframe",
        {"newest": "generating", "job": LiveJob(state="running", step="poll", mode="style-match")},
        ("Generating", "generating", "generating-video", "At the provider", ""),
    ),
    (
        "waiting to poll, with a note of the provider",
        {"newest": "generating", "job": LiveJob(state="waiting", step="poll", progress_note="3 of 8")},
        ("Generating", "generating", "generating-video", "3 of 8", ""),
    ),
    (
        "unknown",
        {"newest": "unknown", "job": LiveJob(state="unknown", step="submit", error_sentence="Its answer was lost.")},
        ("Needs your decision", "unknown", "generating-video", "Its answer was lost.", ""),
    ),
    ("done", {"chosen": "done", "newest": "done"}, ("Done", "done", "completed", "", "")),
    (
        "done, and a newer take is queued",
        {"chosen": "done", "newest": "requested", "job": QUEUED},
        ("Done", "done", "completed", "", "Queued"),
    ),
    (
        "done, and a newer take is being made",
        {"chosen": "done", "newest": "generating", "job": LiveJob(state="running", step="frames")},
        ("Done", "done", "completed", "Keeping its frames", "Generating"),
    ),
    (
        "done, and of a newer take nobody knows",
        {"chosen": "done", "newest": "unknown", "job": LiveJob(state="unknown", step="submit", error_sentence="Lost.")},
        ("Needs your decision", "unknown", "generating-video", "Lost.", ""),
    ),
    (
        "done, and a newer take failed",
        {"chosen": "done", "newest": "failed", "error": "No."},
        ("Done", "done", "completed", "", ""),
    ),
    (
        "failed",
        {"newest": "failed", "error": "The filter refused it."},
        ("Failed", "failed", "failed", "The filter refused it.", ""),
    ),
    ("cancelled", {"newest": "cancelled"}, ("Cancelled", "draft", "draft", "", "")),
    ("a finished preview, and no clip", {"newest": "done"}, ("Draft", "draft", "draft", "", "")),
]


@pytest.mark.parametrize(("given", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_shot_is_called_as_the_table_says(given: dict, expected: tuple[str, ...]) -> None:
    state = state_of(**{"chosen": None, **given})

    assert (state.row.word, state.row.status, state.row.legacy, state.note, state.also) == expected


def test_where_only_one_text_is_shown_it_says_both() -> None:
    state = state_of(chosen="done", newest="generating", job=LiveJob(state="running", step="frames"))

    assert (state.sentence, state_of(chosen="done", newest="requested", job=QUEUED).sentence) == (
        "Generating: Keeping its frames",
        "Queued",
    )


def test_every_step_of_a_generation_has_its_words() -> None:
    said = {step: state_of(chosen=None, newest=None, job=LiveJob(state="running", step=step)).note for step in STEP_WORDS}

    assert said == STEP_WORDS
    assert len(set(said.values())) == 7


@pytest.mark.parametrize(
    ("overrides", "is_first", "expected"),
    [({}, True, "base"), ({}, False, "inherited"), ({"colour": "own"}, True, "custom"), ({"colour": "own"}, False, "custom")],
)
def test_a_shots_style_comes_from_the_base_unless_it_has_its_own(overrides: dict, is_first: bool, expected: str) -> None:
    assert style_source_of(overrides, is_first=is_first) == expected
