"""The verifier's manual: every example is a feed, every reason is told."""

from __future__ import annotations

import re
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519

from oracles.feed import KINDS, read_feed
from oracles.reasons import TEXTS
from oracles.seam import PHASES
from tests.support.papers import public_pem
from tests.support.sources import identity

MANUAL = Path(__file__).parents[2] / "docs" / "oracles.md"


def test_manual__its_examples__are_feeds_of_every_kind(tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(identity("Root").pem)
    (tmp_path / "issuer.pem").write_text(public_pem(ed25519.Ed25519PrivateKey.generate()))
    kinds = []
    for example in re.findall(r"```toml\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.DOTALL):
        (tmp_path / "FEED.toml").write_text(example, encoding="utf-8")
        kinds.append(read_feed(tmp_path / "FEED.toml").terms.kind)
    assert sorted(kinds) == sorted(KINDS)


def test_manual__every_reason_and_phase__is_told_in_two_languages() -> None:
    told = {
        code: (english, chinese)
        for code, english, chinese in re.findall(r"^\| `(\w+)` \| (.*) \| (.*) \|$", MANUAL.read_text(), re.MULTILINE)
    }
    assert told == TEXTS | PHASES
