"""A raise from the command line, from its file of terms to redemption; what is wrong is named, with its exit code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from registry.domain.days import to_date
from tests.support.raise_bench import DAY
from tests.support.raise_market import PAPER, Market

SIGNED = ("--disclosure", "0x" + "d2" * 32)
YEARS = "2190-12-31"


def test_life__of_a_raise__from_the_file_of_terms_to_the_last_fen(market: Market) -> None:
    say, bench = market.say, market.bench
    file = bench.write()
    created = say("raise", "create", file, *PAPER, "--key", "create")
    number = created["raise"]
    assert say("raise", "create", file, *PAPER, "--key", "create") == created
    say("raise", "admit", number, *PAPER)
    assert market.refused("raise", "open", number, *PAPER)["code"] == "QuorumAbovePanel"
    for party in (20, 21, 22):
        bench.desk.keys.wallet(f"lab{party}")
        say("verifier", "appoint", 1, 1, party, f"lab{party}", "--until", YEARS, *PAPER)
    assert [each["party"] for each in say("verifier", "list", 1, 1)["verifiers"]] == [20, 21, 22]
    say("raise", "open", number, *PAPER)

    assert say("raise", "check", number, 13, "1200")["passes"] is True
    asked = market.home.equity("raise", "check", number, 21, "5.01", "--json")
    assert asked.returncode == 1
    assert [each["rule"] for each in json.loads(asked.stdout)["rules"]] == ["SB-12", "SB-14", "SB-15", "SB-23"]
    assert "不是整数股" in market.home.equity("raise", "check", number, 21, "5.01").stdout
    refused = market.refused("raise", "subscribe", number, "2000000.01", "--wallet", "alice", *SIGNED)
    assert refused["values"]["rules"] == ["SB-14", "SB-16", "SB-18", "SB-21", "SB-23"]

    words = market.home.equity("raise", "subscribe", number, "2000000.01", "--wallet", "alice", *SIGNED).stderr
    for rule in ("SB-14: ", "SB-16: ", "SB-18: ", "SB-21: ", "SB-23: "):
        assert rule in words.splitlines()[0]

    first = say("raise", "subscribe", number, "12000", "--wallet", "alice", *SIGNED, "--key", "a")
    assert say("raise", "subscribe", number, "12000.00", "--wallet", "alice", *SIGNED, "--key", "a") == first
    say("raise", "subscribe", number, "6000", "--party", 13, *PAPER, *SIGNED)
    say("raise", "subscribe", number, "6000", "--wallet", "bo", *SIGNED)
    say("raise", "subscribe", number, "1200", "--wallet", "chen", *SIGNED)
    assert say("raise", "withdraw", number, "--wallet", "chen")["was_there"] is False
    assert say("raise", "withdraw", number, "--wallet", "chen")["was_there"] is True
    shown = say("raise", "show", number)
    assert (shown["phase"], shown["live"], shown["subscribers"], shown["seats_left"]) == ("open", 24_000_00, 3, 197)
    assert shown["money"]["in"] == 25_200_00

    (step,) = say("escrow", "show", number)["next"]
    assert (step["command"], step["from"]) == (f"equity raise settle {number}", shown["closes_at"] + 2 * DAY + 1)
    assert f"equity raise settle {number}" in market.home.equity("raise", "show", number).stdout
    assert market.refused("raise", "settle", number)["code"] == "NotDue"
    bench.later(13 * DAY)
    settled = say("raise", "settle", number)
    assert (settled["phase"], settled["served"], settled["money"]["fee"]) == ("settled", 3, 1_200_00)
    assert say("raise", "settle", number) == settled
    assert say("raise", "list")["raises"][-1]["raised"] == 24_000_00

    assert market.refused("escrow", "release", number, 0)["code"] == "NotReached"
    evidence = ("--evidence", "0x" + "e1" * 32)
    voted = say("verifier", "attest", number, 0, "reached", "--signer", "lab20", *evidence)
    assert (voted["yes"], voted["quorum"]) == (1, 2)
    say("verifier", "attest", number, 0, "reached", "--signer", "lab21", *evidence)
    say("verifier", "challenge", number, 0, "--wallet", "alice", "--wallet", "bo", *PAPER)
    assert say("escrow", "show", number)["milestones"][0]["case"] == "challenged"
    found = market.refused("verifier", "decide", number, 0, "--uphold", "--arbiter", "alice", *PAPER)
    assert (found["code"], found["values"]["arbiter"]) == ("NotAuthorised", "0x" + bench.desk.account("arbiter").hex())
    found = market.refused("escrow", "put", number, "--wallet", "bo")
    assert "puts wait until every tranche is released or missed; undecided: milestone 0, 1" in found["message"]
    say("verifier", "decide", number, 0, "--uphold", "--arbiter", "arbiter", *PAPER)
    released = say("escrow", "release", number, 0)
    assert say("escrow", "release", number, 0) == released | {"was_there": False}

    bench.later(210 * DAY)
    assert say("escrow", "miss", number, 1)["state"] == "missed"
    redeemed = say("escrow", "redeem", number)
    assert redeemed["money"] == {
        "in": 25_200_00,
        "held": 0,
        "released": 9_120_00,
        "fee": 1_200_00,
        "refunded": 1_200_00,
        "redeemed": 13_680_00,
    }
    put = say("escrow", "put", number, "--wallet", "bo")
    assert (put["shares"], put["paid"]) == (215, False)
    say("escrow", "pay-put", number, "bo", "--payer", "payer")
    say("escrow", "allow", number, "100000", "--wallet", "payer")
    assert say("escrow", "put", number, "--party", 13, *PAPER)["paid"] is True

    text = market.home.equity("escrow", "show", number).stdout
    for words in ("Money, CNY", "9 120.00", "13 680.00", "released", "missed", "2 of 2, 0 against"):
        assert words in text
    assert "Raise 1 at block" in market.home.equity("raise", "show", number).stdout
    early = say("raise", "show", number, "--block", str(first["block"]))
    assert early["money"]["in"] == 12_000_00
    assert say("audit")["verdict"] == "equal"


def test_key__that_is_not_here__is_told_with_those_that_are_and_how_one_is_made(market: Market) -> None:
    if market.bench.desk.raises.offering_count() == 0:
        market.bench.create()
    found = market.refused("raise", "subscribe", 1, "12", "--wallet", "nobody", *SIGNED, code=65)
    assert found["code"] == "key_unknown"
    for words in ("alice", "chen", "equity party bind PARTY --wallet NAME"):
        assert words in found["message"]


def test_bank__statement_against_the_chain__exit_1_tells_each_line(market: Market, tmp_path: Path) -> None:
    say, home = market.say, market.home
    market.bench.later(2 * DAY)  # what was paid in before is not of this statement's day
    day = say("region", "show", 310)
    assert (day["version"], day["halted"]) == (1, False)
    say("bank", "mint", "13:10.00:S-1", "13:0.01:S:2", *PAPER)
    say("bank", "burn", "13:5.00:S-3", *PAPER)
    assert say("bank", "balance", "13")["accounts"][0]["balance"] > 0
    today = to_date(market.bench.desk.today()).isoformat()
    head = "date,reference,amount,currency,account,text\n"
    lines = f"{today},S-1,10.00,CNY,,\n{today},S:2,0.01,CNY,,\n{today},S-3,-5.00,CNY,,\n"
    good = tmp_path / "good.csv"
    good.write_text(head + lines)
    found = say("bank", "reconcile", good)
    assert (found["clean"], found["matched"], found["difference"], found["from"]) == (True, 3, 0, today)
    bad = tmp_path / "bad.csv"
    bad.write_text(head + lines.replace("0.01", "0.02") + f"{today},S-9,7.00,CNY,,\n")
    done = home.equity("bank", "reconcile", bad)
    assert done.returncode == 1
    rows = done.stdout.splitlines()
    assert any(row.startswith("line 3: S:2: the amounts differ / 金额不一致; bank 0.02") for row in rows)
    assert any(row.startswith("line 5: S-9: in the statement, not on the chain") for row in rows)
    as_json = home.equity("bank", "reconcile", bad, "--json")
    assert as_json.returncode == 1
    assert json.loads(as_json.stdout)["difference"] == 7_01
    assert market.refused("bank", "reconcile", good, "--from", "x", code=65)["field"] == "from"
    assert market.refused("bank", "reconcile", tmp_path / "none.csv", code=65)["field"] == "statement"
    assert market.refused("bank", "reconcile", tmp_path, code=65)["field"] == "statement"
    assert market.refused("bank", "mint", "13:10.00:S-1", *PAPER)["code"] == "ReferenceUsed"
    assert "ReferenceUsed(ref=S-1)" in home.equity("bank", "mint", "13:10.00:S-1", *PAPER).stderr


def test_bank_and_region__stop_freeze_halt__are_lifted_again(market: Market) -> None:
    say = market.say
    say("bank", "freeze", "13", *PAPER)
    assert say("bank", "balance", "13")["accounts"][0]["frozen"] is True
    say("bank", "release", "13", *PAPER)
    say("bank", "stop", *PAPER)
    assert market.refused("bank", "mint", "13:1:S-8", *PAPER)["code"] == "MoneyIsStopped"
    say("bank", "resume", "--regulator", *PAPER)
    say("region", "scheme", 320, 1, "5000000", "--investor", "100000.50", *PAPER)
    say("region", "halt", 320, *PAPER)
    shown = say("region", "show", 320)
    assert (shown["halted"], shown["raise_ceiling"], shown["investor_ceiling"]) == (True, 5_000_000_00, 100_000_50)
    assert market.refused("region", "halt", 320, *PAPER)["code"] == "HaltUnchanged"
    say("region", "resume", 320, *PAPER)
    assert "clock is behind by" in market.home.equity("region", "show", 320).stdout
    say("raise", "limit", "1000000", *PAPER)
    say("raise", "outside-use", 14, 2026, "300000", "--until", YEARS, *PAPER)


def test_create__terms_that_cannot_be__are_all_in_the_error(market: Market, tmp_path: Path) -> None:
    text = market.bench.write("spoiled.toml").read_text()
    file = tmp_path / "RAISE.toml"
    file.write_text(text.replace("12.00", "12.001").replace("quorum = 2", "quorum = 0").replace('"pro', '"xx'))
    found = market.refused("raise", "create", file, *PAPER, code=65)
    assert found["code"] == "terms"
    fields = {each["field"] for each in found["problems"]}
    assert {"price", "tranche[0].quorum", "tranche[1].quorum"} <= fields
    done = market.home.equity("raise", "create", file, *PAPER)
    assert done.returncode == 65
    for name in fields:
        assert f"{name} is " in done.stderr


@pytest.mark.parametrize(
    ("arguments", "field", "code"),
    [
        (["raise", "show", "99"], "raise", "raise_unknown"),
        (["raise", "show", "one"], "raise", "raise_malformed"),
        (["raise", "check", "1", "12", "1e3"], "amount", "amount"),
        (["raise", "check", "1", "12", "１２"], "amount", "amount"),
        (["raise", "check", "1", "12", "0.001"], "amount", "fractional_fen"),
        (["raise", "check", "1", "12", "0"], "amount", "amount_out_of_range"),
        (["raise", "check", "1", "12", "184467440737095516.16"], "amount", "amount_out_of_range"),
        (["raise", "check", "1", "0", "12"], "account", "party_id"),
        (["raise", "subscribe", "1", "12", *SIGNED], "wallet", "subscriber"),
        (["raise", "subscribe", "1", "12", "--wallet", "alice", "--party", "10", *SIGNED], "wallet", "subscriber"),
        (["raise", "subscribe", "1", "12", "--party", "13", *SIGNED], "document", "document"),
        (["raise", "subscribe", "1", "12", "--wallet", "nobody", *SIGNED], "wallet", "key_unknown"),
        (["raise", "subscribe", "1", "12", "--wallet", "alice", "--disclosure", "none"], "disclosure", "document"),
        (["raise", "subscribe", "1", "12", "--wallet", "alice", *SIGNED, "--key", ""], "key", "key_missing"),
        (["raise", "create", "none.toml", *PAPER], "file", "file"),
        (["bank", "mint", "13:10.00", *PAPER], "lines", "line"),
        (["bank", "mint", "13:-1:R", *PAPER], "lines", "amount_out_of_range"),
        (["bank", "mint", "13:1: ", *PAPER], "lines", "reference"),
        (["bank", "mint", "13:1:R\n", *PAPER], "lines", "reference"),
        (["raise", "show", "1", "--block", "1"], "block", "raise_unknown"),
        (["bank", "mint", "13:1:R", "13:1:R", *PAPER], "reference", "reference_twice"),
        (["region", "scheme", "1", "1", "0", *PAPER], "ceiling", "amount_out_of_range"),
        (["escrow", "release", "1", "9"], "milestone", "milestone_unknown"),
        (["escrow", "release", "1", "first"], "milestone", "milestone"),
        (["escrow", "consent", "1", "0"], "wallet", "holder"),
        (["escrow", "consent", "1", "0", "--party", "13"], "document", "document"),
        (
            ["verifier", "attest", "1", "0", "yes", "--signer", "lab20", "--evidence", "0x" + "e1" * 32],
            "outcome",
            "outcome",
        ),
        (
            ["verifier", "attest", "1", "0", "reached", "--signer", "x", "--evidence", "0x" + "e1" * 32],
            "signer",
            "key_unknown",
        ),
        (["verifier", "challenge", "1", "0", *PAPER], "wallet", "challenger"),
        (["verifier", "decide", "1", "0", "--uphold"], "arbiter", "ruling"),
        (["verifier", "appoint", "1", "1", "20", "0x12", "--until", YEARS, *PAPER], "signer", "address"),
    ],
)
def test_command__what_cannot_be_meant__exits_65_naming_field_and_rule(
    market: Market, arguments: Sequence[str], field: str, code: str
) -> None:
    if market.bench.desk.raises.offering_count() == 0:
        market.bench.create()
    found = market.refused(*arguments, code=65)
    assert (found["field"], found["code"]) == (field, code)
