"""What the demo shows after an import: two holders qualified, the company opened, wallets bound, shares moved.

Class totals and holders of record stay those of the package, whatever package it is: shares move between holders of
one class, or, where a package has a single holder, between that holder's own accounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from registry.acts import identity, shares
from registry.acts.desk import Desk
from registry.acts.identity import Standing
from registry.acts.importing import Imported
from registry.acts.operations import Done, Request
from registry.domain.ids import Address, Day, PartyId, Shares
from registry.errors import RejectedError
from registry.interchange import ImportPlan

_QUALIFIED, _INSTITUTION = 3, 4
_YEAR = 365
# The most that changes hands: the hundredth part of what the giver has.
_PART = 100


@dataclass(frozen=True, slots=True)
class Actor:
    """A holder who takes part, with the wallet's key by its name in the keystores."""

    party: PartyId
    holder: str
    held: int
    is_person: bool
    wallet: str
    address: Address = Address(bytes(20))


@dataclass(frozen=True, slots=True)
class Cast:
    """Giver and, where there is one, taker in one class; `bystander` is left unqualified, for the refusal."""

    class_id: str
    giver: Actor
    taker: Actor | None
    bystander: PartyId | None

    @property
    def actors(self) -> tuple[Actor, ...]:
        return (self.giver,) if self.taker is None else (self.giver, self.taker)

    @property
    def part(self) -> int:
        return max(1, self.giver.held // _PART)


def choose(plan: ImportPlan, imported: Imported) -> Cast | None:
    """The largest holders, persons first, of a class that has two of them; None for a package without shares."""
    people = {holder.id: holder.kind == "individual" for holder in plan.stakeholders}
    best: tuple[tuple[bool, bool, int], Cast] | None = None
    for class_id, table in plan.holders_by_class.items():
        ranked = sorted(table, key=lambda holder: (not people[holder], -table[holder], holder))
        if not ranked:
            continue
        actors = [
            Actor(imported.parties[holder], holder, table[holder], people[holder], f"wallet_{place}")
            for holder, place in zip(ranked[:2], ("giver", "taker"), strict=False)
        ]
        has_pair = len(actors) == 2 and actors[0].held > 1
        cast = Cast(class_id, actors[0], actors[1] if has_pair else None, None)
        rank = (has_pair, all(actor.is_person for actor in cast.actors), sum(actor.held for actor in cast.actors))
        if best is None or rank > best[0]:
            best = rank, cast
    return None if best is None else replace(best[1], bystander=_bystander(plan, imported, best[1]))


def qualify(desk: Desk, actors: Sequence[Actor]) -> list[Done]:
    """The KYC agent's statements, in force for a year from today."""
    until = Day(desk.today() + _YEAR)
    document = desk.keep_document(b"demo: identity and assets were examined")
    done = []
    for actor in actors:
        standing = Standing(
            category=_QUALIFIED if actor.is_person else _INSTITUTION,
            kyc_day=until,
            qualification_day=until if actor.is_person else None,
        )
        request = Request(f"demo qualify {actor.party}", document)
        done.append(identity.set_standing(desk, request, actor.party, standing))
    return done


def bind_wallets(desk: Desk, cast: Cast) -> Cast:
    """A wallet for each actor; its key signs the consent."""
    document = desk.keep_document(b"demo: the holder asked for this wallet")
    bound = []
    for actor in cast.actors:
        signer = desk.keys.wallet(actor.wallet)
        identity.bind_wallet(desk, Request(f"demo bind {actor.party}", document), actor.party, signer)
        bound.append(replace(actor, address=signer.address))
    return replace(cast, giver=bound[0], taker=bound[1] if len(bound) == 2 else None)


def take_out(desk: Desk, cast: Cast, share_class: Address) -> Done:
    """The giver's wallet takes a part out of the giver's book account; no allowance is needed for one's own."""
    return shares.withdraw(
        desk, f"demo take out {cast.giver.party}", share_class, cast.giver.wallet, cast.giver.party, Shares(cast.part)
    )


def hand_over(desk: Desk, cast: Cast, share_class: Address) -> Done | None:
    """From wallet to wallet."""
    if cast.taker is None:
        return None
    key = f"demo hand over {cast.giver.party} {cast.taker.party}"
    return shares.transfer(desk, key, share_class, cast.giver.wallet, cast.taker.address, cast.part)


def try_in_vain(desk: Desk, cast: Cast, share_class: Address) -> RejectedError:
    """One share to somebody who may not receive: the class says why before anybody signs."""
    seller = cast.taker or cast.giver
    stranger = Address(b"\x5e" * 20)
    receiver = stranger if cast.bystander is None else desk.book(cast.bystander)
    try:
        shares.check_transfer(desk, share_class, seller.address, receiver, 1)
    except RejectedError as refused:
        return refused
    raise AssertionError("the class let an unqualified receiver pass")


def _bystander(plan: ImportPlan, imported: Imported, cast: Cast) -> PartyId | None:
    taking_part = {actor.party for actor in cast.actors}
    holders = {holder for table in plan.holders_by_class.values() for holder in table}
    others = sorted(imported.parties[holder] for holder in holders if imported.parties[holder] not in taking_part)
    return others[0] if others else None
