"""How a raise ends, and how verifiers come, go and are accused, from the command line."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from oracles.journal import Journal, attestation_json
from registry.domain.attestation import NOT_REACHED, REACHED, Attestation, Signed
from registry.domain.days import to_date
from registry.domain.ids import Day, Hash32
from tests.support.raise_bench import DAY
from tests.support.raise_market import PAPER, Market
from tests.support.registry_home import Home

YEARS = "2190-12-31"


@pytest.fixture(scope="module")
def settled(market: Market) -> Market:
    market.bench.settled()
    return market


def signed(market: Market, party: int, outcome: int) -> Signed:
    """What a verifier signs of milestone 0 in its first round."""
    bench = market.bench
    now = bench.desk.node.head().time
    said = Attestation(bench.company, bench.raise_.escrow, 0, 1, outcome, Hash32(b"\x20" * 32), "", now, now + DAY)
    signer = bench.desk.keys.wallet(f"verifier_{party}")
    return Signed(said, signer.address, signer.sign_statement(said, bench.board))


def as_file(folder: Path, name: str, statement: Signed, **changed: object) -> Path:
    content = {
        "attestation": attestation_json(statement.attestation),
        "signer": "0x" + statement.key.hex(),
        "signature": "0x" + statement.signature.hex(),
    }
    file = folder / name
    file.write_text(json.dumps(content | changed))
    return file


def shown(market: Market) -> list[tuple[str, str, bool]]:
    steps: list[dict[str, Any]] = market.say("escrow", "show", 1)["next"]
    return [(step["who"], step["command"], step["until"] is not None) for step in steps]


def test_rotate__by_anybody_but_the_key__is_refused_in_words(settled: Market) -> None:
    settled.bench.desk.keys.wallet("lab-2")
    for old in ("nobody", "0x" + "ab" * 20):
        found = settled.refused("verifier", "rotate", 1, 1, old, "lab-2", *PAPER, code=65)
        assert (found["code"], found["field"]) == ("key_unknown", "old")
        assert "dismissed and appointed anew, in force 14 days later" in found["message"]
    assert settled.refused("verifier", "rotate", 1, 1, "platform", "lab-2", *PAPER)["code"] == "VerifierUnknown"
    old = "0x" + settled.bench.desk.account("verifier_22").hex()
    settled.say("verifier", "rotate", 1, 1, old, "lab-2", *PAPER)
    new = "0x" + settled.bench.desk.account("lab-2").hex()
    assert settled.say("verifier", "list", 1, 1)["verifiers"][2]["signer"] == new
    assert "--own" not in settled.home.equity("verifier", "rotate", "--help").stdout


def test_appoint__once_a_case_is_before_the_panel__begins_with_the_notice(settled: Market) -> None:
    desk = settled.bench.desk
    desk.keys.wallet("lab19")
    arguments = ("verifier", "appoint", 1, 1, 19, "lab19", "--until", YEARS, *PAPER)
    today = to_date(desk.today()).isoformat()
    found = settled.refused(*arguments, "--from", today, code=65)
    assert (found["code"], found["field"], found["value"]) == ("notice", "from_day", today)
    earliest = to_date(Day(desk.today() + 14)).isoformat()
    assert settled.say(*arguments)["from"] == earliest
    assert settled.say("verifier", "list", 1, 1)["verifiers"][3]["from"] == earliest
    other = ("verifier", "appoint", 1, 2, 19, "lab19", "--until", YEARS, *PAPER)
    assert settled.say(*other)["from"] == to_date(desk.today()).isoformat()


def test_accuse__two_outcomes_of_one_round__suspends_whoever_signed_both(settled: Market, tmp_path: Path) -> None:
    yes, no = signed(settled, 21, REACHED), signed(settled, 21, NOT_REACHED)
    first = as_file(tmp_path, "yes.json", yes)
    assert settled.refused("verifier", "accuse", first, first)["code"] == "NoContradiction"
    # As an oracle of this home keeps it: the signature beside the attestation.
    journal = Journal(settled.home.folder / "oracles")
    decided = journal.decide(settled.bench.board, no.key, no.attestation)
    journal.keep_signature(decided, no.signature)
    done = settled.say("verifier", "accuse", first, "0x" + decided.digest.hex())
    assert (done["signer"], done["milestone"], done["was_there"]) == ("0x" + yes.key.hex(), 0, False)
    assert settled.say("verifier", "list", 1, 1)["verifiers"][1]["struck"] is True
    assert settled.say("verifier", "accuse", first, "0x" + decided.digest.hex()) == done


@pytest.mark.parametrize(
    ("changed", "code", "named"),
    [
        ({"attestation": None}, "statement", "attestation"),
        ({"attestation": {"company": "0x12"}}, "statement", "attestation.company"),
        ({"signer": "lab"}, "statement", "signer"),
        ({"signature": "0x123"}, "statement", "signature"),
        ({"signature": None}, "file", ""),
    ],
)
def test_accuse__a_file_that_says_nothing__is_named_with_its_field(
    settled: Market, tmp_path: Path, changed: dict[str, object], code: str, named: str
) -> None:
    good = as_file(tmp_path, "good.json", signed(settled, 20, REACHED))
    bad = as_file(tmp_path, "bad.json", signed(settled, 20, NOT_REACHED), **changed)
    found = settled.refused("verifier", "accuse", good, bad, code=65)
    assert (found["code"], found["object"], found["field"]) == (code, named, "second")


@pytest.mark.parametrize("content", [None, b"", b"[]", b"[" * 5_000, b"\xff", b"1" * 200_000])
def test_accuse__no_statement_at_all__is_bad_input(settled: Market, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "bad.json"
    if content is not None:
        file.write_bytes(content)
    assert settled.refused("verifier", "accuse", file, file, code=65)["field"] == "first"
    assert settled.refused("verifier", "accuse", "0x" + "ab" * 32, file, code=65)["code"] == "statement_unknown"


def test_recheck__of_a_case__writes_down_what_became_of_it(settled: Market) -> None:
    desk, escrow = settled.bench.desk, settled.bench.raise_.escrow
    again = settled.say("verifier", "recheck", 1, 0)
    assert (again["was_there"], again["round"]) == (True, 1)
    settled.bench.attest(20, 0)
    settled.say("verifier", "retract", 1, 0, "--signer", "verifier_20")
    # Two are left, of whom one took its vote back: a quorum of two cannot come about in this round.
    settled.say("verifier", "dismiss", 1, 1, "lab19", *PAPER)
    assert desk.raises.cases_of(escrow, [0])[0].round == 1
    done = settled.say("verifier", "recheck", 1, 0)
    assert (done["was_there"], done["round"], done["case"]) == (False, 2, "collecting")
    assert desk.raises.cases_of(escrow, [0])[0].round == 2
    assert settled.say("verifier", "recheck", 1, 0)["was_there"] is True
    assert settled.refused("verifier", "recheck", 1, 9, code=65)["code"] == "milestone_unknown"


def test_attest__on_a_chain_whose_clock_is_ahead__was_observed_by_its_newest_block(settled: Market) -> None:
    """AT-4: a statement by this machine's clock would have expired long ago."""
    bench = settled.bench
    bench.later(60 * DAY)
    head = bench.desk.node.head().time
    assert head > time.time() + 60 * DAY
    evidence = ("--signer", "lab-2", "--evidence", "0x" + "e1" * 32)
    assert settled.say("verifier", "attest", 1, 0, "reached", *evidence)["yes"] == 1
    bench.desk.catch_up()
    said = bench.desk.queries.attestations(limit=1).items[0]
    assert (said.party, said.observed_at) == (22, head)
    assert abs(said.expires_at - said.time - 30 * DAY) < 60


