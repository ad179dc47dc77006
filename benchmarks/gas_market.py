"""A registry with people and one open company, from which the gas cases start."""

from __future__ import annotations

from collections.abc import Sequence

from eth_utils.crypto import keccak

from benchmarks.gas_stage import (
    CASH,
    FAR_DAY,
    UTC_OFFSET,
    Contract,
    Person,
    Stage,
    actor,
    binding,
    full,
    wallet,
    word,
)

GOVERNOR, PLATFORM, KYC = actor("governor"), actor("platform"), actor("kyc agent")
ADMIN, AGENT, MIGRATOR, STOPPER, SECRETARY = (
    actor(f"company {role}") for role in ("admin", "agent", "migrator", "stopper", "secretary")
)
ROLES = [(ADMIN, 1), (AGENT, 2), (MIGRATOR, 4), (STOPPER, 8), (SECRETARY, 16)]
COMPANY_NAME = "深圳市新光半导体科技股份有限公司"
COMMON = ("新光半导体普通股（面值人民币一元）", "XGBD-A", 10**12, 0, 0b111110)
PREFERRED = ("新光半导体第一轮优先股（含清算权）", "XGBD-P", 10**12, 0, 0b111110)
NOBODY = "0x" + "00" * 20
BATCH = 100
SHARES = 1_000
REF = b"CS-0001".ljust(32, b"\0")


class Market:
    """Registry, factory and one company with two classes; the company is opened by the case that needs it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._free_id = 0x11111111
        self.registry = stage.deploy(
            actor("deployer"), "IdentityRegistry", ["address", "uint32"], [GOVERNOR, UTC_OFFSET]
        )
        class_impl = stage.deploy(
            actor("deployer"), "ShareClass", ["address", "uint32"], [self.registry.address, UTC_OFFSET]
        )
        company_impl = stage.deploy(
            actor("deployer"),
            "Company",
            ["address", "address", "uint32"],
            [self.registry.address, class_impl.address, UTC_OFFSET],
        )
        self.factory = stage.deploy(
            actor("deployer"),
            "CompanyFactory",
            ["address", "address", "uint32"],
            [self.registry.address, company_impl.address, UTC_OFFSET],
        )
        stage.send(GOVERNOR, self.registry, "setRoles", stage.header(), PLATFORM, 4)
        stage.send(GOVERNOR, self.registry, "trustProvider", stage.header(), KYC, (1, 2**32 - 1, FAR_DAY))
        self.company_gas: list[int] = []
        self.class_gas: list[int] = []
        for _ in range(3):
            self.company = self._new_company()
        self.common, self.preferred = (
            stage.at("ShareClass", "0x" + data[12:].hex()) for data in self._class_addresses()
        )

    def _new_company(self) -> Contract:
        stage = self.stage
        terms = (COMPANY_NAME, 1, 4403, 60_000, NOBODY)
        used = stage.send(PLATFORM, self.factory, "createCompany", stage.header(), terms, [COMMON], ROLES)
        self.company_gas.append(used)
        created = self.factory.receipts[-1]["logs"]
        company = stage.at("Company", _emitter_of_roles(created, self.factory.address))
        self.class_gas.append(stage.send(MIGRATOR, company, "createClass", stage.header(), PREFERRED))
        return company

    def _class_addresses(self) -> list[bytes]:
        data = self.stage.read(self.company, "classes")
        count = int.from_bytes(data[32:64], "big")
        return [data[64 + 32 * i : 96 + 32 * i] for i in range(count)]

    # --- people ---

    def ids(self, count: int, step: int = 1) -> list[int]:
        """Ids without a zero byte, `step` apart, beginning a seat slot of their own."""
        first = (self._free_id // 8 + 2) * 8
        ids = [first + step * i for i in range(count)]
        self._free_id = ids[-1]
        return ids

    def newcomers(self, parties: Sequence[int]) -> tuple[list[Person], int]:
        """Parties with wallets, onboarded in one batch, and the gas it took."""
        stage = self.stage
        deadline = stage.now() + 86_400
        people = [Person(party, account, key) for party in parties for key, account in [wallet(party)]]
        rows = [
            (word(p.party), full(keccak(p.party.to_bytes(4, "big"))), p.account, *self._signed(p, deadline))
            for p in people
        ]
        used = stage.send(KYC, self.registry, "onboardWithWallets", stage.header(), deadline, rows)
        return people, used

    def _signed(self, person: Person, deadline: int) -> tuple[bytes, bytes]:
        return binding(self.registry.address, self.stage.chain_id, person, deadline)

    def book_people(self, parties: Sequence[int]) -> tuple[list[Person], int]:
        """Parties with nothing but their book accounts."""
        stage = self.stage
        words = [word(party) for party in parties]
        dossiers = [full(keccak(party.to_bytes(4, "big"))) for party in parties]
        used = stage.send(KYC, self.registry, "onboard", stage.header(), words, dossiers)
        tag = self.stage.read(self.registry, "bookTag")[:16]
        return [Person(p, "0x" + (tag + p.to_bytes(4, "big")).hex(), None) for p in parties], used

    # --- shares ---

    def issue(self, share_class: Contract, people: Sequence[Person], shares: int = SHARES) -> int:
        """One batch by the agent who may issue in the present phase; gas of the whole batch."""
        stage = self.stage
        agent = AGENT if self.is_open else MIGRATOR
        entries = [(person.account, shares, 0, REF) for person in people]
        return stage.send(agent, share_class, "issue", stage.header(), CASH, entries)

    def issue_all(self, share_class: Contract, people: Sequence[Person], shares: int = SHARES) -> None:
        for i in range(0, len(people), BATCH):
            self.issue(share_class, people[i : i + BATCH], shares)

    def give(self, share_class: Contract, giver: Person, taker: Person, shares: int) -> int:
        return self.stage.send(giver.account, share_class, "transfer", taker.account, shares)

    @property
    def is_open(self) -> bool:
        return self.stage.read_int(self.company, "charter") >> 8 & 0xFF == 2

    def open(self) -> int:
        return self.stage.send(ADMIN, self.company, "open", self.stage.header())


def _emitter_of_roles(logs: list[dict[str, str]], factory: str) -> str:
    """The new company is the first emitter after the factory."""
    return next(log["address"] for log in logs if log["address"].lower() != factory.lower())
