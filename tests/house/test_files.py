"""Manners that hold for every file: readable in one sitting, rooms that know only what they may, no stray addresses."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

MOST_LINES = 500
READ_BY_PEOPLE = {".py", ".sol", ".sh", ".cjs", ".js", ".css", ".html"}
# Whose libraries may be imported where: everything else in registry/ goes through the room's own face.
CHAIN_LIBRARIES = {"web3", "eth_account", "eth_abi", "eth_keys"}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; name the room in full"
            found.add(node.module or "")
    return found


def modules_of(root: Path, room: str) -> list[Path]:
    return sorted((root / "registry" / room).rglob("*.py"))


def test_files__any_source__is_read_in_one_sitting(tracked: list[Path], root: Path) -> None:
    counted = {
        path.relative_to(root).as_posix(): len(path.read_bytes().splitlines())
        for path in tracked
        if path.suffix in READ_BY_PEOPLE
    }
    assert {name: lines for name, lines in counted.items() if lines > MOST_LINES} == {}


def test_files__every_module__says_what_lives_in_it(tracked: list[Path], root: Path) -> None:
    modules = [
        p for p in tracked if p.suffix == ".py" and p.relative_to(root).parts[0] in {"registry", "api", "oracles"}
    ]
    silent = [p for p in modules if p.read_text().strip() and not ast.get_docstring(ast.parse(p.read_text()))]
    assert [p.relative_to(root).as_posix() for p in silent] == []


def test_files__none_of_them__names_a_registry_host_or_a_key(tracked: list[Path], root: Path) -> None:
    unwelcome = re.compile(
        r"index[-]url\s*[=\s]\s*\S*:/{2}|\"resolve[d]\":\s*\"http|BEGIN [A-Z ]*PRIVATE KEY|" + re.escape(f"{root}/")
    )
    texts = [p for p in tracked if p.suffix not in {".png", ".zip", ".woff2", ".otf", ".ttf"}]
    assert [p.relative_to(root).as_posix() for p in texts if unwelcome.search(p.read_text(errors="replace"))] == []


def test_domain__its_modules__import_the_standard_library_and_each_other_only(root: Path) -> None:
    modules = modules_of(root, "domain")
    assert modules
    strange = {
        f"{path.name}: {name}"
        for path in modules
        for name in imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not name.startswith(("registry.domain", "registry.errors"))
    }
    assert strange == set()


def test_web3__outside_the_chain_room__is_not_imported(root: Path) -> None:
    others = [p for p in modules_of(root, ".") if "chain" not in p.relative_to(root / "registry").parts[:1]]
    found = {
        f"{path.relative_to(root)}: {name}"
        for path in others
        for name in imports(path)
        if name.split(".")[0] in CHAIN_LIBRARIES
    }
    assert found == set()


@pytest.mark.parametrize(
    ("room", "sees"),
    [("audit", {"domain", "chain", "mirror", "audit"}), ("interchange", {"domain", "interchange"})],
)
def test_room__what_it_imports__is_what_it_may_see(root: Path, room: str, sees: set[str]) -> None:
    seen = {
        name.split(".")[1] for path in modules_of(root, room) for name in imports(path) if name.startswith("registry.")
    }
    assert seen - sees - {"errors", "log", "settings"} == set()
