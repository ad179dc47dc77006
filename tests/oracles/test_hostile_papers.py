"""Signed papers with bytes turned, cut and put in: a reason each time, never an exception, never a verdict."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from oracles.feed import Terms, read_feed
from oracles.verdict import Sample
from oracles.wiring import judge
from registry.domain.attestation import REACHED
from tests.oracles.conftest import Write
from tests.oracles.test_signed_document import CMS, CRITERION, DOCUMENT, ED, KEY, LINES
from tests.support.papers import pdf, public_pem, sign_cms, sign_jws, sign_pdf
from tests.support.sources import Identity, identity

TIMES = 400 if os.environ.get("NIGHT") else 60
Mutate = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def root() -> Identity:
    return identity("Test Root")


@pytest.fixture(scope="module")
def bureau(root: Identity) -> Identity:
    return identity("Device Bureau", root)


@pytest.fixture
def terms(write: Write, root: Identity, tmp_path: Path) -> Callable[[str, str], Terms]:
    def terms(place: str, criterion: str = CRITERION, kind: str = "signed_document") -> Terms:
        (tmp_path / "root.pem").write_bytes(root.pem)
        (tmp_path / "key.pem").write_text(public_pem(KEY))
        return read_feed(write(kind, criterion + '[[source]]\nname = "s"\n' + place)).terms

    return terms  # type: ignore[return-value]


def mutations(content: bytes, seed: str) -> list[bytes]:
    """Different from the original, each in its own way."""
    chance = random.Random(f"{seed} {os.environ.get('SEED', '1')}")
    found = []
    for _ in range(TIMES):
        at, end = sorted((chance.randrange(len(content)), chance.randrange(len(content))))
        match chance.randrange(4):
            case 0:
                changed = content[:at] + bytes([content[at] ^ (1 << chance.randrange(8))]) + content[at + 1 :]
            case 1:
                changed = content[:at] + content[end:]
            case 2:
                changed = content[:at] + chance.randbytes(chance.randrange(1, 40)) + content[at:]
            case _:
                changed = content[:end]
        found.append(changed)
    return [changed for changed in found if changed != content]


def check(terms: Terms, samples: list[Sample], at: int) -> None:
    for sample in samples:
        verdict = judge(terms, [sample], at)
        assert verdict.outcome is None
        assert verdict.line.isprintable()


def now(bureau: Identity) -> int:
    return int(bureau.certificate.not_valid_before_utc.timestamp()) + 2 * 86_400


def test_pdf__mutated__is_never_a_verdict(terms: Callable[..., Terms], bureau: Identity) -> None:
    at = now(bureau)
    feed = terms('format = "pdf"\nfile = "x"\n' + CMS)
    signed = sign_pdf(pdf(LINES), bureau)
    assert judge(feed, [Sample("s", signed, fetched_at=at)], at).outcome == REACHED
    # The room for the signature itself is not signed, and longer than the signature.
    room = slice(signed.index(b"/Contents <") + 11, signed.index(b">", signed.index(b"/Contents <")))

    def is_signed(changed: bytes) -> bool:
        return (changed[: room.start], changed[room.stop :]) == (signed[: room.start], signed[room.stop :])

    samples = [Sample("s", changed, fetched_at=at) for changed in mutations(signed, "pdf") if not is_signed(changed)]
    assert len(samples) > TIMES // 2
    check(feed, samples, at)


def test_cms__mutated__is_never_a_verdict(terms: Callable[..., Terms], bureau: Identity) -> None:
    at = now(bureau)
    feed = terms('format = "json"\nfile = "x"\n' + CMS)
    signature = sign_cms(DOCUMENT, bureau)
    assert judge(feed, [Sample("s", DOCUMENT, signature, at)], at).outcome == REACHED
    # What is not signed of a CMS may change without harm; nothing else becomes true by it.
    for changed in mutations(signature, "cms"):
        verdict = judge(feed, [Sample("s", DOCUMENT, changed, at)], at)
        assert verdict.outcome in (None, REACHED)
        assert verdict.line
    check(feed, [Sample("s", changed, signature, at) for changed in mutations(DOCUMENT, "document")], at)


def test_ed25519__mutated__is_never_a_verdict(terms: Callable[..., Terms]) -> None:
    feed = terms('format = "json"\nfile = "x"\n' + ED)
    check(feed, [Sample("s", DOCUMENT, changed, 1) for changed in mutations(KEY.sign(DOCUMENT), "ed")], 1)


def test_jws__mutated__is_never_a_verdict(terms: Callable[..., Terms]) -> None:
    criterion = '[criterion]\npath = "$.users"\nat_least = 1\nobserved_at = "$.at"\n'
    feed = terms('url = "http://a.example"\njws_file = "key.pem"\n', criterion, "http_json")
    body = sign_jws(json.dumps({"users": 5, "at": 1_000_000}).encode(), KEY)
    assert judge(feed, [Sample("s", body)], 1_000_000).outcome == REACHED
    check(feed, [Sample("s", changed) for changed in mutations(body, "jws") if changed.strip() != body], 1_000_000)
