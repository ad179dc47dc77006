"""Open Cap Format, typed: issuer, stakeholders, classes and the transactions that touch shares.

Everything else in a package is listed as left out, with the reason. An object with a fault is reported and skipped; its
id stays known, so that one fault is not reported again by everything that refers to it.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, cast

from registry.interchange.fields import Fields
from registry.interchange.findings import Findings
from registry.interchange.package import Package, RawObject
from registry.interchange.plan import (
    MOST_SHARES,
    ClassId,
    Company,
    Contact,
    LeftOut,
    SecurityId,
    ShareClassPlan,
    Stakeholder,
    StakeholderId,
)
from registry.interchange.strictjson import Json, JsonObject
from registry.interchange.transactions import (
    READERS,
    Acceptance,
    AuthorisedChange,
    ClassSplit,
    Ending,
    StockIssuance,
    StockTransaction,
)

# Why a kind is not replayed, by the beginning of its name. The first that fits counts.
_LEFT_OUT = (
    ("TX_EQUITY_COMPENSATION_", "options and other rights to shares are kept for later; shares they led to are issued"),
    ("TX_PLAN_SECURITY_", "options and other rights to shares are kept for later; shares they led to are issued"),
    ("TX_WARRANT_", "warrants are kept for later; shares they led to are issued"),
    ("TX_CONVERTIBLE_", "convertibles are kept for later; shares they led to are issued"),
    ("TX_VESTING_", "vesting is kept for later; it changes no holding"),
    ("VESTING_TERMS", "vesting is kept for later; it changes no holding"),
    ("STOCK_PLAN", "plans are kept for later; a reserve is no share"),
    ("TX_STOCK_PLAN_", "plans are kept for later; a reserve is no share"),
    ("TX_ISSUER_AUTHORIZED_SHARES_ADJUSTMENT", "the register counts authorised shares by class"),
    ("TX_STOCK_CLASS_CONVERSION_RATIO_ADJUSTMENT", "conversions state what they resulted in"),
    ("CE_", "relations of stakeholders are kept for later"),
    ("VALUATION", "valuations change no holding"),
    ("FINANCING", "financings change no holding"),
    ("DOCUMENT", "documents are kept for later"),
    ("STOCK_LEGEND_TEMPLATE", "legends change no holding"),
)


@dataclass(slots=True)
class Records:
    """The parsed package. `known` holds every id that stands in it, also of objects with faults."""

    company: Company | None = None
    classes: dict[ClassId, ShareClassPlan] = field(default_factory=dict)
    stakeholders: dict[StakeholderId, Stakeholder] = field(default_factory=dict)
    issuances: list[StockIssuance] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    splits: list[ClassSplit] = field(default_factory=list)
    authorised: list[AuthorisedChange] = field(default_factory=list)
    acceptances: list[Acceptance] = field(default_factory=list)
    left_out: tuple[LeftOut, ...] = ()
    known: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    faulty: set[SecurityId] = field(default_factory=set)
    converted: set[SecurityId] = field(default_factory=set)


def read_records(package: Package, findings: Findings) -> Records:
    """Types every object of a package. Findings say what could not be understood."""
    records = Records()
    left_out: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    if package.issuer is not None:
        records.company = _company(package.issuer, findings)
    for obj in package.objects:
        _note_ids(obj, records)
        if obj.kind in READERS:
            _read_transaction(obj, records, findings)
        elif obj.kind == "STAKEHOLDER":
            if (stakeholder := _stakeholder(_fields(obj, findings))) is not None:
                records.stakeholders[stakeholder.id] = stakeholder
        elif obj.kind == "STOCK_CLASS":
            if (share_class := _share_class(_fields(obj, findings))) is not None:
                records.classes[share_class.id] = share_class
        elif obj.kind != "ISSUER":
            left_out[obj.kind, _reason(obj, findings)].append(obj.id)
    records.left_out = tuple(LeftOut(kind, why, tuple(sorted(ids))) for (kind, why), ids in sorted(left_out.items()))
    return records


def _note_ids(obj: RawObject, records: Records) -> None:
    """Remembers ids and the securities that exist, whoever reads the object afterwards."""
    records.known[obj.kind].add(obj.id)
    security = obj.body.get("security_id")
    if obj.kind.endswith("_ISSUANCE") and isinstance(security, str):
        records.known["SECURITY"].add(security)
    results = obj.body.get("resulting_security_ids")
    if obj.kind == "TX_CONVERTIBLE_CONVERSION" and isinstance(results, list):
        records.converted.update(SecurityId(item) for item in results if isinstance(item, str))


def _read_transaction(obj: RawObject, records: Records, findings: Findings) -> None:
    read: Callable[[Fields], StockTransaction | None] = READERS[obj.kind]
    match read(_fields(obj, findings)):
        case StockIssuance() as issuance:
            records.issuances.append(issuance)
        case Ending() as ending:
            records.endings.append(ending)
        case ClassSplit() as split:
            records.splits.append(split)
        case AuthorisedChange() as change:
            records.authorised.append(change)
        case Acceptance() as acceptance:
            records.acceptances.append(acceptance)
        case None:
            records.faulty.update(_securities_opened(obj))


def _securities_opened(obj: RawObject) -> list[SecurityId]:
    """What an unreadable transaction would have opened: nobody can tell its size any more."""
    opened = "security_id" if obj.kind == "TX_STOCK_ISSUANCE" else "resulting_security_id"
    values: list[Json] = [obj.body.get(opened), obj.body.get("balance_security_id")]
    listed = obj.body.get("resulting_security_ids")
    values += listed if isinstance(listed, list) else []
    return [SecurityId(value) for value in values if isinstance(value, str) and value]


def _fields(obj: RawObject, findings: Findings) -> Fields:
    return Fields(obj.id, obj.body, findings, f"{obj.kind} {obj.id}")


def _company(body: JsonObject, findings: Findings) -> Company | None:
    name = body.get("id")
    fields = Fields(name if isinstance(name, str) else "issuer", body, findings, "ISSUER")
    legal_name, formed_on = fields.text("legal_name"), fields.day("formation_date")
    country = fields.text("country_of_formation")
    if legal_name is None or formed_on is None or country is None:
        return None
    return Company(fields.obj, legal_name, formed_on, country)


def _share_class(fields: Fields) -> ShareClassPlan | None:
    name, kind = fields.text("name"), fields.choice("class_type", "COMMON", "PREFERRED")
    authorised = _authorised(fields)
    if name is None or kind is None or authorised is None:
        return None
    prefix = fields.text("default_id_prefix", optional=True) or fields.obj
    return ShareClassPlan(
        id=ClassId(fields.obj),
        name=name,
        symbol=prefix.rstrip("-_ #.") or prefix,
        class_type=cast(Literal["COMMON", "PREFERRED"], kind),
        authorised=authorised,
        votes_per_share=_numeric_text(fields.body.get("votes_per_share")),
        seniority=_numeric_text(fields.body.get("seniority")),
    )


def _authorised(fields: Fields) -> int | None:
    if fields.body.get("initial_shares_authorized") not in ("UNLIMITED", "NOT APPLICABLE"):
        return fields.shares("initial_shares_authorized", zero=True)
    text = f"{fields.where}: authorised shares have no limit; the register's own is {MOST_SHARES}"
    value = fields.body.get("initial_shares_authorized")
    fields.findings.warn("authorised_unlimited", fields.obj, "initial_shares_authorized", value, text)
    return MOST_SHARES


def _numeric_text(value: Json) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _stakeholder(fields: Fields) -> Stakeholder | None:
    name = fields.body.get("name")
    # The first versions of the format wrote the name as a text.
    inner = Fields(fields.obj, name if isinstance(name, dict) else {"legal_name": name}, fields.findings, fields.where)
    legal_name = inner.text("legal_name")
    kind = fields.choice("stakeholder_type", "INDIVIDUAL", "INSTITUTION")
    if legal_name is None or kind is None:
        return None
    lower: Literal["individual", "institution"] = "individual" if kind == "INDIVIDUAL" else "institution"
    return Stakeholder(StakeholderId(fields.obj), legal_name, lower, _contact(fields.body))


def _contact(body: JsonObject) -> Contact:
    """Whatever contact there is; no total depends on it, so that what is unreadable is simply not there."""
    both = [part for part in (body.get("contact_info"), body.get("primary_contact")) if isinstance(part, dict)]
    emails = [text for part in both for text in _inner_texts(part.get("emails"), "email_address")]
    phones = [text for part in both for text in _inner_texts(part.get("phone_numbers"), "phone_number")]
    places = ("country", "country_subdivision", "postal_code", "city", "street_suite")
    return Contact(
        emails=tuple(emails),
        phones=tuple(phones),
        addresses=tuple(_inner_texts(body.get("addresses"), *places)),
        tax_ids=tuple(_inner_texts(body.get("tax_ids"), "country", "tax_id")),
    )


def _inner_texts(items: Json, *names: str) -> list[str]:
    """One text for each object of a list: the named parts that it has, on one line."""
    found: list[str] = []
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict):
            parts = [part for name in names if isinstance(part := item.get(name), str) and part]
            found.append(", ".join(" ".join(part.split()) for part in parts))
    return [text for text in found if text and text.isprintable()]


def _reason(obj: RawObject, findings: Findings) -> str:
    for beginning, reason in _LEFT_OUT:
        if obj.kind.startswith(beginning):
            return reason
    text = f"{obj.kind} {obj.id}: this type of object is not known"
    if obj.kind.startswith("TX_STOCK_"):
        findings.refuse("unknown_object_type", obj.id, "object_type", obj.kind, f"{text}, and it may move shares")
    else:
        findings.warn("unknown_object_type", obj.id, "object_type", obj.kind, f"{text}; left out")
    return "this type of object is not known"
