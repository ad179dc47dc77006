"""Every stored word of a register and of its raises: where the chain is read, and what the domain says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

from registry.domain.escrow import EscrowState, Put, Vote
from registry.domain.ids import BOOK, Address, PartyId, Shares
from registry.domain.raise_words import Case, Subscription
from registry.domain.raising import OfferingState
from registry.domain.register import NO_REGION, RegisterState
from registry.domain.words import Holding
from tests.contracts.support.calls import hexed, raw
from tests.contracts.support.contracts import Contract, read_all
from tests.contracts.support.ground import Ground

ACCOUNT_AT = 184
"""Bit of the account's number in the answer about a party."""
Told = tuple[tuple[Any, ...], Any]
"""A read (contract, function, arguments) and the answer that is expected."""


def compare(told: Iterable[Told]) -> None:
    """One exchange with the chain; all that differs is named."""
    told = list(told)
    found = read_all(*(read for read, _ in told))
    different = [
        f"{read[0].name}.{read[1]}{read[2:]}: {answer} on chain, {expected} in the domain"
        for (read, expected), answer in zip(told, found, strict=True)
        if (list(answer) if isinstance(answer, tuple) else answer) != expected
    ]
    assert not different, "\n".join(different)


# --- the register ---


def of_register(
    ground: Ground, state: RegisterState, accounts: list[Address], parties: list[PartyId]
) -> Iterator[Told]:
    """The company, its seats, both classes, the parties."""
    company = next(c for c in state.companies.values() if hexed(c.address) == ground.company.address)
    books = [hexed(state.book_account(party)) for party in parties]
    yield (ground.company, "charter"), company.charter.pack()
    yield (ground.company, "seatsOf", parties), [company.seat_of(party).pack() for party in parties]
    yield (ground.registry, "standingsOf", books), [_standing(state, party) for party in parties]
    asked = [hexed(account) for account in accounts]
    for contract in (ground.common, ground.preferred):
        c = state.classes[raw(contract.address)]
        assert c.issued == sum(h.balance for h in c.holdings.values())
        held = [c.holdings.get(state.account_of(account), Holding()) for account in accounts]
        yield (contract, "classWord"), c.word.pack()
        yield (contract, "totalSupply"), c.issued
        yield (contract, "reservedShares"), c.reserved
        yield (contract, "recordTimes"), c.record_times
        yield (contract, "holdingsOf", asked), [h.pack() for h in held]


def _standing(state: RegisterState, party: PartyId) -> int:
    """As the registry answers for the party's book account."""
    word = state.party_word(party)
    return word.pack() | BOOK << ACCOUNT_AT if word.id else 0


# --- raises ---


def of_raises(ground: Ground, state: RegisterState, accounts: list[Address], parties: list[PartyId]) -> Iterator[Told]:
    """Money, the region, annual use, every raise with its escrow, the board."""
    known = sorted({*accounts, *state.money.accounts})
    yield (ground.token, "cashOf", [hexed(a) for a in known]), [state.money.cash(a).pack() for a in known]
    yield (ground.token, "totalSupply"), state.money.supply
    yield (ground.token, "isStopped"), state.money.is_stopped
    company = state.companies[raw(ground.company.address)]
    region = company.region
    yield (ground.regions, "regionWord", region), state.regions.get(region, NO_REGION).pack()
    yield (ground.registry, "annualLimit"), state.annual_limit
    years = {year for _, year in (*state.annual_use, *state.outside_use)}
    for party, year in product(parties, sorted(years)):
        outside, until = state.outside_use.get((party, year), (0, 0))
        yield (ground.registry, "useOf", party, year), [state.annual_use.get((party, year), 0), outside, until]
    for o in state.offerings.values():
        yield from of_offering(o, parties)
        yield from of_escrow(ground, state, state.escrows[o.escrow], parties)
        for address in (o.address, o.escrow):
            yield (ground.registry, "isEnrolled", hexed(address)), address in state.enrolled
            yield (ground.company, "rolesOf", hexed(address)), company.roles.get(address, 0)
    yield from of_panels(ground, state)


def of_offering(o: OfferingState, parties: list[PartyId]) -> Iterator[Told]:
    contract = Contract("Offering", hexed(o.address))
    lots = [o.subscriptions.get(party, Subscription()).pack() for party in parties]
    yield (contract, "totals"), o.totals.pack()
    yield (contract, "subscriptionsOf", parties), lots
    yield (contract, "escrow"), hexed(o.escrow)


def of_escrow(ground: Ground, state: RegisterState, e: EscrowState, parties: list[PartyId]) -> Iterator[Told]:
    contract = Contract("MilestoneEscrow", hexed(e.address))
    yield (contract, "purse"), e.purse.pack()
    yield (contract, "claimsEnd"), e.claims_end
    yield (contract, "tranches"), [t.pack() for t in e.tranches]
    for i in range(len(e.tranches)):
        vote, case = e.votes.get(i, Vote(Shares(0), Shares(0))), state.board.cases.get((e.address, i), Case())
        yield (ground.board, "caseOf", hexed(e.address), i), case.pack()
        yield (contract, "votesOf", i), [vote.yes, vote.allotted]
        if vote.allotted:
            for party in parties:
                yield (contract, "hasVoted", i, party), (i, party) in e.voted
    if e.is_put_open:
        for party in parties:
            put = e.puts.get(party, Put(Shares(0), 0))
            yield (contract, "putOf", party), [put.shares, put.debt, put.is_paid]


def of_panels(ground: Ground, state: RegisterState) -> Iterator[Told]:
    for (company, kind), panel in state.board.panels.items():
        where = hexed(company), kind
        yield (ground.board, "panel", *where), [len(panel.members), panel.struck, panel.is_judging]
        for i, member in enumerate(panel.members):
            yield (ground.board, "verifier", *where, i), member.pack()
