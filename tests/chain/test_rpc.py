"""The connection to a node: what comes back wrong is an error that says so, within the deadline."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from registry.chain.anvil import Anvil, AnvilOptions
from registry.chain.client import Node
from registry.chain.rpc import BATCH_CALLS, NodeRefusal, Rpc
from registry.errors import InputError, RetryableError, Unavailable


class Mischief:
    """A server at the process's edge that answers as it is told; None means silence."""

    def __init__(self) -> None:
        self.answer: Callable[[dict[str, object]], bytes | None] = lambda _: None
        self.trickle = 0.0
        self.met = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        self._server.close()

    def _run(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            request = self._request(client)
            self.met += 1
            body = self.answer(json.loads(request))
            if body is None:
                time.sleep(5)
                return
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
            for index in range(len(body)):
                time.sleep(self.trickle)
                client.sendall(body[index : index + 1])

    @staticmethod
    def _request(client: socket.socket) -> bytes:
        data = b""
        while not data.endswith((b"}", b"]")):
            data += client.recv(1 << 16)
        return data.partition(b"\r\n\r\n")[2]


@pytest.fixture
def mischief() -> Iterator[Mischief]:
    server = Mischief()
    yield server
    server.close()


def test_call__nobody_listens__is_unavailable_with_the_address() -> None:
    with pytest.raises(Unavailable, match=r"no answer from the node at http://127\.0\.0\.1:9") as unavailable:
        Rpc("http://127.0.0.1:9").call("eth_chainId")
    assert unavailable.value.exit_code == 69


@pytest.mark.parametrize("url", ["ws://127.0.0.1:8545", "127.0.0.1:8545", "http://", ""])
def test_rpc__address_of_no_node__is_bad_input(url: str) -> None:
    with pytest.raises(InputError, match="http://host:port"):
        Rpc(url)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"id": 1, "result": ', b"\xff\xfe", b'[{"id":1}]', b"3"])
def test_call__answer_that_is_no_json_rpc__is_to_be_tried_again(mischief: Mischief, body: bytes) -> None:
    mischief.answer = lambda _: body
    with pytest.raises(RetryableError):
        Rpc(mischief.url).call("eth_chainId")


def test_call__answer_to_another_request__is_not_taken(mischief: Mischief) -> None:
    mischief.answer = lambda _: b'{"jsonrpc":"2.0","id":99,"result":"0x1"}'
    with pytest.raises(RetryableError, match="answered request 1 with id 99"):
        Rpc(mischief.url).call("eth_chainId")


@pytest.mark.parametrize("ids", [[0, 0], [0, 2], [0], [1, 0, 2]])
def test_batch__answers_to_other_requests__are_not_taken(mischief: Mischief, ids: list[int]) -> None:
    mischief.answer = lambda _: json.dumps([{"jsonrpc": "2.0", "id": i, "result": "0x1"} for i in ids]).encode()
    with pytest.raises(RetryableError, match="with other ids"):
        Rpc(mischief.url).batch([("eth_chainId", ()), ("eth_blockNumber", ())])


def test_call__answer_that_trickles__ends_at_the_total_deadline(mischief: Mischief) -> None:
    mischief.answer = lambda _: b'{"jsonrpc":"2.0","id":1,"result":"' + b"x" * 1000 + b'"}'
    mischief.trickle = 0.02
    began = time.monotonic()
    with pytest.raises(Unavailable):
        Rpc(mischief.url, timeout=0.3).call("eth_chainId")
    assert time.monotonic() - began < 2


def test_send_raw__no_reply__is_not_repeated(mischief: Mischief) -> None:
    node = Node(Rpc(mischief.url, timeout=0.2), patience=5)
    with pytest.raises(Unavailable):
        node.send_raw(b"\x02")
    assert mischief.met == 1


def test_read__no_reply_at_first__is_repeated_within_patience(mischief: Mischief) -> None:
    def answer(request: dict[str, object]) -> bytes | None:
        return None if mischief.met == 1 else json.dumps({"id": request["id"], "result": "0x7"}).encode()

    mischief.answer = answer
    assert Node(Rpc(mischief.url, timeout=0.5), patience=10).chain_id == 7
    assert mischief.met > 1


def test_call__refused_by_the_node__keeps_its_words_and_code(anvil: Anvil) -> None:
    with Rpc(anvil.url) as rpc, pytest.raises(NodeRefusal, match="eth_foo: Method not found") as refused:
        rpc.call("eth_foo")
    assert refused.value.rpc_code == -32601


def test_batch__more_than_a_page__comes_back_in_order(anvil: Anvil) -> None:
    with Rpc(anvil.url) as rpc:
        count = BATCH_CALLS * 2 + 7
        calls = [("eth_chainId", ()) if i % 3 else ("eth_foo", ()) for i in range(count)]
        answers = rpc.batch(calls)
    assert [isinstance(answer, NodeRefusal) for answer in answers] == [i % 3 == 0 for i in range(count)]


def test_call__node_restarted_meanwhile__connects_anew(anvil: Anvil) -> None:
    rpc = Rpc(anvil.url)
    assert rpc.call("eth_chainId") == "0x7a69"
    anvil.kill()
    with pytest.raises(Unavailable):
        rpc.call("eth_chainId")
    with Anvil(AnvilOptions(port=anvil.port)):
        assert rpc.call("eth_chainId") == "0x7a69"
