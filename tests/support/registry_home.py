"""A home with a deployed registry on a real chain, and the command line as a process: for acts, commands and demo."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from registry.acts.desk import Desk
from registry.acts.workplace import deploy_registry, ensure_local_passphrase, open_desk
from registry.chain.anvil import Anvil
from registry.cli import main
from registry.interchange import ImportPlan, plan_import, read_package
from registry.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = ROOT.parent / "shared" / "data" / "ocf"
ACME = OUTSIDE / "acme_holdings_limited"
EXAMPLE = ROOT / "examples" / "xinguang"


@dataclass(frozen=True)
class Home:
    """Keys, databases and deployment in one folder, and the chain they belong to."""

    folder: Path
    url: str

    @property
    def settings(self) -> Settings:
        return Settings(home=self.folder, rpc_url=self.url)

    @property
    def environment(self) -> dict[str, str]:
        bare = {name: value for name, value in os.environ.items() if not name.startswith("EQUITY_")}
        return bare | {"EQUITY_HOME": str(self.folder), "EQUITY_RPC_URL": self.url, "COLUMNS": "160"}

    def command(self, *arguments: object) -> list[str]:
        return [sys.executable, "-m", "registry.cli", *map(str, arguments)]

    def equity(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """One command, from its arguments to its exit code, in this process: as a process, but without its start."""
        out, err = io.StringIO(), io.StringIO()
        before, argv = dict(os.environ), sys.argv
        code = 0
        try:
            os.environ.clear()
            os.environ.update(self.environment)
            sys.argv = ["equity", *map(str, arguments)]
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                try:
                    main()
                except SystemExit as ended:
                    code = int(ended.code or 0)
        finally:
            sys.argv = argv
            os.environ.clear()
            os.environ.update(before)
        return subprocess.CompletedProcess(list(map(str, arguments)), code, out.getvalue(), err.getvalue())

    def process(self, *arguments: object, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """One command as a process of its own."""
        return subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def equity_json(self, *arguments: object) -> dict[str, Any]:
        """The object of a command that must succeed."""
        done = self.equity(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert isinstance(found, dict)
        return found


def furnished(folder: Path, anvil: Anvil) -> Home:
    """A home with keys and a deployment."""
    home = Home(folder, anvil.url)
    ensure_local_passphrase(home.settings)
    deploy_registry(home.settings, nobody, lambda _: None)
    return home


def desk_of(home: Home) -> Any:
    """The desk of a home, as a context manager."""
    return open_desk(home.settings, nobody)


def nobody() -> str:
    raise AssertionError("a test asks nobody for a passphrase")


def plan_of(package: Path) -> ImportPlan:
    return plan_import(read_package(package))


def outside(package: Path) -> Path:
    """A package that is not ours."""
    if not OUTSIDE.is_dir():
        pytest.skip(f"the packages from outside are not beside the repository: no {OUTSIDE.name} in shared/data")
    return package


def entries_of(desk: Desk, company: int) -> int:
    """How many lines the register of a company has."""
    desk.catch_up()
    return sum(1 for _ in _pages(desk, company))


def _pages(desk: Desk, company: int) -> Any:
    cursor = None
    while True:
        page = desk.queries.entries(company=company, cursor=cursor, limit=200)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return
