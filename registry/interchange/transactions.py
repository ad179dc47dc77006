"""The transactions of Open Cap Format that touch shares, each as one typed record.

Seven kinds end certificates and may open others; they share one shape, because what follows from them is checked in
one place. Dates and quantities are read strictly; whether they fit together is not judged here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, TypeAlias

from registry.interchange.fields import Fields
from registry.interchange.plan import (
    NOTHING_GIVEN,
    ClassId,
    Consideration,
    SecurityId,
    StakeholderId,
    TransactionId,
)

EndingKind: TypeAlias = Literal["transfer", "cancel", "repurchase", "retraction", "reissue", "consolidate", "convert"]


@dataclass(frozen=True, slots=True)
class StockIssuance:
    """Opens a certificate: an issue of its own, or what another transaction resulted in."""

    id: TransactionId
    day: date
    security_id: SecurityId
    number: str
    class_id: ClassId
    stakeholder_id: StakeholderId
    shares: int
    consideration: Consideration
    split_id: TransactionId | None


@dataclass(frozen=True, slots=True)
class Ending:
    """Ends certificates. `shares` is what leaves them (None: all); the rest comes back as `balance`."""

    id: TransactionId
    day: date
    kind: EndingKind
    ends: tuple[SecurityId, ...]
    shares: int | None = None
    results: tuple[SecurityId, ...] = ()
    balance: SecurityId | None = None
    split_id: TransactionId | None = None
    consideration: Consideration = NOTHING_GIVEN

    @property
    def opens(self) -> tuple[SecurityId, ...]:
        return self.results if self.balance is None else (*self.results, self.balance)


@dataclass(frozen=True, slots=True)
class ClassSplit:
    """`ratio` new shares for one old share of a class."""

    id: TransactionId
    day: date
    class_id: ClassId
    ratio: Fraction


@dataclass(frozen=True, slots=True)
class AuthorisedChange:
    id: TransactionId
    day: date
    class_id: ClassId
    authorised: int


@dataclass(frozen=True, slots=True)
class Acceptance:
    id: TransactionId
    security_id: SecurityId


StockTransaction: TypeAlias = StockIssuance | Ending | ClassSplit | AuthorisedChange | Acceptance


def _issuance(fields: Fields) -> StockIssuance | None:
    day, security = fields.day("date"), fields.text("security_id")
    cls, holder = fields.text("stock_class_id"), fields.text("stakeholder_id")
    shares, price = fields.shares("quantity"), fields.price("share_price")
    if day is None or security is None or cls is None or holder is None or shares is None or price is None:
        return None
    number = fields.text("custom_id", optional=True) or security
    return StockIssuance(
        id=TransactionId(fields.obj),
        day=day,
        security_id=SecurityId(security),
        number=number,
        class_id=ClassId(cls),
        stakeholder_id=StakeholderId(holder),
        shares=shares,
        consideration=price,
        split_id=_split_id(fields),
    )


def _transfer(fields: Fields) -> Ending | None:
    return _with_results(fields, "transfer", fields.shares("quantity"))


def _conversion(fields: Fields) -> Ending | None:
    # Early versions called it `quantity`, like everywhere else.
    name = "quantity_converted" if "quantity_converted" in fields.body else "quantity"
    return _with_results(fields, "convert", fields.shares(name))


def _with_results(fields: Fields, kind: EndingKind, shares: int | None) -> Ending | None:
    day, ends, results = fields.day("date"), fields.text("security_id"), fields.texts("resulting_security_ids")
    if day is None or ends is None or results is None or shares is None:
        return None
    opened = tuple(SecurityId(result) for result in results)
    return Ending(
        TransactionId(fields.obj), day, kind, (SecurityId(ends),), shares, opened, _balance(fields), _split_id(fields)
    )


def _cancellation(fields: Fields) -> Ending | None:
    return _without_results(fields, "cancel", NOTHING_GIVEN)


def _repurchase(fields: Fields) -> Ending | None:
    return _without_results(fields, "repurchase", fields.price("price"))


def _without_results(fields: Fields, kind: EndingKind, price: Consideration | None) -> Ending | None:
    day, ends, shares = fields.day("date"), fields.text("security_id"), fields.shares("quantity")
    if day is None or ends is None or shares is None or price is None:
        return None
    ended = (SecurityId(ends),)
    return Ending(TransactionId(fields.obj), day, kind, ended, shares, balance=_balance(fields), consideration=price)


def _retraction(fields: Fields) -> Ending | None:
    day, ends = fields.day("date"), fields.text("security_id")
    if day is None or ends is None:
        return None
    return Ending(TransactionId(fields.obj), day, "retraction", (SecurityId(ends),))


def _reissuance(fields: Fields) -> Ending | None:
    day, ends, results = fields.day("date"), fields.text("security_id"), fields.texts("resulting_security_ids")
    if day is None or ends is None or results is None:
        return None
    opened = tuple(SecurityId(result) for result in results)
    ended = (SecurityId(ends),)
    return Ending(TransactionId(fields.obj), day, "reissue", ended, results=opened, split_id=_split_id(fields))


def _consolidation(fields: Fields) -> Ending | None:
    day, ends, result = fields.day("date"), fields.texts("security_ids"), fields.text("resulting_security_id")
    if day is None or ends is None or result is None:
        return None
    ended = tuple(SecurityId(security) for security in ends)
    return Ending(TransactionId(fields.obj), day, "consolidate", ended, results=(SecurityId(result),))


def _split(fields: Fields) -> ClassSplit | None:
    day, cls, ratio = fields.day("date"), fields.text("stock_class_id"), fields.ratio("split_ratio")
    if day is None or cls is None or ratio is None:
        return None
    return ClassSplit(TransactionId(fields.obj), day, ClassId(cls), ratio)


def _authorised(fields: Fields) -> AuthorisedChange | None:
    day, cls = fields.day("date"), fields.text("stock_class_id")
    number = fields.shares("new_shares_authorized", zero=True)
    if day is None or cls is None or number is None:
        return None
    return AuthorisedChange(TransactionId(fields.obj), day, ClassId(cls), number)


def _acceptance(fields: Fields) -> Acceptance | None:
    security = fields.text("security_id")
    return None if security is None else Acceptance(TransactionId(fields.obj), SecurityId(security))


def _balance(fields: Fields) -> SecurityId | None:
    balance = fields.text("balance_security_id", optional=True)
    return None if balance is None else SecurityId(balance)


def _split_id(fields: Fields) -> TransactionId | None:
    split = fields.text("split_transaction_id", optional=True)
    return None if split is None else TransactionId(split)


READERS: Mapping[str, Callable[[Fields], StockTransaction | None]] = {
    "TX_STOCK_ISSUANCE": _issuance,
    "TX_STOCK_ACCEPTANCE": _acceptance,
    "TX_STOCK_TRANSFER": _transfer,
    "TX_STOCK_CANCELLATION": _cancellation,
    "TX_STOCK_REPURCHASE": _repurchase,
    "TX_STOCK_RETRACTION": _retraction,
    "TX_STOCK_REISSUANCE": _reissuance,
    "TX_STOCK_CONSOLIDATION": _consolidation,
    "TX_STOCK_CONVERSION": _conversion,
    "TX_STOCK_CLASS_SPLIT": _split,
    "TX_STOCK_CLASS_AUTHORIZED_SHARES_ADJUSTMENT": _authorised,
}
