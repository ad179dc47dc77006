"""A command of the domain as the call of a contract: its fields are the function's, in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

from registry.domain import commands as do
from registry.domain.commands import Command
from registry.domain.ids import Address
from registry.domain.payout_args import HolderRow
from registry.domain.register import RegisterState
from registry.domain.words import PartyWord
from tests.contracts.support.contracts import Contract
from tests.contracts.support.ground import Ground

REGISTRY: dict[type, str] = {
    do.Onboard: "onboard",
    do.SetStanding: "setStanding",
    do.Revoke: "revoke",
    do.BindWallet: "bindWallet",
    do.SetWalletClosed: "setWalletClosed",
    do.SetFrozen: "setFrozen",
    do.SetRoles: "setRoles",
    do.TrustProvider: "trustProvider",
    do.RevokeProvider: "revokeProvider",
    do.OfferGovernor: "offerGovernor",
    do.AcceptGovernor: "acceptGovernor",
    do.SetAnnualLimit: "setAnnualLimit",
    do.StateOutsideUse: "stateOutsideUse",
    do.Enrol: "enrol",
    do.StateTaxRelief: "stateTaxRelief",
}
COMPANY: dict[type, str] = {
    do.SetCompanyRoles: "setRoles",
    do.OfferAdmin: "offerAdmin",
    do.AcceptAdmin: "acceptAdmin",
    do.RecordDocument: "recordDocument",
    do.AdmitOffering: "admitOffering",
    do.AdmitPayouts: "admitPayouts",
    do.StopClass: "stopClass",
    do.StopCompany: "stopCompany",
    do.StopByRegulator: "stopByRegulator",
    do.SetCap: "setCap",
    do.Open: "open",
    do.Abandon: "abandon",
    do.NameSuccessor: "nameSuccessor",
    do.Convert: "convert",
    do.FixWeight: "fixWeight",
    do.Recount: "recount",
}
SHARE_CLASS: dict[type, str] = {
    do.Issue: "issue",
    do.TransferFor: "transferFor",
    do.Cancel: "cancel",
    do.Reissue: "reissue",
    do.Split: "split",
    do.SetLock: "setLock",
    do.SetAuthorised: "setAuthorised",
    do.AdmitCategories: "admitCategories",
    do.SetRecordDate: "setRecordDate",
    do.Transfer: "transfer",
    do.TransferFrom: "transferFrom",
    do.Approve: "approve",
}
TOKEN: dict[type, str] = {
    do.Mint: "mint",
    do.Burn: "burn",
    do.StopMoney: "setStopped",
    do.FreezeMoney: "setFrozen",
    do.SendMoney: "transfer",
    do.SendMoneyFrom: "transferFrom",
    do.AllowMoney: "approve",
    do.PermitMoney: "permit",
    do.SendAuthorised: "transferWithAuthorization",
    do.ReceiveAuthorised: "receiveWithAuthorization/9",
    do.CancelAuthorisation: "cancelAuthorization",
}
SCHEDULES: dict[type, str] = {do.CreateSchedule: "createSchedule"}
PREFERENCES: dict[type, str] = {do.SetPreference: "setPreference"}
DISTRIBUTIONS: dict[type, str] = {
    do.Declare: "declare",
    do.CancelDistribution: "cancel",
    do.FixDistribution: "fix",
    do.PayEntitlements: "pay",
    do.ClaimEntitlement: "claim",
    do.LapseEntitlements: "lapse",
    do.CloseDistribution: "close",
    do.RemitTax: "remit",
    do.ChooseScrip: "chooseScrip",
    do.ChooseScripFor: "chooseScripFor",
}
REGIONS: dict[type, str] = {do.SetScheme: "setScheme", do.SetHalted: "setHalted"}
OFFERINGS: dict[type, str] = {do.CreateOffering: "createOffering"}
BOARD: dict[type, str] = {
    do.Appoint: "appoint",
    do.RotateKey: "rotateKey",
    do.Dismiss: "dismiss",
    do.Attest: "attest",
    do.Accuse: "accuse",
    do.Retract: "retract",
    do.Recheck: "recheck",
    do.Challenge: "challenge",
    do.ChallengeByRegulator: "challengeByRegulator",
    do.Decide: "decide",
    do.DecideBySilence: "decideBySilence",
}
OFFERING: dict[type, str] = {
    do.OpenOffering: "open",
    do.CancelOffering: "cancel",
    do.StopOffering: "stop",
    do.CloseOffering: "close",
    do.FailOffering: "fail",
    do.VerifyCut: "verifyCut",
    do.Allot: "allot",
    do.Refund: "refund",
    do.Subscribe: "subscribe",
    do.SubscribeFor: "subscribeFor",
    do.Withdraw: "withdraw",
    do.WithdrawFor: "withdrawFor",
}
ESCROW: dict[type, str] = {
    do.Release: "release",
    do.DeclareMissed: "miss",
    do.CloseVote: "closeVote",
    do.Consent: "consent",
    do.ConsentFor: "consentFor",
    do.Redeem: "redeem",
    do.Lapse: "lapse",
    do.ExercisePut: "exercisePut",
    do.ExercisePutFor: "exercisePutFor",
    do.PayPut: "payPut",
    do.DeliverRatchet: "deliverRatchet",
}
ONE_OF_MANY = COMPANY | SHARE_CLASS | OFFERING | ESCROW
"""Commands that begin with the contract that is called."""
ONLY_FOR_THE_MODEL = {"is_signed", "forged", "signer", "digests", "created", "created_escrow"}
Signs = Callable[[Command], tuple[int, bytes, bytes]]


def call_of(ground: Ground, state: RegisterState, command: Command, signs: Signs) -> tuple[Contract, str, list[Any]]:
    """Contract, function, arguments. `signs` gives v, r, s of commands that carry no signature but state one."""
    kind = type(command)
    values = [getattr(command, f.name) for f in fields(command) if f.name not in ONLY_FOR_THE_MODEL]  # type: ignore[arg-type]
    if kind in ONE_OF_MANY:
        contract = contract_at(ground, state, values.pop(0))
        return contract, ONE_OF_MANY[kind], [plain(value) for value in values]
    arguments = [plain(value) for value in values]
    if kind in (do.PermitMoney, do.SendAuthorised, do.ReceiveAuthorised, do.CancelAuthorisation):
        arguments += signs(command)
    parts = (ground.registry, REGISTRY), (ground.token, TOKEN), (ground.regions, REGIONS)
    parts += (ground.offerings, OFFERINGS), (ground.board, BOARD), (ground.schedules, SCHEDULES)
    parts += (ground.preferences, PREFERENCES), (ground.distributions, DISTRIBUTIONS)
    contract, functions = next((part, known) for part, known in parts if kind in known)
    return contract, functions[kind], arguments


def contract_at(ground: Ground, state: RegisterState, address: Address) -> Contract:
    """A company, a class, a raise or an escrow, by what the state knows of it."""
    if address in state.offerings:
        return Contract("Offering", hexed(address))
    if address in state.escrows:
        return Contract("MilestoneEscrow", hexed(address))
    found = {c.address: c for c in (ground.company, ground.common, ground.preferred)}
    return found[hexed(address)]


def plain(value: Any) -> Any:
    """A field as the ABI wants it."""
    if isinstance(value, PartyWord | HolderRow):
        return value.pack()
    if is_dataclass(value):
        return tuple(plain(getattr(value, f.name)) for f in fields(value))
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return hexed(value) if isinstance(value, bytes) and len(value) == 20 else value


def raw(address: str) -> Address:
    return Address(bytes.fromhex(address[2:]))


def hexed(address: bytes) -> str:
    return "0x" + address.hex()
