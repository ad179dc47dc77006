"""Walks through the history certificate by certificate, checks every sum, and writes down the steps.

The ledger here is the package's own: certificates. The steps are the register's: holders. A transaction that does not
add up gives an error and no step; what it would have opened is lost, so that one fault is reported once.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from registry.interchange.findings import Findings
from registry.interchange.linking import Links, Unit
from registry.interchange.ocf import Records
from registry.interchange.plan import (
    Certificate,
    ClassId,
    Consideration,
    Issue,
    SecurityId,
    SetAuthorised,
    Split,
    Step,
    TransactionId,
)
from registry.interchange.splitting import after_split, differences
from registry.interchange.steps import steps_of
from registry.interchange.transactions import AuthorisedChange, ClassSplit, Ending, StockIssuance


@dataclass(slots=True)
class Ledger:
    """Certificates in force, and what each class has issued and may issue."""

    live: dict[SecurityId, Certificate] = field(default_factory=dict)
    outstanding: defaultdict[ClassId, int] = field(default_factory=lambda: defaultdict(int))
    authorised: dict[ClassId, int] = field(default_factory=dict)


def replay(units: Iterable[Unit], records: Records, links: Links, findings: Findings) -> tuple[list[Step], Ledger]:
    """The steps of a history in order, and the certificates that it leaves in force."""
    walk = _Walk(records, links, findings, Ledger(authorised={c.id: c.authorised for c in records.classes.values()}))
    for acceptance in records.acceptances:
        walk.accepted[acceptance.security_id].append(acceptance.id)
    for unit in units:
        match unit:
            case StockIssuance():
                walk.issue(unit)
            case Ending():
                walk.end(unit)
            case ClassSplit():
                walk.split(unit)
            case AuthorisedChange():
                walk.set_authorised(unit)
    return walk.steps, walk.ledger


@dataclass(slots=True)
class _Walk:
    records: Records
    links: Links
    findings: Findings
    ledger: Ledger
    steps: list[Step] = field(default_factory=list)
    accepted: defaultdict[SecurityId, list[TransactionId]] = field(default_factory=lambda: defaultdict(list))

    def issue(self, unit: StockIssuance) -> None:
        if unit.security_id in self.links.lost:
            return
        if not self._has_room(unit.class_id, unit.shares, unit.id, unit.number):
            self.links.lost.add(unit.security_id)
            return
        self._open(unit)
        given = unit.consideration
        if unit.security_id in self.records.converted:
            given = Consideration("conversion", given.currency, given.price)
        self.steps.append(
            Issue(
                key=unit.id,
                effective_on=unit.day,
                transactions=(unit.id, *sorted(self.accepted[unit.security_id])),
                reference=unit.number,
                certificates=(unit.number,),
                class_id=unit.class_id,
                stakeholder_id=unit.stakeholder_id,
                shares=unit.shares,
                consideration=given,
            )
        )

    def end(self, unit: Ending) -> None:
        sources = [self.ledger.live[security] for security in unit.ends if security in self.ledger.live]
        opened = [self.links.issued[security] for security in unit.opens]
        if len(sources) != len(unit.ends) or not self._adds_up(unit, sources, opened):
            self.links.lost.update(unit.opens)
            return
        self._check_dates(unit, opened)
        moved = sum(source.shares for source in sources) if unit.shares is None else unit.shares
        if unit.kind == "convert":
            target = self.links.issued[unit.results[0]]
            gained = sum(self.links.issued[security].shares for security in unit.results)
            if not self._has_room(target.class_id, gained, unit.id, sources[0].number):
                self.links.lost.update(unit.opens)
                return
        for source in sources:
            del self.ledger.live[source.security_id]
            self.ledger.outstanding[source.class_id] -= source.shares
        for issuance in opened:
            self._open(issuance)
        absorbed = tuple(name for item in opened for name in (item.id, *sorted(self.accepted[item.security_id])))
        results = [self.links.issued[security] for security in unit.results]
        balance = None if unit.balance is None else self.links.issued[unit.balance]
        self.steps += steps_of(unit, sources, results, balance, moved, (unit.id, *absorbed))

    def split(self, unit: ClassSplit) -> None:
        old = [held for held in self.ledger.live.values() if held.class_id == unit.class_id]
        new = after_split(unit, old, self._stated(unit), self.findings)
        changed = differences(old, new)
        if not changed:
            text = f"{unit.id}: the split of {unit.class_id} changes no holding; left out"
            self.findings.warn("split_without_effect", unit.id, "split_ratio", str(unit.ratio), text)
            return
        gained = sum(held.shares for held in new) - sum(held.shares for held in old)
        # Applied all the same where there is no room: what follows counts in the new shares.
        self._has_room(unit.class_id, gained, unit.id, "")
        for held in new:
            self.ledger.live[held.security_id] = held
        self.ledger.outstanding[unit.class_id] += gained
        self.steps.append(
            Split(
                key=unit.id,
                effective_on=unit.day,
                transactions=(unit.id,),
                reference="",
                class_id=unit.class_id,
                numerator=unit.ratio.numerator,
                denominator=unit.ratio.denominator,
                differences=changed,
            )
        )

    def set_authorised(self, unit: AuthorisedChange) -> None:
        issued = self.ledger.outstanding[unit.class_id]
        if unit.authorised < issued:
            text = f"{unit.id}: {unit.authorised} shares of {unit.class_id} authorised, {issued} are outstanding"
            self.findings.refuse("authorised_exceeded", unit.id, "new_shares_authorized", str(unit.authorised), text)
        self.ledger.authorised[unit.class_id] = unit.authorised
        self.steps.append(
            SetAuthorised(
                key=unit.id,
                effective_on=unit.day,
                transactions=(unit.id,),
                reference="",
                class_id=unit.class_id,
                authorised=unit.authorised,
            )
        )

    def _open(self, issuance: StockIssuance) -> None:
        self.ledger.live[issuance.security_id] = Certificate(
            security_id=issuance.security_id,
            number=issuance.number,
            class_id=issuance.class_id,
            holder=issuance.stakeholder_id,
            shares=issuance.shares,
        )
        self.ledger.outstanding[issuance.class_id] += issuance.shares

    def _has_room(self, cls: ClassId, shares: int, name: TransactionId, number: str) -> bool:
        room = self.ledger.authorised.get(cls, 0) - self.ledger.outstanding[cls]
        if shares <= room or shares <= 0:
            return True
        what = f"{name} (certificate {number})" if number else name
        text = f"{what}: {shares} more shares of {cls}, of which only {max(room, 0)} are authorised and not yet issued"
        self.findings.refuse("authorised_exceeded", name, "quantity", str(shares), text)
        return False

    def _stated(self, split: ClassSplit) -> dict[SecurityId, int]:
        """What the reissuances of a split say that an old certificate came to."""
        stated: dict[SecurityId, int] = {}
        for name, of in self.links.split_of.items():
            unit = self.links.units[name]
            if of == split.id and isinstance(unit, Ending):
                stated[unit.ends[0]] = sum(self.links.issued[security].shares for security in unit.results)
        return stated

    def _check_dates(self, unit: Ending, opened: list[StockIssuance]) -> None:
        for issuance in opened:
            if issuance.day != unit.day:
                text = f"{issuance.id}: certificate {issuance.number} is dated {issuance.day}, {unit.id} that brought "
                text += f"it {unit.day}; the latter counts"
                self.findings.warn("date_mismatch", issuance.id, "date", str(issuance.day), text)

    def _adds_up(self, unit: Ending, sources: list[Certificate], opened: list[StockIssuance]) -> bool:
        with self.findings.watching() as seen:
            _check_sums(unit, sources, self.links, self.findings)
            if not seen.errors:
                _check_owners(unit, sources, opened, self.links, self.findings)
            self._check_order(unit, sources)
        return not seen.errors

    def _check_order(self, unit: Ending, sources: list[Certificate]) -> None:
        for source in sources:
            opener = self.links.opened_by[source.security_id]
            if unit.day < opener.day:
                text = f"{unit.id}: ends certificate {source.number} on {unit.day}, before {opener.day} when it began"
                self.findings.refuse("date_order", unit.id, "date", str(unit.day), text)


def _check_sums(unit: Ending, sources: list[Certificate], links: Links, findings: Findings) -> None:
    held = sum(source.shares for source in sources)
    numbers = ", ".join(source.number for source in sources)
    moved = held if unit.shares is None else unit.shares
    where = f"{unit.id}: certificate {numbers} holds {held} shares"
    quantity = "quantity_converted" if unit.kind == "convert" else "quantity"
    if moved > held:
        text = f"{where}, the transaction {unit.id} takes {moved} out of it"
        findings.refuse("insufficient_shares", unit.id, quantity, str(moved), text)
        return
    balance = 0 if unit.balance is None else links.issued[unit.balance].shares
    if moved + balance != held:
        rest = "there is no balance certificate"
        if unit.balance is not None:
            rest = f"balance certificate {links.issued[unit.balance].number} holds {balance}"
        text = f"{where}, {moved} leave it and {held - moved} remain; {rest}"
        findings.refuse("balance_mismatch", unit.id, "balance_security_id", str(balance), text)
        return
    resulting = sum(links.issued[security].shares for security in unit.results)
    if unit.kind in ("transfer", "reissue", "consolidate") and resulting != moved:
        text = f"{where}, {moved} leave it, the resulting certificates hold {resulting}"
        findings.refuse("quantity_mismatch", unit.id, "resulting_security_ids", str(resulting), text)


def _check_owners(
    unit: Ending, sources: list[Certificate], opened: list[StockIssuance], links: Links, findings: Findings
) -> None:
    """Results and balance stay where the kind of transaction lets them: same class, same holder, or one new of each."""
    first = sources[0]
    others = [(held.security_id, held.class_id, held.holder, held.number) for held in sources[1:]]
    others += [(new.security_id, new.class_id, new.stakeholder_id, new.number) for new in opened]
    target = links.issued[unit.results[0]].class_id if unit.kind == "convert" else first.class_id
    if unit.kind == "convert" and target == first.class_id:
        text = f"{unit.id}: certificate {first.number} is converted within its own class {target}"
        findings.refuse("class_mismatch", unit.id, "stock_class_id", target, text)
    for security, cls, holder, number in others:
        moves = security in unit.results
        wanted = target if moves else first.class_id
        if cls != wanted:
            text = f"{unit.id}: certificate {number} is of class {cls}, expected {wanted} as of {first.number}"
            findings.refuse("class_mismatch", unit.id, "stock_class_id", cls, text)
        if holder != first.holder and not (moves and unit.kind == "transfer"):
            text = f"{unit.id}: certificate {number} is of {holder}, expected {first.holder} as of {first.number}"
            findings.refuse("holder_mismatch", unit.id, "stakeholder_id", holder, text)
