"""What a declaration says, and what is wrong with it before anything is signed; tax schedules from their files."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from shlex import quote

from registry.acts.amounts import a_share, cny, typed
from registry.acts.desk import ADMIN, Desk
from registry.acts.dividend_order import Arrears, arrears, cover_of
from registry.acts.raise_table import WHOLE, Notes, Table
from registry.domain.args import ZERO_ADDRESS
from registry.domain.days import civil, day_of, first_second, last_second, to_date
from registry.domain.ids import Address, Day, PartyId
from registry.domain.payout_args import TaxRule
from registry.domain.payout_terms import MAX_EXCLUDED, MAX_SPAN, MIN_SPAN
from registry.domain.payouts import schedule_fault
from registry.domain.rules import CompanyRole
from registry.domain.words import CATEGORY_TREASURY
from registry.errors import InputError, RejectedError
from registry.mirror.views import ShareClass
from registry.mirror.views_payout import Preview

CURRENCIES = ("CNY",)
"""Money there is on the chain."""
CATEGORIES = {"founder": 1, "employee": 2, "qualified": 3, "institution": 4, "treasury": 5}
_DAY = 86_400
_MOST_BYTES = 100_000
_EVERY_OTHER = _EVERYBODY_ELSE = 0


@dataclass(frozen=True, slots=True)
class Declaration:
    """A dividend as somebody asks for it: civil times [unix s], money in fen, rates in 10^-10 CNY for a whole share.

    `rate` 0: `total` is shared out, else it is what covers the rate at most. `excluded`: accounts without a part."""

    share_class: Address
    record_day: Day
    pays_at: int
    expires_at: int
    schedule: int
    total: int
    profit: int
    funded_by: Address
    rate: int = 0
    remainder_account: Address = ZERO_ADDRESS
    scrip_price: int = 0
    excluded: tuple[Address, ...] = ()
    currency: str = "CNY"


@dataclass(frozen=True, slots=True)
class ScheduleFile:
    """A tax schedule as its file says it; the account as a number, an address or the name of a key."""

    account: int | str
    rules: tuple[TaxRule, ...]


def require_declarable(desk: Desk, asked: Declaration) -> Preview:
    """InputError or RejectedError for the first thing that cannot be; else what each holder would get, as of now.

    All is asked here, since the record date is announced before the declaration is tried."""
    _require_terms(desk, asked)
    _require_money(desk, asked)
    found = preview(desk, asked)
    if found.gross == 0:
        message = f"nothing is left of {cny(asked.total)} for any holder"
        raise InputError(message, code="amount_indivisible", field="total", value=typed(asked.total))
    cls = desk.queries.share_class(asked.share_class)
    _require_cover(desk, cls, asked)
    if asked.scrip_price:
        _require_scrip(desk, cls, asked)
    _require_in_order(desk, cls, asked)
    return found


def preview(desk: Desk, asked: Declaration) -> Preview:
    """What each holder would get if the register stayed as it is, from the mirror at the node's head. InputError where
    class, schedule or an excluded account is unknown, nobody has a part, or nothing is left for a share."""
    require_currency(asked.currency)
    _require_excluded(desk, asked.excluded)
    desk.catch_up()
    cls = desk.queries.share_class(asked.share_class)
    try:
        return desk.queries.preview(
            cls.class_id, asked.schedule, total=asked.total, rate=asked.rate, excluded=asked.excluded
        )
    except InputError as error:
        raise _for_people(error, cls, asked) from None


def _for_people(error: InputError, cls: ShareClass, asked: Declaration) -> InputError:
    """The mirror knows fen, units and the number of a class; whoever typed the amount and its name does not."""
    name = cls.symbol or str(cls.position)
    if error.code == "nobody_entitled":
        message = f"nobody shares in a dividend of class {name}: all its shares are excluded, or there are none"
        return InputError(message, code=error.code, field=error.field, value=name)
    if error.code == "amount_indivisible":
        given = a_share(asked.rate) if asked.rate else typed(asked.total)
        message = f"{given} CNY{' a share' if asked.rate else ''} leave not a fen for the shares there are"
        return InputError(message, code=error.code, field=error.field, value=given)
    return error


def require_currency(currency: str) -> None:
    if currency not in CURRENCIES:
        message = f"the money on chain is {', '.join(CURRENCIES)}"
        raise InputError(message, code="currency_unknown", field="currency", value=currency)


def _require_terms(desk: Desk, asked: Declaration) -> None:
    require_currency(asked.currency)
    offset = desk.deployment.utc_offset
    pays, expires = civil(asked.pays_at, offset), civil(asked.expires_at, offset)
    record, now = last_second(asked.record_day, offset), max(int(desk.clock()), desk.node.head().time)
    shown = to_date(asked.record_day).isoformat()
    if record < now:
        raise InputError("the record date has passed", code="record_date_past", field="record", value=shown)
    if asked.pays_at <= record:
        message = f"a dividend is paid after its record date, the end of {shown}"
        raise InputError(message, code="payment_before_record_date", field="pays", value=pays)
    if asked.expires_at <= asked.pays_at:
        message = f"a dividend expires after it is paid, from {pays} on"
        raise InputError(message, code="expiry_before_payment", field="expires", value=expires)
    if asked.expires_at - asked.pays_at < MIN_SPAN:
        message = "holders have a day at least, from the payment date to the expiry"
        raise InputError(message, code="expiry_too_soon", field="expires", value=expires)
    if asked.expires_at - asked.pays_at > MAX_SPAN:
        message = f"a dividend expires at most {MAX_SPAN // _DAY} days after it is paid"
        raise InputError(message, code="expiry_too_late", field="expires", value=expires)
    if not any(desk.payouts.tax_account_of(asked.schedule)):
        message = f"there is no such tax schedule; there are {desk.payouts.schedule_count()}"
        raise InputError(message, code="schedule_unknown", field="schedule", value=asked.schedule)
    _require_excluded(desk, asked.excluded)
    if any(asked.remainder_account):
        require_registered(desk, asked.remainder_account, "remainder", "that gets what is left")
    if desk.payouts.preference_of(asked.share_class).rank:
        _require_preferred(desk, asked)


def _require_preferred(desk: Desk, asked: Declaration) -> None:
    if not asked.rate:
        message = "a preferred class states its dividend for a share (--rate)"
        raise InputError(message, code="rate_missing", field="rate")
    if not desk.payouts.arrears_of(asked.share_class, asked.record_day):
        return
    for account in asked.excluded:
        if desk.reads.standing_of(account)[0].category != CATEGORY_TREASURY:
            message = "only the company's own shares are excluded from what a class has in arrears (PF-4)"
            raise InputError(message, code="excluded_in_arrears", field="exclude", value=_named(desk, account))


def _require_excluded(desk: Desk, excluded: Sequence[Address]) -> None:
    if len(excluded) > MAX_EXCLUDED:
        message = f"at most {MAX_EXCLUDED} accounts are excluded, all those of a party that is named counted"
        raise InputError(message, code="too_many_entries", field="exclude", value=len(excluded))
    for account in excluded:
        require_registered(desk, account, "exclude", "that is excluded")


def require_registered(desk: Desk, account: Address, field: str, which: str) -> None:
    """Somebody is registered behind it. A party that is not is named by its number: nobody typed its book account."""
    if desk.reads.standing_of(account)[0].id:
        return
    name = _named(desk, account)
    if isinstance(name, int):
        message = f"party {name}, {which}, is not registered (ID-1)"
        raise InputError(message, code="party_unknown", field=field, value=name)
    message = f"nobody is registered behind the account {which}"
    raise InputError(message, code="account_unknown", field=field, value=name)


def _named(desk: Desk, account: Address) -> PartyId | str:
    """The party of a book account, else the account's address."""
    party = PartyId(int.from_bytes(account[-4:]))
    return party if account == desk.book(party) else "0x" + account.hex()


