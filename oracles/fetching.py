"""One exchange with a source: bounded in time and size, nothing followed, the server's key looked at before asking.

What goes wrong comes out as a reason; nothing here judges what the body says.
"""

from __future__ import annotations

import contextlib
import email.utils
import hashlib
import http.client
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from oracles.reasons import Reason, Refused
from oracles.terms import Place
from oracles.verdict import Sample

JSON_TYPES: Final = frozenset({"application/json"})
JOSE_TYPES: Final = frozenset({"application/jose", "application/jwt", "application/json", "text/plain"})
PDF_TYPES: Final = frozenset({"application/pdf"})
STATEMENT_TYPES: Final = frozenset({"text/csv", "application/xml", "text/xml"})
SIGNATURE_TYPES: Final = frozenset(
    {"application/octet-stream", "application/pkcs7-signature", "application/x-pkcs7-signature", "text/plain"}
)
MOST_SIGNATURE: Final = 100_000

_LINGER: Final = 0.25
"""[s] How long to see whether a source says more than it announced."""

_OUT_OF_TIME: Final = frozenset({9, 10})
"""OpenSSL's codes for a certificate that is not in force yet, or not any more."""

Clock = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address answered."""

    body: bytes
    headers: http.client.HTTPMessage
    key: str


def fetch(place: Place, folder: Path, types: frozenset[str], clock: Clock, header: str = "") -> Sample:
    """A source's content as a sample, from its file or address; never raises for what the source does.

    `header` names a header whose value is kept as the signature.
    """
    at = clock()
    try:
        if place.file is not None:
            return Sample(place.name, read_file(folder / place.file, place.max_bytes), fetched_at=at)
        answer = _exchange(place, place.url or "", place.max_bytes, types, at)
    except Refused as refused:
        return _nothing(place, at, refused.reason)
    signature = (answer.headers.get(header) or "").encode("latin-1") if header else b""
    return Sample(place.name, answer.body, signature, at, _date(answer.headers), answer.key)


def fetch_signature(place: Place, folder: Path, where: str, sample: Sample) -> Sample:
    """The same sample with the detached signature that lies at `where`."""
    if sample.reasons:
        return sample
    try:
        if place.file is not None:
            found = read_file(folder / where, MOST_SIGNATURE)
        else:
            found = _exchange(place, where, MOST_SIGNATURE, SIGNATURE_TYPES, sample.fetched_at).body
    except Refused as refused:
        return _nothing(place, sample.fetched_at, refused.reason)
    return Sample(sample.source, sample.body, found, sample.fetched_at, sample.date, sample.key)


def read_file(file: Path, most: int) -> bytes:
    """A file's content; refused when it is not there or longer than `most` bytes."""
    try:
        with file.open("rb") as opened:
            content = opened.read(most + 1)
    except OSError as error:
        raise Refused("source_down", "file", f"{file.name}: {error.strerror}") from error
    if len(content) > most:
        raise Refused("source_too_long", "file", file.name, f"at most {most} bytes")
    return content


def _nothing(place: Place, at: int, reason: Reason) -> Sample:
    named = Reason(reason.code, place.name, reason.field, reason.value, reason.rule)
    return Sample(place.name, fetched_at=at, reasons=(named,))


def _exchange(place: Place, url: str, most: int, types: frozenset[str], at: int) -> Answer:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    with _Watch(place.timeout) as watch, _as_reasons(watch):
        connected: socket.socket = socket.create_connection((host, port), timeout=place.timeout)
        watch.guard(connected)
        key = ""
        try:
            if parts.scheme == "https":
                connected = _secured(connected, host, place.pin)
                key = _checked_key(connected, place.pin, at)
            return _ask(connected, host, port, parts.path, parts.query, most, types, key)
        finally:
            connected.close()


def _secured(plain: socket.socket, host: str, pin: str | None) -> ssl.SSLSocket:
    """The connection after its handshake. With a pin the key alone is trusted; without one the usual authorities
    vouch for the host."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if pin:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain, server_hostname=host)


def _checked_key(secured: socket.socket, pin: str | None, at: int) -> str:
    """SHA-256 of the server's public key; its certificate is in force, pinned or not."""
    der = secured.getpeercert(binary_form=True) if isinstance(secured, ssl.SSLSocket) else None
    certificate = x509.load_der_x509_certificate(der or b"")
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    found = hashlib.sha256(spki).hexdigest()
    if pin and found != pin:
        raise Refused("key_not_pinned", "pin", found, pin)
    begins = int(certificate.not_valid_before_utc.timestamp())
    ends = int(certificate.not_valid_after_utc.timestamp())
    if not begins <= at <= ends:
        raise Refused("certificate_expired", "certificate", f"{begins} to {ends}", f"in force at {at}")
    return found


