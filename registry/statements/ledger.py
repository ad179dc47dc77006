"""The lines behind a statement, and their digest: what anybody can make again from the chain and compare."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from registry.statements.figures import plain_fen, shares_text
from registry.statements.model import (
    DistributionReport,
    HolderStatement,
    Lapsed,
    Paid,
    Parked,
    Part,
    Payment,
    Statement,
)


@dataclass(frozen=True, slots=True)
class Ledger:
    """A line that names chain and contract, then one for each holder and distribution, by party and distribution:

        equity-figures/1 chain contract
        distribution party shares gross state tax net

    ASCII, one space between fields, each line ended by a line feed. Amounts are CNY with two decimals, state is paid,
    parked, unclaimed or lapsed; tax and net are 0.00 unless it is paid."""

    lines: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the lines, hexadecimal."""
        return hashlib.sha256("".join(f"{line}\n" for line in self.lines).encode("ascii")).hexdigest()


def ledger_of(statement: Statement) -> Ledger:
    if isinstance(statement, HolderStatement):
        found = [(statement.holder.party, payment) for payment in statement.payments]
    elif isinstance(statement, DistributionReport):
        found = [(line.holder.party, Payment(statement.distribution, line.part)) for line in statement.lines]
    else:
        found = [(entry.holder.party, entry.payment) for entry in statement.entries]
    found.sort(key=lambda figure: (figure[0], figure[1].distribution.number))
    source = statement.source
    head = f"equity-figures/1 {source.chain_id} 0x{source.contract.hex()}"
    return Ledger((head, *(_line(party, payment) for party, payment in found)))


def _line(party: int, payment: Payment) -> str:
    d, part = payment.distribution, payment.part
    tax, net = (part.fate.withheld, part.fate.net) if isinstance(part.fate, Paid) else (0, 0)
    shares = shares_text(part.shares, d.decimals, "")
    return f"{d.number} {party} {shares} {plain_fen(part.gross)} {state(part)} {plain_fen(tax)} {plain_fen(net)}"


def state(part: Part) -> str:
    """The name of what became of a part: paid, parked, unclaimed, lapsed."""
    if isinstance(part.fate, Paid):
        return "paid"
    if isinstance(part.fate, Parked):
        return "parked"
    return "lapsed" if isinstance(part.fate, Lapsed) else "unclaimed"
