"""A remote signer over JSON-RPC: real ones (anvil, at night clef), and one that lies at the process's edge."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from registry.chain.anvil import Anvil
from registry.chain.remote import RemoteSigner
from registry.chain.rpc import Rpc
from registry.chain.sign import Keystores, LocalSigner, StatementSigner
from registry.chain.typed import Board, signer_of
from registry.domain.attestation import REACHED, Attestation, Disclosure
from registry.domain.ids import Address, Hash32
from registry.errors import HaltError, InputError, RetryableError, Unavailable
from tests.support.stage import signer

BOARD = Board(31337, Address(b"\xb0" * 20))
ATTESTATION = Attestation(
    Address(b"\xc0" * 20), Address(b"\xe5" * 20), 2, 7, REACHED, Hash32(b"\x11" * 32), "https://证据", 1_775_800_000,
    1_778_392_000,
)  # fmt: skip
DISCLOSURE = Disclosure(Address(b"\xc0" * 20), 202603, Hash32(b"\x22" * 32))

Reply = Callable[[dict[str, Any]], Any]


def check_signs(remote: StatementSigner) -> None:
    for statement in (ATTESTATION, DISCLOSURE):
        assert signer_of(statement, BOARD, remote.sign_statement(statement, BOARD)) == remote.address


def test_remote__real_signer_of_a_node__signs_what_is_signed_here(anvil: Anvil) -> None:
    with Rpc(anvil.url) as rpc:
        account = Address(bytes.fromhex(rpc.call("eth_accounts")[0][2:]))
    check_signs(RemoteSigner(anvil.url, account))


def test_remote__account_that_the_signer_has_not__is_told(anvil: Anvil) -> None:
    with pytest.raises(RetryableError, match="refused"):
        RemoteSigner(anvil.url, signer("nobody").address).sign_statement(ATTESTATION, BOARD)


# --- one that answers as a test wants ---


@contextmanager
def answering(reply: Reply) -> Iterator[str]:
    """`reply` makes the `result`, or a whole object with an `error`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found = reply(request)
            told = found if isinstance(found, dict) else {"result": found}
            body = json.dumps({"jsonrpc": "2.0", "id": request["id"], **told}).encode()
            with contextlib.suppress(BrokenPipeError):  # who waited has gone
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def signed(key: LocalSigner, shift: int = 0) -> str:
    signature = key.sign_statement(ATTESTATION, BOARD)
    return "0x" + signature[:64].hex() + f"{signature[64] + shift:02x}"


@pytest.mark.parametrize("shift", [0, -27])
def test_remote__parity_as_27_or_0__is_taken(shift: int) -> None:
    key = signer("verifier")
    asked: list[dict[str, Any]] = []

    def reply(request: dict[str, Any]) -> str:
        asked.append(request)
        return signed(key, shift)

    with answering(reply) as url:
        found = RemoteSigner(url, key.address).sign_statement(ATTESTATION, BOARD)
    assert found == key.sign_statement(ATTESTATION, BOARD)
    (request,) = asked
    assert request["method"] == "eth_signTypedData_v4"
    account, message = request["params"]
    assert account == "0x" + key.address.hex()
    assert (message["primaryType"], message["message"]["uri"]) == ("Attestation", "https://证据")
    assert set(message["types"]) == {"EIP712Domain", "Attestation"}


def test_remote__that_knows_the_method_by_clefs_name__is_asked_by_it() -> None:
    key = signer("verifier")

    def reply(request: dict[str, Any]) -> Any:
        if request["method"] == "account_signTypedData":
            return signed(key)
        return {"error": {"code": -32601, "message": "the method does not exist"}}

    with answering(reply) as url:
        assert RemoteSigner(url, key.address).sign_statement(ATTESTATION, BOARD)[:64].hex() in signed(key)


@pytest.mark.parametrize(
    "answer", ["", "0x", "0x" + "11" * 65, "0x" + "00" * 65, "nonsense", None, 7, ["0x"], "0x" + "ff" * 10_000]
)
def test_remote__answer_that_is_no_signature__halts(answer: Any) -> None:
    with answering(lambda _: answer) as url, pytest.raises(HaltError, match=r"no signature|not as"):
        RemoteSigner(url, signer("verifier").address).sign_statement(ATTESTATION, BOARD)


