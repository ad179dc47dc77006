"""One frozen record for each event of the contracts: the facts of the register, in the order of the log."""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.event import At as At
from registry.domain.event import RegistryEvent as RegistryEvent
from registry.domain.events_escrow import ESCROW_EVENTS
from registry.domain.events_payout import PAYOUT_EVENTS
from registry.domain.events_raise import RAISE_EVENTS
from registry.domain.ids import AccountNumber, Address, Day, Hash32, PartyId, Shares
from registry.domain.words import ClassWord, Holding, PartyWord


@dataclass(frozen=True, slots=True)
class ActRecorded(RegistryEvent):
    """Heads the events of one act of an agent: those of the same contract that follow in the transaction."""

    operation: Hash32
    actor: Address
    version: int
    kind: int
    basis: int
    effective_on: Day
    document: Hash32


@dataclass(frozen=True, slots=True)
class GovernorOffered(RegistryEvent):
    """First step of the governor's hand-over."""

    account: Address


@dataclass(frozen=True, slots=True)
class PartyChanged(RegistryEvent):
    """A party's facts as they are now."""

    word: PartyWord


@dataclass(frozen=True, slots=True)
class PartyOnboarded(RegistryEvent):
    """A party new to the registry, with the salted hash of its dossier."""

    word: PartyWord
    dossier: Hash32


@dataclass(frozen=True, slots=True)
class ProviderRevoked(RegistryEvent):
    """A KYC provider may give and change nothing any more."""

    provider: Address


@dataclass(frozen=True, slots=True)
class ProviderTrusted(RegistryEvent):
    """A KYC provider and its range of party ids."""

    provider: Address
    first_id: PartyId
    last_id: PartyId
    until_day: Day


@dataclass(frozen=True, slots=True)
class RolesSet(RegistryEvent):
    """All roles of an account as they are now, in the registry or in one company."""

    account: Address
    roles: int


@dataclass(frozen=True, slots=True)
class WalletBoundTo(RegistryEvent):
    """A wallet bound to a party for ever."""

    party: PartyId
    number: AccountNumber
    wallet: Address


@dataclass(frozen=True, slots=True)
class CompanyCreated(RegistryEvent):
    """First event of a company; what follows from its address is the company's."""

    company: Address
    number: int
    name: str
    form: int
    region: int
    cap: int
    predecessor: Address


@dataclass(frozen=True, slots=True)
class AdminOffered(RegistryEvent):
    """First step of a company admin's hand-over."""

    account: Address


@dataclass(frozen=True, slots=True)
class CapChanged(RegistryEvent):
    """Holders of record allowed."""

    cap: int


@dataclass(frozen=True, slots=True)
class CapExceeded(RegistryEvent):
    """An alarm: more seats taken than the cap allows."""

    seats: int
    cap: int


@dataclass(frozen=True, slots=True)
class ClassCreated(RegistryEvent):
    """A class with its terms; first event of the class."""

    share_class: Address
    index: int
    name: str
    symbol: str
    authorised: Shares
    decimals: int
    categories: int


@dataclass(frozen=True, slots=True)
class ConsiderationStated(RegistryEvent):
    """What was given for the shares of the act; price in 10^-10 of the currency unit a share."""

    kind: int
    currency: int
    price: int


@dataclass(frozen=True, slots=True)
class DocumentRecorded(RegistryEvent):
    """A document; its hash is the act's."""

    kind: int
    uri: str


@dataclass(frozen=True, slots=True)
class PhaseChanged(RegistryEvent):
    """The company's phase."""

    phase: int


@dataclass(frozen=True, slots=True)
class SeatRecounted(RegistryEvent):
    """A changed weight of a holder was applied."""

    party: PartyId
    weight: int


@dataclass(frozen=True, slots=True)
class StopsChanged(RegistryEvent):
    """The company-wide stops."""

    stops: int


@dataclass(frozen=True, slots=True)
class SuccessorNamed(RegistryEvent):
    """The register goes on in another company contract."""

    successor: Address


@dataclass(frozen=True, slots=True)
class WeightFixed(RegistryEvent):
    """The company fixed a party's weight, or left it to the registry again."""

    party: PartyId
    is_fixed: bool
    weight: int


@dataclass(frozen=True, slots=True)
class Approval(RegistryEvent):
    """ERC-20 allowance."""

    owner: Address
    spender: Address
    value: int


@dataclass(frozen=True, slots=True)
class ClassChanged(RegistryEvent):
    """The class's state as it is now."""

    word: ClassWord


@dataclass(frozen=True, slots=True)
class EntryRecorded(RegistryEvent):
    """A line of an agent's act: the resulting holdings (zero for nobody) and the certificate number."""

    giver: Holding
    taker: Holding
    ref: Hash32


@dataclass(frozen=True, slots=True)
class HoldingChanged(RegistryEvent):
    """A holding whose lock-up was set."""

    holding: Holding


@dataclass(frozen=True, slots=True)
class HoldingsMoved(RegistryEvent):
    """A holder's own transfer: the resulting holdings."""

    giver: Holding
    taker: Holding


@dataclass(frozen=True, slots=True)
class RecordDateSet(RegistryEvent):
    """A record date of the class."""

    epoch: int
    time: int


@dataclass(frozen=True, slots=True)
class SplitDeclared(RegistryEvent):
    """Ratio of the split that the act's lines carry out."""

    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Transfer(RegistryEvent):
    """ERC-20 transfer, issue (from zero) or cancellation (to zero)."""

    giver: Address
    taker: Address
    value: int


EVENTS: dict[str, type[RegistryEvent]] = {
    cls.__name__: cls
    for cls in (
        ActRecorded,
        GovernorOffered,
        PartyChanged,
        PartyOnboarded,
        ProviderRevoked,
        ProviderTrusted,
        RolesSet,
        WalletBoundTo,
        CompanyCreated,
        AdminOffered,
        CapChanged,
        CapExceeded,
        ClassCreated,
        ConsiderationStated,
        DocumentRecorded,
        PhaseChanged,
        SeatRecounted,
        StopsChanged,
        SuccessorNamed,
        WeightFixed,
        Approval,
        ClassChanged,
        EntryRecorded,
        HoldingChanged,
        HoldingsMoved,
        RecordDateSet,
        SplitDeclared,
        Transfer,
        *RAISE_EVENTS,
        *ESCROW_EVENTS,
        *PAYOUT_EVENTS,
    )
}
"""By the name they have in the ABI. `from` and `to` are `giver` and `taker` here: one of them is a Python word."""
