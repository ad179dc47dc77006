"""The rules of a move with their codes, ids and texts, and the pure check: which rules does this move break?

The same table stands in contracts/libraries/Rules.sol and ReasonTexts.sol; tests compare them. Numbers never change.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag

from registry.domain.ids import Day
from registry.domain.words import ClassWord, Holding, PartyWord

CATEGORY_QUALIFIED = 3


class Rule(IntFlag):
    """One bit a rule; the lowest five bits are the stops of a class word."""

    REGULATOR_STOP = 1 << 0
    COMPANY_STOP = 1 << 1
    CLASS_STOP = 1 << 2
    NOT_OPEN = 1 << 3
    CLOSED = 1 << 4
    SENDER_UNKNOWN = 1 << 5
    RECEIVER_UNKNOWN = 1 << 6
    SENDER_FROZEN = 1 << 7
    RECEIVER_FROZEN = 1 << 8
    SENDER_WALLET_CLOSED = 1 << 9
    RECEIVER_WALLET_CLOSED = 1 << 10
    CATEGORY = 1 << 11
    KYC = 1 << 12
    QUALIFICATION = 1 << 13
    LOCKED = 1 << 14
    BALANCE = 1 << 15
    ENCUMBERED = 1 << 16
    HOLDERS_CAP = 1 << 17
    AUTHORISED = 1 << 18

    @property
    def code(self) -> int:
        """The ERC-1404 code: position of the bit, counted from 1."""
        return self.value.bit_length()

    @property
    def id(self) -> str:
        """The rule's id in SPECIFICATION.md."""
        return _TABLE[self][0]

    @property
    def text_en(self) -> str:
        return _TABLE[self][1]

    @property
    def text_zh(self) -> str:
        return _TABLE[self][2]


_TABLE: dict[Rule, tuple[str, str, str]] = {
    Rule.REGULATOR_STOP: ("ST-1", "stopped by the regulator", "监管机构已暂停"),
    Rule.COMPANY_STOP: ("ST-2", "the company has stopped its shares", "公司已暂停股份变动"),
    Rule.CLASS_STOP: ("ST-3", "this share class is stopped", "该类别股份已暂停"),
    Rule.NOT_OPEN: ("ST-4", "the company is not open yet", "公司尚未开放登记"),
    Rule.CLOSED: ("ST-5", "the register of this company is closed", "该公司登记已关闭"),
    Rule.SENDER_UNKNOWN: ("ID-1", "the sender is not registered", "转出方未登记"),
    Rule.RECEIVER_UNKNOWN: ("ID-2", "the receiver is not registered", "接收方未登记"),
    Rule.SENDER_FROZEN: ("FR-1", "the sender is frozen by order", "转出方已被冻结"),
    Rule.RECEIVER_FROZEN: ("FR-2", "the receiver is frozen by order", "接收方已被冻结"),
    Rule.SENDER_WALLET_CLOSED: ("WA-1", "the sending wallet is closed", "转出钱包已关闭"),
    Rule.RECEIVER_WALLET_CLOSED: ("WA-2", "the receiving wallet is closed", "接收钱包已关闭"),
    Rule.CATEGORY: (
        "EL-1",
        "this class does not admit the receiver's category",
        "该类别股份不接纳接收方所属类别",
    ),
    Rule.KYC: ("EL-2", "the receiver's KYC is not in force", "接收方的身份核验已失效"),
    Rule.QUALIFICATION: ("EL-3", "the receiver's qualification is not in force", "接收方的合格投资者资格已失效"),
    Rule.LOCKED: ("LK-1", "the shares are locked up", "股份处于锁定期"),
    Rule.BALANCE: ("BA-1", "the sender does not hold enough shares", "转出方股份不足"),
    Rule.ENCUMBERED: ("BA-2", "the sender's free shares do not suffice", "转出方可用股份不足"),
    Rule.HOLDERS_CAP: ("HC-1", "the company has no seat left for a new holder", "在册股东人数已达上限"),
    Rule.AUTHORISED: ("AU-1", "more than the authorised shares", "超过核定股份数"),
}

