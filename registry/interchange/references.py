"""Ids that lead nowhere, in fields on which no number of shares depends: warnings.

The references that carry a total (class, holder, certificates of a stock transaction) are checked where they are used.
"""

from collections.abc import Iterator

from registry.interchange.findings import Findings
from registry.interchange.ocf import Records
from registry.interchange.package import Package, RawObject
from registry.interchange.transactions import READERS

# Field and the kind of object that it names.
_FIELDS = {
    "security_id": "SECURITY",
    "security_ids": "SECURITY",
    "resulting_security_ids": "SECURITY",
    "balance_security_id": "SECURITY",
    "stakeholder_id": "STAKEHOLDER",
    "stock_class_id": "STOCK_CLASS",
    "stock_class_ids": "STOCK_CLASS",
    "stock_plan_id": "STOCK_PLAN",
    "vesting_terms_id": "VESTING_TERMS",
    "valuation_id": "VALUATION",
    "stock_legend_ids": "STOCK_LEGEND_TEMPLATE",
}
_CARRY_A_TOTAL = {"SECURITY", "STAKEHOLDER", "STOCK_CLASS"}


def check_references(package: Package, records: Records, findings: Findings) -> None:
    """Warns once for each object, field and id that is not in the package."""
    for obj in package.objects:
        for name, value in _named(obj):
            kind = _FIELDS[name]
            carries = obj.kind in READERS and obj.kind != "TX_STOCK_ACCEPTANCE" and kind in _CARRY_A_TOTAL
            if value and not carries and value not in records.known[kind]:
                text = f"{obj.kind} {obj.id}: {name} {value} is not in the package; no total depends on it"
                findings.warn("dangling_reference", obj.id, name, value, text)


def _named(obj: RawObject) -> Iterator[tuple[str, str]]:
    for name in _FIELDS:
        value = obj.body.get(name)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str):
                yield name, item
