"""Documents by hash: kept whole, read unchanged, or it is said."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.documents import Documents
from registry.errors import HaltError, InputError, Unavailable

_FORK = multiprocessing.get_context("fork")


@pytest.fixture
def documents(tmp_path: Path) -> Documents:
    return Documents(tmp_path / "home" / "documents")


def test_get__never_kept__is_named(documents: Documents) -> None:
    digest = hashlib.sha256(b"x").digest()
    with pytest.raises(InputError, match="no document") as refused:
        documents.get(digest)
    assert refused.value.value == "0x" + digest.hex()
    assert digest not in documents


@pytest.mark.parametrize("change", [b"", b"evidence?", b"evidenc", b"evidence\n"])
def test_get__changed_on_disk__halts(documents: Documents, change: bytes) -> None:
    digest = documents.keep(b"evidence", "evidence")
    (documents.folder / digest.hex()).write_bytes(change)
    with pytest.raises(HaltError, match="changed on disk"):
        documents.get(digest)


def test_keep__what_was_damaged__makes_it_whole(documents: Documents) -> None:
    digest = documents.keep(b"evidence", "evidence")
    (documents.folder / digest.hex()).write_bytes(b"half")
    assert documents.keep(b"evidence", "evidence") == digest
    assert documents.get(digest) == b"evidence"


@pytest.mark.parametrize("kind", ["", "Evidence", "../up", "a" * 33, "a b", "1st"])
def test_keep__kind_that_is_no_name__is_refused(documents: Documents, kind: str) -> None:
    with pytest.raises(InputError, match="document kind"):
        documents.keep(b"x", kind)
    assert not documents.folder.exists()


def test_keep__disk_not_to_be_had__is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    documents = Documents(tmp_path / "file" / "documents")
    with pytest.raises(Unavailable, match="not to be had"):
        documents.keep(b"x", "evidence")
    with pytest.raises(Unavailable):
        documents.get(b"\0" * 32)


def test_keep__new__is_its_owners_only_under_its_hash(documents: Documents) -> None:
    digest = documents.keep(b"evidence", "evidence")
    file = documents.folder / hashlib.sha256(b"evidence").hexdigest()
    assert digest.hex() == file.name
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(documents.folder.stat().st_mode) == 0o700
    assert digest in documents


def test_of_kind__lists_what_was_kept_as_that(documents: Documents) -> None:
    assert documents.of_kind("kpi") == []
    kept = {documents.keep(bytes([number]), "kpi") for number in range(5)}
    documents.keep(b"other", "evidence")
    assert documents.of_kind("kpi") == sorted(kept)
    again = documents.keep(b"other", "kpi")  # one content, two kinds
    assert again in documents.of_kind("evidence")
    assert again in documents.of_kind("kpi")


@given(content=st.binary(max_size=2_000))
def test_keep_and_get__any_content__is_the_same(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    documents = Documents(tmp_path_factory.getbasetemp() / "any")
    digest = documents.keep(content, "any")
    assert digest == hashlib.sha256(content).digest()
    assert documents.get(digest) == content


@pytest.mark.parametrize("dies_at", ["open", "fsync", "rename", "link"])
def test_keep__killed_half_way__leaves_nothing_or_all_of_it(documents: Documents, dies_at: str) -> None:
    """In each of the first system calls of a kind, and in the mark's that follow."""
    content = b"evidence" * 1_000
    digest = hashlib.sha256(content).digest()

    def work(count: int) -> None:
        left = [count]
        names = {"open": (os, "open"), "fsync": (os, "fsync"), "rename": (Path, "rename"), "link": (Path, "exists")}
        holder, name = names[dies_at]
        original = getattr(holder, name)

        def dying(*args: object, **more: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*args, **more)

        setattr(holder, name, dying)
        documents.keep(content, "evidence")
        os._exit(0)

    for count in range(8):
        process = _FORK.Process(target=work, args=(count,))
        process.start()
        process.join(20)
        if digest in documents:
            assert documents.get(digest) == content
        for found in documents.of_kind("evidence"):
            assert documents.get(found) == content
    documents.keep(content, "evidence")
    assert documents.of_kind("evidence") == [digest]


def test_keep__by_many_processes_at_once__is_one_whole_document(documents: Documents) -> None:
    content = b"x" * 200_000
    processes = [_FORK.Process(target=documents.keep, args=(content, "evidence")) for _ in range(6)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(20)
    assert [process.exitcode for process in processes] == [0] * 6
    assert documents.get(hashlib.sha256(content).digest()) == content
    assert [file.name for file in documents.folder.iterdir() if file.is_file()] == [hashlib.sha256(content).hexdigest()]
