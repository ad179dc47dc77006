"""Replay, mirror and chain agree on every dividend; one fen that differs is found and named."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.audit import Report, as_json, as_text, audit
from registry.audit.audit import ALL_CHECKS
from registry.audit.checks_payout import PAYOUT_CHECKS
from registry.chain import contracts_raise
from registry.domain.ids import Address
from registry.mirror.queries import Queries
from registry.mirror.sync import Mirror
from tests.support.payout_stage import ANNA, BEN, FUND, Payer, payer_ready
from tests.support.payout_storm import BY_RATE, OPEN, tell_dividends
from tests.support.planting import in_mapping, plant, slot_of, taken_back, word_at
from tests.support.stage import Stage

ONE_FEN = 1


@pytest.fixture(scope="module")
def payer(module_stage: Stage) -> Payer:
    payer = payer_ready(module_stage)
    tell_dividends(payer)
    return payer


@pytest.fixture
def mirror(payer: Payer, tmp_path: Path) -> Iterator[Mirror]:
    with Mirror(tmp_path / "mirror.db", payer.stage.deployment) as mirror:
        mirror.catch_up(payer.stage.node)
        yield mirror


@pytest.fixture
def queries(mirror: Mirror) -> Iterator[Queries]:
    queries = mirror.queries()
    yield queries
    queries.close()


@pytest.fixture
def tampering(payer: Payer) -> Iterator[None]:
    with taken_back(payer.stage.node):
        yield


def run(payer: Payer, queries: Queries | None, at: int | None = None) -> Report:
    return audit(payer.stage.node, payer.stage.deployment, queries, at=at)


def add(payer: Payer, contract: Address, slot: int, more: int) -> None:
    node = payer.stage.node
    plant(node, contract, slot, word_at(node, contract, slot) + more)


def distribution_slot(number: int) -> int:
    return in_mapping(number, slot_of("Distributions", "_distributions"))


# --- differences first ---


def test_audit__one_fen_planted_in_the_mirror__is_named_with_its_transaction(
    payer: Payer, mirror: Mirror, queries: Queries
) -> None:
    line = queries.dividend_line(BY_RATE, ANNA)
    assert line is not None
    assert line.settled is not None
    with sqlite3.connect(mirror.path) as connection:
        planted = connection.execute(
            "UPDATE settlements SET tax = tax + 1 WHERE distribution = ? AND party = ?", (BY_RATE, ANNA)
        )
        assert planted.rowcount == 1
    connection.close()
    report = run(payer, queries)
    assert report.verdict == "different"
    (found,) = report.differences
    assert (found.subject.distribution, found.subject.party, found.field) == (BY_RATE, ANNA, "tax")
    assert (found.replay, found.mirror) == (line.tax, line.tax + ONE_FEN)
    assert found.tx == line.settled.tx
    text = as_text(report)
    assert f"company 1, dividend {BY_RATE}, party {ANNA}: tax is {line.tax} by replay" in text
    assert "0x" + line.settled.tx.hex() in text
    (told,) = as_json(report)["differences"]
    assert (told["distribution"], told["party"]) == (BY_RATE, ANNA)


@pytest.mark.usefixtures("tampering")
def test_audit__one_fen_planted_on_chain__is_named_with_its_transaction(payer: Payer, queries: Queries) -> None:
    """What was paid stands lowest in the third slot."""
    known = queries.distribution(OPEN)
    last = max((line.settled for line in queries.dividend_lines(OPEN) if line.settled), key=lambda at: at.block)
    add(payer, payer.contract, distribution_slot(OPEN) + 2, ONE_FEN)
    assert run(payer, queries, at=payer.stage.node.head().number - 2).is_equal, "earlier blocks are still right"
    report = run(payer, None)
    (found,) = report.differences
    assert (found.subject.distribution, found.field) == (OPEN, "paid")
    assert (found.replay, found.mirror, found.chain) == (known.summary.paid, "not asked", known.summary.paid + 1)
    assert found.tx == last.tx
    (fault,) = report.faults
    assert "the contract of dividends owes" in fault.message


@pytest.mark.usefixtures("tampering")
def test_audit__a_fen_taken_from_the_contract__breaks_the_law(payer: Payer) -> None:
    slot = in_mapping(payer.contract, slot_of("SettlementToken", "_cash"))
    add(payer, payer.stage.deployment.token, slot, -ONE_FEN)
    report = run(payer, None)
    held = payer.raiser.reads.cash_of([payer.contract])[0].balance
    assert any(f"owes {held + 1} fen and has {held}" in fault.message for fault in report.faults)
    assert {d.subject.address for d in report.differences if d.field == "balance"} == {payer.contract}


@pytest.mark.usefixtures("tampering")
def test_audit__money_that_somebody_sent_to_the_contract__is_nobodys_fault(payer: Payer) -> None:
    token, wallet = payer.stage.deployment.token, payer.raiser.wallets[BEN]
    payer.raiser.by(wallet, token, contracts_raise.token.transfer(payer.contract, 77))
    report = run(payer, None)
    assert report.is_equal, as_text(report)


@pytest.mark.usefixtures("tampering")
@pytest.mark.parametrize(
    ("name", "more", "field"),
    [
        ("leafOf", 1, "leaf 0"),
        ("_settlements", 1, "settlement"),
        ("hasChosenScrip", 1, "wants_scrip"),
    ],
)
def test_audit__a_fact_about_holders_planted_on_chain__is_found(payer: Payer, name: str, more: int, field: str) -> None:
    key = FUND if name == "hasChosenScrip" else 0
    outer = in_mapping(OPEN, slot_of("Distributions", name))
    # The fund's row is the third: its two bits are still empty.
    add(payer, payer.contract, in_mapping(key, outer), more << 4 if name == "_settlements" else more)
    report = run(payer, None)
    assert {(d.subject.distribution, d.field) for d in report.differences} == {(OPEN, field)}
    assert all(d.tx is not None for d in report.differences)


@pytest.mark.usefixtures("tampering")
def test_audit__rates_and_arrears_planted_on_chain__are_found(payer: Payer) -> None:
    deployment = payer.stage.deployment
    rates = in_mapping(1, slot_of("TaxSchedules", "_rates"))
    add(payer, deployment.tax_schedules, in_mapping(3 << 16 | 156, rates), 1)
    add(payer, deployment.preferences, in_mapping(payer.preferred, slot_of("Preferences", "_preferences")), 365)
    add(payer, deployment.registry, in_mapping(BEN, slot_of("IdentityRegistry", "_taxRelief")), 1)
    found = {d.field for d in run(payer, None).differences}
    assert found == {
        "tax schedule 1 category 3 residence 156", "preference.per_year", "arrears", "tax_relief"
    }  # fmt: skip


@pytest.mark.usefixtures("tampering")
def test_audit__supply_at_a_record_date_planted_on_chain__is_found(payer: Payer) -> None:
    saved = slot_of("ShareClass", "_savedSupply")
    epoch = next(
        epoch
        for epoch in range(1, 9)
        if int(
            str(
                payer.stage.node.rpc.call(
                    "eth_getStorageAt",
                    "0x" + payer.ordinary.hex(),
                    f"0x{in_mapping(epoch, saved):064x}",
                    "latest",
                )
            ),
            16,
        )
    )
    add(payer, payer.ordinary, in_mapping(epoch, saved), 1)
    assert f"issued at record date {epoch}" in {d.field for d in run(payer, None).differences}


@pytest.mark.parametrize(
    ("statement", "field"),
    [
        ("UPDATE distributions SET total = total + 1 WHERE distribution = 1", "total"),
        ("UPDATE distributions SET profit = profit + 1 WHERE distribution = 1", "profit"),
        ("UPDATE distributions SET rate = '7' WHERE distribution = 1", "rate"),
        ("UPDATE distributions SET remainder_account = zeroblob(20)", "remainder_account"),
        ("UPDATE distribution_versions SET declared = declared + 1 WHERE phase = 4", "declared"),
        ("UPDATE distribution_versions SET counted = '5' WHERE distribution = 7", "counted"),
        ("UPDATE distribution_versions SET remitted = remitted + 1 WHERE distribution = 1", "remitted"),
        ("UPDATE distribution_versions SET reserved = 1 WHERE distribution = 5", "reserved"),
        ("DELETE FROM distributions WHERE distribution = 2", "dividends"),
        ("UPDATE exclusions SET account = zeroblob(20)", "excluded"),
        ("UPDATE distribution_rows SET shares = shares + 1 WHERE distribution = 6", "record_shares"),
        ("UPDATE distribution_rows SET account = zeroblob(20) WHERE distribution = 6", "record_account"),
        ("DELETE FROM distribution_rows WHERE distribution = 6 AND position = 3", "row"),
        ("UPDATE settlements SET gross = gross + 1", "gross"),
        ("UPDATE settlements SET settlement = 3 WHERE settlement = 2", "settlement"),
        ("DELETE FROM settlements WHERE distribution = 6", "settlement"),
        ("UPDATE scrip_choices SET chosen = 1 - chosen", "wants_scrip"),
        ("UPDATE scrip_deliveries SET cost = cost - 1", "scrip_cost"),
        ("UPDATE tax_rules SET bps = bps + 1", "tax schedule 1 category 3 residence 0"),
        ("DELETE FROM tax_rules WHERE residence = 156", "tax schedule 1 category 3 residence 156"),
        ("UPDATE schedules SET tax_account = zeroblob(20)", "tax schedule 2 account"),
        ("UPDATE reliefs SET until_day = until_day + 1", "tax_relief_until"),
        ("DELETE FROM reliefs", "tax_relief"),
        ("UPDATE preferences SET rank = rank + 1", "preference.rank"),
        ("UPDATE preference_versions SET declared = '0'", "arrears"),
        ("DELETE FROM record_dates WHERE epoch = 2", "record_dates"),
        ("DELETE FROM wallets WHERE party = 202", "party"),
        ("UPDATE record_dates SET time = time - 1000000 WHERE epoch = 1", "issued at record date 1"),
    ],
)
def test_audit__any_fact_changed_in_the_mirror__is_found(
    payer: Payer, mirror: Mirror, queries: Queries, statement: str, field: str
) -> None:
    with sqlite3.connect(mirror.path) as connection:
        assert connection.execute(statement).rowcount >= 1
    connection.close()
    report = run(payer, queries)
    assert report.verdict == "different"
    assert field in {difference.field for difference in report.differences}


# --- agreement ---


def test_audit__eleven_dividends__are_equal(payer: Payer, queries: Queries) -> None:
    report = run(payer, queries)
    assert report.verdict == "equal", as_text(report)
    assert report.faults == ()
    assert report.dividends == 11
    assert report.dividend_money.is_whole
    sums = [each.summary for each in queries.distributions()]
    for name in ("declared", "paid", "withheld", "unclaimed", "parked", "carried"):
        assert getattr(report.dividend_money, name) == sum(getattr(each, name) for each in sums)
    text = as_text(report)
    assert "11 dividends" in text
    assert "CNY declared = " in text
    data = json.loads(json.dumps(as_json(report)))
    assert data["dividends"]["count"] == 11
    assert data["dividends"]["paid"] == str(report.dividend_money.paid)


def test_audit__thirty_earlier_blocks__are_equal(payer: Payer, queries: Queries) -> None:
    """In the middle of every dividend too."""
    head = queries.status().head.block
    first = max(deployed.block for deployed in payer.stage.deployment.contracts.values())
    for block in random.Random(22).sample(range(first, head), 30):
        report = run(payer, queries, at=block)
        assert report.verdict == "equal", as_text(report)


def test_checks__of_dividends__have_a_name_that_says_so() -> None:
    assert set(PAYOUT_CHECKS) < set(ALL_CHECKS)
    assert all(check.__name__.startswith("check_") and check.__doc__ for check in PAYOUT_CHECKS)
