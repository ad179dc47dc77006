"""Of money and raises too the mirror says what the chain says, at the head and at any earlier block."""

from __future__ import annotations

import random
from collections.abc import Iterator

from registry.chain.reads_raise import RaiseReads
from registry.domain.ids import PartyId
from registry.domain.raise_words import Subscription
from registry.mirror import AsOf, Queries
from registry.mirror.views_raise import Offering
from tests.support.raise_stage import OTHER_REGION, REGION, Raiser
from tests.support.raise_storm import DORA, EARLY_KIND, EMIL, GRETA, KIND
from tests.support.raise_story import ANNA, BEN, CARL, FOUNDER, FUND, ISSUER, PLATFORM, VERIFIERS
from tests.support.stage import signer

PEOPLE = (FUND, ANNA, BEN, CARL, ISSUER, PLATFORM, FOUNDER, DORA, EMIL, GRETA, *VERIFIERS)
MOMENTS = 40


def moments(raiser: Raiser) -> Iterator[int]:
    """The newest block and some before it, once all contracts are there."""
    stage = raiser.stage
    head, first = stage.node.head().number, max(each.block for each in stage.deployment.contracts.values())
    yield head
    yield from random.Random(6).sample(range(first, head), MOMENTS)


def raises_of(queries: Queries, block: int) -> tuple[Offering, ...]:
    return queries.offerings(None, AsOf(block)).items


def test_money__every_account__is_the_chains(shared_raise: Raiser, raised: Queries) -> None:
    reads = shared_raise.reads
    wallets = [signer(name).address for name in shared_raise.wallets.values()]
    for block in moments(shared_raise):
        contracts = [address for o in raises_of(raised, block) for address in (o.address, o.escrow)]
        accounts = [*wallets, *(shared_raise.stage.book(party) for party in PEOPLE), *contracts]
        found = raised.money_accounts(accounts, AsOf(block))
        for account, cash in zip(accounts, reads.cash_of(accounts, block), strict=True):
            assert (found[account].balance, found[account].is_frozen) == (cash.balance, cash.is_frozen)
        status = raised.money_status(AsOf(block))
        assert (status.supply, status.is_stopped) == (reads.supply(block), reads.is_money_stopped(block))
        known = raised.known_money_accounts(AsOf(block))
        assert sum(account.balance for account in known) == status.supply
        assert len(known) == status.accounts
        assert {account.account for account in known if account.balance} <= set(accounts)


def test_offerings__totals_purses_and_terms__are_the_chains(shared_raise: Raiser, raised: Queries) -> None:
    """Money in is held, released, fee, refunded or redeemed, at every moment."""
    reads = shared_raise.reads
    for block in moments(shared_raise):
        found = raises_of(raised, block)
        assert len(found) == reads.offering_count(block)
        for offering in found:
            assert offering.totals == reads.totals(offering.address, block)
            assert offering.purse == reads.purse(offering.escrow, block)
            assert offering.terms == reads.terms(offering.address, block)
            assert reads.offering_number(offering.address, block) == offering.number
            assert offering.money.is_whole
            cash = reads.cash_of([offering.address, offering.escrow], block)
            assert [each.balance for each in cash] == [offering.held_by_offering, offering.purse.held]


def test_subscriptions__every_word__is_the_chains(shared_raise: Raiser, raised: Queries) -> None:
    for block in moments(shared_raise):
        for offering in raises_of(raised, block):
            lots = raised.subscriptions(offering.number, AsOf(block)).items
            rows = {row.party: row.word for row in lots}
            assert sum(row.lapsed for row in lots) == offering.lapsed
            parties = [*map(PartyId, PEOPLE)]
            chained = shared_raise.reads.subscriptions_of(offering.address, parties, block)
            assert {p: rows.get(p, Subscription()) for p in parties} == dict(zip(parties, chained, strict=True))


