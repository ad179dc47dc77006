"""Names that would spoil a payment file: made so that a bank takes them, and one name never keeps others unpaid."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from registry.interchange.payments import as_csv, as_pain001, payable_name
from tests.interchange.test_payments import CREATED, ORDERS, PAYER, schema


@pytest.mark.parametrize(
    ("name", "payable"),
    [
        ("张　三", "张 三"),
        ("Müller\u00a0GmbH", "Müller GmbH"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("Ann\nLee\t\x00", "Ann Lee"),
        ("\ufeffAnn\u200b", "Ann"),
        ("李𬱖 🐉", "李𬱖 🐉"),
        ("n" * 400, "n" * 140),
        ("x" * 139 + " y", "x" * 139),
        ("<b>&\"'", "<b>&\"'"),
        ("\ud800", ""),
        ("\u200b \x07", ""),
    ],
)
def test_name__of_any_kind__is_one_that_a_bank_takes(name: str, payable: str) -> None:
    assert payable_name(name) == payable


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=400))
def test_name__whatever_it_was__is_valid_in_both_files(name: str) -> None:
    orders = (replace(ORDERS[0], name=payable_name(name) or "party 12"), ORDERS[1])
    schema().assertValid(etree.fromstring(as_pain001(orders, PAYER, "M", CREATED)))
    assert len(list(csv.reader(io.StringIO(as_csv(orders).decode(), newline="")))) == 3


@pytest.mark.parametrize(
    "name", ["=1+1", "+8613800000000", "-1", "@SUM(A1)|cmd", '=HYPERLINK("x","y")', "＝1＋1", "－甲"]
)
def test_csv__name_that_a_spreadsheet_would_run__has_an_apostrophe(name: str) -> None:
    (row,) = csv.DictReader(io.StringIO(as_csv((replace(ORDERS[0], name=name),)).decode()))
    assert row["name"] == f"'{name}"
    assert row["reference"] == "DV1-P12"
    told = etree.fromstring(as_pain001((replace(ORDERS[0], name=name),), PAYER, "M", CREATED))
    assert told.xpath("string(//*[local-name()='Cdtr']/*[local-name()='Nm'])") == name
