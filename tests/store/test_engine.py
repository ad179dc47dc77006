"""The durable database: whose it is, what version, and what is said when it is not to be had."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, insert, select, text
from sqlalchemy.exc import IntegrityError

from registry.directory.tables import METADATA as DIRECTORY
from registry.errors import HaltError, Unavailable
from registry.outbox.tables import METADATA as OUTBOX
from registry.outbox.tables import journals
from registry.store import Identity, Verdict, last_verdict, open_durable, reading, record_verdict, writing
from registry.store import engine as engine_module
from registry.store.migrations import configuration
from registry.store.verdicts import METADATA as VERDICTS

OURS = Identity(31337, b"\x01" * 32, b"\x02" * 20)


@pytest.mark.parametrize(
    "other",
    [
        Identity(1, OURS.genesis_hash, OURS.registry),
        Identity(OURS.chain_id, b"\x03" * 32, OURS.registry),
        Identity(OURS.chain_id, OURS.genesis_hash, b"\x03" * 20),
    ],
)
def test_open__database_of_another_chain_or_deployment__halts_and_names_both(tmp_path: Path, other: Identity) -> None:
    open_durable(tmp_path / "durable.db", other).dispose()
    with pytest.raises(HaltError) as halted:
        open_durable(tmp_path / "durable.db", OURS)
    assert str(other) in str(halted.value)
    assert str(OURS) in str(halted.value)
    assert halted.value.exit_code == 78


def test_open__file_that_is_no_database__halts(tmp_path: Path) -> None:
    (tmp_path / "durable.db").write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(HaltError, match="damaged or no database"):
        open_durable(tmp_path / "durable.db", OURS)


def test_open__database_of_a_newer_version__halts(tmp_path: Path) -> None:
    engine = open_durable(tmp_path / "durable.db", OURS)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(HaltError, match="version 9999"):
        open_durable(tmp_path / "durable.db", OURS)


def test_open__folder_is_a_file__is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(Unavailable) as unavailable:
        open_durable(tmp_path / "home" / "durable.db", OURS)
    assert unavailable.value.exit_code == 69


def test_writing__place_taken_by_another_process__is_unavailable_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_BUSY_MS", 50)
    engine = open_durable(tmp_path / "durable.db", OURS)
    with sqlite3.connect(tmp_path / "durable.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with reading(engine) as connection:
            assert connection.execute(select(journals)).all() == []
        with pytest.raises(Unavailable, match="locked"), writing(engine):
            pass
        other.execute("ROLLBACK")


def test_open__again__finds_what_was_written(tmp_path: Path) -> None:
    engine = open_durable(tmp_path / "durable.db", OURS)
    assert last_verdict(engine) is None
    for block in (5, 4):
        record_verdict(engine, Verdict("equal", block, b"\x07" * 32, 10, 0, 0, 1_700_000_000))
    engine.dispose()
    again = last_verdict(open_durable(tmp_path / "durable.db", OURS))
    assert again == Verdict("equal", 4, b"\x07" * 32, 10, 0, 0, 1_700_000_000)


def test_open__new_home__is_for_its_owner_only(tmp_path: Path) -> None:
    open_durable(tmp_path / "home" / "durable.db", None)
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700


def test_engine__its_connections__are_as_durable_as_sqlite_can_be(tmp_path: Path) -> None:
    with reading(open_durable(tmp_path / "durable.db", OURS)) as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


def test_writing__error_half_way__leaves_nothing(tmp_path: Path) -> None:
    engine = open_durable(tmp_path / "durable.db", OURS)
    rows = [{"key": key, "kind": "import", "info": {}, "state": "open"} for key in ("a", "b", "a")]
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(insert(journals), rows)
    with reading(engine) as connection:
        assert connection.execute(select(journals)).all() == []


def test_migrations__head__is_what_the_engine_expects_without_loading_them() -> None:
    assert ScriptDirectory.from_config(configuration()).get_current_head() == engine_module.HEAD


@pytest.mark.parametrize("room", [OUTBOX, DIRECTORY, VERDICTS])
def test_migrations__tables_they_make__are_those_that_the_rooms_use(tmp_path: Path, room: MetaData) -> None:
    engine = open_durable(tmp_path / "durable.db", OURS)
    made = MetaData()
    made.reflect(engine)
    for table in room.tables.values():
        found = made.tables[table.name]
        assert [(c.name, c.nullable) for c in found.columns] == [(c.name, c.nullable) for c in table.columns]
        assert {str(i.name): [c.name for c in i.columns] for i in found.indexes} == {
            str(i.name): [c.name for c in i.columns] for i in table.indexes
        }
        assert {k.target_fullname for k in found.foreign_keys} == {k.target_fullname for k in table.foreign_keys}
