"""A raise from its draft to the settlement or the refund, on a real chain; every step asked twice is done once."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.acts import identity, raising, settling, subscribing
from registry.acts.desk import Desk
from registry.acts.raise_file import read_raise
from registry.acts.raise_table import TermsRefused
from registry.domain.ids import PartyId
from registry.domain.raising import OfferingPhase
from registry.domain.subscription_rules import SubscriptionRule
from registry.errors import InputError, RejectedError
from tests.support.raise_bench import DAY, REGION, SIGNED, RaiseBench


@pytest.fixture
def bench(desk: Desk, tmp_path: Path) -> RaiseBench:
    return RaiseBench(desk, tmp_path).furnish()


def test_create__region_without_scheme__is_refused_before_anything_is_sent(bench: RaiseBench) -> None:
    raising.set_scheme(bench.desk, bench.request("none"), REGION, 2, 1, 0)
    with pytest.raises(TermsRefused, match=r"not above the ceiling of region 310, 0\.01"):
        read_raise(bench.desk, bench.write())
    assert raising.all_raises(bench.desk) == []


def test_find__what_is_not_there__is_told(bench: RaiseBench) -> None:
    target = bench.create()
    for name in ("1", "0x" + target.offering.hex(), "0X" + target.escrow.hex().upper()):
        assert raising.find_raise(bench.desk, name) == target
    for name, code in (("2", "raise_unknown"), ("A", "raise_malformed"), ("0x" + "11" * 20, "raise_unknown")):
        with pytest.raises(InputError) as refused:
            raising.find_raise(bench.desk, name)
        assert refused.value.code == code


def test_open__not_admitted_or_panel_too_small__is_refused_with_its_error(bench: RaiseBench) -> None:
    target = bench.create()
    with pytest.raises(RejectedError) as refused:
        raising.open_raise(bench.desk, bench.request("open"), target)
    assert refused.value.code == "OfferingNotAdmitted"
    raising.admit_raise(bench.desk, bench.request("admit"), target)
    with pytest.raises(RejectedError) as refused:
        raising.open_raise(bench.desk, bench.request("open"), target)
    assert (refused.value.code, refused.value.values["members"]) == ("QuorumAbovePanel", 0)


def test_subscribe__rules_broken__are_all_told_before_anybody_signs(bench: RaiseBench) -> None:
    target, desk = bench.opened(), bench.desk
    before = desk.node.head()
    with pytest.raises(RejectedError) as refused:
        subscribing.subscribe(desk, "k", target, "alice", 2_000_000_01, SIGNED)
    assert refused.value.code == "SubscriptionRefused"
    assert refused.value.values["rules"] == ["SB-14", "SB-16", "SB-18", "SB-21", "SB-23"]
    assert len(refused.value.values["texts_zh"]) == 5  # type: ignore[arg-type]
    with pytest.raises(RejectedError) as refused:
        subscribing.subscribe_for(desk, bench.request("k"), target, desk.book(PartyId(21)), 1_200_00, SIGNED)
    assert refused.value.values["rules"] == ["SB-12", "SB-23"]
    with pytest.raises(InputError, match="fits 64 bits"):
        subscribing.subscribe(desk, "k", target, "alice", 2**64, SIGNED)
    with pytest.raises(InputError, match="idempotency key"):
        subscribing.subscribe(desk, "", target, "alice", 1_200_00, SIGNED)
    assert desk.node.head() == before
    identity.freeze(desk, bench.request("freeze"), PartyId(12), True)
    assert subscribing.broken_rules(desk, target, desk.account("chen"), 1_200_00) == (SubscriptionRule.FROZEN,)


def test_subscribe__with_one_key_twice__is_one_subscription(bench: RaiseBench) -> None:
    target, desk = bench.opened(), bench.desk
    first = subscribing.subscribe(desk, "k", target, "alice", 1_200_00, SIGNED)
    assert first is not None
    assert subscribing.subscribe(desk, "k", target, "alice", 1_200_00, SIGNED) == first
    with pytest.raises(RejectedError) as refused:
        subscribing.subscribe(desk, "another", target, "alice", 1_200_00, SIGNED)
    assert refused.value.values["rules"] == ["SB-19"]
    assert bench.money()["in"] == 1_200_00
    assert bench.balance("alice") == 500_000_00 - 1_200_00


def test_subscribe__with_a_key_that_meant_something_else__is_refused_not_taken_for_done(bench: RaiseBench) -> None:
    target, desk = bench.opened(), bench.desk
    subscribing.subscribe(desk, "k", target, "alice", 1_200_00, SIGNED)
    with pytest.raises(InputError) as refused:
        subscribing.subscribe(desk, "k", target, "alice", 2_400_00, SIGNED)
    assert (refused.value.code, refused.value.field) == ("operation_id_reused", "key")
    bench.name = "second "
    other = bench.opened()
    with pytest.raises(InputError) as refused:
        subscribing.subscribe(desk, "k", other, "alice", 1_200_00, SIGNED)
    assert (refused.value.code, refused.value.field) == ("operation_id_reused", "key")
    assert desk.raises.totals(other.offering).live == 0


def test_withdraw__in_the_cooling_off_period__brings_all_back_and_she_may_come_again(bench: RaiseBench) -> None:
    target, desk = bench.opened(), bench.desk
    with pytest.raises(RejectedError) as refused:
        subscribing.withdraw(desk, target, "alice")
    assert refused.value.code == "SubscriptionUnknown"
    subscribing.subscribe(desk, "k", target, "alice", 1_200_00, SIGNED)
    done = subscribing.withdraw(desk, target, "alice")
    assert done is not None
    assert subscribing.withdraw(desk, target, "alice") is None
    assert bench.balance("alice") == 500_000_00
    subscribing.subscribe(desk, "again", target, "alice", 2_400_00, SIGNED)
    bench.later(2 * DAY + 60)
    with pytest.raises(RejectedError) as refused:
        subscribing.withdraw(desk, target, "alice")
    assert refused.value.code == "Overdue"


def test_book_account__subscribes_and_withdraws_on_its_owners_instruction(bench: RaiseBench) -> None:
    target, desk = bench.opened(), bench.desk
    book = desk.book(PartyId(13))
    done = subscribing.subscribe_for(desk, bench.request("in"), target, book, 1_200_00, SIGNED)
    assert subscribing.subscribe_for(desk, bench.request("in"), target, book, 1_200_00, SIGNED) == done
    gone = subscribing.withdraw_for(desk, bench.request("out"), target, book)
    assert subscribing.withdraw_for(desk, bench.request("out"), target, book) == gone
    assert bench.balance(13) == 500_000_00


def test_settle__too_early__is_refused_with_the_time(bench: RaiseBench) -> None:
    target = bench.opened()
    with pytest.raises(RejectedError) as refused:
        settling.settle(bench.desk, target)
    assert refused.value.code == "NotDue"


def test_settle__enough_was_subscribed__allots_takes_the_fee_and_funds_the_escrow(bench: RaiseBench) -> None:
    target, desk = bench.settled(), bench.desk
    assert bench.money() == {
        "in": 24_000_00,
        "held": 22_800_00,
        "released": 0,
        "fee": 1_200_00,
        "refunded": 0,
        "redeemed": 0,
    }
    assert bench.balance(2) == 1_200_00
    assert (bench.shares("alice"), bench.shares("bo"), bench.shares(13)) == (1_000, 500, 500)
    head = desk.node.head()
    again = settling.settle(desk, target)
    assert (again.phase, again.served, again.parked) == (OfferingPhase.SETTLED, 3, 0)
    assert desk.node.head() == head


def test_settle__a_subscriber_frozen_meanwhile__is_parked_and_served_later(bench: RaiseBench) -> None:
    target, desk = bench.opened(), bench.desk
    for name in ("alice", "bo"):
        subscribing.subscribe(desk, name, target, name, 12_000_00, SIGNED)
    identity.freeze(desk, bench.request("freeze"), PartyId(11), True)
    bench.later(13 * DAY)
    standing = settling.settle(desk, target)
    assert (standing.phase, standing.served, standing.parked) == (OfferingPhase.SETTLED, 1, 1)
    assert settling.allot(desk, target).parked == 1
    identity.freeze(desk, bench.request("free"), PartyId(11), False)
    assert settling.allot(desk, target).parked == 0
    assert bench.shares("bo") == 1_000
    bench.money()


def test_settle__more_than_the_maximum__is_cut_by_largest_remainder(desk: Desk, tmp_path: Path) -> None:
    bench = RaiseBench(desk, tmp_path, method="pro_rata", maximum="12000.00").furnish()
    target = bench.opened()
    asked = {"alice": 12_000_00, "bo": 6_000_00, "chen": 1_200_00 + 12_00}
    for name, amount in asked.items():
        subscribing.subscribe(desk, name, target, name, amount, SIGNED)
    bench.later(13 * DAY)
    settling.close_raise(desk, target)
    with pytest.raises(RejectedError) as refused:
        settling.allot(desk, target)
    assert refused.value.code == "CutMissing"
    standing = settling.settle(desk, target)
    assert standing.totals.raised == 12_000_00
    # 1 000 shares for 1 000 + 500 + 101 asked: 624.6…, 312.3…, 63.08…; one share is left for the largest remainder.
    assert [bench.shares(name) for name in asked] == [625, 312, 63]
    assert bench.money()["refunded"] == sum(asked.values()) - 12_000_00
    assert settling.verify_cut(desk, target) is None


def test_refund__below_the_minimum__pays_everybody_back_once(bench: RaiseBench) -> None:
    target, desk = bench.opened(), bench.desk
    subscribing.subscribe(desk, "k", target, "alice", 1_200_00, SIGNED)
    bench.later(13 * DAY)
    assert settling.settle(desk, target).phase is OfferingPhase.FAILED
    first = settling.refund(desk, target)
    head = desk.node.head()
    assert settling.refund(desk, target) == first
    assert desk.node.head() == head
    assert bench.balance("alice") == 500_000_00
    assert bench.money()["refunded"] == 1_200_00


@pytest.mark.parametrize("end", ["cancel", "cancel by company", "stop", "fail"])
def test_end__of_an_open_raise__refunds_in_full(bench: RaiseBench, end: str) -> None:
    target, desk = bench.opened(), bench.desk
    subscribing.subscribe(desk, "k", target, "alice", 12_000_00, SIGNED)
    if end == "fail":
        bench.later(13 * DAY)
        settling.close_raise(desk, target)
        with pytest.raises(RejectedError, match="NotDue"):
            settling.fail_raise(desk, target)
        bench.later(31 * DAY)
        assert settling.fail_raise(desk, target) is not None
        assert settling.fail_raise(desk, target) is not None  # what this home did, told again
    elif end == "stop":
        raising.stop_raise(desk, bench.request("stop"), target)
    else:
        raising.cancel_raise(desk, bench.request("end"), target, by_company=end != "cancel")
    assert settling.refund(desk, target).served == 1
    assert bench.balance("alice") == 500_000_00


def test_halt__of_the_region__moves_every_time_of_the_raise(bench: RaiseBench) -> None:
    target, desk = bench.opened(), bench.desk
    raising.set_halted(desk, bench.request("halt"), REGION, True)
    assert SubscriptionRule.REGION_HALTED in subscribing.broken_rules(desk, target, desk.account("bo"), 1_200_00)
    bench.later(20 * DAY)
    raising.set_halted(desk, bench.request("resume"), REGION, False)
    assert subscribing.broken_rules(desk, target, desk.account("bo"), 1_200_00) == ()
    later = read_raise(desk, bench.write("later.toml"))
    # Civil times of a new file are put on the region's clock, which is twenty days behind.
    assert later.offering.opens_at == pytest.approx(desk.node.head().time - 20 * DAY, abs=60)


def test_settle__by_somebody_else__is_recognised(bench: RaiseBench) -> None:
    target, desk = bench.opened(), bench.desk
    subscribing.subscribe(desk, "k", target, "alice", 12_000_00, SIGNED)
    bench.later(13 * DAY)
    settling.settle(desk, target)
    # A home whose outbox knows nothing of it: an older copy of the database, or another machine.
    with desk.outbox.engine.begin() as connection:
        for table in ("transactions", "operations"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    head = desk.node.head()
    assert settling.close_raise(desk, target) is None
    assert settling.settle(desk, target).served == 1
    assert subscribing.subscribe(desk, "k", target, "alice", 12_000_00, SIGNED) is None
    assert desk.node.head() == head


def test_limits__annual_and_elsewhere__are_judged_together(bench: RaiseBench) -> None:
    target, desk = bench.opened(), bench.desk
    year = 1970 + int(desk.today() / 365.2425)
    raising.set_annual_limit(desk, bench.request("limit"), 10_000_00)
    account = desk.account("alice")
    assert subscribing.broken_rules(desk, target, account, 9_600_00) == ()
    until = desk.today()
    raising.state_outside_use(desk, bench.request("elsewhere"), PartyId(10), year, 500_00, until)
    assert subscribing.broken_rules(desk, target, account, 9_600_00) == (SubscriptionRule.ANNUAL_LIMIT,)
    assert subscribing.broken_rules(desk, target, account, 9_480_00) == ()
    (use,) = desk.raises.uses_of([(PartyId(10), year)])
    assert (use.own, use.outside, use.until_day) == (0, 500_00, until)
