"""What a raise costs: money, subscriptions, allotment, verdicts, release, refund and redemption in pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from eth_abi.abi import encode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from benchmarks.gas_market import ADMIN, GOVERNOR, NOBODY, PLATFORM, Market
from benchmarks.gas_stage import FAR_DAY, UTC_OFFSET, Contract, Person, actor, full
from registry.domain.days import day_of

CUSTODIAN, REGULATOR, ARBITER = actor("custodian"), actor("regulator"), actor("arbiter")
REGION = 4403
PRICE = 527
AMOUNT = 527 * 1_000
PAGE = 50
DAY = 86_400
DISCLOSURE = full(keccak(b"risk disclosure"))
MEMORANDUM = full(keccak(b"memorandum"))
EVIDENCE_URI = "evidence/8f2b6c41d0e97a35"
NO_RATCHET = (0, 0, NOBODY, NOBODY, 0, 0, 0, 0)


class RaiseMarket:
    """The contracts of raises beside a market whose company is open; issuer and platform have registered accounts."""

    def __init__(self, m: Market) -> None:
        self.m, stage = m, m.stage
        deployer, registry = actor("deployer"), m.registry.address

        def deploy(name: str, *addresses: str) -> Contract:
            return stage.deploy(deployer, name, ["address"] * len(addresses) + ["uint32"], [*addresses, UTC_OFFSET])

        self.token = deploy("SettlementToken", registry)
        self.regions = deploy("Regions", registry)
        self.board = deploy("AttestationBoard", registry, self.regions.address)
        offering = deploy("Offering", registry, self.token.address, self.regions.address)
        escrow = deploy("MilestoneEscrow", registry, self.token.address, self.regions.address, self.board.address)
        self.factory = deploy(
            "OfferingFactory",
            registry,
            m.factory.address,
            self.regions.address,
            offering.address,
            escrow.address,
        )
        for account, roles in ((CUSTODIAN, 8), (REGULATOR, 2), (self.factory.address, 16)):
            stage.send(GOVERNOR, m.registry, "setRoles", stage.header(), account, roles)
        stage.send(REGULATOR, m.registry, "setAnnualLimit", stage.header(), 10**12)
        scheme = (REGION, 1, 5_000_000_000, 100_000_000)
        stage.send(REGULATOR, self.regions, "setScheme", stage.header(), *scheme)
        self.issuer, self.payee, *self.verifiers = m.newcomers(m.ids(5))[0]
        for verifier in self.verifiers:
            self.appoint(verifier)

    def appoint(self, verifier: Person) -> None:
        stage = self.m.stage
        today = day_of(stage.now())
        appointment = (self.m.company.address, 1, verifier.party, verifier.account, today, FAR_DAY)
        stage.send(PLATFORM, self.board, "appoint", stage.header(), appointment)

    def fund(self, people: Sequence[Person], amount: int = AMOUNT) -> int:
        """A deposit for each; the gas of all of them."""
        stage = self.m.stage
        lines = [(p.account, amount, full(keccak(b"deposit" + stage.header()[0]))) for p in people]
        return stage.send(CUSTODIAN, self.token, "mint", stage.header(), lines)


class Raise:
    """One raise with three tranches, open for subscriptions."""

    def __init__(self, market: RaiseMarket, minimum: int = PRICE) -> None:
        self.market, self.m = market, market.m
        stage = self.m.stage
        self.closes = stage.now() + 10 * DAY
        terms = (
            self.m.company.address,
            self.m.common.address,
            market.payee.account,
            PRICE,
            minimum,
            PRICE * 9_000_000,
            PRICE,
            PRICE * 100_000,
            stage.now(),
            self.closes,
            3 * DAY,
            30 * DAY,
            500,
            REGION,
            3,
            1,
            0,
            MEMORANDUM,
            DISCLOSURE,
        )
        issuer = market.issuer.account
        escrow_terms = (issuer, ARBITER, DAY, DAY, True, 500, 5_000, DAY, NOBODY, False, 0, DAY, issuer)
        criterion = full(keccak(b"criterion"))
        tranches = [
            (True, 4_000, 1, 2, self.closes + 60 * DAY, 1, 0, criterion, '{"users": {"at_least": 100000}}'),
            (True, 3_000, 1, 2, self.closes + 65 * DAY, 1, 0, criterion, '{"units": {"at_least": 5000}}'),
            (True, 3_000, 1, 2, self.closes + 70 * DAY, 1, 0, criterion, '{"revenue": {"at_least": 900000}}'),
        ]
        arguments = (stage.header(), terms, escrow_terms, tranches, NO_RATCHET)
        self.created = stage.send(PLATFORM, market.factory, "createOffering", *arguments)
        log = next(
            log
            for log in market.factory.receipts[-1]["logs"]
            if log["address"].lower() == market.factory.address.lower() and len(log["data"]) > 2 + 64 * 20
        )
        self.offering = stage.at("Offering", "0x" + log["data"][26:66])
        self.escrow = stage.at("MilestoneEscrow", "0x" + log["data"][90:130])
        self.admitted = stage.send(ADMIN, self.m.company, "admitOffering", stage.header(), self.offering.address)
        self.opened = stage.send(PLATFORM, self.offering, "open", stage.header())

    def subscribe(self, person: Person, amount: int = AMOUNT) -> int:
        """By one signature, sent by the platform."""
        salt = full(keccak(person.party.to_bytes(4, "big")))
        nonce = keccak(encode(["bytes32", "bytes32"], [DISCLOSURE, salt]))
        until = 2**40 - 1
        signature = self._authorised(person, amount, until, nonce)
        arguments = (person.account, amount, DISCLOSURE, salt, until, signature)
        return self.m.stage.send(PLATFORM, self.offering, "subscribe", *arguments)

    def _authorised(self, person: Person, amount: int, until: int, nonce: bytes) -> bytes:
        kinds = ("from address", "to address", "value uint256", "validAfter uint256", "validBefore uint256")
        message = encode_typed_data(
            domain_data=self._domain("Equity Settlement Token", self.market.token),
            message_types={"ReceiveWithAuthorization": _fields(*kinds, "nonce bytes32")},
            message_data={
                "from": person.account,
                "to": self.offering.address,
                "value": amount,
                "validAfter": 0,
                "validBefore": until,
                "nonce": nonce,
            },
        )
        return bytes(Account.sign_message(message, person.key).signature)

    def attest(self, verifier: Person, milestone: int) -> int:
        """Relayed by the platform."""
        now = self.m.stage.now()
        values = {
            "company": self.m.company.address,
            "escrow": self.escrow.address,
            "milestone": milestone,
            "round": 1,
            "outcome": 1,
            "evidence": full(keccak(b"evidence")),
            "uri": EVIDENCE_URI,
            "observedAt": now,
            "expiresAt": now + DAY,
        }
        kinds = ["company address", "escrow address", "milestone uint8", "round uint16", "outcome uint8"]
        kinds += ["evidence bytes32", "uri string", "observedAt uint40", "expiresAt uint40"]
        message = encode_typed_data(
            domain_data=self._domain("Equity Attestation Board", self.market.board),
            message_types={"Attestation": _fields(*kinds)},
            message_data=values,
        )
        signature = bytes(Account.sign_message(message, verifier.key).signature)
        arguments = (tuple(values.values()), verifier.account, signature)
        return self.m.stage.send(PLATFORM, self.market.board, "attest", *arguments)

    def _domain(self, name: str, contract: Contract) -> dict[str, Any]:
        return {
            "name": name,
            "version": "1",
            "chainId": self.m.stage.chain_id,
            "verifyingContract": contract.address,
        }

    def anybody(self, contract: Contract, name: str, *arguments: Any) -> int:
        return self.m.stage.send(PLATFORM, contract, name, *arguments)

    def close(self) -> int:
        self.m.stage.jump(13 * DAY + 60)
        return self.anybody(self.offering, "close")

    def pages(self, contract: Contract, name: str, people: Sequence[Person]) -> Iterator[float]:
        """Gas of each page, by holder."""
        for i in range(0, len(people), PAGE):
            accounts = [person.account for person in people[i : i + PAGE]]
            yield self.anybody(contract, name, accounts) / len(accounts)


def _fields(*named: str) -> list[dict[str, str]]:
    return [dict(zip(("name", "type"), text.split(), strict=True)) for text in named]


def raises(m: Market) -> Iterator[tuple[str, float]]:
    """A raise that succeeds, reaches two milestones and misses the third, and one that fails."""
    market = RaiseMarket(m)
    lone, neighbours = m.newcomers(m.ids(9, step=8))[0], m.newcomers(m.ids(2 * PAGE))[0]
    book = m.book_people(m.ids(5, step=8))[0]
    for people in (lone, neighbours, book):
        yield "mint_batch_each", market.fund(people) / len(people)
    first = Raise(market)
    yield "create_offering", first.created
    yield "admit_offering", first.admitted
    yield "open_offering", first.opened
    first.subscribe(lone[0])  # the raise's own account is new to the token
    for person in lone[1:]:
        yield "subscribe_lone", first.subscribe(person)
    for person in neighbours:
        yield "subscribe_neighbour", first.subscribe(person)
    for person in book:
        arguments = (m.stage.header(), person.account, AMOUNT, DISCLOSURE)
        yield "subscribe_for_book", m.stage.send(PLATFORM, first.offering, "subscribeFor", *arguments)
    for person in lone[:3]:
        yield "withdraw", m.stage.send(person.account, first.offering, "withdraw", person.account)
    yield "close_offering", first.close()
    for used in first.pages(first.offering, "allot", neighbours):
        yield "allot_page_each", used
    first.anybody(first.offering, "allot", [person.account for person in [*lone[3:], *book]])
    yield from _verdicts(market, first, neighbours)
    yield from _refunds(market)


def _verdicts(market: RaiseMarket, first: Raise, people: Sequence[Person]) -> Iterator[tuple[str, float]]:
    one, two, three = market.verifiers
    for milestone in (0, 1):
        yield "attest", first.attest(one, milestone)
        yield "attest_quorum", first.attest(two, milestone)
        yield "attest", first.attest(three, milestone)
    market.m.stage.jump(DAY + 60)
    # The first tranche reaches an account that never held money, which the chain charges for once.
    yield "release_first", first.anybody(first.escrow, "release", 0)
    yield "release", first.anybody(first.escrow, "release", 1)
    market.m.stage.jump(70 * DAY)
    yield "miss", first.anybody(first.escrow, "miss", 2)
    redeemed, sold = people[:PAGE], people[PAGE:]
    for used in first.pages(first.escrow, "redeem", redeemed):
        yield "redeem_page_each", used
    # The last of the page keeps its shares; the others have sold theirs to it.
    for person in sold[:-1]:
        market.m.stage.send(person.account, market.m.common, "transfer", sold[-1].account, AMOUNT // PRICE)
    market.m.stage.jump(DAY + 60)
    for used in first.pages(first.escrow, "lapse", sold[:-1]):
        yield "lapse_page_each", used


def _refunds(market: RaiseMarket) -> Iterator[tuple[str, float]]:
    m = market.m
    people = m.newcomers(m.ids(PAGE))[0]
    market.fund(people)
    failing = Raise(market, minimum=PRICE * 8_000_000)
    for person in people:
        failing.subscribe(person)
    failing.close()
    for used in failing.pages(failing.offering, "refund", people):
        yield "refund_page_each", used
