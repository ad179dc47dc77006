"""The contracts and the pure domain side by side: one command for both, and what they must agree on.

The domain's commands carry the fields of the contracts' functions, so a command is its own call; events come back as
the domain's records. Nothing is compared loosely: error names and arguments, events field by field, stored words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

from registry.domain import commands as do
from registry.domain.commands import Command
from registry.domain.events import EVENTS, At, ClassCreated, CompanyCreated, RegistryEvent
from registry.domain.ids import Address, Hash32, Timestamp
from registry.domain.register import RegisterState
from registry.domain.state import apply, apply_all, settle
from registry.domain.words import Charter, ClassWord, Holding, PartyWord
from tests.contracts.support import node
from tests.contracts.support.contracts import Contract, Event, Refusal, abi_of, event_of, read_all, refusal_of
from tests.contracts.support.ground import Ground

Said = tuple[str, tuple[Any, ...]]
"""A refusal: the error's name and its arguments."""

IN_REGISTRY = {
    do.Onboard: "onboard",
    do.SetStanding: "setStanding",
    do.Revoke: "revoke",
    do.BindWallet: "bindWallet",
    do.SetWalletClosed: "setWalletClosed",
    do.SetFrozen: "setFrozen",
    do.SetRoles: "setRoles",
    do.TrustProvider: "trustProvider",
    do.RevokeProvider: "revokeProvider",
    do.OfferGovernor: "offerGovernor",
    do.AcceptGovernor: "acceptGovernor",
}
IN_COMPANY = {
    do.SetCompanyRoles: "setRoles",
    do.OfferAdmin: "offerAdmin",
    do.AcceptAdmin: "acceptAdmin",
    do.RecordDocument: "recordDocument",
    do.StopClass: "stopClass",
    do.StopCompany: "stopCompany",
    do.StopByRegulator: "stopByRegulator",
    do.SetCap: "setCap",
    do.Open: "open",
    do.Abandon: "abandon",
    do.NameSuccessor: "nameSuccessor",
    do.Convert: "convert",
    do.FixWeight: "fixWeight",
    do.Recount: "recount",
}
IN_CLASS = {
    do.Issue: "issue",
    do.TransferFor: "transferFor",
    do.Cancel: "cancel",
    do.Reissue: "reissue",
    do.Split: "split",
    do.SetLock: "setLock",
    do.SetAuthorised: "setAuthorised",
    do.AdmitCategories: "admitCategories",
    do.SetRecordDate: "setRecordDate",
    do.Transfer: "transfer",
    do.TransferFrom: "transferFrom",
    do.Approve: "approve",
}
ONLY_FOR_THE_MODEL = {"is_signed", "forged"}
UNPACKED: dict[str, Callable[[int], Any]] = {
    "PartyWord": PartyWord.unpack,
    "Holding": Holding.unpack,
    "ClassWord": ClassWord.unpack,
}


def raw(address: str) -> Address:
    return Address(bytes.fromhex(address[2:]))


def hexed(address: bytes) -> str:
    return "0x" + address.hex()


