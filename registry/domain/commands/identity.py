"""Commands of the IdentityRegistry: roles, KYC providers, parties, their wallets, freezes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from registry.domain.args import ZERO_ADDRESS, ActHeader, Newcomer, Provider
from registry.domain.commands.draft import Draft, Refusal, require_batch
from registry.domain.events import (
    GovernorOffered,
    PartyChanged,
    PartyOnboarded,
    ProviderRevoked,
    ProviderTrusted,
    RolesSet,
    WalletBoundTo,
)
from registry.domain.events_raise import AnnualLimitSet, Enrolled, OutsideUseStated
from registry.domain.ids import AccountNumber, Address, Day, Hash32, PartyId
from registry.domain.rules import ActKind, RegistryRole
from registry.domain.words import PartyWord

MAX_WALLETS = 8
GRANTED = int(RegistryRole.REGULATOR | RegistryRole.PLATFORM | RegistryRole.CUSTODIAN | RegistryRole.OFFERINGS)
"""All but the governor's, which is handed over."""


def _record(draft: Draft, header: ActHeader, kind: ActKind) -> None:
    draft.record(draft.state.registry, header, kind)


def _set_roles(draft: Draft, account: Address, roles: int) -> None:
    draft.state.roles[account] = roles
    draft.emit(RolesSet(draft.at(draft.state.registry), account, roles))


def _require_in_range(draft: Draft, party: PartyId) -> None:
    terms = draft.state.providers.get(draft.actor)
    in_range = terms is not None and party != 0 and terms.first_id <= party <= terms.last_id
    if terms is None or not in_range or draft.today > terms.until_day:
        raise Refusal("PartyOutsideRange", draft.actor, party)


def _required(draft: Draft, party: PartyId) -> PartyWord:
    _require_in_range(draft, party)
    word = draft.state.parties.get(party)
    if word is None:
        raise Refusal("PartyUnknown", party)
    return word


def _require_statement(word: PartyWord) -> None:
    if word.flags or word.closed_wallets or word.wallet_count:
        raise Refusal("PartyMalformed", word.pack())


def _require_before(draft: Draft, deadline: int) -> None:
    if draft.time > deadline:
        raise Refusal("SignatureExpired", deadline, draft.time)


def _register(draft: Draft, word: PartyWord, dossier: Hash32) -> None:
    _require_in_range(draft, word.id)
    if word.id in draft.state.parties:
        raise Refusal("PartyExists", word.id)
    draft.state.parties[word.id] = word
    draft.emit(PartyOnboarded(draft.at(draft.state.registry), word, dossier))


def _store(draft: Draft, word: PartyWord) -> None:
    draft.state.parties[word.id] = word
    draft.emit(PartyChanged(draft.at(draft.state.registry), word))


def _bind(draft: Draft, party: PartyId, number: int, wallet: Address) -> None:
    state = draft.state
    if wallet == ZERO_ADDRESS or state.is_book(wallet):
        raise Refusal("WalletReserved", wallet)
    if wallet in state.wallets:
        raise Refusal("WalletBound", wallet, state.wallets[wallet][0])
    account = (party, AccountNumber(number))
    state.wallets[wallet] = account
    state.addresses[account] = wallet
    draft.emit(WalletBoundTo(draft.at(state.registry), party, account[1], wallet))


@dataclass(frozen=True, slots=True)
class SetRoles:
    """GOVERNOR; every role but its own."""

    header: ActHeader
    account: Address
    roles: int

    def run(self, draft: Draft) -> None:
        draft.require_registry_role(RegistryRole.GOVERNOR)
        kept = draft.state.roles.get(self.account, 0) & RegistryRole.GOVERNOR
        if self.account == ZERO_ADDRESS or self.roles & ~GRANTED:
            raise Refusal("RoleMalformed", self.account, self.roles)
        _record(draft, self.header, ActKind.ROLES)
        _set_roles(draft, self.account, self.roles | kept)


