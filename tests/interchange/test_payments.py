"""Payment orders as a table and as a message of ISO 20022."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from lxml import etree

from registry.errors import InputError
from registry.interchange.payments import Order, Payer, as_csv, as_pain001

ORDERS = (
    Order("DV1-P12", "P12", "前海基金", 114_80, "Dividend 分红 1"),
    Order("DV1-P13", "P13", 'Tan & "Sons", Ltd', 5, "Dividend 分红 1"),
)
PAYER = Payer("Custodian Bank", "6222000000000001", date(2027, 7, 10))
CREATED = datetime(2027, 7, 9, 8, 0, tzinfo=UTC)
SPACE = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


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


@pytest.mark.parametrize(
    ("orders", "field"),
    [
        ((), "orders"),
        ((replace(ORDERS[0], amount=0),), "amount"),
        ((ORDERS[0], ORDERS[0]), "amount"),
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
