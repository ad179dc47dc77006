"""Every function of the contracts that changes something, as a pure command: the shadow of both state machines.

    events = execute(state, command, actor, time)      # or raises Refusal
    for event in events:
        apply(state, event)                            # registry.domain.state

`execute` never changes `state`. `run` returns the events together with the state that the contracts would have
stored, written field by field as they do and not by `apply`: a replay of the events must give the same facts.

A command has the fields of the contract's function, after the contract that is called where there are several:
`Issue(share_class, header, given, entries)`, `SetCap(company, header, cap)`, `Onboard(header, words, dossiers)`.
`actor` is `msg.sender`, `time` the block's timestamp. What a pure model cannot work out comes with the command:

* addresses of what is created: `CreateCompany.company`, `.share_classes`, `CreateClass.share_class`,
  `CreateOffering.created`, `.created_escrow`;
* whether signatures are good: `BindWallet.is_signed`, `Subscribe.is_signed`, `OnboardWithWallets.forged` …

`Refusal.name` is the error's name in contracts/types/Errors.sol (or OpenZeppelin's ERC-6093 name), `Refusal.values`
its arguments in order: ints, and bytes for addresses and hashes. Where two rules are broken, the one refuses that
the contract asks first.

Spending an allowance leaves no event (ERC-20), so whoever spends allowances goes on with the state `run` returns.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.commands.allotment import (
    Allot,
    VerifyCut,
)
from registry.domain.commands.board import (
    Accuse,
    Attest,
    Challenge,
    ChallengeByRegulator,
    Decide,
    DecideBySilence,
    Recheck,
    Retract,
)
from registry.domain.commands.company import (
    Abandon,
    AcceptAdmin,
    AdmitOffering,
    Convert,
    FixWeight,
    NameSuccessor,
    OfferAdmin,
    Open,
    RecordDocument,
    Recount,
    SetCap,
    SetCompanyRoles,
    StopByRegulator,
    StopClass,
    StopCompany,
)
from registry.domain.commands.distribution import (
    CancelDistribution,
    ChooseScrip,
    ChooseScripFor,
    CloseDistribution,
    Declare,
    FixDistribution,
    RemitTax,
)
from registry.domain.commands.draft import Command, Draft, Refusal
from registry.domain.commands.escrow import (
    CloseVote,
    Consent,
    ConsentFor,
    DeclareMissed,
    Release,
)
from registry.domain.commands.factory import (
    CreateOffering,
)
from registry.domain.commands.founding import CreateClass, CreateCompany
from registry.domain.commands.identity import (
    AcceptGovernor,
    BindWallet,
    Enrol,
    OfferGovernor,
    Onboard,
    OnboardWithWallets,
    Revoke,
    RevokeProvider,
    SetAnnualLimit,
    SetFrozen,
    SetRoles,
    SetStanding,
    SetWalletClosed,
    StateOutsideUse,
    TrustProvider,
)
from registry.domain.commands.money import (
    AllowMoney,
    Burn,
    CancelAuthorisation,
    FreezeMoney,
    Mint,
    PermitMoney,
    ReceiveAuthorised,
    SendAuthorised,
    SendMoney,
    SendMoneyFrom,
    SendMoneyToMany,
    StopMoney,
)
from registry.domain.commands.offering import (
    CancelOffering,
    CloseOffering,
    FailOffering,
    OpenOffering,
    Refund,
    StopOffering,
    Subscribe,
    SubscribeFor,
    Withdraw,
    WithdrawFor,
)
from registry.domain.commands.panels import (
    Appoint,
    Dismiss,
    RotateKey,
)
from registry.domain.commands.paying import (
    ClaimEntitlement,
    LapseEntitlements,
    PayEntitlements,
)
from registry.domain.commands.regions import (
    SetHalted,
    SetScheme,
)
from registry.domain.commands.rights import (
    DeliverRatchet,
    ExercisePut,
    ExercisePutFor,
    Lapse,
    PayPut,
    Redeem,
)
from registry.domain.commands.shares import (
    AdmitCategories,
    Cancel,
    Issue,
    Reissue,
    SetAuthorised,
    SetLock,
    SetRecordDate,
    Split,
    TransferFor,
)
from registry.domain.commands.taxing import (
    AdmitPayouts,
    CreateSchedule,
    SetPreference,
    StateTaxRelief,
)
from registry.domain.commands.token import Approve, Transfer, TransferFrom
from registry.domain.events import RegistryEvent
from registry.domain.ids import Address, Hash32, Timestamp
from registry.domain.register import RegisterState


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command that was not refused leads to."""

    events: tuple[RegistryEvent, ...]
    state: RegisterState


