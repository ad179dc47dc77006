"""Commands about verifiers, and who may attest now (contracts/oracle/VerifierPanels.sol)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from registry.domain.args import ZERO_ADDRESS, ActHeader
from registry.domain.board import MAX_MEMBERS, NOTICE, Panel
from registry.domain.commands.draft import Draft, Refusal
from registry.domain.events_escrow import VerifierAppointed, VerifierDismissed, VerifierKeyRotated
from registry.domain.ids import NOBODY, Address, PartyId
from registry.domain.raise_args import Appointment
from registry.domain.raise_words import Verifier
from registry.domain.rules import ActKind, RegistryRole


@dataclass(frozen=True, slots=True)
class Appoint:
    """PLATFORM; a registered party that holds nothing of the company and subscribes to nothing of it. Once the panel
    has had a case, only from 14 days later on."""

    header: ActHeader
    appointment: Appointment

    def run(self, draft: Draft) -> None:
        draft.require_registry_role(RegistryRole.PLATFORM)
        a, board = self.appointment, draft.state.board
        self._require_form(draft)
        _require_free(draft, a.company, a.kind, a.key, a.party)
        _require_no_conflict(draft, a.company, a.party)
        panel = board.panels.setdefault((a.company, a.kind), Panel())
        if panel.is_judging and a.from_day < draft.today + NOTICE:
            raise Refusal("AppointmentMalformed", 5)
        member = len(panel.members)
        if member == MAX_MEMBERS:
            raise Refusal("PanelFull", a.kind)
        if any(v.party == a.party and not panel.is_struck(i) for i, v in enumerate(panel.members)):
            raise Refusal("VerifierKnown", a.party, a.key)
        draft.record(board.address, self.header, ActKind.APPOINT)
        panel.members.append(Verifier(a.key, a.party, a.from_day, a.until_day))
        panel.places[a.key] = member
        terms = a.company, a.kind, member, a.party, a.key, a.from_day, a.until_day
        draft.emit(VerifierAppointed(draft.at(board.address), *terms))

    def _require_form(self, draft: Draft) -> None:
        a = self.appointment
        if a.company not in draft.state.companies:
            raise Refusal("AppointmentMalformed", 1)
        if a.kind == 0:
            raise Refusal("AppointmentMalformed", 2)
        if a.party not in draft.state.parties:
            raise Refusal("AppointmentMalformed", 3)
        if a.until_day < a.from_day or a.until_day < draft.today:
            raise Refusal("AppointmentMalformed", 6)


@dataclass(frozen=True, slots=True)
class RotateKey:
    """The verifier alone, with the key it has; one that is lost is dismissed with its key, and appointed anew."""

    header: ActHeader
    company: Address
    kind: int
    old_key: Address
    new_key: Address

    def run(self, draft: Draft) -> None:
        if draft.actor != self.old_key:
            draft.refuse_actor(0)
        member, v = verifier_at(draft, self.company, self.kind, self.old_key)
        require_unstruck(draft, self.company, self.kind, member, v)
        _require_free(draft, self.company, self.kind, self.new_key, v.party)
        board = draft.state.board
        draft.record(board.address, self.header, ActKind.ROTATE_KEY)
        panel = board.panels[self.company, self.kind]
        panel.members[member] = replace(v, key=self.new_key)
        panel.places[self.new_key] = member
        draft.emit(VerifierKeyRotated(draft.at(board.address), self.company, self.kind, member, self.new_key))


@dataclass(frozen=True, slots=True)
class Dismiss:
    """PLATFORM; the votes of the verifier are void from here on."""

    header: ActHeader
    company: Address
    kind: int
    key: Address

    def run(self, draft: Draft) -> None:
        draft.require_registry_role(RegistryRole.PLATFORM)
        member, v = verifier_at(draft, self.company, self.kind, self.key)
        require_unstruck(draft, self.company, self.kind, member, v)
        board = draft.state.board
        draft.record(board.address, self.header, ActKind.DISMISS)
        board.panels[self.company, self.kind].struck |= 1 << member
        draft.emit(VerifierDismissed(draft.at(board.address), self.company, self.kind, member, v.party))


def voter(draft: Draft, company: Address, kind: int, key: Address) -> tuple[int, Verifier]:
    """A member that may vote now: with its newest key, in force, not struck, without shares of the company."""
    member, v = verifier_at(draft, company, kind, key)
    require_unstruck(draft, company, kind, member, v)
    if not v.from_day <= draft.today <= v.until_day:
        raise Refusal("VerifierNotInForce", v.party, v.from_day, v.until_day)
    _require_no_conflict(draft, company, v.party)
    return member, v


def verifier_at(draft: Draft, company: Address, kind: int, key: Address) -> tuple[int, Verifier]:
    """The member whose key this is now."""
    member, v = _ever_at(draft, company, kind, key)
    if v.key != key:
        raise Refusal("VerifierUnknown", key)
    return member, v


def suspend(draft: Draft, company: Address, kind: int, key: Address, other_key: Address) -> tuple[int, PartyId]:
    """Strikes the member whose keys these are or were."""
    member, v = _ever_at(draft, company, kind, key)
    if draft.state.board.panel_of(company, kind).places.get(other_key) != member:
        raise Refusal("VerifierUnknown", other_key)
    require_unstruck(draft, company, kind, member, v)
    draft.state.board.panels[company, kind].struck |= 1 << member
    return member, v.party


def require_unstruck(draft: Draft, company: Address, kind: int, member: int, v: Verifier) -> None:
    if draft.state.board.panel_of(company, kind).is_struck(member):
        raise Refusal("VerifierStruck", v.party)


def _ever_at(draft: Draft, company: Address, kind: int, key: Address) -> tuple[int, Verifier]:
    panel = draft.state.board.panel_of(company, kind)
    member = panel.places.get(key)
    if member is None:
        raise Refusal("VerifierUnknown", key)
    return member, panel.members[member]


def _require_free(draft: Draft, company: Address, kind: int, key: Address, party: PartyId) -> None:
    """A key that was nobody's in this panel, and no account of another party."""
    if key == ZERO_ADDRESS:
        raise Refusal("AppointmentMalformed", 4)
    if key in draft.state.board.panel_of(company, kind).places:
        raise Refusal("VerifierKnown", party, key)
    owner, _ = draft.state.account_of(key)
    if owner not in (NOBODY, party):
        raise Refusal("AppointmentMalformed", 4)


def _require_no_conflict(draft: Draft, company: Address, party: PartyId) -> None:
    if draft.company(company).seat_of(party).is_taken:
        raise Refusal("VerifierHolds", party)
