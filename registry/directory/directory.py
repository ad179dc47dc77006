"""The directory: put, get, names, erase, and the choice of party ids. Every call is one transaction."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, func, insert, select, update

from registry.directory.dossier import SALT_BYTES, Dossier
from registry.directory.tables import allocations, dossiers, keys
from registry.directory.vault import Sealed, Vault, load_vault
from registry.domain.ids import Hash32, PartyId
from registry.errors import HaltError, InputError
from registry.store import reading, writing

_Item = TypeVar("_Item")

# SQLite takes a few hundred values in one IN list without complaint on every build.
_PAGE = 500


class Directory:
    """Personal data of parties by party id, in the durable database."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault

    @classmethod
    def open(cls, engine: Engine, key_file: Path) -> Directory:
        """Makes the key on first use only: a lost key is never replaced by one that opens nothing."""
        with writing(engine) as connection:
            stored = connection.execute(select(keys.c.check_value)).scalar()
            vault = load_vault(key_file, may_create=stored is None)
            if stored is None:
                connection.execute(insert(keys).values(id=1, check_value=vault.check))
            elif not secrets.compare_digest(stored, vault.check):
                raise HaltError(f"the key file {key_file} is not the one this directory was written with")
        return cls(engine, vault)

    # --- dossiers ---

    def put(self, party: PartyId, dossier: Dossier) -> Hash32:
        """Keeps a dossier; the same content again gives the same hash, other content a new salt and hash."""
        return self.put_all({party: dossier})[party]

    def put_all(self, new: Mapping[PartyId, Dossier]) -> dict[PartyId, Hash32]:
        """All or none of them."""
        hashes: dict[PartyId, Hash32] = {}
        fresh: list[dict[str, object]] = []
        with writing(self._engine) as connection:
            rows = _rows(connection, new)
            for party, dossier in new.items():
                kept = self._kept(rows, party, dossier)
                if kept is not None:
                    hashes[party] = kept
                    continue
                row, hashes[party] = self._sealed(party, dossier)
                if party in rows:
                    connection.execute(update(dossiers).where(dossiers.c.party == party).values(**row))
                else:
                    fresh.append(row)
            if fresh:
                connection.execute(insert(dossiers), fresh)
        return hashes

    def get(self, party: PartyId) -> Dossier | None:
        """None for a party that is unknown here or was erased."""
        return self._read([party]).get(party)

    def names(self, parties: Iterable[PartyId]) -> dict[PartyId, str]:
        """Legal names of those that are known; whoever shows a list shows ids for the rest."""
        return {party: dossier.legal_name for party, dossier in self._read(parties).items()}

    def dossier_hash(self, party: PartyId) -> Hash32 | None:
        """The hash that the chain holds, as long as salt and data are here."""
        with reading(self._engine) as connection:
            sealed = _rows(connection, [party]).get(party)
        if sealed is None:
            return None
        salt, dossier = self._unpacked(party, sealed)
        return dossier.salted_hash(salt)

    def erase(self, parties: Sequence[PartyId]) -> int:
        """Destroys keys, salts and data; the number of parties of which something was there."""
        erased = 0
        with writing(self._engine) as connection:
            for party in parties:
                there = dossiers.c.party == party, dossiers.c.sealed.is_not(None)
                gone = update(dossiers).where(*there).values(wrapped_key=None, sealed=None)
                erased += connection.execute(gone).rowcount
        self._cut_log()
        return erased

    def _cut_log(self) -> None:
        """Freed pages are overwritten (secure_delete), but the write-ahead log holds the old ones until it is cut."""
        raw = self._engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.close()

    # --- party ids ---

    def allocated(self, sources: Sequence[str]) -> dict[str, PartyId]:
        """Ids that these sources were given before."""
        with reading(self._engine) as connection:
            return self._allocated(connection, sources)

    def allocate(self, sources: Sequence[str], *, first: int, last: int, floor: int = 0) -> dict[str, PartyId]:
        """An id for each source: the one it has, else the next above all that are known here and above `floor`.

        `floor` is the highest id the chain knows in this range, so that a restored older directory gives no id twice.
        """
        with writing(self._engine) as connection:
            given = self._allocated(connection, sources)
            missing = [source for source in dict.fromkeys(sources) if source not in given]
            start = max(first, floor + 1, _highest(connection, first, last) + 1)
            if start + len(missing) - 1 > last:
                message = f"{len(missing)} party ids are needed, the provider's range {first} to {last} ends before"
                raise InputError(message, code="range_exhausted", field="party", value=start)
            self._note(connection, {source: PartyId(start + index) for index, source in enumerate(missing)}, given)
        return given

    def adopt(self, known: Mapping[str, PartyId]) -> None:
        """Takes over ids that the chain shows for sources this directory has forgotten."""
        with writing(self._engine) as connection:
            given = self._allocated(connection, list(known))
            self._note(connection, {source: party for source, party in known.items() if source not in given}, given)

    # --- internal ---

    def _kept(self, rows: Mapping[PartyId, Sealed | None], party: PartyId, dossier: Dossier) -> Hash32 | None:
        """The hash of what is there, if it is this dossier."""
        if party not in rows:
            return None
        before = rows[party]
        if before is None:
            raise InputError(f"party {party} was erased", code="party_erased", field="party", value=party)
        salt, old = self._unpacked(party, before)
        return old.salted_hash(salt) if old == dossier else None

    def _sealed(self, party: PartyId, dossier: Dossier) -> tuple[dict[str, object], Hash32]:
        """A row under a new salt, and the hash."""
        salt = secrets.token_bytes(SALT_BYTES)
        body = json.dumps({"salt": salt.hex(), "dossier": dossier.canonical().decode()}, ensure_ascii=False)
        sealed = self._vault.seal(party, body.encode())
        row: dict[str, object] = {"party": party, "wrapped_key": sealed.wrapped_key, "sealed": sealed.data}
        return row, dossier.salted_hash(salt)

    def _read(self, parties: Iterable[PartyId]) -> dict[PartyId, Dossier]:
        with reading(self._engine) as connection:
            rows = _rows(connection, parties)
        return {party: self._unpacked(party, sealed)[1] for party, sealed in rows.items() if sealed is not None}

    def _unpacked(self, party: PartyId, sealed: Sealed) -> tuple[bytes, Dossier]:
        body = json.loads(self._vault.open(party, sealed))
        return bytes.fromhex(body["salt"]), Dossier.from_canonical(body["dossier"].encode())

    def _allocated(self, connection: Connection, sources: Sequence[str]) -> dict[str, PartyId]:
        tags = {self._vault.tag(source): source for source in sources}
        found: dict[str, PartyId] = {}
        for page in _pages(list(tags)):
            query = select(allocations.c.tag, allocations.c.party).where(allocations.c.tag.in_(page))
            found.update((tags[tag], PartyId(party)) for tag, party in connection.execute(query))
        return found

    def _note(self, connection: Connection, new: Mapping[str, PartyId], given: dict[str, PartyId]) -> None:
        rows = [{"tag": self._vault.tag(source), "party": party} for source, party in new.items()]
        if rows:
            connection.execute(insert(allocations), rows)
        given.update(new)


def _rows(connection: Connection, parties: Iterable[PartyId]) -> dict[PartyId, Sealed | None]:
    found: dict[PartyId, Sealed | None] = {}
    for page in _pages(sorted(set(parties))):
        for party, key, data in connection.execute(select(dossiers).where(dossiers.c.party.in_(page))):
            found[PartyId(party)] = None if data is None else Sealed(key, data)
    return found


def _highest(connection: Connection, first: int, last: int) -> int:
    highest = 0
    for column in (allocations.c.party, dossiers.c.party):
        found = connection.execute(select(func.max(column)).where(column.between(first, last))).scalar()
        highest = max(highest, found or 0)
    return highest


def _pages(items: Sequence[_Item]) -> Iterable[Sequence[_Item]]:
    return (items[start : start + _PAGE] for start in range(0, len(items), _PAGE))
