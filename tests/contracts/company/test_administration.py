"""Creation of companies and classes, roles and their hand-over, documents, stops, cap."""

from __future__ import annotations

import pytest

from registry.domain.rules import ActKind, Rule
from tests.contracts.support.contracts import Contract
from tests.contracts.support.expect import raises, refused
from tests.contracts.support.ground import (
    ADMIN,
    ALICE,
    BOB,
    COMMON,
    MIGRATOR,
    SECRETARY,
    STOPPER,
    TRANSFER_AGENT,
    ZERO,
    Ground,
    found,
    header,
    line,
)
from tests.contracts.support.raising import Raise

OFFERING = 32
"""The role that raises get by being admitted."""

# --- creation ---


def test_create_company__by_another_than_the_platform__refused(ground: Ground) -> None:
    terms = ("某公司", 1, 4403, 200, ZERO)
    with raises("NotAuthorised", ground.issuer, 4):
        ground.factory.act("createCompany", header(), terms, [], [], by=ground.issuer)


@pytest.mark.parametrize(("form", "cap"), [(0, 200), (3, 200), (1, 0)])
def test_create_company__unknown_form_or_no_cap__refused(ground: Ground, form: int, cap: int) -> None:
    with raises("CompanyMalformed", form, cap):
        found(ground.factory, "某公司", [], cap=cap, form=form)


@pytest.mark.parametrize("grant", [(ZERO, ADMIN), (Ground.issuer, 32)])
def test_create_company__roles_for_nobody_or_of_no_meaning__refused(ground: Ground, grant: tuple[str, int]) -> None:
    with raises("RoleMalformed", *grant):
        ground.factory.act("createCompany", header(), ("x", 1, 1, 1, ZERO), [], [grant], by=ground.platform)


def test_create_company__by_the_platform__numbered_announced_first_and_not_the_platforms(ground: Ground) -> None:
    terms = ("有限责任公司", 2, 3101, 50, ground.company.address)
    grants = [(ground.issuer, ADMIN), (ground.registrar, TRANSFER_AGENT), (ground.issuer, ADMIN | STOPPER)]
    events = ground.factory.act("createCompany", header(), terms, [COMMON], grants, by=ground.platform)
    assert [e.name for e in events] == ["ActRecorded", "CompanyCreated", *["RolesSet"] * 3, "ClassCreated"]
    assert events[0].values["kind"] == ActKind.CREATE_COMPANY
    company = Contract("Company", events[1].values["company"])
    assert (events[1].values["number"], ground.factory.read("numberOf", company.address)) == (2, 2)
    assert ground.factory.read("companyCount") == 2
    assert (company.read("name"), company.read("predecessor")) == ("有限责任公司", ground.company.address)
    assert company.read("rolesOf", ground.platform) == 0
    assert company.read("rolesOf", ground.factory.address) == 0
    assert company.read("rolesOf", ground.issuer) == ADMIN | STOPPER


def test_initialise__company_or_implementation_again__refused(ground: Ground) -> None:
    implementation = Contract("Company", ground.factory.read("companyImplementation"))
    for company in (ground.company, implementation):
        with raises("AlreadyInitialised"):
            company.act("initialise", ("x", 1, 1, 1, ZERO), [], [(ground.stranger, ADMIN)], by=ground.stranger)
    assert ground.factory.read("numberOf", implementation.address) == 0


@pytest.mark.parametrize(
    ("terms", "error"),
    [
        (("x", "X", 1, 7, 2), ("ClassMalformed", 7, 2)),
        (("x", "X", 1, 0, 3), ("ClassMalformed", 0, 3)),
        (("x", "X", 2**64 - 1, 0, 2), ("AuthorisedTooLarge", 2**64 - 1)),
    ],
)
def test_create_class__decimals_categories_or_size_out_of_bounds__refused(
    ground: Ground, terms: tuple[object, ...], error: tuple[object, ...]
) -> None:
    with raises(*error):  # type: ignore[arg-type]
        ground.company.act("createClass", header(), terms, by=ground.issuer)


def test_create_class__in_a_stopped_company__is_born_stopped(ground: Ground) -> None:
    ground.company.act("stopCompany", header(), True, by=ground.stopper)
    ground.company.act("stopByRegulator", header(), True, by=ground.regulator)
    ground.company.act("createClass", header(), ("天使", "XG-T", 10, 6, 2), by=ground.issuer)
    created = Contract("ShareClass", ground.company.read("classes")[2])
    assert ground.class_word(created).stops == Rule.REGULATOR_STOP | Rule.COMPANY_STOP
    assert (ground.class_word(created).decimals, ground.class_word(created).index) == (6, 2)
    assert created.read("name") == "天使"


def test_create_class__names_empty_or_long__read_back_as_given(ground: Ground) -> None:
    for name, symbol in (("", ""), ("股" * 100, "S"), ("n", "符号" * 40)):
        ground.company.act("createClass", header(), (name, symbol, 10, 0, 2), by=ground.issuer)
        created = Contract("ShareClass", ground.company.read("classes")[-1])
        assert (created.read("name"), created.read("symbol")) == (name, symbol)
        assert created.read("company") == ground.company.address


def test_create_class__the_33rd__refused(ground: Ground) -> None:
    for _ in range(30):
        ground.company.act("createClass", header(), COMMON, by=ground.issuer)
    with raises("TooManyClasses", 32):
        ground.company.act("createClass", header(), COMMON, by=ground.issuer)
    assert len(ground.company.read("classes")) == 32
    ground.company.act("stopCompany", header(), True, by=ground.stopper)
    assert all(
        ground.class_word(Contract("ShareClass", address)).stops == Rule.COMPANY_STOP
        for address in ground.company.read("classes")
    )


