"""Logs into rows and domain events: one decoder for each event, generated from the packaged ABIs.

Knows which addresses are ours (`Emitters`, learnt in the order of the log) and skips the rest. An event that one of our
contracts should not be able to emit stops the reader.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, get_type_hints

from eth_utils.crypto import keccak

from registry.chain.abi import signature
from registry.chain.contracts import INTERFACES
from registry.chain.deployment import Deployment
from registry.chain.rpc import RawLog
from registry.domain.event import At, RegistryEvent
from registry.domain.events import EVENTS
from registry.domain.ids import Address, Hash32, Timestamp
from registry.domain.payout_args import HolderRow, Payment, TaxRule
from registry.domain.raise_words import Case, Tranche
from registry.domain.words import ClassWord, Holding, PartyWord
from registry.errors import HaltError

LOG_BITS = 20
"""A log's key is block << 20 | log index: unique, and in the order of the log."""
SILENT = frozenset({"EIP712DomainChanged"})
"""Declared by a base contract, emitted by none of ours."""
BIRTHS = frozenset({"CompanyCreated", "ClassCreated", "OfferingCreated"})
"""They bring contracts of ours into being."""
CLASSES_PER_COMPANY = 32
"""The contracts' limit; it makes a class's id from its company's number and its position there."""


class Kind(enum.IntEnum):
    """What a contract of ours is."""

    REGISTRY = 0
    FACTORY = 1
    COMPANY = 2
    SHARE_CLASS = 3
    TOKEN = 4
    REGIONS = 5
    BOARD = 6
    OFFERING_FACTORY = 7
    OFFERING = 8
    ESCROW = 9
    TAX_SCHEDULES = 10
    PREFERENCES = 11
    DISTRIBUTIONS = 12


_INTERFACES = dict(zip(Kind, INTERFACES, strict=True))


def class_id_of(company: int, position: int) -> int:
    """A class by its company's number and its position there: the same on every machine."""
    return company * CLASSES_PER_COMPANY + position


Values = tuple[Any, ...]
Read = Callable[[Sequence[str], str], Values]


class Decoder(NamedTuple):
    """How one event is read: its fields in the order of the ABI."""

    event: str
    fields: tuple[str, ...]
    read: Read
    is_birth: bool


class Emitter(NamedTuple):
    """A contract of ours. `company` is the number of the company that it belongs to, 0 where it belongs to none; only a
    class has a class id, only a raise and its escrow have the number of the raise."""

    address: bytes
    kind: Kind
    company: int = 0
    class_id: int = 0
    offering: int = 0


class Row(NamedTuple):
    """One decoded log. `values` are in the ABI's order: ints, bytes, str, bool; an array is a tuple, its packed words
    are ints, its structs tuples."""

    key: int
    time: int
    tx: str
    block_hash: str
    emitter: Emitter
    event: str
    values: Values


# --- generated decoders ---
# Each field is a slice of the hex text, so an event is read by one expression, written from the ABI at import.
WORD = 64
"""Hex digits of one ABI word."""
DYNAMIC = frozenset({"string", "bytes", "address[]", "uint256[]", "tuple[]"})
"""Their word says where in the data they stand."""


def _expression(field: dict[str, Any], text: str, at: int) -> str:
    """Reads the word that begins at a digit of `text`."""
    abi_type = str(field["type"])
    if abi_type.endswith("[]") and abi_type in DYNAMIC and text == "data":
        item, words = _item(field)
        return f"list_at(data, int(data[{at}:{at + WORD}], 16), {words}, lambda item: {item})"
    if abi_type.startswith("uint") and not abi_type.endswith("[]"):
        return f"int({text}[{at}:{at + WORD}], 16)"
    if abi_type == "address":
        return f"fromhex({text}[{at + 24}:{at + WORD}])"
    if abi_type == "bytes32":
        return f"fromhex({text}[{at}:{at + WORD}])"
    if abi_type == "bool":
        return f"int({text}[{at}:{at + WORD}], 16) == 1"
    if abi_type == "int32":
        return f"(int({text}[{at + 56}:{at + WORD}], 16) ^ 0x80000000) - 0x80000000"
    if abi_type in DYNAMIC and text == "data":
        return f"{abi_type}_at(data, int(data[{at}:{at + WORD}], 16))"
    raise HaltError(f"an ABI has a field of type {abi_type} in {text}, which this decoder does not read")


