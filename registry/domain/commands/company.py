"""Commands of a Company: roles, stops, life, seats, conversion. Its creation stands in `founding`."""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.args import ZERO_ADDRESS, ActHeader, Consideration, Entry
from registry.domain.commands.draft import Draft, Refusal
from registry.domain.commands.register import (
    book_holding,
    bound_classes,
    end,
    issue_one,
    refuse_seat,
    require_actor,
    require_unbound,
    set_class,
    state_consideration,
)
from registry.domain.commands.seats import alarm, move_seats, recount, reweigh
from registry.domain.events import (
    AdminOffered,
    CapChanged,
    DocumentRecorded,
    PhaseChanged,
    RolesSet,
    StopsChanged,
    SuccessorNamed,
    WeightFixed,
)
from registry.domain.ids import NOBODY, Address, Hash32, PartyId, Shares
from registry.domain.register import ClassState, CompanyState, Seat
from registry.domain.rules import ActKind, Basis, CompanyRole, Phase, RegistryRole, Rule

ALL_ROLES = 31
EITHER_ENDS = CompanyRole.ADMIN | CompanyRole.MIGRATOR


def _require_role(draft: Draft, company: CompanyState, role: CompanyRole) -> None:
    if not company.roles.get(draft.actor, 0) & role:
        draft.refuse_actor(role)


def _require_phase(company: CompanyState, phase: Phase) -> None:
    if company.phase != phase:
        raise Refusal("PhaseForbids", company.phase)


def _require_class(company: CompanyState, address: Address) -> None:
    if address not in company.classes:
        raise Refusal("ClassUnknown", address)


def set_roles(draft: Draft, company: CompanyState, account: Address, roles: int) -> None:
    company.roles[account] = roles
    draft.emit(RolesSet(draft.at(company.address), account, roles))


def _enter_phase(draft: Draft, company: CompanyState, phase: Phase) -> None:
    company.phase = phase
    draft.emit(PhaseChanged(draft.at(company.address), phase))


def _set_stop(draft: Draft, c: ClassState, bit: Rule, stopped: bool) -> None:
    c.stops = c.stops | bit.value if stopped else c.stops & ~bit.value
    set_class(draft, c)


def _push_stops(draft: Draft, company: CompanyState, bit: Rule, stopped: bool) -> None:
    for address in company.classes:
        _set_stop(draft, draft.share_class(address), bit, stopped)


def _stop_all(draft: Draft, company: CompanyState, bit: Rule, stopped: bool) -> None:
    company.stops = company.stops | bit.value if stopped else company.stops & ~bit.value
    draft.emit(StopsChanged(draft.at(company.address), company.stops))
    _push_stops(draft, company, bit, stopped)


@dataclass(frozen=True, slots=True)
class SetCompanyRoles:
    """ADMIN; every role but its own. `Company.setRoles`."""

    company: Address
    header: ActHeader
    account: Address
    roles: int

    def run(self, draft: Draft) -> None:
        company = draft.company(self.company)
        _require_role(draft, company, CompanyRole.ADMIN)
        if self.roles & ~(ALL_ROLES ^ CompanyRole.ADMIN):
            raise Refusal("RoleMalformed", self.account, self.roles)
        draft.record(company.address, self.header, ActKind.ROLES)
        if self.account == ZERO_ADDRESS:
            raise Refusal("RoleMalformed", self.account, self.roles)
        kept = company.roles.get(self.account, 0) & (CompanyRole.ADMIN | CompanyRole.OFFERING)
        set_roles(draft, company, self.account, self.roles | kept)


@dataclass(frozen=True, slots=True)
class OfferAdmin:
    """First step of the admin's hand-over."""

    company: Address
    header: ActHeader
    account: Address

    def run(self, draft: Draft) -> None:
        company = draft.company(self.company)
        _require_role(draft, company, CompanyRole.ADMIN)
        draft.record(company.address, self.header, ActKind.OFFER_ADMIN)
        company.offered_admin, company.offering_admin = self.account, draft.actor
        draft.emit(AdminOffered(draft.at(company.address), self.account))


