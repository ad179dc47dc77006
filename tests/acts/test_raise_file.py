"""The file of terms: exact conversion, and everything that is wrong in it at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from registry.acts.desk import Desk
from registry.acts.raise_file import Who, read_draft, read_raise
from registry.acts.raise_table import Notes, TermsRefused
from registry.domain.ids import PartyId
from registry.errors import InputError
from tests.support.raise_bench import DAY, DOCUMENT, RaiseBench
from tests.support.registry_home import ROOT

EXAMPLE = ROOT / "examples" / "raise" / "series-a.toml"
UTC8 = 28_800


@pytest.fixture(scope="module")
def bench(module_desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> RaiseBench:
    return RaiseBench(module_desk, tmp_path_factory.mktemp("terms")).furnish()


def problems_of(file: Path) -> dict[str, str]:
    notes = Notes()
    read_draft(file, UTC8, notes)
    return {problem.field: problem.rule for problem in notes.problems}


def refuse(file: Path) -> None:
    notes = Notes()
    read_draft(file, UTC8, notes)
    notes.require_none(file.name)


def changed(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    text = EXAMPLE.read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    for name in ("memorandum.md", "risk-disclosure.md"):
        (tmp_path / name).write_bytes(EXAMPLE.with_name(name).read_bytes())
    file = tmp_path / "RAISE.toml"
    file.write_text(text)
    return file


def test_example__of_the_documents__is_read_exactly() -> None:
    notes = Notes()
    draft = read_draft(EXAMPLE, UTC8, notes)
    assert notes.problems == []
    terms = draft.terms.offering
    assert (terms.price, terms.minimum, terms.maximum) == (12_00, 1_200_000_00, 3_000_000_00)
    assert (terms.opens_at, terms.closes_at) == (1930266000, 1935331199)  # 09:00 of 3 March, 23:59:59 of 30 April 2031
    assert (terms.cooling_off, terms.settle_within, terms.fee_bps, terms.method) == (7 * DAY, 30 * DAY, 500, 2)
    escrow = draft.terms.escrow
    assert (escrow.window, escrow.arbitration, escrow.silence_upholds) == (7 * DAY, 30 * DAY, False)
    assert (escrow.challenge_bps, escrow.consent_bps, escrow.put_rate_bps, escrow.is_payer_issuer) == (
        1000,
        5000,
        500,
        True,
    )
    assert (escrow.claims, draft.people["lapse_account"]) == (180 * DAY, Who("escrow.lapsed_to", 1))
    assert (draft.people["arbiter"], draft.people["put_payer"]) == (
        Who("escrow.arbiter", "arbiter"),
        Who("escrow.put_payer", "issuer"),
    )
    assert [(t.is_share, t.value, t.on_miss) for t in draft.terms.tranches] == [
        (False, 400_000_00, 1),
        (True, 6_000, 2),
        (True, 4_000, 3),
    ]
    assert json.loads(draft.terms.tranches[1].terms) == {
        "at_least": 1000,
        "measure": "units shipped",
        "title": {"en": "1 000 units shipped", "zh": "首批一千台下线"},
    }
    ratchet = draft.terms.ratchet
    assert (ratchet.milestone, ratchet.source, ratchet.early_bps, ratchet.late_bps) == (1, 1, 200, 300)


def test_file__everything_wrong__is_told_at_once(tmp_path: Path) -> None:
    file = changed(
        tmp_path,
        ('price = "12.00"', 'price = "12.005"'),
        ('minimum = "1200000.00"', "minimum = -5"),
        ('investor_minimum = "12000.00"', "investor_minimum = nan"),
        ('investor_maximum = "600000.00"', "investor_maximum = 1e999999999"),
        ("opens = 2031-03-03T09:00:00", 'opens = "soon"'),
        ('cooling_off = "7 days"', 'cooling_off = "91 days"'),
        ('fee_percent = "5"', 'fee_percent = "100"'),
        ("risk_grade = 3", "risk_grade = true"),
        ('method = "pro_rata"', 'method = "lottery"'),
        ('memorandum = "memorandum.md"', 'memorandum = "missing.md"'),
        ('silence = "voids"', "silance = 1"),
        ('claim_period = "180 days"', 'claim_period = "0 days"'),
        ("lapsed_to = 1", ""),
        ("quorum = 2 # how many of them", "quorum = 17"),
        ("deadline = 2031-12-31", "deadline = 2031-05-01"),
        ('on_miss = "put"', 'on_miss = "forget"'),
        ("[ratchet]\nmilestone = 1", "[ratchet]\nmilestone = 3"),
    )
    found = problems_of(file)
    assert set(found) == {
        *("price", "minimum", "investor_minimum", "investor_maximum", "opens", "cooling_off", "fee_percent"),
        *(
            "risk_grade",
            "method",
            "memorandum",
            "escrow.silence",
            "escrow.silance",
            "escrow.claim_period",
            "escrow.lapsed_to",
            "tranche[0].quorum",
        ),
        *("tranche[0].deadline", "tranche[2].on_miss", "ratchet.milestone"),
    }
    assert found["escrow.silance"].startswith("no such term; there are arbiter")
    assert found["tranche[0].deadline"] == "after the window, the cooling-off period and the time for settling"


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        (('maximum = "3000000.00"', 'maximum = "1.00"'), "minimum", "not above the maximum"),
        (
            ('investor_maximum = "600000.00"', 'investor_maximum = "0.01"'),
            "investor_minimum",
            "not above the investor's",
        ),
        (("closes = 2031-04-30", "closes = 2031-03-01"), "opens", "before the window closes"),
        (('share_percent = "40"', 'share_percent = "40.01"'), "tranche", "sum to 100 percent"),
        (('amount = "400000.00"', 'amount = "1140000.01"'), "tranche", "not above 1140000.00, the least proceeds"),
        (('amount = "400000.00"', 'amount = "1.00"\nshare_percent = "5"'), "tranche[0].share_percent", "either"),
        (('extension = "180 days"', ""), "tranche[1].extension", "a time span"),
        (('voting = "14 days"', 'voting = "0 days"'), "tranche[1].on_miss", "needs escrow.voting above zero"),
        (('put_payer = "issuer"', ""), "escrow.put_payer_is_issuer", "only where there is a put_payer"),
        ((", measure = ", ", half = 0.5, measure = "), "tranche[1].terms", "a table of texts"),
        (("early_by = 2032-03-31", "early_by = 2032-10-01"), "ratchet.early_by", "not after late_after"),
        (("closes = 2031-04-30", "closes = 2031-04-30T12:00:00.5"), "closes", "a day or time"),
        (("fee_to = 2", "fee_to = 4294967296"), "fee_to", "a party's number"),
        (("[escrow]", "[escrow]\nspare = 1"), "escrow.spare", "no such term"),
        (('settle_within = "30 days"', 'settle_within = "3651 days"'), "settle_within", "to 315360000 seconds"),
        (('voting = "14 days"', 'voting = "3651 days"'), "escrow.voting", "to 315360000 seconds"),
        (('claim_period = "180 days"', 'claim_period = "3651 days"'), "escrow.claim_period", "from 1 to 315360000"),
        (('claim_period = "180 days"', ""), "escrow.claim_period", "a time span"),
        (("lapsed_to = 1", "lapsed_to = 0"), "escrow.lapsed_to", "a party's number"),
        (('extension = "180 days"', 'extension = "3651 days"'), "tranche[1].extension", "to 315360000 seconds"),
        (("deadline = 2031-12-31", "deadline = 2061-05-01"), "tranche[0].deadline", "at most 10950 days"),
    ],
)
def test_file__one_term_that_cannot_be__is_named_with_its_rule(
    tmp_path: Path, change: tuple[str, str], field: str, rule: str
) -> None:
    found = problems_of(changed(tmp_path, change))
    assert rule in found[field]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[", b"a = " + b"9" * 5_000, b"x = [" * 2_000])
def test_file__that_is_no_file_of_terms__is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "RAISE.toml"
    file.write_bytes(content)
    with pytest.raises(InputError):
        refuse(file)
    with pytest.raises(InputError, match="no such file of terms"):
        read_draft(tmp_path / "nothing.toml", UTC8, Notes())


def test_read__what_only_the_chain_knows__is_told_with_the_rest(bench: RaiseBench) -> None:
    file = bench.write("bad.toml", maximum="30000012.00", closes=bench.moment(-DAY), first=bench.moment(-1))
    text = (
        file.read_text().replace('class = "ORD"', 'class = "GOLD"').replace("issuer_account = 1", "issuer_account = 99")
    ).replace("lapsed_to = 1", "lapsed_to = 98")
    file.write_text(text.replace('arbiter = "arbiter"', 'arbiter = "nobody"'))
    with pytest.raises(TermsRefused) as refused:
        read_raise(bench.desk, file)
    fields = {problem.field for problem in refused.value.problems}
    unregistered = {"escrow.issuer_account", "escrow.lapsed_to"}
    assert {"opens", "class", "escrow.arbiter", "tranche[0].deadline", *unregistered} <= fields
    assert len(refused.value.as_dict()["problems"]) == len(refused.value.problems)
    text = text.replace("GOLD", "ORD").replace("issuer_account = 99", "issuer_account = 1")
    file.write_text(text.replace("lapsed_to = 98", "lapsed_to = 1"))
    with pytest.raises(TermsRefused) as refused:
        read_raise(bench.desk, file)
    told = {problem.field: problem.rule for problem in refused.value.problems}
    assert "not above the ceiling of region 310, 30000000.00" in told["maximum"]
    assert told["closes"] == "in the future, at most 3650 days from now"


def test_read__good_terms__keep_their_criteria_by_hash(bench: RaiseBench) -> None:
    terms = read_raise(bench.desk, bench.write())
    assert terms.offering.company == bench.company
    assert terms.offering.region == 310
    assert terms.offering.memorandum == DOCUMENT
    assert terms.escrow.issuer_account == terms.escrow.lapse_account == bench.desk.book(PartyId(1))
    kept = bench.desk.documents / terms.tranches[0].criterion.hex()
    assert kept.read_bytes() == b"licence"