def _item(field: dict[str, Any]) -> tuple[str, int]:
    """How one item of an array is read, and how many words it has; a struct becomes a tuple."""
    if field["type"] != "tuple[]":
        return _expression({"type": field["type"].removesuffix("[]")}, "item", 0), 1
    parts = field["components"]
    if any(part["type"] in DYNAMIC for part in parts):
        raise HaltError(f"an ABI has an array {field['name']}, which this decoder does not read")
    return f"({', '.join(_expression(part, 'item', n * WORD) for n, part in enumerate(parts))},)", len(parts)


def _list_at(data: str, offset: int, words: int, read: Callable[[str], Any]) -> Values:
    start, size = 2 + 2 * offset, words * WORD
    end = start + WORD + int(data[start : start + WORD], 16) * size
    if end > len(data):
        raise ValueError("an array is cut short")
    return tuple([read(data[at : at + size]) for at in range(start + WORD, end, size)])


def _bytes_at(data: str, offset: int) -> bytes:
    start = 2 + 2 * offset
    length = int(data[start : start + WORD], 16)
    found = bytes.fromhex(data[start + WORD : start + WORD + 2 * length])
    if len(found) != length:
        raise ValueError("a text is cut short")
    return found


def _string_at(data: str, offset: int) -> str:
    return _bytes_at(data, offset).decode("utf-8", "replace")


def _misshapen() -> Values:
    raise ValueError("another number of fields")


