"""Payment orders as a table and as a message of ISO 20022."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from registry.errors import InputError
from registry.interchange.payments import MOST_FEN, Order, Payer, as_csv, as_pain001

ORDERS = (
    Order("DV1-P12", "P12", "前海基金", 114_80, "Dividend 分红 1"),
    Order("DV1-P13", "P13", 'Tan & "Sons", Ltd', 5, "Dividend 分红 1"),
)
PAYER = Payer("Custodian Bank", "6222000000000001", date(2027, 7, 10))
CREATED = datetime(2027, 7, 9, 8, 0, tzinfo=UTC)
SPACE = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


@cache
def schema() -> etree.XMLSchema:
    """The message as ISO 20022 publishes it, as a package ships it."""
    return etree.XMLSchema(etree.fromstring((files("sepaxml") / "schemas" / "pain.001.001.09.xsd").read_bytes()))


def printable(most: int) -> st.SearchStrategy[str]:
    return st.text(st.characters().filter(str.isprintable), min_size=1, max_size=most)


def test_csv__of_orders__is_read_back_as_it_was() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(ORDERS).decode())))
    assert [(row["reference"], row["name"], row["amount"], row["currency"]) for row in rows] == [
        ("DV1-P12", "前海基金", "114.80", "CNY"),
        ("DV1-P13", 'Tan & "Sons", Ltd', "0.05", "CNY"),
    ]


def test_pain001__of_orders__has_sums_references_and_names() -> None:
    content = as_pain001(ORDERS, PAYER, "DV1-20270709", CREATED)
    assert content == as_pain001(ORDERS, PAYER, "DV1-20270709", CREATED)
    root = etree.fromstring(content)
    one = lambda path: root.xpath(f"string({path})", namespaces=SPACE)  # noqa: E731
    assert (one("//p:GrpHdr/p:NbOfTxs"), one("//p:GrpHdr/p:CtrlSum")) == ("2", "114.85")
    assert (one("//p:ReqdExctnDt/p:Dt"), one("//p:DbtrAcct//p:Id/p:Othr/p:Id")) == ("2027-07-10", PAYER.account)
    lines = root.findall(".//p:CdtTrfTxInf", SPACE)
    assert [[child.tag.split("}")[1] for child in line] for line in lines] == [
        ["PmtId", "Amt", "Cdtr", "CdtrAcct", "Purp", "RmtInf"]
    ] * 2
    assert [line.findtext("p:PmtId/p:EndToEndId", namespaces=SPACE) for line in lines] == ["DV1-P12", "DV1-P13"]
    assert [line.findtext("p:Amt/p:InstdAmt", namespaces=SPACE) for line in lines] == ["114.80", "0.05"]
    assert lines[1].findtext("p:Cdtr/p:Nm", namespaces=SPACE) == 'Tan & "Sons", Ltd'


def test_pain001__of_orders__is_valid_by_the_published_schema() -> None:
    root = etree.fromstring(as_pain001(ORDERS, PAYER, "DV1-20270709", CREATED))
    schema().assertValid(root)
    for path in ("p:GrpHdr/p:MsgId", "p:PmtInf/p:Dbtr", "p:PmtInf/p:CdtTrfTxInf/p:Amt"):
        bad = etree.fromstring(etree.tostring(root))
        (element,) = bad.xpath(f"//p:CstmrCdtTrfInitn/{path}", namespaces=SPACE)[:1]
        element.getparent().remove(element)
        assert not schema().validate(bad), path


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(printable(34), printable(140), st.integers(1, MOST_FEN // 3), printable(140)), max_size=3),
    st.tuples(printable(140), printable(34), st.dates()),
    st.datetimes(timezones=st.just(UTC)),
)
def test_pain001__whatever_is_accepted__is_valid_by_the_published_schema(
    given: list[tuple[str, str, int, str]], payer: tuple[str, str, date], created: datetime
) -> None:
    orders = [Order(f"DV1-P{n}", *each) for n, each in enumerate(given, start=1)] or ORDERS
    schema().assertValid(etree.fromstring(as_pain001(orders, Payer(*payer), "DV1-20270709", created)))


@pytest.mark.parametrize(
    ("orders", "field"),
    [
        ((), "orders"),
        ((replace(ORDERS[0], amount=0),), "amount"),
        ((ORDERS[0], ORDERS[0]), "amount"),
        ((replace(ORDERS[0], amount=MOST_FEN), ORDERS[1]), "amount"),
        ((replace(ORDERS[0], name="x" * 141),), "name"),
        ((replace(ORDERS[0], name="a\nb"),), "name"),
        ((replace(ORDERS[0], reference=""),), "reference"),
    ],
)
def test_orders__that_cannot_be__are_refused(orders: tuple[Order, ...], field: str) -> None:
    for write in (as_csv, lambda given: as_pain001(given, PAYER, "M", CREATED)):
        with pytest.raises(InputError) as refused:
            write(orders)
        assert refused.value.field == field
