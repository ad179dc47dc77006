"""Bank against chain: lines of a statement compared with mints and burns, one by one, by the bank's own reference.

Pure. The same lines and movements in any order give the same result. Amounts are whole fen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from registry.domain.bilingual import Bilingual
from registry.domain.ids import Address, Day, Hash32

ReferenceOf = Callable[[str], Hash32]
"""A reference as the chain keeps it: the text itself up to 31 bytes, the hash of a longer one."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement. `amount_fen` is positive for a deposit and negative for a withdrawal.

    `number` is what a person looks for in the file: the line of a table, the ordinal of an entry (`is_entry`).
    `account` is the account on the chain, where the statement names one; `party`: that party's book account instead, 0
    where it names none so. `returns`: the order of ours whose money came back with this deposit, and `reason` why, in
    the bank's words; empty for all others. `order`: what the bank names as the payer's order, where it is almost one of
    ours.
    """

    number: int
    day: Day
    amount_fen: int
    currency: str
    reference: str
    account: Address | None
    text: str
    returns: str = ""
    reason: str = ""
    order: str = ""
    party: int = 0
    is_entry: bool = False

    @property
    def place(self) -> str:
        """Where it stands in the file."""
        return f"{'entry' if self.is_entry else 'line'} {self.number}"


@dataclass(frozen=True, slots=True)
class Movement:
    """One mint or burn of the settlement token. `amount` is in fen, `day` the civil day of its block."""

    is_mint: bool
    account: Address
    amount: int
    reference: Hash32
    day: Day
    tx: Hash32
    block: int

    @property
    def signed_fen(self) -> int:
        """As a statement signs it: a mint stands for a deposit, a burn for a withdrawal."""
        return self.amount if self.is_mint else -self.amount


class Kind(Bilingual):
    """What differs."""

    NOT_ON_CHAIN = "not_on_chain", "in the statement, not on the chain", "对账单上有，链上没有"
    NOT_IN_STATEMENT = "not_in_statement", "on the chain, not in the statement", "链上有，对账单上没有"
    TWICE = "reference_twice", "the reference was used before", "流水号重复"
    DIRECTION = "direction_differs", "deposit against burn, or withdrawal against mint", "收付方向不一致"
    AMOUNT = "amount_differs", "the amounts differ", "金额不一致"
    ACCOUNT = "account_differs", "the accounts differ", "账户不一致"
    DAY = "day_differs", "the days lie too far apart", "日期相差过大"


@dataclass(frozen=True, slots=True)
class Pair:
    """A line and the movement of the same reference."""

    line: Line
    movement: Movement


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs, with its line, its movement, or both.

    `gap_fen` is the money that the statement shows and the chain does not; negative where the chain shows more, zero
    where the money agrees.
    """

    kind: Kind
    line: Line | None
    movement: Movement | None
    gap_fen: int = 0


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The result. Every line and every movement is in one matched pair, or in one difference or more.

    `matched` holds the pairs that agree in everything. All sums are in fen and not negative.
    """

    matched: tuple[Pair, ...]
    differences: tuple[Difference, ...]
    deposits: int
    withdrawals: int
    mints: int
    burns: int

    @property
    def is_clean(self) -> bool:
        return not self.differences

    @property
    def net(self) -> int:
        """[fen] what the account gained and the token's supply did not: the sum of all gaps, which may cancel out."""
        return self.deposits - self.withdrawals - self.mints + self.burns

    @property
    def difference(self) -> int:
        """[fen] the gaps without their signs, so that two faults never cancel: zero exactly if no amount differs."""
        return sum(abs(difference.gap_fen) for difference in self.differences)


def reconcile(
    lines: Iterable[Line], movements: Iterable[Movement], reference_of: ReferenceOf, most_days: int
) -> Reconciliation:
    """Compares all lines with all movements; days may lie up to `most_days` apart.

    The first line of a reference (by number) is compared with its first movement (by block), any other is `TWICE`.
    """
    lines = sorted(lines, key=_line_order)
    movements = sorted(movements, key=_movement_order)
    # Read from the last to the first, so that the first of a reference stays.
    first = {movement.reference: movement for movement in reversed(movements)}
    matched: list[Pair] = []
    found: list[Difference] = []
    seen: set[Hash32] = set()
    for line in lines:
        reference = reference_of(line.reference)
        if reference in seen:
            found.append(Difference(Kind.TWICE, line, None, line.amount_fen))
        elif reference not in first:
            found.append(Difference(Kind.NOT_ON_CHAIN, line, None, line.amount_fen))
        else:
            pair = Pair(line, first[reference])
            differing = list(_compare(pair, most_days))
            found += differing
            if not differing:
                matched.append(pair)
        seen.add(reference)
    found += _left_over(movements, seen)
    return Reconciliation(
        tuple(matched),
        tuple(found),
        deposits=sum(line.amount_fen for line in lines if line.amount_fen > 0),
        withdrawals=sum(-line.amount_fen for line in lines if line.amount_fen < 0),
        mints=sum(movement.amount for movement in movements if movement.is_mint),
        burns=sum(movement.amount for movement in movements if not movement.is_mint),
    )


def concerning(
    lines: Iterable[Line], movements: Iterable[Movement], first: Day, last: Day, reference_of: ReferenceOf
) -> list[Movement]:
    """The movements that a statement from `first` to `last` answers for: of a day in it, or named by a line of it."""
    named = {reference_of(line.reference) for line in lines}
    return [m for m in movements if first <= m.day <= last or m.reference in named]


def _compare(pair: Pair, most_days: int) -> Iterator[Difference]:
    line, movement = pair.line, pair.movement
    gap = line.amount_fen - movement.signed_fen
    if (line.amount_fen > 0) != movement.is_mint:
        yield Difference(Kind.DIRECTION, line, movement, gap)
    elif gap:
        yield Difference(Kind.AMOUNT, line, movement, gap)
    if line.account is not None and line.account != movement.account:
        yield Difference(Kind.ACCOUNT, line, movement)
    if abs(line.day - movement.day) > most_days:
        yield Difference(Kind.DAY, line, movement)


def _left_over(movements: Sequence[Movement], named: set[Hash32]) -> Iterator[Difference]:
    """Movements that no line was compared with."""
    seen: set[Hash32] = set()
    for movement in movements:
        if movement.reference in seen:
            yield Difference(Kind.TWICE, None, movement, -movement.signed_fen)
        elif movement.reference not in named:
            yield Difference(Kind.NOT_IN_STATEMENT, None, movement, -movement.signed_fen)
        seen.add(movement.reference)


def _line_order(line: Line) -> tuple[int, int, int, str, str, bytes, str, str, str, str, int]:
    # Complete, so that lines with one number (details of one entry) have an order of their own as well.
    x, account = line, line.account or b""
    named = (x.reference, account, x.text, x.returns, x.reason, x.order, x.party)
    return (x.number, x.day, x.amount_fen, x.currency, *named)


def _movement_order(movement: Movement) -> tuple[int, bytes, bytes, bool, bytes, int, int]:
    m = movement
    return (m.block, m.tx, m.reference, m.is_mint, m.account, m.amount, m.day)
