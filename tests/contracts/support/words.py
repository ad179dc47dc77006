"""Every stored word of a register and of its raises: where the chain is read, and what the domain says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from registry.domain.ids import Address, PartyId, Shares
from registry.domain.escrow import EscrowState, Put, Vote
from registry.domain.raise_words import Subscription
from registry.domain.raising import OfferingState
from registry.domain.register import NO_REGION, RegisterState
from registry.domain.words import Holding
from tests.contracts.support.calls import hexed
from tests.contracts.support.contracts import Contract, read_all
from tests.contracts.support.ground import Ground

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
        c = state.classes[Address(bytes.fromhex(contract.address[2:]))]
        assert c.issued == sum(h.balance for h in c.holdings.values())
        yield (contract, "classWord"), c.word.pack()
        yield (contract, "totalSupply"), c.issued
        yield (contract, "reservedShares"), c.reserved
        yield (contract, "recordTimes"), c.record_times
        yield (contract, "holdingsOf", asked), [
            c.holdings.get(state.account_of(account), Holding()).pack() for account in accounts
        ]