BY_CODE: dict[int, Rule] = {rule.code: rule for rule in Rule}


class Basis(IntEnum):
    """On what ground shares move."""

    NONE = 0
    AGREEMENT = 1
    ALLOTMENT = 2
    LAW = 3
    MIGRATION = 4
    OWN_ACCOUNT = 5
    SUBSCRIPTION = 6


class ActKind(IntEnum):
    """What an agent did; part of the event format."""

    NONE = 0
    ISSUE = 1
    TRANSFER = 2
    CANCEL = 3
    REPURCHASE = 4
    RETRACTION = 5
    REISSUANCE = 6
    CONVERSION = 7
    SPLIT = 8
    LOCK = 9
    AUTHORISE = 10
    ADMIT = 11
    RECORD_DATE = 12
    CREATE_COMPANY = 13
    CREATE_CLASS = 14
    ROLES = 15
    OFFER_ADMIN = 16
    DOCUMENT = 17
    STOP_CLASS = 18
    STOP_COMPANY = 19
    STOP_BY_REGULATOR = 20
    WEIGHT = 21
    CAP = 22
    OPEN = 23
    ABANDON = 24
    SUCCEED = 25
    ONBOARD = 26
    STANDING = 27
    REVOKE = 28
    FREEZE = 29
    BIND_WALLET = 30
    CLOSE_WALLET = 31
    TRUST_PROVIDER = 32
    REVOKE_PROVIDER = 33
    ANNUAL_LIMIT = 34
    OUTSIDE_USE = 35
    MINT = 36
    BURN = 37
    STOP_MONEY = 38
    FREEZE_MONEY = 39
    SCHEME = 40
    HALT = 41
    CREATE_OFFERING = 42
    ADMIT_OFFERING = 43
    OPEN_OFFERING = 44
    CANCEL_OFFERING = 45
    STOP_OFFERING = 46
    SUBSCRIBE = 47
    WITHDRAW = 48
    ALLOTMENT = 49
    REDEMPTION = 50
    EXERCISE_PUT = 51
    PUT_DELIVERY = 52
    RATCHET = 53
    VOTE = 54
    APPOINT = 55
    ROTATE_KEY = 56
    DISMISS = 57
    CHALLENGE = 58
    RULING = 59
    ADMIT_PAYOUTS = 60
    TAX_SCHEDULE = 61
    TAX_RELIEF = 62
    PREFERENCE = 63
    DECLARE = 64
    CANCEL_DISTRIBUTION = 65
    CHOOSE_SCRIP = 66
    SCRIP = 67


class Phase(IntEnum):
    """A company's phase."""

    MIGRATING = 1
    OPEN = 2
    ABANDONED = 3
    SUCCEEDED = 4


class RegistryRole(IntFlag):
    """Roles in the identity registry."""

    GOVERNOR = 1
    REGULATOR = 2
    PLATFORM = 4
    CUSTODIAN = 8
    OFFERINGS = 16


class CompanyRole(IntFlag):
    """Roles in one company."""

    ADMIN = 1
    TRANSFER_AGENT = 2
    MIGRATOR = 4
    STOPPER = 8
    SECRETARY = 16
    OFFERING = 32


