"""Decoders made from the ABIs, emitters learnt in the order of the log, pages of logs."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from registry.chain.abi import canonical, signature
from registry.chain.contracts import ARTIFACTS
from registry.chain.decode import DECODERS, Emitters, Kind, rows, to_events
from registry.chain.deployment import NEEDED, Deployed, Deployment
from registry.chain.logs import LogPage, pages
from registry.chain.rpc import NodeRefusal, RawLog
from registry.domain.events_payout import EntitlementsHandled, ScheduleCreated
from registry.domain.ids import Address, Hash32, PartyId
from registry.domain.payout_args import Payment, Settlement, TaxRule
from registry.errors import HaltError
from tests.support.story import Story

REGISTRY, FACTORY, COMPANY, SHARE_CLASS = b"\x01" * 20, b"\x02" * 20, b"\x03" * 20, b"\x04" * 20
TAXES, PAYOUTS = b"\x09" * 20, b"\x0a" * 20
OFFERING, ESCROW, RAISES, TOKEN = b"\x05" * 20, b"\x06" * 20, b"\x07" * 20, b"\x08" * 20
PLACES = {"registry": REGISTRY, "factory": FACTORY, "offering_factory": RAISES, "token": TOKEN}
PLACES |= {"tax_schedules": TAXES, "distributions": PAYOUTS}
DEPLOYMENT = Deployment(
    31337,
    Hash32(bytes(32)),
    {
        part: Deployed(part, Address(PLACES.get(part, bytes(18) + part[:2].encode())), Hash32(bytes(32)), 0)
        for part in sorted(NEEDED)
    },
    28_800,
)
SAMPLES = {
    "uint8": [0, 255],
    "uint16": [0, 65_535],
    "uint24": [0, 2**24 - 1],
    "uint32": [0, 2**32 - 1],
    "uint40": [0, 2**40 - 1],
    "uint64": [0, 2**64 - 1],
    "uint96": [0, 2**96 - 1],
    "uint256": [0, 2**256 - 1],
    "int32": [-(2**31), -1, 0, 2**31 - 1],
    "bool": [False, True],
    "address": [bytes(20), bytes(range(20))],
    "bytes32": [bytes(32), bytes(range(32))],
    "string": ["", "a", "星光科技" * 40, "x" * 32],
    "bytes": [b"", b"\xff", bytes(range(65)), bytes(200)],
    "uint72": [0, 2**72 - 1],
    "address[]": [[], [bytes(range(20))], [bytes(20), b"\xff" * 20]],
    "uint256[]": [[], [0, 2**256 - 1], [7] * 200],
    "tuple[]": [[], [(0, 0, 0)], [(255, 65_535, 10_000), (1, 156, 2_000)]],
}
ABI = {
    "0x" + keccak(text=signature(item)).hex(): item
    for kind in Kind
    for item in ARTIFACTS[kind].abi
    if item["type"] == "event"
}


def log(emitter: bytes, topics: list[str], data: str, index: int = 0) -> RawLog:
    return RawLog(
        "0x" + emitter.hex(), tuple(topics), data, "0x10", "0x" + "aa" * 32, "0x" + "bb" * 32, hex(index), "0x99"
    )


def emitters() -> Emitters:
    known = Emitters(DEPLOYMENT)
    list(rows([born_company(), born_class(2)], known))
    return known


def written(kind: Kind, event: str, values: list[object], emitter: bytes, index: int = 0) -> RawLog:
    """The log as a contract writes it, by eth_abi."""
    topic = next(topic for topic, decoder in DECODERS[kind].items() if decoder.event == event)
    inputs = ABI[topic]["inputs"]
    pairs = list(zip(inputs, values, strict=True))
    indexed = ["0x" + encode([i["type"]], [v]).hex() for i, v in pairs if i["indexed"]]
    types = [canonical(i) for i, _ in pairs if not i["indexed"]]
    data = encode(types, [v for i, v in pairs if not i["indexed"]])
    return log(emitter, [topic, *indexed], "0x" + data.hex(), index)


def sample_of(field: dict[str, Any], turn: int) -> object:
    """A value of a field; of a struct a tuple."""
    if field["type"] == "tuple":
        return tuple(sample_of(part, turn + place) for place, part in enumerate(field["components"]))
    samples = SAMPLES[field["type"]]
    return samples[turn % len(samples)]


def flat(values: Iterable[object]) -> tuple[object, ...]:
    """Structs laid out in their place, arrays as tuples."""
    found: list[object] = []
    for value in values:
        found += flat(value) if isinstance(value, tuple) else [tuple(value) if isinstance(value, list) else value]
    return tuple(found)


def born_company() -> RawLog:
    return written(Kind.FACTORY, "CompanyCreated", [COMPANY, 2, "星", 1, 110, 200, bytes(20)], FACTORY)


def born_class(position: int) -> RawLog:
    return written(Kind.COMPANY, "ClassCreated", [SHARE_CLASS, position, "普", "A", 5, 0, 62], COMPANY, 1)


@pytest.mark.parametrize(
    ("kind", "topic"), [(kind, topic) for kind in Kind for topic in DECODERS[kind]], ids=lambda value: str(value)[:12]
)
def test_decoder__every_event_with_extreme_values__reads_what_eth_abi_wrote(kind: Kind, topic: str) -> None:
    decoder, inputs = DECODERS[kind][topic], ABI[topic]["inputs"]
    for turn in range(4):
        values = [sample_of(field, turn) for field in inputs]
        sample = written(kind, decoder.event, values, REGISTRY)
        assert decoder.read(sample.topics, sample.data) == flat(values)


@pytest.mark.parametrize("cut", [2, 64, 66])
def test_rows__data_cut_short__halts(cut: int) -> None:
    whole = written(Kind.SHARE_CLASS, "Transfer", [COMPANY, REGISTRY, 7], SHARE_CLASS)
    broken = log(SHARE_CLASS, list(whole.topics), whole.data[:-cut])
    with pytest.raises(HaltError, match="Transfer is not as its ABI says"):
        list(rows([broken], emitters()))


def test_rows__topic_missing_or_text_cut_short__halts() -> None:
    whole = written(Kind.SHARE_CLASS, "Transfer", [COMPANY, REGISTRY, 7], SHARE_CLASS)
    with pytest.raises(HaltError, match="not as its ABI says"):
        list(rows([log(SHARE_CLASS, list(whole.topics[:2]), whole.data)], emitters()))
    text = written(Kind.COMPANY, "DocumentRecorded", [1, "abcdef"], COMPANY)
    with pytest.raises(HaltError, match="a text is cut short"):
        list(rows([log(COMPANY, list(text.topics), text.data[:-64])], emitters()))


@pytest.mark.parametrize("cut", [64, 128])
def test_rows__array_cut_short__halts(cut: int) -> None:
    whole = written(Kind.DISTRIBUTIONS, "EntitlementsHandled", [1, [5, 6]], PAYOUTS)
    with pytest.raises(HaltError, match="an array is cut short"):
        list(rows([log(PAYOUTS, list(whole.topics), whole.data[:-cut])], emitters()))


def test_to_events__lists_of_a_dividend__are_records() -> None:
    handled = Payment(PartyId(7), 1_000, 200, Settlement.PAID)
    rule = TaxRule(2, 156, 2_000)
    logs = [
        written(Kind.TAX_SCHEDULES, "ScheduleCreated", [1, COMPANY, [(2, 156, 2_000)]], TAXES),
        written(Kind.DISTRIBUTIONS, "EntitlementsHandled", [1, [handled.pack()]], PAYOUTS),
    ]
    created, paid = to_events(logs, emitters())
    assert isinstance(created, ScheduleCreated)
    assert isinstance(paid, EntitlementsHandled)
    assert (created.rules, paid.payments) == ((rule,), (handled,))


@pytest.mark.parametrize("topics", [[], ["0x" + "42" * 32]])
def test_rows__unknown_or_anonymous_event_of_ours__halts(topics: list[str]) -> None:
    with pytest.raises(HaltError, match="unknown event"):
        list(rows([log(REGISTRY, topics, "0x")], emitters()))


def test_rows__event_of_a_class_from_the_registry__halts() -> None:
    foreign = written(Kind.SHARE_CLASS, "Transfer", [COMPANY, REGISTRY, 7], REGISTRY)
    with pytest.raises(HaltError, match=r"unknown event .* from registry"):
        list(rows([foreign], emitters()))


def test_rows__emitters__are_learnt_in_the_order_of_the_log() -> None:
    transfer = written(Kind.SHARE_CLASS, "Transfer", [COMPANY, REGISTRY, 7], SHARE_CLASS, 2)
    early = Emitters(DEPLOYMENT)
    assert [row.event for row in rows([transfer, born_class(3)], early)] == []
    found = list(rows([born_company(), born_class(3), transfer], early))
    assert [row.event for row in found] == ["CompanyCreated", "ClassCreated", "Transfer"]
    assert (found[2].emitter.company, found[2].emitter.class_id) == (2, 2 * 32 + 3)
    assert (found[2].key, found[2].time) == (0x10 << 20 | 2, 0x99)


def born_raise(company: bytes) -> RawLog:
    terms = (company, SHARE_CLASS, bytes(20), *[0] * 14, bytes(32), bytes(32))
    return written(Kind.OFFERING_FACTORY, "OfferingCreated", [OFFERING, ESCROW, 7, terms], RAISES)


def test_rows__a_raise__teaches_two_emitters_of_its_company() -> None:
    subscribed = written(Kind.OFFERING, "Subscribed", [1, COMPANY, 5, 6, bytes(32)], OFFERING, 1)
    funded = written(Kind.ESCROW, "EscrowFunded", [5], ESCROW, 2)
    found = list(rows([born_raise(COMPANY), subscribed, funded], emitters()))
    assert [row.event for row in found] == ["OfferingCreated", "Subscribed", "EscrowFunded"]
    assert [(row.emitter.kind, row.emitter.company, row.emitter.offering) for row in found[1:]] == [
        (Kind.OFFERING, 2, 7),
        (Kind.ESCROW, 2, 7),
    ]


def test_rows__a_raise_of_a_company_that_nobody_created__halts() -> None:
    with pytest.raises(HaltError, match="which is no company of this registry"):
        list(rows([born_raise(SHARE_CLASS)], emitters()))
    with pytest.raises(HaltError, match="which is no company of this registry"):
        list(rows([born_raise(b"\x42" * 20)], emitters()))


def test_rows__address_in_mixed_case__is_known_all_the_same() -> None:
    born = born_company()
    born.address = "0x" + FACTORY.hex().upper()
    assert len(list(rows([born], Emitters(DEPLOYMENT)))) == 1


def test_decode__an_event__takes_less_than_its_budget() -> None:
    """Ten microseconds are the budget of the tuple path; of this thread's own time, the least of several runs."""
    sample = written(Kind.SHARE_CLASS, "EntryRecorded", [2**200, 2**200 + 5, b"\x01" * 32], SHARE_CLASS)
    logs, known, best = [sample] * 5_000, emitters(), 1.0
    for _ in range(5):
        began = time.thread_time()
        assert sum(1 for _ in rows(logs, known)) == 5_000
        best = min(best, (time.thread_time() - began) / 5_000)
    assert best < 10e-6


