"""A raise of the ground's company from draft to settled: people with money, usual terms, and hands that act on it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

from eth_abi import encode
from eth_utils import keccak

from registry.domain.ids import Address, Day, Hash32
from registry.domain.raise_args import EscrowTerms, OfferingTerms, RatchetTerms, TrancheTerms
from registry.domain.raise_words import Cash, Purse, RegionWord, Subscription, Totals, Tranche
from tests.contracts.support import node
from tests.contracts.support.attesting import KIND, VERIFIERS, appoint
from tests.contracts.support.contracts import Contract, Event
from tests.contracts.support.ground import (
    INSTITUTION,
    REGION,
    TREASURY,
    Ground,
    actor,
    header,
    person,
    wallet_key,
    wallet_of,
)
from tests.contracts.support.node import DAY
from tests.contracts.support.paying import authorisation

ERIN, FRANK, GRACE = 401, 402, 403
"""Qualified investors with a wallet each; Erin and Frank share a slot of seats."""
HEIDI = 404
"""A qualified investor without a wallet: her money and shares are in her book account."""
IVAN = 405
"""An institution with a wallet; the annual limit does not bind it."""
ISSUER, PLATFORM = 801, 802
"""The company itself and the platform as parties, with a wallet each."""
INVESTORS = (ERIN, FRANK, GRACE, HEIDI, IVAN)
ARBITER = actor("arbiter")
MONEY = 50_000_000
"""[fen] What every investor begins with."""
DRAFT, OPEN, CLOSING, SETTLED, FAILED = 1, 2, 3, 4, 5
NONE, PAID, PARKED, ALLOTTED, REFUNDED = 0, 1, 2, 3, 4
FIRST_COME, PRO_RATA = 1, 2
REDEEM, EXTEND, PUT = 1, 2, 3
PRICE = 1_000
"""[fen] For one share."""
HOUR = 3_600
ANNUAL_LIMIT = 100_000_000
RAISE_CEILING, INVESTOR_CEILING = 10_000_000_000, 80_000_000
DISCLOSURE = Hash32(keccak(text="risk disclosure"))
SIGNED = keccak(text="signed copy of the risk disclosure")
"""What a subscriber gives: the hash of its own signed copy."""
NO_RATCHET = RatchetTerms()

_references = itertools.count(1)
_salts = itertools.count(1)


def raw(address: str) -> Address:
    return Address(bytes.fromhex(address[2:]))


def hexed(address: bytes) -> str:
    return "0x" + address.hex()


# --- people and money ---


def equip(ground: Ground) -> None:
    """Regional scheme, investors with wallets and money, issuer and platform as parties, three verifiers."""
    ground.regions.act("setScheme", header(), REGION, 1, RAISE_CEILING, INVESTOR_CEILING, by=ground.regulator)
    ground.onboard(
        *(person(party, risk_grade=4) for party in (ERIN, FRANK, GRACE, HEIDI)),
        person(IVAN, category=INSTITUTION, kind=2, risk_grade=5),
        person(ISSUER, category=TREASURY, kind=2),
        person(PLATFORM, category=INSTITUTION, kind=2),
        *(person(party, category=INSTITUTION, kind=2) for party in VERIFIERS),
    )
    for party in (ERIN, FRANK, GRACE, IVAN, ISSUER, PLATFORM):
        ground.bind(party)
    mint(ground, *((home(ground, party), MONEY) for party in INVESTORS))
    for party in VERIFIERS:
        appoint(ground, party)


def home(ground: Ground, party: int) -> str:
    """The account an investor pays from: its first wallet, Heidi's book account."""
    return ground.book(party) if party == HEIDI else wallet_of(party)


def reference() -> bytes:
    """A bank reference that no test has used before."""
    return f"BANK-{next(_references)}".encode().ljust(32, b"\0")


def mint(ground: Ground, *lines: tuple[str, int]) -> list[Event]:
    """Deposits: account and amount [fen]."""
    stated = [(account, amount, reference()) for account, amount in lines]
    return ground.token.act("mint", header(), stated, by=ground.custodian)


def money(ground: Ground, account: str) -> int:
    """[fen]"""
    held: int = ground.token.read("balanceOf", account)
    return held


def cash(ground: Ground, account: str) -> Cash:
    return Cash.unpack(ground.token.read("cash", account))


def use_of(ground: Ground, party: int, year: int = 2035) -> int:
    """[fen] The party's own use of the annual limit."""
    own: int = ground.registry.read("useOf", party, year)[0]
    return own


# --- the region ---


def region_word(ground: Ground) -> RegionWord:
    return RegionWord.unpack(ground.regions.read("regionWord", REGION))


def clock(ground: Ground) -> int:
    """The region's clock [s]."""
    return region_word(ground).clock_at(node.now())


def clock_to(ground: Ground, time: int) -> None:
    """Mines a block at which the region's clock shows `time`; the region is not halted."""
    node.jump_to(time + region_word(ground).halted_for)