def _ask(
    connected: socket.socket, host: str, port: int, path: str, query: str, most: int, types: frozenset[str], key: str
) -> Answer:
    connection = http.client.HTTPConnection(host, port)
    connection.sock = connected
    headers = {"Accept-Encoding": "identity", "Connection": "close", "User-Agent": "equity-oracle"}
    connection.request("GET", (path or "/") + (f"?{query}" if query else ""), headers=headers)
    with connection.getresponse() as response:
        _check_headers(response, types)
        return Answer(_body(connected, response, most), response.headers, key)


def _check_headers(response: http.client.HTTPResponse, types: frozenset[str]) -> None:
    headers = response.headers
    if 300 <= response.status < 400:
        raise Refused("source_redirects", "status", response.status, "200")
    if response.status != 200:
        raise Refused("source_status", "status", response.status, "200")
    kind = headers.get_content_type() if "Content-Type" in headers else "none"
    if kind not in types:
        raise Refused("source_type", "Content-Type", kind, " or ".join(sorted(types)))
    encoding = headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise Refused("source_encoding", "Content-Encoding", encoding, "identity")


def _body(connected: socket.socket, response: http.client.HTTPResponse, most: int) -> bytes:
    """The whole body. A source says how long it is, and keeps its word: what ends with the connection may be cut."""
    if response.chunked:
        content = response.read(most + 1)
        if len(content) > most:
            raise Refused("source_too_long", "body", f"more than {most} bytes", f"at most {most} bytes")
        return content
    stated = response.headers.get_all("Content-Length", [])
    if len(stated) != 1 or response.length is None or not stated[0].strip().isdecimal():
        raise Refused("source_length", "Content-Length", ", ".join(stated) or "none", "one length, or chunks")
    length = response.length
    if length > most:
        raise Refused("source_too_long", "Content-Length", length, f"at most {most} bytes")
    # Read beneath the response, which would stop at the length and never see what follows.
    content = response.fp.read(length)
    if len(content) < length:
        raise Refused("source_length", "body", f"{len(content)} bytes", f"the stated {length}")
    if _goes_on(connected, response):
        raise Refused("source_length", "body", f"more than {length} bytes", f"the stated {length}")
    return content


def _goes_on(connected: socket.socket, response: http.client.HTTPResponse) -> bool:
    connected.settimeout(_LINGER)
    try:
        return bool(response.fp.read(1))
    except TimeoutError:
        return False  # it keeps the connection open and says nothing more


class _Watch:
    """Ends a connection when the time for the whole exchange is over, however slowly its bytes drip."""

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._watched: socket.socket | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> _Watch:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            if self._watched is not None:
                self._watched.close()
                self._watched = None

    def guard(self, connected: socket.socket) -> None:
        with self._lock:
            self._watched = socket.socket(fileno=os.dup(connected.fileno()))
        if self.is_over:
            self._end()

    def _end(self) -> None:
        self.is_over = True
        with self._lock, contextlib.suppress(OSError):
            if self._watched is not None:
                self._watched.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def _as_reasons(watch: _Watch) -> Iterator[None]:
    try:
        yield
    except Refused:
        if watch.is_over:  # a body cut by ourselves looks like a lie about its length
            raise Refused("source_slow", "url") from None
        raise
    except ssl.SSLCertVerificationError as error:
        code = "certificate_expired" if error.verify_code in _OUT_OF_TIME else "certificate_refused"
        raise Refused(code, "certificate", error.verify_message) from error
    except http.client.IncompleteRead as error:
        raise Refused("source_slow" if watch.is_over else "source_length", "body") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        is_slow = watch.is_over or isinstance(error, TimeoutError)
        raise Refused("source_slow" if is_slow else "source_down", "url", _words(error)) from error


def _words(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__


def _date(headers: http.client.HTTPMessage) -> int | None:
    """The source's clock [unix s], if it says it."""
    try:
        return int(email.utils.parsedate_to_datetime(headers.get("Date", "")).timestamp())
    except (ValueError, OverflowError):
        return None
