"""A raise until it is open: its terms, its admission, shares kept free (OF-1, OF-2, RS-1)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from registry.domain import commands as do
from registry.domain.args import ZERO_ADDRESS, ZERO_HASH, Consideration
from registry.domain.events_raise import (
    Enrolled,
    OfferingCreated,
    OfferingPhaseChanged,
    SharesReserved,
)
from registry.domain.ids import Shares
from tests.domain import world as w
from tests.domain.escrow_world import (
    DAY,
    ESCROW,
    HALVES,
    OFFERING,
    REGION,
    drafted,
    founded,
    key_of,
    offering_terms,
)
from tests.domain.offering_world import create

# --- creation ---


def test_create__a_raise__tells_it_before_its_own_events() -> None:
    """OF-1, EV-6."""
    world = founded()
    events = world.run(create(world), w.PLATFORM)
    assert [type(e) for e in events[1:5]] == [OfferingCreated, Enrolled, Enrolled, OfferingPhaseChanged]
    assert world.offering.terms == offering_terms(world)
    assert world.state.enrolled == {OFFERING, ESCROW}
    world.stands()


def test_create__by_anybody_but_the_platform__is_refused() -> None:
    """OF-1."""
    world = founded()
    assert world.refusal(create(world), w.ADMIN) == ("NotAuthorised", w.ADMIN, 4)


MALFORMED: list[tuple[int, dict[str, Any]]] = [
    (1, {"company": w.STRANGER}),
    (2, {"share_class": w.STRANGER}),
    (3, {"fee_recipient": w.STRANGER}),
    (4, {"price": 0}),
    (4, {"price": 2**96 // 10**8 + 1, "minimum": 2**96, "maximum": 2**97}),
    (5, {"minimum": 0}),
    (5, {"minimum": 5_005}),
    (5, {"minimum": 10_010}),
    (6, {"maximum": 10_005}),
    (6, {"maximum": 1_000_010}),
    (7, {"investor_minimum": 10_001}),
    (8, {"investor_minimum": 0, "investor_maximum": 9}),
    (9, {"opens_at": w.START + 5 * DAY}),
    (10, {"opens_at": w.START - 2, "closes_at": w.START}),
    (11, {"cooling_off": 90 * DAY + 1}),
    (12, {"settle_within": 0}),
    (13, {"fee_bps": 10_000}),
    (14, {"region": 45}),
    (15, {"risk_grade": 6}),
    (16, {"method": 0}),
    (16, {"method": 3}),
    (18, {"memorandum": ZERO_HASH}),
    (19, {"disclosure": ZERO_HASH}),
]


@pytest.mark.parametrize(("field", "changes"), MALFORMED)
def test_create__malformed_term__is_named_by_its_number(field: int, changes: dict[str, Any]) -> None:
    """OF-1: among them a price that gives a fraction of a share, and RG-1's ceiling of a region."""
    world = founded()
    assert world.refusal(create(world, **changes), w.PLATFORM) == ("OfferingMalformed", field)


def test_create__in_a_region_without_a_scheme__is_refused() -> None:
    """RG-1."""
    world = founded()
    world.run(do.SetScheme(w.header(), REGION, 2, 0, 0), w.REGULATOR)
    assert world.refusal(create(world), w.PLATFORM) == ("OfferingMalformed", 6)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ((5_000, 4_999), (9_999, 10_000)),
        ((5_000, 5_001), (10_001, 10_000)),
        ((-4_751, 10_000), (4_751, 4_750)),
        ((-4_000,), (4_000, 9_500)),
        ((-4_750,), (4_750, 9_500)),
        ((), (0, 9_500)),
    ],
)
def test_create__schedule_that_does_not_add_up__is_refused(values: tuple[int, ...], fault: tuple[int, int]) -> None:
    """OF-1: for every outcome between minimum and maximum; negative here means fen, positive basis points."""
    world = founded()
    parts = tuple(replace(HALVES[0], is_share=v > 0, value=abs(v)) for v in values)
    assert world.refusal(create(world, parts), w.PLATFORM) == ("ScheduleDoesNotAddUp", *fault)


def test_create__fixed_amounts_and_one_outcome__add_up() -> None:
    """OF-1."""
    world = founded()
    part = replace(HALVES[0], is_share=False, value=9_500)
    world.run(create(world, (part,), minimum=10_000), w.PLATFORM)


# --- admission and opening ---


