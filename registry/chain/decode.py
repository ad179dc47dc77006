"""Logs into rows and domain events: one decoder for each event, generated from the packaged ABIs.

Knows which addresses are ours (`Emitters`, learnt in the order of the log) and skips the rest. An event that one of our
contracts should not be able to emit stops the reader.
"""

from __future__ import annotations

import enum
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, get_type_hints

from eth_utils.crypto import keccak

from registry.chain.contracts import COMPANY, FACTORY, REGISTRY, SHARE_CLASS
from registry.chain.rpc import RawLog
from registry.domain.events import EVENTS, At, RegistryEvent
from registry.domain.ids import Address, Hash32, Timestamp
from registry.domain.words import ClassWord, Holding, PartyWord
from registry.errors import HaltError

LOG_BITS = 20
"""A log's key is block << 20 | log index: unique, and in the order of the log."""
SILENT = frozenset({"EIP712DomainChanged"})
"""Declared by a base contract, emitted by none of ours."""


class Kind(enum.IntEnum):
    """What a contract of ours is."""

    REGISTRY = 0
    FACTORY = 1
    COMPANY = 2
    SHARE_CLASS = 3


_INTERFACES = {Kind.REGISTRY: REGISTRY, Kind.FACTORY: FACTORY, Kind.COMPANY: COMPANY, Kind.SHARE_CLASS: SHARE_CLASS}

Values = tuple[Any, ...]
Read = Callable[[Sequence[str], str], Values]


class Decoder(NamedTuple):
    """How one event is read: its fields in the order of the ABI."""

    event: str
    fields: tuple[str, ...]
    read: Read


class Emitter(NamedTuple):
    """A contract of ours. Registry and factory belong to no company (0)."""

    address: bytes
    kind: Kind
    company: int = 0
    position: int = 0


class Row(NamedTuple):
    """One decoded log. `values` are in the ABI's order: ints, bytes, str, bool."""

    key: int
    time: int
    tx: str
    block_hash: str
    emitter: Emitter
    event: str
    values: Values


# --- generated decoders ---
# Every field takes one 32-byte word. `struct` reads the narrow ones at once; wide integers are finished in Python.
_FORMATS = {"address": "12x20s", "bytes32": "32s", "bool": "31x?", "int32": "28xi", "string": "28xI"}


def _format_of(abi_type: str) -> str:
    if abi_type.startswith("uint"):
        bits = int(abi_type[4:])
        for code, width in (("B", 8), ("H", 16), ("I", 32), ("Q", 64)):
            if bits <= width:
                return f"{32 - width // 8}x{code}"
        return "32s"
    if abi_type not in _FORMATS:
        raise HaltError(f"an ABI has a field of type {abi_type}, which this decoder does not read")
    return _FORMATS[abi_type]


def _is_wide(abi_type: str) -> bool:
    return abi_type.startswith("uint") and int(abi_type[4:]) > 64


def _topic_reader(abi_type: str) -> Callable[[str], Any]:
    if abi_type == "address":
        return lambda topic: bytes.fromhex(topic[26:])
    if abi_type == "bytes32":
        return lambda topic: bytes.fromhex(topic[2:])
    raise HaltError(f"an ABI has an indexed field of type {abi_type}, which this decoder does not read")


def _string_at(body: bytes, offset: int) -> str:
    length = int.from_bytes(body[offset : offset + 32], "big")
    text = body[offset + 32 : offset + 32 + length]
    if len(text) != length:
        raise ValueError("a text is cut short")
    return text.decode("utf-8", "replace")