def next_at(ground: Ground, time: int) -> None:
    """The next transaction is executed when the region's clock shows exactly `time`."""
    node.next_block_at(time + region_word(ground).halted_for)


def halt(ground: Ground, halted: bool = True) -> list[Event]:
    return ground.regions.act("setHalted", header(), REGION, halted, by=ground.regulator)


# --- terms ---


def offering_terms(ground: Ground, **changes: Any) -> OfferingTerms:
    """1 000 to 5 000 preferred shares at 10 yuan, open in an hour for 30 days, five days of cooling-off, fee 2.5 %."""
    opens_at = clock(ground) + HOUR
    usual = OfferingTerms(
        company=raw(ground.company.address),
        share_class=raw(ground.preferred.address),
        fee_recipient=raw(wallet_of(PLATFORM)),
        price=PRICE,
        minimum=1_000 * PRICE,
        maximum=5_000 * PRICE,
        investor_minimum=10 * PRICE,
        investor_maximum=4_000 * PRICE,
        opens_at=opens_at,
        closes_at=opens_at + 30 * DAY,
        cooling_off=5 * DAY,
        settle_within=10 * DAY,
        fee_bps=250,
        region=REGION,
        risk_grade=3,
        method=FIRST_COME,
        lock_day=Day(0),
        memorandum=Hash32(keccak(text="memorandum")),
        disclosure=DISCLOSURE,
    )
    return replace(usual, **changes)


def escrow_terms(ground: Ground, **changes: Any) -> EscrowTerms:
    """Dispute window a week, arbiter ten days and its silence upholds, votes three days; the issuer pays puts. Claims
    end after 30 days; what lapses then is the issuer's."""
    usual = EscrowTerms(
        issuer_account=raw(wallet_of(ISSUER)),
        arbiter=raw(ARBITER),
        window=7 * DAY,
        arbitration=10 * DAY,
        silence_upholds=True,
        challenge_bps=1_000,
        consent_bps=5_000,
        voting=3 * DAY,
        put_payer=raw(wallet_of(ISSUER)),
        is_payer_issuer=True,
        put_rate_bps=800,
        claims=30 * DAY,
        lapse_account=raw(wallet_of(ISSUER)),
    )
    return replace(usual, **changes)


def tranche(terms: OfferingTerms, /, **changes: Any) -> TrancheTerms:
    """All of the proceeds for a milestone within 90 days after the raise had to be settled, else redemption."""
    over = terms.closes_at + terms.cooling_off + terms.settle_within
    usual = TrancheTerms(
        is_share=True,
        value=10_000,
        kind=KIND,
        quorum=2,
        deadline=over + 90 * DAY,
        on_miss=REDEEM,
        extension=0,
        criterion=Hash32(keccak(text="100 000 users")),
        terms='{"unit":"users","at_least":100000}',
    )
    return replace(usual, **changes)


def schedule(terms: OfferingTerms) -> list[TrancheTerms]:
    """40 % and 60 %, the second 90 days later."""
    first = tranche(terms, value=4_000)
    return [first, replace(first, value=6_000, deadline=first.deadline + 90 * DAY)]


# --- the raise ---


