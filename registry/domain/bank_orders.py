"""Payments that a bank was ordered to make for a dividend, against its statement: paid, come back, wrong, outstanding.

Pure. The same lines in any order give the same result. Amounts are whole fen.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from registry.domain.bilingual import Bilingual
from registry.domain.days import to_date
from registry.domain.ids import Address, Day, Hash32, PartyId
from registry.domain.raise_words import Cash
from registry.domain.reconcile import Line, Movement, ReferenceOf

_REFERENCE = re.compile(r"DV([1-9][0-9]{0,9})-P([1-9][0-9]{0,9})")
# With other signs between its parts, or none: what a person types, or a bank makes of it.
_ALMOST = re.compile(r"[\W_]*DV[\W_]*0*([0-9]+)(?:[\W_]*P|\s*-)")
Movements = Mapping[Hash32, Movement]
"""Mints and burns by their reference."""


def order_reference(distribution: int, party: PartyId) -> str:
    """Of one party's payment; at most once on the chain."""
    return f"DV{distribution}-P{party}"


def is_order_reference(text: str) -> bool:
    return bool(_REFERENCE.fullmatch(text))


def is_almost_order(text: str) -> bool:
    """Typed by somebody, or changed by a bank: in another case or width, with blanks or zeros in it, or with more."""
    return not is_order_reference(text) and _dividend_of(text) is not None


def _dividend_of(text: str) -> str | None:
    """The number of the dividend that a reference names, also one that is only almost an order's."""
    found = _ALMOST.match(unicodedata.normalize("NFKC", text).upper())
    return found[1] if found else None


@dataclass(frozen=True, slots=True)
class Due:
    """What a dividend left on one party's book account, on the day `since`, for the bank to pay out. `cash`: all that
    lies there now. `movement`: what stands on the chain under the order's reference."""

    reference: str
    party: PartyId
    account: Address
    amount: int
    since: Day
    cash: Cash
    movement: Movement | None

    @property
    def hindrance(self) -> Rule | None:
        """Why the bank must not pay it out, and the chain would not burn it."""
        if self.cash.is_frozen:
            return Rule.FROZEN
        return Rule.MISSING if self.cash.balance < self.amount else None


class Rule(Bilingual):
    """What is wrong with a line."""

    REFERENCE = "reference_malformed", "not how an order's reference is written", "付款编号格式不符"
    PARTY = (
        "nothing_due",
        "this dividend put nothing on a book account of this party",
        "本次分红在该当事人簿记账户上没有应付款",
    )
    AMOUNT = "amount_differs", "not the amount that was ordered", "金额与付款指令不一致"
    ACCOUNT = "account_differs", "not the account of this party", "账户不属于该当事人"
    AHEAD = "booked_ahead", "booked on a day that has not come", "记账日期晚于今天"
    EARLY = "booked_early", "booked before the dividend was paid to the account", "记账日期早于分红入账日"
    CHAIN = "chain_differs", "the chain has something else under this reference", "链上同一编号的记录不一致"
    AGAIN = "paid_again", "booked after its burn: paid a second time", "记账晚于销毁：可能重复付款"
    RETURN = "return_differs", "another amount came back than was paid", "退回金额与付款金额不一致"
    FROZEN = "money_frozen", "the money is frozen by order", "资金已被依令冻结"
    MISSING = "money_missing", "the money does not lie on the account any more", "账户余额不足"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line that disagrees: in which field, with which value, and which one would be right (empty if none is)."""

    line: Line
    rule: Rule
    field: str
    value: str
    right: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A payment of the bank, and what it was for."""

    line: Line
    due: Due


class Fate(Bilingual):
    """What is to be done about money that came back."""

    DUE = "due_again", "not burned; due as before", "未销毁，仍待付款"
    REPAID = "paid_again_since", "paid since by another line", "已由另一笔付款补付"
    BURNED = (
        "burned_before",
        "burned before: the party is owed it, mint it unless it was paid since",
        "此前已销毁：除非已补付，应重新铸造",
    )
    MINTED = "minted_again", "minted again", "已重新铸造"


