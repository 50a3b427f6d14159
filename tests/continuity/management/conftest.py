import pytest

from tests.labelled_films import Labels, draw_films


@pytest.fixture(scope="session")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Labels:
    """Three little films, see ``tests.labelled_films``; what a test adds to their folder disturbs no other."""
    return draw_films(tmp_path_factory.mktemp("films"))
