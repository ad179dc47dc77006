"""Shares instead of cash: who chooses when, what is delivered, and where it is cash all the same (DV-14, DV-15)."""

from __future__ import annotations

from dataclasses import replace

from registry.domain import commands as do
from registry.domain.args import Consideration
from registry.domain.events import EntryRecorded, RegistryEvent
from registry.domain.events_payout import ScripDelivered
from registry.domain.ids import PartyId
from registry.domain.register import Seat
from tests.domain import world as w
from tests.domain.payout_world import CAST, PAYING, Payer, declared
from tests.domain.test_dividend_pages import freeze, pay_all, told


def declared_with_shares(price: int) -> Payer:
    world = declared()
    world.run(do.CancelDistribution(w.header(), 1), CAST.admin)
    world.run(do.AdmitPayouts(w.COMPANY, w.header(), PAYING.distributions), CAST.admin)
    world.declare(replace(world.dividend().terms, scrip_price=price))
    return world


def choose(world: Payer, party: int, chosen: bool = True) -> tuple[RegistryEvent, ...]:
    if party in (1, 2, 4):
        return world.run(do.ChooseScrip(2, chosen), CAST.wallet(party))
    return world.run(do.ChooseScripFor(w.header(), 2, PartyId(party), chosen), w.PLATFORM)


def fix_second(world: Payer) -> None:
    world.fix(2)
    world.due(2)


def with_scrip(*parties: int, price: int = 7) -> Payer:
    """The second dividend, which is due; the first was taken back."""
    world = declared_with_shares(price)
    for party in parties:
        choose(world, party)
    fix_second(world)
    return world


def test_scrip__whole_shares_for_the_net_amount__and_the_rest_in_cash() -> None:
    """DV-15: party 1 has 1 526 fen net: 218 shares at 7 fen, none over; party 3 has 36 fen: 5 shares and 1 fen."""
    world = with_scrip(1, 3)
    account = world.cash(CAST.admin)
    events = pay_all(world, 2)
    lines = {line.party: line for line in told(events)}
    assert (lines[1].net, lines[3].net) == (1_526, 36)
    given = [(e.party, e.shares, e.cost) for e in events if isinstance(e, ScripDelivered)]
    assert given == [(1, 218, 1_526), (3, 5, 35)]
    assert [e.taker.party for e in events if isinstance(e, EntryRecorded)] == [1, 3]
    assert world.balance(w.ORDINARY, CAST.wallet(1)) == 333 + 218
    assert (world.cash(CAST.wallet(1)), world.cash(CAST.book(3))) == (0, 1)
    assert world.cash(CAST.admin) == account + 1_561 + lines[6].net
    assert world.dividend(2).paid == sum(line.net for line in lines.values())
    world.run(do.CloseDistribution(2), w.STRANGER)
    assert world.state.classes[w.ORDINARY].reserved == 0
    world.stands()


def test_scrip__chosen_and_taken_back__is_cash() -> None:
    """DV-14"""
    world = declared_with_shares(7)
    choose(world, 1)
    choose(world, 1, chosen=False)
    fix_second(world)
    assert not any(isinstance(e, ScripDelivered) for e in pay_all(world, 2))
    world.stands()


def test_scrip__regulator_stopped_the_company_or_nothing_held__is_cash() -> None:
    """DV-15"""
    stopped = with_scrip(1)
    stopped.run(do.StopByRegulator(w.COMPANY, w.header(), True), w.REGULATOR)
    pay_all(stopped, 2)
    assert stopped.cash(CAST.wallet(1)) == 1_526
    stopped.stands()
    sold = with_scrip(3)
    sold.run(do.TransferFor(w.ORDINARY, w.header(), Consideration(), CAST.book(3), w.entry(CAST.book(5), 7)), w.AGENT)
    pay_all(sold, 2)
    assert sold.cash(CAST.book(3)) == 36
    sold.stands()


def test_scrip__register_with_a_successor__is_cash() -> None:
    """DV-15"""
    world = with_scrip(1)
    world.state.companies[w.COMPANY].phase = world.replay.companies[w.COMPANY].phase = 4
    pay_all(world, 2)
    assert world.cash(CAST.wallet(1)) == 1_526
    world.stands()


def dues(world: Payer) -> list[str]:
    """What the replay finds: who got shares and was due cash."""
    found = [each.message for each in world.replay.findings]
    return [message for message in found if "is due cash" in message]


