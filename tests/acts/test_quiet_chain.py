"""On a chain without traffic the newest block is old: what is sent now is judged by the time of the next one."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from registry.acts import escrow, subscribing
from registry.acts.desk import Desk
from registry.acts.overview import overview
from registry.chain.client import Node
from registry.cli.raise_next import next_steps
from registry.domain.subscription_rules import SubscriptionRule
from registry.errors import RejectedError
from tests.support.raise_bench import DAY, SIGNED, RaiseBench


@pytest.fixture
def bench(desk: Desk, tmp_path: Path) -> RaiseBench:
    return RaiseBench(desk, tmp_path).furnish()


def wait_without_a_block(bench: RaiseBench, seconds: int) -> None:
    bench.desk.node.rpc.call("evm_increaseTime", hex(seconds))


def test_subscribe__window_opened_since_the_newest_block__passes(bench: RaiseBench) -> None:
    target, desk = bench.opened(opens=bench.moment(20), closes=bench.moment(10 * DAY)), bench.desk
    alice = desk.account("alice")
    assert subscribing.broken_rules(desk, target, alice, 12_000_00) == (SubscriptionRule.TOO_EARLY,)
    with pytest.raises(RejectedError, match="SB-2"):
        bench.subscribe("alice", 12_000_00)
    wait_without_a_block(bench, 60)
    assert desk.node.head().time < target.terms.opens_at
    assert subscribing.broken_rules(desk, target, alice, 12_000_00) == ()
    bench.subscribe("alice", 12_000_00)
    assert desk.raises.totals(target.offering).live == 12_000_00


def test_subscribe__window_opened_by_the_clock_on_the_wall__passes(bench: RaiseBench) -> None:
    target, desk = bench.opened(opens=bench.moment(5), closes=bench.moment(10 * DAY)), bench.desk
    time.sleep(max(target.terms.opens_at + 1 - time.time(), 0))
    assert desk.node.head().time < target.terms.opens_at
    assert subscribing.broken_rules(desk, target, desk.account("alice"), 12_000_00) == ()
    bench.subscribe("alice", 12_000_00)


def test_subscribe__window_over_since_the_newest_block__is_refused_before_anybody_signs(bench: RaiseBench) -> None:
    target, desk = bench.opened(), bench.desk
    wait_without_a_block(bench, 11 * DAY)
    broken = subscribing.broken_rules(desk, target, desk.account("alice"), 12_000_00)
    assert broken == (SubscriptionRule.TOO_LATE,)


def test_call_at__node_without_overrides__answers_as_of_the_newest_block(bench: RaiseBench) -> None:
    target, desk = bench.opened(opens=bench.moment(DAY), closes=bench.moment(10 * DAY)), bench.desk
    later = target.terms.opens_at + 1
    ask = (target.offering, desk.account("alice"), 12_000_00, SIGNED)
    assert desk.raises.subscription_rules_broken_at(later, *ask) == 0
    rpc, call = desk.node.rpc, desk.node.rpc.call

    def plain(method: str, *params: object) -> object:
        """A node of the older kind: an `eth_call` has two parameters."""
        return call(method, *(params if len(params) < 3 else (*params, "one too many")))

    rpc.call = plain  # type: ignore[method-assign]
    assert Node(rpc).next_time(0) > desk.node.head().time
    assert desk.raises.subscription_rules_broken_at(later, *ask) == SubscriptionRule.TOO_EARLY


def test_next__deadline_over_since_the_newest_block__is_what_the_chain_then_takes(bench: RaiseBench) -> None:
    target, desk = bench.settled(), bench.desk
    assert {step.who for step in next_steps(overview(desk, target))} == {"verifiers"}
    before = desk.node.head()
    wait_without_a_block(bench, 101 * DAY)
    assert desk.node.head() == before
    commands = [step.command for step in next_steps(overview(desk, target))]
    assert commands[0] == f"equity escrow miss {target.number} 0"
    assert {step.who for step in next_steps(overview(desk, target, before.number))} == {"verifiers"}
    assert escrow.miss(desk, target, 0) is not None
