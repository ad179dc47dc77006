"""The machine of raises on a chain: the cast of tests/domain with real contracts, and the world that it acts in."""

from __future__ import annotations

from eth_utils import keccak

from registry.domain import commands as do
from registry.domain.args import ActHeader
from registry.domain.commands import Command
from registry.domain.days import day_of, first_second
from registry.domain.events import CompanyCreated, RegistryEvent
from registry.domain.ids import Address, Day, Hash32, Timestamp
from registry.domain.register import RegisterState
from tests.contracts.support import node
from tests.contracts.support.calls import hexed, raw
from tests.contracts.support.ground import FAR, REGION, Ground, found, header, lay, line, wallet_key
from tests.contracts.support.raising import ARBITER
from tests.contracts.support.shadow import Twin
from tests.contracts.support.signing import address_of
from tests.domain import raise_cast as r
from tests.domain.escrow_world import KIND

FIRST_DAY = Day(node.TODAY + 276)
"""2035-10-04, as far into its year as the first day of the pure world."""
ABIDING = "承继公司"
PARTIES = list(range(1, r.UNKNOWN + 1))


def wallet(party: int) -> Address:
    return address_of(wallet_key(party, 0))


def key(number: int) -> Address:
    """Of verifiers."""
    return address_of(keccak(text=f"verifier {number}"))


def founded() -> Ground:
    """What `raise_cast.founded` founds: an open company, its people with money, a panel, an annual limit."""
    ground = lay()
    ground.onboard(*(r.person(FIRST_DAY, p) for p in range(1, r.UNKNOWN)))
    for party in r.WITH_WALLET:
        ground.bind(party)
    ground.open()
    found(ground.factory, ABIDING, [], predecessor=ground.company.address)
    ground.common.act("setAuthorised", header(), r.AUTHORISED, by=ground.registrar)
    ground.issue(ground.common, line(hexed(wallet(r.ISSUER)), r.FOUNDERS))
    ground.regions.act("setScheme", header(), REGION, 1, r.CEILING, 0, by=ground.regulator)
    ground.registry.act("setAnnualLimit", header(), r.LIMIT, by=ground.regulator)
    for party in (*r.INVESTORS, r.ISSUER):
        account = hexed(wallet(party)) if party in r.WITH_WALLET else ground.book(party)
        ground.token.act("mint", header(), [(account, r.PURSE, r.reference(party))], by=ground.custodian)
    for number, party in enumerate(r.VERIFIERS):
        stated = (ground.company.address, KIND, party, hexed(key(number)), 0, FAR)
        ground.board.act("appoint", header(), stated, by=ground.platform)
    node.jump_to(first_second(FIRST_DAY))
    return ground


def cast_of(ground: Ground, past: list[RegistryEvent]) -> r.Cast:
    """Who acts on this ground."""
    heir = next(e.company for e in past if isinstance(e, CompanyCreated) and e.name == ABIDING)
    factory = raw(ground.offerings.address)
    return r.Cast(
        raw(ground.company.address),
        raw(ground.common.address),
        raw(ground.preferred.address),
        heir,
        *(raw(a) for a in (ground.platform, ground.regulator, ground.custodian, ground.issuer, ground.registrar)),
        *(raw(a) for a in (ground.stopper, ground.kyc_agent, ARBITER)),
        stranger=address_of(keccak(text="a stranger with a key")),
        region=REGION,
        tag=ground.registry.read("bookTag"),
        start=first_second(FIRST_DAY),
        wallet=wallet,
        key=key,
        offerings=(_created(factory, 1), _created(factory, 3)),
        escrows=(_created(factory, 2), _created(factory, 4)),
    )


def _created(by: Address, nonce: int) -> Address:
    """Where a contract's clone number `nonce` comes to stand (RLP of both, for numbers below 128)."""
    return Address(keccak(b"\xd6\x94" + by + bytes([nonce]))[12:])


class ChainWorld:
    """Contracts and domain at once, spoken to like the pure world: each step is a block of its own."""

    def __init__(self, ground: Ground, past: list[RegistryEvent], cast: r.Cast, cap: int) -> None:
        self.twin = Twin(ground, past)
        self.cast = cast
        self.log = list(past)
        self.time = Timestamp(max(self.twin.time + 1, cast.start))
        head = ActHeader(Hash32(keccak(text=f"cap {cap}")), self.today, Hash32(keccak(text="cap")))
        self.run(do.SetCap(cast.company, head, cap), cast.regulator)

    @property
    def state(self) -> RegisterState:
        return self.twin.state

    @property
    def replay(self) -> RegisterState:
        return self.twin.replay

    @property
    def today(self) -> Day:
        return day_of(self.time)

    @property
    def clock(self) -> int:
        """Of the block that was made last."""
        return self.state.clock(self.cast.region, self.twin.time)

    def run(self, command: Command, actor: Address) -> tuple[RegistryEvent, ...]:
        """Blocks are a second apart. Every stored word is compared afterwards, and what is refused changes none."""
        now, self.time = self.time, Timestamp(self.time + 1)
        try:
            events = self.twin.run(command, actor, now)
        finally:
            self.twin.compare(self.cast.known, PARTIES)
        self.log.extend(events)
        return events

    def balance(self, share_class: Address, account: Address) -> int:
        held = self.state.classes[share_class].holdings.get(self.state.account_of(account))
        return held.balance if held else 0
