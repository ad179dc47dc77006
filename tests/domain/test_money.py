"""Settlement money: minted under the bank's reference, paid by signature, stopped and frozen (MO-1 to MO-6)."""

from __future__ import annotations

import pytest

from registry.domain import commands as do
from registry.domain.args import ZERO_ADDRESS, ZERO_HASH
from registry.domain.commands import Command
from registry.domain.events import Transfer
from registry.domain.events_raise import Burned, Minted
from registry.domain.ids import Address, Hash32
from registry.domain.raise_args import BankLine
from tests.domain import world as w
from tests.domain.escrow_world import BANK, OFFERING, Raised, founded, opened

ALICE, BOB = w.wallet(1, 0), w.wallet(2, 0)
NONCE = Hash32(b"nonce".rjust(32))


@pytest.fixture
def world() -> Raised:
    """Alice has 6 000 fen, Bob 3 000, party 3 has 1 000 in its book account."""
    return founded()


def line(account: Address, amount: int = 100, ref: bytes = b"BANK-9") -> BankLine:
    return BankLine(account, amount, Hash32(ref.ljust(32, b"\0")))


def mint(*lines: BankLine) -> Command:
    return do.Mint(w.header(), lines)


def burn(*lines: BankLine) -> Command:
    return do.Burn(w.header(), lines)


# --- the bank ---


def test_mint__to_a_registered_party__adds_to_balance_and_supply(world: Raised) -> None:
    """MO-1."""
    events = world.run(mint(line(ALICE), line(world.book(4), 7, b"BANK-10")), BANK)
    assert [type(e) for e in events[1:]] == [Transfer, Minted, Transfer, Minted]
    assert (world.cash(ALICE), world.cash(world.book(4))) == (6_100, 7)
    assert world.state.money.supply == 10_107
    world.stands()


def test_mint__reference_a_second_time__is_refused_even_for_a_burn(world: Raised) -> None:
    """MO-1."""
    world.run(mint(line(ALICE)), BANK)
    ref = line(ALICE).ref
    assert world.refusal(mint(line(BOB, 1)), BANK) == ("ReferenceUsed", ref)
    assert world.refusal(burn(line(world.book(3), 1)), BANK) == ("ReferenceUsed", ref)
    twice = mint(line(ALICE, 1, b"BANK-10"), line(ALICE, 1, b"BANK-10"))
    assert world.refusal(twice, BANK)[0] == "ReferenceUsed"


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        (BankLine(ALICE, 1, ZERO_HASH), ("ReferenceMissing", ALICE)),
        (line(ALICE, 0), ("AmountMissing", ALICE)),
        (line(w.STRANGER), ("AccountUnknown", w.STRANGER)),
        (line(ALICE, 2**64 - 10_000), ("AmountTooLarge", 2**64 - 10_000)),
    ],
)
def test_mint__line_that_cannot_be__is_refused(world: Raised, changed: BankLine, refused: tuple[object, ...]) -> None:
    """MO-1, MO-2, MO-6."""
    assert world.refusal(mint(changed), BANK) == refused
    assert world.run(mint(line(ALICE, 2**64 - 10_001)), BANK)


def test_mint__by_anybody_else_or_an_empty_page__is_refused(world: Raised) -> None:
    """MO-1."""
    assert world.refusal(mint(line(ALICE)), w.REGULATOR) == ("NotAuthorised", w.REGULATOR, 8)
    assert world.refusal(burn(line(ALICE)), w.PLATFORM) == ("NotAuthorised", w.PLATFORM, 8)
    assert world.refusal(mint(), BANK) == ("TooManyEntries", 0, 200)


