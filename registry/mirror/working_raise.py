"""What the handlers of money and raises must know of the past, loaded when first asked for.

Words are kept as the contracts pack them. As `working`: between batches, bounded, thrown away after a rewind.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from registry.domain.raise_words import Purse, RegionWord, Subscription, Totals
from registry.errors import HaltError
from registry.mirror.columns import signed, unsigned

MOST_KEPT = 100_000
"""Money accounts, weights, subscriptions … kept in memory, each."""


@dataclass(slots=True)
class MoneyAccount:
    """One account of the settlement token [fen]."""

    balance: int = 0
    last_move: int = 0


@dataclass(slots=True)
class Raise:
    """A raise's changing facts. `fee` [fen] is known once it is settled."""

    maximum: int
    totals: Totals = Totals()
    fee: int = 0


@dataclass(slots=True)
class Paid:
    """A party's subscription: its word, the account that paid, sums over all that it ever subscribed, and what of the
    word's redeemed and cancelled lapsed."""

    word: Subscription = Subscription()
    account: bytes = b""
    paid: int = 0
    returned: int = 0
    shares: int = 0
    lapsed: int = 0
    lapsed_shares: int = 0
    disclosure: bytes = b""


@dataclass(slots=True)
class Member:
    """One verifier of a panel. `state`: 0 appointed, 1 dismissed, 2 suspended."""

    party: int
    key: bytes
    from_day: int
    until_day: int
    state: int
    act: int


@dataclass(slots=True)
class Put:
    """A put that was exercised."""

    account: bytes
    shares: int
    rest: int
    interest: int


