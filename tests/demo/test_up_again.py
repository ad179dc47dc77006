"""The local stack in bad company: started twice, killed and started at once, robbed of its chain. It goes on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.registry_home import ROOT, Home

DOCUMENT = "0x" + "d2" * 32
PATIENCE = 60


@dataclass
class Local:
    """One home, a port for its chain, and what runs there."""

    folder: Path
    port: int
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def home(self) -> Home:
        return Home(self.folder / "home", f"http://127.0.0.1:{self.port}")

    def up(self, port: int | None = None) -> subprocess.Popen[str]:
        """Starts a stack and waits until it says where its pages are, or ends."""
        command = self.home.command("up", "--port", "0", "--rpc-port", port or self.port)
        (self.folder / "tmp").mkdir(exist_ok=True)
        environment = self.home.environment | {"TMPDIR": str(self.folder / "tmp")}
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.running.append(process)
        assert process.stdout is not None
        process.stdout.readline()
        return process

    def chains(self) -> list[int]:
        """Processes of chains that keep their state in this home."""
        found = []
        for process in Path("/proc").iterdir():
            try:
                words = (process / "cmdline").read_bytes() if process.name.isdigit() else b""
            except OSError:
                continue
            if words.split(b"\0")[0].endswith(b"anvil") and str(self.home.folder).encode() in words:
                found.append(int(process.name))
        return found

    def company(self, name: str) -> int:
        made = self.home.equity_json("company", "create", name, "--document", DOCUMENT, "--key", name)
        assert isinstance(made["company"], int)
        return made["company"]


def end(process: subprocess.Popen[str], by: int = signal.SIGTERM) -> tuple[int, str]:
    """Exit code and what was said on stderr."""
    process.send_signal(by)
    _, said = process.communicate(timeout=PATIENCE)
    return process.returncode, said


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Local]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    found = Local(tmp_path, port)
    yield found
    for process in found.running:
        if process.poll() is None:
            end(process)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def test_up__its_terminal_closed__ends_in_order_and_leaves_nothing(local: Local) -> None:
    process = local.up()
    assert local.company("company") == 1
    code, said = end(process, signal.SIGHUP)
    assert code == 0, said
    assert "Traceback" not in said
    assert "the state is kept" in said
    assert local.chains() == []
    assert list((local.folder / "tmp").iterdir()) == []


def test_up__a_second_one_in_the_same_home__exits_75_and_disturbs_nothing(local: Local) -> None:
    local.up()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        other = probe.getsockname()[1]
    second = local.up(other)
    _, said = second.communicate(timeout=PATIENCE)
    assert second.returncode == 75, said
    assert "another chain runs on the state" in said
    assert local.company("still here") == 1


def test_up__killed_and_started_at_once__waits_for_the_chain_and_has_everything(local: Local) -> None:
    process = local.up()
    assert local.company("before") == 1
    process.kill()
    local.up()
    assert local.company("before") == 1
    assert local.home.equity_json("audit")["verdict"] == "equal"


def test_up__chain_killed_before_it_wrote_its_last_blocks__sends_them_again_and_is_equal(local: Local) -> None:
    process = local.up()
    assert local.company("kept") == 1
    end(process)
    process = local.up()
    party = ("party", "onboard", "Lost and Found", "--document", DOCUMENT, "--key", "party")
    number, onboarded = local.company("lost"), local.home.equity_json(*party)["party"]
    (chain,) = local.chains()
    os.kill(chain, signal.SIGKILL)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 78, said
    assert "the chain's process has ended" in said
    local.up()
    deadline = time.monotonic() + PATIENCE
    while len(local.home.equity_json("company", "list")["companies"]) < number and time.monotonic() < deadline:
        time.sleep(0.2)
    assert local.company("lost") == number
    assert local.home.equity_json(*party)["party"] == onboarded
    assert local.home.equity_json("party", "show", str(onboarded))["name"] == "Lost and Found"
    assert local.home.equity_json("audit")["verdict"] == "equal"
