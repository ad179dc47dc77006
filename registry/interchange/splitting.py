"""What a split makes of the certificates of a class.

Rounding is down, and by holder, because the holder of record is the register's unit: a holder's certificates together
come to the whole part of old shares × ratio. Where the package states what a certificate came to, that counts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from registry.interchange.findings import Findings
from registry.interchange.plan import Certificate, SecurityId, StakeholderId
from registry.interchange.transactions import ClassSplit


def after_split(
    split: ClassSplit, old: Iterable[Certificate], stated: Mapping[SecurityId, int], findings: Findings
) -> list[Certificate]:
    """The same certificates in new shares. A remainder that falls away is named in a warning."""
    by_holder: defaultdict[StakeholderId, list[Certificate]] = defaultdict(list)
    for held in sorted(old, key=lambda item: (item.number, item.security_id)):
        by_holder[held.holder].append(held)
    new: list[Certificate] = []
    for holder, certificates in sorted(by_holder.items()):
        split_up = _of_holder(split.ratio, certificates, stated)
        exact = sum(held.shares for held in certificates) * split.ratio
        remainder = exact - sum(held.shares for held in split_up)
        if remainder:
            numbers = ", ".join(held.number for held in certificates)
            text = f"{split.id}: {holder} (certificate {numbers}) comes to {exact} shares; rounded down by {remainder}"
            findings.warn("split_remainder", split.id, "split_ratio", f"{holder}: {remainder}", text)
        new += split_up
    return new


def differences(old: Iterable[Certificate], new: Iterable[Certificate]) -> tuple[tuple[StakeholderId, int], ...]:
    """What each holder gains or loses; who keeps the same number is not named."""
    change: defaultdict[StakeholderId, int] = defaultdict(int)
    for held in old:
        change[held.holder] -= held.shares
    for held in new:
        change[held.holder] += held.shares
    return tuple((holder, shares) for holder, shares in sorted(change.items()) if shares)


def _of_holder(ratio: Fraction, old: list[Certificate], stated: Mapping[SecurityId, int]) -> list[Certificate]:
    """Each certificate rounded down; shares that the holder still has by the sum go to the largest fractions."""
    free: list[Certificate] = []
    new: dict[SecurityId, int] = {}
    for held in old:
        exact = held.shares * ratio
        new[held.security_id] = int(exact)
        said = stated.get(held.security_id)
        if said is None:
            free.append(held)
        elif exact - 1 < said <= exact:
            new[held.security_id] = said
    whole = int(sum((held.shares for held in free), start=0) * ratio)
    spare = whole - sum(new[held.security_id] for held in free)
    by_fraction = sorted(free, key=lambda held: (-(held.shares * ratio % 1), held.number, held.security_id))
    for held in by_fraction[:spare]:
        new[held.security_id] += 1
    return [replace(held, shares=new[held.security_id]) for held in old]