class Twin:
    """The chain, the state that the commands write, and the state that follows from the chain's events."""

    def __init__(self, ground: Ground, past: list[RegistryEvent]) -> None:
        tag = ground.registry.read("bookTag")
        registry, factory = raw(ground.registry.address), raw(ground.factory.address)
        self.ground = ground
        self.replay = RegisterState(registry, factory, tag, node.UTC_OFFSET)
        self.state = RegisterState(registry, factory, tag, node.UTC_OFFSET)
        self.company = raw(ground.company.address)
        self.classes = (raw(ground.common.address), raw(ground.preferred.address))
        apply_all(self.replay, past)
        apply_all(self.state, past)
        self.time = node.now()

    def contract(self, address: bytes) -> Contract:
        found = {c.address: c for c in (self.ground.company, self.ground.common, self.ground.preferred)}
        return found[hexed(address)]

    # --- a step ---

    def take(self, command: Command, actor: Address, wait: int = 1) -> Said | None:
        """Both carry the command out in the same second; both succeed alike or refuse alike."""
        self.time += wait
        contract, function, arguments = self._call(command)
        node.next_block_at(self.time)
        receipt = node.transact(hexed(actor), contract.address, contract.calldata(function, arguments))
        on_chain = None if receipt["status"] == "0x1" else said(refusal_of(node.revert_data(receipt)))
        block, tx = int(receipt["blockNumber"], 16), Hash32(bytes.fromhex(receipt["transactionHash"][2:]))
        outcome, in_domain = self._run(command, actor, block, tx)
        assert on_chain == in_domain, f"{command}: {on_chain} on chain, {in_domain} in the domain"
        if outcome is None:
            return on_chain
        events = [to_domain(log, self.time) for log in receipt["logs"]]
        assert events == list(outcome.events), f"{command}: {events}\n{outcome.events}"
        self.state = outcome.state
        for event in events:
            apply(self.replay, event)
        settle(self.replay)
        return None

    def _run(self, command: Command, actor: Address, block: int, tx: Hash32) -> tuple[do.Outcome | None, Said | None]:
        try:
            return do.run(self.state, command, actor, self.time, block=block, tx=tx), None
        except do.Refusal as refusal:
            return None, (refusal.name, tuple(refusal.values))

    def _call(self, command: Command) -> tuple[Contract, str, list[Any]]:
        values = [getattr(command, f.name) for f in fields(command) if f.name not in ONLY_FOR_THE_MODEL]  # type: ignore[arg-type]
        kind = type(command)
        if kind in IN_REGISTRY:
            return self.ground.registry, IN_REGISTRY[kind], [_plain(value) for value in values]
        contract = self.contract(values[0])
        function = IN_COMPANY[kind] if kind in IN_COMPANY else IN_CLASS[kind]
        return contract, function, [_plain(value) for value in values[1:]]

    # --- what is compared after a step ---

    def compare(self, accounts: list[Address], parties: list[Any]) -> None:
        """Every stored word of both classes, the company, its seats and the parties."""
        assert self.replay == self.state
        assert [finding for finding in self.replay.findings if finding.is_fault] == []
        asked = [hexed(account) for account in accounts]
        books = [hexed(self.state.book_account(party)) for party in parties]
        company, registry = self.ground.company, self.ground.registry
        wanted: list[tuple[Any, ...]] = [(company, "charter"), (registry, "standingsOf", books)]
        wanted += [(company, "seatOf", party) for party in parties]
        for contract in map(self.contract, self.classes):
            wanted += [(contract, "classWord"), (contract, "totalSupply"), (contract, "holdingsOf", asked)]
        charter, words, *rest = read_all(*wanted)
        known = self.state.companies[self.company]
        assert Charter.unpack(charter) == known.charter
        assert [PartyWord.unpack(word) for word in words] == [self.state.party_word(party) for party in parties]
        assert rest[: len(parties)] == [known.seat_of(party).pack() for party in parties]
        for i, address in enumerate(self.classes):
            c = self.state.classes[address]
            class_word, supply, holdings = rest[len(parties) + 3 * i :][:3]
            assert ClassWord.unpack(class_word) == c.word
            assert supply == c.issued == sum(h.balance for h in c.holdings.values())
            stored = [c.holdings.get(self.state.account_of(account), Holding()) for account in accounts]
            assert [Holding.unpack(word) for word in holdings] == stored


def said(refusal: Refusal) -> Said:
    """With addresses as bytes, as the domain has them."""
    values = (raw(v) if isinstance(v, str) and len(v) == 42 and v.startswith("0x") else v for v in refusal.values)
    return refusal.name, tuple(values)


def _plain(value: Any) -> Any:
    """A command's field as the ABI wants it."""
    if isinstance(value, PartyWord):
        return value.pack()
    if is_dataclass(value):
        return tuple(_plain(getattr(value, f.name)) for f in fields(value))
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return hexed(value) if isinstance(value, bytes) and len(value) == 20 else value


def history(ground: Ground) -> list[RegistryEvent]:
    """All events of a deployment since the first block; companies and classes are learnt in the order of the log."""
    emitters = {raw(ground.registry.address), raw(ground.factory.address)}
    events: list[RegistryEvent] = []
    times: dict[str, int] = {}
    for log in node.ask("eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest"}):
        number = log["blockNumber"]
        if number not in times:
            times[number] = int(node.ask("eth_getBlockByNumber", number, False)["timestamp"], 16)
        event = to_domain(log, times[number])
        if event.at.emitter not in emitters:
            continue
        events.append(event)
        if isinstance(event, CompanyCreated):
            emitters.add(event.company)
        elif isinstance(event, ClassCreated):
            emitters.add(event.share_class)
    return events


def to_domain(log: dict[str, Any], time: int) -> RegistryEvent:
    event: Event = event_of(log)
    at = At(
        int(log["blockNumber"], 16),
        Timestamp(time),
        Hash32(bytes.fromhex(log["transactionHash"][2:])),
        int(log["logIndex"], 16),
        raw(event.emitter),
    )
    kinds = _kinds(event.name)
    values = [_unpacked(kinds[name], value) for name, value in event.values.items()]
    return EVENTS[event.name](at, *values)


def _unpacked(kind: str, value: Any) -> Any:
    if kind == "address":
        return raw(value)
    return UNPACKED[kind](value) if kind in UNPACKED else value


_KINDS: dict[str, dict[str, str]] = {}


def _kinds(name: str) -> dict[str, str]:
    """What the fields of an event are called in the sources: `Holding`, not `uint256`."""
    if name not in _KINDS:
        for contract in ("IdentityRegistry", "ShareClass", "Company", "CompanyFactory"):
            for entry in abi_of(contract):
                if entry["type"] == "event":
                    _KINDS[entry["name"]] = {part["name"]: part["internalType"] for part in entry["inputs"]}
    return _KINDS[name]