def test_remote__signed_by_another_key_or_another_message__halts() -> None:
    with answering(lambda _: signed(signer("thief"))) as url, pytest.raises(HaltError, match="not as"):
        RemoteSigner(url, signer("verifier").address).sign_statement(ATTESTATION, BOARD)
    other = "0x" + signer("verifier").sign_statement(DISCLOSURE, BOARD).hex()
    with answering(lambda _: other) as url, pytest.raises(HaltError, match="not as"):
        RemoteSigner(url, signer("verifier").address).sign_statement(ATTESTATION, BOARD)


def test_remote__denied_by_its_owner__may_be_tried_again() -> None:
    denied = {"error": {"code": -32000, "message": "request denied"}}
    with answering(lambda _: denied) as url, pytest.raises(RetryableError, match="request denied"):
        RemoteSigner(url, signer("verifier").address).sign_statement(ATTESTATION, BOARD)


def test_remote__slow_or_not_there__is_unavailable() -> None:
    def slow(_: dict[str, Any]) -> str:
        time.sleep(1)
        return "0x"

    with answering(slow) as url, pytest.raises(Unavailable, match="no answer from the signer"):
        RemoteSigner(url, signer("verifier").address, timeout=0.2).sign_statement(ATTESTATION, BOARD)
    with pytest.raises(Unavailable, match="no answer from the signer"):
        RemoteSigner(url, signer("verifier").address).sign_statement(ATTESTATION, BOARD)


@pytest.mark.parametrize("url", ["", "ws://127.0.0.1:1", "127.0.0.1:8550", "http://"])
def test_remote__address_that_is_none__is_refused(url: str) -> None:
    with pytest.raises(InputError):
        RemoteSigner(url, signer("verifier").address)


# --- clef: building it takes minutes ---

CLEF = "github.com/ethereum/go-ethereum/cmd/clef@v1.16.9"
RULES = """
function ApproveListing() { return "Approve" }
function ApproveSignData(r) { return "Approve" }
function OnSignerStartup(i) {}
function OnApprovedTx(t) {}
"""


@pytest.fixture(scope="module")
def clef(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one on PATH, or one that is built now."""
    found = shutil.which("clef")
    if found:
        return Path(found)
    go = shutil.which("go")
    if go is None:
        pytest.skip("neither clef nor go is on this machine")
    folder = tmp_path_factory.mktemp("clef")
    subprocess.run([go, "install", CLEF], env={**os.environ, "GOBIN": str(folder)}, check=True, timeout=900)
    return folder / "clef"


@pytest.mark.night
def test_remote__real_clef_under_rules__signs_what_is_signed_here(clef: Path, tmp_path: Path) -> None:
    keystores = Keystores(tmp_path / "keys", lambda: "a long passphrase")
    key = keystores.create("verifier")
    (tmp_path / "rules.js").write_text(RULES)
    (tmp_path / "config").mkdir(mode=0o700)
    port = _free_port()
    base = [
        str(clef),
        "--keystore",
        str(keystores.folder),
        "--configdir",
        str(tmp_path / "config"),
        "--suppress-bootwarn",
        "--auditlog",
        str(tmp_path / "audit.log"),
    ]

    def ask(arguments: list[str], typed: str) -> None:
        subprocess.run([*base, *arguments], input=typed, text=True, check=True, timeout=60, capture_output=True)

    account = "0x" + key.address.hex()
    ask(["init"], "master password\n" * 2)
    ask(["setpw", account], "a long passphrase\n" * 2 + "master password\n")
    ask(["attest", hashlib.sha256(RULES.encode()).hexdigest()], "master password\n")
    serve = [
        "--chainid",
        "31337",
        "--rules",
        str(tmp_path / "rules.js"),
        "--http",
        "--http.port",
        str(port),
        "--ipcdisable",
    ]
    process = subprocess.Popen(
        [*base, *serve], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    )
    try:
        assert process.stdin is not None
        process.stdin.write(b"master password\n")
        process.stdin.flush()
        _wait_for(port)
        check_signs(RemoteSigner(f"http://127.0.0.1:{port}", key.address))
    finally:
        process.terminate()
        process.wait(20)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("clef did not start")
