"""Each reader of an environment variable: what it takes, and the sentence that it refuses with."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.env import env_bool, env_choice, env_list, env_micros, env_number, env_text, env_whole

Reader = Callable[[], object]
READERS: dict[str, Reader] = {
    "text": lambda: env_text("THING", "default"),
    "bool": lambda: env_bool("THING", True),
    "number": lambda: env_number("THING", 1.5, minimum=0.5),
    "whole": lambda: env_whole("THING", 2, minimum=1),
    "choice": lambda: env_choice("THING", "one", choices=("one", "two")),
    "micros": lambda: env_micros("THING", "20"),
    "list": lambda: env_list("THING", "a, b"),
}
TAKEN = [
    ("text", "word", "word"),
    ("bool", "Yes", True),
    ("bool", "1", True),
    ("bool", "OFF", False),
    ("bool", "", False),
    ("number", "0.5", 0.5),
    ("whole", "3", 3),
    ("whole", "3.0", 3),
    ("choice", "two", "two"),
    ("micros", "12.50", 12_500_000),
    ("micros", "0.000001", 1),
    ("micros", "0", 0),
    ("micros", " ", None),
    ("list", "x,, y ,", ["x", "y"]),
]
REFUSED = [
    ("bool", "maybe", "THING is “maybe”: write true or false."),
    ("number", "much", "THING is “much”: write a number."),
    ("number", "0.4", "THING is 0.4: write a number of at least 0.5."),
    ("number", "nan", "THING is nan: write a number of at least 0.5."),
    ("number", "inf", "THING is inf: write a number of at least 0.5."),
    ("whole", "0", "THING is 0: write a number of at least 1."),
    ("whole", "2.5", "THING is 2.5: write a whole number."),
    ("whole", "inf", "THING is inf: write a number of at least 1."),
    ("choice", "three", "THING is “three”: write one of one, two."),
    ("micros", "a lot", "THING is “a lot”: write an amount in US dollars, such as 20 or 12.50."),
    ("micros", "-1", "THING is -1: write an amount in US dollars from 0 to 1000000000000, or nothing for no limit."),
    ("micros", "NaN", "THING is NaN: write an amount in US dollars from 0 to 1000000000000, or nothing for no limit."),
    ("micros", "1e99", "THING is 1e99: write an amount in US dollars from 0 to 1000000000000, or nothing for no limit."),
]


@pytest.mark.parametrize(("reader", "word", "value"), TAKEN)
def test_reader_takes(reader: str, word: str, value: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", word)

    assert READERS[reader]() == value


@pytest.mark.parametrize(("reader", "word", "sentence"), REFUSED)
def test_reader_refuses_with_a_sentence(reader: str, word: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", word)

    with pytest.raises(ImproperlyConfigured) as refusal:
        READERS[reader]()

    assert str(refusal.value) == sentence


def test_reader_without_the_variable_gives_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("THING", raising=False)

    defaults = {name: reader() for name, reader in READERS.items()}

    assert defaults == {
        "text": "default",
        "bool": True,
        "number": 1.5,
        "whole": 2,
        "choice": "one",
        "micros": 20_000_000,
        "list": ["a", "b"],
    }


def test_secret_is_read_from_the_file_that_the_variable_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    monkeypatch.setenv("THING", "from the variable")
    monkeypatch.setenv("THING_FILE", str(tmp_path / "secret"))

    assert env_text("THING") == "from a file"


def test_secret_in_a_file_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("THING_FILE", str(tmp_path / "missing"))

    with pytest.raises(ImproperlyConfigured) as refusal:
        env_text("THING")

    assert str(refusal.value) == f"THING_FILE names {tmp_path}/missing, which cannot be read: No such file or directory."