def _require_money(desk: Desk, asked: Declaration) -> None:
    if asked.profit < asked.total:
        message = f"the distributable profit is smaller than the dividend, {cny(asked.total)}"
        raise InputError(message, code="profit_too_small", field="profit", value=typed(asked.profit))
    payer, admin = (desk.reads.standing_of(account)[0].id for account in (asked.funded_by, desk.account(ADMIN)))
    if asked.funded_by != desk.account(ADMIN) and (not payer or payer != admin):
        message = (
            f"the money comes from an account of the party that the key {ADMIN} is a wallet of (equity party bind)"
        )
        raise InputError(message, code="funding_account", field="from", value=_named(desk, asked.funded_by))
    (cash,) = desk.raises.cash_of([asked.funded_by])
    if cash.balance < asked.total:
        message = f"the account has {cny(cash.balance)}, less than the dividend, {cny(asked.total)}"
        raise InputError(message, code="money_missing", field="from", value=typed(asked.total))


def _require_cover(desk: Desk, cls: ShareClass, asked: Declaration) -> None:
    """Shares that are issued later may leave it short all the same (DV-6)."""
    needed = cover_of(desk, cls, asked.rate, asked.excluded, asked.record_day)
    if asked.total < needed:
        message = f"{a_share(asked.rate)} CNY a share need {cny(needed)} for the shares there are now"
        raise InputError(message, code="total_too_small", field="total", value=typed(asked.total))


