"""Every event of dividends from a real chain, and the reads of what the contracts keep."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from registry.acts import dividend_pay, dividends, identity
from registry.acts.company import create_company
from registry.chain.anvil import Anvil
from registry.chain.decode import Emitters, to_events
from registry.chain.payout_logs import cash_paid, events_of_distribution, holders_of
from registry.domain.args import ClassTerms, CompanyTerms
from registry.domain.event import RegistryEvent
from registry.domain.events_payout import (
    PAYOUT_EVENTS,
    DistributionDeclared,
    DistributionFixed,
    EntitlementsHandled,
    ScheduleCreated,
)
from registry.domain.ids import Day, Hash32, PartyId, Shares
from registry.domain.keccak import keccak256
from registry.domain.payout_args import DistributionPhase, Settlement
from registry.errors import RejectedError
from tests.support.dividend_bench import ABROAD, ALICE, BO, DAY, FUND, HELD, OFFICE, RATE, RULES, DividendBench
from tests.support.registry_home import desk_of, furnished

PAID, CANCELLED = 1, 2


@pytest.fixture(scope="module")
def bench(module_anvil: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DividendBench]:
    """One dividend was paid, with a part in shares, one parked and one excluded; another one was cancelled."""
    with desk_of(furnished(tmp_path_factory.mktemp("events") / "home", module_anvil)) as desk:
        told = DividendBench(desk).furnish()
        _prefer(told)
        dividends.state_relief(desk, told.request("relief"), ABROAD, 500, Day(60_000))
        dividends.admit_payouts(desk, told.request("admit"), told.company)
        # Only the company's own shares are excluded where arrears are met.
        identity.set_standing(desk, told.request("own"), FUND, identity.Standing(category=5))
        told.declared(scrip_price=2_00, excluded=(told.account(FUND),))
        dividends.choose_scrip(desk, PAID, "alice", True)
        told.later(3 * DAY)
        dividend_pay.fix(desk, PAID)
        identity.freeze(desk, told.request("freeze"), BO, True)
        dividend_pay.pay(desk, PAID)
        dividend_pay.close(desk, PAID)
        told.declared("another")
        dividends.cancel(desk, told.request("cancel"), CANCELLED)
        yield told


@pytest.fixture(scope="module")
def events(bench: DividendBench) -> list[RegistryEvent]:
    node, deployment = bench.desk.node, bench.desk.deployment
    return list(to_events(node.raw_logs(0, node.head().number), Emitters(deployment)))


def test_events__of_all_contracts__occur_and_are_read(events: list[RegistryEvent]) -> None:
    assert {cls.__name__ for cls in PAYOUT_EVENTS} - {type(event).__name__ for event in events} == set()


def test_lists__of_events__are_records(bench: DividendBench, events: list[RegistryEvent]) -> None:
    created = next(event for event in events if isinstance(event, ScheduleCreated))
    assert (created.schedule, created.tax_account, created.rules) == (1, bench.desk.book(OFFICE), RULES)
    declared = next(event for event in events if isinstance(event, DistributionDeclared))
    assert (declared.rate, declared.scrip_price, declared.excluded) == (RATE, 2_00, (bench.account(FUND),))
    fixed = next(event for event in events if isinstance(event, DistributionFixed))
    assert {row.party: (row.shares, row.account) for row in fixed.holders} == {
        party: (shares, bench.account(party)) for party, shares in HELD.items() if party != FUND
    }
    (handled,) = [event for event in events if isinstance(event, EntitlementsHandled)]
    assert [(line.party, line.settlement) for line in handled.payments] == [
        (ALICE, Settlement.PAID),
        (BO, Settlement.PARKED),
        (ABROAD, Settlement.PAID),
    ]


def test_logs__of_one_dividend__are_its_own_and_end_at_a_block(bench: DividendBench) -> None:
    node, deployment = bench.desk.node, bench.desk.deployment
    told = list(events_of_distribution(node, deployment, PAID))
    assert [type(event).__name__ for event in told] == ["DistributionFixed", "ScripDelivered", "EntitlementsHandled"]
    assert list(events_of_distribution(node, deployment, PAID, told[0].at.block)) == told[:1]
    assert list(events_of_distribution(node, deployment, CANCELLED)) == []
    assert holders_of(node, deployment, CANCELLED) == ()
    delivered = told[1]
    gross = HELD[ALICE] * RATE // 10**8
    found = cash_paid(node, deployment, PAID)
    paid = found[PAID][ALICE]
    assert paid.fen == gross - (gross * 2_000 + 5_000) // 10_000 - delivered.cost  # type: ignore[union-attr]
    assert (paid.account, paid.at) == (bench.account(ALICE), told[2].at)
    assert (set(found), set(found[PAID])) == ({PAID}, {ALICE, ABROAD})
    assert cash_paid(node, deployment, PAID - 1) == {}


def test_reads__of_what_the_contracts_keep__are_what_happened(bench: DividendBench) -> None:
    desk, reads = bench.desk, bench.desk.payouts
    word = reads.distribution(PAID)
    assert (word.state, word.rate, word.funded_by) == (DistributionPhase.CLOSED, RATE, desk.book(PartyId(1)))
    assert word.entitled == sum(HELD.values()) - HELD[FUND]
    assert word.withheld == word.remitted > 0
    assert (reads.distribution_count(), reads.distribution(3).state) == (2, DistributionPhase.NONE)
    assert reads.distribution(CANCELLED).state == DistributionPhase.CANCELLED
    assert reads.excluded_of(PAID) == [bench.account(FUND)]
    assert reads.have_chosen_scrip(PAID, [ALICE, BO]) == [True, False]
    assert reads.settlements_of(PAID, [0, 1, 2, 3]) == [1, 2, 1, 0]
    rows = holders_of(desk.node, desk.deployment, PAID)
    hashed = keccak256(b"".join(row.pack().to_bytes(32, "big") for row in rows))
    assert reads.leaves_of(PAID, [0, 1]) == [hashed, Hash32(bytes(32))]
    assert (reads.schedule_count(), reads.tax_account_of(1), reads.tax_account_of(9)) == (
        1,
        desk.book(OFFICE),
        bytes(20),
    )
    assert (reads.rate_of(1, 3, 156), reads.rate_of(1, 3, 702)) == (2_000, 1_000)
    assert reads.rate_of(1, 1, 156) == 1_500
    with pytest.raises(RejectedError, match="no such"):
        reads.rate_of(9, 1, 156)
    assert [(each.bps, each.until_day) for each in reads.reliefs_of([ABROAD, BO])] == [(500, 60_000), (0, 0)]
    accounts = [bench.account(party) for party in HELD]
    held = reads.holdings_at(bench.share_class, accounts, word.epoch)
    assert [(holding.party, shares) for holding, shares in held] == list(HELD.items())
    assert reads.issued_at(bench.share_class, word.epoch) == sum(HELD.values())
    assert reads.record_times(bench.share_class)[0] < desk.node.head().time
    with pytest.raises(RejectedError) as ahead:
        reads.issued_at(bench.share_class, 2)
    assert ahead.value.code == "RecordDateAhead"


def _prefer(bench: DividendBench) -> None:
    """A class of another company that is preferred, and declares towards its arrears."""
    desk = bench.desk
    terms = CompanyTerms("Preferred Ltd", 1, 310, 200)
    created, _ = create_company(
        desk, bench.request("other"), terms, [ClassTerms("Preferred", "PREF", Shares(1_000), 0, 0b111110)]
    )
    dividends.set_preference(desk, bench.request("prefer"), bench.share_class, 1, RATE, Day(desk.today() - 100))
    other = created.classes[0]
    dividends.set_preference(desk, bench.request("also"), other, 2, RATE, Day(desk.today() - 365))
    assert desk.payouts.preference_of(other).rank == 2
    assert desk.payouts.arrears_of(other, desk.today()) == RATE
