"""What every vision model promises (``continuity.providers.base.Vision``), asked of each adapter of the registry.

The table itself stands in ``vision_table.py``; ``python -m tests.contracts.vision_table`` prints it as it is run.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from continuity.providers.base import ImageFile, OutputInvalid, Unreachable
from continuity.providers.capabilities import vision_cards
from continuity.providers.registry import VISION_MODELS
from continuity.vision.word_reading import read_words, words_schema
from continuity.vision.words import words_of_answers
from tests.contracts.vision_table import GOOD, ORDERS, QUESTION, TABLE, VENDORS, Row, frame_picture, run_row
from tests.stand_ins.vision_server import VisionStandIn


@pytest.fixture(scope="module")
def stand_ins() -> Iterator[dict[str, VisionStandIn]]:
    with VENDORS["openai"].stand_in() as openai, VENDORS["gemini"].stand_in() as gemini:
        yield {"openai": openai, "gemini": gemini}


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageFile]:
    with frame_picture(tmp_path_factory.mktemp("frames")) as made:
        yield made


@pytest.fixture(params=VENDORS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def stand_in(name: str, stand_ins: dict[str, VisionStandIn]) -> Iterator[VisionStandIn]:
    yield stand_ins[name]
    stand_ins[name].script()
    stand_ins[name].answer()


def vision(name: str, stand_in: VisionStandIn, **patience: float):
    return VENDORS[name].adapter(stand_in.api_key, stand_in.base_url, model=VENDORS[name].model, **patience)


def test_every_vision_provider_and_model_is_in_this_suite() -> None:
    assert set(VENDORS) == set(VISION_MODELS) == {card.provider for card in vision_cards().values()}
    assert {vendor.model for vendor in VENDORS.values()} == set(vision_cards())


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.behaviour)
def test_contract_table(name: str, stand_in: VisionStandIn, picture: ImageFile, row: Row) -> None:
    came = run_row(name, row, stand_in, picture)

    assert (came.outcome, came.billed, came.retryable, came.words) == (row.outcome, row.billed, row.retryable, row.words)
    assert came.posts == (0 if row.outcome == Unreachable.__name__ else 1)
    assert came.retry_after == row.retry_after
    if came.error is not None:
        assert str(came.error).endswith(".")
        assert len(str(came.error).split()) >= 6
        assert stand_in.api_key not in repr(came.error) + came.error.raw


def test_an_answer_is_of_the_shape_asked_for_with_its_text_and_its_price(
    name: str, stand_in: VisionStandIn, picture: ImageFile
) -> None:
    stand_in.answer(GOOD)

    answer = vision(name, stand_in).analyse([picture], instruction=QUESTION, schema=words_schema())

    tokens, cost = {"openai": (1200, 200), "gemini": (1500, 2625)}[name]
    assert answer.data == GOOD
    assert '"low-key with strong rim light"' in answer.raw
    assert (answer.tokens, answer.cost_micros, answer.is_counted) == (tokens, cost, True)


def test_a_question_never_costs_more_than_its_ceiling_by_the_vendors_own_limits(name: str, stand_in: VisionStandIn) -> None:
    card = vision_cards()[VENDORS[name].model]

    ceiling = vision(name, stand_in).price_ceiling_micros(images=2, instruction=QUESTION, schema=words_schema())

    most_tokens_in = len(QUESTION.encode()) + 2 * card.image_tokens
    assert ceiling > card.cost_micros(tokens_in=most_tokens_in, tokens_out=card.max_tokens)
    assert ceiling < 100_000


def test_the_ceiling_grows_with_each_picture_and_each_word(name: str, stand_in: VisionStandIn) -> None:
    asked = vision(name, stand_in)
    base = asked.price_ceiling_micros(images=1, instruction="a", schema=words_schema())

    assert asked.price_ceiling_micros(images=2, instruction="a", schema=words_schema()) > base
    assert asked.price_ceiling_micros(images=1, instruction="a" * 1000, schema=words_schema()) > base
    assert stand_in.posts() == len([row for row in stand_in.rows if row["method"] == "POST"])


def test_several_pictures_go_in_the_order_given(name: str, stand_in: VisionStandIn, tmp_path: Path) -> None:
    before = len(stand_in.rows)
    with frame_picture(tmp_path, width=320, height=180) as first, frame_picture(tmp_path, width=90, height=160) as second:
        vision(name, stand_in).analyse([first, second], instruction=QUESTION, schema=words_schema())
        vision(name, stand_in).analyse([second, first], instruction=QUESTION, schema=words_schema())

    one, other = (row["body"] for row in stand_in.rows[before:])
    assert len(one) == len(other)
    assert one != other


def test_the_reading_of_a_huge_answer_stops_early(name: str, stand_in: VisionStandIn, picture: ImageFile) -> None:
    stand_in.script("huge", megabytes=60)
    stand_in.sent_bytes = 0

    with pytest.raises(OutputInvalid, match="longer than 1 MiB"):
        vision(name, stand_in).analyse([picture], instruction=QUESTION, schema=words_schema())

    assert stand_in.sent_bytes < 30_000_000


def test_the_key_goes_out_once_and_in_its_header_only(name: str, stand_in: VisionStandIn, picture: ImageFile) -> None:
    vision(name, stand_in).analyse([picture], instruction=QUESTION, schema=words_schema())

    row = stand_in.rows[-1]
    assert str(row).count(stand_in.api_key) == 1
    assert stand_in.api_key in str(row["headers"])


def test_proxies_and_netrc_of_the_environment_are_not_asked(
    name: str, stand_in: VisionStandIn, picture: ImageFile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password secret\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")

    vision(name, stand_in).analyse([picture], instruction=QUESTION, schema=words_schema())

    assert "Basic" not in str(stand_in.rows[-1]["headers"])


def test_orders_in_an_answer_are_left_out_and_the_rest_is_kept(name: str, stand_in: VisionStandIn, picture: ImageFile) -> None:
    stand_in.answer(ORDERS)

    answer = vision(name, stand_in).analyse([picture], instruction=QUESTION, schema=words_schema())
    frame = read_words(answer.data)

    assert set(frame.refused) == {"atmosphere.mood", "atmosphere.elements", "lighting.style", "lighting.keyLight"}
    assert frame.values["atmosphere.elements"] == ("fog",)
    assert frame.values["lighting.direction"] == "from the left, slightly behind"
    assert [word for word in ("ignore", "script", "SALE", "://") if word in str(dict(frame.values))] == []


def test_two_frames_that_say_the_same_are_sure_and_two_that_differ_are_not_measured(
    name: str, stand_in: VisionStandIn, picture: ImageFile
) -> None:
    by_day = GOOD | {"atmosphere": GOOD["atmosphere"] | {"timeOfDay": "day"}}
    stand_in.answer(GOOD, by_day)
    asked = vision(name, stand_in)

    shot = words_of_answers(
        [asked.analyse([picture], instruction=QUESTION, schema=words_schema()).data for _ in range(2)],
    )

    assert shot.words["lighting.keyLight"].confidence == 1.0
    assert shot.not_measured["atmosphere.timeOfDay"] == "The frames say different things: “night”, “day”."
