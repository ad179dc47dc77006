"""Of dividends too the mirror says what the chain says, at the head and at any earlier block."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import fields

from eth_utils.crypto import keccak

from registry.chain.reads_payout import DistributionWord
from registry.domain.ids import Day, PartyId
from registry.domain.payout_args import LEAF, DistributionPhase, HolderRow, Settlement
from registry.mirror import AsOf, Queries
from registry.mirror.views_payout import Distribution
from tests.support.payout_stage import PEOPLE, Payer

MOMENTS = 40


def moments(payer: Payer) -> Iterator[int]:
    """The newest block and some before it, once all contracts are there."""
    stage = payer.stage
    head, first = stage.node.head().number, max(each.block for each in stage.deployment.contracts.values())
    yield head
    yield from random.Random(7).sample(range(first, head), MOMENTS)


def word_of(d: Distribution) -> DistributionWord:
    """As the contract would store it."""
    is_fixed = d.entitled != 0
    return DistributionWord(
        share_class=d.terms.share_class,
        epoch=d.terms.epoch,
        schedule=d.terms.schedule,
        state=d.phase,
        payable_from=d.terms.payable_from,
        declared=d.summary.declared,
        rate=d.terms.rate,
        region=d.region.region,
        expires_at=d.expires_at,
        scrip_price=d.terms.scrip_price,
        decimals=d.decimals if is_fixed or d.terms.scrip_price else 0,
        is_short=d.is_short,
        paid=d.summary.paid,
        withheld=d.summary.withheld,
        handled=d.handled,
        entitled=d.entitled,
        parked=d.summary.parked,
        lapsed=d.summary.lapsed,
        remitted=d.summary.remitted,
        reserved=d.reserved,
        funded_by=d.terms.funded_by,
        remainder_account=d.terms.remainder_account,
        counted=d.counted,
        resolution=d.resolution if d.terms.scrip_price else type(d.resolution)(bytes(32)),
    )


def test_distributions__every_word_at_every_moment__is_the_chains(shared_payer: Payer, dividends: Queries) -> None:
    """declared = paid + withheld + unclaimed + parked + carried, always."""
    seen = set()
    for block in moments(shared_payer):
        found = dividends.distributions(None, AsOf(block)).items
        numbers = [each.number for each in found]
        assert numbers == list(range(shared_payer.reads.distribution_count(block), 0, -1))
        chained = shared_payer.reads.distributions_of(numbers, block)
        for mine, there in zip(found, chained, strict=True):
            assert word_of(mine) == there
            assert list(mine.excluded) == shared_payer.reads.excluded_of(mine.number, block)
            assert mine.summary.is_whole
            assert mine.summary.unclaimed >= mine.summary.lapsed
            assert 0 <= mine.summary.carried <= mine.holders
            seen.add(mine.phase)
    assert seen == {*DistributionPhase} - {DistributionPhase.NONE}
    assert len(fields(DistributionWord)) == 24


def test_lines__rows_and_settlements__are_the_chains(shared_payer: Payer, dividends: Queries) -> None:
    seen: set[Settlement] = set()
    for block in moments(shared_payer):
        for known in dividends.distributions(None, AsOf(block)):
            lines = dividends.dividend_lines(known.number, AsOf(block)).items
            settled = shared_payer.reads.settlements_of(known.number, [line.row for line in lines], block)
            assert [line.settlement for line in lines] == settled
            rows = [HolderRow(line.party, line.shares, line.account).pack() for line in lines]
            leaves = [rows[first : first + LEAF] for first in range(0, len(rows), LEAF)]
            hashes = [keccak(b"".join(row.to_bytes(32, "big") for row in leaf)) for leaf in leaves]
            assert [*hashes, bytes(32)] == shared_payer.reads.leaves_of(known.number, range(len(hashes) + 1), block)
            seen |= {line.settlement for line in lines}
            _check_sums(known, lines)
    assert seen == {*Settlement}


def _check_sums(known: Distribution, lines: tuple) -> None:
    """The lines add up to the distribution's own figures, and each to its arithmetic."""
    by = {each: [line for line in lines if line.settlement == each] for each in Settlement}
    paid, sums = by[Settlement.PAID], known.summary
    assert sum(line.net for line in paid) == sums.paid
    assert sum(line.tax for line in paid) == sums.withheld
    assert sum(line.gross for line in by[Settlement.PARKED]) == sums.parked
    assert sum(line.gross for line in by[Settlement.LAPSED]) == sums.lapsed
    if lines and known.phase != DistributionPhase.CANCELLED:
        assert sum(line.gross for line in by[Settlement.NONE]) == sums.unclaimed - sums.lapsed
        assert sum(line.gross for line in lines) == sums.declared - sums.carried
    for line in lines:
        assert line.gross == line.shares * line.numerator // line.denominator
        assert line.bps is not None
        assert line.tax == (line.gross * line.bps + 5_000) // 10_000


