"""The only door to read the mirror by: for API, CLI, acts and audit.

Every answer is about a stated block (`AsOf`, `Stand`). To ask several questions about one block, take
`stand = queries.stand(as_of)` first and go on with `as_of.at(stand)`. Orders are stated with each query; lists are
paged by cursor. What is not there, or not yet, is an InputError naming it.
"""

from __future__ import annotations

from registry.domain.ids import Address, Hash32
from registry.errors import InputError
from registry.mirror.reading import NOW, Reader
from registry.mirror.reading_companies import CompanyQueries
from registry.mirror.reading_entries import EntryQueries
from registry.mirror.reading_escrow import EscrowQueries
from registry.mirror.reading_money import MoneyQueries
from registry.mirror.reading_parties import PartyQueries
from registry.mirror.reading_payout import PayoutQueries
from registry.mirror.reading_raise import RaiseQueries
from registry.mirror.reading_record import RecordQueries
from registry.mirror.reading_tax import TaxQueries
from registry.mirror.views import (
    Act,
    Alarm,
    AsOf,
    CapRow,
    CapTable,
    Company,
    Consideration,
    Document,
    Entry,
    Holder,
    HoldingRow,
    Page,
    Party,
    Provider,
    RecordDate,
    Rewind,
    RoleRow,
    SeatRow,
    ShareClass,
    Stand,
    Status,
    Wallet,
)

__all__ = [
    "NOW",
    "Act",
    "Alarm",
    "AsOf",
    "CapRow",
    "CapTable",
    "Company",
    "Consideration",
    "Document",
    "Entry",
    "Holder",
    "HoldingRow",
    "Page",
    "Party",
    "Provider",
    "Queries",
    "RecordDate",
    "Rewind",
    "RoleRow",
    "SeatRow",
    "ShareClass",
    "Stand",
    "Status",
    "Wallet",
]

_COUNTS = "SELECT (SELECT count(*) FROM companies), (SELECT count(*) FROM entries), (SELECT count(*) FROM rewinds)"


class Queries(
    CompanyQueries,
    EntryQueries,
    PartyQueries,
    MoneyQueries,
    RaiseQueries,
    EscrowQueries,
    PayoutQueries,
    RecordQueries,
    TaxQueries,
    Reader,
):
    """Opens the file when first asked, once a thread; any number of readers beside the one writer."""

    def status(self) -> Status:
        """Where the mirror stands, and whose it is."""
        with self._snapshot() as connection:
            bound = self._bound(connection, NOW)
            chain_id, genesis, registry, factory, utc_offset, first = connection.execute(
                "SELECT chain_id, genesis_hash, registry, factory, utc_offset, first_block FROM meta"
            ).fetchone()
            companies, entries, rewinds = connection.execute(_COUNTS).fetchone()
        return Status(
            head=bound.stand,
            chain_id=chain_id,
            genesis_hash=Hash32(genesis),
            registry=Address(registry),
            factory=Address(factory),
            utc_offset=utc_offset,
            first_block=first,
            companies=companies,
            entries=entries,
            rewinds=rewinds,
        )

    def stand(self, as_of: AsOf = NOW) -> Stand:
        """The block that the answer is about: the newest one, or the last with events of ours up to the one asked."""
        with self._snapshot() as connection:
            return self._bound(connection, as_of).stand

    def resolve_time(self, time: int) -> int:
        """The last block not after a time [unix s]; of blocks without events of ours only the newest are known."""
        with self._snapshot() as connection:
            found = connection.execute(
                "SELECT max(number) FROM blocks WHERE time <= ?", (min(time, (1 << 63) - 1),)
            ).fetchone()
        if found[0] is None:
            raise InputError(
                f"time {time} is before the registry's first block", code="time_too_old", field="as_of", value=time
            )
        return int(found[0])

    def rewinds(self) -> tuple[Rewind, ...]:
        """What reorganisations undid, oldest first."""
        with self._snapshot() as connection:
            found = connection.execute(
                "SELECT id, from_block, from_hash, to_block, to_hash, blocks, entries FROM rewinds ORDER BY id"
            ).fetchall()
        return tuple(Rewind(row[0], row[1], Hash32(row[2]), row[3], Hash32(row[4]), row[5], row[6]) for row in found)
