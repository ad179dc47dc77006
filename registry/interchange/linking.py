"""Who ends which certificate, what it came back as, and in which order it all happened.

Files are unordered and dates are days. The order is by date, then by dependency (a certificate is opened before it is
ended), then by a fixed rank within the day, then by id: the same package gives the same order however it was cut.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from registry.interchange.findings import Findings
from registry.interchange.ocf import Records
from registry.interchange.plan import ClassId, SecurityId, TransactionId
from registry.interchange.transactions import AuthorisedChange, ClassSplit, Ending, StockIssuance

Unit: TypeAlias = StockIssuance | Ending | ClassSplit | AuthorisedChange


@dataclass(slots=True)
class Links:
    """`issued`: each certificate's issuance; `opened_by`: the unit that brings it; `split_of`: the split that a
    reissuance writes into certificates; `before_split`: what still counts in the old shares on the day of a split.
    `lost` are certificates whose size nobody can tell: what refers to them was reported once and is passed over.
    """

    issued: dict[SecurityId, StockIssuance] = field(default_factory=dict)
    opened_by: dict[SecurityId, Unit] = field(default_factory=dict)
    split_of: dict[TransactionId, TransactionId] = field(default_factory=dict)
    before_split: dict[TransactionId, TransactionId] = field(default_factory=dict)
    units: dict[TransactionId, Unit] = field(default_factory=dict)
    lost: set[SecurityId] = field(default_factory=set)


def link(records: Records, findings: Findings) -> Links:
    """Finds the units of the history and their ties. A unit is what becomes one step, or none."""
    links = Links(lost=set(records.faulty))
    _index_issuances(records, links, findings)
    for ending in _counted_endings(records.endings, findings):
        if _is_complete(ending, links, findings):
            _claim(ending, links, findings)
    for security, issuance in links.issued.items():
        if security not in links.lost and security not in links.opened_by:
            links.opened_by[security] = links.units[issuance.id] = issuance
    changes: list[ClassSplit | AuthorisedChange] = [*records.splits, *records.authorised]
    for unit in changes:
        if unit.class_id in records.known["STOCK_CLASS"]:
            links.units[unit.id] = unit
        else:
            text = f"{unit.id}: the package has no class {unit.class_id}"
            findings.refuse("dangling_reference", unit.id, "stock_class_id", unit.class_id, text)
    _link_splits(links, findings)
    return links


def in_order(records: Records, links: Links, findings: Findings) -> list[Unit]:
    """The units by date, dependency, rank and id. What depends on itself is reported and left out."""
    after, waits = _dependencies(links)
    rises = _rises(records)
    ready = [(_place(unit, rises), unit.id) for unit in links.units.values() if not waits[unit.id]]
    heapq.heapify(ready)
    order: list[Unit] = []
    while ready:
        _, name = heapq.heappop(ready)
        order.append(links.units[name])
        for follower in sorted(after[name]):
            waits[follower] -= 1
            if waits[follower] == 0:
                heapq.heappush(ready, (_place(links.units[follower], rises), follower))
    placed = {unit.id for unit in order}
    for name in sorted(links.units.keys() - placed):
        text = f"{name}: the certificates that it ends come, in the end, from itself"
        findings.refuse("cyclic_history", name, "security_id", "", text)
    return order


def _index_issuances(records: Records, links: Links, findings: Findings) -> None:
    shared: defaultdict[SecurityId, list[StockIssuance]] = defaultdict(list)
    for issuance in sorted(records.issuances, key=lambda item: (item.day, item.id)):
        shared[issuance.security_id].append(issuance)
    for security, issuances in shared.items():
        links.issued[security] = issuances[0]
        for again in issuances[1:]:
            links.lost.add(security)
            text = f"{again.id}: security {security} of certificate {again.number} was issued by {issuances[0].id}"
            findings.refuse("security_id_reused", again.id, "security_id", security, text)
        for issuance in issuances:
            _check_party_and_class(issuance, records, links, findings)


def _check_party_and_class(issuance: StockIssuance, records: Records, links: Links, findings: Findings) -> None:
    where = f"{issuance.id} (certificate {issuance.number})"
    for name, kind, value, there in (
        ("stock_class_id", "STOCK_CLASS", issuance.class_id, issuance.class_id in records.classes),
        ("stakeholder_id", "STAKEHOLDER", issuance.stakeholder_id, issuance.stakeholder_id in records.stakeholders),
    ):
        if there:
            continue
        links.lost.add(issuance.security_id)
        if value not in records.known[kind]:
            text = f"{where}: {name} {value} is not in the package"
            findings.refuse("dangling_reference", issuance.id, name, value, text)


def _counted_endings(endings: Iterable[Ending], findings: Findings) -> list[Ending]:
    """One ending for each certificate: the one that says what came of it, or else the first. The others are named."""
    in_time = sorted(endings, key=lambda item: (item.day, item.id))
    by_security: defaultdict[SecurityId, list[Ending]] = defaultdict(list)
    for ending in in_time:
        for security in ending.ends:
            by_security[security].append(ending)
    dropped: set[TransactionId] = set()
    for security, claimants in by_security.items():
        rivals = [ending for ending in claimants if ending.id not in dropped]
        if len(rivals) < 2:
            continue
        counted = next((ending for ending in rivals if ending.opens), rivals[0])
        for other in rivals:
            if other is counted:
                continue
            dropped.add(other.id)
            text = f"{other.id}: security {security} is also ended by {counted.id}"
            if other.opens and set(other.opens) != set(counted.opens):
                findings.refuse("ended_twice", other.id, "security_id", security, f"{text}, with other results")
            else:
                findings.warn("ended_twice", other.id, "security_id", security, f"{text}; counted once")
    return [ending for ending in in_time if ending.id not in dropped]


def _is_complete(ending: Ending, links: Links, findings: Findings) -> bool:
    """Whether all certificates of an ending exist. The total depends on each of them, so a missing one is fatal."""
    named = [("security_id", security) for security in ending.ends]
    named += [("resulting_security_ids", security) for security in ending.results]
    named += [("balance_security_id", ending.balance)] if ending.balance is not None else []
    complete = True
    for name, security in named:
        if security in links.lost:
            complete = False
        elif security not in links.issued:
            complete = False
            text = f"{ending.id}: {name} {security} is not issued in the package, and a total depends on it"
            findings.refuse("dangling_reference", ending.id, name, security, text)
    if not complete:
        links.lost.update(ending.opens)
    return complete


def _claim(ending: Ending, links: Links, findings: Findings) -> None:
    """Notes what an ending brings. A certificate cannot come from two transactions, nor from its own end."""
    for security in ending.opens:
        first = links.opened_by.get(security)
        if first is not None or ending.opens.count(security) > 1:
            other = ending.id if first is None else first.id
            number = links.issued[security].number
            text = f"{ending.id}: certificate {number} is already the result of {other}"
            findings.refuse("result_claimed_twice", ending.id, "resulting_security_ids", security, text)
            links.lost.update(one for one in ending.opens if one not in links.opened_by)
            return
    links.opened_by.update(dict.fromkeys(ending.opens, ending))
    links.units[ending.id] = ending


def _link_splits(links: Links, findings: Findings) -> None:
    """Sorts the endings around a split: reissuances that only write it into certificates, and what came before it."""
    splits = {unit.id: unit for unit in links.units.values() if isinstance(unit, ClassSplit)}
    by_day: defaultdict[tuple[date, ClassId], list[ClassSplit]] = defaultdict(list)
    for split in splits.values():
        by_day[split.day, split.class_id].append(split)
    for unit in links.units.values():
        if not isinstance(unit, Ending):
            continue
        named = _named_splits(unit, links)
        for name in sorted(named - splits.keys()):
            text = f"{unit.id}: there is no split {name} in the package; read as a plain reissuance"
            findings.warn("dangling_reference", unit.id, "split_transaction_id", name, text)
        if named & splits.keys():
            links.split_of[unit.id] = min(named & splits.keys())
        elif len(same_day := by_day[unit.day, links.issued[unit.ends[0]].class_id]) == 1:
            _link_by_sum(unit, same_day[0], links)


def _named_splits(ending: Ending, links: Links) -> set[TransactionId]:
    """A reissuance may name its split, or the certificates that it opens may, or both."""
    if ending.kind != "reissue":
        return set()
    names = [ending.split_id, *(links.issued[security].split_id for security in ending.results)]
    return {name for name in names if name is not None}


def _link_by_sum(ending: Ending, split: ClassSplit, links: Links) -> None:
    """On the day of a split an old certificate that ends says by its sum in which shares it counts."""
    sources = [links.issued[security] for security in ending.ends]
    if any(source.day >= split.day for source in sources):
        return
    held = sum(source.shares for source in sources)
    if ending.kind in ("reissue", "consolidate"):
        stated = sum(links.issued[security].shares for security in ending.results)
    else:
        balance = 0 if ending.balance is None else links.issued[ending.balance].shares
        stated = (ending.shares or 0) + balance
    if stated == held and split.ratio != 1:
        links.before_split[ending.id] = split.id
    elif ending.kind == "reissue" and stated == held * split.ratio:
        links.split_of[ending.id] = split.id


def _dependencies(links: Links) -> tuple[dict[TransactionId, set[TransactionId]], dict[TransactionId, int]]:
    before: dict[TransactionId, set[TransactionId]] = {name: set() for name in links.units}
    for unit in links.units.values():
        if isinstance(unit, Ending):
            before[unit.id] |= {links.opened_by[security].id for security in unit.ends if security in links.opened_by}
    for ending, split in links.before_split.items():
        before[split].add(ending)
    for reissue, split in links.split_of.items():
        before[split] |= {name for name in before[reissue] if links.split_of.get(name) != split}
    for reissue, split in links.split_of.items():
        before[reissue].add(split)
    after: dict[TransactionId, set[TransactionId]] = {name: set() for name in links.units}
    for name, needed in before.items():
        for other in needed:
            after[other].add(name)
    return after, {name: len(needed) for name, needed in before.items()}


def _rises(records: Records) -> set[TransactionId]:
    """The changes of authorised shares that make room; they come first in their day, the others last."""
    now = {cls.id: cls.authorised for cls in records.classes.values()}
    rises: set[TransactionId] = set()
    for change in sorted(records.authorised, key=lambda item: (item.day, item.id)):
        if change.authorised >= now.get(change.class_id, 0):
            rises.add(change.id)
        now[change.class_id] = change.authorised
    return rises


def _place(unit: Unit, rises: set[TransactionId]) -> tuple[str, int]:
    """Day and rank within it: room, then splits, then what frees shares, then what moves them, issues, less room."""
    match unit:
        case AuthorisedChange():
            rank = 0 if unit.id in rises else 9
        case ClassSplit():
            rank = 1
        case Ending():
            rank = 2 if unit.kind in ("cancel", "repurchase", "retraction") else 3
        case StockIssuance():
            rank = 4
    return unit.day.isoformat(), rank
