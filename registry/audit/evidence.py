"""The three sides of a comparison at one block, and how two or three values become a difference or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from registry.audit.outcome import NOT_ASKED, Difference, Subject, Value
from registry.audit.told import Told
from registry.chain.client import BlockRef
from registry.chain.reads import ChainReads
from registry.chain.reads_payout import PayoutReads
from registry.chain.reads_raise import RaiseReads
from registry.domain.events import At
from registry.domain.ids import Address
from registry.domain.payouts import DistributionState
from registry.domain.raising import OfferingState
from registry.domain.register import ClassState, CompanyState, RegisterState
from registry.mirror.queries import AsOf, Company, Page, Queries
from registry.mirror.views_payout import Distribution
from registry.mirror.views_raise import Offering


@dataclass(frozen=True, slots=True)
class Evidence:
    """Replay, chain and (if there is one) mirror, all about the same block."""

    state: RegisterState
    chain: ChainReads
    raises: RaiseReads
    payouts: PayoutReads
    told: Told
    """What the events told of dividends."""
    block: BlockRef
    mirror: Queries | None
    mirrored: dict[int, Company]
    """The mirror's companies by number."""
    mirrored_raises: dict[Address, Offering]
    """The mirror's raises by address."""
    mirrored_dividends: dict[int, Distribution]
    """The mirror's dividends by number."""

    @property
    def as_of(self) -> AsOf:
        return AsOf(self.block.number)

    def mirror_of(self, company: CompanyState) -> Queries | None:
        """The mirror, if it knows this company; that it does not is a difference of its own."""
        return self.mirror if company.number in self.mirrored else None

    def companies(self) -> list[CompanyState]:
        """By number."""
        return sorted(self.state.companies.values(), key=lambda company: company.number)

    def classes(self) -> list[ClassState]:
        """By company and position."""
        return [self.state.classes[address] for company in self.companies() for address in company.classes]

    def offerings(self) -> list[OfferingState]:
        """By number."""
        return sorted(self.state.offerings.values(), key=lambda offering: offering.number)

    def raise_of(self, o: OfferingState) -> Subject:
        return Subject(self.state.companies[o.terms.company].number, offering=o.number)

    def dividend_of(self, d: DistributionState) -> Subject:
        return Subject(self.state.companies[d.company].number, distribution=d.id)

    def last_of_raise(self, o: OfferingState) -> At | None:
        """The last event of the raise or of its escrow."""
        found = [at for at in (self.last_of(o.address), self.last_of(o.escrow)) if at is not None]
        return max(found, key=lambda at: (at.block, at.log_index), default=None)

    def subject_of(self, c: ClassState) -> Subject:
        return Subject(self.state.companies[c.company].number, f"{c.index} ({c.symbol})")

    def last_of(self, contract: Address) -> At | None:
        return self.state.trail.last_of.get(contract)


Item = TypeVar("Item")

Check = Callable[[Evidence], Iterator[Difference]]
"""Every check of the audit has this shape."""

Sides = dict[str, Value]
"""Facts by name, as one of the three sides has them."""


def compare(
    subject: Subject, replayed: Sides, mirrored: Sides | None, chained: Sides | None, behind: At | None
) -> Iterator[Difference]:
    """The facts that differ. A side is asked for the facts it has; None stands for a side without this subject."""
    for name, expected in replayed.items():
        in_mirror = NOT_ASKED if mirrored is None else mirrored.get(name, NOT_ASKED)
        on_chain = NOT_ASKED if chained is None else chained.get(name, NOT_ASKED)
        if any(side not in (NOT_ASKED, expected) for side in (in_mirror, on_chain)):
            yield Difference(subject, name, expected, in_mirror, on_chain, behind.tx if behind else None)


def companies_of(mirror: Queries | None, as_of: AsOf) -> dict[int, Company]:
    """All companies of the mirror, page by page."""
    if mirror is None:
        return {}
    pages = walk(lambda cursor: mirror.companies(as_of, cursor=cursor, limit=200))
    return {company.number: company for company in pages}


def raises_of(mirror: Queries | None, as_of: AsOf) -> dict[Address, Offering]:
    """All raises of the mirror."""
    if mirror is None:
        return {}
    pages = walk(lambda cursor: mirror.offerings(None, as_of, cursor=cursor, limit=200))
    return {offering.address: offering for offering in pages}


def dividends_of(mirror: Queries | None, as_of: AsOf) -> dict[int, Distribution]:
    """All dividends of the mirror."""
    if mirror is None:
        return {}
    pages = walk(lambda cursor: mirror.distributions(None, as_of, cursor=cursor, limit=200))
    return {distribution.number: distribution for distribution in pages}


def walk(ask: Callable[[str | None], Page[Item]]) -> Iterator[Item]:
    """Everything that a paged question answers, page by page."""
    cursor: str | None = None
    while True:
        page = ask(cursor)
        yield from page
        cursor = page.next_cursor
        if cursor is None:
            return
