"""The demo's source: a small HTTPS server that answers FOLDER/NAME.json at /NAME.json.

Standard library only, and run by its path, so that it is up at once: `python -I demo_server.py FOLDER`. Key and
certificate lie in the folder.
"""

from __future__ import annotations

import re
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PEM = "server.pem"
_PATH = re.compile(r"/([a-z0-9-]{1,40})\.json")


class _Handler(BaseHTTPRequestHandler):
    """Answers the files of `folder`."""

    folder = Path()

    def do_GET(self) -> None:
        found = _PATH.fullmatch(self.path)
        try:
            body = (self.folder / f"{found[1]}.json").read_bytes() if found else None
        except OSError:
            body = None
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *_: Any) -> None:
        """Who asks is no news."""


def serve(folder: Path) -> None:
    """Until the process is ended; the port is the first line on stdout."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / PEM)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"folder": folder}))
    # The handshake is the handler's, in its own thread: nobody who stays silent holds the others up.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
