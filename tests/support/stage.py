"""A deployed registry on a real chain, its agents' keys, and the shortest way to act: for tests of every room."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass, field

from eth_utils.crypto import keccak

from registry.chain import contracts
from registry.chain.anvil import Anvil
from registry.chain.client import Node, Receipt
from registry.chain.deploy import DEPLOYER, deploy, key_names
from registry.chain.deployment import Deployment
from registry.chain.reads import ChainReads
from registry.chain.refusals import as_error
from registry.chain.rpc import NodeRefusal
from registry.chain.send import send_and_wait
from registry.chain.sign import Fields, LocalSigner
from registry.domain.args import ActHeader, ClassTerms, CompanyTerms, Consideration, Entry, RoleGrant
from registry.domain.days import day_of
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares
from registry.domain.words import PartyWord

EVERYBODY = 0b111110
"""Categories founder to treasury."""
NOTHING_GIVEN = Consideration()


def signer(name: str) -> LocalSigner:
    """The same name always has the same key."""
    return LocalSigner(keccak(text=f"equity test key {name}"))


def document(text: str) -> Hash32:
    return Hash32(hashlib.sha256(text.encode()).digest())


@dataclass
class Stage:
    """`send` signs with the next nonce and waits; a refusal is raised with the contract's reason."""

    node: Node
    deployment: Deployment
    _ids: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def reads(self) -> ChainReads:
        return ChainReads(self.node, self.deployment)

    @property
    def today(self) -> Day:
        return day_of(self.node.head().time, self.deployment.utc_offset)

    def header(self, name: str = "", day: Day | None = None) -> ActHeader:
        """A header of a new operation, or of the operation of that name."""
        operation = document(f"operation {name or next(self._ids)}")
        return ActHeader(operation, self.today if day is None else day, document("resolution"))

    def send(self, sender: str, target: Address, calldata: bytes, gas: int | None = None) -> Receipt:
        key = signer(sender)
        try:
            estimate = gas or self.node.estimate_gas(key.address, target, calldata)
            nonce = self.node.nonce(key.address, "pending")
            raw = key.sign_transaction(Fields(self.node.chain_id, nonce, target, calldata, estimate))
            return send_and_wait(self.node, raw)
        except NodeRefusal as refusal:
            raise as_error(refusal) from refusal

    def create_company(
        self, name: str = "Example", classes: list[ClassTerms] | None = None, cap: int = 200
    ) -> tuple[Address, list[Address]]:
        """A migrating company whose five roles all belong to the key "agent"."""
        classes = [ClassTerms("Ordinary", "ORD", Shares(10**9), 0, EVERYBODY)] if classes is None else classes
        terms = CompanyTerms(name, 1, 110, cap)
        grants = [RoleGrant(signer("agent").address, 31)]
        calldata = contracts.factory.create_company(self.header(), terms, classes, grants)
        self.send("platform", self.deployment.factory, calldata)
        company = self.newest_company()
        return company, self.reads.classes(company)

    def newest_company(self) -> Address:
        number = self.reads.company_count()
        return next(c for c in self._companies() if self.reads.company_number(c) == number)

    def _companies(self) -> list[Address]:
        """Newest first, from the factory's log: the first word of its data is the company's address."""
        logs = self.node.raw_logs(0, self.node.head().number, [self.deployment.factory])
        created = [log for log in logs if len(log.topics) == 1]
        return [Address(bytes.fromhex(log.data[26:66])) for log in reversed(created)]

    def onboard(self, *parties: int, category: int = 4, kyc_day: int = 60_000) -> None:
        words = [PartyWord(PartyId(p), Day(kyc_day), Day(kyc_day), category, 1, 156, 156, 3) for p in parties]
        calldata = contracts.registry.onboard(self.header(), words, [document(f"dossier {p}") for p in parties])
        self.send("kyc_agent", self.deployment.registry, calldata)

    def book(self, party: int) -> Address:
        return self.reads.book_account(PartyId(party))

    def issue(self, share_class: Address, holdings: dict[int, int], day: Day | None = None) -> Receipt:
        entries = [Entry(self.book(party), Shares(shares)) for party, shares in holdings.items()]
        return self.send(
            "agent", share_class, contracts.share_class.issue(self.header(day=day), NOTHING_GIVEN, entries)
        )

    def open(self, company: Address) -> None:
        self.send("agent", company, contracts.company.open(self.header()))


def set_up(anvil: Anvil) -> Stage:
    """Deploys the packaged plan with the test keys."""
    node = Node.connect(anvil.url)
    holders = {name: signer(name).address for name in key_names() if name != DEPLOYER}
    return Stage(node, deploy(node, signer(DEPLOYER), signer("governor"), holders))
