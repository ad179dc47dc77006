"""A mirror with raises in it: stopped, rewound, made anew, it is always that of one chain."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from registry.chain import contracts_raise
from registry.chain.anvil import Anvil
from registry.errors import HaltError
from registry.mirror import Mirror
from registry.mirror.project import HANDLERS
from tests.mirror.conftest import dump, rebuilt
from tests.support.raise_stage import Raiser
from tests.support.raise_storm import tell_storm
from tests.support.raise_story import ANNA, BEN, FUND, raise_ready, tell_raise
from tests.support.stage import set_up

RAISE_TABLES = ("money", "money_moves", "offering_versions", "subscriptions", "tranche_versions", "cases", "seats")


@pytest.fixture
def raiser(anvil: Anvil) -> Raiser:
    """Before anything is offered, and some blocks after people were registered."""
    raiser = raise_ready(set_up(anvil))
    raiser.stage.node.read("anvil_mine", hex(20))
    return raiser


def reorganise(raiser: Raiser, depth: int) -> None:
    """The newest blocks are replaced by empty ones."""
    raiser.stage.node.read("anvil_reorg", depth, [])


def go_on(raiser: Raiser) -> None:
    """What happens instead of what was undone, whatever that was."""
    token = raiser.stage.deployment.token
    raiser.mint({FUND: 700, ANNA: 900})
    raiser.by(raiser.wallets[ANNA], token, contracts_raise.token.transfer(raiser.account(BEN), 250))
    raiser.burn(FUND, 300)


@pytest.mark.parametrize("batch_events", [1, 7, 20_000])
def test_catch_up__raises_in_batches_of_any_size__same_mirror(
    shared_raise: Raiser, tmp_path: Path, batch_events: int
) -> None:
    path = tmp_path / "mirror.db"
    with Mirror(path, shared_raise.stage.deployment, batch_events=batch_events) as mirror:
        head = shared_raise.stage.node.head().number
        for until in range(20, head + 1, 11):
            mirror.catch_up(shared_raise.stage.node, until=until)
        mirror.catch_up(shared_raise.stage.node)
    found = dump(path)
    assert all(found[table] for table in RAISE_TABLES)
    assert found == rebuilt(shared_raise, tmp_path)


@pytest.mark.parametrize("depth", [1, 2, 5, 20])
@pytest.mark.parametrize("told", ["drafted", "subscribed", "settled", "released", "redeemed"])
def test_catch_up__a_raise_undone__equals_a_rebuild(raiser: Raiser, tmp_path: Path, told: str, depth: int) -> None:
    """At each stage of a raise, as if the story ended there."""

    class EndedError(Exception):
        pass

    def after(step: str) -> None:
        if step == told:
            raise EndedError

    with pytest.raises(EndedError):
        tell_raise(raiser, after)
    path = tmp_path / "mirror.db"
    with Mirror(path, raiser.stage.deployment) as mirror:
        mirror.catch_up(raiser.stage.node)
        reorganise(raiser, depth)
        go_on(raiser)
        mirror.catch_up(raiser.stage.node)
        # Empty blocks that were replaced by empty ones are the same blocks.
        assert 1 <= mirror.queries().rewinds()[0].blocks <= depth
        supply = mirror.queries().money_status().supply
    assert dump(path) == rebuilt(raiser, tmp_path)
    assert supply == raiser.reads.supply()


@pytest.mark.parametrize("depth", [2, 20, 60])
def test_catch_up__every_kind_of_event_undone__equals_a_rebuild(raiser: Raiser, tmp_path: Path, depth: int) -> None:
    tell_raise(raiser)
    tell_storm(raiser)
    path = tmp_path / "mirror.db"
    with Mirror(path, raiser.stage.deployment) as mirror:
        mirror.catch_up(raiser.stage.node)
        reorganise(raiser, depth)
        go_on(raiser)
        mirror.catch_up(raiser.stage.node)
    assert dump(path) == rebuilt(raiser, tmp_path)


def test_catch_up__money_minted_and_its_reference_undone__can_be_used_again(raiser: Raiser, tmp_path: Path) -> None:
    path = tmp_path / "mirror.db"
    with Mirror(path, raiser.stage.deployment) as mirror, mirror.queries() as queries:
        ref = b"BANK-00005".ljust(32, b"\0")
        raiser.mint({FUND: 1_234})
        mirror.catch_up(raiser.stage.node)
        before = queries.bank_movement(ref)
        assert before is not None
        assert before.amount == 1_234
        reorganise(raiser, 1)
        mirror.catch_up(raiser.stage.node)
        assert queries.bank_movement(ref) is None
        raiser.mint({ANNA: 99})
        mirror.catch_up(raiser.stage.node)
        assert queries.party_money(ANNA).balance == 86_000_099
    assert dump(path) == rebuilt(raiser, tmp_path)


def test_catch_up__an_event_of_a_raise_that_nobody_knows__halts(
    raiser: Raiser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mirror.db"
    with Mirror(path, raiser.stage.deployment) as mirror:
        raiser.by("stranger", raiser.stage.deployment.token, contracts_raise.token.approve(raiser.account(FUND), 1))
        node = raiser.stage.node
        fetch = node.raw_logs_of

        def strange(block_hash: bytes):
            logs = fetch(block_hash)
            for log in logs:
                if log.address == "0x" + raiser.stage.deployment.token.hex():
                    log.topics = ("0x" + "42" * 32,)
            return logs

        monkeypatch.setattr(node, "raw_logs_of", strange)
        with pytest.raises(HaltError, match=r"unknown event .* from token"):
            mirror.catch_up(node)
        assert mirror.head is None or mirror.head.block < node.head().number
    assert len(HANDLERS) > 70


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("UPDATE money SET balance = 1", "and has less"),
        ("DELETE FROM wallets", "is nobody's account"),
        ("UPDATE subscriptions SET word = zeroblob(32)", "whose subscription has status 0"),
        ("UPDATE seats SET subscriptions = 0", "which keeps no seat"),
        ("DELETE FROM offering_versions", "which was never created"),
        ("DELETE FROM party_versions", "was never onboarded"),
    ],
)
def test_catch_up__what_the_contracts_would_not_do__halts(
    raiser: Raiser, tmp_path: Path, change: str, message: str
) -> None:
    """A mirror that lost something says so at the next event that rests on it."""
    path = tmp_path / "mirror.db"

    def after(step: str) -> None:
        if step != "drafted":
            return
        raiser.subscribe(FUND, 42_500_000)
        raiser.withdraw(FUND)
        raiser.subscribe(FUND, 42_500_000)
        with Mirror(path, raiser.stage.deployment) as mirror:
            mirror.catch_up(raiser.stage.node)
        connection = sqlite3.connect(path)
        assert connection.execute(change).rowcount
        connection.commit()
        connection.close()
        raiser.withdraw(FUND)

    tell_raise(raiser, after)
    with Mirror(path, raiser.stage.deployment) as mirror, pytest.raises(HaltError, match=message):
        mirror.catch_up(raiser.stage.node)
