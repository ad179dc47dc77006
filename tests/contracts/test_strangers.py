"""Every function that writes refuses a stranger: a table over the ABI, in which a new function must take its place."""

from __future__ import annotations

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

GOVERNOR, REGULATOR, PLATFORM = 1, 2, 4
OPEN_TO_ALL = {
    # A holder's own: what may move is decided by holding, allowance or signature.
    ("ShareClass", "transfer"),
    ("ShareClass", "transferFrom"),
    ("ShareClass", "approve"),
    ("ShareClass", "permit"),
    # Applies what the registry says; can refuse nobody and favour nobody.
    ("Company", "recount"),
}
OF_THE_REGULATOR = {"stopByRegulator", "setCap"}
OUTSIDE_RANGE = "PartyOutsideRange"
NOT_A_CLASS = "ClassUnknown"
DONE = "AlreadyInitialised"

LINE = ("BOOK", 1, 0, REF)
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
    ("ShareClass", "issue"): (("HEAD", NOTHING_GIVEN, [LINE]), TRANSFER_AGENT),
    ("ShareClass", "transferFor"): (("HEAD", NOTHING_GIVEN, "BOOK", ("WALLET", 1, 0, REF)), TRANSFER_AGENT),
    ("ShareClass", "cancel"): (("HEAD", CANCEL, NOTHING_GIVEN, LINE), TRANSFER_AGENT),
    ("ShareClass", "reissue"): (("HEAD", "BOOK", REF), TRANSFER_AGENT),
    ("ShareClass", "split"): (("HEAD", 2, 1, [LINE]), TRANSFER_AGENT),
    ("ShareClass", "setLock"): (("HEAD", "BOOK", 1), TRANSFER_AGENT),
    ("ShareClass", "setAuthorised"): (("HEAD", 2**63), TRANSFER_AGENT),
    ("ShareClass", "admitCategories"): (("HEAD", 2), TRANSFER_AGENT),
    ("ShareClass", "setRecordDate"): (("HEAD", 2**39), TRANSFER_AGENT),
    ("ShareClass", "initialise"): ((("x", "x", 1, 0, 2), 0, 0), 0),
    ("ShareClass", "setStops"): ((0,), 0),
    ("ShareClass", "convertOut"): (("BOOK", 1, REF, False), 0),
    ("ShareClass", "convertIn"): (("BOOK", 1, REF, False), 0),
}


def test_table__every_writing_function_of_the_abi__has_its_place() -> None:
    writing = {
        (name, entry["name"])
        for name in ("IdentityRegistry", "CompanyFactory", "Company", "ShareClass")
        for entry in abi_of(name)
        if entry["type"] == "function" and entry["stateMutability"] not in {"view", "pure"}
    }
    assert writing == TABLE.keys() | OPEN_TO_ALL
    assert not TABLE.keys() & OPEN_TO_ALL


@pytest.mark.parametrize(("name", "function"), TABLE)
def test_function__called_by_strangers__refused(ground: Ground, alice: str, name: str, function: str) -> None:
    """Somebody unknown, a holder, and those whose role is another one."""
    arguments, expected = TABLE[name, function]
    contract = {
        "IdentityRegistry": ground.registry,
        "CompanyFactory": ground.factory,
        "Company": ground.company,
        "ShareClass": ground.common,
    }[name]
    for actor in _wrong_hands(ground, alice, contract, function, expected):
        values = tuple(_filled(ground, alice, value) for value in arguments)
        if expected == DONE:
            with raises(DONE):
                contract.act(function, *values, by=actor)
        elif isinstance(expected, str):
            with raises(expected, actor):
                contract.act(function, *values, by=actor)
        else:
            with raises("NotAuthorised", actor, expected):
                contract.act(function, *values, by=actor)


def _wrong_hands(ground: Ground, alice: str, contract: Contract, function: str, expected: int | str) -> list[str]:
    of_registry = {GOVERNOR: ground.governor, REGULATOR: ground.regulator, PLATFORM: ground.platform}
    of_company = {
        ADMIN: ground.issuer,
        TRANSFER_AGENT: ground.registrar,
        MIGRATOR: ground.migrator,
        STOPPER: ground.stopper,
        SECRETARY: ground.secretary,
    }
    is_of_registry = contract in (ground.registry, ground.factory) or function in OF_THE_REGULATOR
    held = of_registry if is_of_registry else of_company
    right = {actor for role, actor in held.items() if isinstance(expected, int) and expected & role}
    everybody = {*of_registry.values(), *of_company.values(), ground.stranger, alice}
    return sorted(everybody - right)


def _filled(ground: Ground, alice: str, value: Any) -> Any:
    named = {
        "HEAD": header,
        "BOOK": lambda: ground.book(BOB),
        "WALLET": lambda: alice,
        "COMMON": lambda: ground.common.address,
        "PREFERRED": lambda: ground.preferred.address,
    }
    if isinstance(value, str) and value in named:
        return named[value]()
    if isinstance(value, (list, tuple)):
        return type(value)(_filled(ground, alice, part) for part in value)
    return value


def test_recount_and_allowances__by_a_stranger__move_nothing(ground: Ground, alice: str) -> None:
    before = (ground.seats(), ground.balance(ground.common, alice))
    ground.company.act("recount", ALICE, by=ground.stranger)
    ground.common.act("approve", alice, 2**256 - 1, by=ground.stranger)
    ground.common.act("transferFrom", alice, ground.book(BOB), 0, by=ground.stranger)
    assert before == (ground.seats(), ground.balance(ground.common, alice))
    ground.issue(ground.common, line(alice, 1))
