"""JSON-RPC over one keep-alive HTTP connection: ids are compared, every exchange has one total deadline.

Nothing here is ever sent twice; who may repeat a request decides one floor up.
"""

from __future__ import annotations

import http.client
import itertools
import socket
import threading
import time
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import msgspec

from registry.errors import InputError, RetryableError, Unavailable

BATCH_BYTES: Final = 1_500_000
BATCH_CALLS: Final = 500


class NodeRefusal(RetryableError):
    """The node answered with an error. `rpc_code`, `data` are its own; a revert's bytes stand in `data`."""

    code = "node_refusal"

    def __init__(self, message: str, rpc_code: int = 0, data: Any = None) -> None:
        super().__init__(message)
        self.rpc_code = rpc_code
        self.data = data

    @property
    def is_revert(self) -> bool:
        """Did the contract refuse, and not the node itself?"""
        return self.rpc_code == 3 or "revert" in f"{self.message} {self.data}".lower()


class RawLog(msgspec.Struct, gc=False):
    """One log as the node wrote it, hex strings throughout."""

    address: str
    topics: tuple[str, ...]
    data: str
    blockNumber: str  # noqa: N815
    blockHash: str  # noqa: N815
    transactionHash: str  # noqa: N815
    logIndex: str  # noqa: N815
    blockTimestamp: str | None = None  # noqa: N815


class _Trouble(msgspec.Struct):
    code: int = 0
    message: str = ""
    data: Any = None


class _Reply(msgspec.Struct):
    id: int | str | None = None
    result: Any = None
    error: _Trouble | None = None


class _LogsReply(msgspec.Struct):
    id: int | str | None = None
    result: list[RawLog] | None = None
    error: _Trouble | None = None


_encode = msgspec.json.Encoder().encode
_reply = msgspec.json.Decoder(_Reply)
_replies = msgspec.json.Decoder(list[_Reply])
_logs_reply = msgspec.json.Decoder(_LogsReply)


class Rpc:
    """One connection; calls from several threads take turns."""

    def __init__(self, url: str, timeout: float = 30.0) -> None:
        parts = _parts(url)
        self.url = url
        self.timeout = timeout
        self._is_tls = parts.scheme == "https"
        self._host, self._port = parts.hostname or "", parts.port
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> Rpc:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def call(self, method: str, *params: Any) -> Any:
        """One request; its result. Raises NodeRefusal, or Unavailable when there was no answer."""
        request_id = next(self._ids)
        reply = self._decode(_reply, self.exchange(_encode(_request(request_id, method, params))))
        return self._result(reply, request_id, method)

    def raw_logs(self, criteria: dict[str, Any]) -> list[RawLog]:
        """eth_getLogs with a decoder of its own: no dictionaries on the way."""
        request_id = next(self._ids)
        body = self.exchange(_encode(_request(request_id, "eth_getLogs", (criteria,))))
        reply = self._decode(_logs_reply, body)
        result = self._result(reply, request_id, "eth_getLogs")
        return result if result is not None else []

    def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """Results in the order of the calls; a call that the node refused gives its NodeRefusal as the result."""
        results: list[Any] = []
        page: list[bytes] = []
        first, size = 0, 0
        for method, params in calls:
            body = _encode(_request(first + len(page), method, params))
            if page and (size + len(body) > BATCH_BYTES or len(page) == BATCH_CALLS):
                results += self._batch_page(page, first)
                first, size, page = first + len(page), 0, []
                body = _encode(_request(first, method, params))
            page.append(body)
            size += len(body)
        if page:
            results += self._batch_page(page, first)
        return results

    def _batch_page(self, page: list[bytes], first: int) -> list[Any]:
        replies = self._decode(_replies, self.exchange(b"[" + b",".join(page) + b"]"))
        by_id = {reply.id: reply for reply in replies}
        if len(replies) != len(page) or set(by_id) != set(range(first, first + len(page))):
            self.close()
            raise RetryableError(f"the node at {self.url} answered a batch of {len(page)} with other ids")
        ordered = (by_id[request_id] for request_id in range(first, first + len(page)))
        return [_refusal(reply.error) if reply.error else reply.result for reply in ordered]

    def exchange(self, body: bytes) -> bytes:
        """One HTTP exchange within the deadline, tried once."""
        with self._lock:
            deadline = time.monotonic() + self.timeout
            try:
                return self._post(body, deadline)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                raise Unavailable(f"no answer from the node at {self.url}: {_words(error)}") from error

    def _post(self, body: bytes, deadline: float) -> bytes:
        connection = self._connected(deadline)
        connection.request("POST", self._path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        chunks = []
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"deadline of {self.timeout:g} s passed")
            if connection.sock is not None:
                connection.sock.settimeout(left)
            chunk = response.read1(1 << 20)
            if not chunk:
                break
            chunks.append(chunk)
        answer = b"".join(chunks)
        # Nodes put JSON-RPC errors into 200 as well as 4xx; only an answer without a body of ours is trouble.
        if response.status >= 500 and not answer.startswith((b"{", b"[")):
            raise http.client.HTTPException(f"HTTP status {response.status}")
        if response.length:
            raise http.client.IncompleteRead(answer)
        response.close()  # read1 leaves it open at its end, and the connection would not take a next request
        return answer

    def _connected(self, deadline: float) -> http.client.HTTPConnection:
        left = max(0.001, deadline - time.monotonic())
        if self._connection is not None and self._is_stale():
            self.close()
        if self._connection is None:
            kind = http.client.HTTPSConnection if self._is_tls else http.client.HTTPConnection
            self._connection = kind(self._host, self._port, timeout=left)
            self._connection.connect()
            self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        elif self._connection.sock is not None:
            self._connection.sock.settimeout(left)
        return self._connection

    def _is_stale(self) -> bool:
        """The other side has closed an idle connection: readable without anything having been asked."""
        sock = self._connection.sock if self._connection else None
        if sock is None:
            return True
        sock.settimeout(0)
        try:
            sock.recv(1)  # nothing was asked, so an end of stream or stray bytes both make it unusable
            return True
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            return True

    def _decode(self, decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
        try:
            return decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self.close()
            shown = body[:80].decode("utf-8", "replace")
            raise RetryableError(f"the node at {self.url} sent what is not a JSON-RPC answer: {shown!r}") from error

    def _result(self, reply: Any, request_id: int, method: str) -> Any:
        if reply.error is not None:
            raise _refusal(reply.error, method)
        if reply.id != request_id:
            self.close()
            raise RetryableError(f"the node at {self.url} answered request {request_id} with id {reply.id!r}")
        return reply.result


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0 and url.isascii():
            return parts
    except ValueError:
        pass  # a port that is none, brackets that do not match
    message = f"the node's address must be http://host:port, not {url!r}"
    raise InputError(message, code="rpc_url", field="rpc_url", value=url)


def _request(request_id: int, method: str, params: Sequence[Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}


def _refusal(trouble: _Trouble, method: str = "") -> NodeRefusal:
    prefix = f"{method}: " if method else ""
    return NodeRefusal(f"{prefix}{trouble.message or 'error without words'}", trouble.code, trouble.data)


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
