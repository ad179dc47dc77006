"""FEED.toml at the door: every problem at once, each with field, value and rule."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st

from oracles import bank_statement, http_json, kpi, signed_document  # noqa: F401 (the rooms of the four feeds)
from oracles.feed import Feed, FeedError, read_feed, terms_bytes, terms_from
from oracles.http_json.terms import Terms as HttpTerms
from oracles.terms import Place
from registry.errors import InputError
from tests.oracles.conftest import COMPANY, ESCROW, HEAD, MakeFeed, Write
from tests.support.papers import public_pem
from tests.support.sources import identity

CRITERION = '[criterion]\npath = "$.users"\nat_least = 100000\n'
PIN = "ab" * 32
SOURCE = f'[[source]]\nname = "stats"\nurl = "https://a.example/stats"\npin = "{PIN}"\n'


def problems(write: Write, kind: str, rest: str, head: str = HEAD) -> dict[str, str]:
    """Rules by field."""
    with pytest.raises(FeedError) as refused:
        read_feed(write(kind, rest, head))
    error = refused.value
    assert isinstance(error, InputError)
    assert error.field == error.problems[0].field
    assert all(str(problem) in error.message for problem in error.problems)
    return {problem.field: problem.rule for problem in error.problems}


def test_feed__not_there_not_toml_or_too_long__is_named(tmp_path: Path, write: Write) -> None:
    with pytest.raises(FeedError, match="can be read"):
        read_feed(tmp_path / "none.toml")
    for content in ('kind = "http_json', "a = 1\na = 2", "x = " + "[" * 5_000, "#" * 300_000, "d = 2026-13-01"):
        (tmp_path / "FEED.toml").write_text(content)
        with pytest.raises(FeedError, match="TOML"):
            read_feed(tmp_path / "FEED.toml")
    (tmp_path / "FEED.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(FeedError, match="TOML"):
        read_feed(tmp_path / "FEED.toml")


def test_feed__of_no_known_kind__is_refused_with_the_four(write: Write) -> None:
    rules = problems(write, "tarot", "")
    assert rules == {"kind": "one of http_json, signed_document, bank_statement, kpi"}


def test_feed__many_problems__are_told_at_once(write: Write) -> None:
    head = 'name = "A b"\ncompany = "0x12"\nevery = 0\ncolour = 7\n[milestone]\nescrow = "0x00"\nnumber = 256\n'
    rest = (
        '[criterion]\npath = "users"\nat_least = true\nobserved = 1\n[metrics]\nport = "9100"\n'
        '[[source]]\nname = "s"\nurl = "ftp://x"\npin = "zz"\ntimeout = 0\nmax_bytes = 10000000\n'
    )
    rules = problems(write, "http_json", rest, head)
    assert set(rules) == {
        "name", "company", "every", "colour", "milestone.escrow", "milestone.number", "criterion.path",
        "criterion.at_least", "criterion.observed", "metrics.port", "source[0].url", "source[0].pin",
        "source[0].timeout", "source[0].max_bytes",
    }  # fmt: skip
    assert "RFC 9535" in rules["criterion.path"]
    assert "decimal" in rules["criterion.at_least"]


@pytest.mark.parametrize(
    ("rest", "field", "rule"),
    [
        (CRITERION, "source", "Field required"),
        (SOURCE, "criterion", "Field required"),
        (CRITERION + SOURCE + SOURCE, "source", "a name of its own"),
        (CRITERION + '[[source]]\nname = "s"\nurl = "https://a.example"\n', "source[0]", "a pin, or a signature"),
        (CRITERION + f'[[source]]\nname = "s"\nurl = "http://a.example"\npin = "{PIN}"\n', "source[0]", "https://"),
        (CRITERION + '[[source]]\nname = "s"\nfile = "x.json"\n', "source[0]", "comes from a url"),
        (CRITERION + SOURCE.replace("https://", "https://user:secret@"), "source[0].url", "without a password"),
        (CRITERION + SOURCE.replace("a.example", "a.example:99999"), "source[0].url", "http(s)://"),
        (CRITERION.replace("100000", "inf") + SOURCE, "criterion.at_least", "finite"),
        (CRITERION.replace("100000", "nan") + SOURCE, "criterion.at_least", "finite"),
        (CRITERION.replace("100000", '"1e5"') + SOURCE, "criterion.at_least", "plain decimal"),
        (CRITERION.replace("100000", "1e300") + SOURCE, "criterion.at_least", "finite"),
        (CRITERION + "most = 5\n" + SOURCE, "criterion", "least ≤ at_least ≤ most"),
        (CRITERION + SOURCE + 'jws_file = "no.pem"\n', "source[0].jws_file", "a file that can be read"),
        (CRITERION + SOURCE + 'jws = "no key"\n', "source[0].jws", "a public key in PEM form"),
        (CRITERION + SOURCE + "[signer]\n", "signer", "either key or url"),
        (CRITERION + SOURCE + '[signer]\nurl = "http://127.0.0.1:8550"\n', "signer", "go together"),
        (CRITERION + SOURCE + '[signer]\nkey = "a"\nurl = "http://127.0.0.1:1"\n', "signer", "either key or url"),
        (
            CRITERION + SOURCE + f'[signer]\nurl = "http://127.0.0.1:1"\naddress = "{COMPANY}"\n',
            "signer.relay",
            "a key of the home that sends",
        ),
    ],
)
def test_feed__single_problem__is_named(write: Write, rest: str, field: str, rule: str) -> None:
    rules = problems(write, "http_json", rest)
    assert rule in rules[field]
    assert len(rules) == 1


def test_feed__milestone_without_attestation_or_criterion__is_refused(write: Write) -> None:
    head = f'name = "f"\ncompany = "{COMPANY}"\n'
    milestone = f'[milestone]\nescrow = "{ESCROW}"\nnumber = 0\n'
    assert "attestation" in problems(write, "http_json", CRITERION + SOURCE, head + milestone)
    assert "milestone" in problems(write, "http_json", CRITERION + SOURCE, head)
    disclosed = '[disclosed]\nfigures = ["users"]\nfirst = "2026-01"\n'
    key = public_pem(ed25519.Ed25519PrivateKey.generate())
    source = f'[[source]]\nname = "s"\nfile = "r"\ned25519 = """{key}"""\n'
    assert "criterion" in problems(write, "kpi", disclosed + source)
    other = '[criterion]\nfigure = "sales"\nat_least = 1\n'
    assert problems(write, "kpi", disclosed + other + source) == {"criterion.figure": "one of disclosed.figures"}


def test_feed__other_kinds__have_rules_of_their_own(write: Write) -> None:
    document = (
        '[criterion]\nlicence_number = "1"\nproduct = "p"\nnot_before = 2026-02-01\nnot_after = 2026-01-01\n'
        '[[source]]\nname = "s"\nformat = "pdf"\nfile = "x.pdf"\n'
    )
    rules = problems(write, "signed_document", document)
    assert set(rules) == {"criterion", "source[0]"}
    key = public_pem(ec.generate_private_key(ec.SECP256R1()))
    both = document.replace('"pdf"', '"json"').replace("2026-02-01", "2025-02-01") + f'ed25519 = """{key}"""\n'
    assert problems(write, "signed_document", both) == {"source[0].ed25519": "a public key in PEM form (Ed25519)"}
    bank = (
        '[criterion]\nmarks = []\nsince = "2026-1-1"\nat_least = 0\n[[source]]\nname = "s"\nurl = "https://b.example"\n'
    )
    assert set(problems(write, "bank_statement", bank)) == {"criterion.marks", "criterion.since", "criterion.at_least"}


def test_feed__in_order__is_a_frozen_value_with_its_keys_inside(feed: MakeFeed, tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(identity("Root").pem)
    read = feed(
        "signed_document",
        '[criterion]\nlicence_number = "1"\nproduct = "p"\nnot_before = 2026-01-01\nnot_after = "2026-12-31"\n'
        '[[source]]\nname = "s"\nformat = "pdf"\nfile = "x.pdf"\nx509 = { roots_file = "root.pem", signer = "B" }\n'
        "[signer]\nkey = 'verifier'\n[metrics]\nport = 9100\n",
    )
    assert isinstance(read, Feed)
    (tmp_path / "root.pem").unlink()
    again = terms_from(json.loads(terms_bytes(read.terms)))
    assert again == read.terms
    assert b"BEGIN CERTIFICATE" in terms_bytes(read.terms)
    assert (read.company.hex(), read.milestone, read.valid_for) == (COMPANY[2:], 2, 30 * 86_400)
    assert read.signer is not None
    with pytest.raises(AttributeError):
        read.name = "other"  # type: ignore[misc]


def test_terms__kept_with_evidence__tell_no_secret_and_every_default(feed: MakeFeed, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hush")
    source = '[[source]]\nname = "s"\nurl = "https://a.example"\nhmac = { header = "X-Sig", secret_file = "secret" }\n'
    kept = terms_bytes(feed("http_json", CRITERION + source).terms)
    assert b"hush" not in kept
    assert json.loads(kept)["criterion"]["most"] == "1000000000000000"
    assert json.loads(kept)["criterion"]["max_age"] == 86_400


def test_pin__as_hex_or_base64__is_the_same(feed: MakeFeed) -> None:
    import base64

    coded = base64.b64encode(bytes.fromhex(PIN)).decode()
    for form in (PIN, PIN.upper(), coded, f"sha256/{coded}", f"sha256//{coded}"):
        terms = feed("http_json", CRITERION + SOURCE.replace(PIN, form)).terms
        place: Place = terms.source[0]
        assert place.pin == PIN


@given(units=st.integers(-(10**9), 10**9), places=st.integers(0, 6))
def test_threshold__any_decimal__is_read_exactly(
    units: int, places: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sign, digits = "-" if units < 0 else "", str(abs(units)).rjust(places + 1, "0")
    text = sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)
    file = tmp_path_factory.getbasetemp() / "FEED.toml"
    for form in (text, f'"{text}"'):
        bounds = "least = -1000000000\nmost = 1000000000\n"
        rest = CRITERION.replace("100000", form) + bounds + SOURCE
        file.write_text(f'kind = "http_json"\n{HEAD}\n{rest}', encoding="utf-8")
        terms = read_feed(file).terms
        assert isinstance(terms, HttpTerms)
        assert terms.criterion.at_least == Decimal(units).scaleb(-places)
