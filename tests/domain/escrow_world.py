"""A raise that has settled, for tests of board and escrow: three subscribers, a founder, an issuer, verifiers.

1 000 shares at 10 fen: parties 1, 2 and 3 paid 6 000, 3 000 and 1 000 fen, the last one out of its book account. The
fee is 5 %, so that 9 500 fen come into the escrow. The founder (party 5) holds 1 000 shares of the class besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry.domain.attestation import REACHED, Attestation
from registry.domain.board import NOTICE, Panel
from registry.domain.commands import Command, SetRoles
from registry.domain.commands.allotment import Allot
from registry.domain.commands.board import Attest
from registry.domain.commands.company import AdmitOffering
from registry.domain.commands.draft import Refusal
from registry.domain.commands.escrow import DeclareMissed, Release
from registry.domain.commands.factory import CreateOffering
from registry.domain.commands.money import Mint
from registry.domain.commands.offering import CloseOffering, OpenOffering, Subscribe, SubscribeFor
from registry.domain.commands.panels import Appoint
from registry.domain.commands.regions import SetScheme
from registry.domain.commands.rights import Redeem
from registry.domain.escrow import EscrowState
from registry.domain.events import RegistryEvent
from registry.domain.ids import Address, Day, Hash32, PartyId, Timestamp
from registry.domain.raise_args import Appointment, BankLine, EscrowTerms, OfferingTerms, RatchetTerms, TrancheTerms
from registry.domain.raise_words import Case, Subscription
from registry.domain.raising import OfferingState, Raising
from registry.domain.register import RegisterState
from tests.domain import world as w

RAISING = Raising(w.address("token"), w.address("regions"), w.address("board"), w.address("factory of raises"))
BANK, ARBITER = w.address("bank"), w.address("arbiter")
OFFERING, ESCROW = w.address("offering"), w.address("escrow")
REGION, KIND, DAY = 44, 1, 86_400
PRICE = 10
ISSUER, FOUNDER, VERIFIERS = PartyId(4), PartyId(5), (PartyId(6), PartyId(7), PartyId(8))
ISSUER_WALLET, FOUNDER_WALLET = w.wallet(ISSUER, 0), w.wallet(FOUNDER, 0)
PAID = {1: 6_000, 2: 3_000, 3: 1_000}
PROCEEDS = 9_500
DEADLINE = w.START + 40 * DAY
WINDOW, ARBITRATION, VOTING, CLAIMS = DAY, 2 * DAY, 3 * DAY, 180 * DAY
DOCUMENT = Hash32(b"evidence".rjust(32, b"\1"))

TERMS = EscrowTerms(
    ISSUER_WALLET,
    ARBITER,
    WINDOW,
    ARBITRATION,
    silence_upholds=False,
    challenge_bps=1_000,
    consent_bps=5_000,
    voting=VOTING,
    put_payer=FOUNDER_WALLET,
    is_payer_issuer=False,
    put_rate_bps=500,
    claims=CLAIMS,
    lapse_account=ISSUER_WALLET,
)


def tranche(
    value: int, on_miss: int = 1, deadline: int = DEADLINE, quorum: int = 2, share: bool = True
) -> TrancheTerms:
    extension = 10 * DAY if on_miss == 2 else 0
    return TrancheTerms(share, value, KIND, quorum, deadline, on_miss, extension, DOCUMENT, "{}")


HALVES = (tranche(5_000), tranche(5_000, deadline=DEADLINE + 20 * DAY))
EXTENDABLE = (tranche(5_000, on_miss=2), tranche(5_000, deadline=DEADLINE + 60 * DAY))
PUTTABLE = (tranche(5_000), tranche(5_000, on_miss=3))


@dataclass
class Raised(w.World):
    """A world with one raise."""

    @property
    def offering(self) -> OfferingState:
        return self.state.offerings[OFFERING]

    @property
    def escrow(self) -> EscrowState:
        return self.state.escrows[ESCROW]

    @property
    def clock(self) -> int:
        return self.state.clock(REGION, self.time)

    @property
    def panel(self) -> Panel:
        return self.state.board.panel_of(w.COMPANY, KIND)

    def case(self, milestone: int = 0) -> Case:
        return self.state.board.cases[ESCROW, milestone]

    def lot(self, party: int) -> Subscription:
        return self.offering.subscriptions[PartyId(party)]

    def account(self, party: int) -> Address:
        """Where a subscriber subscribed from."""
        return self.book(party) if party == 3 else w.wallet(party, 0)

    def cash(self, account: Address) -> int:
        return self.state.money.balance(account)

    def at(self, time: int) -> None:
        self.time = Timestamp(time)

    def wait(self, seconds: int) -> None:
        self.time = Timestamp(self.time + seconds)

    def refusal(self, command: Command, actor: Address = w.STRANGER) -> tuple[object, ...]:
        """Name and values of the refusal that a command meets, which changes nothing."""
        before = self.state.copy()
        try:
            self.run(command, actor)
        except Refusal as refusal:
            assert self.state == before
            return (refusal.name, *refusal.values)
        raise AssertionError(f"{command} was carried out")

    def stands(self) -> None:
        """A replay of the log gives the same state, and finds nothing."""
        assert self.replay == self.state
        assert [f for f in self.replay.findings if f.is_fault] == []

    def attestation(self, milestone: int = 0, outcome: int = REACHED) -> Attestation:
        """For the current round, in force now and for ten days."""
        times = self.time - 60, self.time + 10 * DAY
        return Attestation(
            w.COMPANY, ESCROW, milestone, self.case(milestone).round, outcome, DOCUMENT, "https://a.example", *times
        )

    def attest(self, verifier: int, milestone: int = 0, outcome: int = REACHED) -> tuple[RegistryEvent, ...]:
        key = key_of(verifier)
        return self.run(Attest(self.attestation(milestone, outcome), key), w.STRANGER)

    def reach(self, milestone: int = 0) -> None:
        """A quorum of two, and the dispute window runs out."""
        self.attest(VERIFIERS[0], milestone)
        self.attest(VERIFIERS[1], milestone)
        self.wait(WINDOW + 1)

    @property
    def tranche_states(self) -> list[int]:
        return [t.state for t in self.escrow.tranches]

    def redeem(self, *parties: int) -> tuple[RegistryEvent, ...]:
        return self.run(Redeem(ESCROW, tuple(self.account(p) for p in parties)), w.STRANGER)

    def release(self, milestone: int = 0) -> tuple[RegistryEvent, ...]:
        return self.run(Release(ESCROW, milestone), w.STRANGER)

    def miss(self, milestone: int = 0) -> tuple[RegistryEvent, ...]:
        """The deadline passes."""
        self.at(max(self.time, self.case(milestone).deadline + 1))
        return self.run(DeclareMissed(ESCROW, milestone), w.STRANGER)


def key_of(verifier: int, number: int = 0) -> Address:
    return w.address(f"key {verifier}/{number}")


def mint(world: Raised, account: Address, amount: int) -> None:
    head = w.header()
    world.run(Mint(head, (BankLine(account, amount, head.operation),)), BANK)


def appoint(world: Raised, party: PartyId, kind: int = KIND, until_day: int = 30_000) -> None:
    """As early as may be."""
    is_judging = world.state.board.panel_of(w.COMPANY, kind).is_judging
    from_day = Day(world.today + NOTICE if is_judging else 0)
    terms = Appointment(w.COMPANY, kind, party, key_of(party), from_day, Day(until_day))
    world.run(Appoint(w.header(), terms), w.PLATFORM)


def founded(cap: int = 200) -> Raised:
    """A company, its people, money in the subscribers' accounts, a panel of three; nothing is raised yet."""
    states = [RegisterState(w.REGISTRY, w.FACTORY, w.TAG, 28_800, RAISING) for _ in range(2)]
    world = Raised(state=states[0], replay=states[1])
    w.opened(cap, 10_000, world)
    for account, roles in ((BANK, 8), (RAISING.offering_factory, 16)):
        world.run(SetRoles(w.header(), account, roles), w.GOVERNOR)
    world.run(SetScheme(w.header(), REGION, 1, 1_000_000, 0), w.REGULATOR)
    w.onboard(world, *(w.word(p) for p in range(1, 10)))
    for party in (1, 2, 4, 5):
        w.bind(world, party, 0)
    w.issue(world, w.wallet(FOUNDER, 0), 1_000)
    for party, amount in PAID.items():
        mint(world, world.account(party), amount)
    for verifier in VERIFIERS:
        appoint(world, verifier)
    return world