class Shy:
    """A node that refuses wide ranges, as public ones do."""

    def __init__(self, story: Story, widest: int) -> None:
        self._node, self._widest = story.stage.node, widest
        self.asked: list[tuple[int, int]] = []

    def raw_logs(self, from_block: int, to_block: int) -> list[RawLog]:
        if to_block - from_block + 1 > self._widest:
            raise NodeRefusal("range too wide")
        self.asked.append((from_block, to_block))
        found = self._node.raw_logs(from_block, to_block)
        for item in found:
            item.blockTimestamp = None
        return found

    def raw_logs_of(self, block_hash: bytes) -> list[RawLog]:
        return self._node.raw_logs_of(block_hash)

    def find_block(self, block: bytes):
        return self._node.find_block(block)


@pytest.mark.parametrize(("widest", "page_events"), [(1_000, 2_000), (3, 2_000), (1_000, 1), (1, 50)])
def test_pages__any_width__cover_all_blocks_once_with_times(shared_story: Story, widest: int, page_events: int) -> None:
    node = shared_story.stage.node
    head = node.head().number
    shy = Shy(shared_story, widest)
    found: list[LogPage] = list(pages(shy, 1, head, page_events))
    assert [page.first for page in found[1:]] == [page.last + 1 for page in found[:-1]]
    assert (found[0].first, found[-1].last) == (1, head)
    logs = [item for page in found for item in page.logs]
    assert logs == node.raw_logs(1, head)
    assert all(last - first < widest for first, last in shy.asked)


def test_pages__nothing_to_fetch__asks_nothing(shared_story: Story) -> None:
    shy = Shy(shared_story, 10)
    assert list(pages(shy, 5, 4)) == []
    assert shy.asked == []
