"""The local stack: keeps its state, lets other commands work beside it, and survives being killed."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.registry_home import EXAMPLE, ROOT, Home


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def up(home: Home, pages: int, ending: signal.Signals) -> Iterator[str]:
    """The stack while the block runs, ended by a signal; the address of the pages."""
    rpc = home.url.rsplit(":", 1)[1]
    process = subprocess.Popen(
        home.command("up", "--rpc-port", rpc, "--port", pages),
        cwd=ROOT,
        env=home.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("open "), "the stack did not come up"
        yield line.split()[1]
    finally:
        process.send_signal(ending)
        code = process.wait(30)
        process.stdout.close()
    assert code == (0 if ending != signal.SIGKILL else -9)


def served(address: str, path: str) -> Any:
    with urllib.request.urlopen(address + path, timeout=10) as answer:
        return json.loads(answer.read())


def wait_for_end(home: Home) -> None:
    """The chain ends with its parent, within the time the kernel needs to say so."""
    port = int(home.url.rsplit(":", 1)[1])
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return
        time.sleep(0.05)
    raise AssertionError("the chain outlived the stack")


def test_up__ended_and_started_again__goes_on_where_it_was(tmp_path: Path) -> None:
    home, pages = Home(tmp_path / "home", f"http://127.0.0.1:{free_port()}"), free_port()
    with up(home, pages, signal.SIGINT) as address:
        assert home.equity_json("import", EXAMPLE)["was_there"] is False
        assert served(address, "/api/v1/companies")["items"][0]["number"] == 1
    wait_for_end(home)
    before = (home.folder / "deployment.json").read_bytes()
    with up(home, pages, signal.SIGTERM) as address:
        assert (home.folder / "deployment.json").read_bytes() == before
        assert home.equity_json("import", EXAMPLE)["was_there"] is True
        assert home.equity_json("audit")["verdict"] == "equal"
        assert home.equity_json("company", "open", "1")["block"] > 0
        assert served(address, "/api/v1/companies")["items"][0]["holders"] == 16
    wait_for_end(home)
    assert oct(home.folder.stat().st_mode)[-3:] == "700"


def test_up__killed__ends_the_chain_too_and_comes_up_again_whole(tmp_path: Path) -> None:
    home, pages = Home(tmp_path / "home", f"http://127.0.0.1:{free_port()}"), free_port()
    with up(home, pages, signal.SIGKILL):
        home.equity_json("import", EXAMPLE)
    wait_for_end(home)
    with up(home, pages, signal.SIGINT):
        assert home.equity_json("import", EXAMPLE)["holders"] == 16
        assert home.equity_json("audit")["verdict"] == "equal"


def test_up__its_port_taken__exits_69(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        home = Home(tmp_path / "home", f"http://127.0.0.1:{port}")
        assert home.process("up", "--rpc-port", port, "--port", free_port()).returncode == 69
