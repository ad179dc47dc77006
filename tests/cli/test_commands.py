"""What commands show: help, tables, the one object of --json, the two times, and what documents say about them."""

from __future__ import annotations

import json
import re
import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from registry.cli.app import app
from registry.cli.lazy import COMMANDS
from tests.support.raise_market import error_of
from tests.support.registry_home import ACME, EXAMPLE, ROOT, Home, outside

DOCUMENT = "0x" + "d0" * 32
WORDS = re.compile(r"`(equity [^`\n]+)`|^(equity [^\n]+)$", re.MULTILINE)


def tree() -> Any:
    return typer.main.get_command(app)


def options_of(command: Any) -> set[str]:
    return {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}


def test_help__of_the_whole__lists_every_command(shared_home: Home) -> None:
    done = shared_home.equity("--help")
    assert done.returncode == 0
    for name, command in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(command.summary)}$", done.stdout, re.MULTILINE), name
    wanted = "up deploy company class party issue transfer cancel holders captable entries import mirror audit serve"
    raised = "bank region raise escrow dividend verifier oracle"
    assert set(COMMANDS) == {*wanted.split(), *raised.split(), "demo"}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help__of_one_command__says_more_and_agrees_with_the_list(name: str) -> None:
    command = tree().get_command(None, name)
    text = " ".join((command.help or "").split("\n\n")[0].split())
    assert text.startswith(COMMANDS[name].summary.removesuffix("."))
    for sub in getattr(command, "commands", {}).values():
        assert sub.help, f"{name} {sub.name}"


@pytest.mark.parametrize("words", ["dividend declare", "dividend schedule", "party onboard", "issue"])
def test_help__an_example_in_it__is_broken_nowhere_but_where_the_shell_goes_on(shared_home: Home, words: str) -> None:
    names = [*words.split(), "--help"]
    done = subprocess.run(
        shared_home.command(*names),
        cwd=ROOT,
        env=shared_home.environment | {"COLUMNS": "60"},
        capture_output=True,
        text=True,
        check=True,
    )
    example = re.search(rf"^  equity {words} ((?:.*\\\n)*.*)$", done.stdout, re.MULTILINE)
    assert example, done.stdout
    assert shlex.split(example[1])[-2] == "--document"