# --- roles ---


@pytest.mark.parametrize("roles", [ADMIN, ADMIN | STOPPER, 32])
def test_set_roles__admin_or_meaningless_roles__refused(ground: Ground, roles: int) -> None:
    with raises("RoleMalformed", ground.stranger, roles):
        ground.company.act("setRoles", header(), ground.stranger, roles, by=ground.issuer)


def test_set_roles__taken_away__acts_no_more(ground: Ground, alice: str) -> None:
    ground.company.act("setRoles", header(), ground.registrar, SECRETARY, by=ground.issuer)
    with raises("NotAuthorised", ground.registrar, TRANSFER_AGENT):
        ground.issue(ground.common, line(alice, 1))
    ground.company.act("setRoles", header(), ground.issuer, MIGRATOR, by=ground.issuer)
    assert ground.company.read("rolesOf", ground.issuer) == ADMIN | MIGRATOR


def test_set_roles__role_of_a_raise__neither_granted_nor_taken_away(raised: Raise) -> None:
    ground, raise_ = raised.ground, raised.offering.address
    for roles in (OFFERING, OFFERING | SECRETARY):
        with raises("RoleMalformed", ground.stranger, roles):
            ground.company.act("setRoles", header(), ground.stranger, roles, by=ground.issuer)
    with raises("RoleMalformed", raise_, OFFERING):
        ground.company.act("setRoles", header(), raise_, OFFERING, by=ground.issuer)
    for account in (raise_, raised.escrow.address):
        ground.company.act("setRoles", header(), account, 0, by=ground.issuer)
        assert ground.company.read("rolesOf", account) == OFFERING
        ground.company.act("setRoles", header(), account, SECRETARY, by=ground.issuer)
        assert ground.company.read("rolesOf", account) == OFFERING | SECRETARY


def test_admit_offering__again__changes_nothing(raised: Raise) -> None:
    raised.admit()
    for account in (raised.offering.address, raised.escrow.address):
        assert raised.ground.company.read("rolesOf", account) == OFFERING


def test_offer_admin__not_taken_yet__nothing_changes_and_only_the_named_may_take_it(ground: Ground) -> None:
    ground.company.act("offerAdmin", header(), ground.stranger, by=ground.issuer)
    assert ground.company.read("rolesOf", ground.stranger) == 0
    with raises("NotAuthorised", ground.platform, ADMIN):
        ground.company.act("acceptAdmin", by=ground.platform)
    ground.company.act("offerAdmin", header(), ZERO, by=ground.issuer)
    with raises("NotAuthorised", ground.stranger, ADMIN):
        ground.company.act("acceptAdmin", by=ground.stranger)


def test_accept_admin__by_the_named__the_one_who_offered_keeps_the_other_roles(ground: Ground) -> None:
    ground.company.act("setRoles", header(), ground.issuer, SECRETARY, by=ground.issuer)
    ground.company.act("offerAdmin", header(), ground.registrar, by=ground.issuer)
    ground.company.act("acceptAdmin", by=ground.registrar)
    assert ground.company.read("rolesOf", ground.issuer) == SECRETARY
    assert ground.company.read("rolesOf", ground.registrar) == ADMIN | TRANSFER_AGENT
    with raises("NotAuthorised", ground.registrar, ADMIN):
        ground.company.act("acceptAdmin", by=ground.registrar)


def test_accept_admin__offered_to_oneself__stays_admin(ground: Ground) -> None:
    ground.company.act("offerAdmin", header(), ground.issuer, by=ground.issuer)
    ground.company.act("acceptAdmin", by=ground.issuer)
    assert ground.company.read("rolesOf", ground.issuer) == ADMIN


# --- documents, stops, cap ---


def test_record_document__by_the_secretary__hash_stands_in_the_act(ground: Ground) -> None:
    head = header()
    events = ground.company.act("recordDocument", head, 3, "documents/3", by=ground.secretary)
    assert [e.name for e in events] == ["ActRecorded", "DocumentRecorded"]
    assert events[0].values["document"] == head[2]
    assert events[1].values == {"kind": 3, "uri": "documents/3"}


def test_stop_class__of_another_company__refused(ground: Ground) -> None:
    _, [foreign] = found(ground.factory, "另一家公司", [COMMON])
    with raises("ClassUnknown", foreign.address):
        ground.company.act("stopClass", header(), foreign.address, True, by=ground.stopper)


def test_stops__lifted_by_the_wrong_hand__refused(ground: Ground, alice: str, bob: str) -> None:
    ground.company.act("stopByRegulator", header(), True, by=ground.regulator)
    ground.company.act("stopCompany", header(), False, by=ground.stopper)
    with raises("NotAuthorised", ground.stopper, 2):
        ground.company.act("stopByRegulator", header(), False, by=ground.stopper)
    with refused(Rule.REGULATOR_STOP):
        ground.give(ground.common, alice, bob, 1)
    with refused(Rule.REGULATOR_STOP):
        ground.issue(ground.common, line(alice, 1))
    with refused(Rule.REGULATOR_STOP):
        ground.cancel(ground.common, ground.book(BOB), 1)


def test_set_cap__by_another_than_the_regulator__refused(ground: Ground) -> None:
    for actor in (ground.issuer, ground.governor, ground.platform):
        with raises("NotAuthorised", actor, 2):
            ground.company.act("setCap", header(), 500, by=actor)
    assert ground.charter().cap == 200
    assert ground.seat(ALICE)[0] == 1
