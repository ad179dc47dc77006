"""What an import would do: company, classes, stakeholders, and the steps of its history in the order they are written.

A plan is complete and final before the first step runs, so that it can be shown, refused, or resumed half way. Ids are
those of the package. Pure data and arithmetic; knows nothing of files, chain or clock.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NewType, TypeAlias, assert_never

from registry.interchange.findings import Finding

ClassId = NewType("ClassId", str)
StakeholderId = NewType("StakeholderId", str)
SecurityId = NewType("SecurityId", str)
TransactionId = NewType("TransactionId", str)

# The register keeps quantities in 64 bits, a saved balance one more than it was: the most a class may authorise.
MOST_SHARES = 2**64 - 2
# Prices per share are whole numbers of this part of a currency unit: the format's ten decimals.
PRICE_UNITS = 10**10


@dataclass(frozen=True, slots=True)
class Company:
    id: str
    legal_name: str
    formed_on: date
    country: str


@dataclass(frozen=True, slots=True)
class ShareClassPlan:
    """A class as it is created: `authorised` is the number at the start, before any step."""

    id: ClassId
    name: str
    symbol: str
    class_type: Literal["COMMON", "PREFERRED"]
    authorised: int
    votes_per_share: str
    seniority: str
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Contact:
    """How a stakeholder is reached. Personal data: kept out of every representation, for logs' sake."""

    emails: tuple[str, ...] = field(default=(), repr=False)
    phones: tuple[str, ...] = field(default=(), repr=False)
    addresses: tuple[str, ...] = field(default=(), repr=False)
    tax_ids: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Stakeholder:
    id: StakeholderId
    legal_name: str = field(repr=False)
    kind: Literal["individual", "institution"]
    contact: Contact = Contact()


@dataclass(frozen=True, slots=True)
class Consideration:
    """What was given for a share. `currency` is the ISO 4217 number (0: none), `price` in PRICE_UNITS per share."""

    kind: Literal["none", "cash", "conversion"]
    currency: int = 0
    price: int = 0


NOTHING_GIVEN = Consideration("none")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """`key` is unique and stable, `reference` the certificate number, `certificates` all numbers that are named."""

    key: str
    effective_on: date
    transactions: tuple[TransactionId, ...]
    reference: str
    certificates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue(_Step):
    class_id: ClassId
    stakeholder_id: StakeholderId
    shares: int
    consideration: Consideration


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(_Step):
    class_id: ClassId
    from_stakeholder: StakeholderId
    to_stakeholder: StakeholderId
    shares: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel(_Step):
    class_id: ClassId
    holder: StakeholderId
    shares: int
    kind: Literal["cancel", "repurchase", "retraction"]
    consideration: Consideration


@dataclass(frozen=True, slots=True, kw_only=True)
class Convert(_Step):
    from_class: ClassId
    to_class: ClassId
    holder: StakeholderId
    shares: int
    resulting_shares: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reissue(_Step):
    """New certificates for old ones: noted, moves nothing."""

    class_id: ClassId
    holder: StakeholderId


@dataclass(frozen=True, slots=True, kw_only=True)
class Split(_Step):
    """`numerator` new shares for `denominator` old ones; `differences` is what each holder gains or loses."""

    class_id: ClassId
    numerator: int
    denominator: int
    differences: tuple[tuple[StakeholderId, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAuthorised(_Step):
    class_id: ClassId
    authorised: int


Step: TypeAlias = Issue | Transfer | Cancel | Convert | Reissue | Split | SetAuthorised
Holding: TypeAlias = tuple[ClassId, StakeholderId]


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that is in force at the end of the history."""

    security_id: SecurityId
    number: str
    class_id: ClassId
    holder: StakeholderId
    shares: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Objects of one kind that are understood to exist and are not replayed."""

    kind: str
    reason: str
    ids: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """Everything an import would write, and everything there is to say about it. Errors make it unfit to run."""

    digest: str
    company: Company | None
    classes: tuple[ShareClassPlan, ...]
    stakeholders: tuple[Stakeholder, ...]
    steps: tuple[Step, ...]
    certificates: tuple[Certificate, ...]
    left_out: tuple[LeftOut, ...]
    warnings: tuple[Finding, ...]
    errors: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return not self.errors

    @property
    def totals(self) -> dict[ClassId, int]:
        """Outstanding shares of each class, also of a class that has none."""
        return {cls.id: sum(self.holders_by_class[cls.id].values()) for cls in self.classes}

    @property
    def holders_by_class(self) -> dict[ClassId, dict[StakeholderId, int]]:
        """Shares by class and holder at the end of the history."""
        return _table(self, self.steps)

    @property
    def authorised(self) -> dict[ClassId, int]:
        """Authorised shares of each class at the end of the history."""
        last = {cls.id: cls.authorised for cls in self.classes}
        last.update((step.class_id, step.authorised) for step in self.steps if isinstance(step, SetAuthorised))
        return last

    @property
    def holders(self) -> int:
        """Stakeholders who hold a share of any class at the end of the history."""
        return len({holder for held in self.holders_by_class.values() for holder in held})


def totals_on(plan: ImportPlan, day: date) -> dict[ClassId, dict[StakeholderId, int]]:
    """Shares by class and holder as dated up to the end of a day. Holders of nothing do not appear."""
    return _table(plan, (step for step in plan.steps if step.effective_on <= day))


def changes(step: Step) -> tuple[tuple[Holding, int], ...]:
    """What one step adds to each holding."""
    match step:
        case Issue():
            return (((step.class_id, step.stakeholder_id), step.shares),)
        case Transfer():
            moved = step.shares
            return (((step.class_id, step.from_stakeholder), -moved), ((step.class_id, step.to_stakeholder), moved))
        case Cancel():
            return (((step.class_id, step.holder), -step.shares),)
        case Convert():
            return ((step.from_class, step.holder), -step.shares), ((step.to_class, step.holder), step.resulting_shares)
        case Split():
            return tuple(((step.class_id, holder), gained) for holder, gained in step.differences)
        case Reissue() | SetAuthorised():
            return ()
        case _:
            assert_never(step)


def _table(plan: ImportPlan, steps: Iterable[Step]) -> dict[ClassId, dict[StakeholderId, int]]:
    held: defaultdict[Holding, int] = defaultdict(int)
    for step in steps:
        for holding, change in changes(step):
            held[holding] += change
    table: dict[ClassId, dict[StakeholderId, int]] = {cls.id: {} for cls in plan.classes}
    for (cls, holder), shares in sorted(held.items()):
        if shares:
            table[cls][holder] = shares
    return table
