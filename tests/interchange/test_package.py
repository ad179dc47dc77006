"""Packages as they arrive: folder or zip, complete or not, honest or hostile (IM-1, IM-2, IM-12)."""

import json
import stat
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry.errors import InputError
from registry.interchange import container as container_module
from registry.interchange import digest, plan_import, preview, preview_unreadable, read_package

Zipped = Callable[[Path, str], Path]


def refusal(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read_package(path)
    return caught.value


def codes(path: Path) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    package = read_package(path)
    return [(w.code, w.object) for w in package.warnings], [(e.code, e.object) for e in package.errors]


@pytest.mark.parametrize("top", ["", "company/", "export/2025/company/"])
def test_zip__with_or_without_top_folder__equals_the_folder(example: Path, zipped: Zipped, top: str) -> None:
    """IM-12"""
    from_folder, from_zip = read_package(example), read_package(zipped(example, top))
    assert digest(from_zip) == digest(from_folder)
    assert len(digest(from_folder)) == 64
    assert plan_import(from_zip) == plan_import(from_folder)


def test_digest__other_layout_of_the_same_objects__is_the_same(build: Any, tmp_path: Path) -> None:
    """IM-12"""
    build.issue("C-1", "ann", 10).issue("C-2", "bob", 10)
    first = digest(read_package(build.write()))
    build.transactions.reverse()
    build.transactions[0] = dict(reversed(build.transactions[0].items()))
    build.as_of = "2031-01-01"
    assert digest(read_package(build.write())) == first
    build.transactions[0]["quantity"] = "11"
    assert digest(read_package(build.write())) != first


def test_manifest__several_files_of_a_kind__are_read_together(build: Any) -> None:
    build.issue("C-1", "ann", 10)
    folder = build.write()
    build.transactions = []
    build.issue("C-2", "bob", 20)
    entry = build.file("More.ocf.json", "OCF_TRANSACTIONS_FILE", build.transactions)
    manifest = json.loads((folder / "Manifest.ocf.json").read_text())
    manifest["transactions_files"] += [entry, entry]
    (folder / "Manifest.ocf.json").write_text(json.dumps(manifest))
    plan = plan_import(read_package(folder))
    assert plan.totals["common"] == 30  # type: ignore[index]
    assert [(warning.code, warning.object) for warning in plan.warnings] == [("listed_twice", "More.ocf.json")]


def test_manifest__file_not_there__is_refused_unless_its_twin_is(build: Any) -> None:
    """IM-2"""
    folder = build.issue("C-1", "ann", 10).write()
    (folder / "Transactions.ocf.json").rename(folder / "Tx.ocf.json")
    assert codes(folder) == ([("missing_file", "Transactions.ocf.json")], [])
    (folder / "Tx.ocf.json").unlink()
    assert codes(folder) == ([], [("missing_file", "Transactions.ocf.json")])


def test_manifest__file_it_does_not_list__is_left_out_with_a_warning(build: Any) -> None:
    """IM-2"""
    folder = build.write()
    build.issue("C-1", "ann", 10)
    build.file("Stray.ocf.json", "OCF_TRANSACTIONS_FILE", build.transactions)
    (folder / "package.json").write_text("{}")
    assert codes(folder) == ([("unlisted_file", "Stray.ocf.json")], [])
    assert plan_import(read_package(folder)).steps == ()


def test_manifest__path_outside__is_refused(build: Any) -> None:
    """IM-1"""
    folder = build.write()
    manifest = json.loads((folder / "Manifest.ocf.json").read_text())
    manifest["transactions_files"] = [{"filepath": "../../etc/passwd", "md5": "0" * 32}]
    (folder / "Manifest.ocf.json").write_text(json.dumps(manifest))
    assert ("unsafe_path", "Manifest.ocf.json") in codes(folder)[1]


@pytest.mark.parametrize(
    ("version", "code"), [("1.3.0", "newer_version"), ("2.0.0-a1", "newer_version"), ("~", "unknown_version")]
)
def test_manifest__version_not_known__is_a_warning(build: Any, version: str, code: str) -> None:
    """IM-2"""
    build.version = version
    assert codes(build.write()) == ([(code, "Manifest.ocf.json")], [])


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"{", "line 1"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"file_type": "OCF_TRANSACTIONS_FILE", "items": [NaN]}', "NaN"),
        (b'{"file_type": "OCF_TRANSACTIONS_FILE", "items": [-Infinity]}', "Infinity"),
        (b'{"a": 1e999}', "out of range"),
        (b'{"a": ' + b"9" * 5000 + b"}", "5000 digits"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b"[" * 100_000, "deeper"),
        (b"[" * 100 + b"]" * 100, "deeper"),
        (b'{"a": "' + b'\\"[' * 1_000_000, "Unterminated"),
    ],
)
def test_file__not_json_as_we_read_it__is_named(build: Any, content: bytes, part: str) -> None:
    """IM-1"""
    folder = build.write()
    (folder / "Transactions.ocf.json").write_bytes(content)
    package = read_package(folder)
    malformed = next(error for error in package.errors if error.code == "malformed_json")
    assert malformed.object == "Transactions.ocf.json"
    assert part in malformed.message
    assert preview(plan_import(package))["ok"] is False


