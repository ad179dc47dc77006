"""Names at rest are unreadable, erasing destroys them, and ids are given once and for ever."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from registry.directory import Directory, Dossier
from registry.domain.ids import PartyId
from registry.errors import HaltError, InputError
from registry.store import open_durable

ALICE = PartyId(1001)
BO = PartyId(1002)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_durable(tmp_path / "durable.db", None)
    yield made
    made.dispose()


@pytest.fixture
def directory(engine: Engine, tmp_path: Path) -> Directory:
    return Directory.open(engine, tmp_path / "directory.key")


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("durable.db*")))


def dossier(name: str = "林晓梅", **rest: tuple[str, ...]) -> Dossier:
    return Dossier(legal_name=name, **rest)  # type: ignore[arg-type]


def test_put__a_dossier__comes_back_and_is_not_readable_on_disk(directory: Directory, tmp_path: Path) -> None:
    known = Dossier(legal_name="Fiona Unmistakable", emails=("fiona@unmistakable.example",), sources=(("ab12", "s-1"),))
    directory.put(ALICE, known)
    assert directory.get(ALICE) == known
    assert directory.names([ALICE, BO]) == {ALICE: "Fiona Unmistakable"}
    assert b"nmistakable" not in on_disk(tmp_path)


def test_put__same_content_again__gives_the_same_hash(directory: Directory) -> None:
    first = directory.put(ALICE, dossier())
    assert directory.put(ALICE, dossier()) == first == directory.dossier_hash(ALICE)
    assert len(first) == 32


def test_put__same_content_of_another_party__gives_another_hash(directory: Directory) -> None:
    assert directory.put(ALICE, dossier()) != directory.put(BO, dossier())


def test_put__changed_content__gives_another_hash(directory: Directory) -> None:
    before = directory.put(ALICE, dossier())
    assert directory.put(ALICE, dossier("林晓梅（深圳）")) != before
    assert directory.names([ALICE]) == {ALICE: "林晓梅（深圳）"}


@pytest.mark.parametrize("name", ["", "   ", "x" * 401])
def test_dossier__no_usable_name__is_refused_with_its_field(name: str) -> None:
    with pytest.raises(InputError) as refused:
        Dossier(legal_name=name)
    assert refused.value.field == "legal_name"


def test_dossier__represented__shows_no_personal_data() -> None:
    assert "Fiona" not in repr(Dossier(legal_name="Fiona", emails=("fiona@x.example",)))


def test_erase__a_party__leaves_nothing_to_read_or_decrypt(
    directory: Directory, engine: Engine, tmp_path: Path
) -> None:
    directory.put(ALICE, dossier())
    directory.put(BO, dossier("博"))
    with engine.connect() as connection:
        row = connection.execute(text("SELECT wrapped_key, sealed FROM directory_dossiers WHERE party = 1001")).one()
    assert row.wrapped_key in on_disk(tmp_path)
    assert directory.erase([ALICE]) == 1
    assert directory.get(ALICE) is None
    assert directory.dossier_hash(ALICE) is None
    assert directory.names([ALICE, BO]) == {BO: "博"}
    remains = on_disk(tmp_path)
    assert row.wrapped_key not in remains
    assert row.sealed not in remains


def test_erase__a_second_time__changes_nothing(directory: Directory) -> None:
    directory.put(ALICE, dossier())
    assert [directory.erase([ALICE]), directory.erase([ALICE]), directory.erase([BO])] == [1, 0, 0]


def test_put__for_an_erased_party__is_refused(directory: Directory) -> None:
    directory.put(ALICE, dossier())
    directory.erase([ALICE])
    with pytest.raises(InputError, match="1001 was erased"):
        directory.put(ALICE, dossier())


def test_allocate__sources_seen_before__keep_their_ids(directory: Directory) -> None:
    first = directory.allocate(["p/s1", "p/s2"], first=1000, last=1999)
    assert first == {"p/s1": 1000, "p/s2": 1001}
    assert directory.allocate(["p/s3", "p/s1"], first=1000, last=1999) == {"p/s1": 1000, "p/s3": 1002}
    assert directory.allocated(["p/s2", "p/none"]) == {"p/s2": 1001}


def test_allocate__chain_knows_higher_ids__goes_on_above_them(directory: Directory) -> None:
    assert directory.allocate(["a"], first=1, last=99, floor=40) == {"a": 41}


def test_allocate__range_too_small__is_refused_and_gives_nothing(directory: Directory) -> None:
    with pytest.raises(InputError) as refused:
        directory.allocate(["a", "b", "c"], first=10, last=11)
    assert refused.value.code == "range_exhausted"
    assert directory.allocated(["a", "b", "c"]) == {}


def test_allocate__a_party_erased__its_id_is_not_given_again(directory: Directory) -> None:
    given = directory.allocate(["a"], first=1, last=99)
    directory.put(given["a"], dossier())
    directory.erase([given["a"]])
    assert directory.allocate(["b"], first=1, last=99)["b"] != given["a"]


def test_adopt__ids_that_the_chain_shows__are_kept(directory: Directory) -> None:
    directory.adopt({"a": PartyId(7), "b": PartyId(8)})
    assert directory.allocate(["a", "b", "c"], first=1, last=99) == {"a": 7, "b": 8, "c": 9}


def test_allocate__on_disk__does_not_show_the_source(directory: Directory, tmp_path: Path) -> None:
    directory.allocate(["digest/stakeholder-fiona"], first=1, last=9)
    assert b"fiona" not in on_disk(tmp_path)


def test_key_file__made_on_first_use__is_for_its_owner_only(directory: Directory, tmp_path: Path) -> None:
    key = tmp_path / "directory.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(key.read_bytes()) == 32


def test_key_file__lost__halts_and_makes_no_new_one(directory: Directory, engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "directory.key").unlink()
    with pytest.raises(HaltError, match="not there"):
        Directory.open(engine, tmp_path / "directory.key")
    assert not (tmp_path / "directory.key").exists()


def test_key_file__of_another_directory__halts(directory: Directory, engine: Engine, tmp_path: Path) -> None:
    other = tmp_path / "other.key"
    other.write_bytes(bytes(32))
    other.chmod(0o600)
    with pytest.raises(HaltError, match="not the one"):
        Directory.open(engine, other)


def test_key_file__open_to_others__halts(directory: Directory, engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "directory.key").chmod(0o644)
    with pytest.raises(HaltError, match="chmod 600"):
        Directory.open(engine, tmp_path / "directory.key")


def test_get__rows_of_two_parties_exchanged_on_disk__halts(directory: Directory, engine: Engine) -> None:
    directory.put(ALICE, dossier())
    with engine.begin() as connection:
        connection.execute(text("UPDATE directory_dossiers SET party = 1002 WHERE party = 1001"))
    with pytest.raises(HaltError, match="party 1002 cannot be opened"):
        directory.get(BO)
