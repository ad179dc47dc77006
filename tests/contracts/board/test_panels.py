"""Who may attest: appointment, key rotation, dismissal (AT-1, AT-2, AT-15)."""

from __future__ import annotations

from typing import Any

import pytest

from registry.domain.raise_words import Verifier
from registry.domain.rules import ActKind
from tests.contracts.support import node
from tests.contracts.support.attesting import (
    KIND,
    NOTICE,
    VERIFIERS,
    appoint,
    appoint_ahead,
    attest,
    case_of,
    dismiss,
    rotate,
)
from tests.contracts.support.contracts import STRANGER, Event
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import ALICE, FAR, INSTITUTION, ZERO, Ground, header, person, wallet_of
from tests.contracts.support.node import TODAY
from tests.contracts.support.raising import ERIN, PRICE, Raise

PLATFORM = 4
FRESH = range(921, 935)
"""Parties that verify nothing yet."""
OTHER_KIND = 9


@pytest.fixture
def ready(ground: Ground) -> Ground:
    """More parties that could verify."""
    ground.onboard(*(person(party, category=INSTITUTION, kind=2) for party in FRESH))
    return ground


def appointed(ground: Ground, **changes: Any) -> list[Event]:
    usual = {
        "company": ground.company.address,
        "kind": KIND,
        "party": FRESH[0],
        "key": wallet_of(FRESH[0]),
        "from_day": TODAY,
        "until_day": FAR,
    }
    return ground.board.act("appoint", header(), tuple((usual | changes).values()), by=ground.platform)


def panel(ground: Ground, kind: int = KIND) -> tuple[int, int]:
    """Members ever appointed, and bits of those who were struck."""
    members, struck, _ = ground.board.read("panel", ground.company.address, kind)
    return members, struck


def is_judging(ground: Ground, kind: int = KIND) -> bool:
    """Whether a case ever came before the panel."""
    judging: bool = ground.board.read("panel", ground.company.address, kind)[2]
    return judging


# --- appointment ---


def test_appoint__by_a_stranger__refused(ready: Ground) -> None:
    """AT-1"""
    stated = (ready.company.address, KIND, FRESH[0], wallet_of(FRESH[0]), TODAY, FAR)
    for actor in (ready.stranger, ready.issuer, ready.regulator):
        with raises("NotAuthorised", actor, PLATFORM):
            ready.board.act("appoint", header(), stated, by=actor)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"company": STRANGER}, 1),
        ({"kind": 0}, 2),
        ({"party": 999_999}, 3),
        ({"key": ZERO}, 4),
        ({"key": wallet_of(ALICE)}, 4),
        ({"until_day": TODAY - 1, "from_day": TODAY - 2}, 6),
        ({"from_day": TODAY + 2, "until_day": TODAY + 1}, 6),
    ],
    ids=["no company", "no kind", "unknown party", "no key", "another's wallet", "mandate over", "days turned round"],
)
def test_appoint__term_that_cannot_be__refused(ready: Ground, changes: dict[str, Any], field: int) -> None:
    """AT-1"""
    before = panel(ready)
    with raises("AppointmentMalformed", field):
        appointed(ready, **changes)
    assert panel(ready) == before


def test_appoint__a_holder_or_a_subscriber__refused(ready: Ground, raised: Raise) -> None:
    """AT-2: Alice holds, Erin subscribes."""
    with raises("VerifierHolds", ALICE):
        appointed(ready, party=ALICE, key=wallet_of(ALICE))
    raised.subscribe(ERIN, 100 * PRICE)
    with raises("VerifierHolds", ERIN):
        appointed(ready, party=ERIN, key=wallet_of(ERIN))
    raised.withdraw(ERIN)
    appointed(ready, party=ERIN, key=wallet_of(ERIN))


def test_appoint__party_or_key_of_the_panel__refused(ready: Ground) -> None:
    """AT-1, AT-15: a key that was a member's once is nobody else's any more."""
    with raises("VerifierKnown", VERIFIERS[0]):
        appointed(ready, party=VERIFIERS[0], key=wallet_of(VERIFIERS[0], 3))
    with raises("VerifierKnown", FRESH[0], wallet_of(VERIFIERS[1])):
        appointed(ready, key=wallet_of(VERIFIERS[1]))
    rotate(ready, VERIFIERS[1])
    with raises("VerifierKnown", FRESH[0], wallet_of(VERIFIERS[1])):
        appointed(ready, key=wallet_of(VERIFIERS[1]))
    appointed(ready, kind=OTHER_KIND, party=VERIFIERS[0], key=wallet_of(VERIFIERS[0]))


