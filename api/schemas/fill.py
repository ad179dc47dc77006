"""Fills the shapes from the mirror's records: numbers become words that stay the same for ever, amounts texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.pages.look import certificate
from api.schemas import register as s
from api.schemas.common import day_text, hexed, time_text
from registry.domain.ids import BOOK, AccountNumber, Day, PartyId
from registry.domain.rules import ActKind, Basis, Phase, Rule
from registry.domain.words import PartyWord
from registry.interchange.currency import currency_code
from registry.mirror import views as v

_FORMS = {1: "company_limited_by_shares", 2: "limited_liability_company"}
_CATEGORIES = {0: "unclassified", 1: "founder", 2: "employee", 3: "qualified", 4: "institution", 5: "treasury"}
_GIVEN = {1: "cash", 2: "services", 3: "intellectual_property", 4: "conversion"}
_PRICE_DECIMALS = 10
_STOPS = 5

Names = Mapping[PartyId, str]


def company(found: v.Company) -> s.Company:
    return s.Company(
        number=found.number,
        address=hexed(found.address),
        name=found.name,
        form=_FORMS.get(found.form, f"form_{found.form}"),
        region=found.region,
        phase=_name(Phase, found.phase),
        holders=found.holders,
        seats=found.seats,
        pending=found.pending,
        cap=found.cap,
        predecessor=hexed(found.predecessor) if found.predecessor else None,
        successor=hexed(found.successor) if found.successor else None,
    )


def share_class(found: v.ShareClass) -> s.ShareClass:
    return s.ShareClass(
        position=found.position,
        address=hexed(found.address),
        name=found.name,
        symbol=found.symbol,
        decimals=found.decimals,
        authorised=str(found.authorised),
        issued=str(found.issued),
        reserved=str(found.reserved),
        admits=[category(n) for n in range(16) if found.categories >> n & 1],
        stops=[Rule(1 << n).id for n in range(_STOPS) if found.stops >> n & 1],
    )


def classes(found: Iterable[v.ShareClass]) -> dict[int, s.ShareClass]:
    return {k.class_id: share_class(k) for k in found}


def cap_row(row: v.CapRow, known: Mapping[int, s.ShareClass], names: Names) -> s.CapRow:
    position = known[row.class_id].position
    return s.CapRow(party=row.party, name=names.get(row.party), share_class=position, shares=str(row.shares))


def holder(found: v.Holder, known: Mapping[int, s.ShareClass], names: Names) -> s.Holder:
    held = [s.Amount(share_class=known[row.class_id].position, shares=str(row.shares)) for row in found.shares]
    return s.Holder(party=found.party, name=names.get(found.party), weight=found.weight, holdings=held)


def holding(row: v.HoldingRow, known: Mapping[int, s.ShareClass]) -> s.Holding:
    return s.Holding(
        share_class=known[row.class_id].position,
        shares=str(row.shares),
        account=_account(row.account),
        locked_through=_day(row.lock_day),
    )


def standing(word: PartyWord) -> s.Standing:
    return s.Standing(
        category=category(word.category),
        kyc_through=_day(word.kyc_day),
        qualified_through=_day(word.qualification_day),
        is_frozen=word.is_frozen,
        weight=word.weight,
    )


def wallet(found: v.Wallet) -> s.Wallet:
    return s.Wallet(number=found.number, address=hexed(found.address), is_closed=found.is_closed)


def entry(found: v.Entry, known: Mapping[int, s.ShareClass], names: Names) -> s.Entry:
    return s.Entry(
        id=found.id,
        company=found.company,
        share_class=known[found.class_id].position,
        giver=_side(found.giver, found.giver_account, names),
        taker=_side(found.taker, found.taker_account, names),
        shares=str(found.shares),
        effective_on=day_text(found.effective_on),
        kind=_name(ActKind, found.kind),
        basis=_name(Basis, found.basis),
        certificate=_certificate(found.ref),
        block=found.block,
        time=time_text(found.time),
        transaction=hexed(found.tx),
        act=_act(found.act) if found.act else None,
    )


def _act(found: v.Act) -> s.Act:
    given = found.consideration
    return s.Act(
        operation=hexed(found.operation),
        actor=hexed(found.actor),
        document=hexed(found.document),
        consideration=_given(given) if given else None,
    )


def _given(given: v.Consideration) -> s.Consideration:
    return s.Consideration(
        kind=_GIVEN.get(given.kind, f"kind_{given.kind}"),
        currency=(currency_code(given.currency) or f"{given.currency:03}") if given.currency else None,
        price=_decimal(given.price) if given.price else None,
    )


def _decimal(price: int) -> str:
    """Exact, without zeros at the end."""
    whole, part = divmod(price, 10**_PRICE_DECIMALS)
    digits = f"{part:0{_PRICE_DECIMALS}}".rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)


def _side(party: PartyId, account: AccountNumber, names: Names) -> s.Side | None:
    return s.Side(party=party, name=names.get(party), account=_account(account)) if party else None


def _account(number: AccountNumber) -> str:
    return "book" if number == BOOK else f"wallet:{number}"


def _certificate(ref: bytes | None) -> str | None:
    return (certificate(ref) or hexed(ref)) if ref and any(ref) else None


def _day(day: Day) -> str | None:
    return day_text(day) if day > 0 else None


def category(number: int) -> str:
    return _CATEGORIES.get(number, f"category_{number}")


def _name(kind: type[Phase] | type[ActKind] | type[Basis], value: int) -> str:
    try:
        return kind(value).name.lower()
    except ValueError:
        return f"{kind.__name__.lower()}_{value}"