def run(
    state: RegisterState,
    command: Command,
    actor: Address,
    time: int,
    *,
    block: int | None = None,
    tx: Hash32 | None = None,
) -> Outcome:
    """The events of a command and the state after it; raises `Refusal`."""
    number = state.trail.block + 1 if block is None else block
    draft = Draft(state.copy(), actor, Timestamp(time), number, tx or Hash32(number.to_bytes(32, "big")))
    command.run(draft)
    return Outcome(tuple(draft.events), draft.state)


def execute(
    state: RegisterState,
    command: Command,
    actor: Address,
    time: int,
    *,
    block: int | None = None,
    tx: Hash32 | None = None,
) -> tuple[RegistryEvent, ...]:
    """The events that the contracts would emit; raises `Refusal`."""
    return run(state, command, actor, time, block=block, tx=tx).events


__all__ = [
    "Abandon",
    "AcceptAdmin",
    "AcceptGovernor",
    "Accuse",
    "AdmitCategories",
    "AdmitOffering",
    "AdmitPayouts",
    "Allot",
    "AllowMoney",
    "Appoint",
    "Approve",
    "Attest",
    "BindWallet",
    "Burn",
    "Cancel",
    "CancelAuthorisation",
    "CancelDistribution",
    "CancelOffering",
    "Challenge",
    "ChallengeByRegulator",
    "ChooseScrip",
    "ChooseScripFor",
    "ClaimEntitlement",
    "CloseDistribution",
    "CloseOffering",
    "CloseVote",
    "Command",
    "Consent",
    "ConsentFor",
    "Convert",
    "CreateClass",
    "CreateCompany",
    "CreateOffering",
    "CreateSchedule",
    "Decide",
    "DecideBySilence",
    "Declare",
    "DeclareMissed",
    "DeliverRatchet",
    "Dismiss",
    "Enrol",
    "ExercisePut",
    "ExercisePutFor",
    "FailOffering",
    "FixDistribution",
    "FixWeight",
    "FreezeMoney",
    "Issue",
    "Lapse",
    "LapseEntitlements",
    "Mint",
    "NameSuccessor",
    "OfferAdmin",
    "OfferGovernor",
    "Onboard",
    "OnboardWithWallets",
    "Open",
    "OpenOffering",
    "Outcome",
    "PayEntitlements",
    "PayPut",
    "PermitMoney",
    "ReceiveAuthorised",
    "Recheck",
    "RecordDocument",
    "Recount",
    "Redeem",
    "Refund",
    "Refusal",
    "Reissue",
    "Release",
    "RemitTax",
    "Retract",
    "Revoke",
    "RevokeProvider",
    "RotateKey",
    "SendAuthorised",
    "SendMoney",
    "SendMoneyFrom",
    "SendMoneyToMany",
    "SetAnnualLimit",
    "SetAuthorised",
    "SetCap",
    "SetCompanyRoles",
    "SetFrozen",
    "SetHalted",
    "SetLock",
    "SetPreference",
    "SetRecordDate",
    "SetRoles",
    "SetScheme",
    "SetStanding",
    "SetWalletClosed",
    "Split",
    "StateOutsideUse",
    "StateTaxRelief",
    "StopByRegulator",
    "StopClass",
    "StopCompany",
    "StopMoney",
    "StopOffering",
    "Subscribe",
    "SubscribeFor",
    "Transfer",
    "TransferFor",
    "TransferFrom",
    "TrustProvider",
    "VerifyCut",
    "Withdraw",
    "WithdrawFor",
    "execute",
    "run",
]
