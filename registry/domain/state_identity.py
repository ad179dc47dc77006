"""What the registry's events do to the state: roles, providers, parties, wallets, limits, enrolled contracts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from registry.domain.args import ZERO_ADDRESS, Provider
from registry.domain.events import (
    GovernorOffered,
    PartyChanged,
    PartyOnboarded,
    ProviderRevoked,
    ProviderTrusted,
    RegistryEvent,
    RolesSet,
    WalletBoundTo,
)
from registry.domain.events_raise import AnnualLimitSet, Enrolled, OutsideUseStated
from registry.domain.findings import Check
from registry.domain.register import RegisterState
from registry.domain.rules import RegistryRole
from registry.domain.state_notes import note


def _is_registry(state: RegisterState, e: RegistryEvent) -> bool:
    if e.at.emitter == state.registry:
        return True
    note(state, Check.EMITTER, e.at, f"{e.at.emitter.hex()} is not the identity registry")
    return False


def roles(state: RegisterState, e: RolesSet) -> None:
    state.roles[e.account] = e.roles
    takes_over = e.account == state.offered_governor and e.roles & RegistryRole.GOVERNOR
    # A hand-over has no act of its own; whoever sets roles by an act cannot give this one away.
    if takes_over and state.registry not in state.trail.acts:
        state.offered_governor = ZERO_ADDRESS


def _governor_offered(state: RegisterState, e: GovernorOffered) -> None:
    if not _is_registry(state, e):
        return
    act = state.trail.acts.get(state.registry)
    if act is None:
        note(state, Check.ACT, e.at, "the governor's role offered without an act")
        return
    state.offered_governor, state.offering_governor = e.account, act.actor


def _provider_trusted(state: RegisterState, e: ProviderTrusted) -> None:
    if _is_registry(state, e):
        state.providers[e.provider] = Provider(e.first_id, e.last_id, e.until_day)


def _provider_revoked(state: RegisterState, e: ProviderRevoked) -> None:
    if _is_registry(state, e):
        state.providers.pop(e.provider, None)


def _party_onboarded(state: RegisterState, e: PartyOnboarded) -> None:
    if not _is_registry(state, e):
        return
    if e.word.id in state.parties:
        note(state, Check.KNOWN, e.at, f"party {e.word.id} onboarded a second time")
    if e.word.flags or e.word.closed_wallets or e.word.wallet_count > 1:
        note(state, Check.PARTY, e.at, f"party {e.word.id} onboarded with a word no provider may state")
    state.parties[e.word.id] = e.word
    state.trail.last_of_party[e.word.id] = e.at


def _party_changed(state: RegisterState, e: PartyChanged) -> None:
    if not _is_registry(state, e):
        return
    if e.word.id not in state.parties:
        note(state, Check.PARTY, e.at, f"party {e.word.id} changed before it was onboarded")
    state.parties[e.word.id] = e.word
    state.trail.last_of_party[e.word.id] = e.at


def _wallet_bound(state: RegisterState, e: WalletBoundTo) -> None:
    if not _is_registry(state, e):
        return
    word = state.parties.get(e.party)
    if word is None:
        note(state, Check.PARTY, e.at, f"a wallet bound to the unknown party {e.party}")
    elif e.number + 1 != word.wallet_count:
        note(state, Check.WALLET, e.at, f"party {e.party} has {word.wallet_count} wallets, not {e.number + 1}")
    if e.wallet in state.wallets or state.is_book(e.wallet):
        note(state, Check.WALLET, e.at, f"wallet {e.wallet.hex()} can not be bound (again)")
        return
    state.wallets[e.wallet] = (e.party, e.number)
    state.addresses[e.party, e.number] = e.wallet


def _annual_limit(state: RegisterState, e: AnnualLimitSet) -> None:
    if _is_registry(state, e):
        state.annual_limit = e.limit


def _outside_use(state: RegisterState, e: OutsideUseStated) -> None:
    if not _is_registry(state, e):
        return
    if e.party not in state.parties:
        note(state, Check.PARTY, e.at, f"outside use stated of the unknown party {e.party}")
    if state.registry not in state.trail.acts:
        note(state, Check.ACT, e.at, "outside use stated without an act")
    state.outside_use[e.party, e.year] = (e.amount, e.until_day)


def _enrolled(state: RegisterState, e: Enrolled) -> None:
    if not _is_registry(state, e):
        return
    is_paying = state.paying is not None and e.account == state.paying.distributions
    if not is_paying and e.account not in state.offerings and e.account not in state.escrows:
        note(state, Check.RAISE, e.at, f"{e.account.hex()} is enrolled, and no factory made it")
    state.enrolled.add(e.account)


HANDLERS: dict[type[RegistryEvent], Callable[[RegisterState, Any], None]] = {
    GovernorOffered: _governor_offered,
    ProviderTrusted: _provider_trusted,
    ProviderRevoked: _provider_revoked,
    PartyOnboarded: _party_onboarded,
    PartyChanged: _party_changed,
    WalletBoundTo: _wallet_bound,
    AnnualLimitSet: _annual_limit,
    OutsideUseStated: _outside_use,
    Enrolled: _enrolled,
}
