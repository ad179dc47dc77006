"""A chain with a year of a platform on it: 50 companies × 200 holders, more than 100 000 entries of the register.

Built once in full blocks and kept in the cache; served by a node that mines nothing and keeps nothing.
"""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.harness import Say
from registry.chain import artifacts, contracts, contracts_payout
from registry.chain.anvil import Anvil, AnvilOptions
from registry.chain.client import Node
from registry.chain.deploy import deploy, key_names
from registry.chain.deployment import Deployment
from registry.chain.reads import ChainReads
from registry.chain.sign import LocalSigner
from registry.domain.args import ActHeader, ClassTerms, CompanyTerms, Consideration, Entry, RoleGrant
from registry.domain.days import day_of
from registry.domain.deployment import DEPLOYER
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares
from registry.domain.payout_args import TaxRule
from registry.domain.words import PartyWord
from registry.errors import RejectedError

COMPANIES = 50
HOLDERS = 200
BATCHES = 16
"""Batch acts of 100 lines to each company beyond the first two."""
TRANSFERS = 240
"""Agent's transfers in each company, one act each."""
EVERYBODY = 0b111110
TAX = [TaxRule(3, 0, 2_000), TaxRule(0, 0, 1_000)]
"""Of the one schedule, number 1."""
BLOCK_TXS = {"onboard": 6, "batch": 20, "single": 400, "company": 40}
"""Transactions that fill a block without being left over."""


class _Builder:
    """Sends as whoever it likes, a block at a time."""

    def __init__(self, node: Node, deployment: Deployment, names: dict[str, Address]) -> None:
        self.node, self.deployment, self.names = node, deployment, names
        self.reads = ChainReads(node, deployment)
        self._count = 0
        node.read("anvil_autoImpersonateAccount", True)
        node.read("evm_setAutomine", False)

    def header(self) -> ActHeader:
        self._count += 1
        today = day_of(self.node.head().time, self.deployment.utc_offset) if self._count == 1 else self._today
        self._today: Day = today
        return ActHeader(_hash(f"operation {self._count}"), today, _hash("document"))

    def book(self, party: int) -> Address:
        return self.reads.book_account(PartyId(party))

    def block(self, sender: str, calls: Sequence[tuple[Address, bytes]], gas: int) -> None:
        """One block with all the calls; a refusal ends the building."""
        common = {"from": "0x" + self.names[sender].hex(), "gas": hex(gas), "gasPrice": "0x0"}
        # Calls of one batch run at the same time in the node, so it cannot count the nonces itself.
        nonce = self.node.nonce(self.names[sender])
        sends = [
            ({**common, "to": "0x" + target.hex(), "data": "0x" + data.hex(), "nonce": hex(nonce + position)},)
            for position, (target, data) in enumerate(calls)
        ]
        sent = self.node.read_many([("eth_sendTransaction", send) for send in sends])
        self.node.read("evm_mine")
        receipts = self.node.receipts([bytes.fromhex(tx[2:]) for tx in sent])
        if not all(receipt and receipt.has_succeeded for receipt in receipts):
            raise RejectedError("a transaction of the dataset was refused or did not fit its block", code="dataset")


@contextmanager
def serving(cache: Path, say: Say) -> Iterator[tuple[Node, Deployment]]:
    """A node with the dataset on it, built first if it is not in the cache."""
    folder = cache / f"market-{_fingerprint()}"
    if not (folder / "deployment.json").exists():
        _build(folder, say)
    anvil = Anvil(AnvilOptions(state=folder / "state.json", mine=False))
    anvil.start(timeout=180)
    try:
        deployment = Deployment.load(folder / "deployment.json")
        with Node.connect(anvil.url, deployment, timeout=120) as node:
            yield node, deployment
    finally:
        anvil.kill()  # nothing of what was served is to be kept
        anvil.stop()


def _build(folder: Path, say: Say) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with Anvil(AnvilOptions(state=folder / "state.json")) as anvil, Node.connect(anvil.url, timeout=300) as node:
        keys = {name: LocalSigner(bytes(_hash(f"key {name}"))) for name in [*key_names(), "agent"]}
        holders = {name: keys[name].address for name in key_names() if name != DEPLOYER}
        deployment = deploy(node, keys[DEPLOYER], keys["governor"], holders)
        _fill(_Builder(node, deployment, {name: key.address for name, key in keys.items()}), say)
        node.read("evm_setAutomine", True)
    deployment.save(folder / "deployment.json")
    say(f"dataset built in {time.monotonic() - began:.0f} s")


