"""The local chain: its identity, its clock, what it keeps, and that it never outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from registry.chain.anvil import CREATED, Anvil, AnvilOptions, find_binary, running
from registry.chain.client import Node
from registry.chain.rpc import NodeRefusal
from registry.chain.send import is_known_already, wait_for
from registry.chain.sign import Fields
from registry.errors import HaltError, RetryableError, Unavailable
from tests.support.stage import signer

ROOT = Path(__file__).resolve().parents[2]


def test_anvil__binary_missing__names_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EQUITY_ANVIL", str(tmp_path / "nowhere"))
    with pytest.raises(HaltError, match=r"EQUITY_ANVIL names .*nowhere"):
        find_binary()
    monkeypatch.delenv("EQUITY_ANVIL")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("registry.chain.anvil.__file__", str(tmp_path / "a" / "b" / "c.py"))
    with pytest.raises(HaltError, match="npm package @foundry-rs/anvil-linux-amd64, made by `make setup`"):
        find_binary()


def test_anvil__port_taken__is_unavailable(anvil: Anvil) -> None:
    with pytest.raises(Unavailable, match=f"port {anvil.port}"):
        Anvil(AnvilOptions(port=anvil.port)).start()
    assert anvil.is_running


def test_anvil__state_kept__goes_on_with_genesis_and_history_and_the_present_time(tmp_path: Path) -> None:
    options = AnvilOptions(state=tmp_path / "state.json")
    with running(options) as chain, Node.connect(chain.url) as node:
        node.rpc.call("evm_mine")
        genesis, head = node.block(0), node.head()
    assert genesis.time == CREATED
    assert abs(head.time - time.time()) < 30
    with running(options) as chain, Node.connect(chain.url) as node:
        assert node.block(0) == genesis
        assert node.block(1) == head
        node.rpc.call("evm_mine")
        assert head.time < node.head().time < time.time() + 30


def test_anvil__started_twice__has_the_same_genesis(anvil: Anvil) -> None:
    with running() as other, Node.connect(other.url) as one, Node.connect(anvil.url) as two:
        assert one.genesis_hash() == two.genesis_hash()
    with running(AnvilOptions(created=CREATED + 1)) as later, Node.connect(later.url) as three:
        assert three.genesis_hash() != two_genesis(anvil)


def two_genesis(anvil: Anvil) -> bytes:
    with Node.connect(anvil.url) as node:
        return node.genesis_hash()


def test_anvil__account_without_money__sends_for_nothing(anvil: Anvil) -> None:
    key = signer("agent")
    with Node.connect(anvil.url) as node:
        assert node.fees() == (0, 0)
        assert node.read("eth_getBalance", "0x" + key.address.hex(), "latest") == "0x0"
        fields = Fields(node.chain_id, 0, key.address, b"", node.engine.transaction_gas)
        node.send_raw(key.sign_transaction(fields))
        assert node.nonce(key.address, "pending") == 1


def test_anvil__parent_killed__ends_too(tmp_path: Path) -> None:
    program = (
        "import sys, time\n"
        "from registry.chain.anvil import Anvil\n"
        "chain = Anvil().start()\n"
        "print(chain.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait(10)
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(pid)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_anvil__state_held_by_another_chain__is_told_to_try_again_and_starts_when_that_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.chain.anvil._LOCK_PATIENCE", 0.2)
    options = AnvilOptions(state=tmp_path / "chain" / "state.json")
    with running(options) as first:
        second = Anvil(options)
        with pytest.raises(RetryableError, match=r"another chain runs on .*state\.json"):
            second.start()
        second.stop()
        assert first.is_running
        with Node.connect(first.url) as node:
            node.rpc.call("evm_mine")
            head = node.head()
    with running(options) as later, Node.connect(later.url) as node:
        assert node.block(1) == head


def test_anvil__parent_killed_while_it_holds_a_state__next_chain_waits_and_has_all_blocks(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from registry.chain.anvil import Anvil, AnvilOptions\n"
        "chain = Anvil(AnvilOptions(state=Path(sys.argv[1]))).start()\n"
        "print(chain.url, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, state], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with Node.connect(parent.stdout.readline().strip()) as node:
        node.rpc.call("anvil_mine", "0x20")
        head = node.head()
    parent.kill()
    with running(AnvilOptions(state=state)) as later, Node.connect(later.url) as node:
        assert node.block(head.number) == head
    parent.wait(10)
    parent.stdout.close()


def test_unstick__transaction_left_in_the_queue_when_its_turn_has_come__is_let_in_again(anvil: Anvil) -> None:
    key = signer("agent")
    with Node.connect(anvil.url) as node:
        raw = key.sign_transaction(Fields(node.chain_id, 1, key.address, b"", 21_000))
        tx = node.send_raw(raw)
        node.rpc.call("anvil_setNonce", "0x" + key.address.hex(), "0x1")
        node.nudge()
        refusal = node.send_raw_many([raw])[0]
        assert isinstance(refusal, NodeRefusal)
        assert is_known_already(refusal)
        assert node.receipt(tx) is None
        node.unstick([key.address])
        assert node.send_raw_many([raw]) == [tx]
        assert wait_for(node, tx, timeout=10).has_succeeded
