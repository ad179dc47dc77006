"""Every function that writes refuses a stranger: a table over the ABI, in which a new function must take its place."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from tests.contracts.support.contracts import Contract, abi_of
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import (
    ADMIN,
    ALICE,
    BOB,
    CANCEL,
    COMMON,
    MIGRATOR,
    NOTHING_GIVEN,
    PLAN,
    REF,
    SECRETARY,
    STOPPER,
    TRANSFER_AGENT,
    ZERO,
    Ground,
    header,
    line,
    person,
)
from tests.contracts.support.raising import Raise

GOVERNOR, REGULATOR, PLATFORM, CUSTODIAN, OFFERINGS = 1, 2, 4, 8, 16
OFFERING = 32
OPEN_TO_ALL = {
    # A holder's own: what may move is decided by holding, allowance or signature.
    ("ShareClass", "transfer"),
    ("ShareClass", "transferFrom"),
    ("ShareClass", "approve"),
    ("ShareClass", "permit"),
    # Applies what the registry says; can refuse nobody and favour nobody.
    ("Company", "recount"),
    # An owner's own money, by holding, allowance or signature.
    *(("SettlementToken", function) for function in ("transfer", "transferFrom", "approve", "permit")),
    ("SettlementToken", "transferWithAuthorization"),
    ("SettlementToken", "receiveWithAuthorization"),
    ("SettlementToken", "cancelAuthorization"),
    # What is due by time and terms, whoever brings it about.
    *(("Offering", function) for function in ("close", "verifyCut", "allot", "fail", "refund")),
    *(("MilestoneEscrow", function) for function in ("release", "miss", "closeVote", "redeem", "lapse")),
    *(("MilestoneEscrow", function) for function in ("deliverRatchet", "payPut")),
    ("AttestationBoard", "recheck"),
    ("AttestationBoard", "decideBySilence"),
    # Speaks of the caller's own cases only, and strangers have none.
    ("AttestationBoard", "closeReached"),
    # By signature.
    ("Offering", "subscribe"),
    *(("AttestationBoard", function) for function in ("attest", "accuse", "challenge")),
    # A subscriber's and a verifier's own; others are refused once there is a subscription or a vote.
    ("Offering", "withdraw"),
    ("AttestationBoard", "retract"),
    # The arbiter's; others are refused once there is a case.
    ("AttestationBoard", "decide"),
    # The sender's own money.
    ("SettlementToken", "transferMany"),
    # What is due by the register at the record date, by time and terms, whoever brings it about.
    *(("Distributions", function) for function in ("fix", "pay", "claim", "lapse", "close", "remit")),
}
OF_THE_REGULATOR = {"stopByRegulator", "setCap"}
OF_THE_COMPANY = {"setPreference", "declare"}
OUTSIDE_RANGE = "PartyOutsideRange"
NO_CASE = "CaseUnknown"
NOT_A_CLASS = "ClassUnknown"
DONE = "AlreadyInitialised"
NO_DIVIDEND = "DistributionUnknown"

LINE = ("BOOK", 1, 0, REF)
OFFERING_TERMS = (*[ZERO] * 3, *[0] * 14, REF, REF)
ESCROW_TERMS = (ZERO, ZERO, 0, 0, False, 0, 0, 0, ZERO, False, 0, 0, ZERO)
RATCHET_TERMS = (0, 0, ZERO, ZERO, 0, 0, 0, 0)
DIVIDEND_TERMS = ("DATED", 1, 0, ZERO, 0, 0, 0, 0, 0, ZERO, 0)
TABLE: dict[tuple[str, str], tuple[tuple[Any, ...], int | str]] = {
    ("IdentityRegistry", "setRoles"): (("HEAD", ZERO, 2), GOVERNOR),
    ("IdentityRegistry", "offerGovernor"): (("HEAD", ZERO), GOVERNOR),
    ("IdentityRegistry", "acceptGovernor"): ((), GOVERNOR),
    ("IdentityRegistry", "trustProvider"): (("HEAD", ZERO, (1, 2, 3)), GOVERNOR),
    ("IdentityRegistry", "revokeProvider"): (("HEAD", ZERO), GOVERNOR),
    ("IdentityRegistry", "onboard"): (("HEAD", [person(9).pack()], [REF]), OUTSIDE_RANGE),
    ("IdentityRegistry", "onboardWithWallets"): (
        ("HEAD", 2**63, [(person(9).pack(), REF, ZERO, REF, REF)]),
        OUTSIDE_RANGE,
    ),
    ("IdentityRegistry", "setStanding"): (("HEAD", [person(ALICE).pack()]), OUTSIDE_RANGE),
    ("IdentityRegistry", "revoke"): (("HEAD", ALICE), OUTSIDE_RANGE),
    ("IdentityRegistry", "bindWallet"): (("HEAD", ALICE, ZERO, 2**63, b""), OUTSIDE_RANGE),
    ("IdentityRegistry", "setWalletClosed"): (("HEAD", "WALLET", True), OUTSIDE_RANGE),
    ("IdentityRegistry", "setFrozen"): (("HEAD", ALICE, True), REGULATOR),
    ("IdentityRegistry", "setAnnualLimit"): (("HEAD", 1), REGULATOR),
    ("IdentityRegistry", "stateOutsideUse"): (("HEAD", ALICE, 2035, 1, 2**23), OUTSIDE_RANGE),
    ("IdentityRegistry", "stateTaxRelief"): (("HEAD", ALICE, 1, 2**23), PLATFORM),
    ("IdentityRegistry", "enrol"): ((ZERO,), OFFERINGS),
    ("IdentityRegistry", "addUse"): ((ALICE, 2035, 1), OFFERINGS),
    ("IdentityRegistry", "reduceUse"): ((ALICE, 2035, 0), OFFERINGS),
    ("CompanyFactory", "createCompany"): (("HEAD", ("x", 1, 1, 1, ZERO), [], []), PLATFORM),
    ("Company", "initialise"): ((("x", 1, 1, 1, ZERO), [], []), DONE),
    ("Company", "createClass"): (("HEAD", COMMON), ADMIN),
    ("Company", "setRoles"): (("HEAD", ZERO, 2), ADMIN),
    ("Company", "offerAdmin"): (("HEAD", ZERO), ADMIN),
    ("Company", "acceptAdmin"): ((), ADMIN),
    ("Company", "recordDocument"): (("HEAD", 1, ""), SECRETARY),
    ("Company", "stopClass"): (("HEAD", ZERO, True), STOPPER),
    ("Company", "stopCompany"): (("HEAD", True), STOPPER),
    ("Company", "stopByRegulator"): (("HEAD", True), REGULATOR),
    ("Company", "setCap"): (("HEAD", 1), REGULATOR),
    ("Company", "open"): (("HEAD",), ADMIN),
    ("Company", "abandon"): (("HEAD",), ADMIN | MIGRATOR),
    ("Company", "nameSuccessor"): (("HEAD", ZERO), ADMIN),
    ("Company", "convert"): (
        ("HEAD", NOTHING_GIVEN, "COMMON", "PREFERRED", "BOOK", 1, 1, REF),
        TRANSFER_AGENT,
    ),
    ("Company", "fixWeight"): (("HEAD", ALICE, True, 0), TRANSFER_AGENT),
    ("Company", "moveSeats"): ((ALICE, BOB, 1), NOT_A_CLASS),
    ("Company", "enterSeats"): (([person(BOB).pack()],), NOT_A_CLASS),
    ("Company", "admitOffering"): (("HEAD", "OFFERING"), ADMIN),
    ("Company", "admitPayouts"): (("HEAD", "OFFERING"), ADMIN),
    ("Company", "reserveSeat"): ((person(BOB).pack(),), OFFERING),
    ("Company", "releaseSeats"): (([BOB],), OFFERING),
    ("ShareClass", "issue"): (("HEAD", NOTHING_GIVEN, [LINE]), TRANSFER_AGENT),
    ("ShareClass", "transferFor"): (("HEAD", NOTHING_GIVEN, "BOOK", ("WALLET", 1, 0, REF)), TRANSFER_AGENT),
    ("ShareClass", "cancel"): (("HEAD", CANCEL, NOTHING_GIVEN, LINE), TRANSFER_AGENT),
    ("ShareClass", "reissue"): (("HEAD", "BOOK", REF), TRANSFER_AGENT),
    ("ShareClass", "split"): (("HEAD", 2, 1, [LINE]), TRANSFER_AGENT),
    ("ShareClass", "setLock"): (("HEAD", "BOOK", 1), TRANSFER_AGENT),
    ("ShareClass", "setAuthorised"): (("HEAD", 2**63), TRANSFER_AGENT),
    ("ShareClass", "admitCategories"): (("HEAD", 2), TRANSFER_AGENT),
    ("ShareClass", "setRecordDate"): (("HEAD", 2**39), TRANSFER_AGENT | OFFERING),
    ("ShareClass", "reserve"): ((1,), OFFERING),
    ("ShareClass", "unreserve"): ((0,), OFFERING),
    ("ShareClass", "allot"): (("HEAD", NOTHING_GIVEN, [LINE]), OFFERING),
    ("ShareClass", "redeem"): (("HEAD", [LINE]), OFFERING),
    ("ShareClass", "deliver"): (("HEAD", "BOOK", ("WALLET", 1, 0, REF)), OFFERING),
    ("ShareClass", "initialise"): ((("x", "x", 1, 0, 2), 0, 0), 0),
    ("ShareClass", "setStops"): ((0,), 0),
    ("ShareClass", "convertOut"): (("BOOK", 1, REF, False), 0),
    ("ShareClass", "convertIn"): (("BOOK", 1, REF, False), 0),
    ("SettlementToken", "mint"): (("HEAD", [("BOOK", 1, REF)]), CUSTODIAN),
    ("SettlementToken", "burn"): (("HEAD", [("BOOK", 1, REF)]), CUSTODIAN),
    ("SettlementToken", "setStopped"): (("HEAD", True), CUSTODIAN | REGULATOR),
    ("SettlementToken", "setFrozen"): (("HEAD", "WALLET", True), REGULATOR),
    ("SettlementToken", "collect"): (("BOOK", 0), OFFERINGS),
    ("Regions", "setScheme"): (("HEAD", 1, 1, 1, 1), REGULATOR),
    ("Regions", "setHalted"): (("HEAD", 1, True), REGULATOR),
    ("OfferingFactory", "createOffering"): (("HEAD", OFFERING_TERMS, ESCROW_TERMS, [], RATCHET_TERMS), PLATFORM),
    ("Offering", "initialise"): ((ZERO,), DONE),
    ("Offering", "open"): (("HEAD",), PLATFORM),
    ("Offering", "cancel"): (("HEAD",), PLATFORM),
    ("Offering", "stop"): (("HEAD",), REGULATOR),
    ("Offering", "subscribeFor"): (("HEAD", "BOOK", 1, REF), PLATFORM),
    ("Offering", "withdrawFor"): (("HEAD", "BOOK"), PLATFORM),
    ("Offering", "redeemLots"): ((["BOOK"], 0), 0),
    ("Offering", "lapseLots"): ((["BOOK"], 0), 0),
    ("Offering", "deliverLot"): (("BOOK", ZERO, 0), 0),
    ("Offering", "ratchetLots"): ((["BOOK"], 1, ZERO), 0),
    ("Offering", "restoreRatchet"): (("BOOK",), 0),
    ("MilestoneEscrow", "initialise"): ((ESCROW_TERMS, [], RATCHET_TERMS), DONE),
    ("MilestoneEscrow", "prepare"): ((1,), 0),
    ("MilestoneEscrow", "abandon"): ((), 0),
    ("MilestoneEscrow", "fund"): ((1,), 0),
    ("MilestoneEscrow", "collectPut"): ((BOB, "BOOK"), 0),
    ("MilestoneEscrow", "consent"): ((0, "BOOK"), 0),
    ("MilestoneEscrow", "exercisePut"): (("BOOK",), 0),
    ("MilestoneEscrow", "consentFor"): (("HEAD", 0, "BOOK"), PLATFORM),
    ("MilestoneEscrow", "exercisePutFor"): (("HEAD", "BOOK"), PLATFORM),
    ("AttestationBoard", "appoint"): (("HEAD", (ZERO, 1, 1, ZERO, 0, 0)), PLATFORM),
    ("AttestationBoard", "rotateKey"): (("HEAD", ZERO, 1, ZERO, ZERO), 0),
    ("AttestationBoard", "dismiss"): (("HEAD", ZERO, 1, ZERO), PLATFORM),
    ("AttestationBoard", "challengeByRegulator"): (("HEAD", "ESCROW", 0), REGULATOR),
    ("AttestationBoard", "openCase"): ((ZERO, 0, 1), OFFERINGS),
    ("AttestationBoard", "closeOverdue"): ((0,), NO_CASE),
    ("AttestationBoard", "closeUndecided"): ((0,), NO_CASE),
    ("AttestationBoard", "reopen"): ((0, 2**39), NO_CASE),
    ("TaxSchedules", "createSchedule"): (("HEAD", ZERO, []), PLATFORM),
    ("Preferences", "setPreference"): (("HEAD", "COMMON", 1, 1, 1), ADMIN),
    ("Preferences", "claim"): ((1, "COMMON", ZERO, 1, 0), OFFERINGS),
    ("Preferences", "cancel"): ((1, "COMMON", 0, False), OFFERINGS),
    ("Preferences", "release"): (("COMMON", 0), OFFERINGS),
    ("Distributions", "declare"): (("HEAD", DIVIDEND_TERMS, []), ADMIN),
    ("Distributions", "cancel"): (("HEAD", 1), NO_DIVIDEND),
    # A wallet of any party may; others are nobody's.
    ("Distributions", "chooseScrip"): ((1, True), 0),
    ("Distributions", "chooseScripFor"): (("HEAD", 1, ALICE, True), PLATFORM),
}


def contracts(drafted: Raise) -> dict[str, Contract]:
    ground = drafted.ground
    return {
        "IdentityRegistry": ground.registry,
        "CompanyFactory": ground.factory,
        "Company": ground.company,
        "ShareClass": ground.common,
        "SettlementToken": ground.token,
        "Regions": ground.regions,
        "AttestationBoard": ground.board,
        "OfferingFactory": ground.offerings,
        "Offering": drafted.offering,
        "MilestoneEscrow": drafted.escrow,
        "TaxSchedules": ground.schedules,
        "Preferences": ground.preferences,
        "Distributions": ground.distributions,
    }


def test_table__every_writing_function_of_the_abi__has_its_place(drafted: Raise) -> None:
    writing = {
        (name, entry["name"])
        for name in contracts(drafted)
        for entry in abi_of(name)
        if entry["type"] == "function" and entry["stateMutability"] not in {"view", "pure"}
    }
    assert writing == TABLE.keys() | OPEN_TO_ALL
    assert not TABLE.keys() & OPEN_TO_ALL
    deployed = tomllib.loads(PLAN.read_text(encoding="utf-8"))["contract"]
    assert {entry["contract"] for entry in deployed} == set(contracts(drafted))


@pytest.mark.parametrize(("name", "function"), TABLE)
def test_function__called_by_strangers__refused(drafted: Raise, alice: str, name: str, function: str) -> None:
    """Somebody unknown, a holder, those whose role is another one, and the contracts of a raise not admitted."""
    arguments, expected = TABLE[name, function]
    contract = contracts(drafted)[name]
    for actor in _wrong_hands(drafted, alice, contract, function, expected):
        values = tuple(_filled(drafted, alice, value) for value in arguments)
        if expected == DONE:
            with raises(DONE):
                contract.act(function, *values, by=actor)
        elif expected == NO_DIVIDEND:
            with raises(NO_DIVIDEND, 1):
                contract.act(function, *values, by=actor)
        elif isinstance(expected, str):
            with raises(expected, actor):
                contract.act(function, *values, by=actor)
        else:
            with raises("NotAuthorised", actor, expected):
                contract.act(function, *values, by=actor)


def _wrong_hands(drafted: Raise, alice: str, contract: Contract, function: str, expected: int | str) -> list[str]:
    ground = drafted.ground
    of_registry = {
        GOVERNOR: ground.governor,
        REGULATOR: ground.regulator,
        PLATFORM: ground.platform,
        CUSTODIAN: ground.custodian,
    }
    of_company = {
        ADMIN: ground.issuer,
        TRANSFER_AGENT: ground.registrar,
        MIGRATOR: ground.migrator,
        STOPPER: ground.stopper,
        SECRETARY: ground.secretary,
    }
    of_companies = contract in (ground.company, ground.common) or function in OF_THE_COMPANY
    is_of_company = of_companies and function not in OF_THE_REGULATOR
    held = of_company if is_of_company else of_registry
    right = {actor for role, actor in held.items() if isinstance(expected, int) and expected & role}
    if (contract.name, function) == ("Offering", "cancel"):
        right.add(ground.issuer)
    # The raise itself is enrolled with the registry, so it is no stranger there.
    of_raises = set() if expected == OFFERINGS else {drafted.offering.address, drafted.escrow.address}
    if expected == 0:
        of_raises = {ground.offerings.address}
    if function == "chooseScrip":
        return sorted({*of_registry.values(), *of_company.values(), ground.stranger, *of_raises})
    everybody = {*of_registry.values(), *of_company.values(), ground.stranger, alice, *of_raises}
    return sorted(everybody - right)


def _filled(drafted: Raise, alice: str, value: Any) -> Any:
    ground = drafted.ground
    named = {
        "HEAD": header,
        "BOOK": lambda: ground.book(BOB),
        "WALLET": lambda: alice,
        "COMMON": lambda: ground.common.address,
        "DATED": lambda: _dated(ground),
        "PREFERRED": lambda: ground.preferred.address,
        "OFFERING": lambda: drafted.offering.address,
        "ESCROW": lambda: drafted.escrow.address,
    }
    if isinstance(value, str) and value in named:
        return named[value]()
    if isinstance(value, (list, tuple)):
        return type(value)(_filled(drafted, alice, part) for part in value)
    return value


def _dated(ground: Ground) -> str:
    """The common class, with a record date ahead."""
    if not ground.common.read("recordTimes"):
        ground.common.act("setRecordDate", header(), 2**39, by=ground.registrar)
    return ground.common.address


def test_recount_and_allowances__by_a_stranger__move_nothing(ground: Ground, alice: str) -> None:
    before = (ground.seats(), ground.balance(ground.common, alice))
    ground.company.act("recount", ALICE, by=ground.stranger)
    ground.common.act("approve", alice, 2**256 - 1, by=ground.stranger)
    ground.common.act("transferFrom", alice, ground.book(BOB), 0, by=ground.stranger)
    assert before == (ground.seats(), ground.balance(ground.common, alice))
    ground.issue(ground.common, line(alice, 1))
