"""Companies served from real homes, asked through the application itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from tests.support.dividend_home import DividendPlace, dividend_place
from tests.support.market import Market, market
from tests.support.raise_home import RaisePlace, raise_place, storm_place


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    with market(tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture(scope="package")
def client(place: Market) -> Iterator[TestClient]:
    with TestClient(create_app(place.settings), base_url="http://127.0.0.1:8080") as client:
        yield client


@pytest.fixture(scope="package")
def raised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RaisePlace]:
    """A company with a raise that has ended and one that is open."""
    with raise_place(tmp_path_factory.mktemp("raised")) as made:
        yield made


@pytest.fixture(scope="package")
def raise_client(raised: RaisePlace) -> Iterator[TestClient]:
    with TestClient(create_app(raised.settings), base_url="http://127.0.0.1:8080") as client:
        yield client


@pytest.fixture(scope="package")
def stormy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RaisePlace]:
    """A company whose raises met everything that can happen to one."""
    with storm_place(tmp_path_factory.mktemp("stormy")) as made:
        yield made


@pytest.fixture(scope="package")
def storm_client(stormy: RaisePlace) -> Iterator[TestClient]:
    with TestClient(create_app(stormy.settings), base_url="http://127.0.0.1:8080") as client:
        yield client


@pytest.fixture(scope="package")
def paying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DividendPlace]:
    """A company with dividends in every phase."""
    with dividend_place(tmp_path_factory.mktemp("paying")) as made:
        yield made


@pytest.fixture(scope="package")
def dividend_client(paying: DividendPlace) -> Iterator[TestClient]:
    with TestClient(create_app(paying.settings), base_url="http://127.0.0.1:8080") as client:
        yield client