@dataclass(frozen=True, slots=True)
class Returned:
    """Money that came back, by the line that returned it."""

    line: Line
    due: Due
    fate: Fate

    @property
    def is_open(self) -> bool:
        """Has somebody to act?"""
        return self.fate in {Fate.DUE, Fate.BURNED}


@dataclass(frozen=True, slots=True)
class Receipts:
    """Every line of the dividend is in one of the first four, but for payments that came back whole and were never
    burned: their return is told. `outstanding` is what the bank has not paid. `elsewhere`: other dividends that lines
    name orders of, by number, with how many lines do."""

    matched: tuple[Receipt, ...]
    before: tuple[Receipt, ...]
    returned: tuple[Returned, ...]
    wrong: tuple[Wrong, ...]
    outstanding: tuple[Due, ...]
    elsewhere: tuple[tuple[int, int], ...] = ()


def settled_returns(lines: Iterable[Line], is_known: Callable[[str], bool]) -> list[tuple[Line, Line]]:
    """Payments that came back whole and that the chain knows nothing of, each with the line that returned it.

    A payment comes back on its day or later. One of an order is kept for the burn that stands under its reference.
    """
    ordered = sorted(lines, key=lambda line: (line.day, *_place(line)))
    payments: dict[str, list[Line]] = {}
    for line in ordered:
        if line.amount_fen < 0 and is_order_reference(line.reference):
            payments.setdefault(line.reference, []).append(line)
    pairs = []
    for back in ordered:
        if not back.returns or (back.reference != back.returns and is_known(back.reference)):
            continue
        waiting = payments.get(back.returns, [])
        same = [line for line in waiting if line.amount_fen == -back.amount_fen and line.day <= back.day]
        if same and len(waiting) > is_known(back.returns):
            waiting.remove(same[0])
            pairs.append((same[0], back))
    return pairs


def compare(
    distribution: int,
    dues: Iterable[Due],
    lines: Iterable[Line],
    movements: Movements,
    reference_of: ReferenceOf,
    today: Day,
) -> Receipts:
    """The lines of a statement that name orders of this dividend; all others are passed over."""
    by_reference = {due.reference: due for due in dues}
    lines = list(lines)
    ours = sorted((line for line in lines if _names(distribution, line)), key=_place)
    others = Counter(int(named) for line in lines if (named := _named(line)) and int(named) != distribution)
    wrong = [fault for line in ours if (fault := _unknown(line, by_reference))]
    known = [line for line in ours if _order_of(line) in by_reference]
    pairs = settled_returns(known, lambda text: reference_of(text) in movements)
    settled = {id(line) for pair in pairs for line in pair}
    left = [line for line in known if id(line) not in settled]
    back = [
        _left_back(line, by_reference[line.returns], movements, reference_of, left) for line in left if line.returns
    ]
    wrong += [each for each in back if isinstance(each, Wrong)]
    differing = {_order_of(each.line) for each in back if isinstance(each, Wrong)}
    payments = [line for line in left if not line.returns and line.reference not in differing]
    good, faults = _judged(payments, by_reference, today)
    wrong += faults
    matched = tuple(receipt for receipt in good if receipt.due.movement is None)
    paid = {receipt.due.reference for receipt in good}
    returned = [each for each in back if isinstance(each, Returned)]
    returned += [Returned(line, by_reference[line.returns], Fate.DUE) for _, line in pairs]
    told = [replace(each, fate=Fate.REPAID) if _is_repaid(each, paid) else each for each in returned]
    return Receipts(
        matched,
        tuple(receipt for receipt in good if receipt.due.movement is not None),
        tuple(sorted(told, key=lambda each: _place(each.line))),
        tuple(sorted(wrong, key=lambda each: _place(each.line))),
        tuple(due for due in by_reference.values() if due.movement is None and due.reference not in paid),
        tuple(sorted(others.items())),
    )