def _reader(inputs: Sequence[dict[str, Any]]) -> Read:
    """Indexed fields stand first in all our events, so topics and then data give the ABI's order."""
    indexed = [_topic_reader(field["type"]) for field in inputs if field["indexed"]]
    if [field["indexed"] for field in inputs] != [True] * len(indexed) + [False] * (len(inputs) - len(indexed)):
        raise HaltError("an ABI has an indexed field behind one that is not")
    types = [field["type"] for field in inputs if not field["indexed"]]
    layout = struct.Struct(">" + "".join(_format_of(abi_type) for abi_type in types))
    wide = [position for position, abi_type in enumerate(types) if _is_wide(abi_type)]
    texts = [position for position, abi_type in enumerate(types) if abi_type == "string"]
    size = layout.size

    def read(topics: Sequence[str], data: str) -> Values:
        body = bytes.fromhex(data[2:])
        if len(topics) != len(indexed) + 1 or (len(body) != size and not texts):
            raise ValueError("another number of fields")
        values = list(layout.unpack_from(body))
        for position in wide:
            values[position] = int.from_bytes(values[position], "big")
        for position in texts:
            values[position] = _string_at(body, values[position])
        return (*[convert(topic) for convert, topic in zip(indexed, topics[1:], strict=True)], *values)

    return read


def _load(kind: Kind) -> dict[str, Decoder]:
    decoders: dict[str, Decoder] = {}
    for entry in _INTERFACES[kind].artifact.abi:
        if entry["type"] != "event" or entry["name"] in SILENT:
            continue
        inputs = entry["inputs"]
        signature = f"{entry['name']}({','.join(field['type'] for field in inputs)})"
        names = tuple(field["name"] for field in inputs)
        decoders["0x" + keccak(text=signature).hex()] = Decoder(entry["name"], names, _reader(inputs))
    return decoders


DECODERS: dict[Kind, dict[str, Decoder]] = {kind: _load(kind) for kind in Kind}
"""By what the emitter is, then by topic."""


# --- who emits ---
class Emitters:
    """The contracts of one deployment. A creation teaches the address of what follows it in the log."""

    def __init__(self, registry: bytes, factory: bytes, known: Iterable[Emitter] = ()) -> None:
        self._by_address: dict[str, Emitter] = {}
        for emitter in (Emitter(registry, Kind.REGISTRY), Emitter(factory, Kind.FACTORY), *known):
            self._by_address["0x" + emitter.address.hex()] = emitter

    def get(self, address: str) -> Emitter | None:
        """`address` in lower-case hex, as nodes write it."""
        return self._by_address.get(address)

    def learn(self, emitter: Emitter, event: str, values: Values) -> Emitter | None:
        """The contract that this event brought into being, if it did."""
        if event == "CompanyCreated":
            born = Emitter(values[0], Kind.COMPANY, values[1])
        elif event == "ClassCreated":
            born = Emitter(values[0], Kind.SHARE_CLASS, emitter.company, values[1])
        else:
            return None
        self._by_address["0x" + born.address.hex()] = born
        return born


def rows(logs: Iterable[RawLog], emitters: Emitters) -> Iterator[Row]:
    """Decodes the logs of our contracts, in the order given; those of others are left out."""
    known = emitters.get
    block_text, block, time = "", 0, 0
    for log in logs:
        emitter = known(log.address.lower())
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
        except (ValueError, struct.error) as error:
            raise HaltError(f"{decoder.event} is not as its ABI says: {error}; {_where(log, emitter)}") from error
        key = block | int(log.logIndex, 16)
        yield Row(key, time, log.transactionHash, log.blockHash, emitter, decoder.event, values)
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
    words: tuple[tuple[int, Callable[[int], Any]], ...]


def _maker(event: str) -> _Maker:
    """Fields of the domain's record stand in the ABI's order; packed words are unpacked by their type."""
    record = EVENTS[event]
    hints = get_type_hints(record)
    names = [name for name in record.__dataclass_fields__ if name != "at"]
    unpack = {PartyWord: PartyWord.unpack, Holding: Holding.unpack, ClassWord: ClassWord.unpack}
    words = ((position, unpack[hints[name]]) for position, name in enumerate(names) if hints[name] in unpack)
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
