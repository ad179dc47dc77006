"""The rules of a move one by one, at their boundaries: what refuses, what it answers, what must go on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.domain import commands as do
from registry.domain.args import Consideration
from registry.domain.commands import Refusal
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares
from registry.domain.rules import Basis, Rule, applying, broken_by_giver, broken_issue, broken_move, rules_in
from registry.domain.views import broken_issue_rules, broken_rules, can_receive, can_send, can_transfer, restriction
from registry.domain.words import ClassWord, Holding, PartyWord
from tests.domain import world as w

TODAY = Day(20_000)
GIVER = PartyWord(PartyId(1), TODAY, TODAY, 3)
TAKER = PartyWord(PartyId(2), TODAY, TODAY, 3)
HOLDING = Holding(PartyId(1), balance=Shares(10))
EMPTY = Holding(PartyId(2))
CLASS = ClassWord(issued=Shares(10), authorised=Shares(20), categories=w.CATEGORIES)
ROOM = 10


def move(**changes: object) -> Rule:
    given: dict[str, object] = {
        "word": CLASS,
        "giver": HOLDING,
        "taker": EMPTY,
        "g": GIVER,
        "t": TAKER,
        "shares": 10,
        "today": TODAY,
    }
    return broken_move(**{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "rule", "id"),
    [
        ({"word": replace(CLASS, stops=1)}, Rule.REGULATOR_STOP, "ST-1"),
        ({"word": replace(CLASS, stops=2)}, Rule.COMPANY_STOP, "ST-2"),
        ({"word": replace(CLASS, stops=4)}, Rule.CLASS_STOP, "ST-3"),
        ({"word": replace(CLASS, stops=8)}, Rule.NOT_OPEN, "ST-4"),
        ({"word": replace(CLASS, stops=16)}, Rule.CLOSED, "ST-5"),
        ({"g": PartyWord(PartyId(0))}, Rule.SENDER_UNKNOWN, "ID-1"),
        ({"t": PartyWord(PartyId(0))}, Rule.RECEIVER_UNKNOWN, "ID-2"),
        ({"g": replace(GIVER, flags=1)}, Rule.SENDER_FROZEN, "FR-1"),
        ({"t": replace(TAKER, flags=1)}, Rule.RECEIVER_FROZEN, "FR-2"),
        ({"g": replace(GIVER, closed_wallets=1)}, Rule.SENDER_WALLET_CLOSED, "WA-1"),
        ({"t": replace(TAKER, closed_wallets=1)}, Rule.RECEIVER_WALLET_CLOSED, "WA-2"),
        ({"t": replace(TAKER, category=6)}, Rule.CATEGORY, "EL-1"),
        ({"t": replace(TAKER, kyc_day=Day(TODAY - 1))}, Rule.KYC, "EL-2"),
        ({"t": replace(TAKER, qualification_day=Day(TODAY - 1))}, Rule.QUALIFICATION, "EL-3"),
        ({"giver": replace(HOLDING, lock_day=TODAY)}, Rule.LOCKED, "LK-1"),
        ({"shares": 11}, Rule.BALANCE, "BA-1"),
        ({"giver": replace(HOLDING, encumbered=Shares(1))}, Rule.ENCUMBERED, "BA-2"),
        ({"has_seat": False}, Rule.HOLDERS_CAP, "HC-1"),
    ],
)
def test_move__one_thing_wrong__breaks_that_rule_alone(changes: dict[str, object], rule: Rule, id: str) -> None:
    broken = move(**changes)
    assert broken == rule
    assert rule.id == id
    assert rules_in(broken) == (rule,)


def test_move__last_valid_day_of_everything__is_let_pass() -> None:
    assert move(giver=replace(HOLDING, lock_day=Day(TODAY - 1))) == 0


def test_move__sender_lapsed__is_let_pass() -> None:
    """Lapsed is not frozen: EL-2 and EL-3 ask the receiver only."""
    assert move(g=replace(GIVER, kyc_day=Day(0), qualification_day=Day(0), category=0)) == 0


def test_move__category_without_qualification__asks_no_qualification_day() -> None:
    assert move(t=replace(TAKER, category=4, qualification_day=Day(0))) == 0


def test_move__book_account_of_closed_wallets__is_let_pass() -> None:
    assert broken_by_giver(replace(HOLDING, account=8), replace(GIVER, closed_wallets=255), 1, TODAY) == 0  # type: ignore[arg-type]


def test_issue__one_above_authorised__breaks_au_1() -> None:
    """AU-1."""
    assert broken_issue(CLASS, EMPTY, TAKER, 11, ROOM, TODAY) == Rule.AUTHORISED
    assert broken_issue(CLASS, EMPTY, TAKER, 10, ROOM, TODAY) == 0
    assert broken_issue(CLASS, EMPTY, TAKER, 10, ROOM, TODAY, has_seat=False) == Rule.HOLDERS_CAP


def test_applying__own_account__skips_the_rules_of_receiving() -> None:
    skipped = Rule.CATEGORY | Rule.KYC | Rule.QUALIFICATION | Rule.HOLDERS_CAP | Rule.LOCKED
    assert applying(Basis.OWN_ACCOUNT) & skipped == 0
    assert applying(Basis.NONE) == applying(Basis.LAW)


# --- the execution ---


@pytest.fixture
def world() -> w.World:
    """Party 1 has a book account and two wallets, party 2 a wallet; 1 holds 10 in its book account."""
    world = w.opened(cap=2)
    w.onboard(world, *(w.word(party) for party in (1, 2, 3)))
    for party, number in ((1, 0), (1, 1), (2, 0)):
        w.bind(world, party, number)
    w.issue(world, world.book(1), 10)
    return world


def for_owner(giver: Address, taker: Address, shares: int, lock_day: int = 0) -> do.TransferFor:
    return do.TransferFor(w.ORDINARY, w.header(), Consideration(), giver, w.entry(taker, shares, lock_day))


def holding(world: w.World, account: Address) -> Holding:
    return world.state.classes[w.ORDINARY].holdings[world.state.account_of(account)]


def test_transfer__receiver_unknown__answers_code_bitmap_and_values(world: w.World) -> None:
    world.run(for_owner(world.book(1), w.wallet(1, 0), 10), w.AGENT)
    with pytest.raises(Refusal) as refused:
        world.run(do.Transfer(w.ORDINARY, w.STRANGER, 11), w.wallet(1, 0))
    assert refused.value.name == "Refused"
    both = int(Rule.RECEIVER_UNKNOWN | Rule.BALANCE)
    assert refused.value.values == (7, both, w.wallet(1, 0), w.STRANGER, 11)
    time = world.time
    assert broken_rules(world.state, w.ORDINARY, w.wallet(1, 0), w.STRANGER, 11, time) == both
    assert restriction(world.state, w.ORDINARY, w.wallet(1, 0), w.STRANGER, 11, time) == 7
    assert not can_transfer(world.state, w.ORDINARY, w.wallet(1, 0), w.STRANGER, 11, time)
    assert can_transfer(world.state, w.ORDINARY, w.wallet(1, 0), w.wallet(2, 0), 11, time)


def test_transfer__third_holder_where_two_fit__is_refused_by_the_cap_alone(world: w.World) -> None:
    """HC-1 is asked last and refuses alone; a whole holding may still change hands."""
    w.issue(world, world.book(2), 5)
    with pytest.raises(Refusal) as refused:
        world.run(for_owner(world.book(1), world.book(3), 9), w.AGENT)
    assert refused.value.values[:2] == (18, int(Rule.HOLDERS_CAP))
    assert broken_issue_rules(world.state, w.ORDINARY, world.book(3), 1, world.time) == Rule.HOLDERS_CAP
    world.run(for_owner(world.book(1), world.book(3), 10), w.AGENT)
    assert holding(world, world.book(3)).balance == 10


def test_transfer_for__account_of_a_wallet__is_refused(world: w.World) -> None:
    """AC-5: the agent never moves shares of a wallet."""
    world.run(for_owner(world.book(1), w.wallet(1, 0), 4), w.AGENT)
    for command in (
        for_owner(w.wallet(1, 0), world.book(2), 1),
        do.Cancel(w.ORDINARY, w.header(), 3, Consideration(), w.entry(w.wallet(1, 0), 1)),
        do.Reissue(w.ORDINARY, w.header(), w.wallet(1, 0), Hash32(bytes(32))),
    ):
        with pytest.raises(Refusal, match="NotABookAccount"):
            world.run(command, w.AGENT)


def test_transfer_from__book_account_by_its_owners_open_wallet__needs_no_allowance(world: w.World) -> None:
    """PA-4: the book account has no key; its owner's wallet moves it, a stranger's does not."""
    command = do.TransferFrom(w.ORDINARY, world.book(1), w.wallet(2, 0), 3)
    with pytest.raises(Refusal, match="ERC20InsufficientAllowance"):
        world.run(command, w.wallet(2, 0))
    world.run(command, w.wallet(1, 0))
    world.run(do.SetWalletClosed(w.header(), w.wallet(1, 0), True), w.KYC)
    with pytest.raises(Refusal, match="ERC20InsufficientAllowance"):
        world.run(command, w.wallet(1, 0))
    assert world.balance(w.ORDINARY, w.wallet(2, 0)) == 3


def test_transfer_from__allowance__is_spent(world: w.World) -> None:
    world.run(for_owner(world.book(1), w.wallet(1, 0), 10), w.AGENT)
    world.run(do.Approve(w.ORDINARY, w.wallet(2, 0), 4), w.wallet(1, 0))
    spend = do.TransferFrom(w.ORDINARY, w.wallet(1, 0), w.wallet(2, 0), 3)
    world.run(spend, w.wallet(2, 0))
    with pytest.raises(Refusal) as refused:
        world.run(spend, w.wallet(2, 0))
    assert refused.value.values == (w.wallet(2, 0), 1, 3)


def test_own_accounts__lock_up__travels_and_the_later_one_stays(world: w.World) -> None:
    """LK-2."""
    locked = Day(world.today + 9)
    world.run(do.SetLock(w.ORDINARY, w.header(), world.book(1), locked), w.AGENT)
    world.run(for_owner(world.book(1), w.wallet(1, 0), 4), w.AGENT)
    assert holding(world, w.wallet(1, 0)).lock_day == locked
    with pytest.raises(Refusal) as refused:
        world.run(do.Transfer(w.ORDINARY, w.wallet(2, 0), 1), w.wallet(1, 0))
    assert refused.value.values[0] == Rule.LOCKED.code
    world.run(for_owner(world.book(1), w.wallet(1, 0), 1, world.today + 3), w.AGENT)
    assert holding(world, w.wallet(1, 0)).lock_day == locked


def test_empty_move__lock_up__is_not_carried(world: w.World) -> None:
    """LK-2: anybody may send an empty move, so it changes nothing."""
    world.run(for_owner(world.book(1), w.wallet(2, 0), 0, world.today + 9), w.AGENT)
    world.run(do.SetLock(w.ORDINARY, w.header(), world.book(1), Day(world.today + 9)), w.AGENT)
    world.run(do.Transfer(w.ORDINARY, w.wallet(1, 1), 0), w.wallet(1, 0))
    assert holding(world, w.wallet(2, 0)).lock_day == holding(world, w.wallet(1, 1)).lock_day == 0


def test_last_share__gone__ends_the_lock_up(world: w.World) -> None:
    """LK-3."""
    world.run(do.SetLock(w.ORDINARY, w.header(), world.book(1), Day(world.today - 1)), w.AGENT)
    world.run(for_owner(world.book(1), w.wallet(2, 0), 9), w.AGENT)
    assert holding(world, world.book(1)).lock_day == world.today - 1
    world.run(for_owner(world.book(1), w.wallet(2, 0), 1), w.AGENT)
    assert holding(world, world.book(1)).lock_day == 0


def test_questions__frozen_or_unclassified_party__answer_no(world: w.World) -> None:
    assert can_send(world.state, w.wallet(1, 0), world.time)
    assert can_receive(world.state, w.ORDINARY, w.wallet(1, 0), world.time)
    world.run(do.SetFrozen(w.header(), PartyId(1), True), w.REGULATOR)
    assert not can_send(world.state, w.wallet(1, 0), world.time)
    assert not can_receive(world.state, w.ORDINARY, w.wallet(1, 0), world.time)
    assert not can_receive(world.state, w.ORDINARY, w.STRANGER, world.time)