@pytest.mark.parametrize("name", ["README.md", "docs/runbook.md", "docs/architecture.md", "docs/oracles.md"])
def test_documents__every_command_they_name__exists_with_its_options(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    named = [next(filter(None, found)) for found in WORDS.findall(text)]
    assert named
    for line in named:
        words = line.split("#")[0].split()[1:]
        command, known = tree(), set()
        known |= options_of(command)
        while words and not words[0].startswith("-") and hasattr(command, "get_command"):
            if words[0] == "…":
                break
            found = command.get_command(None, words[0])
            assert found is not None, f"{name}: no command {line!r}"
            command = found
            known |= options_of(command) | {"--help"}
            words = words[1:]
        strange = {w.split("=")[0] for w in words if w.startswith("--")} - known
        assert not strange, f"{name}: {line!r} has {strange}"


def test_command__as_a_process__prints_one_object_and_nothing_else(shared_home: Home) -> None:
    done = shared_home.process("captable", "1", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["company"]["number"] == 1
    assert done.stdout.count("\n") == 1


def test_preview__of_any_package__loads_nothing_that_sends() -> None:
    program = (
        "import sys; sys.argv = ['equity', 'import', sys.argv[1], '--preview', '--json']\n"
        "from registry.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'eth_account', 'sqlalchemy', 'web3', 'fastapi'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(EXAMPLE)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_preview__acme__has_the_fixed_shape_and_its_totals(shared_home: Home) -> None:
    done = shared_home.equity("import", outside(ACME), "--preview", "--json")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert list(found)[:6] == ["ok", "company", "classes", "holders", "warnings", "errors"]
    assert found["ok"] is True
    assert found["company"] == "Acme Holdings Limited"
    assert [(c["id"], c["outstanding"]) for c in found["classes"]] == [
        ("ordinaryA", "145000"),
        ("ordinaryB", "50000"),
        ("preferred", "15000"),
    ]
    assert found["holders"] == 3
    assert len(found["warnings"]) >= 5
    assert found["errors"] == []


def test_preview__for_people__names_what_was_left_out_and_why(shared_home: Home) -> None:
    done = shared_home.equity("import", EXAMPLE, "--preview")
    assert done.returncode == 0
    for words in ("普通股", "10 500 000", "Left out", "TX_WARRANT_ISSUANCE", "Nothing has been written"):
        assert words in done.stdout


def test_captable__two_times__answers_what_was_known_and_what_was_in_force(shared_home: Home) -> None:
    def totals(*arguments: str) -> list[str]:
        return [c["outstanding"] for c in shared_home.equity_json("captable", "1", *arguments)["classes"]]

    assert totals() == ["10500000", "1920000", "3090000"]
    assert totals("--effective-on", "2022-12-31") == ["10500000", "2000000", "0"]
    assert totals("--effective-on", "2000-01-01") == ["0", "0", "0"]
    head = shared_home.equity_json("mirror", "sync")
    assert totals("--as-of", str(head["block"])) == totals("--as-of", "2999-12-31") == totals()


def test_captable__for_people__shows_names_shares_and_their_part(shared_home: Home) -> None:
    done = shared_home.equity("captable", "1")
    assert done.returncode == 0
    assert re.search(r"林若溪 .* 3 500 000 .* 33\.33", done.stdout)
    assert "林若溪" not in shared_home.equity("captable", "1", "--ids").stdout


def test_entries__walked_by_cursor__are_all_and_in_order(shared_home: Home) -> None:
    seen: list[int] = []
    cursor: list[str] = []
    while True:
        page = shared_home.equity_json("entries", "1", "--oldest-first", "--limit", "7", *cursor)
        seen += [entry["id"] for entry in page["entries"]]
        if page["next_cursor"] is None:
            break
        cursor = ["--cursor", page["next_cursor"]]
    whole = shared_home.equity_json("entries", "1", "--limit", "200")["entries"]
    assert seen == sorted(entry["id"] for entry in whole)
    first = next(entry for entry in whole if entry["id"] == seen[0])
    assert first["kind"] == "issue"
    assert first["basis"] == "migration"
    assert first["reference"].startswith("XG")


def test_life__of_a_company_made_by_hand__from_creation_to_cancellation(shared_home: Home, tmp_path: Path) -> None:
    paper = tmp_path / "resolution.txt"
    paper.write_text("resolved")
    given = ["--document", str(paper)]
    equity = shared_home.equity_json
    number = str(equity("company", "create", "手工有限公司", *given, "--form", "2")["company"])
    equity("class", "create", number, "Ordinary", "1000", "--symbol", "ORD", *given)
    until = ["--kyc-until", "2999-12-31", "--qualified-until", "2999-12-31"]
    lives = ["--country", "156", "--tax-residence", "702"]
    ann = str(equity("party", "onboard", "Ann", "--category", "founder", *lives, *until, *given)["party"])
    bob = str(equity("party", "onboard", "Bob", "--category", "qualified", *until, *given)["party"])
    equity("company", "open", number)
    price = ["--for", "cash", "--price", "4.20", "--currency", "CNY"]
    equity("issue", number, "ORD", f"{ann}:600", f"{bob}:100", *price, "--ref", "CS-1", *given)
    equity("party", "bind", bob, "--wallet", "bobs", *given)
    equity("transfer", number, "ORD", bob, "50", "--from", ann, *given)
    equity("cancel", number, "ORD", ann, "50", "--kind", "repurchase", *given)
    equity("company", "document", number, "--kind", "3", "--uri", "plan.pdf", *given)
    table = equity("captable", number)
    assert [(h["party"], h["shares"]) for h in table["classes"][0]["holders"]] == [(int(ann), "500"), (int(bob), "150")]
    assert table["company"]["cap"] == 50
    newest = equity("entries", number)["entries"]
    assert [entry["kind"] for entry in newest] == ["repurchase", "transfer", "issue", "issue"]
    assert newest[-1]["consideration"] == {"kind": "cash", "currency": 156, "price": "4.2000000000"}
    assert newest[-1]["reference"] == "CS-1"
    assert len(equity("party", "show", bob)["wallets"]) == 1
    facts = [equity("party", "show", each) for each in (ann, bob)]
    assert [(fact["country"], fact["tax_residence"]) for fact in facts] == [(156, 702), (0, 0)]
    assert equity("audit")["verdict"] == "equal"


@pytest.mark.parametrize(("option", "value"), [("tax-residence", "CN"), ("country", "1000"), ("country", "-1")])
def test_onboard__a_country_that_is_no_number__is_told_with_value_and_rule(
    shared_home: Home, option: str, value: str
) -> None:
    error = error_of(
        shared_home.equity("party", "onboard", "Ann", f"--{option}", value, "--document", DOCUMENT, "--json"), 65
    )
    assert (error["code"], error["field"], error["value"]) == ("country", option, value)
    assert "ISO 3166-1 number" in error["message"]


def test_stop_and_release__company_class_and_party__show_in_the_facts(shared_home: Home) -> None:
    equity, given = shared_home.equity_json, ("--document", DOCUMENT)
    equity("company", "stop", "1", *given)
    equity("class", "stop", "1", "0", *given)
    assert equity("company", "show", "1")["stops"] == ["ST-2"]
    assert equity("class", "list", "1")["classes"][0]["stops"] == ["ST-2", "ST-3"]
    equity("class", "release", "1", "0", *given)
    equity("company", "release", "1", *given)
    assert equity("class", "list", "1")["classes"][0]["stops"] == []
    equity("company", "stop", "1", "--regulator", *given)
    assert equity("company", "show", "1")["stops"] == ["ST-1"]
    equity("company", "release", "1", "--regulator", *given)


def test_party_list__in_pages__has_every_party_once_by_number(shared_home: Home) -> None:
    whole = shared_home.equity_json("party", "list", "--limit", 200)["parties"]
    numbers = [each["party"] for each in whole]
    assert numbers == sorted(set(numbers))
    first = shared_home.equity_json("party", "list", "--limit", 2)
    behind = shared_home.equity_json("party", "list", "--limit", 200, "--cursor", first["next_cursor"])
    assert first["parties"] + behind["parties"] == whole
    assert behind["next_cursor"] is None
    text = shared_home.equity("party", "list", "--limit", 2).stdout
    assert f"more: --cursor {first['next_cursor']}" in text
    head = next(line for line in text.splitlines() if "tax residence" in line)
    assert [cell.strip() for cell in head.strip("┃").split("┃")][:2] == ["party", "name"]


def test_erase__a_party__leaves_the_id_and_its_shares(shared_home: Home) -> None:
    before = shared_home.equity_json("party", "show", "3")
    assert before["name"]
    assert shared_home.equity_json("party", "erase", "3")["erased"] is True
    after = shared_home.equity_json("party", "show", "3")
    assert (after["name"], after["dossier"]) == (None, before["dossier"])
    assert shared_home.equity_json("party", "erase", "3")["erased"] is False


def test_key__given_by_the_caller__does_an_act_once(shared_home: Home) -> None:
    onboard = ["party", "onboard", "Twice", "--document", DOCUMENT, "--key", "once", "--category", "founder"]
    first = shared_home.equity_json(*onboard)
    assert shared_home.equity_json(*onboard) == first


def test_mirror__thrown_away__is_rebuilt_to_the_same_answers(shared_home: Home) -> None:
    before = shared_home.equity_json("captable", "1")
    shared_home.equity_json("mirror", "rebuild")
    assert shared_home.equity_json("captable", "1") == before
    assert shared_home.equity_json("mirror", "status")["block"] == before["as_of"]["block"]


def test_audit__one_share_changed_in_the_mirror__exits_1_and_names_it(home: Home) -> None:
    home.equity_json("import", EXAMPLE)
    with sqlite3.connect(home.folder / "mirror.db") as connection:
        connection.execute("UPDATE holdings SET shares = shares + 1 WHERE party = (SELECT min(party) FROM holdings)")
    done = home.equity("audit", "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert found["verdict"] == "different"
    assert any("balance" in d["field"] or "shares" in d["field"] for d in found["differences"])
    assert all(d["transaction"] for d in found["differences"] if d["party"])
