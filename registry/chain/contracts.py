"""The contracts by name, their calls as typed functions, and their refusals as errors. Names stand here only.

Calls of the register stand here, those of money, raises and attestations in `contracts_raise`, those of dividends in
`contracts_payout`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from registry.chain.abi import ErrorTable, Interface
from registry.chain.artifacts import Artifact, load
from registry.domain.args import (
    ActHeader,
    ClassTerms,
    CompanyTerms,
    Consideration,
    Entry,
    Newcomer,
    Provider,
    RoleGrant,
)
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares
from registry.domain.words import PartyWord

NAMES: Final = (
    "IdentityRegistry",
    "CompanyFactory",
    "Company",
    "ShareClass",
    "SettlementToken",
    "Regions",
    "AttestationBoard",
    "OfferingFactory",
    "Offering",
    "MilestoneEscrow",
    "TaxSchedules",
    "Preferences",
    "Distributions",
)
ARTIFACTS: Final[tuple[Artifact, ...]] = tuple(load(name) for name in NAMES)
INTERFACES: Final = tuple(Interface(artifact) for artifact in ARTIFACTS)
REGISTRY, FACTORY, COMPANY, SHARE_CLASS = INTERFACES[:4]
TOKEN, REGIONS, BOARD, OFFERING_FACTORY, OFFERING, ESCROW = INTERFACES[4:10]
TAX_SCHEDULES, PREFERENCES, DISTRIBUTIONS = INTERFACES[10:]
ERRORS: Final = ErrorTable(ARTIFACTS)


class RegistryCalls:
    """Writes of the identity registry."""

    def set_roles(self, header: ActHeader, account: Address, roles: int) -> bytes:
        return REGISTRY["setRoles"].encode(header, account, roles)

    def offer_governor(self, header: ActHeader, account: Address) -> bytes:
        return REGISTRY["offerGovernor"].encode(header, account)

    def accept_governor(self) -> bytes:
        return REGISTRY["acceptGovernor"].encode()

    def trust_provider(self, header: ActHeader, provider: Address, terms: Provider) -> bytes:
        return REGISTRY["trustProvider"].encode(header, provider, terms)

    def revoke_provider(self, header: ActHeader, provider: Address) -> bytes:
        return REGISTRY["revokeProvider"].encode(header, provider)

    def onboard(self, header: ActHeader, words: Sequence[PartyWord], dossiers: Sequence[Hash32]) -> bytes:
        return REGISTRY["onboard"].encode(header, list(words), list(dossiers))

    def onboard_with_wallets(self, header: ActHeader, deadline: int, newcomers: Sequence[Newcomer]) -> bytes:
        return REGISTRY["onboardWithWallets"].encode(header, deadline, list(newcomers))

    def set_standing(self, header: ActHeader, words: Sequence[PartyWord]) -> bytes:
        return REGISTRY["setStanding"].encode(header, list(words))

    def revoke(self, header: ActHeader, party: PartyId) -> bytes:
        return REGISTRY["revoke"].encode(header, party)

    def bind_wallet(self, header: ActHeader, party: PartyId, wallet: Address, deadline: int, signature: bytes) -> bytes:
        return REGISTRY["bindWallet"].encode(header, party, wallet, deadline, signature)

    def set_wallet_closed(self, header: ActHeader, wallet: Address, closed: bool) -> bytes:
        return REGISTRY["setWalletClosed"].encode(header, wallet, closed)

    def set_frozen(self, header: ActHeader, party: PartyId, frozen: bool) -> bytes:
        return REGISTRY["setFrozen"].encode(header, party, frozen)

    def set_annual_limit(self, header: ActHeader, limit: int) -> bytes:
        return REGISTRY["setAnnualLimit"].encode(header, limit)

    def state_outside_use(self, header: ActHeader, party: PartyId, year: int, amount: int, until_day: Day) -> bytes:
        return REGISTRY["stateOutsideUse"].encode(header, party, year, amount, until_day)

    def state_tax_relief(self, header: ActHeader, party: PartyId, bps: int, until_day: Day) -> bytes:
        return REGISTRY["stateTaxRelief"].encode(header, party, bps, until_day)


class FactoryCalls:
    """Writes of the factory."""

    def create_company(
        self, header: ActHeader, terms: CompanyTerms, classes: Sequence[ClassTerms], grants: Sequence[RoleGrant]
    ) -> bytes:
        return FACTORY["createCompany"].encode(header, terms, list(classes), list(grants))


class CompanyCalls:
    """Writes of a company that an account may call."""

    def create_class(self, header: ActHeader, terms: ClassTerms) -> bytes:
        return COMPANY["createClass"].encode(header, terms)

    def set_roles(self, header: ActHeader, account: Address, roles: int) -> bytes:
        return COMPANY["setRoles"].encode(header, account, roles)

    def offer_admin(self, header: ActHeader, account: Address) -> bytes:
        return COMPANY["offerAdmin"].encode(header, account)

    def accept_admin(self) -> bytes:
        return COMPANY["acceptAdmin"].encode()

    def record_document(self, header: ActHeader, kind: int, uri: str) -> bytes:
        return COMPANY["recordDocument"].encode(header, kind, uri)

    def admit_offering(self, header: ActHeader, offering: Address) -> bytes:
        return COMPANY["admitOffering"].encode(header, offering)

    def admit_payouts(self, header: ActHeader, payouts: Address) -> bytes:
        return COMPANY["admitPayouts"].encode(header, payouts)

    def stop_class(self, header: ActHeader, share_class: Address, stopped: bool) -> bytes:
        return COMPANY["stopClass"].encode(header, share_class, stopped)

    def stop_company(self, header: ActHeader, stopped: bool) -> bytes:
        return COMPANY["stopCompany"].encode(header, stopped)

    def stop_by_regulator(self, header: ActHeader, stopped: bool) -> bytes:
        return COMPANY["stopByRegulator"].encode(header, stopped)

    def set_cap(self, header: ActHeader, cap: int) -> bytes:
        return COMPANY["setCap"].encode(header, cap)

    def open(self, header: ActHeader) -> bytes:
        return COMPANY["open"].encode(header)

    def abandon(self, header: ActHeader) -> bytes:
        return COMPANY["abandon"].encode(header)

    def name_successor(self, header: ActHeader, successor: Address) -> bytes:
        return COMPANY["nameSuccessor"].encode(header, successor)

    def convert(
        self,
        header: ActHeader,
        given: Consideration,
        from_class: Address,
        to_class: Address,
        account: Address,
        shares: Shares,
        resulting: Shares,
        ref: Hash32,
    ) -> bytes:
        return COMPANY["convert"].encode(header, given, from_class, to_class, account, shares, resulting, ref)

    def fix_weight(self, header: ActHeader, party: PartyId, is_fixed: bool, weight: int) -> bytes:
        return COMPANY["fixWeight"].encode(header, party, is_fixed, weight)

    def recount(self, party: PartyId) -> bytes:
        return COMPANY["recount"].encode(party)


class ShareClassCalls:
    """Writes of a share class that an account may call."""

    def issue(self, header: ActHeader, given: Consideration, entries: Sequence[Entry]) -> bytes:
        return SHARE_CLASS["issue"].encode(header, given, list(entries))

    def transfer_for(self, header: ActHeader, given: Consideration, giver: Address, entry: Entry) -> bytes:
        return SHARE_CLASS["transferFor"].encode(header, given, giver, entry)

    def cancel(self, header: ActHeader, kind: int, given: Consideration, entry: Entry) -> bytes:
        return SHARE_CLASS["cancel"].encode(header, kind, given, entry)

    def reissue(self, header: ActHeader, account: Address, ref: Hash32) -> bytes:
        return SHARE_CLASS["reissue"].encode(header, account, ref)

    def split(self, header: ActHeader, numerator: int, denominator: int, differences: Sequence[Entry]) -> bytes:
        return SHARE_CLASS["split"].encode(header, numerator, denominator, list(differences))

    def set_lock(self, header: ActHeader, account: Address, lock_day: Day) -> bytes:
        return SHARE_CLASS["setLock"].encode(header, account, lock_day)

    def set_authorised(self, header: ActHeader, authorised: Shares) -> bytes:
        return SHARE_CLASS["setAuthorised"].encode(header, authorised)

    def admit_categories(self, header: ActHeader, categories: int) -> bytes:
        return SHARE_CLASS["admitCategories"].encode(header, categories)

    def set_record_date(self, header: ActHeader, time: int) -> bytes:
        return SHARE_CLASS["setRecordDate"].encode(header, time)

    def transfer(self, taker: Address, shares: int) -> bytes:
        return SHARE_CLASS["transfer"].encode(taker, shares)

    def transfer_from(self, giver: Address, taker: Address, shares: int) -> bytes:
        return SHARE_CLASS["transferFrom"].encode(giver, taker, shares)

    def approve(self, spender: Address, shares: int) -> bytes:
        return SHARE_CLASS["approve"].encode(spender, shares)

    def permit(
        self, owner: Address, spender: Address, shares: int, deadline: int, v: int, r: Hash32, s: Hash32
    ) -> bytes:
        return SHARE_CLASS["permit"].encode(owner, spender, shares, deadline, v, r, s)


registry: Final = RegistryCalls()
factory: Final = FactoryCalls()
company: Final = CompanyCalls()
share_class: Final = ShareClassCalls()
