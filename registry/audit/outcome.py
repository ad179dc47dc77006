"""What an audit answers: the report, and each difference with the transaction behind it."""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.entitlements import DividendSummary
from registry.domain.findings import Finding
from registry.domain.ids import AccountNumber, Hash32, PartyId, Timestamp

EQUAL = "equal"
DIFFERENT = "different"

Value = int | bytes | str | bool | None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a difference is about; what does not apply is None."""

    company: int | None = None
    share_class: str | None = None
    party: PartyId | None = None
    account: AccountNumber | None = None
    address: bytes | None = None
    offering: int | None = None
    milestone: int | None = None
    distribution: int | None = None

    def __str__(self) -> str:
        parts = []
        if self.company is not None:
            parts.append(f"company {self.company}")
        if self.share_class is not None:
            parts.append(f"class {self.share_class}")
        if self.offering is not None:
            parts.append(f"raise {self.offering}")
        if self.milestone is not None:
            parts.append(f"milestone {self.milestone + 1}")
        if self.distribution is not None:
            parts.append(f"dividend {self.distribution}")
        if self.party is not None:
            parts.append(f"party {self.party}")
        if self.account is not None:
            parts.append("book account" if self.account == 8 else f"wallet {self.account}")
        if self.address is not None:
            parts.append("0x" + self.address.hex())
        return ", ".join(parts) or "registry"


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact on which replay, mirror and chain do not agree. A side that was not asked has `NOT_ASKED`."""

    subject: Subject
    field: str
    replay: Value
    mirror: Value
    chain: Value
    tx: Hash32 | None
    """The transaction of the last entry or event behind the fact, as far as the events tell."""

    def __str__(self) -> str:
        behind = f"; last changed by transaction 0x{self.tx.hex()}" if self.tx else ""
        return (
            f"{self.subject}: {self.field} is {show(self.replay)} by replay, {show(self.mirror)} in the mirror, "
            f"{show(self.chain)} on chain{behind}"
        )


NOT_ASKED = "not asked"


def show(value: Value) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else "nothing" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Report:
    """One audit of one block."""

    verdict: str
    block: int
    block_hash: Hash32
    block_time: Timestamp
    has_mirror: bool
    events: int
    entries: int
    companies: int
    classes: int
    parties: int
    holdings: int
    raises: int
    dividends: int
    dividend_money: DividendSummary
    """Of all dividends together [fen]."""
    money: int
    """All settlement money there is [fen]."""
    findings: tuple[Finding, ...]
    differences: tuple[Difference, ...]

    @property
    def is_equal(self) -> bool:
        return self.verdict == EQUAL

    @property
    def faults(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.is_fault)

    @property
    def notices(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.is_fault)
