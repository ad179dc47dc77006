"""What the API is made of: where it reads, who has names, what the last verdict was. Nothing here writes."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from registry.acts.desk import ReadingDesk
from registry.domain.days import UTC_OFFSET
from registry.domain.ids import Address, Hash32, PartyId
from registry.errors import Unavailable
from registry.mirror.queries import Queries

NamesOf = Callable[[Iterable[PartyId]], Mapping[PartyId, str]]
"""Legal names from the directory; a party whose data was erased is missing from the answer."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the chain answers about a subscription that nobody has signed: all rules that refuse it, at one block."""

    broken: int
    block: int


BrokenRules = Callable[[Address, Sequence[Address], int, Hash32], Judged | None]
"""Raise, accounts of one party, amount [fen], disclosure; None where the node gives no answer."""


def _no_node(*_: object) -> None:
    return None


def _no_document(_: bytes) -> None:
    return None


def _no_desk() -> AbstractContextManager[ReadingDesk]:
    raise Unavailable("no node is known here, and papers are compared with the chain before they are made")


@dataclass(frozen=True, slots=True)
class LastVerdict:
    """Of the newest audit: replay, mirror and chain compared at one block."""

    is_equal: bool
    block: int
    time: int
    differences: int


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything a route may use. `head` asks the node for its newest block and answers None if it is not there."""

    register: Queries
    names_of: NamesOf
    last_verdict: Callable[[], LastVerdict | None]
    head: Callable[[], int | None]
    show_names: bool
    utc_offset: int = UTC_OFFSET
    broken_rules: BrokenRules = _no_node
    """Asks the node which rules refuse a subscription to a raise, from the account that suits best."""
    document: Callable[[bytes], bytes | None] = _no_document
    """A kept document by its hash, None if it is not here."""
    reading: Callable[[], AbstractContextManager[ReadingDesk]] = _no_desk
    """Opens node and mirror side by side, for papers: what the mirror says is held against the chain."""

    def names(self, parties: Iterable[PartyId]) -> Mapping[PartyId, str]:
        """No names at all where others than this machine can read them: there is no login yet."""
        return self.names_of(parties) if self.show_names else {}


def is_loopback(host: str) -> bool:
    """True for an address that only this machine reaches; a name other than localhost counts as one of others."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
