"""`equity oracle` as people run it: real processes with homes and keys of their own, what they print, how they end."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from oracles.journal import Journal
from registry.cli.demo_feeds import (
    Daemon,
    Source,
    Watched,
    running_oracles,
    serving_figures,
    verifier_home,
    wait_until,
    write_feed,
)
from registry.domain.board import CasePhase
from registry.domain.ids import Address
from registry.errors import RetryableError
from tests.support.oracle_onchain import ChainBench, check_stands_once
from tests.support.raise_story import VERIFIERS
from tests.support.registry_home import Home


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    with serving_figures(tmp_path_factory.mktemp("figures")) as source:
        yield source


def watched(chain: ChainBench, figures: Source, name: str) -> Watched:
    raiser = chain.raiser
    return Watched(raiser.company, raiser.escrow, 0, figures.url(name), figures.pin, "$.users", 100_000)


def phase_of(chain: ChainBench) -> CasePhase:
    (case,) = chain.raiser.reads.cases_of(chain.raiser.escrow, [0])
    return CasePhase(case.phase)


def test_three_daemons__two_see_it_reached__the_quorum_stands_and_signals_end_them(
    chain: ChainBench, figures: Source
) -> None:
    figures.tell("all", users=123_456, units=9)
    figures.tell("late", users=99_999)
    verifiers = [chain.verifier(key) for key in VERIFIERS.values()]
    sources = ("all", "all", "late")
    feeds = [
        (verifier, write_feed(verifier, watched(chain, figures, source)))
        for verifier, source in zip(verifiers, sources, strict=True)
    ]
    with running_oracles(feeds, chain.url) as daemons:
        wait_until(lambda: phase_of(chain) == CasePhase.QUORATE, daemons)
        ended = ["confirmed", "confirmed", "waiting"]
        wait_until(lambda: [(daemon.last() or {}).get("state") for daemon in daemons] == ended, daemons)
        daemons[0].process.send_signal(signal.SIGINT)
    assert [daemon.process.returncode for daemon in daemons] == [0, 0, 0]
    assert "ended; what was begun goes on with the next start" in daemons[0].troubles.read_text()
    for verifier, party in list(zip(verifiers, VERIFIERS, strict=True))[:2]:
        check_stands_once(chain, verifier, party)
    assert len(chain.attested()) == 2
    cycle = daemons[0].last()
    assert cycle is not None
    assert (cycle["feed"], cycle["submission"], cycle["alarms"]) == ("lab-0", "done", [])
    _check_explained(Home(verifiers[0].home, chain.url), cycle)


def _check_explained(home: Home, cycle: dict[str, object]) -> None:
    """`explain` in the verifier's home, by the digest that the daemon told."""
    found = home.equity_json("oracle", "explain", cycle["digest"])
    assert (found["stands"], found["attestation"]) == (True, cycle["attestation"])
    assert found["verdict"]["outcome"] == 1
    done = home.equity("oracle", "explain", cycle["digest"])
    assert "the evidence gives what was attested" in done.stdout
    assert "已达成：figures $.users 123456" in done.stdout
    journal = Journal(home.folder / "oracles")
    said = next(journal.all())
    other = journal.decide(said.board, Address(b"\7" * 20), replace(said.attestation, milestone=3))
    done = home.equity("oracle", "explain", "0x" + other.digest.hex())
    assert (done.returncode, "DIFFERS   milestone: attested 3, evidence 0" in done.stdout) == (1, True)


def test_check__by_kind_of_trouble__ends_with_its_code_and_sends_nothing(chain: ChainBench, figures: Source) -> None:
    figures.tell("all", users=123_456)
    lab = chain.verifier("lab")
    file = write_feed(lab, watched(chain, figures, "all"))
    home = Home(lab.home, chain.url)
    found = home.equity_json("oracle", "check", file)
    assert (found["would_attest"], found["case"]["phase"], found["case"]["outcomes"]) == (True, "collecting", [1])
    assert "attests   yes; nothing was sent" in home.equity("oracle", "check", file).stdout
    figures.tell("all", users=-1)
    refused = home.equity("oracle", "check", file, "--json")
    assert (refused.returncode, json.loads(refused.stdout)["verdict"]["reasons"][0]["code"]) == (1, "out_of_bounds")
    assert Home(lab.home, "http://127.0.0.1:1").equity("oracle", "check", file).returncode == 69
    bad = lab.home / "bad.toml"
    bad.write_text(file.read_text().replace("number = 0", "number = -1"))
    assert home.equity("oracle", "check", bad).returncode == 65
    bad.write_text(file.read_text().replace('key = "verifier"', 'key = "nobody"'))
    assert home.equity("oracle", "check", bad).returncode == 65
    (lab.home / "deployment.json").write_text("{}")
    assert home.equity("oracle", "check", file).returncode == 78
    assert (chain.attested(), (lab.home / "durable.db").exists()) == ([], False)


def test_check__dry_feed__needs_no_registry(chain: ChainBench, figures: Source, tmp_path: Path) -> None:
    figures.tell("all", users=123_456)
    lab = chain.verifier("lab")
    file = write_feed(lab, watched(chain, figures, "all"))
    file.write_text(file.read_text().replace('[signer]\nkey = "verifier"\n', ""))
    dry = Home(tmp_path / "empty", "http://127.0.0.1:1").equity_json("oracle", "check", file)
    assert (dry["signer"], dry["case"], dry["would_attest"], dry["verdict"]["outcome"]) == (None, None, False, 1)


def test_run__feed_or_chain_is_wrong__ends_with_its_code(chain: ChainBench, figures: Source) -> None:
    lab = chain.verifier("lab")
    file = write_feed(lab, watched(chain, figures, "all"))
    home = Home(lab.home, chain.url)
    wrong = lab.home / "wrong.toml"
    wrong.write_text(file.read_text().replace("number = 0", "number = 9"))
    done = home.equity("oracle", "run", wrong)
    assert (done.returncode, "number is 9; rule: 0 to 3 in this escrow" in done.stderr) == (65, True)
    (lab.home / "deployment.json").unlink()
    assert home.equity("oracle", "run", file).returncode == 69


def test_wait_until__a_daemon_has_ended_or_nothing_comes__says_so(chain: ChainBench, tmp_path: Path) -> None:
    lab = verifier_home(tmp_path, "newcomer", chain.raiser.stage.deployment)
    told, troubles = tmp_path / "told", tmp_path / "troubles"
    told.write_text('{"line": "the criterion is not met"}\n{"line": "to')
    troubles.write_text("no such milestone\n")
    for command, words in (
        ("exit 65", "the oracle of newcomer ended with 65: no such milestone"),
        ("sleep 9", "newcomer: the criterion is not met"),
    ):
        with subprocess.Popen(["sh", "-c", command]) as process:
            with pytest.raises(RetryableError, match=words):
                wait_until(lambda: False, [Daemon(lab, process, told, troubles)], patience=1)
            process.kill()