def test_burn__from_a_book_account_and_the_banks_own__never_from_a_wallet(world: Raised) -> None:
    """MO-2."""
    events = world.run(burn(line(world.book(3), 400)), BANK)
    assert [type(e) for e in events[1:]] == [Transfer, Burned]
    assert world.cash(world.book(3)) == 600
    assert world.refusal(burn(line(ALICE, 1, b"BANK-10")), BANK) == ("NotABookAccount", ALICE)
    world.run(do.SendMoney(BANK, 6_000), ALICE)
    world.run(burn(line(BANK, 6_000, b"BANK-10")), BANK)
    refused = world.refusal(burn(line(world.book(3), 601, b"BANK-11")), BANK)
    assert refused == ("ERC20InsufficientBalance", world.book(3), 600, 601)
    assert world.state.money.supply == 3_600
    world.stands()


# --- paying ---


def test_transfer__to_a_book_account_of_nobody__is_refused(world: Raised) -> None:
    """MO-2: it would be lost."""
    nobody = world.book(99)
    assert world.refusal(do.SendMoney(nobody, 1), ALICE) == ("AccountUnknown", nobody)
    world.run(do.SendMoney(world.book(3), 1), ALICE)
    world.run(do.SendMoney(w.STRANGER, 0), w.address("penniless"))
    world.stands()


def test_transfer__more_than_there_is_or_to_nobody__is_refused(world: Raised) -> None:
    assert world.refusal(do.SendMoney(BOB, 6_001), ALICE) == ("ERC20InsufficientBalance", ALICE, 6_000, 6_001)
    assert world.refusal(do.SendMoney(ZERO_ADDRESS, 1), ALICE) == ("ERC20InvalidReceiver", ZERO_ADDRESS)
    assert world.refusal(do.SendMoney(ALICE, 1), ZERO_ADDRESS) == ("ERC20InvalidSender", ZERO_ADDRESS)


def test_book_money__leaves_it_into_a_raise_and_no_other_way(world: Raised) -> None:
    """MO-3: nobody has a key, and an allowance cannot be given without one."""
    giver = world.book(3)
    assert world.refusal(do.SendMoneyFrom(giver, ALICE, 1), ALICE) == ("ERC20InsufficientAllowance", ALICE, 0, 1)
    forged = do.SendAuthorised(giver, ALICE, 1, 0, 2**40, NONCE, is_signed=False)
    assert world.refusal(forged) == ("ERC3009InvalidSignature",)
    raised = opened()
    assert raised.cash(giver) == 0
    assert raised.cash(OFFERING) == 10_000


def test_allowance__is_spent__until_it_is_used_up(world: Raised) -> None:
    world.run(do.AllowMoney(w.STRANGER, 10), ALICE)
    world.run(do.SendMoneyFrom(ALICE, BOB, 7), w.STRANGER)
    refused = ("ERC20InsufficientAllowance", w.STRANGER, 3, 4)
    assert world.refusal(do.SendMoneyFrom(ALICE, BOB, 4)) == refused
    world.run(do.AllowMoney(w.STRANGER, 2**256 - 1), ALICE)
    world.run(do.SendMoneyFrom(ALICE, BOB, 7), w.STRANGER)
    assert world.state.money.allowances[ALICE, w.STRANGER] == 2**256 - 1
    assert world.refusal(do.AllowMoney(ZERO_ADDRESS, 1), ALICE) == ("ERC20InvalidSpender", ZERO_ADDRESS)
    assert world.refusal(do.AllowMoney(BOB, 1), ZERO_ADDRESS) == ("ERC20InvalidApprover", ZERO_ADDRESS)
    assert world.refusal(do.SendMoneyFrom(ZERO_ADDRESS, BOB, 0)) == ("ERC20InvalidApprover", ZERO_ADDRESS)


def test_permit__by_signature__gives_the_allowance(world: Raised) -> None:
    """MO-5."""
    world.run(do.PermitMoney(ALICE, BOB, 5, world.time, ALICE), w.STRANGER)
    world.run(do.SendMoneyFrom(ALICE, BOB, 5), BOB)
    late = do.PermitMoney(ALICE, BOB, 5, world.time - 1, ALICE)
    assert world.refusal(late) == ("ERC2612ExpiredSignature", world.time - 1)
    forged = do.PermitMoney(ALICE, BOB, 5, world.time, BOB)
    assert world.refusal(forged) == ("ERC2612InvalidSigner", BOB, ALICE)