def test_appoint__the_seventeenth__refused(ready: Ground) -> None:
    """AT-1: who was dismissed keeps the place."""
    for party in FRESH[:13]:
        appoint(ready, party)
    assert panel(ready) == (16, 0)
    dismiss(ready, FRESH[0])
    with raises("PanelFull", KIND):
        appoint(ready, FRESH[13])
    appoint(ready, FRESH[13], kind=OTHER_KIND)


def test_appoint__of_the_platform__is_an_act_with_the_mandate(ready: Ground) -> None:
    """AT-1"""
    head = header()
    stated = (ready.company.address, KIND, FRESH[0], wallet_of(FRESH[0]), TODAY + 1, FAR)
    act, done = ready.board.act("appoint", head, stated, by=ready.platform)
    assert (act.values["kind"], act.values["document"]) == (ActKind.APPOINT, head[2])
    assert done.name == "VerifierAppointed"
    assert tuple(done.values.values()) == (
        ready.company.address,
        KIND,
        3,
        FRESH[0],
        wallet_of(FRESH[0]),
        TODAY + 1,
        FAR,
    )
    verifier = Verifier.unpack(ready.board.read("verifier", ready.company.address, KIND, 3))
    assert (verifier.party, verifier.from_day, verifier.until_day) == (FRESH[0], TODAY + 1, FAR)
    assert "0x" + verifier.key.hex() == wallet_of(FRESH[0])
    with raises("OperationDone", head[0]):
        ready.board.act("appoint", head, (*stated[:2], FRESH[1], wallet_of(FRESH[1]), TODAY, FAR), by=ready.platform)


def test_appoint__who_was_dismissed__anew_with_another_key(ready: Ground) -> None:
    """AT-1: a new place; the old one stays struck."""
    dismiss(ready, VERIFIERS[0])
    appointed(ready, party=VERIFIERS[0], key=wallet_of(VERIFIERS[0], 1))
    assert panel(ready) == (4, 0b0001)


# --- notice ---


@pytest.mark.parametrize("from_day", [0, TODAY - 400, TODAY, TODAY + 1, TODAY + 13])
def test_appoint__before_the_first_case__any_day(ready: Ground, from_day: int) -> None:
    """AT-1: a panel without cases can be packed by nobody; a raise that is open has none yet."""
    assert not is_judging(ready)
    appointed(ready, from_day=from_day)
    assert panel(ready) == (4, 0)


@pytest.mark.parametrize("days", [-400, 0, 1, NOTICE - 1])
def test_appoint__to_a_panel_with_cases_without_notice__refused(ready: Ground, done: Raise, days: int) -> None:
    """AT-1: whoever would fill it up over night waits two weeks in everybody's sight."""
    assert is_judging(ready)
    with raises("AppointmentMalformed", 5):
        appointed(ready, from_day=node.today() + days)
    assert panel(ready) == (3, 0)


def test_appoint__to_a_panel_with_cases_in_14_days__votes_from_its_first_second(ready: Ground, done: Raise) -> None:
    """AT-1, AT-3"""
    day = node.today() + NOTICE
    appointed(ready, from_day=day)
    with raises("VerifierNotInForce", FRESH[0], day, FAR):
        attest(ready, done.escrow, FRESH[0])
    node.jump_to(node.first_second_of(day) - 1)
    attest(ready, done.escrow, FRESH[0])
    assert case_of(ready, done.escrow).yes == 0b1000


def test_appoint__notice_in_the_last_second_of_a_day__counts_civil_days(ready: Ground, done: Raise) -> None:
    """AT-1: at UTC+8; a second later the same day is one too early."""
    today = node.today()
    node.next_block_at(node.last_second_of(today))
    appointed(ready, from_day=today + NOTICE)
    with raises("AppointmentMalformed", 5):
        appointed(ready, party=FRESH[1], key=wallet_of(FRESH[1]), from_day=today + NOTICE)


def test_appoint__to_another_panel_of_the_company__needs_no_notice(ready: Ground, done: Raise) -> None:
    """AT-1: cases belong to one type of milestones."""
    assert not is_judging(ready, OTHER_KIND)
    appointed(ready, kind=OTHER_KIND)


def test_appoint__long_after_the_last_case_is_closed__still_with_notice(ready: Ground, done: Raise) -> None:
    """AT-1: the panel may get others; that it has none now is not asked."""
    node.jump_to(done.tranches()[0].deadline)
    done.escrow.act("miss", 0, by=ready.stranger)
    with raises("AppointmentMalformed", 5):
        appointed(ready, from_day=node.today() + NOTICE - 1)
    appoint_ahead(ready, FRESH[0])