def test_rotate__in_the_home_of_a_verifier__needs_nothing_of_the_platform(settled: Market, tmp_path: Path) -> None:
    home, desk = settled.home, settled.bench.desk
    new = desk.keys.wallet("lab-3").address
    lab = Home(tmp_path / "lab", home.url)
    (lab.folder / "keystores").mkdir(mode=0o700, parents=True)
    for name in ("deployment.json", "passphrase", "keystores/verifier_20.json", "keystores/lab-3.json"):
        shutil.copy(home.folder / name, lab.folder / name)
    lab.equity_json("verifier", "rotate", 1, 1, "verifier_20", "lab-3", *PAPER)
    assert desk.raises.panel(settled.bench.company, 1)[0][0].key == new


def test_freeze__an_account_of_nobody__is_done_and_says_so(settled: Market) -> None:
    done = settled.home.equity("bank", "freeze", "99", *PAPER, "--json")
    assert (done.returncode, json.loads(done.stdout)["party"]) == (0, None)
    assert "nobody is registered behind 0x" in done.stderr
    escrow = "0x" + settled.bench.raise_.escrow.hex()
    assert "is a raise or an escrow" in settled.home.equity("bank", "freeze", escrow, *PAPER).stderr
    settled.say("bank", "release", escrow, *PAPER)
    known = settled.home.equity("bank", "freeze", "14", *PAPER, "--json")
    assert (json.loads(known.stdout)["party"], known.stderr) == (14, "")


