"""kill -9 at every step of a real daemon process, with a real key and a real server: attested once, never lost."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from pathlib import Path

import pytest

from oracles.commands import explain
from oracles.daemon import STEPS
from registry.chain.sign import Keystores, ensure_passphrase, passphrase_from
from registry.chain.typed import signer_of
from registry.documents import Documents
from registry.domain.attestation import Attestation
from registry.settings import Settings
from tests.oracles.conftest import Write
from tests.support.oracle_bench import BOARD, FileBoard
from tests.support.oracle_process import run_once, start
from tests.support.sources import Identity, Source, answer

KILLED = -signal.SIGKILL


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    ensure_passphrase(home / "passphrase")
    Keystores(home / "keystores", lambda: passphrase_from(home / "passphrase")).create("verifier")
    return home


@pytest.fixture
def file(write: Write, source: Source, server_identity: Identity) -> Path:
    """A feed whose source says something else each time it is asked."""
    counts = iter(range(100_000, 200_000))
    source.answers["/stats"] = lambda out: answer(json.dumps({"users": next(counts)}).encode())(out)  # noqa: PLW0108
    return write(
        "http_json",
        '[criterion]\npath = "$.users"\nat_least = 100000\n[signer]\nkey = "verifier"\n'
        f'[[source]]\nname = "stats"\nurl = "{source.url("/stats")}"\npin = "{server_identity.pin}"\n',
    )


@pytest.fixture
def board(tmp_path: Path) -> FileBoard:
    return FileBoard(tmp_path / "chain")


def check_one_attestation(home: Path, board: FileBoard) -> None:
    """One thing was said, by the verifier, and its evidence is in the store and gives the same verdict."""
    assert len(set(board.lines)) == 1
    told = json.loads(board.lines[0])
    signature = bytes.fromhex(told.pop("signature"))
    told |= {name: bytes.fromhex(told[name][2:]) for name in ("company", "escrow", "evidence")}
    attestation = Attestation(**told)
    verifier = Keystores(home / "keystores", lambda: "").address("verifier")
    assert signer_of(attestation, BOARD, signature) == verifier
    Documents(home / "documents").get(attestation.evidence)
    assert explain("0x" + attestation.evidence.hex(), Settings(home=home)).stands


@pytest.mark.parametrize("step", [step for step in STEPS if step != "disclosed"])
def test_daemon__killed_at_a_step__goes_on_and_says_one_thing(
    file: Path, home: Path, board: FileBoard, step: str
) -> None:
    assert run_once(file, home, board, step) == KILLED
    assert len(board.lines) == (1 if step == "submitted" else 0)
    assert run_once(file, home, board) == 0
    check_one_attestation(home, board)


def test_daemon__killed_at_every_step_in_turn__says_one_thing(file: Path, home: Path, board: FileBoard) -> None:
    for step in STEPS:
        assert run_once(file, home, board, step) in (KILLED, 0)  # what is done is not done again
    assert run_once(file, home, board) == 0
    check_one_attestation(home, board)


def test_daemon__killed_from_outside_at_any_moment__says_one_thing(file: Path, home: Path, board: FileBoard) -> None:
    moments = random.Random(int(os.environ.get("SEED", "1")))
    for _ in range(40 if os.environ.get("NIGHT") else 6):
        process = start(file, home, board)
        time.sleep(moments.uniform(0.0, 0.25))
        process.kill()
        process.join(20)
    assert run_once(file, home, board) == 0
    check_one_attestation(home, board)


def test_two_daemons__started_by_mistake__say_one_thing(file: Path, home: Path, board: FileBoard) -> None:
    processes = [start(file, home, board) for _ in range(3)]
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    check_one_attestation(home, board)


def test_daemon__its_verdict_lost_before_it_was_decided__is_judged_anew(
    file: Path, home: Path, board: FileBoard, source: Source
) -> None:
    assert run_once(file, home, board, "kept") == KILLED
    assert run_once(file, home, board) == 0
    assert len(source.asked) == 2
    assert len(Documents(home / "documents").of_kind("evidence")) == 2  # the first one nobody signed
    check_one_attestation(home, board)


def test_disclosing_daemon__killed_at_a_step__discloses_each_month_once(
    tmp_path: Path, home: Path, board: FileBoard
) -> None:
    from cryptography.hazmat.primitives.asymmetric import ed25519

    from registry.log import configure
    from tests.oracles.conftest import COMPANY
    from tests.support.papers import public_pem, sign_jws

    configure("error")
    key = ed25519.Ed25519PrivateKey.generate()
    months = [{"month": f"2026-{n:02d}", "figures": {"users": n}} for n in range(1, 4)]
    (tmp_path / "r").write_bytes(sign_jws({"company": COMPANY, "reported_at": int(time.time()), "months": months}, key))
    (tmp_path / "FEED.toml").write_text(
        f'kind = "kpi"\nname = "kpi"\ncompany = "{COMPANY}"\n[disclosed]\nfigures = ["users"]\nfirst = "2026-01"\n'
        f'[signer]\nkey = "verifier"\n[[source]]\nname = "issuer"\nfile = "r"\njws = """{public_pem(key)}"""\n'
    )
    for step in ("fetched", "disclosed", ""):
        run_once(tmp_path / "FEED.toml", home, board, step)
    documents = Documents(home / "documents")
    assert len(documents.of_kind("kpi")) == len(documents.of_kind("kpi_signature")) == 3
    assert len(list((home / "oracles" / "disclosures").glob("*.json"))) == 3
