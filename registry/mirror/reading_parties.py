"""Parties, wallets, providers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from registry.domain.ids import AccountNumber, Address, Day, Hash32, PartyId
from registry.domain.words import PartyWord
from registry.errors import InputError
from registry.mirror.reading import NOW, Bound, Reader, checked_cursor, checked_limit, page_of
from registry.mirror.views import AsOf, Page, Party, Provider, Wallet

_ENDLESS = 1 << 32
_PARTIES = """
SELECT p.party, v.word, p.dossier, p.block FROM parties p JOIN party_versions v ON v.party = p.party
 AND v.id = (SELECT max(id) FROM party_versions WHERE party = p.party AND id < :bound)
WHERE p.party >= :low AND p.party <= :high AND p.id < :bound ORDER BY p.party LIMIT :limit
"""
_WORD = "SELECT word FROM party_versions WHERE party = :party AND id < :bound ORDER BY id DESC LIMIT 1"
_WALLETS = "SELECT party, number, address FROM wallets WHERE party = :party AND id < :bound ORDER BY number"
_WALLET = """
SELECT w.party, w.number, w.address, (SELECT word FROM party_versions v WHERE v.party = w.party AND v.id < :bound
 ORDER BY v.id DESC LIMIT 1)
FROM wallets w WHERE w.address = :address AND w.id < :bound
"""
_PROVIDERS = """
SELECT provider, first_id, last_id, until_day, max(id) FROM providers WHERE id < :bound
GROUP BY provider ORDER BY provider
"""


class PartyQueries(Reader):
    """Reads about who is known, and with which standing."""

    def parties(self, as_of: AsOf = NOW, *, cursor: str | None = None, limit: int = 100) -> Page[Party]:
        """By id."""
        after = checked_cursor(cursor, 0)
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            found = self._parties(connection, bound, after + 1, _ENDLESS, checked_limit(limit) + 1)
        return page_of(found, [party.id for party in found], limit, bound.stand)

    def party(self, party: int, as_of: AsOf = NOW) -> Party:
        """Facts, dossier hash and wallets."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            found = self._parties(connection, bound, party, party, 1)
        if not found:
            raise InputError(
                f"there is no party {party} as of block {bound.stand.block}",
                code="party_unknown",
                field="party",
                value=party,
            )
        return found[0]

    def words(self, parties: Iterable[int], as_of: AsOf = NOW) -> dict[PartyId, PartyWord]:
        """Facts of several parties at once; unknown ones are missing from the answer."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            found = {PartyId(party): word_of_party(connection, bound, party) for party in parties}
        return {party: word for party, word in found.items() if word is not None}

    def highest_party(self, first: int, last: int) -> int:
        """The highest id known in a provider's range, at the newest block; 0 if none is."""
        with self._snapshot() as connection:
            found = connection.execute("SELECT max(party) FROM parties WHERE party >= ? AND party <= ?", (first, last))
            return int(found.fetchone()[0] or 0)

    def wallet(self, address: bytes, as_of: AsOf = NOW) -> Wallet | None:
        """Whose wallet this is; None for an address that was never bound."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            found = connection.execute(_WALLET, {"address": address, "bound": bound.id}).fetchone()
        return None if found is None else _wallet(found[0], found[1], found[2], _word(found[3]))

    def providers(self, as_of: AsOf = NOW) -> tuple[Provider, ...]:
        """KYC providers that are trusted, by address."""
        with self._snapshot() as connection:
            bound = self._bound(connection, as_of)
            found = connection.execute(_PROVIDERS, {"bound": bound.id}).fetchall()
        return tuple(
            Provider(Address(address), PartyId(first), PartyId(last), Day(until))
            for address, first, last, until, _ in found
            if first
        )

    def _parties(self, connection: sqlite3.Connection, bound: Bound, low: int, high: int, limit: int) -> list[Party]:
        arguments = {"bound": bound.id, "low": low, "high": high, "limit": limit}
        parties = []
        for party, packed, dossier, block in connection.execute(_PARTIES, arguments).fetchall():
            word = _word(packed)
            found = connection.execute(_WALLETS, {"party": party, "bound": bound.id})
            wallets = tuple(_wallet(owner, number, address, word) for owner, number, address in found)
            parties.append(Party(PartyId(party), word, Hash32(dossier), wallets, block))
        return parties


def word_of_party(connection: sqlite3.Connection, bound: Bound, party: int) -> PartyWord | None:
    row = connection.execute(_WORD, {"party": party, "bound": bound.id}).fetchone()
    return None if row is None else _word(row[0])


def _word(packed: bytes) -> PartyWord:
    return PartyWord.unpack(int.from_bytes(packed, "big"))


def _wallet(party: int, number: int, address: bytes, word: PartyWord) -> Wallet:
    number_ = AccountNumber(number)
    return Wallet(PartyId(party), number_, Address(address), word.is_closed(number_))
