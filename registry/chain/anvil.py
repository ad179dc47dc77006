"""Starts and ends the packaged local chain: anvil's native binary, called directly.

It ends with its parent, keeps its state when asked to, and its creation time is fixed, so that a restart has the same
genesis hash. Fees are zero, so no account needs money and no key is known to the node.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import platform
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from registry.chain.rpc import NodeRefusal, Rpc
from registry.errors import HaltError, RetryableError, Unavailable

CHAIN_ID = 31337
CREATED = 1_735_689_600
"""2025-01-01T00:00:00Z: the creation time of a chain that names none."""
BLOCK_GAS = 2_000_000_000
"""Room for all that is on its way at once: what does not fit a block would wait for the next transaction to come."""
_LOCK_PATIENCE = 5.0
"""[s] A chain whose parent was killed is given this long to write its state."""
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)
_PACKAGES = {("Linux", "x86_64"): "anvil-linux-amd64", ("Linux", "aarch64"): "anvil-linux-arm64"}


@dataclass(frozen=True, slots=True)
class AnvilOptions:
    """How the chain is set up. `created` is part of its identity: the genesis hash depends on it."""

    chain_id: int = CHAIN_ID
    created: int = CREATED
    port: int = 0
    state: Path | None = None
    state_interval: int | None = None
    keep_history: bool = False
    mine: bool = True


def find_binary() -> Path:
    """EQUITY_ANVIL, else the npm package of this platform, else PATH."""
    named = os.environ.get("EQUITY_ANVIL")
    if named:
        if not Path(named).is_file():
            raise HaltError(f"EQUITY_ANVIL names {named}, which is not a file")
        return Path(named)
    package = _PACKAGES.get((platform.system(), platform.machine()), "anvil-linux-amd64")
    below = Path("node_modules", "@foundry-rs", package, "bin", "anvil")
    for folder in (Path(__file__).resolve().parents[2], Path.cwd()):
        if (folder / below).is_file():
            return folder / below
    on_path = shutil.which("anvil")
    if on_path:
        return Path(on_path)
    raise HaltError(
        f"anvil is missing: no EQUITY_ANVIL, no {below} (npm package @foundry-rs/{package}, made by `make setup`), "
        "none on PATH"
    )


class Anvil:
    """One running local chain. Use as a context manager, or call `stop`."""

    def __init__(self, options: AnvilOptions | None = None) -> None:
        self.options = options or AnvilOptions()
        self._binary = find_binary()
        self._cache = tempfile.TemporaryDirectory(prefix="equity-anvil-")
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, timeout: float = 20.0) -> Anvil:
        """Up and answering, with its clock at now; a fixed port that is taken is an error, a free one is retried."""
        if self.options.state is not None:
            self._lock = _hold(self.options.state)
        is_kept = self.options.state is not None and self.options.state.exists()
        for _ in range(1 if self.options.port else 5):
            self.port = self.options.port or _free_port()
            if self._launch(time.monotonic() + timeout):
                self._set_clock(is_kept)
                return self
        self.stop()
        raise Unavailable(f"anvil did not start on port {self.port}: the port is taken, or the state is not readable")

    def stop(self, timeout: float = 60.0) -> None:
        """SIGTERM, which writes the state; SIGKILL only if it does not end in time."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
        self._release()
        self._cache.cleanup()

    def kill(self) -> None:
        """As a power cut would: nothing is written."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
        self._release()

    def _release(self) -> None:
        held, self._lock = self._lock, None
        if held is not None:
            os.close(held)

    def grow_to(self, block: int) -> int:
        """Empty blocks up to this one; how many were missing."""
        with Rpc(self.url) as rpc:
            missing = block - int(rpc.call("eth_blockNumber"), 16)
            if missing > 0:
                rpc.call("anvil_mine", hex(missing))
        return max(0, missing)

    def advance(self, seconds: int) -> None:
        """The chain's clock runs ahead by so much from here on; a block tells it at once."""
        with Rpc(self.url) as rpc:
            rpc.call("evm_increaseTime", seconds)
            rpc.call("evm_mine")

    def __enter__(self) -> Anvil:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _launch(self, deadline: float) -> bool:
        self._process = subprocess.Popen(
            [str(self._binary), *self._arguments()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            # The chain holds the lock too: it writes its state while it ends, and may outlive its parent by that.
            pass_fds=() if self._lock is None else (self._lock,),
            preexec_fn=end_with_parent,  # noqa: PLW1509 (one system call, loaded before the fork)
        )
        while time.monotonic() < deadline and self._process.poll() is None:
            if _listens(self._process.pid, self.port) and self._answers():
                return True
            time.sleep(0.02)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(10)
        return False

    def _arguments(self) -> list[str]:
        options = self.options
        arguments = ["--quiet", "--host", "127.0.0.1", "--port", str(self.port)]
        arguments += ["--chain-id", str(options.chain_id), "--timestamp", str(options.created)]
        arguments += ["--hardfork", "prague", "--block-base-fee-per-gas", "0", "--gas-price", "0", "--accounts", "1"]
        arguments += ["--gas-limit", str(BLOCK_GAS), "--enable-tx-gas-limit", "--order", "fifo"]
        arguments += ["--cache-path", self._cache.name, "--no-request-size-limit"]
        if options.state is not None:
            arguments += ["--state", str(options.state)]
        if options.state is not None and options.state_interval:
            arguments += ["--state-interval", str(options.state_interval)]
        if options.keep_history:
            arguments += ["--preserve-historical-states"]
        return arguments if options.mine else [*arguments, "--no-mining"]

    def _answers(self) -> bool:
        with contextlib.suppress(Unavailable, NodeRefusal), Rpc(self.url, timeout=2) as rpc:
            return bool(rpc.call("eth_chainId"))
        return False

    def _set_clock(self, is_kept: bool) -> None:
        """A chain goes on at the present time; the creation time holds for its first block only."""
        if self.options.created > time.time() and not is_kept:
            return
        with Rpc(self.url) as rpc:
            newest = rpc.call("eth_getBlockByNumber", "latest", False)
            now = max(int(time.time()), int(newest["timestamp"], 16) + 1)
            rpc.call("evm_setTime", now)


@contextlib.contextmanager
def running(options: AnvilOptions | None = None) -> Iterator[Anvil]:
    """A chain for the length of a block."""
    anvil = Anvil(options)
    try:
        yield anvil.start()
    finally:
        anvil.stop()


def _hold(state: Path) -> int:
    """One chain on one state at a time: two would each go on from it, and the last to end would decide."""
    state.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = os.open(state.with_name(f"{state.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + _LOCK_PATIENCE
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return held
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                os.close(held)
                raise RetryableError(f"another chain runs on the state {state}") from error
        time.sleep(0.05)


def end_with_parent() -> None:
    """For `preexec_fn`, in the child: the kernel sends SIGTERM when the thread that started it ends."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(pid: int, port: int) -> bool:
    """Is it this very process that listens there, and not somebody who took the port first?"""
    wanted = f":{port:04X}"
    inodes = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        parts = line.split()
        if parts[3] == "0A" and parts[1].endswith(wanted):
            inodes.add(f"socket:[{parts[9]}]")
    try:
        return any(os.readlink(file) in inodes for file in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False
