"""Commands of an Offering: its life and its subscribers. The closing's pages stand in `allotment`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from registry.domain.args import ActHeader
from registry.domain.commands.draft import Draft, Refusal
from registry.domain.commands.escrow import abandon, prepare
from registry.domain.commands.lots import class_of, paid_from, reserve_shares, unreserve_shares
from registry.domain.commands.money import MAX_SUPPLY, Authorisation, collect, pay, receive
from registry.domain.commands.seats import release_seats, reserve_seat
from registry.domain.days import year_of
from registry.domain.events_raise import (
    OfferingPhaseChanged,
    Subscribed,
    SubscriptionRefunded,
    SubscriptionWithdrawn,
)
from registry.domain.ids import Address, Hash32, PartyId
from registry.domain.keccak import keccak256
from registry.domain.raise_words import Subscription
from registry.domain.raising import OfferingPhase, OfferingState, SubscriptionStatus
from registry.domain.rules import ActKind, CompanyRole, RegistryRole, code_of
from registry.domain.subscribing import broken_by_subscription, fits_annual_limit
from registry.domain.subscription_rules import SubscriptionRule

YEARS_FROM = 2_000

# --- what all parts share ---


def require_phase(o: OfferingState, phase: OfferingPhase) -> None:
    if o.phase != phase:
        raise Refusal("OfferingPhaseForbids", o.phase)


def enter_phase(draft: Draft, o: OfferingState, phase: OfferingPhase) -> None:
    o.totals = replace(o.totals, phase=phase)
    draft.emit(OfferingPhaseChanged(draft.at(o.address), phase))


def clock_of(draft: Draft, o: OfferingState) -> int:
    return draft.state.clock(o.terms.region, draft.time)


def pay_back(draft: Draft, o: OfferingState, party: PartyId, s: Subscription, to: Address, amount: int) -> None:
    """Money of a subscription that goes back; what goes back is not invested."""
    if amount:
        o.totals = replace(o.totals, refunded=o.totals.refunded + amount)
        draft.state.use(party, YEARS_FROM + s.year, -amount)
        pay(draft, o.address, to, amount)


def release(draft: Draft, o: OfferingState, parties: list[PartyId]) -> None:
    """`Company.releaseSeats`, called by the raise."""
    company = draft.company(o.terms.company)
    if not company.roles.get(o.address, 0) & CompanyRole.OFFERING:
        raise Refusal("NotAuthorised", o.address, int(CompanyRole.OFFERING))
    release_seats(company, parties)


def _require_past(draft: Draft, o: OfferingState, due: int) -> None:
    clock = clock_of(draft, o)
    if clock <= due:
        raise Refusal("NotDue", clock, due + 1)


def _require_unallotted(o: OfferingState) -> None:
    """Before the first allotment there is a way back for everybody; afterwards there is only the way forward."""
    if o.phase > OfferingPhase.CLOSING or o.totals.handled:
        raise Refusal("OfferingPhaseForbids", o.phase)


def _fail_all(draft: Draft, o: OfferingState) -> None:
    is_reserved = o.phase != OfferingPhase.DRAFT
    enter_phase(draft, o, OfferingPhase.FAILED)
    if is_reserved:
        unreserve_shares(draft, class_of(draft, o), o.most_shares)
        abandon(draft, draft.state.escrows[o.escrow])


# --- life ---


@dataclass(frozen=True, slots=True)
class OpenOffering:
    """PLATFORM, once the company admitted the raise. `Offering.open`."""

    offering: Address
    header: ActHeader

    def run(self, draft: Draft) -> None:
        o = draft.offering(self.offering)
        draft.require_registry_role(RegistryRole.PLATFORM)
        require_phase(o, OfferingPhase.DRAFT)
        clock = clock_of(draft, o)
        if clock > o.terms.closes_at:
            raise Refusal("Overdue", clock, o.terms.closes_at)
        if not draft.company(o.terms.company).roles.get(o.address, 0) & CompanyRole.OFFERING:
            raise Refusal("OfferingNotAdmitted", o.address)
        draft.record(o.address, self.header, ActKind.OPEN_OFFERING)
        enter_phase(draft, o, OfferingPhase.OPEN)
        reserve_shares(draft, class_of(draft, o), o.address, o.most_shares)
        prepare(draft, draft.state.escrows[o.escrow], o.most_shares)


@dataclass(frozen=True, slots=True)
class CancelOffering:
    """The company's ADMIN or PLATFORM, until something is allotted. `Offering.cancel`."""

    offering: Address
    header: ActHeader

    def run(self, draft: Draft) -> None:
        o = draft.offering(self.offering)
        if not draft.company(o.terms.company).roles.get(draft.actor, 0) & CompanyRole.ADMIN:
            draft.require_registry_role(RegistryRole.PLATFORM)
        _require_unallotted(o)
        draft.record(o.address, self.header, ActKind.CANCEL_OFFERING)
        _fail_all(draft, o)