def test_file__brackets_within_texts__are_no_nesting(build: Any) -> None:
    """IM-1"""
    build.issue("C-1", "ann", 10, comments=["[{" * 100 + '\\"[' * 100])
    assert codes(build.write()) == ([], [])


def test_file__nested_without_end__does_not_depend_on_the_recursion_limit(build: Any) -> None:
    """IM-1: a parser that recurses would end the process where others have raised that limit."""
    folder = build.write()
    (folder / "Transactions.ocf.json").write_bytes(b"[" * 1_000_000)
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(10**6)
    try:
        assert ("malformed_json", "Transactions.ocf.json") in codes(folder)[1]
    finally:
        sys.setrecursionlimit(before)


@pytest.mark.parametrize(
    ("items", "code", "obj"),
    [
        ({}, "wrong_type", "Transactions.ocf.json"),
        (["x"], "wrong_type", "Transactions.ocf.json#0"),
        ([{"id": "a"}], "wrong_type", "Transactions.ocf.json#0"),
        ([{"id": 7, "object_type": "TX_STOCK_ISSUANCE"}], "wrong_type", "Transactions.ocf.json#0"),
        ([{"id": "a\n", "object_type": "TX_STOCK_ISSUANCE"}], "wrong_type", "Transactions.ocf.json#0"),
    ],
)
def test_items__not_objects__are_named_by_file_and_place(build: Any, items: Any, code: str, obj: str) -> None:
    build.transactions = items
    assert codes(build.write()) == ([], [(code, obj)])


def test_items__id_twice__is_refused(build: Any) -> None:
    build.issue("C-1", "ann", 10).issue("C-1", "bob", 10)
    assert codes(build.write()) == ([], [("duplicate_id", "issue-C-1")])


def test_issuer__missing__leaves_the_company_unknown(build: Any) -> None:
    build.issuer = []
    shown = preview(plan_import(read_package(build.write())))
    assert (shown["ok"], shown["company"]) == (False, None)


def test_path__nothing_there_or_no_package__is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere").code == "not_found"
    assert refusal(tmp_path).code == "manifest_missing"
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 but not really")
    assert refusal(tmp_path / "a.zip").code == "not_a_package"
    shown = preview_unreadable(refusal(tmp_path / "a.zip"))
    assert (shown["ok"], shown["errors"][0]["code"]) == (False, "not_a_package")
    assert list(shown) == ["ok", "company", "classes", "holders", "warnings", "errors", "left_out"]


def crafted(tmp_path: Path, name: str, content: bytes = b"{}", attributes: int = 0) -> Path:
    path = tmp_path / "crafted.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(name)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = attributes
        archive.writestr(entry, content)
    return path


@pytest.mark.parametrize(
    "name", ["../evil.json", "/etc/evil.json", "a/../../evil.json", "..\\evil.json", "C:/evil.json"]
)
def test_zip__path_outside__is_refused(tmp_path: Path, name: str) -> None:
    """IM-1"""
    error = refusal(crafted(tmp_path, name))
    assert (error.code, error.field, error.value, error.exit_code) == ("unsafe_path", "path", name, 65)


def test_zip__link__is_refused(tmp_path: Path) -> None:
    """IM-1"""
    path = crafted(tmp_path, "Manifest.ocf.json", b"/etc/passwd", (stat.S_IFLNK | 0o777) << 16)
    assert refusal(path).code == "unsafe_path"


