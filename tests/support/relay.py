"""A small real TCP proxy in front of a node that loses replies on purpose: the request arrives, the answer never."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable


class Relay:
    """`loses` looks at a request's bytes and says whether its answer is lost."""

    def __init__(self, port: int, loses: Callable[[bytes], bool]) -> None:
        self._target = port
        self._loses = loses
        self._server = socket.create_server(("127.0.0.1", 0))
        self.lost = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.getsockname()[1]}"

    def close(self) -> None:
        self._server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client, socket.create_connection(("127.0.0.1", self._target)) as node:
            while True:
                request = _message(client)
                if not request:
                    return
                node.sendall(request)
                answer = _message(node)
                if self._loses(request):
                    self.lost += 1
                    return
                client.sendall(answer)


def _message(source: socket.socket) -> bytes:
    """One HTTP message with a Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = source.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
    )
    while len(body) < length:
        piece = source.recv(65536)
        if not piece:
            return b""
        body += piece
    return head + b"\r\n\r\n" + body