@dataclass(frozen=True, slots=True)
class StopOffering:
    """REGULATOR, until something is allotted. `Offering.stop`."""

    offering: Address
    header: ActHeader

    def run(self, draft: Draft) -> None:
        o = draft.offering(self.offering)
        draft.require_registry_role(RegistryRole.REGULATOR)
        _require_unallotted(o)
        draft.record(o.address, self.header, ActKind.STOP_OFFERING)
        _fail_all(draft, o)


@dataclass(frozen=True, slots=True)
class CloseOffering:
    """Anybody, after window and cooling-off: closing if the minimum is reached, else failed. `Offering.close`."""

    offering: Address

    def run(self, draft: Draft) -> None:
        o = draft.offering(self.offering)
        require_phase(o, OfferingPhase.OPEN)
        t, live = o.terms, o.totals.live
        _require_past(draft, o, t.closes_at + t.cooling_off)
        if live < t.minimum:
            _fail_all(draft, o)
            return
        if live <= t.maximum:
            o.totals = replace(o.totals, raised=live)
        enter_phase(draft, o, OfferingPhase.CLOSING)


@dataclass(frozen=True, slots=True)
class FailOffering:
    """Anybody, when the time for settling has passed and nothing is allotted yet. `Offering.fail`."""

    offering: Address

    def run(self, draft: Draft) -> None:
        o = draft.offering(self.offering)
        require_phase(o, OfferingPhase.CLOSING)
        _require_unallotted(o)
        _require_past(draft, o, o.terms.closes_at + o.terms.cooling_off + o.terms.settle_within)
        _fail_all(draft, o)


@dataclass(frozen=True, slots=True)
class Refund:
    """Anybody, in pages, once the raise has failed."""

    offering: Address
    accounts: tuple[Address, ...]

    def run(self, draft: Draft) -> None:
        o = draft.offering(self.offering)
        require_phase(o, OfferingPhase.FAILED)
        parties = []
        for account in self.accounts:
            party, s = paid_from(draft, o, account)
            if s.status != SubscriptionStatus.PAID:
                raise Refusal("SubscriptionUnknown", account)
            parties.append(party)
            o.subscriptions[party] = replace(s, status=SubscriptionStatus.REFUNDED)
            to = draft.state.destination_of(account)
            draft.emit(SubscriptionRefunded(draft.at(o.address), party, to, s.amount))
            pay_back(draft, o, party, s, to, s.amount)
        release(draft, o, parties)


