"""What is measured: each case prepares its actors and yields the gas of several receipts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.gas_dividends import dividends
from benchmarks.gas_market import AGENT, BATCH, KYC, MIGRATOR, REF, SECRETARY, SHARES, STOPPER, Market
from benchmarks.gas_raise import raises
from benchmarks.gas_stage import CASH, NO_CONSIDERATION, Person, binding, permit, wallet, word

REPEATS = 5
BATCHES = 3
Case = Callable[[Market], Iterator[tuple[str, float]]]


def migration(m: Market) -> Iterator[tuple[str, float]]:
    """Creation, and what happens before a company opens."""
    for used in m.company_gas:
        yield "company_with_class", used
    for used in m.class_gas:
        yield "second_class", used
    book, _ = m.book_people(m.ids(BATCH))
    yield "migrate_batch_book_each", m.issue(m.common, book) / BATCH
    header = m.stage.header
    differences = [(person.account, SHARES, 0, REF) for person in book]
    used = m.stage.send(MIGRATOR, m.common, "split", header(), 2, 1, differences)
    yield "split_page_each", used / BATCH
    yield "open", m.open()


def onboarding(m: Market) -> Iterator[tuple[str, float]]:
    """Parties and wallets, in batches and alone."""
    for _ in range(BATCHES):
        yield "onboard_batch_party_each", m.book_people(m.ids(BATCH))[1] / BATCH
        yield "onboard_batch_wallet_each", m.newcomers(m.ids(BATCH))[1] / BATCH
    for _ in range(REPEATS):
        people, used = m.book_people(m.ids(1))
        yield "onboard_one", used
        yield "bind_wallet", _bind(m, people[0])
        yield "onboard_one_wallet", m.newcomers(m.ids(1))[1]
        changed = [word(people[0].party)]
        yield "set_standing", m.stage.send(KYC, m.registry, "setStanding", m.stage.header(), changed)


def _bind(m: Market, person: Person) -> int:
    key, account = wallet(person.party)
    owner = Person(person.party, account, key)
    deadline = m.stage.now() + 86_400
    r, vs = binding(m.registry.address, m.stage.chain_id, owner, deadline)
    header = m.stage.header()
    return m.stage.send(KYC, m.registry, "bindWallet", header, owner.party, account, deadline, _long(r, vs))


def _long(r: bytes, vs: bytes) -> bytes:
    """The 65-byte form of a signature given in 64."""
    odd, s = vs[0] >> 7, bytes([vs[0] & 0x7F]) + vs[1:]
    return r + s + bytes([27 + odd])


def batches(m: Market) -> Iterator[tuple[str, float]]:
    """Batch issues of an open company."""
    for _ in range(BATCHES):
        people, _ = m.newcomers(m.ids(BATCH))
        yield "issue_batch_consecutive_each", m.issue(m.common, people) / BATCH
        yield "issue_batch_holders_each", m.issue(m.common, people) / BATCH
        book, _ = m.book_people(m.ids(BATCH))
        yield "issue_batch_book_each", m.issue(m.common, book) / BATCH
        scattered, _ = m.newcomers(m.ids(BATCH, step=8))
        yield "issue_batch_scattered_each", m.issue(m.common, scattered) / BATCH


def transfers(m: Market) -> Iterator[tuple[str, float]]:
    """A holder's own transfers, from wallet to wallet."""
    givers, _ = m.newcomers(m.ids(REPEATS, step=8))
    takers, _ = m.newcomers(m.ids(REPEATS, step=8))
    lone, _ = m.newcomers(m.ids(REPEATS, step=8))
    neighbours, _ = m.newcomers(m.ids(2 * REPEATS))
    m.issue_all(m.common, [*givers, *takers, *neighbours[::2]])
    m.issue_all(m.preferred, givers)
    for i in range(REPEATS):
        yield "transfer_to_holder", m.give(m.common, givers[i], takers[i], 10)
        yield "transfer_new_to_class", m.give(m.preferred, givers[i], takers[i], 10)
        yield "transfer_new_lone_seat", m.give(m.common, givers[i], lone[i], 10)
        yield "transfer_new_neighbour", m.give(m.common, givers[i], neighbours[2 * i + 1], 10)
        yield "transfer_last_share_out", m.give(m.common, lone[i], givers[i], 10)
        yield "transfer_whole_to_lone", m.give(m.common, takers[i], lone[i], SHARES + 10)
        yield "exit_of_class_only", m.give(m.preferred, givers[i], takers[i], SHARES - 10)


def allowances(m: Market) -> Iterator[tuple[str, float]]:
    """What others move: permit, allowance, and the transfer agent."""
    stage = m.stage
    owners, _ = m.newcomers(m.ids(REPEATS, step=8))
    takers, _ = m.newcomers(m.ids(REPEATS, step=8))
    book, _ = m.book_people(m.ids(REPEATS, step=8))
    m.issue_all(m.common, [*owners, *takers, *book])
    for owner, taker, held in zip(owners, takers, book, strict=True):
        deadline = stage.now() + 86_400
        signed = permit(m.common.address, stage.chain_id, owner, taker.account, 500, deadline)
        arguments = (owner.account, taker.account, 500, deadline, *signed)
        yield "permit", stage.send(taker.account, m.common, "permit", *arguments)
        moved = (owner.account, taker.account, 10)
        yield "transfer_from", stage.send(taker.account, m.common, "transferFrom", *moved)
        entry = (taker.account, 10, 0, REF)
        act = (stage.header(), CASH, held.account, entry)
        yield "transfer_for", stage.send(AGENT, m.common, "transferFor", *act)
        part = (held.account, 10, 0, REF)
        yield "cancel_part", stage.send(AGENT, m.common, "cancel", stage.header(), 3, NO_CONSIDERATION, part)
        rest = (held.account, SHARES - 20, 0, REF)
        yield "cancel_all", stage.send(AGENT, m.common, "cancel", stage.header(), 3, NO_CONSIDERATION, rest)
        yield "issue_one_to_holder", m.issue(m.common, [taker])
    for party in m.ids(REPEATS, step=8):
        people, _ = m.newcomers([party])
        yield "issue_one_lone_seat", m.issue(m.common, people)


def dates_and_stops(m: Market) -> Iterator[tuple[str, float]]:
    """Record dates, stops, and what a record date costs the moves after it."""
    stage = m.stage
    givers, _ = m.newcomers(m.ids(REPEATS, step=8))
    takers, _ = m.newcomers(m.ids(REPEATS, step=8))
    m.issue_all(m.common, [*givers, *takers])
    yield "set_record_date", stage.send(AGENT, m.common, "setRecordDate", stage.header(), stage.now() + 3_600)
    m.give(m.common, givers[0], takers[0], 1)
    yield "transfer_date_ahead", m.give(m.common, givers[0], takers[0], 1)
    stage.jump(7_200)
    m.give(m.common, givers[0], takers[0], 1)
    for giver, taker in zip(givers[1:], takers[1:], strict=True):
        yield "transfer_first_after_date", m.give(m.common, giver, taker, 1)
        yield "transfer_after_saved", m.give(m.common, giver, taker, 1)
    for stopped in (True, False):
        yield "stop_two_classes", stage.send(STOPPER, m.company, "stopCompany", stage.header(), stopped)
    document = (stage.header(), 3, "")
    yield "record_document", stage.send(SECRETARY, m.company, "recordDocument", *document)


ALL: tuple[Case, ...] = (migration, onboarding, batches, transfers, allowances, dates_and_stops, raises, dividends)