def test_scrip__of_a_chain_that_forgets_the_rule__is_found_by_the_replay() -> None:
    """DV-15, EV-7: the register has a successor, nothing is kept free, or the party held nothing any more."""
    gone = with_scrip(1)
    gone.replay.companies[w.COMPANY].phase = 4
    pay_all(gone, 2)
    phase = "company 1 is in phase 4 (succeeded)"
    assert dues(gone) == [f"dividend 2: party 1 got (218, 1526), and is due cash: {phase}"]
    short = with_scrip(1)
    short.replay.payouts.distributions[2].reserved = 217
    pay_all(short, 2)
    assert dues(short) == ["dividend 2: party 1 got (218, 1526), and is due cash: 217 shares are kept free"]
    sold = with_scrip(3)
    sold.run(do.TransferFor(w.ORDINARY, w.header(), Consideration(), CAST.book(3), w.entry(CAST.book(5), 7)), w.AGENT)
    sold.state.companies[w.COMPANY].seats[PartyId(3)] = Seat(accounts=1, weight=1)
    pay_all(sold, 2)
    assert dues(sold) == ["dividend 2: party 3 got (5, 35), and is due cash: it held nothing of company 1"]


def test_scrip__of_who_holds_in_another_account_only__is_no_finding() -> None:
    """DV-15: all shares went from the wallet, to which the new ones go, to the book account."""
    world = with_scrip(1)
    held = world.balance(w.ORDINARY, CAST.wallet(1))
    world.run(do.Transfer(w.ORDINARY, CAST.book(1), held), CAST.wallet(1))
    pay_all(world, 2)
    assert world.balance(w.ORDINARY, CAST.wallet(1)) == 218
    world.stands()


def test_split__while_shares_are_kept_free_for_a_dividend__is_refused() -> None:
    """SP-2"""
    world = with_scrip(1)
    split = do.Split(w.ORDINARY, w.header(), 2, 1, (w.entry(CAST.book(3), 7),))
    assert world.refusal(split, w.AGENT) == ("ClassBound", w.ORDINARY)
    pay_all(world, 2)
    world.run(do.CloseDistribution(2), w.STRANGER)
    world.run(split, w.AGENT)
    world.stands()


def test_scrip__after_the_close__is_cash() -> None:
    """DV-15: nothing is kept free any more."""
    world = with_scrip(1)
    freeze(world, 1)
    pay_all(world, 2)
    world.run(do.CloseDistribution(2), w.STRANGER)
    freeze(world, 1, False)
    pay_all(world, 2)
    assert world.cash(CAST.wallet(1)) == 1_526
    world.stands()


def test_scrip__too_dear_for_the_amount__is_cash() -> None:
    """DV-15"""
    world = with_scrip(3, price=37)
    pay_all(world, 2)
    assert world.cash(CAST.book(3)) == 36
    world.stands()


def test_choose__where_there_is_no_choice_or_no_time__is_refused() -> None:
    """DV-14"""
    world = declared_with_shares(7)
    payable = world.dividend(2).terms.payable_from
    assert world.refusal(do.ChooseScrip(1, True), CAST.wallet(1))[0] == "DistributionStateForbids"
    assert world.refusal(do.ChooseScrip(2, True), w.STRANGER) == ("NotAuthorised", w.STRANGER, 0)
    world.at(payable)
    assert world.refusal(do.ChooseScrip(2, True), CAST.wallet(1)) == ("Overdue", payable, payable - 1)
    world = declared()
    assert world.refusal(do.ChooseScrip(1, True), CAST.wallet(1)) == ("NoScrip", 1)
    world.run(do.SetWalletClosed(w.header(), CAST.wallet(1), True), w.KYC)
    assert world.refusal(do.ChooseScrip(1, True), CAST.wallet(1)) == ("NotAuthorised", CAST.wallet(1), 0)


def test_choose_for__unknown_party_or_not_the_platform__is_refused() -> None:
    """DV-14"""
    world = declared_with_shares(7)
    unknown = do.ChooseScripFor(w.header(), 2, PartyId(99), True)
    assert world.refusal(unknown, w.PLATFORM) == ("PartyUnknown", 99)
    assert world.refusal(unknown) == ("NotAuthorised", w.STRANGER, 4)