class RaiseWorking:
    """One query for each thing that is new to memory."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._money: dict[bytes, MoneyAccount] = {}
        self._touched: dict[bytes, MoneyAccount] = {}
        self._weights: dict[int, int] = {}
        self._regions: dict[int, RegionWord] = {}
        self._raises: dict[int, Raise] = {}
        self._subscriptions: dict[tuple[int, int], Paid] = {}
        self._purses: dict[int, Purse] = {}
        self._puts: dict[tuple[int, int], Put] = {}
        self._members: dict[tuple[bytes, int, int], Member] = {}
        self._addresses: dict[bytes, tuple[int, int]] = {}
        self._wallets: dict[bytes, tuple[int, int]] = {}
        self._enrolled: set[bytes] = set()
        (self.book_tag,) = connection.execute("SELECT book_tag FROM meta").fetchone()

    # --- money ---

    def money(self, account: bytes) -> MoneyAccount:
        """The account, marked as about to change."""
        found = self._money.get(account)
        if found is None:
            row = self._one("SELECT balance, last_move FROM money WHERE account = ?", account)
            found = self._money[account] = MoneyAccount(unsigned(row[0]), row[1]) if row else MoneyAccount()
        self._touched[account] = found
        return found

    def take_touched_money(self) -> list[tuple[bytes, int, int]]:
        """Rows of `money` to write."""
        rows = [(account, signed(found.balance), found.last_move) for account, found in self._touched.items()]
        self._touched.clear()
        return rows

    # --- registry ---

    def weight(self, party: int) -> int:
        """How many holders of record a party counts for, by its newest word."""
        found = self._weights.get(party)
        if found is None:
            row = self._one("SELECT word FROM party_versions WHERE party = ? ORDER BY id DESC LIMIT 1", party)
            if row is None:
                raise HaltError(f"party {party} subscribed, and was never onboarded")
            found = self._weights[party] = int.from_bytes(row[0], "big") >> 168 & 0xFFFF
        return found

    def set_weight(self, party: int, weight: int) -> None:
        self._weights[party] = weight

    def owner(self, account: bytes) -> tuple[int, int]:
        """Whose an account is: the party and the account's number, 8 for the book account."""
        if account[:16] == self.book_tag:
            return int.from_bytes(account[16:], "big"), 8
        found = self._wallets.get(account)
        if found is None:
            row = self._one("SELECT party, number FROM wallets WHERE address = ?", account)
            if row is None:
                raise HaltError(f"0x{account.hex()} takes part in a raise and is nobody's account")
            found = self._wallets[account] = (row[0], row[1])
        return found

    def learn_wallet(self, wallet: bytes, party: int, number: int) -> None:
        self._wallets[wallet] = (party, number)

    def identity(self, address: bytes) -> tuple[int, int]:
        """Company number and class id of a company or class of ours."""
        found = self._addresses.get(address)
        if found is None:
            row = self._one("SELECT company, class_id FROM emitters WHERE address = ?", address)
            if row is None:
                raise HaltError(f"a raise of 0x{address.hex()}, which was never created")
            found = self._addresses[address] = (row[0], row[1])
        return found

    def learn(self, address: bytes, company: int, class_id: int) -> None:
        self._addresses[address] = (company, class_id)

    def enrol(self, account: bytes) -> bool:
        """False for an account that is enrolled already."""
        known = account in self._enrolled or self._one("SELECT 1 FROM enrolments WHERE address = ?", account)
        self._enrolled.add(account)
        return not known

    def region(self, region: int) -> RegionWord:
        found = self._regions.get(region)
        if found is None:
            row = self._one("SELECT word FROM regions WHERE region = ? ORDER BY id DESC LIMIT 1", region)
            found = RegionWord.unpack(int.from_bytes(row[0], "big")) if row else RegionWord()
        return found

    def set_region(self, region: int, word: RegionWord) -> None:
        self._regions[region] = word

    # --- offerings ---

    def offering(self, offering: int) -> Raise:
        found = self._raises.get(offering)
        if found is None:
            found = self._raises[offering] = self._load_raise(offering)
        return found

    def begin_offering(self, offering: int, maximum: int) -> None:
        self._raises[offering] = Raise(maximum)

    def subscription(self, offering: int, party: int) -> Paid:
        found = self._subscriptions.get((offering, party))
        if found is None:
            found = self._subscriptions[offering, party] = self._load_subscription(offering, party)
        return found

    # --- escrows ---

    def purse(self, offering: int) -> Purse:
        found = self._purses.get(offering)
        if found is None:
            row = self._one("SELECT word FROM purses WHERE offering = ? ORDER BY id DESC LIMIT 1", offering)
            found = Purse.unpack(int.from_bytes(row[0], "big")) if row else Purse()
        return found

    def set_purse(self, offering: int, purse: Purse) -> None:
        self._purses[offering] = purse

    def put(self, offering: int, party: int) -> Put:
        found = self._puts.get((offering, party))
        if found is None:
            row = self._one(
                "SELECT account, shares, rest, interest FROM puts WHERE offering = ? AND party = ? "
                "ORDER BY id DESC LIMIT 1",
                offering,
                party,
            )
            if row is None:
                raise HaltError(f"a put of party {party} in offering {offering} was paid and never exercised")
            found = self._puts[offering, party] = Put(row[0], *map(unsigned, row[1:]))
        return found

    def set_put(self, offering: int, party: int, put: Put) -> None:
        self._puts[offering, party] = put

    # --- the board ---

    def member(self, company: bytes, kind: int, member: int) -> Member:
        found = self._members.get((company, kind, member))
        if found is None:
            row = self._one(
                "SELECT party, key, from_day, until_day, state, act FROM verifiers WHERE company = ? AND kind = ? "
                "AND member = ? ORDER BY id DESC LIMIT 1",
                company,
                kind,
                member,
            )
            if row is None:
                raise HaltError(f"verifier {member} of panel {kind} of 0x{company.hex()} was never appointed")
            found = self._members[company, kind, member] = Member(*row)
        return found

    def set_member(self, company: bytes, kind: int, number: int, member: Member) -> None:
        self._members[company, kind, number] = member

    # --- how it is kept ---

    def trim(self) -> None:
        """Between batches: memory stays flat."""
        kept: tuple[dict[Any, Any] | set[bytes], ...] = (
            self._money,
            self._weights,
            self._wallets,
            self._addresses,
            self._raises,
            self._subscriptions,
            self._purses,
            self._puts,
            self._members,
            self._enrolled,
        )
        for found in kept:
            if len(found) > MOST_KEPT:
                found.clear()

    def _one(self, statement: str, *arguments: object) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self._connection.execute(statement, arguments).fetchone()
        return found

    def _load_raise(self, offering: int) -> Raise:
        row = self._one(
            "SELECT o.maximum, v.totals, v.fee FROM offerings o JOIN offering_versions v ON v.offering = o.offering "
            "WHERE o.offering = ? ORDER BY v.id DESC LIMIT 1",
            offering,
        )
        if row is None:
            raise HaltError(f"an event of offering {offering}, which was never created")
        return Raise(unsigned(row[0]), Totals.unpack(int.from_bytes(row[1], "big")), unsigned(row[2]))

    def _load_subscription(self, offering: int, party: int) -> Paid:
        row = self._one(
            "SELECT word, account, disclosure, paid, returned, shares, lapsed, lapsed_shares FROM subscriptions "
            "WHERE offering = ? AND party = ? ORDER BY id DESC LIMIT 1",
            offering,
            party,
        )
        if row is None:
            return Paid()
        word, account, disclosure, *sums = row
        paid, returned, shares, lapsed, lapsed_shares = map(unsigned, sums)
        found = Subscription.unpack(int.from_bytes(word, "big"))
        return Paid(found, account, paid, returned, shares, lapsed, lapsed_shares, disclosure)
