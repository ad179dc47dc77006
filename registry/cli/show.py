"""Records as the command line shows them: the same fields in JSON and in tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from registry.cli.output import quantity
from registry.cli.parse import CATEGORIES, CONSIDERATIONS, KINDS, category_names, shown_day
from registry.domain.days import to_date
from registry.domain.ids import Day, Hash32
from registry.domain.rules import ActKind, Basis, Phase, Rule, rules_in
from registry.mirror.queries import Company, Consideration, Entry, Party, ShareClass, Stand

if TYPE_CHECKING:  # reads do not wait for what sending needs
    from registry.acts.operations import Done

_CATEGORY_NAMES = {number: name for name, number in CATEGORIES.items()}
_KIND_NAMES = {number: name for name, number in KINDS.items()}
_GIVEN_NAMES = {number: name for name, number in CONSIDERATIONS.items()}


def done_object(done: Done) -> dict[str, Any]:
    return {"operation": hexed(done.operation), "tx": hexed(done.tx), "block": done.block}


def done_line(done: Done) -> str:
    return f"block {done.block}, transaction {hexed(done.tx)}"


def stand_object(stand: Stand) -> dict[str, Any]:
    return {"block": stand.block, "hash": hexed(stand.hash), "time": stand.time}


def company_object(company: Company) -> dict[str, Any]:
    return {
        "number": company.number,
        "name": company.name,
        "address": hexed(company.address),
        "phase": Phase(company.phase).name.lower(),
        "form": company.form,
        "region": company.region,
        "holders": company.holders,
        "seats": company.seats,
        "cap": company.cap,
        "stops": rule_ids(company.stops),
        "successor": None if company.successor is None else hexed(company.successor),
    }


def class_object(cls: ShareClass) -> dict[str, Any]:
    return {
        "position": cls.position,
        "name": cls.name,
        "symbol": cls.symbol,
        "address": hexed(cls.address),
        "authorised": quantity(cls.authorised, cls.decimals),
        "issued": quantity(cls.issued, cls.decimals),
        "decimals": cls.decimals,
        "admits": category_names(cls.categories).split(", "),
        "stops": rule_ids(cls.stops),
    }


def party_object(party: Party, name: str | None) -> dict[str, Any]:
    word = party.word
    return {
        "party": party.id,
        "name": name,
        "kind": _KIND_NAMES.get(word.kind, str(word.kind)),
        "category": _CATEGORY_NAMES.get(word.category, str(word.category)),
        "kyc_until": _day(word.kyc_day),
        "qualified_until": _day(word.qualification_day),
        "frozen": word.is_frozen,
        "country": word.country,
        "tax_residence": word.tax_residence,
        "risk_grade": word.risk_grade,
        "weight": word.weight,
        "wallets": [
            {"number": wallet.number, "address": hexed(wallet.address), "closed": wallet.is_closed}
            for wallet in party.wallets
        ],
        "dossier": hexed(party.dossier),
    }


def entry_object(entry: Entry, cls: ShareClass, names: dict[Any, str]) -> dict[str, Any]:
    act = entry.act
    return {
        "id": entry.id,
        "class": cls.symbol or cls.name,
        "from": _party(entry.giver, names),
        "to": _party(entry.taker, names),
        "shares": quantity(entry.shares, cls.decimals),
        "effective_on": to_date(entry.effective_on).isoformat(),
        "kind": ActKind(entry.kind).name.lower(),
        "basis": Basis(entry.basis).name.lower(),
        "reference": None if entry.ref is None else reference_text(entry.ref),
        "consideration": None if act is None else _given(act.consideration),
        "document": None if act is None else hexed(act.document),
        "operation": None if act is None else hexed(act.operation),
        "tx": hexed(entry.tx),
        "block": entry.block,
    }


def reference_text(ref: Hash32) -> str:
    """The certificate number, or the hash that stands for a long one."""
    bare = ref.rstrip(b"\0")
    try:
        text = bare.decode()
    except UnicodeDecodeError:
        return hexed(ref)
    return text if len(bare) < len(ref) and text.isprintable() else hexed(ref)


def rule_ids(bits: int) -> list[str]:
    return [rule.id for rule in rules_in(Rule(bits))]


def hexed(value: bytes) -> str:
    return "0x" + value.hex()


def person(party: int, names: dict[Any, str]) -> str:
    """The name where there is one, else the id."""
    return names.get(party) or f"party {party}"


def _party(party: int, names: dict[Any, str]) -> dict[str, Any] | None:
    return {"party": party, "name": names.get(party)} if party else None


def _day(day: Day) -> str | None:
    return shown_day(day) if day else None


def _given(given: Consideration | None) -> dict[str, Any] | None:
    if given is None or not given.kind:
        return None
    kind = _GIVEN_NAMES.get(given.kind, str(given.kind))
    return {"kind": kind, "currency": given.currency or None, "price": quantity(given.price, 10)}