def test_appoint__anew_after_a_lost_key__with_notice_too(ready: Ground, done: Raise) -> None:
    """AT-1, AT-15: the way for a key that is lost; meanwhile nobody signs for it."""
    dismiss(ready, VERIFIERS[0])
    again = {"party": VERIFIERS[0], "key": wallet_of(VERIFIERS[0], 1)}
    with raises("AppointmentMalformed", 5):
        appointed(ready, from_day=node.today(), **again)
    appointed(ready, from_day=node.today() + NOTICE, **again)
    with raises("VerifierNotInForce"):
        attest(ready, done.escrow, VERIFIERS[0], number=1)


def test_active_members__struck_or_mandate_over__not_counted(ready: Ground) -> None:
    """AT-1"""
    address = ready.company.address
    assert ready.board.read("activeMembers", address, KIND) == 3
    appoint(ready, FRESH[0], until_day=TODAY)
    appoint(ready, FRESH[1], from_day=TODAY + 5)
    assert ready.board.read("activeMembers", address, KIND) == 5
    dismiss(ready, VERIFIERS[0])
    node.jump_to(node.last_second_of(TODAY))
    assert ready.board.read("activeMembers", address, KIND) == 4
    node.jump_to(node.first_second_of(TODAY + 1))
    assert ready.board.read("activeMembers", address, KIND) == 3
    assert ready.board.read("activeMembers", address, OTHER_KIND) == 0


# --- rotation ---


def test_rotate__by_anybody_but_the_key_itself__refused(ready: Ground) -> None:
    """AT-15: nor by the platform, which could then sign for a verifier, nor by another wallet of the verifier."""
    ready.bind(VERIFIERS[0])
    second = ready.bind(VERIFIERS[0], 1)
    for actor in (ready.platform, ready.stranger, ready.regulator, ready.governor, wallet_of(VERIFIERS[1]), second):
        with raises("NotAuthorised", actor, 0):
            rotate(ready, VERIFIERS[0], 2, by=actor)
    rotate(ready, VERIFIERS[0], 2)


def test_rotate__with_a_key_it_no_longer_has__refused(ready: Ground) -> None:
    """AT-15"""
    rotate(ready, VERIFIERS[0])
    with raises("VerifierUnknown", wallet_of(VERIFIERS[0])):
        rotate(ready, VERIFIERS[0], 2)
    with raises("VerifierUnknown", wallet_of(FRESH[0])):
        rotate(ready, FRESH[0])


def test_rotate__to_a_key_that_is_taken__refused(ready: Ground) -> None:
    """AT-15: no key of the panel, its own included, and no account of another party."""
    company, key = ready.company.address, wallet_of(VERIFIERS[0])
    for taken in (key, wallet_of(VERIFIERS[1])):
        with raises("VerifierKnown", VERIFIERS[0], taken):
            ready.board.act("rotateKey", header(), company, KIND, key, taken, by=key)
    for wrong in (ZERO, wallet_of(ALICE), ready.book(ALICE)):
        with raises("AppointmentMalformed", 4):
            ready.board.act("rotateKey", header(), company, KIND, key, wrong, by=key)


def test_rotate__of_a_struck_verifier__refused(ready: Ground) -> None:
    """AT-15: it cannot occupy the keys of those who take its place."""
    dismiss(ready, VERIFIERS[0])
    with raises("VerifierStruck", VERIFIERS[0]):
        rotate(ready, VERIFIERS[0])


def test_rotate__to_a_free_key__only_the_new_one_signs(done: Raise) -> None:
    """AT-15: at once, also while cases run."""
    ground = done.ground
    act, event = rotate(ground, VERIFIERS[0])
    assert act.values["kind"] == ActKind.ROTATE_KEY
    assert tuple(event.values.values()) == (ground.company.address, KIND, 0, wallet_of(VERIFIERS[0], 1))
    with raises("VerifierUnknown", wallet_of(VERIFIERS[0])):
        attest(ground, done.escrow, VERIFIERS[0])
    attest(ground, done.escrow, VERIFIERS[0], number=1)


# --- dismissal ---


def test_dismiss__by_a_stranger__refused(ready: Ground) -> None:
    key = wallet_of(VERIFIERS[0])
    for actor in (ready.stranger, ready.issuer, key):
        with raises("NotAuthorised", actor, PLATFORM):
            ready.board.act("dismiss", header(), ready.company.address, KIND, key, by=actor)


def test_dismiss__nobody_or_twice__refused(ready: Ground) -> None:
    with raises("VerifierUnknown", wallet_of(FRESH[0])):
        dismiss(ready, FRESH[0])
    act, event = dismiss(ready, VERIFIERS[1])
    assert act.values["kind"] == ActKind.DISMISS
    assert tuple(event.values.values()) == (ready.company.address, KIND, 1, VERIFIERS[1])
    assert panel(ready) == (3, 0b010)
    with raises("VerifierStruck", VERIFIERS[1]):
        dismiss(ready, VERIFIERS[1])
