"""One act of an import as a call: target, calldata, and the gas it may need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from registry.acts.desk import Desk
from registry.acts.importing.pages import ImportAct, IssuePage, Line, SplitPage, operation_id
from registry.acts.shares import CANCELLATIONS, reference
from registry.chain import contracts
from registry.domain.args import ActHeader, Consideration, Entry
from registry.domain.days import from_date
from registry.domain.ids import Address, Hash32, PartyId, Shares
from registry.errors import HaltError
from registry.interchange import Cancel, Convert, Issue, Reissue, SetAuthorised, Split, Transfer
from registry.interchange.plan import Consideration as PlannedConsideration

# Bounds, not estimates: an act that waits behind unmined ones cannot be estimated. Measured figures, with half again.
_GAS_BASE = 250_000
_GAS_A_LINE = 110_000
_GAS_OF_MOVE = 450_000

_KINDS = {"none": 0, "cash": 1, "conversion": 4}


@dataclass(frozen=True, slots=True)
class Call:
    """What the outbox takes."""

    operation: Hash32
    target: Address
    calldata: bytes
    gas: int
    label: str


@dataclass(frozen=True, slots=True)
class Places:
    """Where the package's ids ended up."""

    company: Address
    classes: Mapping[str, Address]
    parties: Mapping[str, PartyId]


class Caller:
    """Turns acts of one import into calls."""

    def __init__(self, desk: Desk, digest: str, attempt: int, places: Places) -> None:
        self._desk = desk
        self._digest = digest
        self._attempt = attempt
        self._places = places

    def call(self, act: ImportAct) -> Call:
        operation = operation_id(self._digest, self._attempt, act.key, act.page)
        header = ActHeader(operation, from_date(act.effective_on), Hash32(bytes.fromhex(self._digest)))
        target, calldata, gas = self._encode(header, act)
        return Call(operation, target, calldata, gas, f"{type(act.content).__name__} {act.key}"[:120])

    def _encode(self, header: ActHeader, act: ImportAct) -> tuple[Address, bytes, int]:
        content = act.content
        shares = contracts.share_class
        match content:
            case IssuePage():
                calldata = shares.issue(header, given(content.consideration), self._entries(content.lines))
                return self._class(content.class_id), calldata, _gas_of(content.lines)
            case SplitPage():
                entries = self._entries(content.lines)
                calldata = shares.split(header, content.numerator, content.denominator, entries)
                return self._class(content.class_id), calldata, _gas_of(content.lines)
            case Transfer():
                giver = self._book(content.from_stakeholder)
                entry = self._entry(content.to_stakeholder, content.shares, content.reference)
                calldata = shares.transfer_for(header, Consideration(), giver, entry)
                return self._class(content.class_id), calldata, _GAS_OF_MOVE
            case Cancel():
                kind = CANCELLATIONS[content.kind]
                entry = self._entry(content.holder, content.shares, content.reference)
                calldata = shares.cancel(header, kind, given(content.consideration), entry)
                return self._class(content.class_id), calldata, _GAS_OF_MOVE
            case Convert():
                return self._places.company, self._convert(header, content), 2 * _GAS_OF_MOVE
            case Reissue():
                calldata = shares.reissue(header, self._book(content.holder), reference(content.reference))
                return self._class(content.class_id), calldata, _GAS_OF_MOVE
            case SetAuthorised():
                calldata = shares.set_authorised(header, Shares(content.authorised))
                return self._class(content.class_id), calldata, _GAS_OF_MOVE
            case Issue() | Split():
                raise HaltError(f"step {act.key} was not cut into pages")
            case _:
                assert_never(content)

    def _convert(self, header: ActHeader, step: Convert) -> bytes:
        return contracts.company.convert(
            header,
            Consideration(kind=_KINDS["conversion"]),
            self._class(step.from_class),
            self._class(step.to_class),
            self._book(step.holder),
            Shares(step.shares),
            Shares(step.resulting_shares),
            reference(step.reference),
        )

    def _entries(self, lines: Sequence[Line]) -> list[Entry]:
        return [self._entry(line.holder, line.shares, line.reference) for line in lines]

    def _entry(self, holder: str, shares: int, number: str) -> Entry:
        return Entry(self._book(holder), Shares(shares), ref=reference(number))

    def _book(self, holder: str) -> Address:
        return self._desk.book(self._places.parties[holder])

    def _class(self, class_id: str) -> Address:
        return self._places.classes[class_id]


def given(planned: PlannedConsideration) -> Consideration:
    return Consideration(_KINDS[planned.kind], planned.currency, planned.price)


def _gas_of(lines: Sequence[Line]) -> int:
    return _GAS_BASE + _GAS_A_LINE * len(lines)