# --- subscribers ---


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Anybody with the signature of `account`; `is_signed` says whether it is good."""

    offering: Address
    account: Address
    amount: int
    disclosure: Hash32
    salt: Hash32
    valid_before: int
    signature: bytes = b""
    is_signed: bool = True

    def run(self, draft: Draft) -> None:
        o = draft.offering(self.offering)
        _subscribe(draft, o, self.account, self.amount, self.disclosure)
        nonce = keccak256(self.disclosure + self.salt)
        signed = Authorisation(self.account, o.address, 0, self.valid_before, nonce)
        receive(draft, o.address, signed, self.amount, self.is_signed)


@dataclass(frozen=True, slots=True)
class SubscribeFor:
    """PLATFORM, for a book account; the act's document is its owner's signed instruction."""

    offering: Address
    header: ActHeader
    account: Address
    amount: int
    disclosure: Hash32

    def run(self, draft: Draft) -> None:
        o = draft.offering(self.offering)
        _require_platform_for(draft, self.account)
        draft.record(o.address, self.header, ActKind.SUBSCRIBE)
        _subscribe(draft, o, self.account, self.amount, self.disclosure)
        collect(draft, o.address, self.account, self.amount)


@dataclass(frozen=True, slots=True)
class Withdraw:
    """An open wallet of the account's party, within the cooling-off period: the whole amount comes back."""

    offering: Address
    account: Address

    def run(self, draft: Draft) -> None:
        o = draft.offering(self.offering)
        party, s = paid_from(draft, o, self.account)
        if not draft.state.may_act_for(draft.actor, self.account):
            draft.refuse_actor(0)
        _withdraw(draft, o, self.account, party, s)


@dataclass(frozen=True, slots=True)
class WithdrawFor:
    """PLATFORM, for a book account, on its owner's signed instruction."""

    offering: Address
    header: ActHeader
    account: Address

    def run(self, draft: Draft) -> None:
        o = draft.offering(self.offering)
        _require_platform_for(draft, self.account)
        draft.record(o.address, self.header, ActKind.WITHDRAW)
        party, s = paid_from(draft, o, self.account)
        _withdraw(draft, o, self.account, party, s)


def _require_platform_for(draft: Draft, account: Address) -> None:
    draft.require_registry_role(RegistryRole.PLATFORM)
    if not draft.state.is_book(account):
        raise Refusal("NotABookAccount", account)


def _subscribe(draft: Draft, o: OfferingState, account: Address, amount: int, disclosure: Hash32) -> None:
    state = draft.state
    party, number = state.account_of(account)
    _refuse(broken_by_subscription(state, o, account, amount, disclosure, draft.time), account, amount)
    if not fits_annual_limit(state, party, amount, draft.today):
        _refuse(SubscriptionRule.ANNUAL_LIMIT, account, amount)
    year = year_of(draft.today)
    state.use(party, year, amount)
    if not reserve_seat(draft, draft.company(o.terms.company), state.party_word(party)):
        _refuse(SubscriptionRule.HOLDERS_CAP, account, amount)
    clock = clock_of(draft, o)
    o.subscriptions[party] = Subscription(
        amount,
        status=SubscriptionStatus.PAID,
        year=year - YEARS_FROM,
        account=number,
        paid_at=clock,
    )
    if amount > MAX_SUPPLY - o.totals.money_in:
        raise Refusal("AmountTooLarge", amount)
    money_in, subscribers = o.totals.money_in + amount, o.totals.subscribers + 1
    o.totals = replace(o.totals, money_in=money_in, subscribers=subscribers)
    draft.emit(Subscribed(draft.at(o.address), party, account, amount, clock, disclosure))


def _refuse(broken: SubscriptionRule, account: Address, amount: int) -> None:
    if broken:
        raise Refusal("SubscriptionRefused", code_of(broken), int(broken), account, amount)


def _withdraw(draft: Draft, o: OfferingState, account: Address, party: PartyId, s: Subscription) -> None:
    require_phase(o, OfferingPhase.OPEN)
    clock, until = clock_of(draft, o), s.paid_at + o.terms.cooling_off
    if clock > until:
        raise Refusal("Overdue", clock, until)
    del o.subscriptions[party]
    o.totals = replace(o.totals, subscribers=o.totals.subscribers - 1)
    to = draft.state.destination_of(account)
    draft.emit(SubscriptionWithdrawn(draft.at(o.address), party, to, s.amount))
    pay_back(draft, o, party, s, to, s.amount)
    release(draft, o, [party])