def test_seats__pending_ones_and_reserved_shares__are_the_chains(shared_raise: Raiser, raised: Queries) -> None:
    """HC-1: a subscriber keeps a seat until it holds shares or leaves."""
    reads, company = shared_raise.stage.reads, shared_raise.company
    was_pending = False
    for block in moments(shared_raise):
        if not shared_raise.stage.node.code(company, block):
            continue
        charter, known = reads.charter(company, block), raised.company(company, AsOf(block))
        assert (known.seats, known.pending) == (charter.seats, charter.pending)
        was_pending |= charter.pending != 0
        seats = {row.party: row for row in raised.seats(known.number, AsOf(block))}
        parties = [*map(PartyId, PEOPLE)]
        for party, seat in zip(parties, reads.seats_of(company, parties, block), strict=True):
            row = seats.get(party)
            facts = (row.accounts, row.subscriptions, row.weight) if row else (0, 0, 0)
            assert (seat.accounts, seat.subscriptions) == facts[:2]
            assert not (seat.accounts or seat.subscriptions) or seat.weight == facts[2]
        kept = raised.share_class(shared_raise.share_class, AsOf(block)).reserved
        assert kept == shared_raise.reads.reserved_shares(shared_raise.share_class, block)
    assert was_pending


def test_regions_limits__are_the_chains(shared_raise: Raiser, raised: Queries) -> None:
    reads = shared_raise.reads
    for block in moments(shared_raise):
        for region in (REGION, OTHER_REGION):
            view = raised.region(region, AsOf(block))
            assert view.word == reads.region_word(region, block)
            if view.now == shared_raise.stage.node.block(block).time:
                assert view.clock == reads.clock(region, block)
        for year in (2026, 2027):
            for party in raised.words(PEOPLE, AsOf(block)):
                use = raised.annual_use(party, year, AsOf(block))
                chained = reads.uses_of([(PartyId(party), year)], block)[0]
                assert (use.own, use.outside, use.until_day) == (chained.own, chained.outside, chained.until_day)
                assert use.limit == reads.annual_limit(block)


def test_escrows__terms_tranches_cases_panels_and_puts__are_the_chains(shared_raise: Raiser, raised: Queries) -> None:
    reads = shared_raise.reads
    for block in moments(shared_raise):
        for offering in raises_of(raised, block):
            escrow = raised.escrow(offering.number, AsOf(block))
            assert escrow.terms == reads.escrow_terms(offering.escrow, block)
            ratchet = reads.ratchet_terms(offering.escrow, block)
            assert (escrow.ratchet or ratchet) == ratchet
            assert (escrow.ratchet is None) == (ratchet.source == 0)
            assert [row.word for row in escrow.tranches] == reads.tranches(offering.escrow, block)
            assert [offering.claims_end] == reads.claims_ends_of([offering.escrow], block)
            cases = reads.cases_of(offering.escrow, range(len(escrow.tranches)), block)
            assert [row.case for row in escrow.tranches] == [case if case.phase else None for case in cases]
            _compare_puts(reads, raised, offering, block)
            for row in escrow.tranches:
                votes = reads.votes_of(offering.escrow, row.milestone, block)
                assert (row.vote.yes if row.vote else 0) == votes.yes
        _compare_panels(shared_raise, raised, block)


def _compare_puts(reads: RaiseReads, raised: Queries, offering: Offering, block: int) -> None:
    puts = {put.party: put for put in raised.escrow(offering.number, AsOf(block)).puts}
    parties = [*map(PartyId, PEOPLE)]
    for party, put in zip(parties, reads.puts_of(offering.escrow, parties, block), strict=True):
        mine = puts.get(party)
        facts = (mine.shares, mine.debt, mine.payer is not None) if mine else (0, 0, False)
        assert (put.shares, put.debt, put.is_paid) == facts


def _compare_panels(raiser: Raiser, raised: Queries, block: int) -> None:
    for kind in (KIND, EARLY_KIND):
        members, struck = raiser.reads.panel(raiser.company, kind, block)
        mine = raised.verifiers(raiser.company, kind, AsOf(block))
        assert [(v.key, v.party, v.from_day, v.until_day) for v in mine] == [
            (v.key, v.party, v.from_day, v.until_day) for v in members
        ]
        assert sum(1 << v.member for v in mine if not v.is_active) == struck