def _fill(builder: _Builder, say: Say) -> None:
    calls = contracts.registry
    parties = range(1, COMPANIES * HOLDERS // 4 + 1)
    target = builder.deployment.registry
    say(f"onboarding {len(parties)} parties")
    pages = [parties[at : at + 100] for at in range(0, len(parties), 100)]
    acts = [
        (target, calls.onboard(builder.header(), [_word(p) for p in page], [_hash(f"dossier {p}") for p in page]))
        for page in pages
    ]
    _blocks(builder, "kyc_agent", acts, "onboard", 6_000_000)
    rules = contracts_payout.tax_schedules.create_schedule(builder.header(), builder.book(1), TAX)
    builder.block("platform", [(builder.deployment.tax_schedules, rules)], 500_000)
    classes = _companies(builder, say)
    draw = random.Random(1)
    members = {address: draw.sample(parties, HOLDERS) for address in classes}
    say(f"issuing to {COMPANIES} × {HOLDERS} holders, {BATCHES + 2} acts of 100 lines each")
    for page in range(BATCHES + 2):
        half = page % 2 * 100
        acts = [(address, _issue(builder, draw, members[address][half : half + 100], page)) for address in classes]
        _blocks(builder, "agent", acts, "batch", 8_000_000)
    say(f"{TRANSFERS} transfers in each company")
    for _ in range(TRANSFERS // 8):
        acts = [(address, _transfer(builder, draw, members[address])) for address in classes for _ in range(8)]
        _blocks(builder, "agent", acts, "single", 140_000)


def _companies(builder: _Builder, say: Say) -> list[Address]:
    say(f"creating {COMPANIES} companies")
    grants = [RoleGrant(builder.names["agent"], 31)]
    factory = builder.deployment.factory
    acts = []
    for number in range(1, COMPANIES + 1):
        terms = CompanyTerms(f"示例科技 {number}", 1, 110, 250)
        classes = [ClassTerms("普通股", f"S{number}", Shares(10**12), 0, EVERYBODY)]
        acts.append((factory, contracts.factory.create_company(builder.header(), terms, classes, grants)))
    first = builder.node.head().number + 1
    _blocks(builder, "platform", acts, "company", 1_000_000)
    logs = builder.node.raw_logs(first, builder.node.head().number, [factory])
    companies = [Address(bytes.fromhex(log.data[26:66])) for log in logs if len(log.topics) == 1]
    opened = [(company, contracts.company.open(builder.header())) for company in companies]
    _blocks(builder, "agent", opened, "company", 300_000)
    return [builder.reads.classes(company)[0] for company in companies]


def _issue(builder: _Builder, draw: random.Random, parties: Sequence[int], page: int) -> bytes:
    entries = [
        Entry(builder.book(party), Shares(draw.randrange(1_000, 90_000)), Day(0), _hash(f"C-{page}-{party}"))
        for party in parties
    ]
    return contracts.share_class.issue(builder.header(), Consideration(1, 156, 10**10), entries)


def _transfer(builder: _Builder, draw: random.Random, members: list[int]) -> bytes:
    giver, taker = draw.sample(members, 2)
    entry = Entry(builder.book(taker), Shares(draw.randrange(1, 20)))
    book = builder.book(giver)
    return contracts.share_class.transfer_for(builder.header(), Consideration(), book, entry)


def _blocks(builder: _Builder, sender: str, calls: Sequence[tuple[Address, bytes]], kind: str, gas: int) -> None:
    size = BLOCK_TXS[kind]
    for at in range(0, len(calls), size):
        builder.block(sender, calls[at : at + size], gas)


def _word(party: int) -> PartyWord:
    far = Day(40_000)
    return PartyWord(PartyId(party), far, far, 3, 1, 156, 156, 3)


def _hash(text: str) -> Hash32:
    return Hash32(hashlib.sha256(text.encode()).digest())


def _fingerprint() -> str:
    """Another dataset where the contracts or its sizes change."""
    codes = [artifacts.load(name).bytecode.hex() for name in contracts.NAMES]
    sizes: list[Any] = [COMPANIES, HOLDERS, BATCHES, TRANSFERS, BLOCK_TXS, len(TAX)]
    return hashlib.sha256(json.dumps([codes, sizes]).encode()).hexdigest()[:16]
