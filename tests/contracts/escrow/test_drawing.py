"""The drawn state machine names every state and every act of the contracts, and nothing that they do not have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.contracts.support.contracts import abi_of

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "milestones.md").read_text(encoding="utf-8")
DRAWN = TEXT.split("```mermaid")[1].split("```")[0]
STATES = {"OfferingPhase": "types/Raise.sol", "TrancheState": "types/Tranche.sol", "CasePhase": "types/Case.sol"}
ARROW = re.compile(r"^\s+(\w+|\[\*\]) --> (\w+|\[\*\])(?:: (.+))?$", re.MULTILINE)
FROM_WITHIN = {
    # the raise, its escrow and the board among themselves: what they do stands at the act that starts it
    *("initialise", "prepare", "abandon", "fund", "collectPut"),
    *("redeemLots", "lapseLots", "deliverLot", "ratchetLots", "restoreRatchet"),
    *("openCase", "closeOverdue", "closeUndecided", "closeReached", "reopen"),
}
OF_BOOK_ACCOUNTS = {"subscribeFor", "withdrawFor", "consentFor", "exercisePutFor"}
OF_PANELS = {"appoint", "rotateKey"}


def states_of(library: str) -> list[str]:
    source = (ROOT / "contracts" / STATES[library]).read_text(encoding="utf-8")
    body = source.split(f"library {library} {{")[1].split("}")[0]
    return [name.lower() for name in re.findall(r"constant (\w+) = \d+;", body) if name != "NONE"]


def writes_of(contract: str) -> set[str]:
    return {
        entry["name"]
        for entry in abi_of(contract)
        if entry["type"] == "function" and entry["stateMutability"] not in {"view", "pure"}
    }


@pytest.mark.parametrize("library", STATES)
def test_states__of_a_contract__are_drawn_each_with_its_chinese_name_and_its_row(library: str) -> None:
    """ES-4, AT-16: and each can be reached."""
    reached = {arrow[1] for arrow in ARROW.findall(DRAWN)}
    for state in states_of(library):
        assert re.search(rf'state "{state} \([一-鿿]+\)" as {state}\n', DRAWN), state
        assert re.search(rf"^\| {state} \([一-鿿]+\)", TEXT, re.MULTILINE), state
        assert state in reached, state


def test_arrows__only_between_states_there_are__by_acts_there_are() -> None:
    """ES-4, AT-16"""
    known = {state for library in STATES for state in states_of(library)}
    acts = writes_of("Offering") | writes_of("MilestoneEscrow") | writes_of("AttestationBoard")
    acts |= writes_of("OfferingFactory") | {"the"}
    for source, target, by in ARROW.findall(DRAWN):
        assert {source, target} - {"[*]"} <= known, (source, target)
        if by and by != "next round":
            assert re.match(r"\w+", by)[0] in acts, by  # type: ignore[index]
    assert {source for source, _, _ in ARROW.findall(DRAWN)} - {"[*]"} == known


@pytest.mark.parametrize("contract", ["Offering", "MilestoneEscrow", "AttestationBoard"])
def test_acts__of_a_contract__all_stand_in_the_text(contract: str) -> None:
    """ES-3, AT-16"""
    named = set(re.findall(r"\b[a-zA-Z]+\b", TEXT))
    assert writes_of(contract) - FROM_WITHIN - OF_BOOK_ACCOUNTS - OF_PANELS - named == set()


def test_errors__in_the_tables__are_declared() -> None:
    """ES-3, AT-16"""
    source = (ROOT / "contracts" / "types" / "Errors.sol").read_text(encoding="utf-8")
    declared = set(re.findall(r"^error (\w+)\(", source, re.MULTILINE))
    named = set(re.findall(r"`([A-Z]\w+)[`(]", TEXT))
    assert len(named) > 30
    assert named - declared == set()
