"""Record dates: the register as it stood after the last block not later than a time (RD)."""

from __future__ import annotations

import random

import pytest

from tests.contracts.support import node
from tests.contracts.support.contracts import Contract
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import ALICE, BOB, CAROL, Ground, header, line

HOUR = 3_600


def announce(ground: Ground, time: int) -> int:
    events = ground.common.act("setRecordDate", header(), time, by=ground.registrar)
    epoch: int = next(event.values["epoch"] for event in events if event.name == "RecordDateSet")
    return epoch


def at(share_class: Contract, account: str, epoch: int) -> int:
    balance: int = share_class.read("balanceAt", account, epoch)
    return balance


def test_record_date__before_the_block__refused(ground: Ground) -> None:
    before = node.now()
    with raises("RecordTimeMalformed", before, 0):
        announce(ground, before)


def test_record_date__not_after_the_one_before__refused(ground: Ground) -> None:
    time = node.now() + HOUR
    announce(ground, time)
    for again in (time, time - 1):
        with raises("RecordTimeMalformed", again, time):
            announce(ground, again)


def test_balance_at__unknown_date__refused(ground: Ground, alice: str) -> None:
    for epoch in (0, 1):
        with raises("RecordDateUnknown", epoch):
            at(ground.common, alice, epoch)


def test_balance_at__date_that_lies_ahead__refused_until_its_second_is_over(ground: Ground, alice: str) -> None:
    time = node.now() + HOUR
    announce(ground, time)
    node.jump_to(time)
    with raises("RecordDateAhead", 1, time):
        at(ground.common, alice, 1)
    node.jump_to(time + 1)
    assert at(ground.common, alice, 1) == 1_000


def test_record_date__of_the_present_block__moves_of_later_blocks_do_not_count(
    ground: Ground, alice: str, bob: str
) -> None:
    announce(ground, node.now() + 1)
    ground.give(ground.common, alice, bob, 400)
    assert (at(ground.common, alice, 1), at(ground.common, bob, 1)) == (1_000, 0)


def test_balance_at__moves_at_and_after_the_second__only_the_first_counts(ground: Ground, alice: str, bob: str) -> None:
    time = node.now() + HOUR
    announce(ground, time)
    node.next_block_at(time)
    ground.give(ground.common, alice, bob, 10)
    node.next_block_at(time + 1)
    ground.give(ground.common, alice, bob, 100)
    assert (at(ground.common, alice, 1), at(ground.common, bob, 1)) == (990, 10)


def test_balance_at__one_who_left_before_and_came_back__nothing_was_held(ground: Ground, alice: str, bob: str) -> None:
    time = node.now() + HOUR
    announce(ground, time)
    ground.give(ground.common, alice, bob, 1_000)
    node.jump_to(time + 1)
    ground.give(ground.common, bob, alice, 300)
    assert (at(ground.common, alice, 1), at(ground.common, bob, 1)) == (0, 1_000)


def test_balance_at__newcomer_after_the_date__zero_and_kept_by_the_next_date(
    ground: Ground, alice: str, carol: str
) -> None:
    first = node.now() + HOUR
    announce(ground, first)
    node.jump_to(first + 1)
    ground.give(ground.common, alice, carol, 50)
    second = node.now() + HOUR
    announce(ground, second)
    node.jump_to(second + 1)
    ground.give(ground.common, carol, alice, 50)
    assert (at(ground.common, carol, 1), at(ground.common, carol, 2)) == (0, 50)


def test_balance_at__issue_cancel_and_split_after_the_date__do_not_count(ground: Ground, alice: str) -> None:
    book = ground.book(BOB)
    time = node.now() + HOUR
    announce(ground, time)
    node.jump_to(time + 1)
    ground.issue(ground.common, line(alice, 5), line(ground.book(CAROL), 6))
    ground.cancel(ground.common, book, 500)
    ground.common.act("split", header(), 2, 1, [line(alice, 1_005)], by=ground.registrar)
    assert [at(ground.common, account, 1) for account in (alice, book, ground.book(CAROL))] == [1_000, 500, 0]


def test_record_date__several_announced_and_all_passed__each_keeps_its_balance(
    ground: Ground, alice: str, bob: str
) -> None:
    times = [node.now() + HOUR * n for n in (1, 2, 3, 4, 5)]
    for time in times:
        announce(ground, time)
    node.jump_to(times[0] + 1)
    ground.give(ground.common, alice, bob, 100)
    node.jump_to(times[3] + 1)
    ground.give(ground.common, alice, bob, 100)
    node.jump_to(times[4] + 1)
    assert [at(ground.common, alice, epoch) for epoch in range(1, 6)] == [1_000, 900, 900, 900, 800]
    assert [at(ground.common, bob, epoch) for epoch in range(1, 6)] == [0, 100, 100, 100, 200]


def test_record_date__announced_while_an_older_one_has_passed_unseen__loses_no_balance(
    ground: Ground, alice: str, bob: str
) -> None:
    first = node.now() + HOUR
    announce(ground, first)
    node.jump_to(first + HOUR)
    announce(ground, first + 3 * HOUR)
    ground.give(ground.common, alice, bob, 250)
    node.jump_to(first + 3 * HOUR + 1)
    assert (at(ground.common, alice, 1), at(ground.common, alice, 2)) == (1_000, 750)


def test_record_date__queue_of_256__refused_beyond(ground: Ground) -> None:
    start = node.now() + 10_000
    for n in range(256):
        announce(ground, start + n)
    with raises("TooManyEntries"):
        announce(ground, start + 256)


