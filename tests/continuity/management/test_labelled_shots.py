import sys

import pytest

from continuity.management.labelled_shots import LabelledPair, LabelsError, progress_on, read_labelled_shots
from continuity.vision.scene_evaluation import PairKind

SHOTS = "film,shot,clip\nmill,a,one.mp4\nmill,b,two.mp4\ntower,a,two.mp4\n"
PAIRS = "film_a,shot_a,film_b,shot_b,same_scene\nmill,a,mill,b,1\n"


@pytest.fixture
def read(tmp_path):
    """Reads the two files of the given content, with two clips beside them."""
    for name in ("one.mp4", "two.mp4"):
        (tmp_path / name).write_bytes(b"clip")

    def read(shots: str | bytes = SHOTS, pairs: str | bytes = PAIRS):
        for name, content in (("shots.csv", shots), ("pairs.csv", pairs)):
            (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_labelled_shots(tmp_path / "shots.csv", tmp_path / "pairs.csv")

    return read


def test_clips_are_found_beside_the_file_and_pairs_have_their_kind(read, tmp_path):
    pairs = PAIRS + "mill,b,mill,a,0\nmill,a,tower,a,0\n"

    labelled = read(pairs=pairs)

    assert labelled.clips == {
        ("mill", "a"): tmp_path / "one.mp4",
        ("mill", "b"): tmp_path / "two.mp4",
        ("tower", "a"): tmp_path / "two.mp4",
    }
    assert labelled.pairs[0] == LabelledPair(("mill", "a"), ("mill", "b"), True)
    assert [pair.kind for pair in labelled.pairs] == [PairKind.SAME, PairKind.HARD, PairKind.CROSS]


def test_further_columns_blanks_quotes_and_a_byte_order_mark_do_no_harm(read):
    shots = '\ufefffilm,licence,shot,clip\nmill,CC0, a ,one.mp4\nmill,"CC BY, 3.0",b,two.mp4\n'

    labelled = read(shots=shots)

    assert sorted(labelled.clips) == [("mill", "a"), ("mill", "b")]


@pytest.mark.parametrize(
    ("shots", "pairs", "sentence"),
    [
        (SHOTS + "tower,b,three.mp4\n", PAIRS, r"shots\.csv, line 5: there is no clip three\.mp4"),
        (SHOTS + "mill,a,two.mp4\n", PAIRS, r"shots\.csv, line 5: shot a of mill is there twice"),
        (SHOTS + "mill,c\n", PAIRS, r"shots\.csv, line 5: nothing is written under clip"),
        ("film,shot\nmill,a\n", PAIRS, r"shots\.csv, line 1: there is no column clip"),
        ("", PAIRS, r"shots\.csv, line 1: there is no column film, shot, clip"),
        (b"film,shot,clip\nm\xfcll,a,one.mp4\n", PAIRS, r"shots\.csv, line 1: this is not CSV in UTF-8"),
        ('film,shot,clip\nmill,a,one.mp4\nmill,"b"x,two.mp4\n', PAIRS, r"shots\.csv, line 3: this is not CSV"),
        (SHOTS, PAIRS + "mill,a,mill,z,0\n", r"pairs\.csv, line 3: shots\.csv knows no shot z of mill"),
        (SHOTS, PAIRS + "mill,a,mill,b,yes\n", r"pairs\.csv, line 3: same_scene is “yes”: write 1 for one scene and 0 for two"),
        (SHOTS, PAIRS + "mill,a,mill,b,\n", r"pairs\.csv, line 3: nothing is written under same_scene"),
        (SHOTS, PAIRS + "mill,a,mill,a,1\n", r"pairs\.csv, line 3: a shot is paired with itself"),
        (SHOTS, PAIRS.splitlines()[0], r"pairs\.csv holds no pair"),
    ],
)
def test_row_that_does_not_hold_is_named_by_file_and_line(read, shots, pairs, sentence):
    with pytest.raises(LabelsError, match=sentence) as refused:
        read(shots, pairs)

    assert "\n" not in str(refused.value)


def test_only_shots_that_a_pair_names_are_read(labels, tmp_path):
    shots = labels.shots.read_text(encoding="utf-8") + "broken,x,day,shots.csv,\n"
    (labels.shots.parent / "more.csv").write_text(shots, encoding="utf-8")
    labelled = read_labelled_shots(labels.shots.parent / "more.csv", labels.pairs)
    told = []

    read = dict(labelled.pictures(lambda done, total: told.append((done, total))))

    assert sorted(read) == sorted(set(labelled.clips) - {("broken", "x")})
    assert [len(frames) for frames in read.values()] == [5] * 12
    assert {frame.shape for frames in read.values() for frame in frames} == {(108, 192, 3)}
    assert told == [(count, 12) for count in range(1, 13)]


def test_progress_is_told_now_and_then_and_at_the_end(capsys):
    on_progress = progress_on(sys.stderr)

    for done in range(1, 24):
        on_progress(done, 23)

    lines = [f"measured {done} of 23 shots" for done in (10, 20, 23)]
    assert capsys.readouterr().err.splitlines() == lines