@dataclass(slots=True)
class Raise:
    """One raise and its escrow."""

    ground: Ground
    terms: OfferingTerms
    offering: Contract
    escrow: Contract

    # --- life ---

    def admit(self) -> list[Event]:
        return self.ground.company.act("admitOffering", header(), self.offering.address, by=self.ground.issuer)

    def open(self) -> list[Event]:
        return self.offering.act("open", header(), by=self.ground.platform)

    def begin(self) -> None:
        """Jumps to the first second of the window."""
        clock_to(self.ground, self.terms.opens_at)

    def end(self) -> None:
        """Jumps behind window and cooling-off."""
        clock_to(self.ground, self.terms.closes_at + self.terms.cooling_off + 1)

    def overrun(self) -> None:
        """Jumps behind the time for settling."""
        clock_to(self.ground, self.terms.closes_at + self.terms.cooling_off + self.terms.settle_within + 1)

    def close(self) -> list[Event]:
        return self.offering.act("close", by=self.ground.stranger)

    def fail(self) -> list[Event]:
        return self.offering.act("fail", by=self.ground.stranger)

    def cancel(self, by: str | None = None) -> list[Event]:
        return self.offering.act("cancel", header(), by=by or self.ground.platform)

    def stop(self) -> list[Event]:
        return self.offering.act("stop", header(), by=self.ground.regulator)

    def verify_cut(self, parties: Sequence[int], last: int) -> list[Event]:
        return self.offering.act("verifyCut", list(parties), last, by=self.ground.stranger)

    def allot(self, *accounts: str) -> list[Event]:
        return self.offering.act("allot", list(accounts), by=self.ground.stranger)

    def refund(self, *accounts: str) -> list[Event]:
        return self.offering.act("refund", list(accounts), by=self.ground.stranger)

    # --- subscribers ---

    def subscribe(self, party: int, amount: int, **how: Any) -> list[Event]:
        """With the signature of the party's wallet, brought by a stranger; Heidi on her signed instruction."""
        if party == HEIDI:
            return self.subscribe_for(self.ground.book(party), amount, **how)
        return self.offering.act("subscribe", *self.authorised(party, amount, **how), by=self.ground.stranger)

    def subscribe_for(self, account: str, amount: int, disclosure: bytes = SIGNED) -> list[Event]:
        return self.offering.act("subscribeFor", header(), account, amount, disclosure, by=self.ground.platform)

    def authorised(
        self,
        party: int,
        amount: int,
        *,
        number: int = 0,
        disclosure: bytes = SIGNED,
        salt: bytes | None = None,
        valid_before: int = 2**40,
        signer: tuple[int, int] | None = None,
        to: str | None = None,
    ) -> tuple[Any, ...]:
        """Arguments of `subscribe`; `signer` and `to` are for signatures that are somebody else's or go elsewhere."""
        salt = salt or next(_salts).to_bytes(32, "big")
        account = wallet_of(party, number)
        nonce = keccak(encode(["bytes32", "bytes32"], [disclosure, salt]))
        signature = authorisation(
            self.ground,
            wallet_key(*(signer or (party, number))),
            account,
            to or self.offering.address,
            amount,
            nonce,
            valid_before=valid_before,
        )
        return account, amount, disclosure, salt, valid_before, signature

    def withdraw(self, party: int, number: int = 0, by: str | None = None) -> list[Event]:
        account = self.ground.book(party) if party == HEIDI else wallet_of(party, number)
        if party == HEIDI and by is None:
            return self.offering.act("withdrawFor", header(), account, by=self.ground.platform)
        return self.offering.act("withdraw", account, by=by or account)

    # --- reads ---

    def totals(self) -> Totals:
        return Totals.unpack(self.offering.read("totals"))

    def subscription(self, party: int) -> Subscription:
        return Subscription.unpack(self.offering.read("subscription", party))

    def purse(self) -> Purse:
        return Purse.unpack(self.escrow.read("purse"))

    def tranches(self) -> list[Tranche]:
        return [Tranche.unpack(word) for word in self.escrow.read("tranches")]

    def home(self, party: int) -> str:
        return home(self.ground, party)


def create(
    ground: Ground,
    terms: OfferingTerms,
    escrow: EscrowTerms | None = None,
    tranches: Sequence[TrancheTerms] | None = None,
    ratchet: RatchetTerms = NO_RATCHET,
    by: str | None = None,
) -> list[Event]:
    """The act that creates a raise, and its events."""
    lines = schedule(terms) if tranches is None else tranches
    stated = (astuple(terms), astuple(escrow or escrow_terms(ground)), [astuple(t) for t in lines], astuple(ratchet))
    return ground.offerings.act("createOffering", header(), *stated, by=by or ground.platform)


def draft(
    ground: Ground,
    terms: OfferingTerms | None = None,
    escrow: EscrowTerms | None = None,
    tranches: Sequence[TrancheTerms] | None = None,
    ratchet: RatchetTerms = NO_RATCHET,
    **changes: Any,
) -> Raise:
    """A raise that the platform created; `changes` are of the usual offering terms."""
    terms = terms or offering_terms(ground, **changes)
    events = create(ground, terms, escrow, tranches, ratchet)
    created = next(event.values for event in events if event.name == "OfferingCreated")
    return Raise(
        ground, terms, Contract("Offering", created["offering"]), Contract("MilestoneEscrow", created["escrow"])
    )


def opened(ground: Ground, *arguments: Any, **changes: Any) -> Raise:
    """A raise in the first second of its window; arguments as for `draft`."""
    raised = draft(ground, *arguments, **changes)
    raised.admit()
    raised.open()
    raised.begin()
    return raised


USUAL_BOOK = {ERIN: 2_000 * PRICE, FRANK: 1_000 * PRICE, HEIDI: 500 * PRICE}
"""[fen] Who subscribes for how much, unless a test says otherwise."""


def closing(ground: Ground, *arguments: Any, book: Mapping[int, int] = USUAL_BOOK, **changes: Any) -> Raise:
    """A raise that was subscribed and closed; arguments as for `draft`."""
    raised = opened(ground, *arguments, **changes)
    for party, amount in book.items():
        raised.subscribe(party, amount)
    raised.end()
    raised.close()
    return raised


def settled(ground: Ground, *arguments: Any, book: Mapping[int, int] = USUAL_BOOK, **changes: Any) -> Raise:
    """A raise whose shares are allotted and whose proceeds are in the escrow; arguments as for `draft`."""
    raised = closing(ground, *arguments, book=book, **changes)
    raised.allot(*(raised.home(party) for party in book))
    assert raised.totals().phase == SETTLED
    return raised