_STOPS = Rule.REGULATOR_STOP | Rule.COMPANY_STOP | Rule.CLASS_STOP | Rule.NOT_OPEN | Rule.CLOSED
_KNOWN = Rule.SENDER_UNKNOWN | Rule.RECEIVER_UNKNOWN
_ACCOUNTS = Rule.SENDER_FROZEN | Rule.RECEIVER_FROZEN | Rule.SENDER_WALLET_CLOSED | Rule.RECEIVER_WALLET_CLOSED
_RECEIVING = Rule.CATEGORY | Rule.KYC | Rule.QUALIFICATION | Rule.HOLDERS_CAP
_FULL = _STOPS | _KNOWN | _ACCOUNTS | _RECEIVING | Rule.LOCKED | Rule.BALANCE | Rule.ENCUMBERED | Rule.AUTHORISED
_APPLYING: dict[Basis, Rule] = {
    Basis.AGREEMENT: _FULL,
    Basis.ALLOTMENT: _FULL,
    Basis.OWN_ACCOUNT: _STOPS | _KNOWN | _ACCOUNTS | Rule.BALANCE | Rule.ENCUMBERED,
    Basis.MIGRATION: (_STOPS & ~Rule.NOT_OPEN) | _KNOWN | Rule.BALANCE | Rule.AUTHORISED,
    Basis.LAW: Rule.CLOSED | _KNOWN | Rule.BALANCE | Rule.AUTHORISED,
    # A company that stops or closes its register cannot keep its subscribers from what they agreed on.
    Basis.SUBSCRIPTION: Rule.REGULATOR_STOP
    | _KNOWN
    | Rule.SENDER_FROZEN
    | Rule.RECEIVER_FROZEN
    | Rule.BALANCE
    | Rule.ENCUMBERED
    | Rule.AUTHORISED,
}


def applying(basis: Basis) -> Rule:
    """The basis × rule table: which broken rules refuse a move on this basis."""
    return _APPLYING.get(basis, _APPLYING[Basis.LAW])


def code_of(broken: int) -> int:
    """Code of the lowest broken rule; 0 if none is broken."""
    return (broken & -broken).bit_length()


def rules_in(broken: int) -> tuple[Rule, ...]:
    """The single rules of a bitmap, lowest code first."""
    return tuple(rule for rule in Rule if broken & rule)


def broken_by_giver(giver: Holding, g: PartyWord, shares: int, today: Day) -> Rule:
    """Rules that the sending side breaks. A word without id stands for an unknown party."""
    broken = Rule(0)
    if not g.id:
        broken |= Rule.SENDER_UNKNOWN
    if g.is_frozen:
        broken |= Rule.SENDER_FROZEN
    if g.is_closed(giver.account):
        broken |= Rule.SENDER_WALLET_CLOSED
    if giver.lock_day and today <= giver.lock_day:
        broken |= Rule.LOCKED
    if shares > giver.balance:
        broken |= Rule.BALANCE
    elif shares > giver.balance - giver.encumbered:
        broken |= Rule.ENCUMBERED
    return broken


def broken_by_taker(taker: Holding, t: PartyWord, categories: int, today: Day) -> Rule:
    """Rules that the receiving side breaks. Days are valid through their end."""
    if not t.id:
        return Rule.RECEIVER_UNKNOWN
    broken = Rule(0)
    if t.is_frozen:
        broken |= Rule.RECEIVER_FROZEN
    if t.is_closed(taker.account):
        broken |= Rule.RECEIVER_WALLET_CLOSED
    if not categories >> t.category & 1:
        broken |= Rule.CATEGORY
    if today > t.kyc_day:
        broken |= Rule.KYC
    if t.category == CATEGORY_QUALIFIED and today > t.qualification_day:
        broken |= Rule.QUALIFICATION
    return broken


def broken_move(
    word: ClassWord,
    giver: Holding,
    taker: Holding,
    g: PartyWord,
    t: PartyWord,
    shares: int,
    today: Day,
    has_seat: bool = True,
) -> Rule:
    """All rules broken by a move, whatever its basis; the caller answers for the seat."""
    broken = Rule(word.stops) | broken_by_giver(giver, g, shares, today)
    broken |= broken_by_taker(taker, t, word.categories, today)
    return broken if has_seat else broken | Rule.HOLDERS_CAP


def broken_issue(
    word: ClassWord, taker: Holding, t: PartyWord, shares: int, room: int, today: Day, has_seat: bool = True
) -> Rule:
    """All rules broken by an issue; `room` is what can still be issued [shares × 10^decimals]."""
    broken = Rule(word.stops) | broken_by_taker(taker, t, word.categories, today)
    if shares > room:
        broken |= Rule.AUTHORISED
    return broken if has_seat else broken | Rule.HOLDERS_CAP