def test_escrow__from_the_miss_to_the_end_of_the_claims__tells_who_may_do_what(settled: Market) -> None:
    say, bench = settled.say, settled.bench
    assert settled.refused("escrow", "lapse", 1)["code"] == "ClaimsNotBegun"
    command = "equity verifier attest 1 0 reached --signer NAME --evidence FILE (or not-reached)"
    assert shown(settled)[0] == ("verifiers", command, True)
    say("transfer", 1, "ORD", 12, 500, "--wallet", "bo")
    bench.later(101 * DAY)
    assert shown(settled)[0] == ("anybody", "equity escrow miss 1 0", False)
    assert say("escrow", "show", 1)["claims_end"] is None
    say("escrow", "miss", 1, 0)
    assert shown(settled) == [("anybody", "equity escrow redeem 1", False)]
    waits = say("escrow", "redeem", 1)
    assert (waits["waiting"], [each["party"] for each in waits["waits"]]) == (1, [11])
    text = settled.home.equity("escrow", "redeem", 1).stdout
    assert "party 11 waits: neither the account that subscribed nor the book account holds shares" in text
    refused = settled.refused("escrow", "put", 1, "--wallet", "alice")
    assert refused["code"] == "PutNotOpen"
    assert "no milestone that means one was missed by its own deadline" in refused["message"]
    assert " put " not in settled.home.equity("escrow", "show", 1).stdout.partition("What next")[2]
    seen = say("escrow", "show", 1)
    assert (seen["claims_end"] > seen["time"], seen["claim_period"], seen["lapsed"]) == (True, 180 * DAY, 0)
    assert "the claim period runs until" in settled.home.equity("escrow", "show", 1).stdout
    early = settled.home.equity("escrow", "lapse", 1).stderr
    assert "NotDue(clock=" in early
    assert early.count("+08:00") == 4
    assert isinstance(settled.refused("escrow", "lapse", 1)["values"]["due"], int)
    bench.later(180 * DAY + 60)
    assert ("anybody", "equity escrow lapse 1", False) in shown(settled)
    lapsed = say("escrow", "lapse", 1)
    assert (lapsed["lapsed"], lapsed["waiting"], lapsed["lapsed_to"]) == (5_700_00, 0, seen["lapsed_to"])
    assert say("escrow", "lapse", 1) == lapsed
    assert shown(settled) == []
    text = settled.home.equity("escrow", "show", 1).stdout
    assert "the claim period ended" in text
    assert "nothing is left to do" in text
    assert f"at 0x{settled.bench.raise_.escrow.hex()}" in text
    assert "5 700.00 CNY of what was redeemed lapsed" in text
    assert say("audit")["verdict"] == "equal"