@dataclass(frozen=True, slots=True)
class OfferGovernor:
    """First step of the governor's hand-over."""

    header: ActHeader
    account: Address

    def run(self, draft: Draft) -> None:
        draft.require_registry_role(RegistryRole.GOVERNOR)
        _record(draft, self.header, ActKind.OFFER_ADMIN)
        draft.state.offered_governor = self.account
        draft.state.offering_governor = draft.actor
        draft.emit(GovernorOffered(draft.at(draft.state.registry), self.account))


@dataclass(frozen=True, slots=True)
class AcceptGovernor:
    """Second step; whoever offered loses the role."""

    def run(self, draft: Draft) -> None:
        state = draft.state
        if draft.actor != state.offered_governor:
            draft.refuse_actor(RegistryRole.GOVERNOR)
        state.offered_governor = ZERO_ADDRESS
        before = state.offering_governor
        _set_roles(draft, before, state.roles.get(before, 0) & ~int(RegistryRole.GOVERNOR))
        _set_roles(draft, draft.actor, state.roles.get(draft.actor, 0) | RegistryRole.GOVERNOR)


@dataclass(frozen=True, slots=True)
class TrustProvider:
    """GOVERNOR."""

    header: ActHeader
    provider: Address
    terms: Provider

    def run(self, draft: Draft) -> None:
        draft.require_registry_role(RegistryRole.GOVERNOR)
        t = self.terms
        if t.first_id == 0 or t.last_id < t.first_id:
            raise Refusal("RangeMalformed", t.first_id, t.last_id)
        _record(draft, self.header, ActKind.TRUST_PROVIDER)
        draft.state.providers[self.provider] = t
        at = draft.at(draft.state.registry)
        draft.emit(ProviderTrusted(at, self.provider, t.first_id, t.last_id, t.until_day))


@dataclass(frozen=True, slots=True)
class RevokeProvider:
    """GOVERNOR."""

    header: ActHeader
    provider: Address

    def run(self, draft: Draft) -> None:
        draft.require_registry_role(RegistryRole.GOVERNOR)
        _record(draft, self.header, ActKind.REVOKE_PROVIDER)
        draft.state.providers.pop(self.provider, None)
        draft.emit(ProviderRevoked(draft.at(draft.state.registry), self.provider))


@dataclass(frozen=True, slots=True)
class Onboard:
    """A trusted provider, within its range."""

    header: ActHeader
    words: tuple[PartyWord, ...]
    dossiers: tuple[Hash32, ...]

    def run(self, draft: Draft) -> None:
        if len(self.words) != len(self.dossiers):
            raise Refusal("LengthsDiffer", len(self.words), len(self.dossiers))
        require_batch(len(self.words))
        _record(draft, self.header, ActKind.ONBOARD)
        for word, dossier in zip(self.words, self.dossiers, strict=True):
            _require_statement(word)
            _register(draft, word, dossier)


@dataclass(frozen=True, slots=True)
class OnboardWithWallets:
    """Parties, each with a first wallet. `forged`: wallets whose signature is not their own."""

    header: ActHeader
    deadline: int
    newcomers: tuple[Newcomer, ...]
    forged: tuple[Address, ...] = ()

    def run(self, draft: Draft) -> None:
        require_batch(len(self.newcomers))
        _require_before(draft, self.deadline)
        _record(draft, self.header, ActKind.ONBOARD)
        for newcomer in self.newcomers:
            _require_statement(newcomer.word)
            _register(draft, replace(newcomer.word, wallet_count=1), newcomer.dossier)
            if newcomer.wallet in self.forged:
                raise Refusal("SignatureInvalid", newcomer.wallet)
            _bind(draft, newcomer.word.id, 0, newcomer.wallet)


@dataclass(frozen=True, slots=True)
class SetStanding:
    """Restates all stated fields; frozen flag and wallets stay."""

    header: ActHeader
    words: tuple[PartyWord, ...]

    def run(self, draft: Draft) -> None:
        require_batch(len(self.words))
        _record(draft, self.header, ActKind.STANDING)
        for word in self.words:
            _require_statement(word)
            old = _required(draft, word.id)
            kept = replace(word, flags=old.flags, closed_wallets=old.closed_wallets, wallet_count=old.wallet_count)
            _store(draft, kept)


