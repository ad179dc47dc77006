"""One company served from a real home, asked through the application itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from tests.support.market import Market, market


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    with market(tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture(scope="package")
def client(place: Market) -> Iterator[TestClient]:
    with TestClient(create_app(place.settings), base_url="http://127.0.0.1:8080") as client:
        yield client
