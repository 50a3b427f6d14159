import pytest

from continuity.vision.categories import SCALES, category_confidence, category_of


@pytest.mark.parametrize(
    ("key", "number", "word"),
    [
        ("colour.temperature", -0.0101, "cool"),
        ("colour.temperature", -0.01, "neutral"),
        ("colour.temperature", 0.02, "neutral"),
        ("colour.temperature", 0.0201, "warm"),
        ("colour.saturation", 0.0399, "muted"),
        ("colour.saturation", 0.04, "natural"),
        ("colour.saturation", 0.0899, "natural"),
        ("colour.saturation", 0.09, "vibrant"),
        ("colour.contrast", 0.3999, "low"),
        ("colour.contrast", 0.40, "medium"),
        ("colour.contrast", 0.6499, "medium"),
        ("colour.contrast", 0.65, "high"),
        ("lighting.intensity", 0.3999, "dim"),
        ("lighting.intensity", 0.40, "moderate"),
        ("lighting.intensity", 0.6499, "moderate"),
        ("lighting.intensity", 0.65, "bright"),
        ("technical.grainLevel", 0.0, "none"),
        ("technical.grainLevel", 0.7999, "none"),
        ("technical.grainLevel", 0.8, "light"),
        ("technical.grainLevel", 2.4999, "light"),
        ("technical.grainLevel", 2.5, "moderate"),
        ("technical.grainLevel", 5.9999, "moderate"),
        ("technical.grainLevel", 6.0, "heavy"),
        ("technical.grainLevel", 40.0, "heavy"),
    ],
)
def test_category_at_its_edges(key, number, word):
    assert category_of(key, number) == word


def test_every_scale_has_one_word_more_than_edges_and_rising_edges():
    assert {key: (len(scale.words), list(scale.edges)) for key, scale in SCALES.items()} == {
        key: (len(scale.edges) + 1, sorted(scale.edges)) for key, scale in SCALES.items()
    }


def test_one_frame_gives_no_confidence():
    assert category_confidence("colour.saturation", [0.2]) is None


def test_confidence_is_the_share_of_the_normal_distribution_between_the_edges():
    # Mean .065, standard deviation .025, edges .04 and .09: one deviation either side holds 68.3 %.
    assert category_confidence("colour.saturation", [0.04, 0.065, 0.09]) == 0.683


def test_confidence_on_an_edge_is_a_half():
    assert category_confidence("technical.grainLevel", [5.9, 6.0, 6.1]) == 0.5


def test_confidence_falls_as_frames_disagree_and_as_the_edge_comes_near():
    agreeing = category_confidence("lighting.intensity", [0.49, 0.5, 0.51])
    disagreeing = category_confidence("lighting.intensity", [0.35, 0.5, 0.65])
    near_the_edge = category_confidence("lighting.intensity", [0.40, 0.41, 0.42])

    assert agreeing == 1.0
    assert 0.4 < disagreeing < 0.6
    assert 0.8 < near_the_edge < 0.9


def test_equal_frames_near_an_edge_are_not_certain():
    assert 0.5 < category_confidence("lighting.intensity", [0.401, 0.401, 0.401]) < 0.7
