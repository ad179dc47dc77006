"""The mirror says what the chain says, at the head and at any earlier block."""

from __future__ import annotations

import random

import pytest

from registry.chain.decode import DECODERS, Emitters, rows, to_events
from registry.chain.logs import pages
from registry.domain.events import EVENTS
from registry.domain.ids import PartyId
from registry.mirror import AsOf, Queries
from registry.mirror.project import HANDLERS
from tests.support.payout_stage import Payer
from tests.support.raise_stage import Raiser
from tests.support.stage import signer
from tests.support.story import PARTIES, Story


def test_stories__told__contain_every_event_of_the_contracts(
    shared_story: Story, shared_raise: Raiser, shared_payer: Payer
) -> None:
    seen = set()
    for stage in (shared_story.stage, shared_raise.stage, shared_payer.stage):
        emitters = Emitters(stage.deployment)
        for page in pages(stage.node, 0, stage.node.head().number):
            seen |= {(row.emitter.kind, row.event) for row in rows(page.logs, emitters)}
    declared = {(kind, decoder.event) for kind, decoders in DECODERS.items() for decoder in decoders.values()}
    assert declared - seen == set()


def test_handlers__all_events__are_those_of_the_abi_and_of_the_domain() -> None:
    declared = {decoder.event for decoders in DECODERS.values() for decoder in decoders.values()}
    assert set(HANDLERS) == declared == set(EVENTS)


@pytest.mark.parametrize("told", ["shared_story", "shared_raise"])
def test_to_events__whole_story__same_order_and_values_as_rows(told: str, request: pytest.FixtureRequest) -> None:
    stage = request.getfixturevalue(told).stage
    logs = stage.node.raw_logs(0, stage.node.head().number)
    plain = list(rows(logs, Emitters(stage.deployment)))
    events = list(to_events(logs, Emitters(stage.deployment)))
    assert [row.event for row in plain] == [type(event).__name__ for event in events]
    for row, event in zip(plain, events, strict=True):
        values = [getattr(event, name) for name in event.__dataclass_fields__ if name != "at"]
        packed = [value.pack() if hasattr(value, "pack") else value for value in values]
        assert tuple(packed) == row.values
        assert (event.at.block << 20 | event.at.log_index, event.at.time) == (row.key, row.time)


def test_holdings__at_the_head_and_at_random_earlier_blocks__are_the_chains(
    shared_story: Story, queries: Queries
) -> None:
    """Events alone rebuild the register."""
    stage, draw = shared_story.stage, random.Random(3)
    head, first = stage.node.head().number, stage.deployment.first_block
    for block in [head, *draw.sample(range(first, head), 20)]:
        for share_class in shared_story.classes:
            if stage.node.code(share_class, block):
                _compare_class(shared_story, queries, share_class, block)


def _compare_class(story: Story, queries: Queries, share_class: bytes, block: int) -> None:
    reads, as_of = story.stage.reads, AsOf(block)
    known = queries.share_class(share_class, as_of)
    word = reads.class_word(share_class, block)
    assert (known.issued, known.authorised, known.stops) == (word.issued, word.authorised, word.stops)
    assert (known.categories, known.decimals, known.position) == (word.categories, word.decimals, word.index)
    found = {(row.party, row.account): row for row in queries.holdings(known.company, as_of) if
             row.class_id == known.class_id}  # fmt: skip
    holdings = [h for h in reads.holdings_of(share_class, story.accounts(), block) if h.balance]
    assert {key: (row.shares, row.lock_day) for key, row in found.items()} == {
        (h.party, h.account): (h.balance, h.lock_day) for h in holdings
    }


def test_companies__at_the_head_and_at_random_earlier_blocks__are_the_chains(
    shared_story: Story, queries: Queries
) -> None:
    """HC-1: seats by weight, from events alone."""
    stage, draw = shared_story.stage, random.Random(4)
    head, first = stage.node.head().number, stage.deployment.first_block
    for block in [head, *draw.sample(range(first, head), 20)]:
        for company in shared_story.companies:
            if not stage.node.code(company, block):
                continue
            charter = stage.reads.charter(company, block)
            known = queries.company(company, AsOf(block))
            assert (known.form, known.region, known.cap) == (charter.form, charter.region, charter.cap)
            assert (known.phase, known.stops, known.seats) == (charter.phase, charter.stops, charter.seats)
            assert len(queries.classes(known.number, AsOf(block))) == charter.class_count
            seats = {seat.party: seat for seat in queries.seats(known.number, AsOf(block))}
            for party in PARTIES:
                seat, mine = stage.reads.seat_of(company, PartyId(party), block), seats.get(PartyId(party))
                assert (seat.accounts, seat.is_fixed) == ((mine.accounts, mine.is_fixed) if mine else (0, False))
                assert not seat.accounts or (mine and seat.weight == mine.weight)