def test_money__of_the_contract__is_what_its_distributions_still_hold(shared_payer: Payer, dividends: Queries) -> None:
    contract = shared_payer.contract
    for block in moments(shared_payer):
        held = sum(each.held for each in dividends.distributions(None, AsOf(block)))
        assert dividends.money_accounts([contract], AsOf(block))[contract].balance == held
        assert shared_payer.raiser.reads.cash_of([contract], block)[0].balance == held
    assert held >= 0


def test_record_dates__supply_and_holdings__are_the_chains(shared_payer: Payer, dividends: Queries) -> None:
    """Of every class and date that has passed, at any later moment."""
    compared = 0
    for block in moments(shared_payer):
        time = shared_payer.stage.node.block(block).time
        for share_class in shared_payer.ordinary, shared_payer.preferred:
            if not shared_payer.stage.node.code(share_class, block):
                continue
            class_id = dividends.share_class(share_class, AsOf(block)).class_id
            for epoch, stated in enumerate(shared_payer.reads.record_times(share_class, block), 1):
                register = dividends.register_at(class_id, epoch, AsOf(block))
                assert register.time == stated
                if stated >= time or not register.is_final:
                    continue
                compared += 1
                assert register.issued == shared_payer.reads.issued_at(share_class, epoch, block)
                accounts = [account for *_, account in shared_payer.accounts()]
                held = shared_payer.reads.holdings_at(share_class, accounts, epoch, block)
                there = {a: s for a, (_, s) in zip(accounts, held, strict=True) if s}
                assert {each.account: each.shares for each in register.accounts} == there
    assert compared > 50


def test_tax_and_preferences__are_the_chains(shared_payer: Payer, dividends: Queries) -> None:
    reads = shared_payer.reads
    for block in moments(shared_payer):
        schedules = dividends.tax_schedules(AsOf(block))
        assert [each.number for each in schedules] == [*range(1, reads.schedule_count(block) + 1)]
        for each in schedules:
            assert each.tax_account == reads.tax_account_of(each.number, block)
            for rule in each.rules:
                assert reads.rate_of(each.number, rule.category, rule.residence, block) == rule.bps
        parties = [*map(PartyId, PEOPLE)]
        for party, there in zip(parties, reads.reliefs_of(parties, block), strict=True):
            relief = dividends.tax_relief(party, AsOf(block))
            assert ((relief.bps, relief.until_day) if relief else (0, 0)) == (there.bps, there.until_day)
        preferred = reads.preference_of(shared_payer.preferred, block)
        mine = dividends.preferences(None, AsOf(block))
        facts = [(p.per_year, p.from_day, p.rank, p.declared) for p in mine]
        assert facts == ([(preferred.per_year, preferred.from_day, preferred.rank, preferred.declared)] * len(mine))
        assert len(mine) == (1 if preferred.rank else 0)
        for day in (0, 20_000, 21_000, 30_000) if mine else ():
            (found,) = dividends.preferences(1, AsOf(block), day=day)
            assert found.arrears == reads.arrears_of(shared_payer.preferred, Day(day), block)
