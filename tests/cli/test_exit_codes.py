"""Every kind of failure has its exit code, names field, value and rule, and leaves nothing half written."""

from __future__ import annotations

import json
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry.chain.anvil import CREATED, Anvil, AnvilOptions, running
from tests.support.registry_home import ACME, EXAMPLE, Home, furnished, outside

DOCUMENT = "0x" + "d0" * 32


def error_of(done: subprocess.CompletedProcess[str], code: int) -> dict[str, Any]:
    """The error object of a command run with --json."""
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert done.stdout == ""
    found = json.loads(done.stderr.splitlines()[-1])["error"]
    assert found["exit_code"] == code
    assert found["message"]
    assert isinstance(found, dict)
    return found


def test_usage__an_unknown_command_or_a_missing_argument__exits_2(shared_home: Home) -> None:
    assert shared_home.equity("nonsense").returncode == 2
    assert shared_home.equity("issue", "1").returncode == 2
    assert shared_home.equity("captable", "1", "--limit", "5").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "code", "field", "value"),
    [
        (["captable", "99"], "company_unknown", "company", "99"),
        (["captable", "one"], "company_malformed", "company", "one"),
        (["captable", "1", "--as-of", "yesterday"], "time", "as_of", "yesterday"),
        (["captable", "1", "--as-of", "99999999"], "block_ahead", "as_of_block", "99999999"),
        (["captable", "1", "--effective-on", "2022-13-01"], "date", "effective_on", "2022-13-01"),
        (["entries", "1", "--cursor", "abc"], "cursor_malformed", "cursor", "abc"),
        (["party", "show", "4000000"], "party_unknown", "party", "4000000"),
        (["party", "show", "0"], "party_id", "party", "0"),
    ],
)
def test_read__what_is_not_there_or_malformed__exits_65_naming_it(
    shared_home: Home, arguments: list[str], code: str, field: str, value: str
) -> None:
    found = error_of(shared_home.equity(*arguments, "--json"), 65)
    assert (found["code"], found["field"], found["value"]) == (code, field, value)


@pytest.mark.parametrize(
    ("arguments", "code", "field", "value"),
    [
        (["issue", "1", "GOLD", "1:5"], "class_unknown", "class", "GOLD"),
        (["issue", "1", "0", "1:0.5"], "fractional_quantity", "lines", "0.5"),
        (["issue", "1", "0", "1:-5"], "quantity_out_of_range", "lines", "-5"),
        (["issue", "1", "0", "1:18446744073709551616"], "quantity_out_of_range", "lines", "18446744073709551616"),
        (["issue", "1", "0", "1:1e5"], "quantity", "lines", "1e5"),
        (["issue", "1", "0", "five"], "line", "lines", "five"),
        (["issue", "1", "0", "1:5", "--price", "1.5"], "price", "price", "1.5"),
        (["issue", "1", "0", "1:5", "--currency", "XYZ"], "currency", "currency", "XYZ"),
        (["issue", "1", "0", "0xabc:5"], "address", "lines", "0xabc"),
        (["issue", "1", "0", "1:5", "--on", "2999-01-01"], "effective_in_future", "effective_on", None),
        (["cancel", "1", "0", "1", "5", "--kind", "burn"], "kind", "kind", "burn"),
        (["transfer", "1", "0", "1", "5"], "giver", "from", ""),
        (["party", "classify", "1", "--category", "king"], "category", "category", "king"),
        (["class", "admit", "1", "0", "founder,unclassified"], "category", "categories", "founder,unclassified"),
    ],
)
def test_act__malformed_values__exit_65_naming_field_and_value(
    shared_home: Home, arguments: list[str], code: str, field: str, value: str | None
) -> None:
    found = error_of(shared_home.equity(*arguments, "--document", DOCUMENT, "--json"), 65)
    assert (found["code"], found["field"]) == (code, field)
    assert value is None or found["value"] == value