def _require_scrip(desk: Desk, cls: ShareClass, asked: Declaration) -> None:
    """The company has admitted dividends in shares, and so many as the whole amount could buy can be kept free."""
    price = typed(asked.scrip_price)
    roles = desk.reads.company_roles(desk.reads.company_of(asked.share_class), desk.deployment.distributions)
    if not roles & CompanyRole.OFFERING:
        message = (
            f"company {cls.company} has not admitted dividends in shares: "
            f"`equity dividend admit {cls.company} --document FILE`"
        )
        raise InputError(message, code="scrip_not_admitted", field="scrip-price", value=price)
    unit = 10**cls.decimals
    missing = asked.total // asked.scrip_price * unit - (cls.authorised - cls.issued - cls.reserved)
    if missing > 0:
        name = cls.symbol or str(cls.position)
        enough = -(-(cls.authorised + missing) // unit)
        message = (
            f"{asked.total // asked.scrip_price} new shares are kept free for who chooses them, more than authorised "
            f"(AU-1): `equity class authorise {cls.company} {quote(name)} {enough} --document FILE`"
        )
        raise InputError(message, code="authorised_too_few", field="scrip-price", value=price)


def _require_in_order(desk: Desk, cls: ShareClass, asked: Declaration) -> None:
    """RejectedError where the key is not the company's, the company is not open, or a class that comes before has
    arrears: which, how much, and what is next."""
    try:
        desk.payouts.require_claimable(asked.share_class, desk.account(ADMIN), asked.record_day, asked.rate)
    except RejectedError as refused:
        first = next((each for each in arrears(desk, cls, asked.record_day) if not each.is_own), None)
        if refused.code != "ArrearsFirst" or first is None:
            raise
        shown, rate = to_date(asked.record_day).isoformat(), a_share(first.open)
        message = (
            f"class {first.name} comes first: it has {rate} CNY a share in arrears up to {shown}, and declares at "
            f"least those before: `{_next(desk, cls, asked, first)}`"
        )
        values = {"class": first.name, "arrears": f"{rate} CNY a share", "record_date": shown}
        raise RejectedError(message, code=refused.code, values=values) from None


def _next(desk: Desk, cls: ShareClass, asked: Declaration, first: Arrears) -> str:
    """The declaration for the class that comes first, with the dates that were asked for."""
    offset = desk.deployment.utc_offset
    options = {
        "rate": a_share(first.open),
        "profit": typed(asked.profit),
        "schedule": asked.schedule,
        "record": to_date(asked.record_day).isoformat(),
        "pays": _moment(asked.pays_at, offset, first_second(day_of(asked.pays_at, offset), offset)),
        "expires": _moment(asked.expires_at, offset, last_second(day_of(asked.expires_at, offset), offset)),
        "document": "FILE",
    }
    words = " ".join(f"--{name} {value}" for name, value in options.items())
    return f"equity dividend declare {cls.company} {quote(first.name)} {words}"


def _moment(time: int, utc_offset: int, of_day: int) -> str:
    """As an option takes it: the day where that stands for the moment, else the moment."""
    return civil(time, utc_offset)[:10] if time == of_day else civil(time, utc_offset).replace(" ", "T")


def read_schedule(file: Path, utc_offset: int) -> ScheduleFile:
    """A tax schedule from its file, such as examples/dividends/tax-cn.toml; InputError with all that is wrong in it."""
    notes = Notes()
    table = Table(_load(file), "", notes, file.parent, utc_offset)
    account = table.who("tax_account")
    rules = tuple(_rule(row) for row in table.rows("rule"))
    fault = schedule_fault(rules)
    if fault == len(rules):
        notes.add("rule", fault, "one rule is for everybody else: without category and residence")
    elif fault is not None:
        message = "one rule for each category and residence, and no residence without a category"
        notes.add(f"rule[{fault}]", rules[fault].residence, message)
    table.finish()
    notes.require_none(file.name)
    return ScheduleFile(account, rules)


def _rule(t: Table) -> TaxRule:
    """Without a residence: every other. Without a category too: everybody else."""
    category = t.choice("category", CATEGORIES) if t.has("category") else _EVERYBODY_ELSE
    residence = t.whole("residence", 1, 999) if t.has("residence") else _EVERY_OTHER
    percent = t.percent("percent", 0, WHOLE)
    t.raw("category")
    t.raw("residence")
    t.finish()
    return TaxRule(category, residence, percent)


def _load(file: Path) -> object:
    try:
        content = file.read_bytes()
        if len(content) > _MOST_BYTES:
            raise InputError("a tax schedule is small", code="file_too_large", field="file", value=file.name)
        return tomllib.loads(content.decode(), parse_float=Decimal)
    except OSError as error:
        message = f"no such tax schedule: {error.strerror or 'not readable'}"
        raise InputError(message, code="file", field="file", value=str(file)) from None
    except (ValueError, RecursionError) as error:
        message = f"{file.name} is not TOML: {error}"
        raise InputError(message, code="toml", object=file.name, field="file", value=file.name) from None
