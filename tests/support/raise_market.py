"""A furnished home with its commands and its clock: raises, escrows and verifiers from the command line."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from tests.support.raise_bench import RaiseBench
from tests.support.registry_home import Home

PAPER = ("--document", "0x" + "d1" * 32)


class Market:
    """Company 1 of `bench`, whose chain `home` commands."""

    def __init__(self, home: Home, bench: RaiseBench) -> None:
        self.home, self.bench = home, bench
        self.say = home.equity_json

    def refused(self, *arguments: object, code: int = 1) -> dict[str, Any]:
        """The error of a command that exits with `code`."""
        return error_of(self.home.equity(*arguments, "--json"), code)


def error_of(done: subprocess.CompletedProcess[str], code: int) -> dict[str, Any]:
    assert (done.returncode, done.stdout) == (code, ""), (done.returncode, done.stdout, done.stderr)
    found = json.loads(done.stderr.splitlines()[-1])["error"]
    assert isinstance(found, dict)
    return found
