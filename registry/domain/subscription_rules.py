"""The rules of a subscription with their codes, ids and texts.

The same numbers stand in contracts/libraries/SubscriptionRules.sol, the texts in SPECIFICATION.md; tests compare them.
Numbers never change.
"""

from __future__ import annotations

from enum import IntFlag


class SubscriptionRule(IntFlag):
    """One bit a rule."""

    NOT_OPEN = 1 << 0
    TOO_EARLY = 1 << 1
    TOO_LATE = 1 << 2
    REGION_HALTED = 1 << 3
    SHARES_STOPPED = 1 << 4
    UNKNOWN = 1 << 5
    FROZEN = 1 << 6
    WALLET_CLOSED = 1 << 7
    CATEGORY = 1 << 8
    KYC = 1 << 9
    QUALIFICATION = 1 << 10
    RISK_GRADE = 1 << 11
    DISCLOSURE = 1 << 12
    FRACTION = 1 << 13
    BELOW_MINIMUM = 1 << 14
    ABOVE_MAXIMUM = 1 << 15
    INVESTOR_CEILING = 1 << 16
    TARGET = 1 << 17
    TWICE = 1 << 18
    TOO_MANY = 1 << 19
    ANNUAL_LIMIT = 1 << 20
    HOLDERS_CAP = 1 << 21
    MONEY = 1 << 22
    MONEY_FROZEN = 1 << 23

    @property
    def code(self) -> int:
        """Position of the bit, counted from 1."""
        return self.value.bit_length()

    @property
    def id(self) -> str:
        """The rule's id in SPECIFICATION.md."""
        return f"SB-{self.code}"

    @property
    def text_en(self) -> str:
        return _TEXTS[self][0]

    @property
    def text_zh(self) -> str:
        return _TEXTS[self][1]


_R = SubscriptionRule
_TEXTS: dict[SubscriptionRule, tuple[str, str]] = {
    _R.NOT_OPEN: ("the raise is not open", "募集尚未开放或已结束"),
    _R.TOO_EARLY: ("the subscription window has not begun", "认购期尚未开始"),
    _R.TOO_LATE: ("the subscription window is over", "认购期已结束"),
    _R.REGION_HALTED: ("the region is halted", "该区域已暂停"),
    _R.SHARES_STOPPED: ("the shares of the class are stopped", "该类别股份已暂停"),
    _R.UNKNOWN: ("the account is not registered", "该账户未登记"),
    _R.FROZEN: ("the subscriber is frozen by order", "认购人已被冻结"),
    _R.WALLET_CLOSED: ("the wallet is closed", "该钱包已关闭"),
    _R.CATEGORY: (
        "the class does not admit the subscriber's category",
        "该类别股份不接纳认购人所属类别",
    ),
    _R.KYC: ("the subscriber's KYC is not in force", "认购人的身份核验已失效"),
    _R.QUALIFICATION: ("the subscriber's qualification is not in force", "认购人的合格投资者资格已失效"),
    _R.RISK_GRADE: ("the raise is too risky for the subscriber's grade", "募集风险高于认购人的风险承受等级"),
    _R.DISCLOSURE: ("the signed risk disclosure is missing", "缺少已签署的风险揭示书"),
    _R.FRACTION: ("the amount buys a fraction of a share", "金额不是整数股的价款"),
    _R.BELOW_MINIMUM: ("below the minimum of an investor", "低于单个投资者最低认购金额"),
    _R.ABOVE_MAXIMUM: ("above the maximum of an investor", "高于单个投资者最高认购金额"),
    _R.INVESTOR_CEILING: ("above the region's ceiling for an investor", "高于区域规定的单个投资者上限"),
    _R.TARGET: ("more than the raise still takes", "超过募集剩余额度"),
    _R.TWICE: ("the party has subscribed already", "该主体已经认购"),
    _R.TOO_MANY: ("the raise has as many subscribers as it can take", "认购人数已达技术上限"),
    _R.ANNUAL_LIMIT: ("above the subscriber's annual limit", "超过认购人的年度投资限额"),
    _R.HOLDERS_CAP: ("the company has no seat left for a new holder", "在册股东人数已达上限"),
    _R.MONEY: ("the account does not hold enough money", "账户资金不足"),
    _R.MONEY_FROZEN: ("the money is frozen or stopped", "账户资金已被冻结或暂停划转"),
}

SUBSCRIPTION_RULE_BY_CODE: dict[int, SubscriptionRule] = {rule.code: rule for rule in SubscriptionRule}


def subscription_rules_in(broken: int) -> tuple[SubscriptionRule, ...]:
    """The single rules of a bitmap, lowest code first."""
    return tuple(rule for rule in SubscriptionRule if broken & rule)
