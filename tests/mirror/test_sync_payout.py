"""A mirror with dividends in it: stopped, rewound, made anew, it is always that of one chain."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from registry.chain.anvil import Anvil
from registry.domain.events_payout import PAYOUT_EVENTS
from registry.errors import HaltError
from registry.mirror import Mirror
from registry.mirror.project import HANDLERS
from tests.mirror.conftest import dump, rebuilt
from tests.support.payout_stage import DORA, Payer, payer_ready
from tests.support.payout_storm import BY_RATE, tell_dividends
from tests.support.stage import set_up

PAYOUT_TABLES = (
    "schedules",
    "tax_rules",
    "reliefs",
    "preferences",
    "preference_versions",
    "distributions",
    "exclusions",
    "distribution_versions",
    "distribution_steps",
    "distribution_rows",
    "settlements",
    "scrip_choices",
    "scrip_deliveries",
    "remittances",
)


class EndedError(Exception):
    """The story was told as far as it was wanted."""


@pytest.fixture
def payer(anvil: Anvil) -> Payer:
    """Before anything is declared."""
    return payer_ready(set_up(anvil))


def tell_until(payer: Payer, step: str) -> None:
    def after(told: str) -> None:
        if told == step:
            raise EndedError

    with pytest.raises(EndedError):
        tell_dividends(payer, after)


@pytest.mark.parametrize("batch_events", [1, 7, 20_000])
def test_catch_up__dividends_in_batches_of_any_size__same_mirror(
    shared_payer: Payer, tmp_path: Path, batch_events: int
) -> None:
    path = tmp_path / "mirror.db"
    with Mirror(path, shared_payer.stage.deployment, batch_events=batch_events) as mirror:
        head = shared_payer.stage.node.head().number
        for until in range(20, head + 1, 11):
            mirror.catch_up(shared_payer.stage.node, until=until)
        mirror.catch_up(shared_payer.stage.node)
    found = dump(path)
    assert all(found[table] for table in PAYOUT_TABLES)
    assert found == rebuilt(shared_payer, tmp_path)


@pytest.mark.parametrize("depth", [1, 9])
@pytest.mark.parametrize("step", ["fixed", "cured", "scrip", "preferred"])
def test_catch_up__a_dividend_undone__equals_a_rebuild(payer: Payer, tmp_path: Path, step: str, depth: int) -> None:
    """At each stage of a dividend, as if the story ended there."""
    tell_until(payer, step)
    path = tmp_path / "mirror.db"
    with Mirror(path, payer.stage.deployment) as mirror:
        mirror.catch_up(payer.stage.node)
        payer.stage.node.read("anvil_reorg", depth, [])
        payer.fund(12_345)
        mirror.catch_up(payer.stage.node)
        assert mirror.queries().rewinds()
        with mirror.queries() as queries:
            held = sum(each.held for each in queries.distributions())
    assert dump(path) == rebuilt(payer, tmp_path)
    assert held == payer.raiser.reads.cash_of([payer.contract])[0].balance


def test_catch_up__a_payment_undone__is_made_again(payer: Payer, tmp_path: Path) -> None:
    tell_until(payer, "cured")
    path = tmp_path / "mirror.db"
    with Mirror(path, payer.stage.deployment) as mirror, mirror.queries() as queries:
        mirror.catch_up(payer.stage.node)
        before = queries.dividend_line(BY_RATE, DORA)
        payer.stage.node.read("anvil_reorg", 1, [])
        mirror.catch_up(payer.stage.node)
        parked = queries.dividend_line(BY_RATE, DORA)
        assert before is not None
        assert parked is not None
        assert (parked.settlement, before.settlement) == (2, 1)
        payer.claim(BY_RATE, DORA)
        mirror.catch_up(payer.stage.node)
        again = queries.dividend_line(BY_RATE, DORA)
        assert again is not None
        assert (again.settlement, again.gross, again.tax) == (1, before.gross, before.tax)
    assert dump(path) == rebuilt(payer, tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("UPDATE settlements SET settlement = 1", "that it has not to get"),
        (f"DELETE FROM distribution_rows WHERE party = {DORA}", "that it has not to get"),
        (f"UPDATE distribution_rows SET shares = shares - 1 WHERE party = {DORA}", "that it has not to get"),
        ("UPDATE distribution_versions SET phase = 3", "is in phase 3"),
        ("DELETE FROM distribution_versions", "which was never declared"),
    ],
)
def test_catch_up__what_the_contract_would_not_do__halts(
    payer: Payer, tmp_path: Path, change: str, message: str
) -> None:
    """A mirror that lost something says so at the next event that rests on it."""
    tell_until(payer, "paid")
    path = tmp_path / "mirror.db"
    with Mirror(path, payer.stage.deployment) as mirror:
        mirror.catch_up(payer.stage.node)
    with sqlite3.connect(path) as connection:
        if "DELETE FROM distribution_rows" in change:
            connection.execute(f"DELETE FROM settlements WHERE party = {DORA}")
        assert connection.execute(change).rowcount
    connection.close()
    payer.state(DORA)
    payer.claim(BY_RATE, DORA)
    with Mirror(path, payer.stage.deployment) as mirror, pytest.raises(HaltError, match=message):
        mirror.catch_up(payer.stage.node)


def test_handlers__every_event_of_dividends__has_one() -> None:
    assert {event.__name__ for event in PAYOUT_EVENTS} <= HANDLERS.keys()