def test_parties__at_the_head_and_at_an_earlier_block__are_the_chains(shared_story: Story, queries: Queries) -> None:
    stage = shared_story.stage
    head = stage.node.head().number
    for block in (head, head // 2):
        for party in queries.parties(AsOf(block)):
            assert party.word == stage.reads.party_word(party.id, block)
    walleted = queries.party(1)
    assert [(w.number, w.address, w.is_closed) for w in walleted.wallets] == [
        (0, signer("wallet 1").address, True),
        (1, signer("wallet 1b").address, False),
    ]
    wallet = queries.wallet(signer("wallet 7").address)
    assert wallet is not None
    assert wallet.party == 7
    assert queries.wallet(bytes(20)) is None
    assert [party.id for party in queries.parties()] == list(PARTIES)
    assert queries.highest_party(1, 6) == 6


def test_roles__after_hand_over__are_the_chains(shared_story: Story, queries: Queries) -> None:
    stage, company = shared_story.stage, shared_story.companies[0]
    names = ["agent", "new agent", "governor", "regulator", "platform", "kyc_agent"]
    accounts = {signer(name).address for name in names}
    in_registry = {row.account: row.roles for row in queries.roles(0)}
    in_company = {row.account: row.roles for row in queries.roles(queries.company(company).number)}
    for account in accounts:
        assert in_registry.get(account, 0) == stage.reads.registry_roles(account)
        assert in_company.get(account, 0) == stage.reads.company_roles(company, account)
    assert [p.address for p in queries.providers()] == [signer("kyc_agent").address]


def test_successor__named__links_both_ways(shared_story: Story, queries: Queries) -> None:
    old, heir = (queries.company(address) for address in shared_story.companies[2:4])
    assert (old.successor, heir.predecessor) == (heir.address, old.address)
    assert (old.predecessor, heir.successor) == (None, None)


def test_amounts__beyond_a_signed_64_bit_integer__stay_exact(shared_story: Story, queries: Queries) -> None:
    company = queries.company(shared_story.companies[1])
    for as_of in (AsOf(), AsOf(queries.stand().block - 1), AsOf(effective_on=shared_story.stage.today)):
        table = queries.cap_table(company.number, as_of)
        assert [(row.party, row.shares) for row in table.rows] == [(1, 2**63 + 5), (3, 2**62), (2, 7)]
        assert (table.classes[0].issued, table.classes[0].authorised) == (2**63 + 2**62 + 12, 2**64 - 2)


def test_alarms__migration_above_the_cap__are_kept(shared_story: Story, queries: Queries) -> None:
    company = queries.company(shared_story.companies[1])
    assert [(alarm.seats, alarm.cap) for alarm in queries.alarms(company.number)] == [(3, 2)]


@pytest.mark.parametrize(("days_ago", "expected"), [
    (901, {}),
    (900, {1: 60_000, 2: 30_000, 8: 400}),
    (799, {1: 50_000, 2: 30_000, 3: 10_000, 8: 400}),
    (650, {1: 50_000, 2: 60_000, 3: 20_000, 8: 400}),
    (401, {1: 50_000, 2: 30_000, 3: 10_000, 8: 400}),
    (300, {1: 50_000, 2: 30_000, 4: 690, 8: 400}),
])  # fmt: skip
def test_effective_on__legal_dates_of_a_migration__sums_what_was_in_force(
    shared_story: Story, queries: Queries, days_ago: int, expected: dict[int, int]
) -> None:
    day = shared_story.stage.today - days_ago
    table = queries.cap_table(1, AsOf(effective_on=day))
    ordinary = table.classes[0].class_id
    assert {row.party: row.shares for row in table.rows if row.class_id == ordinary} == expected
    assert table.classes[0].issued == sum(expected.values())
    holders = {row.party for row in table.rows}
    assert table.company.holders == len(holders)