def offering_terms(world: Raised) -> OfferingTerms:
    return OfferingTerms(
        w.COMPANY,
        w.ORDINARY,
        world.book(9),
        PRICE,
        minimum=5_000,
        maximum=10_000,
        investor_minimum=PRICE,
        investor_maximum=10_000,
        opens_at=w.START,
        closes_at=w.START + 5 * DAY,
        cooling_off=DAY,
        settle_within=DAY,
        fee_bps=500,
        region=REGION,
        risk_grade=0,
        method=1,
        lock_day=Day(0),
        memorandum=DOCUMENT,
        disclosure=DOCUMENT,
    )


def drafted(
    tranches: Sequence[TrancheTerms] = HALVES, terms: EscrowTerms = TERMS, ratchet: RatchetTerms | None = None
) -> Raised:
    """The company has admitted the raise, which is not open yet."""
    world = founded()
    command = CreateOffering(
        w.header(), offering_terms(world), terms, tuple(tranches), ratchet or RatchetTerms(), OFFERING, ESCROW
    )
    world.run(command, w.PLATFORM)
    world.run(AdmitOffering(w.COMPANY, w.header(), OFFERING), w.ADMIN)
    return world


def opened(
    tranches: Sequence[TrancheTerms] = HALVES, terms: EscrowTerms = TERMS, ratchet: RatchetTerms | None = None
) -> Raised:
    """The raise is open and everybody has subscribed."""
    world = drafted(tranches, terms, ratchet)
    world.run(OpenOffering(OFFERING, w.header()), w.PLATFORM)
    for party, amount in PAID.items():
        subscribe(world, party, amount)
    return world


def subscribe(world: Raised, party: int, amount: int) -> None:
    account = world.account(party)
    if world.state.is_book(account):
        world.run(SubscribeFor(OFFERING, w.header(), account, amount, DOCUMENT), w.PLATFORM)
    else:
        world.run(Subscribe(OFFERING, account, amount, DOCUMENT, DOCUMENT, 2**40), w.STRANGER)


def raised(
    tranches: Sequence[TrancheTerms] = HALVES, terms: EscrowTerms = TERMS, ratchet: RatchetTerms | None = None
) -> Raised:
    """The raise has settled: shares are allotted, the escrow is funded, every milestone is before the board."""
    world = opened(tranches, terms, ratchet)
    world.at(w.START + 6 * DAY + 1)
    world.run(CloseOffering(OFFERING), w.STRANGER)
    world.run(Allot(OFFERING, tuple(world.account(p) for p in PAID)), w.STRANGER)
    return world