@dataclass(frozen=True, slots=True)
class Revoke:
    """KYC and qualification end at once."""

    header: ActHeader
    party: PartyId

    def run(self, draft: Draft) -> None:
        _record(draft, self.header, ActKind.REVOKE)
        word = _required(draft, self.party)
        _store(draft, replace(word, kyc_day=Day(0), qualification_day=Day(0)))


@dataclass(frozen=True, slots=True)
class BindWallet:
    """Binds a wallet for ever; `is_signed` says whether the wallet's signature is good."""

    header: ActHeader
    party: PartyId
    wallet: Address
    deadline: int
    signature: bytes = b""
    is_signed: bool = True

    def run(self, draft: Draft) -> None:
        _require_before(draft, self.deadline)
        word = _required(draft, self.party)
        number = word.wallet_count
        if number == MAX_WALLETS:
            raise Refusal("TooManyWallets", self.party)
        if not self.is_signed:
            raise Refusal("SignatureInvalid", self.wallet)
        _record(draft, self.header, ActKind.BIND_WALLET)
        _store(draft, replace(word, wallet_count=number + 1))
        _bind(draft, self.party, number, self.wallet)


@dataclass(frozen=True, slots=True)
class SetWalletClosed:
    """A closed wallet neither sends nor receives."""

    header: ActHeader
    wallet: Address
    closed: bool

    def run(self, draft: Draft) -> None:
        account = draft.state.wallets.get(self.wallet)
        if account is None:
            raise Refusal("WalletUnknown", self.wallet)
        word = _required(draft, account[0])
        _record(draft, self.header, ActKind.CLOSE_WALLET)
        bit = 1 << account[1]
        closed = word.closed_wallets | bit if self.closed else word.closed_wallets & ~bit
        _store(draft, replace(word, closed_wallets=closed))


@dataclass(frozen=True, slots=True)
class SetFrozen:
    """REGULATOR."""

    header: ActHeader
    party: PartyId
    frozen: bool

    def run(self, draft: Draft) -> None:
        draft.require_registry_role(RegistryRole.REGULATOR)
        word = draft.state.parties.get(self.party)
        if word is None:
            raise Refusal("PartyUnknown", self.party)
        _record(draft, self.header, ActKind.FREEZE)
        _store(draft, replace(word, flags=word.flags | 1 if self.frozen else word.flags & ~1))


@dataclass(frozen=True, slots=True)
class SetAnnualLimit:
    """REGULATOR. [fen] Most that one individual may invest in a civil year; 0 lifts the limit."""

    header: ActHeader
    limit: int

    def run(self, draft: Draft) -> None:
        draft.require_registry_role(RegistryRole.REGULATOR)
        _record(draft, self.header, ActKind.ANNUAL_LIMIT)
        draft.state.annual_limit = self.limit
        draft.emit(AnnualLimitSet(draft.at(draft.state.registry), self.limit))


@dataclass(frozen=True, slots=True)
class StateOutsideUse:
    """What a party invested in a year through other registries [fen], counting until a day."""

    header: ActHeader
    party: PartyId
    year: int
    amount: int
    until_day: Day

    def run(self, draft: Draft) -> None:
        word = _required(draft, self.party)
        _record(draft, self.header, ActKind.OUTSIDE_USE)
        draft.state.outside_use[self.party, self.year] = (self.amount, self.until_day)
        at = draft.at(draft.state.registry)
        draft.emit(OutsideUseStated(at, self.party, self.year, self.amount, self.until_day))
        if not word.uses_outside:
            _store(draft, replace(word, flags=word.flags | 2))


@dataclass(frozen=True, slots=True)
class Enrol:
    """OFFERINGS, the factory of raises: `account` is one of its contracts."""

    account: Address

    def run(self, draft: Draft) -> None:
        draft.require_registry_role(RegistryRole.OFFERINGS)
        enrol(draft, self.account)


def enrol(draft: Draft, account: Address) -> None:
    draft.state.enrolled.add(account)
    draft.emit(Enrolled(draft.at(draft.state.registry), account))
