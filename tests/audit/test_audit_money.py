"""Replay, mirror and chain agree on every fen; one that differs is found and named."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_utils.crypto import keccak

from registry.audit import Report, as_json, as_text, audit
from registry.audit.audit import ALL_CHECKS
from registry.audit.checks_money import MONEY_CHECKS
from registry.audit.checks_raise import RAISE_CHECKS
from registry.chain.raise_logs import offerings_created
from registry.domain.events_raise import OfferingCreated
from registry.domain.ids import Address, PartyId
from registry.mirror.queries import Queries
from registry.mirror.sync import Mirror
from tests.support.planting import in_mapping, plant, slot_of, taken_back
from tests.support.raise_stage import KIND, Raiser
from tests.support.raise_storm import tell_storm
from tests.support.raise_story import ANNA, FUND, raise_ready, tell_raise
from tests.support.stage import Stage

ONE_FEN = 1


@pytest.fixture(scope="module")
def raiser(module_stage: Stage) -> Raiser:
    raiser = raise_ready(module_stage)
    tell_raise(raiser)
    tell_storm(raiser)
    return raiser


@pytest.fixture
def mirror(raiser: Raiser, tmp_path: Path) -> Iterator[Mirror]:
    with Mirror(tmp_path / "mirror.db", raiser.stage.deployment) as mirror:
        mirror.catch_up(raiser.stage.node)
        yield mirror


@pytest.fixture
def queries(mirror: Mirror) -> Iterator[Queries]:
    queries = mirror.queries()
    yield queries
    queries.close()


@pytest.fixture
def tampering(raiser: Raiser) -> Iterator[None]:
    with taken_back(raiser.stage.node):
        yield


def run(raiser: Raiser, queries: Queries | None, at: int | None = None) -> Report:
    return audit(raiser.stage.node, raiser.stage.deployment, queries, at=at)


def cash_slot(account: Address) -> int:
    return in_mapping(account, slot_of("SettlementToken", "_cash"))


def first_raise(raiser: Raiser) -> OfferingCreated:
    return offerings_created(raiser.stage.node, raiser.stage.deployment)[0]


# --- differences first ---


def test_audit__one_fen_planted_in_the_mirror__is_named_with_its_transaction(
    raiser: Raiser, mirror: Mirror, queries: Queries
) -> None:
    account = raiser.account(ANNA)
    last = queries.money_moves(ANNA, limit=1).items[0]
    with sqlite3.connect(mirror.path) as connection:
        assert connection.execute("UPDATE money SET balance = balance + 1 WHERE account = ?", (account,)).rowcount == 1
    connection.close()
    report = run(raiser, queries)
    assert report.verdict == "different"
    (found,) = report.differences
    before = raiser.reads.cash_of([account])[0].balance
    assert (found.subject.party, found.subject.account, found.field) == (ANNA, 0, "balance")
    assert (found.replay, found.mirror, found.chain) == (before, before + ONE_FEN, before)
    assert found.tx == last.tx
    assert "0x" + last.tx.hex() in as_text(report)


@pytest.mark.usefixtures("tampering")
def test_audit__one_fen_planted_on_chain__is_named_with_its_transaction(raiser: Raiser, queries: Queries) -> None:
    account = raiser.stage.book(FUND)
    cash = raiser.reads.cash_of([account])[0]
    last = queries.money_moves(FUND, limit=1).items[0]
    plant(raiser.stage.node, raiser.stage.deployment.token, cash_slot(account), cash.pack() + ONE_FEN)
    assert run(raiser, queries, at=raiser.stage.node.head().number - 2).is_equal, "earlier blocks are still right"
    (found,) = run(raiser, None).differences
    assert (found.subject.party, found.subject.account, found.field) == (FUND, 8, "balance")
    assert (found.replay, found.mirror, found.chain) == (cash.balance, "not asked", cash.balance + ONE_FEN)
    assert found.tx == last.tx


@pytest.mark.usefixtures("tampering")
def test_audit__a_fen_of_a_subscription_planted_on_chain__is_named(raiser: Raiser) -> None:
    offering = first_raise(raiser).offering
    word = raiser.reads.subscriptions_of(offering, [PartyId(ANNA)])[0]
    key = ANNA.to_bytes(32, "big") + slot_of("Offering", "_subscriptions").to_bytes(32, "big")
    plant(raiser.stage.node, offering, int.from_bytes(keccak(key)), word.pack() + ONE_FEN)
    (found,) = run(raiser, None).differences
    assert (found.subject.offering, found.subject.party, found.field) == (1, ANNA, "amount")
    assert found.tx is not None


@pytest.mark.usefixtures("tampering")
def test_audit__money_taken_out_of_a_purse_on_chain__breaks_the_law(raiser: Raiser) -> None:
    escrow = first_raise(raiser).escrow
    purse = raiser.reads.purse(escrow)
    plant(raiser.stage.node, escrow, slot_of("MilestoneEscrow", "_purse"), purse.pack() - (5 << 64))
    report = run(raiser, None)
    assert {(d.subject.offering, d.field) for d in report.differences} == {(1, "released")}
    messages = [finding.message for finding in report.faults]
    assert any("the escrow owes 5 fen and has 0" in message for message in messages)
    assert report.verdict == "different"


@pytest.mark.usefixtures("tampering")
def test_audit__totals_that_do_not_add_up__break_the_law(raiser: Raiser) -> None:
    offering = first_raise(raiser).offering
    totals = raiser.reads.totals(offering)
    plant(raiser.stage.node, offering, slot_of("Offering", "_totals"), totals.pack() + (425 << 128))
    report = run(raiser, None)
    assert "raised" in {d.field for d in report.differences}
    assert any("fen came in" in finding.message for finding in report.faults)


@pytest.mark.usefixtures("tampering")
def test_audit__claims_that_never_end_on_chain__are_named(raiser: Raiser) -> None:
    escrow = offerings_created(raiser.stage.node, raiser.stage.deployment)[-1].escrow
    plant(raiser.stage.node, escrow, slot_of("MilestoneEscrow", "_claimsEnd"), 0)
    assert {d.field for d in run(raiser, None).differences} == {"claims_end"}


@pytest.mark.usefixtures("tampering")
def test_audit__panel_that_forgot_its_cases_on_chain__is_named(raiser: Raiser) -> None:
    """Whoever forgets them could be packed over night."""
    board = raiser.stage.deployment.board
    members, struck = raiser.reads.panel(raiser.company, KIND)
    of_company = keccak(raiser.company.rjust(32, b"\0") + slot_of("AttestationBoard", "panel").to_bytes(32, "big"))
    slot = int.from_bytes(keccak(KIND.to_bytes(32, "big") + of_company))
    plant(raiser.stage.node, board, slot, len(members) | struck << 8)
    assert {d.field for d in run(raiser, None).differences} == {f"panel {KIND} is_judging"}


@pytest.mark.parametrize(
    ("statement", "field"),
    [
        ("UPDATE money_freezes SET is_frozen = 0", "is_frozen"),
        ("UPDATE money_moves SET amount = amount + 1 WHERE ref IS NOT NULL", "money"),
        ("DELETE FROM money_moves WHERE ref IS NOT NULL", "reference"),
        ("UPDATE money_stops SET is_stopped = 1", "is_stopped"),
        ("UPDATE regions SET word = zeroblob(32) WHERE region = 110", "region 110 raise_ceiling"),
        ("UPDATE annual_limits SET amount = amount + 1", "annual_limit"),
        ("UPDATE outside_uses SET until_day = until_day + 1", "until of 2027"),
        ("DELETE FROM enrolments WHERE id = (SELECT min(id) FROM enrolments)", "is_enrolled"),
        ("UPDATE reservations SET shares = shares + 1", "reserved"),
        ("UPDATE offerings SET fee_bps = fee_bps + 1 WHERE offering = 1", "terms.fee_bps"),
        ("UPDATE offering_versions SET fee = fee + 1 WHERE fee <> 0", "fee"),
        ("UPDATE offering_versions SET totals = zeroblob(32) WHERE offering = 1", "money_in"),
        ("DELETE FROM offerings WHERE offering = 2", "raises"),
        ("UPDATE subscriptions SET word = zeroblob(32) WHERE offering = 4 AND party = 102", "amount"),
        ("UPDATE subscriptions SET word = zeroblob(32) WHERE offering = 1 AND party = 102", "use of 2026"),
        ("UPDATE escrows SET window = window + 1 WHERE offering = 1", "terms.window"),
        ("UPDATE purses SET word = zeroblob(32) WHERE offering = 1", "proceeds"),
        ("UPDATE tranche_versions SET word = zeroblob(32) WHERE offering = 4 AND milestone = 2", "value"),
        ("DELETE FROM tranches WHERE offering = 4 AND milestone = 2", "tranches"),
        ("DELETE FROM misses", "is_put_open"),
        ("UPDATE claim_periods SET ends = ends + 1", "claims_end"),
        ("UPDATE lapses SET amount = amount - 1", "lapsed"),
        ("UPDATE consents SET shares = shares + 1", "consents"),
        ("UPDATE cases SET word = zeroblob(32)", "round"),
        ("UPDATE verifiers SET state = 0", "panel 1 struck"),
        ("UPDATE verifiers SET until_day = until_day + 1", "panel 1 member 0 until_day"),
        ("UPDATE puts SET interest = interest + 1", "put_debt"),
        ("UPDATE puts SET payer = NULL", "put_is_paid"),
        ("UPDATE seats SET subscriptions = subscriptions + 1", "subscriptions"),
    ],
)
def test_audit__any_fact_changed_in_the_mirror__is_found(
    raiser: Raiser, mirror: Mirror, queries: Queries, statement: str, field: str
) -> None:
    with sqlite3.connect(mirror.path) as connection:
        assert connection.execute(statement).rowcount >= 1
    connection.close()
    report = run(raiser, queries)
    assert report.verdict == "different"
    assert field in {difference.field.split(" 0x")[0] for difference in report.differences}


# --- agreement ---


def test_audit__five_raises_to_their_ends__are_equal(raiser: Raiser, queries: Queries) -> None:
    report = run(raiser, queries)
    assert report.verdict == "equal", as_text(report)
    assert report.faults == ()
    assert report.raises == 5
    assert report.money == raiser.reads.supply()
    text = as_text(report)
    assert "5 raises" in text
    assert f"{report.money // 100:,}.{report.money % 100:02} CNY".replace(",", " ") in text
    data = json.loads(json.dumps(as_json(report)))
    assert (data["raises"], data["money"]) == (5, str(report.money))


def test_audit__forty_earlier_blocks__are_equal(raiser: Raiser, queries: Queries) -> None:
    """In the middle of every raise too."""
    head = queries.status().head.block
    first = max(deployed.block for deployed in raiser.stage.deployment.contracts.values())
    for block in random.Random(21).sample(range(first, head), 40):
        report = run(raiser, queries, at=block)
        assert report.verdict == "equal", as_text(report)


def test_checks__of_money_and_raises__have_a_name_that_says_so() -> None:
    found = (*MONEY_CHECKS, *RAISE_CHECKS)
    assert set(found) < set(ALL_CHECKS)
    assert len({check.__name__ for check in ALL_CHECKS}) == len(ALL_CHECKS) >= 20
    assert all(check.__name__.startswith("check_") and check.__doc__ for check in found)