@dataclass(frozen=True, slots=True)
class AcceptAdmin:
    """Second step; whoever offered loses the role."""

    company: Address

    def run(self, draft: Draft) -> None:
        company = draft.company(self.company)
        if draft.actor != company.offered_admin:
            draft.refuse_actor(CompanyRole.ADMIN)
        company.offered_admin = ZERO_ADDRESS
        before = company.offering_admin
        set_roles(draft, company, before, company.roles.get(before, 0) & ~int(CompanyRole.ADMIN))
        set_roles(draft, company, draft.actor, company.roles.get(draft.actor, 0) | CompanyRole.ADMIN)


@dataclass(frozen=True, slots=True)
class RecordDocument:
    """SECRETARY."""

    company: Address
    header: ActHeader
    kind: int
    uri: str

    def run(self, draft: Draft) -> None:
        company = draft.company(self.company)
        _require_role(draft, company, CompanyRole.SECRETARY)
        draft.record(company.address, self.header, ActKind.DOCUMENT)
        draft.emit(DocumentRecorded(draft.at(company.address), self.kind, self.uri))


@dataclass(frozen=True, slots=True)
class AdmitOffering:
    """ADMIN. The raise and its escrow may keep seats and shares free from now on; cannot be undone."""

    company: Address
    header: ActHeader
    offering: Address

    def run(self, draft: Draft) -> None:
        company = draft.company(self.company)
        _require_role(draft, company, CompanyRole.ADMIN)
        _require_phase(company, Phase.OPEN)
        o = draft.state.offerings.get(self.offering)
        if o is None or o.terms.company != company.address:
            raise Refusal("OfferingUnknown", self.offering)
        draft.record(company.address, self.header, ActKind.ADMIT_OFFERING)
        set_roles(draft, company, o.address, CompanyRole.OFFERING)
        set_roles(draft, company, o.escrow, CompanyRole.OFFERING)


@dataclass(frozen=True, slots=True)
class StopClass:
    """STOPPER; `stopped` false lets it go on."""

    company: Address
    header: ActHeader
    share_class: Address
    stopped: bool

    def run(self, draft: Draft) -> None:
        company = draft.company(self.company)
        _require_role(draft, company, CompanyRole.STOPPER)
        _require_class(company, self.share_class)
        draft.record(company.address, self.header, ActKind.STOP_CLASS)
        _set_stop(draft, draft.share_class(self.share_class), Rule.CLASS_STOP, self.stopped)


@dataclass(frozen=True, slots=True)
class StopCompany:
    """STOPPER."""

    company: Address
    header: ActHeader
    stopped: bool

    def run(self, draft: Draft) -> None:
        company = draft.company(self.company)
        _require_role(draft, company, CompanyRole.STOPPER)
        draft.record(company.address, self.header, ActKind.STOP_COMPANY)
        _stop_all(draft, company, Rule.COMPANY_STOP, self.stopped)


@dataclass(frozen=True, slots=True)
class StopByRegulator:
    """The registry's REGULATOR."""

    company: Address
    header: ActHeader
    stopped: bool

    def run(self, draft: Draft) -> None:
        company = draft.company(self.company)
        draft.require_registry_role(RegistryRole.REGULATOR)
        draft.record(company.address, self.header, ActKind.STOP_BY_REGULATOR)
        _stop_all(draft, company, Rule.REGULATOR_STOP, self.stopped)


@dataclass(frozen=True, slots=True)
class SetCap:
    """The registry's REGULATOR."""

    company: Address
    header: ActHeader
    cap: int

    def run(self, draft: Draft) -> None:
        company = draft.company(self.company)
        draft.require_registry_role(RegistryRole.REGULATOR)
        draft.record(company.address, self.header, ActKind.CAP)
        company.cap = self.cap
        draft.emit(CapChanged(draft.at(company.address), self.cap))
        alarm(draft, company)


@dataclass(frozen=True, slots=True)
class Open:
    """ADMIN; ends the migration."""

    company: Address
    header: ActHeader

    def run(self, draft: Draft) -> None:
        company = draft.company(self.company)
        _require_role(draft, company, CompanyRole.ADMIN)
        _require_phase(company, Phase.MIGRATING)
        draft.record(company.address, self.header, ActKind.OPEN)
        _enter_phase(draft, company, Phase.OPEN)
        alarm(draft, company)
        _push_stops(draft, company, Rule.NOT_OPEN, False)