def test_act__document_that_is_not_there__exits_65(shared_home: Home) -> None:
    found = error_of(shared_home.equity("party", "freeze", "1", "--document", "no-such-file", "--json"), 65)
    assert (found["code"], found["field"], found["value"]) == ("document", "document", "no-such-file")


def test_issue__more_than_authorised_and_unclassified__exits_1_with_all_rules(shared_home: Home) -> None:
    done = shared_home.equity("issue", "1", "0", "1:99000000", "--document", DOCUMENT, "--json")
    found = error_of(done, 1)
    assert (found["code"], found["values"]["rules"]) == ("Refused", ["EL-1", "EL-2", "AU-1"])
    assert "接收方" in found["values"]["text_zh"]


def test_transfer__receiver_frozen__exits_1_with_the_rule(shared_home: Home) -> None:
    until = ["--category", "institution", "--kyc-until", "2999-12-31", "--document", DOCUMENT]
    shared_home.equity_json("party", "classify", "8", *until)
    shared_home.equity_json("party", "freeze", "8", "--document", DOCUMENT)
    giver = shared_home.equity_json("captable", "1")["classes"][0]["holders"][0]["party"]
    moving = ["transfer", "1", "0", "8", "5", "--from", str(giver), "--document", DOCUMENT]
    assert error_of(shared_home.equity(*moving, "--json"), 1)["values"]["rules"] == ["FR-2"]
    shared_home.equity_json("party", "release", "8", "--document", DOCUMENT)
    assert shared_home.equity(*moving).returncode == 0


# --- packages ---


def write_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def bomb(folder: Path) -> Path:
    return write_zip(folder / "bomb.zip", {"Manifest.ocf.json": b"{" + b" " * 300_000_000})


def traversal(folder: Path) -> Path:
    return write_zip(folder / "out.zip", {"../escaped.ocf.json": b"{}", "Manifest.ocf.json": b"{}"})


def malformed(folder: Path) -> Path:
    package = folder / "malformed"
    package.mkdir()
    (package / "Manifest.ocf.json").write_text('{"file_type": "OCF_MANIFEST_FILE", ')
    return package


def empty(folder: Path) -> Path:
    (folder / "empty").mkdir()
    return folder / "empty"


def missing(folder: Path) -> Path:
    return folder / "nowhere"


