"""What an opponent types: bytes that are no text, numbers that only look right, names that steer a terminal, keys used
twice. Each is refused with field, value and rule, in words, and leaves what was there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.registry_home import ROOT, Home

DOCUMENT = "0x" + "d1" * 32


def refused(home: Home, *arguments: str, code: int = 65) -> dict[str, Any]:
    """The one object of a command that must fail, without a traceback."""
    done = home.equity(*arguments, "--json")
    assert (done.returncode, done.stdout) == (code, ""), done
    (line,) = done.stderr.splitlines()
    found = json.loads(line)["error"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("arguments", "field", "code"),
    [
        (["party", "show", "9" * 5000], "party", "party_id"),
        (["class", "create", "1", "Z", "1." + "0" * 36 + "1"], "authorised", "fractional_quantity"),
        (["class", "create", "1", "Z", "１０"], "authorised", "quantity"),
        (["class", "create", "1", "Z", "10", "--admit", ""], "categories", "category"),
        (["class", "create", "1", " ", "10"], "name", "name_missing"),
        (["class", "create", "1", "Z", "10", "--symbol", "S" * 33], "symbol", "name_too_long"),
        (["company", "create", ""], "name", "name_missing"),
        (["company", "create", "x" * 401], "name", "name_too_long"),
        (["company", "create", "red \x1b[31m"], "name", "name_unprintable"),
        (["company", "create", "two\nlines"], "name", "name_unprintable"),
        (["company", "create", "X", "--key", ""], "key", "key_missing"),
        (["party", "onboard", "Old", "--kyc-until", "1960-01-01"], "kyc_until", "date_too_old"),
        (["issue", "1", "0", "1:5", "--locked-until", "1969-12-31"], "locked_until", "date_too_old"),
        (
            ["issue", "1", "0", "1:5", "--for", "cash", "--currency", "CNY", "--price", "1." + "0" * 30 + "1"],
            "price",
            "price",
        ),
        (["issue", "1", "0", "1:5", "--on", "2999-01-01"], "effective_on", "effective_in_future"),
    ],
)
def test_act__what_only_looks_right__exits_65_and_nothing_is_written(
    shared_home: Home, arguments: Sequence[str], field: str, code: str
) -> None:
    before = shared_home.equity_json("mirror", "sync")
    document = () if arguments[:2] == ["party", "show"] else ("--document", DOCUMENT)
    found = refused(shared_home, *arguments, *document)
    assert (found["field"], found["code"]) == (field, code)
    assert shared_home.equity_json("mirror", "sync") == before


def test_act__document_named_by_nothing__exits_65(shared_home: Home) -> None:
    assert refused(shared_home, "party", "freeze", "1", "--document", "")["code"] == "document"


def test_refusal__a_date_ahead__shows_the_date_itself(shared_home: Home) -> None:
    found = refused(shared_home, "company", "create", "X", "--on", "2999-01-01", "--document", DOCUMENT)
    assert found["value"] == "2999-01-01"


def test_arguments__bytes_that_are_no_text__exit_65_naming_the_argument(shared_home: Home) -> None:
    done = subprocess.run(
        [sys.executable.encode(), b"-m", b"registry.cli", b"company", b"create", b"\xff\xfe", b"--json"],
        cwd=ROOT,
        env=shared_home.environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 65, done.stderr
    found = json.loads(done.stderr)["error"]
    assert (found["code"], found["field"]) == ("encoding", "argument 3")


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999", "http://[::1", "http://127.0.0.1:0", "ftp://x", "http://"])
def test_node__an_address_that_is_none__exits_65_naming_it(shared_home: Home, url: str) -> None:
    found = refused(shared_home, "--rpc-url", url, "audit")
    assert (found["field"], found["value"]) == ("rpc_url", url)


def test_usage__with_json__is_one_object_too(shared_home: Home) -> None:
    assert refused(shared_home, "captable", code=2)["code"] == "usage"
    assert refused(shared_home, "nonsense", code=2)["code"] == "usage"


def test_version__asked_alone__is_printed(shared_home: Home) -> None:
    done = shared_home.equity("--version")
    assert done.returncode == 0
    assert done.stdout.strip() == "0.1.0"


def test_error__a_value_that_steers_a_terminal__is_shown_as_marks(shared_home: Home) -> None:
    done = shared_home.equity("captable", "\x1b]0;owned\x07")
    assert done.returncode == 65
    assert "\x1b" not in done.stderr
    assert "\x07" not in done.stderr


def test_key__used_again_with_other_particulars__is_refused_and_the_name_stays(shared_home: Home) -> None:
    onboard = ["party", "onboard", "First Person", "--document", DOCUMENT, "--key", "taken"]
    party = str(shared_home.equity_json(*onboard)["party"])
    found = refused(shared_home, "party", "onboard", "Second Person", "--document", DOCUMENT, "--key", "taken")
    assert (found["code"], found["field"], found["value"]) == ("operation_id_reused", "key", "taken")
    assert shared_home.equity_json("party", "show", party)["name"] == "First Person"
    assert str(shared_home.equity_json(*onboard)["party"]) == party


@pytest.mark.parametrize("text", ["{}", "[]", '{"address": 5}', '{"address": "zz"}', "[" * 100_000, "\udcff"])
def test_keystore__damaged__exits_78_naming_the_file(home: Home, text: str) -> None:
    file = home.folder / "keystores" / "platform.json"
    file.write_bytes(text.encode(errors="surrogateescape"))
    found = refused(home, "company", "create", "X", "--document", DOCUMENT, code=78)
    assert "platform.json" in found["message"]


def test_deployment__damaged_or_not_to_be_read__is_told_in_words(shared_home: Home, tmp_path: Path) -> None:
    (tmp_path / "deployment.json").write_text(
        '{"chain_id": 1, "genesis_hash": "0x' + "00" * 32 + '", "contracts": {}, "utc_offset": 0}'
    )
    told = refused(shared_home, "--home", str(tmp_path), "audit", code=78)["message"]
    assert (
        "without board and distributions and factory and offering_factory and preferences and regions and registry"
        in told
    )
    (tmp_path / "deployment.json").unlink()
    (tmp_path / "deployment.json").mkdir()
    refused(shared_home, "--home", str(tmp_path), "audit", code=69)
