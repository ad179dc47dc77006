"""Commands of Distributions that handle holders: pages that anybody pushes, one row that is claimed, what lapses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from registry.domain.args import Consideration, Entry
from registry.domain.commands.distribution import in_phase, known_distribution
from registry.domain.commands.draft import Draft, Refusal
from registry.domain.commands.lots import allot_shares, raise_header
from registry.domain.commands.money import transfer_many
from registry.domain.commands.register import opened
from registry.domain.entitlements import Entitlement, outcome, scrip_of
from registry.domain.events_payout import EntitlementsHandled, ScripDelivered
from registry.domain.ids import Address, PartyId, Shares
from registry.domain.payout_args import LEAF, DistributionPhase, HolderRow, Payment, Settlement
from registry.domain.payouts import DistributionState
from registry.domain.rules import Basis, Phase, applying, broken_issue
from registry.domain.state_pages import count

CASH = 1
CNY = 156


@dataclass(frozen=True, slots=True)
class PayEntitlements:
    """Anybody, from the payment date on; whole leaves from `leaf` on. `Distributions.pay`."""

    id: int
    leaf: int
    holders: tuple[HolderRow, ...]

    def run(self, draft: Draft) -> None:
        _pay(draft, self.id, self.leaf, self.holders, 0, len(self.holders))


@dataclass(frozen=True, slots=True)
class ClaimEntitlement:
    """One row of the holders brought along. `Distributions.claim`."""

    id: int
    leaf: int
    holders: tuple[HolderRow, ...]
    row: int

    def run(self, draft: Draft) -> None:
        if self.row >= len(self.holders):
            raise Refusal("HolderMisplaced", self.row)
        _pay(draft, self.id, self.leaf, self.holders, self.row, self.row + 1)


@dataclass(frozen=True, slots=True)
class LapseEntitlements:
    """Anybody, after the expiry: what was not paid goes to the remainder account; what is parked stays."""

    id: int
    leaf: int
    holders: tuple[HolderRow, ...]

    def run(self, draft: Draft) -> None:
        d = in_phase(draft, self.id, DistributionPhase.FIXED)
        clock = draft.state.clock(d.region, draft.time)
        if clock <= d.expires_at:
            raise Refusal("NotDue", clock, d.expires_at + 1)
        _require_rows(d, self.leaf, self.holders)
        first = self.leaf * LEAF
        _handle(draft, d, range(first, first + len(self.holders)), is_over=True, is_lapsing=True)


def _pay(draft: Draft, number: int, leaf: int, rows: Sequence[HolderRow], begin: int, end: int) -> None:
    d = known_distribution(draft, number)
    if d.phase not in (DistributionPhase.FIXED, DistributionPhase.CLOSED):
        raise Refusal("DistributionStateForbids", d.id, int(d.phase))
    clock = draft.state.clock(d.region, draft.time)
    if clock < d.terms.payable_from:
        raise Refusal("NotDue", clock, d.terms.payable_from)
    _require_rows(d, leaf, rows)
    first = leaf * LEAF
    _handle(draft, d, range(first + begin, first + end), is_over=clock > d.expires_at)


def _require_rows(d: DistributionState, leaf: int, rows: Sequence[HolderRow]) -> None:
    """Rows are those of the fixed register, whole leaves."""
    for first in range(0, len(rows), LEAF):
        position = leaf + first // LEAF
        if d.leaf(position) != tuple(rows[first : first + LEAF]):
            raise Refusal("HolderMisplaced", position * LEAF)


@dataclass(slots=True)
class _Page:
    """One page while it is worked on: what is told and paid."""

    told: list[Payment] = field(default_factory=list)
    payouts: list[tuple[Address, int]] = field(default_factory=list)
    spent: int = 0
    lapsed: int = 0

    def give(self, account: Address, amount: int) -> None:
        if amount:
            self.payouts.append((account, amount))


def _handle(draft: Draft, d: DistributionState, positions: range, *, is_over: bool, is_lapsing: bool = False) -> None:
    state, page = draft.state, _Page()
    for position in positions:
        row, was = d.holders[position], d.settlements[position]
        due = outcome(state, d, row, was, draft.today, is_over=is_over, is_lapsing=is_lapsing)
        if due is None:
            continue
        if due.settlement == Settlement.PAID:
            _give(draft, d, page, due)
        elif due.settlement == Settlement.LAPSED:
            page.lapsed += due.gross
        count(d, position, due)
        page.told.append(Payment(row.party, due.gross, due.tax, due.settlement))
    if not page.told:
        return
    page.give(state.destination_of(d.terms.funded_by), page.spent)
    page.give(state.destination_of(d.remainder_account), page.lapsed)
    contract = draft.paying.distributions
    draft.emit(EntitlementsHandled(draft.at(contract), d.id, tuple(page.told)))
    if page.payouts:
        transfer_many(draft, contract, page.payouts)


def _give(draft: Draft, d: DistributionState, page: _Page, due: Entitlement) -> None:
    """Money, or shares and the rest in money, to the account of the row or what stands in its place."""
    party = due.row.party
    to = draft.state.destination_of(due.row.account)
    spent = _deliver(draft, d, party, to, due.net) if d.terms.scrip_price and party in d.scrip else 0
    page.spent += spent
    page.give(to, due.net - spent)


def _deliver(draft: Draft, d: DistributionState, party: PartyId, to: Address, net: int) -> int:
    """Whole shares for the net amount. All cash where the class refuses, where no share is kept free any more, for who
    is no holder any more, and where the register has gone to a successor. Answers what was spent [fen]."""
    units, cost = scrip_of(d, net)
    company, contract = draft.company(d.company), draft.paying.distributions
    if not units or units > d.reserved or not company.seat_of(party).accounts:
        return 0
    if company.phase != Phase.OPEN:
        return 0
    draft.state.payouts.act_count += 1
    header = raise_header(draft, contract, draft.state.payouts.act_count, d.resolution)
    c = draft.share_class(d.terms.share_class)
    taker, word = opened(draft, c, to)
    if broken_issue(c.word, taker, word, units, c.room + units, draft.today) & applying(Basis.SUBSCRIPTION):
        return 0
    given = Consideration(CASH, CNY, d.terms.scrip_price * 10**8)
    allot_shares(draft, c, contract, header, given, [Entry(to, Shares(units))])
    d.reserved -= units
    draft.emit(ScripDelivered(draft.at(contract), d.id, party, to, Shares(units), cost))
    return cost
