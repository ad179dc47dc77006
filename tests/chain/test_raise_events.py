"""Every event of raises from a real chain: decoded, in the domain's records, by the contracts that emitted them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from registry.acts import bank, board, escrow, identity, raising, settling, shares, subscribing
from registry.acts.shares import reference
from registry.chain.anvil import Anvil
from registry.chain.decode import DECODERS, Emitters, Kind, rows, to_events
from registry.chain.raise_logs import bank_movements, offerings_created, subscribers
from registry.domain.attestation import NOT_REACHED, REACHED, Attestation, Signed
from registry.domain.event import RegistryEvent
from registry.domain.events import EVENTS
from registry.domain.events_escrow import TrancheScheduled
from registry.domain.events_raise import RAISE_EVENTS, OfferingCreated, Subscribed
from registry.domain.ids import Day, Hash32, PartyId
from registry.domain.raise_args import BankLine
from registry.domain.raise_words import Tranche
from tests.support.raise_bench import DAY, REGION, RaiseBench
from tests.support.registry_home import desk_of, furnished

NEVER = {"AuthorizationCanceled"}
"""A wallet calls its own signed payment back; nothing of ours does."""
RATCHET = """
[ratchet]
milestone = 0
source = "{source}"
founder = {founder}
{what} = {when}
{what_percent} = "10"
"""


@pytest.fixture(scope="module")
def bench(module_anvil: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RaiseBench]:
    """Three raises have been: one cut and extended, one put to its payer, one that failed."""
    folder = tmp_path_factory.mktemp("events")
    with desk_of(furnished(folder / "home", module_anvil)) as desk:
        told = RaiseBench(desk, folder).furnish()
        _orders(told)
        _put(told)
        _cut_and_extended(told)
        _failed(told)
        yield told


@pytest.fixture(scope="module")
def events(bench: RaiseBench) -> list[RegistryEvent]:
    node, deployment = bench.desk.node, bench.desk.deployment
    return list(to_events(node.raw_logs(0, node.head().number), Emitters(deployment)))


def test_events__of_all_contracts__occur_and_are_read(events: list[RegistryEvent]) -> None:
    seen = {type(event).__name__ for event in events}
    assert {cls.__name__ for cls in RAISE_EVENTS} - seen == NEVER


def test_records__of_every_event__have_the_fields_of_the_abi_in_its_order() -> None:
    renamed = {"from": "giver", "to": "taker"}
    for kind in Kind:
        for decoder in DECODERS[kind].values():
            names = [renamed.get(name, re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()) for name in decoder.fields]
            fields = [name for name in EVENTS[decoder.event].__dataclass_fields__ if name != "at"]
            assert fields == names, f"{kind.name} {decoder.event}"


def test_events__of_a_raise__come_from_contracts_with_its_company_and_number(bench: RaiseBench) -> None:
    node, deployment = bench.desk.node, bench.desk.deployment
    found = list(rows(node.raw_logs(0, node.head().number), Emitters(deployment)))
    ours = {row.emitter for row in found if row.emitter.kind in {Kind.OFFERING, Kind.ESCROW}}
    assert {(e.kind, e.company, e.offering) for e in ours} == {
        (kind, bench.number, number) for kind in (Kind.OFFERING, Kind.ESCROW) for number in (1, 2, 3)
    }


def test_terms__flattened_in_the_event__are_those_the_contract_has(
    bench: RaiseBench, events: list[RegistryEvent]
) -> None:
    created = [event for event in events if isinstance(event, OfferingCreated)]
    assert offerings_created(bench.desk.node, bench.desk.deployment) == created
    known = raising.all_raises(bench.desk)
    assert [item.terms for item in known] == [bench.desk.raises.terms(item.offering) for item in known]
    scheduled = [event for event in events if isinstance(event, TrancheScheduled)]
    assert all(isinstance(event.tranche, Tranche) for event in scheduled)
    assert scheduled[0].terms == '{"product":"WA-1"}'
    assert scheduled[0].tranche.value == 4_000


def test_logs__of_subscribers_and_of_the_bank__are_what_the_contracts_hold(
    bench: RaiseBench, events: list[RegistryEvent]
) -> None:
    desk = bench.desk
    for item in raising.all_raises(desk):
        live = subscribers(desk.node, desk.deployment, item.offering)
        assert len(live) == desk.raises.totals(item.offering).subscribers
        assert all(word.status for word in desk.raises.subscriptions_of(item.offering, list(live)))
    moved = bank_movements(desk.node, desk.deployment)
    assert sum(each.signed_fen for each in moved) == desk.raises.supply()
    assert {each.day for each in moved} <= {Day(day) for day in range(desk.today() + 1)}
    assert any(isinstance(event, Subscribed) and event.disclosure == b"\xd2" * 32 for event in events)


def _orders(bench: RaiseBench) -> None:
    desk, book = bench.desk, bench.desk.book(PartyId(13))
    bank.burn(desk, bench.request("burn"), [BankLine(book, 5_00, reference("B-1"))])
    for on in (True, False):
        bank.stop(desk, bench.request(f"stop {on}"), on)
        bank.freeze(desk, bench.request(f"freeze {on}"), book, on)
        raising.set_halted(desk, bench.request(f"halt {on}"), REGION, on)
    raising.set_annual_limit(desk, bench.request("limit"), 2_000_000_00)
    raising.state_outside_use(desk, bench.request("outside"), PartyId(14), 2026, 5_00, Day(60_000))


def _put(bench: RaiseBench) -> None:
    """Early success of the first milestone, the second missed: redeemed, put, paid; what bo had sold lapses."""
    desk = bench.desk
    bench.name, bench.on_miss = "put ", "put"
    bench.ratchet = RATCHET.format(
        source="new_shares",
        founder='"chen"',
        what="early_by",
        when=bench.moment(90 * DAY),
        what_percent="early_percent",
    )
    target = bench.settled()
    for party in (20, 21):
        bench.attest(party, 0)
    bench.later(3 * DAY)
    escrow.release(desk, target, 0)
    escrow.deliver_ratchet(desk, target)
    shares.transfer(desk, "bo sells", bench.share_class, "bo", desk.book(PartyId(14)), 500)
    bench.later(200 * DAY)
    escrow.miss(desk, target, 1)
    escrow.redeem(desk, target)
    escrow.exercise_put(desk, target, "alice")
    escrow.pay_put(desk, target, "payer", desk.account("alice"))
    bench.later(181 * DAY)
    escrow.lapse(desk, target)


def _cut_and_extended(bench: RaiseBench) -> None:
    """More than the maximum, one subscriber frozen; late success; the holders extend the second milestone."""
    desk = bench.desk
    bench.name, bench.on_miss, bench.method, bench.maximum = "cut ", "extend", "pro_rata", "12000.00"
    bench.ratchet = RATCHET.format(
        source="founder", founder='"chen"', what="late_after", when=bench.moment(14 * DAY), what_percent="late_percent"
    )
    target = bench.opened()
    bench.subscribe("alice", 12_000_00)
    bench.subscribe("bo", 6_000_00)
    identity.freeze(desk, bench.request("freeze bo"), PartyId(11), True)
    bench.later(13 * DAY)
    settling.settle(desk, target)
    identity.freeze(desk, bench.request("free bo"), PartyId(11), False)
    settling.allot(desk, target)
    bench.later(10 * DAY)
    bench.attest(20, 0)
    board.retract(desk, "verifier_20", bench.company, target, 0)
    for party in (21, 22):
        bench.attest(party, 0)
    board.challenge_by_regulator(desk, bench.request("challenge"), target, 0)
    board.decide(desk, bench.request("ruling"), target, 0, "arbiter", True)
    escrow.release(desk, target, 0)
    escrow.deliver_ratchet(desk, target)
    escrow.allow_shares(desk, target, "chen", 10)
    escrow.deliver_ratchet(desk, target)
    bench.later(200 * DAY)
    escrow.miss(desk, target, 1)
    bench.later(1)
    escrow.consent(desk, target, 1, "alice")
    _contradict(bench)
    new = desk.keys.wallet("verifier_21b").address
    board.rotate_key(desk, bench.request("rotate"), bench.company, 1, "verifier_21", new)
    board.dismiss(desk, bench.request("dismiss"), bench.company, 1, desk.account("verifier_22"))


def _contradict(bench: RaiseBench) -> None:
    desk = bench.desk
    signer, now = desk.keys.wallet("verifier_20"), desk.node.head().time
    both = []
    for outcome in (REACHED, NOT_REACHED):
        evidence = Hash32(b"\x20" * 32)
        said = Attestation(bench.company, bench.raise_.escrow, 1, 2, outcome, evidence, "", now, now + DAY)
        both.append(Signed(said, signer.address, signer.sign_statement(said, bench.board)))
    board.accuse(desk, *both)


def _failed(bench: RaiseBench) -> None:
    """One withdraws, one is refunded."""
    desk = bench.desk
    bench.name, bench.ratchet, bench.on_miss = "failed ", "", "redeem"
    for party in (15, 16):
        bench.appoint(party)
    target = bench.opened()
    bench.subscribe("alice", 1_200_00)
    bench.subscribe("bo", 1_200_00)
    subscribing.withdraw(desk, target, "bo")
    raising.cancel_raise(desk, bench.request("cancel"), target)
    settling.refund(desk, target)
