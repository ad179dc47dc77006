"""Parties: onboarding, standing, wallets, and the regulator's freeze."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from registry.acts.desk import PROVIDER, REGULATOR, Desk
from registry.acts.operations import Done, Request, carry_out, header_for
from registry.chain import contracts
from registry.chain.sign import Signer
from registry.directory import Dossier
from registry.domain.args import Provider
from registry.domain.days import first_second
from registry.domain.ids import Address, Day, Hash32, PartyId
from registry.domain.words import PartyWord
from registry.errors import HaltError, InputError

# A wallet's consent is good for this long after the act's date [days].
BINDING_DAYS = 30


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person to onboard: dossier, and the stated facts."""

    dossier: Dossier
    kind: int = 1
    country: int = 0
    weight: int = 1
    category: int = 0
    kyc_day: Day = Day(0)
    qualification_day: Day = Day(0)
    risk_grade: int = 0
    tax_residence: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """Facts to restate; None leaves what is there."""

    category: int | None = None
    kyc_day: Day | None = None
    qualification_day: Day | None = None
    kind: int | None = None
    country: int | None = None
    tax_residence: int | None = None
    risk_grade: int | None = None
    weight: int | None = None


def onboard(desk: Desk, request: Request, newcomers: Sequence[Newcomer]) -> tuple[tuple[PartyId, ...], Done]:
    """New parties with their dossiers; ids are the next ones of the provider's range."""
    header = header_for(desk, "onboard", request)
    sources = [f"request:{request.key}:{index}" for index in range(len(newcomers))]
    parties = allocate(desk, sources)
    ids = tuple(parties[source] for source in sources)
    dossiers = {party: new.dossier for party, new in zip(ids, newcomers, strict=True)}
    _refuse_others(desk, request, header.operation, dossiers)
    hashes = desk.directory.put_all(dossiers)
    words = [_word(party, new) for party, new in zip(ids, newcomers, strict=True)]
    calldata = contracts.registry.onboard(header, words, [hashes[party] for party in ids])
    label = f"onboard {len(ids)} parties"
    return ids, carry_out(desk, PROVIDER, desk.deployment.registry, calldata, header.operation, label)


def set_standing(desk: Desk, request: Request, party: PartyId, standing: Standing) -> Done:
    """Restates a party's facts: category, how long KYC and qualification are in force."""
    header = header_for(desk, "standing", request)
    changed: dict[str, Any] = {name: value for name, value in _fields(standing) if value is not None}
    word = replace(stated(required(desk, party)), **changed)
    calldata = contracts.registry.set_standing(header, [word])
    return carry_out(desk, PROVIDER, desk.deployment.registry, calldata, header.operation, f"standing of {party}")


def bind_wallet(desk: Desk, request: Request, party: PartyId, wallet: Signer) -> Done:
    """Binds a wallet for ever; the wallet signs, the KYC agent sends."""
    header = header_for(desk, "bind_wallet", request)
    deadline = first_second(Day(header.effective_on + BINDING_DAYS), desk.deployment.utc_offset)
    signature = wallet.sign_binding(desk.deployment, party, deadline)
    calldata = contracts.registry.bind_wallet(header, party, wallet.address, deadline, signature)
    label = f"bind a wallet to {party}"
    return carry_out(desk, PROVIDER, desk.deployment.registry, calldata, header.operation, label)


def close_wallet(desk: Desk, request: Request, wallet: Address, closed: bool) -> Done:
    """A closed wallet neither sends nor receives; it can be opened again."""
    header = header_for(desk, "close_wallet", request)
    calldata = contracts.registry.set_wallet_closed(header, wallet, closed)
    return carry_out(desk, PROVIDER, desk.deployment.registry, calldata, header.operation, "close or open a wallet")


def freeze(desk: Desk, request: Request, party: PartyId, frozen: bool) -> Done:
    """By order: a frozen party neither sends nor receives, in all companies."""
    header = header_for(desk, "freeze", request)
    calldata = contracts.registry.set_frozen(header, party, frozen)
    label = f"{'freeze' if frozen else 'release'} {party}"
    return carry_out(desk, REGULATOR, desk.deployment.registry, calldata, header.operation, label)


def revoke(desk: Desk, request: Request, party: PartyId) -> Done:
    """KYC and qualification end in this block; the party may still send."""
    header = header_for(desk, "revoke", request)
    calldata = contracts.registry.revoke(header, party)
    return carry_out(desk, PROVIDER, desk.deployment.registry, calldata, header.operation, f"revoke {party}")


def required(desk: Desk, party: PartyId) -> PartyWord:
    """The party's word on the chain."""
    word = desk.reads.party_word(party)
    if not word.id:
        raise InputError(f"party {party} is not registered (ID-1)", code="party_unknown", field="party", value=party)
    return word


def stated(word: PartyWord) -> PartyWord:
    """The fields that a KYC agent states; the registry keeps flags and wallets itself."""
    return replace(word, flags=0, closed_wallets=0, wallet_count=0)


def allocate(desk: Desk, sources: Sequence[str]) -> dict[str, PartyId]:
    """Party ids for sources, above every id that directory or mirror know in the provider's range."""
    terms = provider_terms(desk)
    desk.catch_up()
    floor = desk.queries.highest_party(terms.first_id, terms.last_id)
    return desk.directory.allocate(sources, first=terms.first_id, last=terms.last_id, floor=floor)


def provider_terms(desk: Desk) -> Provider:
    """The range of ids that the desk's KYC agent may give."""
    terms = desk.reads.provider(desk.account(PROVIDER))
    if terms is None:
        raise HaltError("the key named 'kyc_agent' is no trusted KYC provider of this registry")
    return terms


def _refuse_others(desk: Desk, request: Request, operation: Hash32, dossiers: Mapping[PartyId, Dossier]) -> None:
    """An onboarding that was begun keeps its dossiers, whose hashes the chain has; one that was refused may change."""
    if desk.outbox.states([operation]).get(operation) in {None, "rejected", "parked"}:
        return
    for party, dossier in dossiers.items():
        known = desk.directory.get(party)
        if known is not None and known != dossier:
            message = f"this idempotency key was used before, to onboard party {party} with other particulars"
            raise InputError(message, code="operation_id_reused", object=str(party), field="key", value=request.key)


def _word(party: PartyId, new: Newcomer) -> PartyWord:
    return PartyWord(
        id=party,
        kyc_day=new.kyc_day,
        qualification_day=new.qualification_day,
        category=new.category,
        kind=new.kind,
        country=new.country,
        tax_residence=new.tax_residence,
        risk_grade=new.risk_grade,
        weight=new.weight,
    )


def _fields(standing: Standing) -> list[tuple[str, int | None]]:
    names = Standing.__dataclass_fields__
    return [(name, getattr(standing, name)) for name in names]
