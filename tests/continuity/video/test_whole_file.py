"""A file under its name is whole, however many write it."""

import threading
from pathlib import Path

import pytest

from continuity.video.whole_file import whole_file


def test_two_that_write_one_target_at_once_each_leave_it_whole(tmp_path: Path) -> None:
    target, failures = tmp_path / "blob", []
    inside, first_is_done = threading.Barrier(2), threading.Event()

    def write(is_first: bool) -> None:
        try:
            with whole_file(target) as part:
                part.write_bytes(b"the whole blob")
                inside.wait(5)
                if not is_first:
                    first_is_done.wait(5)
        except Exception as error:
            failures.append(error)
        finally:
            first_is_done.set()

    threads = [threading.Thread(target=write, args=(is_first,)) for is_first in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert ([path.name for path in tmp_path.iterdir()], target.read_bytes()) == (["blob"], b"the whole blob")


def test_a_part_is_named_after_its_target_and_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(b"")

    with whole_file(tmp_path / "blob") as part:
        part.write_bytes(b"x")

    assert (part.name.startswith("blob."), part.suffix, part.exists()) == (True, ".part", False)
    assert (tmp_path / "blob").stat().st_mode == plain.stat().st_mode


def write_half_and_fail(part: Path) -> None:
    part.write_bytes(b"half")
    raise ZeroDivisionError


def test_a_block_that_raises_leaves_the_older_file_and_no_part(tmp_path: Path) -> None:
    target = tmp_path / "blob"
    target.write_bytes(b"older")

    with pytest.raises(ZeroDivisionError), whole_file(target) as part:
        write_half_and_fail(part)

    assert ([path.name for path in tmp_path.iterdir()], target.read_bytes()) == (["blob"], b"older")


def test_a_folder_that_is_not_there_is_named_and_not_the_part(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as error, whole_file(tmp_path / "nowhere" / "blob"):
        pass

    assert error.value.filename == str(tmp_path / "nowhere")
