"""Fixtures of the oracles' tests: sources on loopback, a feed's file, an oracle in a home of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oracles.feed import Feed, read_feed
from registry.chain.anvil import Anvil
from tests.support.oracle_onchain import ChainBench, settled_raise
from tests.support.raise_stage import Raiser
from tests.support.sources import Identity, Source, identity, serving
from tests.support.stage import Stage

COMPANY = "0x" + "c0" * 20
ESCROW = "0x" + "e5" * 20

HEAD = f"""
name = "feed"
company = "{COMPANY}"
[milestone]
escrow = "{ESCROW}"
number = 2
[attestation]
uri = "https://verifier.example/evidence/"
"""

Write = Callable[..., Path]
MakeFeed = Callable[..., Feed]


@pytest.fixture(scope="module")
def server_identity() -> Identity:
    return identity("localhost")


@pytest.fixture
def source(server_identity: Identity) -> Iterator[Source]:
    """A well-known TLS server."""
    with serving(server_identity) as started:
        yield started


@pytest.fixture
def plain_source() -> Iterator[Source]:
    """A server without TLS."""
    with serving(None) as started:
        yield started


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes FEED.toml: the kind, the usual head, and what follows."""

    def write(kind: str, rest: str, head: str = HEAD) -> Path:
        file = tmp_path / "FEED.toml"
        file.write_text(f'kind = "{kind}"\n{head}\n{rest}', encoding="utf-8")
        return file

    return write


@pytest.fixture
def feed(write: Write) -> MakeFeed:
    def feed(kind: str, rest: str, head: str = HEAD) -> Feed:
        return read_feed(write(kind, rest, head))

    return feed


@pytest.fixture(scope="module")
def settled(module_stage: Stage) -> Raiser:
    """A raise with its money in escrow, for a whole module."""
    return settled_raise(module_stage)


@pytest.fixture
def chain(
    settled: Raiser, module_anvil: Anvil, source: Source, server_identity: Identity, tmp_path: Path
) -> Iterator[ChainBench]:
    """The settled raise with its verifiers; what a test does to the chain is undone behind it."""
    node = settled.stage.node
    before = node.read("evm_snapshot")
    bench = ChainBench(settled, tmp_path, source, server_identity, module_anvil.url)
    bench.says(123_456)
    yield bench
    assert node.read("evm_revert", before)