def _is_repaid(back: Returned, paid: set[str]) -> bool:
    return back.fate is Fate.DUE and back.due.reference in paid


def _place(line: Line) -> tuple[int, str, str, str, int, int]:
    """Where a line stands; those of one batch by what they say."""
    return (line.number, line.reference, line.returns, line.order, line.amount_fen, line.day)


def _order_of(line: Line) -> str:
    return line.returns or line.order or line.reference


def _names(distribution: int, line: Line) -> bool:
    """Also what is almost a reference of this dividend: somebody may have typed it, for a payment or for its return."""
    return _named(line) == str(distribution)


def _named(line: Line) -> str | None:
    """The number of the dividend whose order a line names: of a payment, or of the return of one."""
    order = _order_of(line)
    is_deposit = line.amount_fen > 0 and not line.returns and is_order_reference(order)
    return None if is_deposit else _dividend_of(order)


def _unknown(line: Line, dues: Mapping[str, Due]) -> Wrong | None:
    reference = _order_of(line)
    if not is_order_reference(reference):
        return Wrong(line, Rule.REFERENCE, "reference", reference)
    return None if reference in dues else Wrong(line, Rule.PARTY, "reference", reference)


def _left_back(
    back: Line, due: Due, movements: Movements, reference_of: ReferenceOf, left: Sequence[Line]
) -> Returned | Wrong:
    """Money that came back and is not settled by a payment of the same statement."""
    paid = [line for line in left if line.reference == due.reference and not line.returns]
    amount = -paid[0].amount_fen if paid else due.amount
    if back.amount_fen != amount:
        return Wrong(back, Rule.RETURN, "amount", str(back.amount_fen), str(amount))
    minted = movements.get(reference_of(back.reference))
    if minted is not None and minted.is_mint and minted.amount == back.amount_fen:
        return Returned(back, due, Fate.MINTED)
    return Returned(back, due, Fate.BURNED if due.movement else Fate.DUE)


def _judged(payments: Iterable[Line], dues: Mapping[str, Due], today: Day) -> tuple[list[Receipt], list[Wrong]]:
    good: dict[str, Receipt] = {}
    wrong = []
    for line in payments:
        due = dues[line.reference]
        if due.reference in good:
            wrong.append(Wrong(line, Rule.AGAIN, "reference", line.reference))
        elif fault := next(_faults(line, due, today), None):
            wrong.append(fault)
        else:
            good[due.reference] = Receipt(line, due)
    return list(good.values()), wrong


def _faults(line: Line, due: Due, today: Day) -> Iterator[Wrong]:
    """What is wrong with a payment; the first is told."""
    if -line.amount_fen != due.amount:
        yield Wrong(line, Rule.AMOUNT, "amount", str(-line.amount_fen), str(due.amount))
    if line.account not in {None, due.account}:
        yield Wrong(line, Rule.ACCOUNT, "account", _hexed(line.account), _hexed(due.account))
    if line.day > today:
        yield Wrong(line, Rule.AHEAD, "date", _written(line.day), _written(today))
    if line.day < due.since:
        yield Wrong(line, Rule.EARLY, "date", _written(line.day), _written(due.since))
    moved = due.movement
    if moved is None:
        if due.hindrance is not None:
            yield Wrong(line, due.hindrance, "amount", str(due.amount), str(due.cash.balance))
    elif moved.is_mint or (moved.amount, moved.account) != (due.amount, due.account):
        yield Wrong(line, Rule.CHAIN, "amount", str(-line.amount_fen), str(-moved.signed_fen))
    elif line.day > moved.day:
        yield Wrong(line, Rule.AGAIN, "date", _written(line.day), _written(moved.day))


def _hexed(account: Address | None) -> str:
    return "" if account is None else "0x" + account.hex()


def _written(day: Day) -> str:
    return to_date(day).isoformat()
