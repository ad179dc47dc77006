"""What the handlers must know of the past: holdings, seats and company states, loaded when first asked for.

Kept between batches, bounded, and thrown away after a rewind or a failed batch; the database is the truth.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from registry.errors import HaltError
from registry.mirror.columns import signed, unsigned
from registry.mirror.working_payout import PayoutWorking
from registry.mirror.working_raise import RaiseWorking

MOST_CLASSES = 5_000
"""Classes kept in memory; a company has a few of at most some hundred accounts each."""


@dataclass(slots=True)
class Account:
    """One account's holding in one class."""

    shares: int = 0
    lock_day: int = 0
    last_entry: int = 0


@dataclass(slots=True)
class Seat:
    """A party's seat in a company: accounts with shares, the weight and who fixed it, subscriptions that wait."""

    accounts: int = 0
    is_fixed: bool = False
    weight: int = 0
    subscriptions: int = 0

    @property
    def is_taken(self) -> bool:
        return self.accounts != 0 or self.subscriptions != 0


@dataclass(slots=True)
class Firm:
    """A company's changing facts."""

    phase: int
    cap: int
    stops: int = 0
    successor: bytes = b""


class Working:
    """Loads by class or by company: one query each, then memory."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._accounts: dict[int, dict[tuple[int, int], Account]] = {}
        self._seats: dict[int, dict[int, Seat]] = {}
        self._firms: dict[int, Firm] = {}
        self._touched: dict[tuple[int, int, int], Account] = {}
        self.raises = RaiseWorking(connection)
        self.payouts = PayoutWorking(connection)

    def account(self, class_id: int, party: int, number: int) -> Account:
        """The holding, marked as about to change."""
        accounts = self._accounts.get(class_id)
        if accounts is None:
            accounts = self._accounts[class_id] = self._load_accounts(class_id)
        account = accounts.get((party, number))
        if account is None:
            account = accounts[party, number] = Account()
        self._touched[class_id, party, number] = account
        return account

    def seat(self, company: int, party: int) -> Seat:
        seats = self._seats.get(company)
        if seats is None:
            seats = self._seats[company] = self._load_seats(company)
        seat = seats.get(party)
        if seat is None:
            seat = seats[party] = Seat()
        return seat

    def firm(self, company: int) -> Firm:
        firm = self._firms.get(company)
        if firm is None:
            firm = self._firms[company] = self._load_firm(company)
        return firm

    def begin_firm(self, company: int, firm: Firm) -> None:
        self._firms[company] = firm

    def take_touched(self) -> list[tuple[int, int, int, int, int, int]]:
        """Rows of `holdings` to write: each touched account once, however often it moved."""
        rows = [
            (*key, signed(account.shares), account.lock_day, account.last_entry)
            for key, account in self._touched.items()
        ]
        self._touched.clear()
        return rows

    def trim(self) -> None:
        """Between batches: memory stays flat in the number of companies."""
        if len(self._accounts) > MOST_CLASSES:
            self._accounts.clear()
            self._seats.clear()
            self._firms.clear()
        self.raises.trim()
        self.payouts.trim()

    def _load_accounts(self, class_id: int) -> dict[tuple[int, int], Account]:
        found = self._connection.execute(
            "SELECT party, account, shares, lock_day, last_entry FROM holdings WHERE class_id = ?", (class_id,)
        )
        return {
            (party, number): Account(unsigned(shares), lock_day, last)
            for party, number, shares, lock_day, last in found
        }

    def _load_seats(self, company: int) -> dict[int, Seat]:
        found = self._connection.execute(
            "SELECT party, accounts, is_fixed, weight, subscriptions, max(id) FROM seats "
            "WHERE company = ? GROUP BY party",
            (company,),
        )
        return {
            party: Seat(accounts, bool(fixed), weight, waiting) for party, accounts, fixed, weight, waiting, _ in found
        }

    def _load_firm(self, company: int) -> Firm:
        found = self._connection.execute(
            "SELECT phase, cap, stops, successor FROM company_versions WHERE company = ? ORDER BY id DESC LIMIT 1",
            (company,),
        ).fetchone()
        if found is None:
            raise HaltError(f"an event of company {company}, which was never created")
        return Firm(*found)
