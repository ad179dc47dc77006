"""Acts of agents: headers, roles, batches, the life of a company, splits, conversions, record dates."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.domain import commands as do
from registry.domain.args import ZERO_ADDRESS, ClassTerms, CompanyTerms, Consideration, RoleGrant
from registry.domain.commands import Command, Refusal
from registry.domain.events import ActRecorded, CapExceeded, ConsiderationStated, EntryRecorded, Transfer
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares, Timestamp
from registry.domain.rules import Rule
from registry.domain.views import balance_on_record
from tests.domain import world as w

NEXT = w.address("next")
NOTHING = Consideration()


@pytest.fixture
def world() -> w.World:
    world = w.opened()
    w.onboard(world, *(w.word(party) for party in range(1, 6)))
    w.issue(world, world.book(1), 100)
    return world


@pytest.fixture
def taking_over() -> w.World:
    """A register that is being migrated."""
    world = w.migrating(cap=1)
    w.onboard(world, *(w.word(party, 0, 0, 0) for party in range(1, 6)))
    return world


def refusal(world: w.World, command: Command, actor: Address) -> tuple[object, ...]:
    with pytest.raises(Refusal) as refused:
        world.run(command, actor)
    return (refused.value.name, *refused.value.values)


# --- headers ---


def test_header__wrong__is_refused_in_the_contracts_order(world: w.World) -> None:
    """AC-1, AC-2, AC-3."""
    good = w.header()
    stop = do.StopCompany(w.COMPANY, good, False)
    nothing = Hash32(bytes(32))
    tomorrow = Day(world.today + 1)
    bad = replace(good, operation=nothing, document=nothing, effective_on=tomorrow)
    assert refusal(world, replace(stop, header=bad), w.STOPPER) == ("OperationMissing",)
    bad = replace(bad, operation=good.operation)
    assert refusal(world, replace(stop, header=bad), w.STOPPER) == ("DocumentMissing", good.operation)
    bad = replace(good, effective_on=tomorrow)
    assert refusal(world, replace(stop, header=bad), w.STOPPER) == ("EffectiveInFuture", tomorrow, world.today)
    world.run(replace(stop, header=replace(good, effective_on=world.today)), w.STOPPER)
    assert refusal(world, stop, w.STOPPER) == ("OperationDone", good.operation)


def test_operation__refused__can_be_carried_out_later(world: w.World) -> None:
    """AC-1: a refused act uses up no id."""
    command = do.Cancel(w.ORDINARY, w.header(), 3, NOTHING, w.entry(world.book(1), 101))
    assert refusal(world, command, w.AGENT)[:2] == ("Refused", Rule.BALANCE.code)
    world.run(replace(command, entry=w.entry(world.book(1), 100)), w.AGENT)


@pytest.mark.parametrize("count", [0, 201])
def test_batch__empty_or_above_200__is_refused(world: w.World, count: int) -> None:
    """AC-4."""
    entries = (w.entry(world.book(1), 1),) * count
    assert refusal(world, do.Issue(w.ORDINARY, w.header(), NOTHING, entries), w.AGENT) == (
        "TooManyEntries",
        count,
        200,
    )


def test_issue__with_consideration__leaves_act_consideration_and_a_line_each(world: w.World) -> None:
    """EV-1, EV-2."""
    entries = (w.entry(world.book(1), 5), w.entry(world.book(2), 6))
    events = world.run(do.Issue(w.ORDINARY, w.header(-4), Consideration(1, 156, 7), entries), w.AGENT)
    kinds = [type(event) for event in events]
    assert kinds == [ActRecorded, ConsiderationStated, Transfer, EntryRecorded, Transfer, EntryRecorded]
    line = events[3]
    assert isinstance(line, EntryRecorded)
    assert line.giver.party == 0
    assert line.taker.balance == 105


# --- roles ---


@pytest.mark.parametrize(
    ("command", "role"),
    [
        (do.StopCompany(w.COMPANY, w.header(), True), 8),
        (do.StopByRegulator(w.COMPANY, w.header(), True), 2),
        (do.SetCap(w.COMPANY, w.header(), 1), 2),
        (do.RecordDocument(w.COMPANY, w.header(), 4, "uri"), 16),
        (do.SetCompanyRoles(w.COMPANY, w.header(), NEXT, 2), 1),
        (do.OfferAdmin(w.COMPANY, w.header(), NEXT), 1),
        (do.NameSuccessor(w.COMPANY, w.header(), NEXT), 1),
        (do.Abandon(w.COMPANY, w.header()), 5),
        (do.SetAuthorised(w.ORDINARY, w.header(), Shares(1)), 2),
        (do.SetFrozen(w.header(), PartyId(1), True), 2),
        (do.TrustProvider(w.header(), NEXT, w.Provider(PartyId(1), PartyId(2), Day(1))), 1),
        (do.RevokeProvider(w.header(), w.KYC), 1),
        (do.SetRoles(w.header(), NEXT, 2), 1),
        (do.OfferGovernor(w.header(), NEXT), 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_act__by_a_stranger__names_the_role(world: w.World, command: Command, role: int) -> None:
    """RO-1."""
    assert refusal(world, command, w.STRANGER) == ("NotAuthorised", w.STRANGER, role)


def test_agent__while_the_company_migrates__is_not_the_migrator(taking_over: w.World) -> None:
    """RO-1."""
    entries = (w.entry(taking_over.book(1), 1),)
    issue = do.Issue(w.ORDINARY, w.header(), NOTHING, entries)
    assert refusal(taking_over, issue, w.AGENT) == ("NotAuthorised", w.AGENT, 4)
    taking_over.run(issue, w.MIGRATOR)


def test_admin__handed_over__has_one_holder_at_a_time(world: w.World) -> None:
    """RO-2."""
    assert refusal(world, do.SetCompanyRoles(w.COMPANY, w.header(), NEXT, 1), w.ADMIN)[0] == "RoleMalformed"
    assert refusal(world, do.AcceptAdmin(w.COMPANY), NEXT) == ("NotAuthorised", NEXT, 1)
    world.run(do.OfferAdmin(w.COMPANY, w.header(), NEXT), w.ADMIN)
    world.run(do.AcceptAdmin(w.COMPANY), NEXT)
    roles = world.state.companies[w.COMPANY].roles
    assert (roles[w.ADMIN], roles[NEXT]) == (0, 1)
    assert world.replay == world.state


def test_governor__handed_over__has_one_holder_at_a_time(world: w.World) -> None:
    """RO-2."""
    assert refusal(world, do.SetRoles(w.header(), NEXT, 1), w.GOVERNOR)[0] == "RoleMalformed"
    world.run(do.OfferGovernor(w.header(), NEXT), w.GOVERNOR)
    assert refusal(world, do.AcceptGovernor(), w.STRANGER) == ("NotAuthorised", w.STRANGER, 1)
    world.run(do.AcceptGovernor(), NEXT)
    assert (world.state.roles[w.GOVERNOR], world.state.roles[NEXT]) == (0, 1)
    assert world.replay == world.state


# --- the life of a company ---


def create(terms: CompanyTerms, *classes: ClassTerms, grants: tuple[RoleGrant, ...] = ()) -> do.CreateCompany:
    addresses = tuple(w.address(f"class {number}") for number in range(len(classes)))
    return do.CreateCompany(w.header(), terms, classes, grants, NEXT, addresses)


GOOD = ClassTerms("Ordinary", "ORD", Shares(10), 0, w.CATEGORIES)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (create(CompanyTerms("N", 3, 1, 5)), ("CompanyMalformed", 3, 5)),  # CO-1
        (create(CompanyTerms("N", 1, 1, 0)), ("CompanyMalformed", 1, 0)),
        (create(CompanyTerms("N", 1, 1, 5), *(GOOD,) * 33), ("TooManyClasses", 32)),  # CO-4
        (create(CompanyTerms("N", 1, 1, 5), replace(GOOD, decimals=7)), ("ClassMalformed", 7, w.CATEGORIES)),  # CL-1
        (create(CompanyTerms("N", 1, 1, 5), replace(GOOD, categories=3)), ("ClassMalformed", 0, 3)),
        (
            create(CompanyTerms("N", 1, 1, 5), replace(GOOD, authorised=Shares(2**64 - 1))),
            ("AuthorisedTooLarge", 2**64 - 1),
        ),
        (
            create(CompanyTerms("N", 1, 1, 5), grants=(RoleGrant(ZERO_ADDRESS, 1),)),
            ("RoleMalformed", ZERO_ADDRESS, 1),
        ),
    ],
)
def test_company__terms_wrong__is_not_created(
    world: w.World, command: do.CreateCompany, expected: tuple[object, ...]
) -> None:
    assert refusal(world, command, w.PLATFORM) == expected
    assert refusal(world, command, w.STRANGER) == ("NotAuthorised", w.STRANGER, 4)
    assert NEXT not in world.state.companies


def test_company__opened_or_abandoned__stays_so(world: w.World, taking_over: w.World) -> None:
    """CO-2."""
    assert refusal(world, do.Open(w.COMPANY, w.header()), w.ADMIN) == ("PhaseForbids", 2)
    assert refusal(world, do.Abandon(w.COMPANY, w.header()), w.ADMIN) == ("PhaseForbids", 2)
    taking_over.run(do.Abandon(w.COMPANY, w.header()), w.MIGRATOR)
    assert refusal(taking_over, do.Open(w.COMPANY, w.header()), w.ADMIN) == ("PhaseForbids", 3)
    new = do.CreateClass(w.COMPANY, w.header(), GOOD, NEXT)
    assert refusal(taking_over, new, w.MIGRATOR) == ("PhaseForbids", 3)


def test_successor__that_names_another_predecessor__is_refused(world: w.World) -> None:
    """CO-3."""
    world.run(create(CompanyTerms("Stranger", 1, 1, 5)), w.PLATFORM)
    name = do.NameSuccessor(w.COMPANY, w.header(), NEXT)
    assert refusal(world, name, w.ADMIN) == ("RoleMalformed", NEXT, 0)
    heir = w.address("heir")
    world.run(replace(create(CompanyTerms("Heir", 1, 1, 5, w.COMPANY)), company=heir), w.PLATFORM)
    world.run(replace(name, successor=heir), w.ADMIN)
    assert world.state.classes[w.ORDINARY].stops == Rule.CLOSED
    assert refusal(world, replace(name, header=w.header()), w.ADMIN) == ("PhaseForbids", 4)


def test_authorised__below_issued__is_refused(world: w.World) -> None:
    """CL-2."""
    below = do.SetAuthorised(w.ORDINARY, w.header(), Shares(99))
    assert refusal(world, below, w.AGENT) == ("AuthorisedBelowIssued", 99, 100)
    world.run(replace(below, authorised=Shares(100)), w.AGENT)


def test_class__born_while_the_company_is_stopped__is_stopped(world: w.World) -> None:
    world.run(do.StopCompany(w.COMPANY, w.header(), True), w.STOPPER)
    world.run(do.CreateClass(w.COMPANY, w.header(), GOOD, NEXT), w.ADMIN)
    assert world.state.classes[NEXT].stops == Rule.COMPANY_STOP
    assert world.replay == world.state


def test_migration__unclassified_holders_above_the_cap__are_recorded_with_an_alarm(taking_over: w.World) -> None:
    """HC-5."""
    w.issue(taking_over, taking_over.book(1), 5)
    events = taking_over.run(do.Issue(w.ORDINARY, w.header(), NOTHING, (w.entry(taking_over.book(2), 5),)), w.MIGRATOR)
    assert next(e for e in events if isinstance(e, CapExceeded)).seats == 2
    events = taking_over.run(do.Open(w.COMPANY, w.header()), w.ADMIN)
    assert any(isinstance(e, CapExceeded) for e in events)


# --- splits and conversions ---


def test_split__of_somebody_who_holds_nothing__is_refused(world: w.World) -> None:
    """SP-1."""
    lines = (w.entry(world.book(1), 100), w.entry(world.book(2), 1))
    assert refusal(world, do.Split(w.ORDINARY, w.header(), 2, 1, lines), w.AGENT) == ("SharesMissing",)
    world.run(do.Split(w.ORDINARY, w.header(), 2, 1, lines[:1]), w.AGENT)
    assert world.balance(w.ORDINARY, world.book(1)) == 200
    world.run(do.Split(w.ORDINARY, w.header(), 1, 2, lines[:1]), w.AGENT)
    assert world.balance(w.ORDINARY, world.book(1)) == 100


def test_split__of_a_frozen_and_locked_holder__is_recorded(world: w.World) -> None:
    """Law asks neither freezes nor lock-ups: SP-1."""
    world.run(do.SetFrozen(w.header(), PartyId(1), True), w.REGULATOR)
    world.run(do.SetLock(w.ORDINARY, w.header(), world.book(1), Day(world.today + 5)), w.AGENT)
    world.run(do.Split(w.ORDINARY, w.header(), 1, 2, (w.entry(world.book(1), 50),)), w.AGENT)
    assert world.balance(w.ORDINARY, world.book(1)) == 50


def test_conversion__in_a_full_company__keeps_the_holders_seat(world: w.World) -> None:
    """CV-1, EV-3: one act of the company, a line in each class."""
    world.run(do.SetCap(w.COMPANY, w.header(), 1), w.REGULATOR)
    shares = Shares(100)
    command = do.Convert(
        w.COMPANY, w.header(), NOTHING, w.ORDINARY, w.PREFERRED, world.book(1), shares, shares, Hash32(bytes(32))
    )
    events = world.run(command, w.AGENT)
    assert [event.at.emitter for event in events if isinstance(event, ActRecorded)] == [w.COMPANY]
    assert [event.at.emitter for event in events if isinstance(event, EntryRecorded)] == [w.PREFERRED, w.ORDINARY]
    assert world.state.companies[w.COMPANY].seats_taken == 1
    same = replace(command, header=w.header(), to_class=w.ORDINARY)
    assert refusal(world, same, w.AGENT) == ("ClassUnknown", w.ORDINARY)


def test_reissue__in_a_stopped_class__is_refused(world: w.World) -> None:
    """ST-6."""
    again = do.Reissue(w.ORDINARY, w.header(), world.book(1), Hash32(b"CS-2".ljust(32, b"\0")))
    world.run(again, w.AGENT)
    world.run(do.StopClass(w.COMPANY, w.header(), w.ORDINARY, True), w.STOPPER)
    again = replace(again, header=w.header())
    assert refusal(world, again, w.AGENT)[:3] == ("Refused", Rule.CLASS_STOP.code, int(Rule.CLASS_STOP))
    assert refusal(world, replace(again, account=world.book(2)), w.AGENT) == ("NotABookAccount", world.book(2))


# --- record dates ---


def test_record_date__past_or_not_ascending__is_refused(world: w.World) -> None:
    """RD-1."""
    late = do.SetRecordDate(w.ORDINARY, w.header(), world.time - 1)
    assert refusal(world, late, w.AGENT) == ("RecordTimeMalformed", world.time - 1, 0)
    world.run(replace(late, time=world.time + 60), w.AGENT)
    again = replace(late, header=w.header(), time=world.time + 60)
    assert refusal(world, again, w.AGENT) == ("RecordTimeMalformed", world.time + 60, world.time + 60)


def test_record_date__the_257th__is_refused(world: w.World) -> None:
    """RD-1: 255 wait behind the next one."""
    for number in range(256):
        world.run(do.SetRecordDate(w.ORDINARY, w.header(), world.time + number), w.AGENT)
    last = do.SetRecordDate(w.ORDINARY, w.header(), world.time + 256)
    assert refusal(world, last, w.AGENT) == ("TooManyEntries", 256, 256)


def test_balance__at_a_record_date__is_that_of_the_last_block_before_its_end(world: w.World) -> None:
    """RD-2, also where a second date is announced before anybody moved, and for one who came later or left."""
    first = world.time
    world.run(do.SetRecordDate(w.ORDINARY, w.header(), first), w.AGENT)
    w.issue(world, world.book(1), 1)

    def asked(party: int, epoch: int) -> int:
        return balance_on_record(world.state, w.ORDINARY, world.book(party), epoch, world.time)

    with pytest.raises(Refusal, match="RecordDateAhead"):
        asked(1, 1)
    with pytest.raises(Refusal, match="RecordDateUnknown"):
        asked(1, 2)
    world.time = Timestamp(first + 1)
    world.run(do.SetRecordDate(w.ORDINARY, w.header(), first + 100), w.AGENT)
    world.run(do.Cancel(w.ORDINARY, w.header(), 3, NOTHING, w.entry(world.book(1), 101)), w.AGENT)
    w.issue(world, world.book(2), 7)
    assert (asked(1, 1), asked(2, 1)) == (101, 0)
    world.time = Timestamp(first + 101)
    w.issue(world, world.book(1), 9)
    w.issue(world, world.book(2), 9)
    assert (asked(1, 1), asked(1, 2)) == (101, 0)
    assert (asked(2, 1), asked(2, 2)) == (0, 7)
    assert world.replay == world.state
