"""Commands of Distributions but for the pages: declared, cancelled, fixed, closed, tax remitted, shares chosen."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from registry.domain.args import ActHeader
from registry.domain.commands.draft import Draft, Refusal
from registry.domain.commands.identity import enrol
from registry.domain.commands.lots import reserve_shares, unreserve_shares
from registry.domain.commands.money import MAX_SUPPLY, collect, transfer, transfer_from
from registry.domain.commands.register import require_actor
from registry.domain.commands.taxing import cancel_preference, claim_preference, release_preference
from registry.domain.entitlements import Held, fixing, is_void, rows_of
from registry.domain.events_payout import (
    DistributionCancelled,
    DistributionClosed,
    DistributionDeclared,
    DistributionFixed,
    ScripChosen,
    TaxRemitted,
)
from registry.domain.ids import NOBODY, Address, PartyId, Shares
from registry.domain.moves import balance_at, issued_at
from registry.domain.payout_args import DistributionPhase, DistributionTerms, Settlement
from registry.domain.payout_terms import MAX_EXCLUDED, funds_fault, is_uncovered, rank_of, serves_all, times_fault
from registry.domain.payouts import DistributionState
from registry.domain.register import UNKNOWN, ClassState
from registry.domain.rules import ActKind, CompanyRole, RegistryRole


@dataclass(frozen=True, slots=True)
class Declare:
    """ADMIN of the company, from an account of its own party; the document is the resolution."""

    header: ActHeader
    terms: DistributionTerms
    excluded: tuple[Address, ...] = ()

    def run(self, draft: Draft) -> None:
        t, known, contract = self.terms, draft.state.payouts.distributions, draft.paying.distributions
        if len(self.excluded) > MAX_EXCLUDED:
            raise Refusal("TooManyEntries", len(self.excluded), MAX_EXCLUDED)
        company, counted = claim_preference(draft, t)
        c = draft.share_class(t.share_class)
        self._check(draft, c)
        draft.record(contract, self.header, ActKind.DECLARE)
        if counted and not serves_all(draft.state, self.excluded):
            raise Refusal("DistributionMalformed", 12)
        if is_uncovered(c, counted, t.total):
            raise Refusal("DistributionMalformed", 5)
        number = len(known) + 1
        d = DistributionState(number, t, self.excluded, company.address, company.region, t.total, t.expires_at, counted)
        d.rank = rank_of(draft.state, t.share_class)
        known[number] = d
        told = (*astuple(t), self.excluded)
        draft.emit(DistributionDeclared(draft.at(contract), number, *told))
        if t.scrip_price:
            d.resolution, d.decimals = self.header.document, c.decimals
            keep(draft, d, units_of(d, d.declared // t.scrip_price))
        _fund(draft, t.funded_by, t.total)

    def _check(self, draft: Draft, c: ClassState) -> None:
        if self.terms.schedule not in draft.state.payouts.schedules:
            raise Refusal("ScheduleUnknown", self.terms.schedule)
        fault = funds_fault(draft.state, self.terms, draft.actor)
        fault = fault or times_fault(draft.state, c, self.terms, draft.time)
        if fault:
            raise Refusal("DistributionMalformed", fault)


@dataclass(frozen=True, slots=True)
class CancelDistribution:
    """ADMIN, before anything is paid or parked: all money goes back. `Distributions.cancel`."""

    header: ActHeader
    id: int

    def run(self, draft: Draft) -> None:
        d = known_distribution(draft, self.id)
        require_actor(draft, draft.company(d.company), CompanyRole.ADMIN)
        if d.phase > DistributionPhase.FIXED:
            raise Refusal("DistributionStateForbids", d.id, int(d.phase))
        if d.handled:
            raise Refusal("PaymentsBegun", d.id)
        draft.record(draft.paying.distributions, self.header, ActKind.CANCEL_DISTRIBUTION)
        _cancel(draft, d, is_void=False)


@dataclass(frozen=True, slots=True)
class FixDistribution:
    """Anybody, once the record date has passed. `accounts`: all that held then and are not excluded, in order. Where
    nothing is due to anybody it is cancelled."""

    id: int
    accounts: tuple[Address, ...]

    def run(self, draft: Draft) -> None:
        d = in_phase(draft, self.id, DistributionPhase.DECLARED)
        c = draft.share_class(d.terms.share_class)
        rows = rows_of(_listed(draft, d, c, self.accounts), ())
        entitled = sum(row.shares for row in rows)
        if is_void(d, entitled, c.decimals):
            _cancel(draft, d, is_void=True)
            return
        found = fixing(d, entitled, c.decimals)
        if found.is_short and found.covered < d.counted:
            counted, d.counted = d.counted, found.covered
            release_preference(draft, c.address, counted - found.covered)
        d.declared, d.is_short = found.declared, found.is_short
        d.phase, d.entitled, d.decimals = DistributionPhase.FIXED, entitled, c.decimals
        d.holders, d.settlements = rows, [Settlement.NONE] * len(rows)
        # Nobody loses time because it was fixed late.
        d.expires_at += max(draft.state.clock(d.region, draft.time) - d.terms.payable_from, 0)
        at = draft.at(draft.paying.distributions)
        draft.emit(DistributionFixed(at, d.id, Shares(entitled), found.declared, found.returned, d.expires_at, rows))
        if found.returned:
            send(draft, d.terms.funded_by, found.returned)


def _cancel(draft: Draft, d: DistributionState, *, is_void: bool) -> None:
    amount, d.phase, d.declared = d.declared, DistributionPhase.CANCELLED, 0
    cancel_preference(draft, d, is_void=is_void)
    keep(draft, d, 0)
    draft.emit(DistributionCancelled(draft.at(draft.paying.distributions), d.id, amount))
    send(draft, d.terms.funded_by, amount)


def _listed(draft: Draft, d: DistributionState, c: ClassState, accounts: tuple[Address, ...]) -> list[Held]:
    """What the accounts held; refused unless that is all that was issued and is not excluded."""
    state, epoch = draft.state, d.terms.epoch
    time = c.record_times[epoch - 1]
    if draft.time <= time:
        raise Refusal("RecordDateAhead", epoch, time)
    held: list[Held] = []
    last = UNKNOWN
    for position, address in enumerate(accounts):
        account = state.account_of(address)
        shares = balance_at(c, account, epoch)
        if account <= last or not shares or address in d.excluded:
            raise Refusal("HolderMisplaced", position)
        held.append(Held(account, address, shares))
        last = account
    sum_ = sum(one.shares for one in held)
    sum_ += sum(balance_at(c, state.account_of(address), epoch) for address in set(d.excluded))
    issued = issued_at(c, epoch)
    if sum_ != issued:
        raise Refusal("HoldersMissing", sum_, issued)
    return held


@dataclass(frozen=True, slots=True)
class CloseDistribution:
    """Anybody, once every share was handled: what roundings leave goes to the remainder account."""

    id: int

    def run(self, draft: Draft) -> None:
        d = in_phase(draft, self.id, DistributionPhase.FIXED)
        if d.handled != d.entitled:
            raise Refusal("SharesUnhandled", d.handled, d.entitled)
        d.phase = DistributionPhase.CLOSED
        keep(draft, d, 0)
        draft.emit(DistributionClosed(draft.at(draft.paying.distributions), d.id, d.remainder))
        _remit(draft, d)
        if d.remainder:
            send(draft, d.remainder_account, d.remainder)


@dataclass(frozen=True, slots=True)
class RemitTax:
    """Anybody: tax that was withheld goes to the tax account of the schedule. `Distributions.remit`."""

    id: int

    def run(self, draft: Draft) -> None:
        _remit(draft, known_distribution(draft, self.id))


@dataclass(frozen=True, slots=True)
class ChooseScrip:
    """A wallet of the party chooses shares, or cash again, before the payment date."""

    id: int
    chosen: bool

    def run(self, draft: Draft) -> None:
        party, number = draft.state.account_of(draft.actor)
        if party == NOBODY or draft.state.parties[party].is_closed(number):
            draft.refuse_actor(0)
        _choose(draft, self.id, party, self.chosen)


@dataclass(frozen=True, slots=True)
class ChooseScripFor:
    """PLATFORM, for a party without a wallet; the document is its instruction."""

    header: ActHeader
    id: int
    party: PartyId
    chosen: bool

    def run(self, draft: Draft) -> None:
        draft.require_registry_role(RegistryRole.PLATFORM)
        if self.party not in draft.state.parties:
            raise Refusal("PartyUnknown", self.party)
        draft.record(draft.paying.distributions, self.header, ActKind.CHOOSE_SCRIP)
        _choose(draft, self.id, self.party, self.chosen)


def _choose(draft: Draft, number: int, party: PartyId, chosen: bool) -> None:
    d = known_distribution(draft, number)
    if d.phase > DistributionPhase.FIXED:
        raise Refusal("DistributionStateForbids", d.id, int(d.phase))
    if not d.terms.scrip_price:
        raise Refusal("NoScrip", d.id)
    clock = draft.state.clock(d.region, draft.time)
    if clock >= d.terms.payable_from:
        raise Refusal("Overdue", clock, d.terms.payable_from - 1)
    (d.scrip.add if chosen else d.scrip.discard)(party)
    draft.emit(ScripChosen(draft.at(draft.paying.distributions), d.id, party, chosen))


# --- what pages need as well ---


def known_distribution(draft: Draft, number: int) -> DistributionState:
    d = draft.state.payouts.distributions.get(number)
    if d is None:
        raise Refusal("DistributionUnknown", number)
    return d


def in_phase(draft: Draft, number: int, phase: DistributionPhase) -> DistributionState:
    d = known_distribution(draft, number)
    if d.phase != phase:
        raise Refusal("DistributionStateForbids", d.id, int(d.phase))
    return d


def units_of(d: DistributionState, whole: int) -> int:
    """[shares × 10^decimals]"""
    units: int = whole * 10**d.decimals
    if units > MAX_SUPPLY:
        raise Refusal("AmountTooLarge", units)
    return units


def keep(draft: Draft, d: DistributionState, units: int) -> None:
    """Keeps just so many new shares free, by a contract that the company has admitted."""
    change, d.reserved = units - d.reserved, units
    if not change:
        return
    contract, c = draft.paying.distributions, draft.share_class(d.terms.share_class)
    if not draft.company(d.company).roles.get(contract, 0) & CompanyRole.OFFERING:
        raise Refusal("NotAuthorised", contract, int(CompanyRole.OFFERING))
    if change > 0:
        reserve_shares(draft, c, contract, change)
    else:
        unreserve_shares(draft, c, -change)


def send(draft: Draft, account: Address, amount: int) -> None:
    transfer(draft, draft.paying.distributions, draft.state.destination_of(account), amount)


def _remit(draft: Draft, d: DistributionState) -> None:
    amount = d.withheld - d.remitted
    if not amount:
        return
    d.remitted += amount
    draft.emit(TaxRemitted(draft.at(draft.paying.distributions), d.id, amount))
    send(draft, draft.state.payouts.schedules[d.terms.schedule].tax_account, amount)


def _fund(draft: Draft, account: Address, amount: int) -> None:
    """By allowance; out of a book account on the instruction of its owner, whose wallet sent the act."""
    contract = draft.paying.distributions
    if account == draft.actor or not draft.state.is_book(account):
        transfer_from(draft, contract, account, contract, amount)
        return
    if contract not in draft.state.enrolled:
        if not draft.state.roles.get(contract, 0) & RegistryRole.OFFERINGS:
            raise Refusal("NotAuthorised", contract, int(RegistryRole.OFFERINGS))
        enrol(draft, contract)
    collect(draft, contract, account, amount)