@pytest.mark.parametrize("seed", [1, 2])
def test_balance_at__many_moves_and_dates__equal_to_a_shadow(ground: Ground, alice: str, bob: str, seed: int) -> None:
    chance = random.Random(seed)
    book = ground.book(BOB)
    accounts = {alice: 1_000, bob: 0, book: 500, ground.bind(ALICE, 1): 0}
    pending: list[int] = []
    kept: list[dict[str, int]] = []

    def pass_dates(time: int) -> None:
        while pending and pending[0] < time:
            pending.pop(0)
            kept.append(dict(accounts))

    for _ in range(120):
        if chance.random() < 0.2:
            last = pending[-1] if pending else node.now()
            time = max(last, node.now()) + chance.randint(1, 40)
            announce(ground, time)
            pass_dates(node.now())
            pending.append(time)
            pass_dates(node.now())
            continue
        if chance.random() < 0.2:
            node.jump_to(node.now() + chance.randint(1, 60))
        pass_dates(node.now() + 1)
        giver, taker = chance.choice([a for a in accounts if a != book]), chance.choice(list(accounts))
        shares = chance.choice([0, accounts[giver], chance.randint(0, accounts[giver])])
        ground.give(ground.common, giver, taker, shares)
        accounts[giver] -= shares
        accounts[taker] += shares
    node.jump_to(node.now() + 10_000)
    pass_dates(node.now())
    assert len(kept) > 10
    for epoch, balances in enumerate(kept, start=1):
        assert {account: at(ground.common, account, epoch) for account in accounts} == balances


# --- what was issued ---


def test_issued_at__unknown_or_ahead__refused(ground: Ground, alice: str) -> None:
    time = node.now() + HOUR
    announce(ground, time)
    for epoch in (0, 2):
        for function, *arguments in (("issuedAt",), ("holdingsAt", [alice])):
            with raises("RecordDateUnknown", epoch):
                ground.common.read(function, *arguments, epoch)
    node.jump_to(time)
    for function, *arguments in (("issuedAt",), ("holdingsAt", [alice])):
        with raises("RecordDateAhead", 1, time):
            ground.common.read(function, *arguments, 1)
    node.jump_to(time + 1)
    assert ground.common.read("issuedAt", 1) == 1_500
    assert ground.common.read("holdingsAt", [alice, ground.book(CAROL)], 1)[1] == (1_000, 0)


def test_issued_at__class_that_never_issued__zero_and_kept(ground: Ground) -> None:
    ground.preferred.act("setRecordDate", header(), node.now() + 1, by=ground.registrar)
    node.jump_to(node.now() + 10)
    assert ground.preferred.read("issuedAt", 1) == 0
    ground.issue(ground.preferred, line(ground.book(BOB), 5))
    assert ground.preferred.read("issuedAt", 1) == 0


def test_issued_at__first_change_after_the_date__saved_once_and_told_by_the_word(ground: Ground, alice: str) -> None:
    announce(ground, node.now() + 10)
    ground.issue(ground.common, line(alice, 1))
    assert ground.class_word(ground.common).supply_epoch == 0
    node.jump_to(node.now() + 20)
    for _ in range(2):
        ground.issue(ground.common, line(alice, 1))
        assert ground.class_word(ground.common).supply_epoch == 1
    assert ground.common.read("issuedAt", 1) == 1_501


@pytest.mark.parametrize("seed", range(4))
def test_issued_at__issues_ends_splits_and_conversions__equal_to_a_shadow(
    ground: Ground, alice: str, seed: int
) -> None:
    """Both classes; what is held at each date is what was issued then."""
    chance = random.Random(seed)
    book = ground.book(BOB)
    ground.issue(ground.preferred, line(book, 300))
    classes = (ground.common, ground.preferred)
    pending: list[tuple[int, int]] = []
    kept: dict[tuple[int, int], tuple[int, list[int]]] = {}
    epochs = [0, 0]

    def state(n: int) -> tuple[int, list[int]]:
        held = [ground.balance(classes[n], account) for account in (alice, book)]
        return sum(held), held

    def pass_dates(time: int) -> None:
        for entry in [entry for entry in pending if entry[0] < time]:
            pending.remove(entry)
            n = entry[1]
            epochs[n] += 1
            kept[n, epochs[n]] = state(n)

    def change() -> None:
        n = chance.randrange(2)
        held = ground.balance(classes[n], book)
        step = chance.randrange(5)
        if step == 0:
            ground.issue(classes[n], line(chance.choice((alice, book)), chance.randint(0, 50)))
        elif step == 1 and held:
            ground.cancel(classes[n], book, chance.randint(0, held))
        elif step == 2 and held:
            ground.convert(classes[n], classes[1 - n], book, chance.randint(1, held), chance.randint(0, 40))
        elif step == 3 and held:
            classes[n].act("split", header(), 2, 1, [line(book, chance.randint(1, 9))], by=ground.registrar)
        elif ground.balance(ground.common, alice):
            ground.give(ground.common, alice, book, 1)

    for _ in range(70):
        if chance.random() < 0.25:
            n = chance.randrange(2)
            last = max([time for time, of in pending if of == n], default=node.now() + 1)
            time = max(last, node.now() + 1) + chance.randint(1, 30)
            classes[n].act("setRecordDate", header(), time, by=ground.registrar)
            pass_dates(node.now())
            pending.append((time, n))
        elif chance.random() < 0.3:
            node.jump_to(node.now() + chance.randint(1, 50))
        pass_dates(node.now() + 1)
        change()
    node.jump_to(node.now() + 10_000)
    pass_dates(node.now())
    assert len(kept) > 5
    for (n, epoch), (issued, held) in kept.items():
        assert classes[n].read("issuedAt", epoch) == issued
        assert list(classes[n].read("holdingsAt", [alice, book], epoch)[1]) == held
