import pytest

from tests.clips import Zoo, session_zoo


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Zoo:
    return session_zoo(tmp_path_factory)
