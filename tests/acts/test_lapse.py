"""The end of claims: what was missed for shares that were sold goes where the terms say; what is held stays due."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.acts import escrow, identity, shares
from registry.acts.desk import Desk
from registry.acts.overview import overview
from registry.domain.ids import PartyId
from registry.errors import RejectedError
from tests.support.raise_bench import DAY, RaiseBench


@pytest.fixture
def bench(desk: Desk, tmp_path: Path) -> RaiseBench:
    return RaiseBench(desk, tmp_path).furnish()


def refusal(code: str):  # type: ignore[no-untyped-def]
    return pytest.raises(RejectedError, match=f"^{code}")


def sell(bench: RaiseBench, wallet: str, count: int) -> None:
    """To chen, who subscribed nothing."""
    shares.transfer(bench.desk, f"{wallet} sells {count}", bench.share_class, wallet, bench.desk.account("chen"), count)


def test_lapse__after_the_claims__takes_what_is_no_longer_held_once(bench: RaiseBench) -> None:
    target, desk = bench.settled(), bench.desk
    with refusal("ClaimsNotBegun"):
        escrow.lapse(desk, target)
    sell(bench, "alice", 1_000)
    sell(bench, "bo", 300)
    identity.freeze(desk, bench.request("freeze"), PartyId(13), True)
    bench.later(101 * DAY)
    assert overview(desk, target).claims_end == 0
    escrow.miss(desk, target, 0)
    # Bo holds 200 of the 475 shares that end: so much of 5 700.00 comes back.
    redeemed = escrow.redeem(desk, target)
    assert (redeemed.waiting, redeemed.purse.redeemed) == (3, 2_400_00)
    seen = overview(desk, target)
    assert (seen.claims_end > seen.clock, seen.lapsed) == (True, 0)
    with refusal("NotDue"):
        escrow.lapse(desk, target)
    bench.later(180 * DAY + 60)
    reports: list[tuple[str, int, int]] = []
    lapsed = escrow.lapse(desk, target, lambda *told: reports.append(told))
    assert (lapsed.lapsed, lapsed.pages, lapsed.waiting) == (11_400_00 + 3_300_00, 1, 5_700_00)
    assert reports == [("lapsed", 0, 2), ("lapsed", 2, 2)]
    assert bench.balance(1) == 14_700_00
    assert bench.shares("chen") == 1_300
    head = desk.node.head()
    assert escrow.lapse(desk, target).pages == 0
    assert desk.node.head() == head
    assert bench.money()["held"] == 5_700_00
    # Who was frozen held its shares all the time.
    identity.freeze(desk, bench.request("free"), PartyId(13), False)
    assert escrow.redeem(desk, target).waiting == 0
    assert overview(desk, target).lapsed == 14_700_00
    assert overview(desk, target, seen.block.number).lapsed == 0
    assert bench.money() == {
        "in": 24_000_00,
        "held": 0,
        "released": 0,
        "fee": 1_200_00,
        "refunded": 0,
        "redeemed": 22_800_00,
    }


def test_lapse__shares_in_the_book_account__are_held(bench: RaiseBench) -> None:
    target, desk = bench.settled(), bench.desk
    book = desk.book(PartyId(10))
    shares.transfer(desk, "into the book", bench.share_class, "alice", book, 900)
    sell(bench, "alice", 100)
    bench.later(101 * DAY)
    escrow.miss(desk, target, 0)
    bench.later(180 * DAY + 60)
    lapsed = escrow.lapse(desk, target)
    # 950 shares end for 11 400.00; 900 are held.
    assert lapsed.lapsed == 11_400_00 - 11_400_00 * 900 // 950
    assert escrow.redeem(desk, target).waiting == 0
    assert bench.shares(10) == 0
    bench.money()


def test_put__after_the_claims__is_neither_exercised_nor_paid(desk: Desk, tmp_path: Path) -> None:
    bench = RaiseBench(desk, tmp_path, on_miss="put").furnish()
    target = bench.settled()
    for party in (20, 21):
        bench.attest(party, 0)
    bench.later(3 * DAY)
    escrow.release(desk, target, 0)
    assert not overview(desk, target).puts_open
    bench.later(200 * DAY)
    escrow.miss(desk, target, 1)
    assert overview(desk, target).puts_open
    assert escrow.exercise_put(desk, target, "alice") is not None
    bench.later(180 * DAY + 60)
    with refusal("Overdue"):
        escrow.exercise_put(desk, target, "bo")
    with refusal("Overdue"):
        escrow.pay_put(desk, target, "payer", desk.account("alice"))
    assert escrow.redeem(desk, target).waiting == 0
    assert escrow.lapse(desk, target).lapsed == 0
    bench.money()
