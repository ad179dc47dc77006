"""Sources for oracles: real HTTP(S) servers on loopback whose every byte a test decides, and their certificates."""

from __future__ import annotations

import hashlib
import socket
import socketserver
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from typing import BinaryIO

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

Answer = Callable[[BinaryIO], None]
"""Writes whatever it likes; the connection is closed afterwards."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A key and its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pin(self) -> str:
        spki = self.certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(spki).hexdigest()

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def identity(name: str, issuer: Identity | None = None, days: tuple[int, int] = (-1, 30)) -> Identity:
    """Certified by `issuer`, or by itself; in force from and until so many days from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC).replace(microsecond=0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(_usage(is_authority=issuer is None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if issuer is not None:
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
        builder = builder.add_extension(own, critical=False)
    return Identity(key, builder.sign(issuer.key if issuer else key, hashes.SHA256()))


def answer(
    body: bytes, kind: str | None = "application/json", status: str = "200 OK", date: float | None = None, **more: str
) -> Answer:
    """A well-behaved answer; names of further headers have `_` for `-`."""
    head = {"Content-Length": str(len(body)), "Date": formatdate(time.time() if date is None else date, usegmt=True)}
    if kind is not None:
        head["Content-Type"] = kind
    head |= {name.replace("_", "-"): value for name, value in more.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items() if value)
    return raw(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body)


def raw(content: bytes) -> Answer:
    def write(out: BinaryIO) -> None:
        out.write(content)

    return write


def dripping(content: bytes, pause: float) -> Answer:
    """One byte at a time: every single wait is short."""

    def write(out: BinaryIO) -> None:
        for byte in content:
            out.write(bytes([byte]))
            out.flush()
            time.sleep(pause)

    return write


class Source:
    """A server on a free port; `answers` maps a path to what it does, `asked` counts."""

    def __init__(self, who: Identity | None) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self._scheme = "http" if who is None else "https"
        self._context = None if who is None else _context(who)
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                outer._handle(self.request)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *_: object) -> None:
                """A client that hangs up is part of the tests."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.01), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str = "/") -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}{path}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handle(self, connection: socket.socket) -> None:
        connection.settimeout(20)
        if self._context is not None:
            connection = self._context.wrap_socket(connection, server_side=True)
        with connection, connection.makefile("rwb") as stream:
            path = stream.readline().split(b" ")[1].decode()
            while stream.readline().strip():
                pass
            self.asked.append(path)
            self.answers.get(path, answer(b"{}", status="404 Not Found"))(stream)
            stream.flush()
            if isinstance(connection, ssl.SSLSocket):
                connection.unwrap().close()


@contextmanager
def serving(who: Identity | None) -> Iterator[Source]:
    source = Source(who)
    try:
        yield source
    finally:
        source.close()


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _context(who: Identity) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(who.key_pem + who.pem)
        file.flush()
        context.load_cert_chain(file.name)
    return context
