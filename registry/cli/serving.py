"""Runs API and pages: a server, started by its import string, in a thread beside other work or alone."""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from registry.errors import InputError, RetryableError, Unavailable

APPLICATION = "api.app:create_app"
_PATIENCE = 30.0
# Open connections of a browser hold up the end so long and no longer [s].
_ENDING = 5


def listener(host: str, port: int, *, may_move: bool = False) -> socket.socket:
    """A socket that listens; where the port is taken another one is used if that may be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        if error.errno == errno.EADDRINUSE and may_move and port:
            return listener(host, 0)
        if error.errno in {errno.EADDRINUSE, errno.EACCES}:
            raise Unavailable(f"{host}:{port} cannot be had: {error.strerror}; choose another --port") from error
        message = f"{host!r} is no address of this machine: {error.strerror}"
        raise InputError(message, code="bind_host", field="host", value=host) from error
    return made


def address_of(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve_here(bound: socket.socket, log_level: str = "warning") -> None:
    """Serves until Ctrl-C, in this thread."""
    uvicorn.Server(_config(log_level)).run(sockets=[bound])


@contextmanager
def serving(bound: socket.socket) -> Iterator[str]:
    """Serves while the block runs; the address. Settings are read from the environment by the application itself."""
    server = uvicorn.Server(_config("warning"))
    failure: list[BaseException] = []

    def run() -> None:
        try:
            server.run(sockets=[bound])
        except BaseException as error:  # noqa: BLE001 (carried over to the thread that waits)
            failure.append(error)

    thread = threading.Thread(target=run, name="api", daemon=True)
    thread.start()
    deadline = time.monotonic() + _PATIENCE
    try:
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise failure[0] if failure else RetryableError("API and pages did not start")
            time.sleep(0.02)
        yield address_of(bound)
    finally:
        # Also when the end comes while it starts: nobody may write into a home that is being taken away.
        server.should_exit = True
        thread.join(_ENDING)


def _config(log_level: str) -> uvicorn.Config:
    return uvicorn.Config(APPLICATION, factory=True, log_level=log_level, timeout_graceful_shutdown=_ENDING - 3)