def test_authorisation__is_used_once_and_within_its_time(world: Raised) -> None:
    """MO-5."""
    now = world.time
    pay = do.SendAuthorised(ALICE, BOB, 10, now - 1, now + 1, NONCE)
    world.run(pay, w.STRANGER)
    assert world.cash(BOB) == 3_010
    assert world.refusal(pay) == ("ERC3009UsedAuthorization", ALICE, NONCE)
    other = Hash32(b"other".rjust(32))
    for after, before in ((now, now + 1), (now - 1, now), (now + 5, now + 9)):
        late = do.SendAuthorised(ALICE, BOB, 10, after, before, other)
        assert world.refusal(late) == ("ERC3009InvalidAuthorizationTime", after, before)
    by_block = 1 << 47
    world.run(do.SendAuthorised(ALICE, BOB, 10, by_block, by_block | world.block + 2, other), w.STRANGER)
    world.stands()


def test_authorisation__to_receive__is_for_the_receiver_alone(world: Raised) -> None:
    """MO-5."""
    take = do.ReceiveAuthorised(ALICE, BOB, 10, 0, 2**40, NONCE)
    assert world.refusal(take) == ("ERC20InvalidReceiver", BOB)
    world.run(take, BOB)
    forged = do.ReceiveAuthorised(ALICE, BOB, 10, 0, 2**40, NONCE, is_signed=False)
    assert world.refusal(forged, BOB) == ("ERC3009InvalidSignature",)


def test_authorisation__cancelled__is_not_used(world: Raised) -> None:
    """MO-5."""
    world.run(do.CancelAuthorisation(ALICE, NONCE), w.STRANGER)
    take = do.ReceiveAuthorised(ALICE, BOB, 10, 0, 2**40, NONCE)
    assert world.refusal(take, BOB) == ("ERC3009UsedAuthorization", ALICE, NONCE)
    assert world.refusal(do.CancelAuthorisation(ALICE, NONCE, is_signed=False)) == ("ERC3009InvalidSignature",)
    assert world.refusal(do.CancelAuthorisation(ALICE, NONCE)) == ("ERC3009UsedAuthorization", ALICE, NONCE)
    world.stands()


# --- stop and freeze ---


@pytest.mark.parametrize("actor", [BANK, w.REGULATOR])
def test_stop__while_it_lasts__no_money_moves_at_all(world: Raised, actor: Address) -> None:
    """MO-4."""
    world.run(do.StopMoney(w.header(), True), actor)
    assert world.refusal(do.SendMoney(BOB, 1), ALICE) == ("MoneyIsStopped",)
    assert world.refusal(mint(line(ALICE)), BANK) == ("MoneyIsStopped",)
    assert world.refusal(burn(line(world.book(3))), BANK) == ("MoneyIsStopped",)
    world.run(do.StopMoney(w.header(), False), actor)
    world.run(do.SendMoney(BOB, 1), ALICE)
    assert world.refusal(do.StopMoney(w.header(), True), w.PLATFORM) == ("NotAuthorised", w.PLATFORM, 10)


def test_freeze__by_order__sends_nothing_and_receives(world: Raised) -> None:
    """MO-4."""
    world.run(do.FreezeMoney(w.header(), world.book(3), True), w.REGULATOR)
    world.run(do.FreezeMoney(w.header(), BOB, True), w.REGULATOR)
    assert world.refusal(do.SendMoney(ALICE, 1), BOB) == ("MoneyFrozen", BOB)
    assert world.refusal(burn(line(world.book(3))), BANK) == ("MoneyFrozen", world.book(3))
    world.run(do.SendMoney(BOB, 5), ALICE)
    assert world.cash(BOB) == 3_005
    world.run(do.FreezeMoney(w.header(), BOB, False), w.REGULATOR)
    world.run(do.SendMoney(ALICE, 3_005), BOB)
    assert world.refusal(do.FreezeMoney(w.header(), BOB, True), BANK) == ("NotAuthorised", BANK, 2)
    world.stands()