@dataclass(frozen=True, slots=True)
class Abandon:
    """ADMIN or MIGRATOR, while migrating; for ever."""

    company: Address
    header: ActHeader

    def run(self, draft: Draft) -> None:
        company = draft.company(self.company)
        _require_role(draft, company, EITHER_ENDS)
        _require_phase(company, Phase.MIGRATING)
        draft.record(company.address, self.header, ActKind.ABANDON)
        _enter_phase(draft, company, Phase.ABANDONED)
        _push_stops(draft, company, Rule.CLOSED, True)


@dataclass(frozen=True, slots=True)
class NameSuccessor:
    """ADMIN; the register goes on in another company contract, which names this one as its predecessor."""

    company: Address
    header: ActHeader
    successor: Address

    def run(self, draft: Draft) -> None:
        company = draft.company(self.company)
        _require_role(draft, company, CompanyRole.ADMIN)
        _require_phase(company, Phase.OPEN)
        heir = draft.state.companies.get(self.successor)
        if heir is None or heir.predecessor != company.address:
            raise Refusal("RoleMalformed", self.successor, 0)
        for share_class in bound_classes(draft, company):
            raise Refusal("ClassBound", share_class)
        draft.record(company.address, self.header, ActKind.SUCCEED)
        company.successor = self.successor
        draft.emit(SuccessorNamed(draft.at(company.address), self.successor))
        _enter_phase(draft, company, Phase.SUCCEEDED)
        _push_stops(draft, company, Rule.CLOSED, True)


@dataclass(frozen=True, slots=True)
class Convert:
    """One act over two classes, in one book account."""

    company: Address
    header: ActHeader
    given: Consideration
    from_class: Address
    to_class: Address
    account: Address
    shares: Shares
    resulting: Shares
    ref: Hash32

    def run(self, draft: Draft) -> None:
        company = draft.company(self.company)
        _require_class(company, self.from_class)
        if self.from_class == self.to_class:
            raise Refusal("ClassUnknown", self.from_class)
        _require_class(company, self.to_class)
        require_unbound(draft, self.from_class)
        is_migrating = require_actor(draft, company, CompanyRole.TRANSFER_AGENT)
        basis = Basis.MIGRATION if is_migrating else Basis.AGREEMENT
        draft.record(company.address, self.header, ActKind.CONVERSION, basis)
        state_consideration(draft, company.address, self.given)
        # In first: the holder's seat is kept, so a full company cannot refuse its own holder.
        self._convert_in(draft, company, Basis.MIGRATION if is_migrating else Basis.ALLOTMENT)
        c = draft.share_class(self.from_class)
        book_holding(draft, c, self.account)
        end(draft, c, self.account, self.shares, self.ref, basis)

    def _convert_in(self, draft: Draft, company: CompanyState, basis: Basis) -> None:
        entry = Entry(self.account, self.resulting, ref=self.ref)
        word = issue_one(draft, draft.share_class(self.to_class), entry, basis)
        if word is not None and not move_seats(draft, company, NOBODY, word.id, word.weight):
            refuse_seat(ZERO_ADDRESS, self.account, self.resulting)


@dataclass(frozen=True, slots=True)
class FixWeight:
    """The company fixes a party's weight itself, or leaves it to the registry."""

    company: Address
    header: ActHeader
    party: PartyId
    is_fixed: bool
    weight: int

    def run(self, draft: Draft) -> None:
        company = draft.company(self.company)
        require_actor(draft, company, CompanyRole.TRANSFER_AGENT)
        draft.record(company.address, self.header, ActKind.WEIGHT)
        word = draft.state.parties.get(self.party)
        if word is None:
            raise Refusal("PartyUnknown", self.party)
        weight = self.weight if self.is_fixed else word.weight
        draft.emit(WeightFixed(draft.at(company.address), self.party, self.is_fixed, weight))
        seat = company.seats.setdefault(self.party, Seat())
        seat.is_fixed = self.is_fixed
        reweigh(draft, company, seat, weight)


@dataclass(frozen=True, slots=True)
class Recount:
    """Open to all; never refuses."""

    company: Address
    party: PartyId

    def run(self, draft: Draft) -> None:
        recount(draft, draft.company(self.company), self.party)
