"""A registry with people, and a company with two classes: what nearly every contract test begins from."""

from __future__ import annotations

import itertools
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak

from registry.domain.ids import Day, PartyId
from registry.domain.words import Charter, ClassWord, Holding, PartyWord
from tests.contracts.support import node
from tests.contracts.support.contracts import Contract, Event, deploy

ALICE, BOB, CAROL, DAVE = 101, 102, 203, 304
"""Parties with one wallet each; Alice and Bob sit in one slot of seats, Dave is an employee."""
FOUNDER, EMPLOYEE, QUALIFIED, INSTITUTION, TREASURY = 1, 2, 3, 4, 5
ADMIN, TRANSFER_AGENT, MIGRATOR, STOPPER, SECRETARY = 1, 2, 4, 8, 16
MIGRATING, OPEN, ABANDONED, SUCCEEDED = 1, 2, 3, 4
CANCEL, REPURCHASE, RETRACTION = 3, 4, 5
ZERO = "0x" + "00" * 20
NOTHING_GIVEN = (0, 0, 0)
CASH = (1, 156, 10**10)
REF = b"CS-1".ljust(32, b"\0")
FAR = node.TODAY + 1_000
EVERYBODY = 0b111110
COMMON = ("普通股", "XGBD-A", 1_000_000, 0, EVERYBODY)
PREFERRED = ("A轮优先股", "XGBD-P", 500_000, 0, 1 << QUALIFIED | 1 << INSTITUTION)

PLAN = Path(__file__).resolve().parents[3] / "contracts" / "deployment.toml"
REGISTRY_ROLES = {"GOVERNOR": 1, "REGULATOR": 2, "PLATFORM": 4, "CUSTODIAN": 8, "OFFERINGS": 16}
REGION = 4403

_operations = itertools.count(1)


def header(effective_on: int = node.TODAY, operation: bytes | None = None) -> tuple[bytes, int, bytes]:
    """An act header that no test has used before."""
    number = next(_operations).to_bytes(8, "big")
    return operation or keccak(b"operation" + number), effective_on, keccak(b"document" + number)


def actor(name: str) -> str:
    return "0x" + keccak(text=name)[12:].hex()


def wallet_key(party: int, number: int) -> bytes:
    return keccak(text=f"wallet {number} of {party}")


@cache
def wallet_of(party: int, number: int = 0) -> str:
    address: str = Account.from_key(wallet_key(party, number)).address
    return address.lower()


def line(account: str, shares: int, lock_day: int = 0, ref: bytes = REF) -> tuple[str, int, int, bytes]:
    return account, shares, lock_day, ref


def person(party: int, **facts: Any) -> PartyWord:
    """A qualified natural person in good standing, unless told otherwise."""
    usual = PartyWord(
        PartyId(party), kyc_day=Day(FAR), qualification_day=Day(FAR), category=QUALIFIED, kind=1, country=156
    )
    return replace(usual, **facts)