@pytest.mark.parametrize("make", [bomb, traversal, malformed, empty, missing])
def test_import__a_package_that_cannot_be_read__exits_65_and_writes_nothing(
    shared_home: Home, tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    package = make(tmp_path)
    before = shared_home.equity_json("mirror", "sync")
    found = error_of(shared_home.equity("import", package, "--json"), 65)
    assert found["code"]
    shown = shared_home.equity("import", package, "--preview", "--json")
    assert shown.returncode == 65
    preview = json.loads(shown.stdout)
    assert (preview["ok"], preview["classes"], preview["holders"]) == (False, [], 0)
    assert preview["errors"][0].keys() == {"code", "object", "field", "value", "message"}
    assert shared_home.equity_json("mirror", "sync") == before
    assert not (tmp_path.parent / "escaped.ocf.json").exists()


def test_preview__official_samples__parse_and_are_refused_with_a_list(shared_home: Home) -> None:
    done = shared_home.equity("import", outside(ACME.parent / "official_samples"), "--preview", "--json")
    assert done.returncode == 65
    found = json.loads(done.stdout)
    assert found["ok"] is False
    assert len(found["errors"]) > 5


# --- node and databases ---


def test_node_down__acts_and_audit__exit_69_and_a_read_says_so(anvil: Anvil, home: Home) -> None:
    home.equity_json("import", EXAMPLE)
    anvil.stop()
    for arguments in (["import", EXAMPLE], ["audit"], ["mirror", "sync"], ["deploy"]):
        assert error_of(home.equity(*arguments, "--json"), 69)["code"] == "unavailable"
    read = home.equity("captable", "1", "--json")
    assert read.returncode == 0
    assert "answered from the mirror as it stands" in read.stderr


def test_no_deployment__any_command__exits_69_and_says_how(tmp_path: Path) -> None:
    found = error_of(Home(tmp_path / "new", "http://127.0.0.1:9").equity("captable", "1", "--json"), 69)
    assert "equity deploy" in found["message"]


def test_wrong_chain__any_command__exits_78(home: Home) -> None:
    before = (home.folder / "deployment.json").read_bytes()
    with running(AnvilOptions(chain_id=4242)) as other:
        for arguments in (["import", EXAMPLE], ["deploy"]):
            found = error_of(Home(home.folder, other.url).equity(*arguments, "--json"), 78)
            assert "chain id 4242" in found["message"]
    assert (home.folder / "deployment.json").read_bytes() == before


def test_wiped_node__same_chain_id_and_genesis__exits_78_and_nothing_is_sent(anvil: Anvil, home: Home) -> None:
    home.equity_json("import", EXAMPLE)
    anvil.stop()
    with running(AnvilOptions(created=CREATED)) as wiped:
        emptied = Home(home.folder, wiped.url)
        for arguments in (["import", EXAMPLE], ["captable", "1"], ["audit"]):
            assert "wiped" in error_of(emptied.equity(*arguments, "--json"), 78)["message"]


def test_wiped_node__deployed_anew_at_the_same_addresses__exits_78(anvil: Anvil, home: Home) -> None:
    """The same keys give the same addresses and code: only the history tells."""
    home.equity_json("import", EXAMPLE)
    anvil.stop()
    with running(AnvilOptions(created=CREATED)) as wiped:
        again = Home(home.folder, wiped.url)
        kept = (home.folder / "deployment.json").read_bytes()
        assert "wiped" in error_of(again.equity("deploy", "--json"), 78)["message"].splitlines()[-1]
        (home.folder / "deployment.json").unlink()
        assert again.equity("deploy").returncode == 0
        (home.folder / "deployment.json").write_bytes(kept)
        for arguments in (["import", EXAMPLE], ["captable", "1"], ["audit"]):
            assert error_of(again.equity(*arguments, "--json"), 78)["code"] == "halt"


def test_database_of_another_chain__any_command__exits_78(home: Home, tmp_path: Path) -> None:
    with running(AnvilOptions(chain_id=4242)) as chain:
        other = furnished(tmp_path / "other", chain)
        other.equity_json("mirror", "sync")
        (home.folder / "mirror.db").write_bytes((other.folder / "mirror.db").read_bytes())
        assert "another chain" in error_of(home.equity("captable", "1", "--json"), 78)["message"]
        for file in home.folder.glob("mirror.db*"):
            file.unlink()
        other.equity_json("party", "erase", "1")
        for file in home.folder.glob("durable.db*"):
            file.unlink()
        (home.folder / "durable.db").write_bytes((other.folder / "durable.db").read_bytes())
        assert "does not open" in error_of(home.equity("import", EXAMPLE, "--json"), 78)["message"]


def test_database_damaged__any_command__exits_78(home: Home) -> None:
    (home.folder / "durable.db").write_bytes(b"no database" * 1000)
    assert error_of(home.equity("import", EXAMPLE, "--json"), 78)["code"] == "halt"


def test_no_passphrase_and_nobody_to_ask__an_act__exits_78(home: Home) -> None:
    (home.folder / "passphrase").unlink()
    found = error_of(home.equity("import", EXAMPLE, "--json"), 78)
    assert "EQUITY_PASSPHRASE_FILE" in found["message"]


def test_deployment_lost__deployed_again_with_the_same_keys__is_found_and_everything_goes_on(home: Home) -> None:
    home.equity_json("import", EXAMPLE)
    before = json.loads((home.folder / "deployment.json").read_text())
    (home.folder / "deployment.json").unlink()
    home.equity_json("deploy")
    after = json.loads((home.folder / "deployment.json").read_text())
    places = [{part: c["address"] for part, c in found["contracts"].items()} for found in (before, after)]
    assert places[0] == places[1]
    home.equity_json("mirror", "rebuild")
    assert home.equity_json("import", EXAMPLE)["was_there"] is True
    assert home.equity_json("audit")["verdict"] == "equal"
