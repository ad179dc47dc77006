"""Panels of the attestation board: who is appointed, with which key, and who leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.domain.args import ZERO_ADDRESS
from registry.domain.board import NOTICE
from registry.domain.commands.board import Attest
from registry.domain.commands.panels import Appoint, Dismiss, RotateKey
from registry.domain.events import ActRecorded
from registry.domain.events_escrow import VerifierAppointed
from registry.domain.findings import Check
from registry.domain.ids import Day, PartyId
from registry.domain.raise_args import Appointment
from registry.domain.state import apply_all
from tests.domain import escrow_world as x
from tests.domain import world as w
from tests.domain.escrow_world import KIND, VERIFIERS, Raised, appoint, key_of, raised

FIRST = VERIFIERS[0]


@pytest.fixture
def world() -> Raised:
    return raised()


def appointment(**changed: object) -> Appointment:
    terms = Appointment(w.COMPANY, KIND, PartyId(9), key_of(9), Day(0), Day(30_000))
    return replace(terms, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"company": w.STRANGER}, 1),
        ({"kind": 0}, 2),
        ({"party": PartyId(77)}, 3),
        ({"key": ZERO_ADDRESS}, 4),
        ({"key": w.wallet(1, 0)}, 4),
        ({"from_day": Day(30_001)}, 6),
        ({"until_day": Day(19_999)}, 6),
    ],
)
def test_appoint__malformed__names_the_field(world: Raised, changed: dict[str, object], field: int) -> None:
    command = Appoint(w.header(), appointment(**changed))
    assert world.refusal(command, w.PLATFORM) == ("AppointmentMalformed", field)


def test_appoint__stranger__is_refused(world: Raised) -> None:
    assert world.refusal(Appoint(w.header(), appointment())) == ("NotAuthorised", w.STRANGER, 4)


def test_appoint__holder_or_subscriber__has_a_conflict(world: Raised) -> None:
    for party in (x.FOUNDER, 3):
        command = Appoint(w.header(), appointment(party=PartyId(party)))
        assert world.refusal(command, w.PLATFORM) == ("VerifierHolds", party)
    waiting = x.opened()
    command = Appoint(w.header(), appointment(party=PartyId(1)))
    assert waiting.refusal(command, w.PLATFORM) == ("VerifierHolds", 1)


def test_appoint__twice__is_refused_until_the_first_is_dismissed(world: Raised) -> None:
    again = Appoint(w.header(), appointment(party=FIRST, from_day=noticed(world)))
    assert world.refusal(again, w.PLATFORM) == ("VerifierKnown", FIRST, key_of(9))
    taken = Appoint(w.header(), appointment(key=key_of(FIRST)))
    assert world.refusal(taken, w.PLATFORM) == ("VerifierKnown", 9, key_of(FIRST))
    world.run(Dismiss(w.header(), w.COMPANY, KIND, key_of(FIRST)), w.PLATFORM)
    world.run(again, w.PLATFORM)
    assert [v.party for v in world.panel.members] == [*VERIFIERS, FIRST]
    world.stands()


def test_appoint__seventeenth__finds_no_place() -> None:
    world = raised()
    w.onboard(world, *(w.word(p) for p in range(20, 34)))
    for party in range(20, 33):
        appoint(world, PartyId(party))
    command = Appoint(w.header(), appointment(party=PartyId(33), from_day=noticed(world)))
    assert world.refusal(command, w.PLATFORM) == ("PanelFull", KIND)


def noticed(world: Raised) -> Day:
    """The first day of who is appointed now, since the panel has cases."""
    return Day(world.today + NOTICE)


def test_appoint__once_the_panel_has_cases__only_with_notice(world: Raised) -> None:
    """AT-1: nobody packs it over night; a panel without cases is filled at once."""
    early = Appoint(w.header(), appointment(from_day=Day(noticed(world) - 1)))
    assert world.refusal(early, w.PLATFORM) == ("AppointmentMalformed", 5)
    world.run(Appoint(w.header(), appointment(kind=2)), w.PLATFORM)
    world.run(Appoint(w.header(), appointment(from_day=noticed(world))), w.PLATFORM)
    out = world.refusal(Attest(world.attestation(), key_of(9)))
    assert out == ("VerifierNotInForce", 9, noticed(world), 30_000)
    world.wait(NOTICE * x.DAY)
    world.attest(9)
    world.stands()


def test_rotate_key__verifier_itself__signs_with_the_new_key_only(world: Raised) -> None:
    new = key_of(FIRST, 1)
    command = RotateKey(w.header(), w.COMPANY, KIND, key_of(FIRST), new)
    assert world.refusal(command) == ("NotAuthorised", w.STRANGER, 0)
    assert world.refusal(command, w.PLATFORM) == ("NotAuthorised", w.PLATFORM, 0), "it would sign in its place"
    world.run(command, key_of(FIRST))
    a = world.attestation()
    assert world.refusal(Attest(a, key_of(FIRST))) == ("VerifierUnknown", key_of(FIRST))
    world.run(Attest(a, new), w.STRANGER)
    back = RotateKey(w.header(), w.COMPANY, KIND, new, key_of(FIRST))
    assert world.refusal(back, new) == ("VerifierKnown", FIRST, key_of(FIRST))
    world.stands()


def test_rotate_key__struck__is_refused(world: Raised) -> None:
    world.run(Dismiss(w.header(), w.COMPANY, KIND, key_of(FIRST)), w.PLATFORM)
    command = RotateKey(w.header(), w.COMPANY, KIND, key_of(FIRST), key_of(FIRST, 1))
    assert world.refusal(command, key_of(FIRST)) == ("VerifierStruck", FIRST)


def test_dismiss__unknown_or_struck__is_refused(world: Raised) -> None:
    command = Dismiss(w.header(), w.COMPANY, KIND, key_of(FIRST))
    assert world.refusal(command) == ("NotAuthorised", w.STRANGER, 4)
    unknown = Dismiss(w.header(), w.COMPANY, 9, key_of(FIRST))
    assert world.refusal(unknown, w.PLATFORM) == ("VerifierUnknown", key_of(FIRST))
    world.run(command, w.PLATFORM)
    again = Dismiss(w.header(), w.COMPANY, KIND, key_of(FIRST))
    assert world.refusal(again, w.PLATFORM) == ("VerifierStruck", FIRST)


def test_replay__appointed_without_notice_or_rotated_by_another__is_found(world: Raised) -> None:
    """AT-1, AT-15."""
    rotation = RotateKey(w.header(), w.COMPANY, KIND, key_of(FIRST), key_of(FIRST, 1))
    rotated = world.run(rotation, key_of(FIRST))
    appointed = world.run(Appoint(w.header(), appointment(from_day=noticed(world))), w.PLATFORM)
    early = [replace(e, from_day=e.from_day - 1) if isinstance(e, VerifierAppointed) else e for e in appointed]
    theirs = [replace(e, actor=w.PLATFORM) if isinstance(e, ActRecorded) else e for e in rotated]
    for told, check in ((early, Check.CASE), (theirs, Check.ACT)):
        replay = raised().replay
        apply_all(replay, told)
        assert [f.check for f in replay.findings if f.is_fault] == [check]