def test_draft__of_a_company_that_has_not_admitted_it__is_not_opened() -> None:
    """OF-2."""
    world = founded()
    world.run(create(world), w.PLATFORM)
    assert world.refusal(do.OpenOffering(OFFERING, w.header()), w.PLATFORM) == ("OfferingNotAdmitted", OFFERING)
    admit = do.AdmitOffering(w.COMPANY, w.header(), OFFERING)
    assert world.refusal(admit, w.AGENT) == ("NotAuthorised", w.AGENT, 1)
    world.run(admit, w.ADMIN)
    roles = world.state.companies[w.COMPANY].roles
    assert (roles[OFFERING], roles[ESCROW]) == (32, 32)
    assert world.refusal(do.OpenOffering(OFFERING, w.header()), w.ADMIN) == ("NotAuthorised", w.ADMIN, 4)
    world.run(do.OpenOffering(OFFERING, w.header()), w.PLATFORM)
    assert world.refusal(do.OpenOffering(OFFERING, w.header()), w.PLATFORM) == ("OfferingPhaseForbids", 2)
    world.stands()


def test_admission__of_a_stranger_or_while_migrating__is_refused() -> None:
    """OF-2."""
    world = founded()
    stranger = do.AdmitOffering(w.COMPANY, w.header(), w.STRANGER)
    assert world.refusal(stranger, w.ADMIN) == ("OfferingUnknown", w.STRANGER)
    migrating = w.migrating()
    with pytest.raises(do.Refusal, match="PhaseForbids"):
        migrating.run(do.AdmitOffering(w.COMPANY, w.header(), OFFERING), w.ADMIN)


def test_admission__cannot_be_undone__by_setting_roles() -> None:
    """OF-2."""
    world = drafted()
    world.run(do.SetCompanyRoles(w.COMPANY, w.header(), OFFERING, 0), w.ADMIN)
    world.run(do.OpenOffering(OFFERING, w.header()), w.PLATFORM)
    given = do.SetCompanyRoles(w.COMPANY, w.header(), w.STRANGER, 32)
    assert world.refusal(given, w.ADMIN) == ("RoleMalformed", w.STRANGER, 32)
    nobody = do.SetCompanyRoles(w.COMPANY, w.header(), ZERO_ADDRESS, 2)
    assert world.refusal(nobody, w.ADMIN) == ("RoleMalformed", ZERO_ADDRESS, 2)


def test_open__keeps_shares_free__that_nobody_else_can_issue() -> None:
    """RS-1."""
    world = drafted()
    events = world.run(do.OpenOffering(OFFERING, w.header()), w.PLATFORM)
    assert [type(e) for e in events[1:]] == [OfferingPhaseChanged, SharesReserved]
    c = world.state.classes[w.ORDINARY]
    assert (c.reserved, c.room, c.word.is_reserving) == (1_000, 8_000, True)
    issue = do.Issue(w.ORDINARY, w.header(), Consideration(), (w.entry(world.book(1), 8_001),))
    assert world.refusal(issue, w.AGENT)[:3] == ("Refused", 19, 1 << 18)
    less = do.SetAuthorised(w.ORDINARY, w.header(), Shares(1_999))
    assert world.refusal(less, w.AGENT) == ("AuthorisedBelowIssued", 1_999, 2_000)
    world.run(do.SetAuthorised(w.ORDINARY, w.header(), Shares(2_000)), w.AGENT)
    world.stands()


def test_open__without_room_or_time__is_refused() -> None:
    """RS-1, OF-2."""
    world = drafted()
    world.run(do.SetAuthorised(w.ORDINARY, w.header(), Shares(1_999)), w.AGENT)
    refused = world.refusal(do.OpenOffering(OFFERING, w.header()), w.PLATFORM)
    assert refused == ("Refused", 19, 1 << 18, ZERO_ADDRESS, OFFERING, 1_000)
    closes_at = world.offering.terms.closes_at
    world.at(closes_at + 1)
    refused = world.refusal(do.OpenOffering(OFFERING, w.header()), w.PLATFORM)
    assert refused == ("Overdue", closes_at + 1, closes_at)


def test_open__with_too_few_verifiers__is_refused() -> None:
    """OF-2."""
    world = drafted()
    for verifier in (6, 7):
        world.run(do.Dismiss(w.header(), w.COMPANY, 1, key_of(verifier)), w.PLATFORM)
    assert world.refusal(do.OpenOffering(OFFERING, w.header()), w.PLATFORM) == ("QuorumAbovePanel", 2, 1)