def _flat(inputs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The fields, those of a struct one by one in its place: its words stand just so in the data."""
    found: list[dict[str, Any]] = []
    for field in inputs:
        if field["type"] != "tuple":
            found.append(field)
            continue
        parts = _flat([part | {"indexed": False} for part in field["components"]])
        if field["indexed"] or any(part["type"] in DYNAMIC for part in parts):
            raise HaltError(f"an ABI has a struct {field['name']}, which this decoder does not read")
        found += parts
    return found


def _reader(inputs: Sequence[dict[str, Any]]) -> Read:
    """Indexed fields are read from the topics, the others from the data; all in the ABI's order."""
    expressions, topics, words = [], 1, 0
    for field in inputs:
        if field["indexed"]:
            expressions.append(_expression(field, f"topics[{topics}]", 2))
            topics += 1
        else:
            expressions.append(_expression(field, "data", 2 + words * WORD))
            words += 1
    is_dynamic = any(field["type"] in DYNAMIC for field in inputs)
    shape = f"len(topics) == {topics} and len(data) {'>' if is_dynamic else '=='} {2 + words * WORD}"
    source = f"lambda topics, data: ({', '.join(expressions)},) if {shape} else misshapen()"
    names = {"fromhex": bytes.fromhex, "misshapen": _misshapen, "int": int, "len": len}
    names |= {"string_at": _string_at, "bytes_at": _bytes_at, "list_at": _list_at}
    read: Read = eval(source, {"__builtins__": {}, **names})
    return read


def _load(kind: Kind) -> dict[str, Decoder]:
    decoders: dict[str, Decoder] = {}
    for entry in _INTERFACES[kind].artifact.abi:
        if entry["type"] != "event" or entry["name"] in SILENT:
            continue
        inputs = _flat(entry["inputs"])
        names = tuple(field["name"] for field in inputs)
        decoders["0x" + keccak(text=signature(entry)).hex()] = Decoder(
            entry["name"], names, _reader(inputs), entry["name"] in BIRTHS
        )
    return decoders


DECODERS: dict[Kind, dict[str, Decoder]] = {kind: _load(kind) for kind in Kind}
"""By what the emitter is, then by topic."""


# --- who emits ---
class Emitters:
    """The contracts of one deployment. A creation teaches the addresses of what follows it in the log."""

    def __init__(self, deployment: Deployment, known: Iterable[Emitter] = ()) -> None:
        self.by_address: dict[str, Emitter] = {}
        """By address in lower-case hex, as nodes write it."""
        self._add(Emitter(deployment.registry, Kind.REGISTRY))
        self._add(Emitter(deployment.factory, Kind.FACTORY))
        self._add(Emitter(deployment.token, Kind.TOKEN))
        self._add(Emitter(deployment.regions, Kind.REGIONS))
        self._add(Emitter(deployment.board, Kind.BOARD))
        self._add(Emitter(deployment.offering_factory, Kind.OFFERING_FACTORY))
        self._add(Emitter(deployment.tax_schedules, Kind.TAX_SCHEDULES))
        self._add(Emitter(deployment.preferences, Kind.PREFERENCES))
        self._add(Emitter(deployment.distributions, Kind.DISTRIBUTIONS))
        for emitter in known:
            self._add(emitter)

    def _add(self, emitter: Emitter) -> None:
        self.by_address["0x" + emitter.address.hex()] = emitter

    def learn(self, emitter: Emitter, event: str, values: Values) -> None:
        """The contracts that a birth brought into being."""
        for born in self._born(emitter, event, values):
            self._add(born)

    def _born(self, emitter: Emitter, event: str, values: Values) -> tuple[Emitter, ...]:
        if event == "CompanyCreated":
            return (Emitter(values[0], Kind.COMPANY, values[1]),)
        if event == "ClassCreated":
            class_id = class_id_of(emitter.company, values[1])
            return (Emitter(values[0], Kind.SHARE_CLASS, emitter.company, class_id),)
        offering, escrow, number, company = values[:4]
        owner = self.by_address.get("0x" + company.hex())
        if owner is None or owner.kind is not Kind.COMPANY:
            raise HaltError(f"raise {number} belongs to 0x{company.hex()}, which is no company of this registry")
        return (
            Emitter(offering, Kind.OFFERING, owner.company, 0, number),
            Emitter(escrow, Kind.ESCROW, owner.company, 0, number),
        )


def rows(logs: Iterable[RawLog], emitters: Emitters) -> Iterator[Row]:
    """Decodes the logs of our contracts, in the order given; those of others are left out."""
    known, make = emitters.by_address, tuple.__new__  # a named tuple's own constructor costs half a microsecond more
    block_text, block, time = "", 0, 0
    for log in logs:
        emitter = known.get(log.address.lower())
        if emitter is None:
            continue
        if log.blockNumber != block_text:
            block_text = log.blockNumber
            block, time = int(block_text, 16) << LOG_BITS, _time_of(log)
        decoder = DECODERS[emitter.kind].get(log.topics[0] if log.topics else "")
        if decoder is None:
            raise HaltError(f"unknown event {log.topics[:1]} {_where(log, emitter)}")
        try:
            values = decoder.read(log.topics, log.data)
        except ValueError as error:
            raise HaltError(f"{decoder.event} is not as its ABI says: {error}; {_where(log, emitter)}") from error
        key = block | int(log.logIndex, 16)
        yield make(Row, (key, time, log.transactionHash, log.blockHash, emitter, decoder.event, values))
        if decoder.is_birth:
            emitters.learn(emitter, decoder.event, values)


def _time_of(log: RawLog) -> int:
    if log.blockTimestamp is None:
        raise HaltError(f"log without its block's time in block {log.blockNumber}; fetch through registry.chain.logs")
    return int(log.blockTimestamp, 16)


def _where(log: RawLog, emitter: Emitter) -> str:
    kind = emitter.kind.name.lower().replace("_", " ")
    return f"from {kind} {log.address} in block {int(log.blockNumber, 16)}, transaction {log.transactionHash}"


# --- domain events ---
@dataclass(frozen=True, slots=True)
class _Maker:
    make: Callable[..., RegistryEvent]
    words: tuple[tuple[int, Callable[[Any], Any]], ...]


_UNPACKERS: dict[Any, Callable[[Any], Any]] = {
    **{word: word.unpack for word in (PartyWord, Holding, ClassWord)},
    **{word: word.unpack for word in (Tranche, Case)},
    tuple[HolderRow, ...]: lambda words: tuple([HolderRow.unpack(word) for word in words]),
    tuple[Payment, ...]: lambda words: tuple([Payment.unpack(word) for word in words]),
    tuple[TaxRule, ...]: lambda rules: tuple([TaxRule(*rule) for rule in rules]),
}


def _maker(event: str) -> _Maker:
    """Fields of the domain's record stand in the ABI's order; packed words and lists are unpacked by their type."""
    record = EVENTS[event]
    hints = get_type_hints(record)
    names = [name for name in record.__dataclass_fields__ if name != "at"]
    words = ((position, _UNPACKERS[hints[name]]) for position, name in enumerate(names) if hints[name] in _UNPACKERS)
    return _Maker(record, tuple(words))


_MAKERS = {event: _maker(event) for event in EVENTS}


def to_events(logs: Iterable[RawLog], emitters: Emitters) -> Iterator[RegistryEvent]:
    """The same logs as domain events, for whoever folds them."""
    mask = (1 << LOG_BITS) - 1
    for row in rows(logs, emitters):
        maker = _MAKERS[row.event]
        values = list(row.values)
        for position, unpack in maker.words:
            values[position] = unpack(values[position])
        at = At(
            row.key >> LOG_BITS,
            Timestamp(row.time),
            Hash32(bytes.fromhex(row.tx[2:])),
            row.key & mask,
            Address(row.emitter.address),
        )
        yield maker.make(at, *values)