@dataclass(slots=True)
class Ground:
    """The deployed contracts and the hands that act on them."""

    registry: Contract
    factory: Contract
    company: Contract
    common: Contract
    preferred: Contract
    token: Contract
    regions: Contract
    board: Contract
    offerings: Contract
    schedules: Contract
    preferences: Contract
    distributions: Contract

    governor = actor("governor")
    regulator = actor("regulator")
    platform = actor("platform")
    custodian = actor("custodian")
    kyc_agent = actor("kyc agent")
    issuer = actor("issuer")
    registrar = actor("registrar")
    migrator = actor("migrator")
    stopper = actor("stopper")
    secretary = actor("secretary")
    stranger = actor("stranger")

    # --- people ---

    def onboard(self, *words: PartyWord) -> list[Event]:
        dossiers = [keccak(word.id.to_bytes(4, "big")) for word in words]
        return self.registry.act("onboard", header(), [w.pack() for w in words], dossiers, by=self.kyc_agent)

    def restate(self, *words: PartyWord) -> list[Event]:
        stated = [replace(w, flags=0, closed_wallets=0, wallet_count=0).pack() for w in words]
        return self.registry.act("setStanding", header(), stated, by=self.kyc_agent)

    def bind(self, party: int, number: int = 0) -> str:
        """Binds the party's wallet of that number; numbers come in order."""
        account = wallet_of(party, number)
        deadline = node.now() + 1_000
        signature = self.signature(party, account, deadline, wallet_key(party, number))
        self.registry.act("bindWallet", header(), party, account, deadline, signature, by=self.kyc_agent)
        return account

    def signature(self, party: int, wallet: str, deadline: int, key: bytes) -> bytes:
        message = encode_typed_data(
            domain_data={
                "name": "Equity Identity Registry",
                "version": "1",
                "chainId": int(node.ask("eth_chainId"), 16),
                "verifyingContract": self.registry.address,
            },
            message_types={
                "BindWallet": [
                    {"name": "party", "type": "uint32"},
                    {"name": "wallet", "type": "address"},
                    {"name": "deadline", "type": "uint64"},
                ]
            },
            message_data={"party": party, "wallet": wallet, "deadline": deadline},
        )
        signed = Account.sign_message(message, key)
        return bytes(signed.signature)

    def close_wallet(self, wallet: str, closed: bool = True) -> None:
        self.registry.act("setWalletClosed", header(), wallet, closed, by=self.kyc_agent)

    def freeze(self, party: int, frozen: bool = True) -> None:
        self.registry.act("setFrozen", header(), party, frozen, by=self.regulator)

    def book(self, party: int) -> str:
        account: str = self.registry.read("bookAccount", party)
        return account

    def word(self, party: int) -> PartyWord:
        return PartyWord.unpack(self.registry.read("partyWord", party))

    # --- shares ---

    @property
    def agent(self) -> str:
        """Who may act on shares in the company's present phase."""
        return self.migrator if self.charter().phase == MIGRATING else self.registrar

    def issue(self, share_class: Contract, *lines: tuple[str, int, int, bytes], given: Any = CASH) -> list[Event]:
        return share_class.act("issue", header(), given, list(lines), by=self.agent)

    def give(self, share_class: Contract, giver: str, taker: str, shares: int) -> list[Event]:
        """The holder's own transfer."""
        return share_class.act("transfer", taker, shares, by=giver)

    def move(self, share_class: Contract, giver: str, *entry: Any) -> list[Event]:
        """The agent's transfer out of a book account."""
        return share_class.act("transferFor", header(), NOTHING_GIVEN, giver, line(*entry), by=self.agent)

    def cancel(self, share_class: Contract, account: str, shares: int, kind: int = CANCEL) -> list[Event]:
        return share_class.act("cancel", header(), kind, NOTHING_GIVEN, line(account, shares), by=self.agent)

    def convert(self, source: Contract, target: Contract, account: str, shares: int, resulting: int) -> list[Event]:
        arguments = (source.address, target.address, account, shares, resulting, REF)
        return self.company.act("convert", header(), NOTHING_GIVEN, *arguments, by=self.agent)

    def balance(self, share_class: Contract, account: str) -> int:
        held: int = share_class.read("balanceOf", account)
        return held

    def holding(self, share_class: Contract, account: str) -> Holding:
        return Holding.unpack(share_class.read("holding", account))

    def class_word(self, share_class: Contract) -> ClassWord:
        return ClassWord.unpack(share_class.read("classWord"))

    # --- the company ---

    def charter(self) -> Charter:
        return Charter.unpack(self.company.read("charter"))

    def seats(self) -> int:
        return self.charter().seats

    def pending(self) -> int:
        return self.charter().pending

    def seat(self, party: int) -> tuple[int, bool, int]:
        """Accounts with shares, whether the company fixed the weight, weight."""
        packed = self.company.read("seatOf", party)
        return packed & 0x1FF, bool(packed & 0x8000), packed >> 16

    def subscriptions(self, party: int) -> int:
        """Of the party's subscriptions, those that wait for their allotment."""
        packed: int = self.company.read("seatOf", party)
        return packed >> 9 & 0x3F

    def open(self) -> list[Event]:
        return self.company.act("open", header(), by=self.issuer)

    def set_cap(self, cap: int) -> list[Event]:
        return self.company.act("setCap", header(), cap, by=self.regulator)


def deployed() -> dict[str, Contract]:
    """All parts of the deployment plan, with the roles that it gives to holders and to parts."""
    plan = tomllib.loads(PLAN.read_text(encoding="utf-8"))
    known: dict[str, Any] = {name: actor(name.replace("_", " ")) for name in plan["holders"]}
    known["utc_offset"] = plan["utc_offset"]
    parts: dict[str, Contract] = {}
    for entry in plan["contract"]:
        parts[entry["part"]] = deploy(entry["contract"], *(known[name] for name in entry["arguments"]))
        known[entry["part"]] = parts[entry["part"]].address
    for name, roles in (plan["holders"] | plan["parts"]).items():
        mask = sum(REGISTRY_ROLES[role] for role in roles)
        # The governor has its own from the constructor.
        if mask and mask != REGISTRY_ROLES["GOVERNOR"]:
            parts["registry"].act("setRoles", header(), known[name], mask, by=Ground.governor)
    return parts


def lay(cap: int = 200) -> Ground:
    """Deploys everything and creates a company, which is migrating."""
    node.set_up()
    parts = deployed()
    terms = (1, 2**32 - 1, FAR + 10)
    parts["registry"].act("trustProvider", header(), Ground.kyc_agent, terms, by=Ground.governor)
    company, classes = found(parts["factory"], "深圳新光半导体股份有限公司", [COMMON, PREFERRED], cap=cap)
    of_raises = (parts[part] for part in ("token", "regions", "board", "offering_factory"))
    of_dividends = (parts[part] for part in ("tax_schedules", "preferences", "distributions"))
    return Ground(parts["registry"], parts["factory"], company, *classes, *of_raises, *of_dividends)


def found(
    factory: Contract, name: str, classes: list[Any], cap: int = 200, form: int = 1, predecessor: str = ZERO
) -> tuple[Contract, list[Contract]]:
    """A company of the usual five roles, and its classes."""
    roles = [
        (Ground.issuer, ADMIN),
        (Ground.registrar, TRANSFER_AGENT),
        (Ground.migrator, MIGRATOR),
        (Ground.stopper, STOPPER),
        (Ground.secretary, SECRETARY),
    ]
    terms = (name, form, REGION, cap, predecessor)
    events = factory.act("createCompany", header(), terms, classes, roles, by=Ground.platform)
    created = next(e.values["company"] for e in events if e.name == "CompanyCreated")
    company = Contract("Company", created)
    return company, [Contract("ShareClass", address) for address in company.read("classes")]


def fill(ground: Ground, count: int, first: int = 10_001) -> list[int]:
    """So many new holders of ten common shares each, in their book accounts."""
    parties = list(range(first, first + count))
    for i in range(0, count, 100):
        page = parties[i : i + 100]
        ground.onboard(*[person(party) for party in page])
        ground.issue(ground.common, *[line(ground.book(party), 10) for party in page])
    return parties
