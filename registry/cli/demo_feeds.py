"""What independent verifiers work with on one machine: a home and a feed each, daemons, and a source on HTTPS.

All of it is real: the source is a server process with a key of its own, a daemon is `equity oracle run`.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from registry.chain.anvil import end_with_parent
from registry.chain.deployment import Deployment
from registry.chain.sign import Keystores, ensure_passphrase, passphrase_from, write_secret
from registry.cli.demo_server import PEM
from registry.domain.ids import Address
from registry.errors import RetryableError, Unavailable

KEY = "verifier"
"""Name of the key in each verifier's home."""
_LOOPBACK = "127.0.0.1"
_SERVER = Path(__file__).with_name("demo_server.py")
_PATIENCE = 20.0


# --- the source ---


@dataclass(frozen=True, slots=True)
class Source:
    """The running server. `pin` is the SHA-256 of its public key, as hex."""

    folder: Path
    port: int
    pin: str

    def url(self, name: str) -> str:
        return f"https://{_LOOPBACK}:{self.port}/{name}.json"

    def tell(self, name: str, **figures: int) -> None:
        """From now on /NAME.json answers these figures."""
        draft = self.folder / f".{name}.draft"
        draft.write_text(json.dumps(figures), encoding="utf-8")
        draft.replace(self.folder / f"{name}.json")


@contextmanager
def serving_figures(folder: Path) -> Iterator[Source]:
    """A server process on a free port of loopback, with a certificate made for it; it ends with the block."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    pin = _make_identity(folder / PEM)
    process = subprocess.Popen(
        [sys.executable, "-I", str(_SERVER), str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=end_with_parent,  # noqa: PLW1509 (one system call, loaded before the fork)
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise Unavailable("the server of the demo's figures did not start")
        yield Source(folder, int(line), pin)
    finally:
        _end([process])


def _make_identity(file: Path) -> str:
    """Key and self-signed certificate in one file; the pin."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(_LOOPBACK))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_secret(file, (private + certificate.public_bytes(Encoding.PEM)).decode())
    return hashlib.sha256(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


# --- the verifiers ---


@dataclass(frozen=True, slots=True)
class Verifier:
    """One verifier: a home with a key of its own, and what it knows of the registry."""

    name: str
    home: Path
    address: Address


def verifier_home(folder: Path, name: str, deployment: Deployment) -> Verifier:
    """A home as a verifier has it: passphrase, key, deployment. Nothing of the platform's is in it."""
    home = folder / name
    ensure_passphrase(home / "passphrase")
    keys = Keystores(home / "keystores", lambda: passphrase_from(home / "passphrase"))
    deployment.save(home / "deployment.json")
    return Verifier(name, home, keys.address(KEY) if KEY in keys.names() else keys.create(KEY).address)


@dataclass(frozen=True, slots=True)
class Watched:
    """What a feed is about: the figure at `path` of an answer reaches `at_least`."""

    company: Address
    escrow: Address
    milestone: int
    url: str
    pin: str
    path: str
    at_least: int


def write_feed(verifier: Verifier, watched: Watched, every: int = 1) -> Path:
    """FEED.toml in the verifier's home, one for each milestone. `every` [s]."""
    name = f"{verifier.name}-{watched.milestone}"
    file = verifier.home / f"{name}.toml"
    file.write_text(
        f"""kind = "http_json"
name = "{name}"
company = "0x{watched.company.hex()}"
every = {every}

[milestone]
escrow = "0x{watched.escrow.hex()}"
number = {watched.milestone}

[attestation]
uri = "https://{verifier.name}.example/evidence/"

[signer]
key = "{KEY}"

[criterion]
path = "{watched.path}"
at_least = {watched.at_least}

[[source]]
name = "figures"
url = "{watched.url}"
pin = "{watched.pin}"
""",
        encoding="utf-8",
    )
    return file


@dataclass(frozen=True, slots=True)
class Daemon:
    """`equity oracle run` as a process; its cycles are lines of JSON in `told`, its troubles in `troubles`."""

    verifier: Verifier
    process: subprocess.Popen[bytes]
    told: Path
    troubles: Path

    def last(self) -> dict[str, Any] | None:
        """Its newest whole cycle."""
        lines = self.told.read_text(encoding="utf-8").split("\n")[:-1]
        return json.loads(lines[-1]) if lines else None

    def require_alive(self) -> None:
        if self.process.poll() is not None:
            said = self.troubles.read_text(encoding="utf-8").strip()
            raise RetryableError(f"the oracle of {self.verifier.name} ended with {self.process.returncode}: {said}")


@contextmanager
def running_oracles(feeds: Sequence[tuple[Verifier, Path]], rpc_url: str) -> Iterator[list[Daemon]]:
    """A daemon for each feed; SIGTERM ends them with the block, and the kernel with this process."""
    daemons: list[Daemon] = []
    try:
        for verifier, feed in feeds:
            daemons.append(_start(verifier, feed, rpc_url))
        yield daemons
    finally:
        _end([daemon.process for daemon in daemons])


def wait_until(is_so: Callable[[], bool], daemons: Sequence[Daemon], patience: float = 60.0) -> None:
    """Looks until something is so; RetryableError when a daemon ends before, or patience [s] does."""
    deadline = time.monotonic() + patience
    while not is_so():
        for daemon in daemons:
            daemon.require_alive()
        if time.monotonic() > deadline:
            said = "; ".join(f"{daemon.verifier.name}: {(daemon.last() or {}).get('line')}" for daemon in daemons)
            raise RetryableError(f"the oracles did not come to an end within {patience:g} s: {said}")
        time.sleep(0.05)


def _start(verifier: Verifier, feed: Path, rpc_url: str) -> Daemon:
    told, troubles = feed.with_suffix(".jsonl"), feed.with_suffix(".err")
    settings = ["--home", str(verifier.home), "--rpc-url", rpc_url]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EQUITY_")}
    with told.open("ab") as out, troubles.open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "registry.cli", *settings, "oracle", "run", str(feed), "--json"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,  # Ctrl-C is this process's to pass on
            preexec_fn=end_with_parent,  # noqa: PLW1509 (one system call, loaded before the fork)
        )
    return Daemon(verifier, process, told, troubles)


def _end(processes: Sequence[subprocess.Popen[Any]]) -> None:
    """SIGTERM to all, SIGKILL to whoever does not end in time."""
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_PATIENCE)
        if process.stdout is not None:
            process.stdout.close()