def test_folder__link_outside__is_refused(build: Any, tmp_path: Path) -> None:
    """IM-1"""
    folder = build.write()
    (tmp_path / "secret.json").write_text("{}")
    (folder / "Secret.ocf.json").symlink_to(tmp_path / "secret.json")
    assert refusal(folder).code == "unsafe_path"


def test_zip__bomb__is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """IM-1: 24 MB of blanks in 24 kB; a larger one by its size; many files by their number."""
    packed = refusal(crafted(tmp_path, "Manifest.ocf.json", b" " * 24_000_000))
    assert (packed.code, packed.field) == ("archive_bomb", "ratio")
    large = refusal(crafted(tmp_path, "Manifest.ocf.json", b" " * (container_module.MOST_BYTES_OF_FILE + 1)))
    assert (large.code, large.field) == ("archive_bomb", "size")
    many = tmp_path / "many.zip"
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(container_module.MOST_FILES + 1):
            archive.writestr(f"{number}.txt", b"")
    assert (refusal(many).code, refusal(many).field) == ("archive_bomb", "files")


def test_zip__size_in_the_directory_is_a_lie__is_refused(tmp_path: Path) -> None:
    """IM-1: the central directory declares two bytes, the data unpack to far more."""
    path = crafted(tmp_path, "Manifest.ocf.json", b" " * 1_000_000)
    raw = bytearray(path.read_bytes())
    at = raw.index(b"PK\x01\x02") + 24
    raw[at : at + 4] = (2).to_bytes(4, "little")
    path.write_bytes(raw)
    assert refusal(path).code in {"archive_bomb", "broken_archive"}


def test_zip__damaged__is_refused(example: Path, zipped: Zipped) -> None:
    """IM-1"""
    path = zipped(example, "")
    raw = bytearray(path.read_bytes())
    raw[60:120] = bytes(60)
    path.write_bytes(raw)
    assert refusal(path).code in {"broken_archive", "archive_bomb"}


def test_zip__two_files_of_one_name__are_refused(tmp_path: Path) -> None:
    """IM-1"""
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Manifest.ocf.json", "{}")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("Manifest.ocf.json", "{}")
    assert refusal(path).code == "duplicate_path"


def test_zip__many_middling_files__are_refused_by_their_sum(tmp_path: Path) -> None:
    """IM-1: none of the files is too large, all together are."""
    path = tmp_path / "sum.zip"
    piece = bytes(range(32, 127)) * (container_module.MOST_BYTES_OF_FILE // 95)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number in range(3):
            archive.writestr(f"{number}.json", piece)
    assert (refusal(path).code, refusal(path).field) == ("archive_bomb", "size")


def test_folder__hidden_and_other_files__are_passed_over(build: Any) -> None:
    folder = build.issue("C-1", "ann", 10).write()
    (folder / ".git").mkdir()
    (folder / ".git" / "Manifest.ocf.json").write_text('{"file_type": "OCF_MANIFEST_FILE"}')
    (folder / "._Manifest.ocf.json").write_bytes(b"\x00\x05\x16\x07")
    (folder / "notes.txt").write_text("{")
    assert codes(folder) == ([], [])
    assert plan_import(read_package(folder)).holders == 1


def test_folder__two_manifests__are_refused(build: Any) -> None:
    folder = build.write()
    (folder / "Other.ocf.json").write_bytes((folder / "Manifest.ocf.json").read_bytes())
    assert (refusal(folder).code, refusal(folder).field) == ("manifest_ambiguous", "file_type")


def test_folder__package_in_a_folder_of_the_folder__is_found(build: Any, tmp_path: Path) -> None:
    build.issue("C-1", "ann", 10).write().rename(tmp_path / "inner")
    (tmp_path / "outer").mkdir()
    (tmp_path / "inner").rename(tmp_path / "outer" / "inner")
    assert plan_import(read_package(tmp_path / "outer")).holders == 1


def test_folder__too_large_in_sum__is_refused(build: Any) -> None:
    """IM-1"""
    folder = build.write()
    for number in range(3):
        with (folder / f"{number}.json").open("wb") as file:
            file.truncate(container_module.MOST_BYTES_OF_FILE - 1)
    assert (refusal(folder).code, refusal(folder).field) == ("archive_bomb", "size")
