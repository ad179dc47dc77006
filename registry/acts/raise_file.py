"""A raise from its file of terms (RAISE.toml): read, checked as the contracts check it, all that is wrong at once.

    terms = read_raise(desk, Path("RAISE.toml"))

What the terms are is shown by examples/raise/series-a.toml.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from registry.acts.desk import Desk
from registry.acts.raise_table import MOST_FEN, WHOLE, Notes, Table
from registry.acts.raising import RaiseTerms
from registry.acts.resolve import find_class, find_company
from registry.domain.args import ZERO_ADDRESS
from registry.domain.escrow import MAX_TRANCHES
from registry.domain.ids import Address, Day, Hash32, PartyId
from registry.domain.raise_args import EscrowTerms, OfferingTerms, RatchetTerms, TrancheTerms
from registry.domain.raise_terms import MAX_COOLING_OFF, MAX_HORIZON, MAX_QUORUM, MAX_SPAN
from registry.errors import HaltError, InputError

METHODS = {"first_come": 1, "pro_rata": 2}
MISSES = {"redeem": 1, "extend": 2, "put": 3}
SILENCE = {"voids": 0, "upholds": 1}
SOURCES = {"new_shares": 1, "founder": 2}
MOST_BYTES = 1_000_000
_EXTEND, _PUT = MISSES["extend"], MISSES["put"]
_LONGEST_CRITERION, _LONGEST_TERMS = 4_000, 2_000


@dataclass(frozen=True, slots=True)
class Who:
    """An account as the file names it, and the field that does."""

    field: str
    name: int | str


@dataclass(frozen=True, slots=True)
class Draft:
    """The file's terms with everything that only the chain can answer left open: accounts are zero, times civil."""

    company: str
    share_class: str
    terms: RaiseTerms
    people: dict[str, Who]
    criteria: tuple[str, ...]


def read_raise(desk: Desk, file: Path) -> RaiseTerms:
    """The terms as the contracts take them; TermsRefused with all problems. Texts of criteria are kept by hash."""
    notes = Notes()
    draft = read_draft(file, desk.deployment.utc_offset, notes)
    terms = _resolved(desk, draft, notes)
    notes.require_none(file.name)
    for criterion in draft.criteria:
        desk.keep_document(criterion.encode())
    return terms


def read_draft(file: Path, utc_offset: int, notes: Notes) -> Draft:
    """What the file says, checked as far as it can be without a chain."""
    table = Table(_load(file), "", notes, file.parent, utc_offset)
    company, share_class = table.raw("company"), table.raw("class")
    people: dict[str, Who] = {}
    offering = _offering(table, people)
    escrow = _escrow(table.inner("escrow"), people)
    tranches, criteria = _tranches(table, offering, escrow, "put_payer" in people)
    ratchet = _ratchet(table.inner("ratchet"), people, len(tranches)) if table.has("ratchet") else RatchetTerms()
    table.raw("ratchet")
    table.finish()
    _check_schedule(notes, offering, tranches)
    terms = RaiseTerms(offering, escrow, tranches, ratchet)
    return Draft(str(company or ""), str(share_class if share_class is not None else ""), terms, people, criteria)


def _load(file: Path) -> dict[str, Any]:
    try:
        content = file.read_bytes()
        if len(content) > MOST_BYTES:
            raise InputError("a file of terms is small", code="file_too_large", field="file", value=file.name)
        return tomllib.loads(content.decode(), parse_float=Decimal)
    except OSError as error:
        message = f"no such file of terms: {error.strerror or 'not readable'}"
        raise InputError(message, code="file", field="file", value=str(file)) from None
    except (ValueError, RecursionError) as error:  # TOML, UTF-8, numbers of thousands of digits
        message = f"{file.name} is not TOML: {error}"
        raise InputError(message, code="toml", object=file.name, field="file", value=file.name) from None


def _offering(t: Table, people: dict[str, Who]) -> OfferingTerms:
    people["fee_recipient"] = Who("fee_to", t.who("fee_to"))
    terms = OfferingTerms(
        company=ZERO_ADDRESS,
        share_class=ZERO_ADDRESS,
        fee_recipient=ZERO_ADDRESS,
        price=t.money("price", least=1),
        minimum=t.money("minimum", least=1),
        maximum=t.money("maximum", least=1),
        investor_minimum=t.money("investor_minimum"),
        investor_maximum=t.money("investor_maximum", least=1),
        opens_at=t.moment("opens", is_last=False),
        closes_at=t.moment("closes", is_last=True),
        cooling_off=t.span("cooling_off", most=MAX_COOLING_OFF),
        settle_within=t.span("settle_within", least=1, most=MAX_SPAN),
        fee_bps=t.percent("fee_percent", 0, WHOLE - 1),
        region=0,
        risk_grade=t.whole("risk_grade", 0, 5),
        method=t.choice("method", METHODS),
        lock_day=t.day("locked_until") if t.has("locked_until") else Day(0),
        memorandum=t.document("memorandum"),
        disclosure=t.document("disclosure"),
    )
    t.raw("locked_until")
    if terms.minimum > terms.maximum:
        t.refuse("minimum", "not above the maximum")
    if terms.investor_minimum > terms.investor_maximum:
        t.refuse("investor_minimum", "not above the investor's maximum")
    if terms.investor_maximum < terms.price:
        t.refuse("investor_maximum", "one share's price at least")
    if terms.opens_at >= terms.closes_at:
        t.refuse("opens", "before the window closes")
    return terms


def _escrow(t: Table, people: dict[str, Who]) -> EscrowTerms:
    people["issuer_account"] = Who(t.at("issuer_account"), t.who("issuer_account"))
    people["arbiter"] = Who(t.at("arbiter"), t.who("arbiter"))
    people["lapse_account"] = Who(t.at("lapsed_to"), t.who("lapsed_to"))
    has_put = t.has("put_payer")
    if has_put:
        people["put_payer"] = Who(t.at("put_payer"), t.who("put_payer"))
    terms = EscrowTerms(
        issuer_account=ZERO_ADDRESS,
        arbiter=ZERO_ADDRESS,
        window=t.span("dispute_window", least=1, most=MAX_SPAN),
        arbitration=t.span("arbitration", least=1, most=MAX_SPAN),
        silence_upholds=t.choice("silence", SILENCE) == 1,
        challenge_bps=t.percent("challenge_percent", 1, WHOLE),
        consent_bps=t.percent("consent_percent", 1, WHOLE),
        voting=t.span("voting", most=MAX_SPAN),
        is_payer_issuer=t.flag("put_payer_is_issuer") if has_put else False,
        put_rate_bps=t.percent("put_interest_percent", 0, WHOLE) if has_put else 0,
        claims=t.span("claim_period", least=1, most=MAX_SPAN),
    )
    for name in ("put_payer", "put_payer_is_issuer", "put_interest_percent"):
        if not has_put and t.has(name):
            t.refuse(name, "only where there is a put_payer")
        t.raw(name)
    t.finish()
    return terms


def _tranches(
    table: Table, offering: OfferingTerms, escrow: EscrowTerms, has_payer: bool
) -> tuple[tuple[TrancheTerms, ...], tuple[str, ...]]:
    times = offering.closes_at + offering.cooling_off + offering.settle_within, offering.closes_at + MAX_HORIZON
    rows = table.rows("tranche")
    if len(rows) > MAX_TRANCHES:
        table.refuse("tranche", f"at most {MAX_TRANCHES} tranches")
    read = [_tranche(t, times, escrow, has_payer) for t in rows]
    return tuple(terms for terms, _ in read), tuple(criterion for _, criterion in read)


def _tranche(t: Table, times: tuple[int, int], escrow: EscrowTerms, has_payer: bool) -> tuple[TrancheTerms, str]:
    """`times`: the deadline is after the first and not after the second."""
    settled_by, latest = times
    is_share = t.has("share_percent")
    if is_share == t.has("amount"):
        t.refuse("share_percent", "either share_percent or amount")
    value = t.percent("share_percent", 1, WHOLE) if is_share else t.money("amount", least=1) if t.has("amount") else 1
    on_miss = t.choice("on_miss", MISSES)
    criterion = t.text("criterion", _LONGEST_CRITERION)
    extension = t.span("extension", least=1, most=MAX_SPAN) if on_miss == _EXTEND else 0
    deadline = t.moment("deadline", is_last=True)
    if deadline <= settled_by:
        t.refuse("deadline", "after the window, the cooling-off period and the time for settling")
    if deadline > latest:
        t.refuse("deadline", f"at most {MAX_HORIZON // 86_400} days after the window")
    if on_miss == _EXTEND and not escrow.voting:
        t.refuse("on_miss", "an extension needs escrow.voting above zero")
    if on_miss == _PUT and not has_payer:
        t.refuse("on_miss", "a put needs escrow.put_payer")
    terms = TrancheTerms(
        is_share=is_share,
        value=value,
        kind=t.whole("kind", 1, 255),
        quorum=t.whole("quorum", 1, MAX_QUORUM),
        deadline=deadline,
        on_miss=on_miss,
        extension=extension,
        criterion=Hash32(hashlib.sha256(criterion.encode()).digest()),
        terms=_machine_terms(t),
    )
    for name in ("share_percent", "amount", "extension"):
        t.raw(name)
    t.finish()
    return terms, criterion


def _machine_terms(t: Table) -> str:
    """The criterion for machines: a table as JSON, in one spelling."""
    found = t.raw("terms")
    if found is None:
        return ""
    try:
        text = json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError):
        t.refuse("terms", "a table of texts, whole numbers, true and false")
        return ""
    if not isinstance(found, dict) or len(text) > _LONGEST_TERMS:
        t.refuse("terms", f"a table, as JSON at most {_LONGEST_TERMS} characters")
    return text


def _ratchet(t: Table, people: dict[str, Who], tranches: int) -> RatchetTerms:
    people["founder"] = Who(t.at("founder"), t.who("founder"))
    if t.has("fallback"):
        people["fallback_account"] = Who(t.at("fallback"), t.who("fallback"))
    has_early, has_late = t.has("early_percent"), t.has("late_percent")
    terms = RatchetTerms(
        milestone=t.whole("milestone", 0, max(tranches - 1, 0)),
        source=t.choice("source", SOURCES),
        early_by=t.moment("early_by", is_last=True) if has_early else 0,
        early_bps=t.percent("early_percent", 1, WHOLE) if has_early else 0,
        late_after=t.moment("late_after", is_last=True) if has_late else 0,
        late_bps=t.percent("late_percent", 1, WHOLE) if has_late else 0,
    )
    if not has_early and not has_late:
        t.refuse("early_percent", "early_percent, late_percent, or both")
    if has_early and has_late and terms.early_by > terms.late_after:
        t.refuse("early_by", "not after late_after")
    for name in ("fallback", "early_by", "early_percent", "late_after", "late_percent"):
        t.raw(name)
    t.finish()
    return terms


def _check_schedule(notes: Notes, offering: OfferingTerms, tranches: tuple[TrancheTerms, ...]) -> None:
    """The tranches add up for every outcome of the raise; asked where the amounts themselves are in order."""
    if notes.has_any("tranche", "minimum", "maximum", "fee_percent"):
        return
    least, most = (raised - raised * offering.fee_bps // WHOLE for raised in (offering.minimum, offering.maximum))
    fixed = sum(tranche.value for tranche in tranches if not tranche.is_share)
    bps = sum(tranche.value for tranche in tranches if tranche.is_share)
    if bps not in (0, WHOLE):
        notes.add("tranche", f"{bps / 100:g} percent", "the shares of the rest sum to 100 percent")
    if fixed > least:
        notes.add("tranche", f"{fixed / 100:.2f}", f"fixed amounts not above {least / 100:.2f}, the least proceeds")
    if tranches and not bps and not fixed == least == most:
        notes.add("tranche", f"{fixed / 100:.2f}", f"without a share, amounts of just the proceeds {most / 100:.2f}")


# --- what the chain answers ---


def _resolved(desk: Desk, draft: Draft, notes: Notes) -> RaiseTerms:
    accounts = {role: _account(desk, who, notes) for role, who in draft.people.items()}
    _require_registered(desk, draft, accounts, notes)
    offering = _placed(desk, draft, notes)
    escrow, ratchet = draft.terms.escrow, draft.terms.ratchet
    offset = desk.node.head().time - desk.raises.clock(offering.region)
    return RaiseTerms(
        offering=replace(
            offering,
            fee_recipient=accounts["fee_recipient"],
            opens_at=offering.opens_at - offset,
            closes_at=offering.closes_at - offset,
        ),
        escrow=replace(
            escrow,
            issuer_account=accounts["issuer_account"],
            arbiter=accounts["arbiter"],
            put_payer=accounts.get("put_payer", ZERO_ADDRESS),
            lapse_account=accounts["lapse_account"],
        ),
        tranches=tuple(replace(each, deadline=each.deadline - offset) for each in draft.terms.tranches),
        ratchet=replace(
            ratchet,
            founder=accounts.get("founder", ZERO_ADDRESS),
            fallback_account=accounts.get("fallback_account", ZERO_ADDRESS),
            early_by=ratchet.early_by - offset if ratchet.early_by else 0,
            late_after=ratchet.late_after - offset if ratchet.late_after else 0,
        ),
    )


def _placed(desk: Desk, draft: Draft, notes: Notes) -> OfferingTerms:
    """Company, class and region; the price for the smallest part of a share; the region's ceiling."""
    terms = draft.terms.offering
    desk.catch_up()
    try:
        company = find_company(desk.queries, draft.company)
    except InputError as error:
        notes.add("company", draft.company, error.message)
        return terms
    try:
        share_class = find_class(desk.queries, company, draft.share_class)
    except InputError as error:
        notes.add("class", draft.share_class, error.message)
        return terms
    price, rest = divmod(terms.price, 10**share_class.decimals)
    if rest or not price:
        part = f"10^-{share_class.decimals} of a share" if share_class.decimals else "a share"
        notes.add("price", f"{terms.price / 100:.2f}", f"whole fen for {part}")
        price = max(price, 1)
    for name in ("minimum", "maximum"):
        if getattr(terms, name) % price:
            notes.add(name, f"{getattr(terms, name) / 100:.2f}", "a multiple of the price")
    region = desk.raises.region_word(company.region)
    if terms.maximum > region.raise_ceiling:
        ceiling = f"{region.raise_ceiling / 100:.2f}" if region.version else "zero: it has no scheme"
        notes.add(
            "maximum", f"{terms.maximum / 100:.2f}", f"not above the ceiling of region {company.region}, {ceiling}"
        )
    if not 0 < terms.closes_at - desk.node.head().time <= MAX_SPAN:
        closes = datetime.fromtimestamp(terms.closes_at, timezone(timedelta(seconds=desk.deployment.utc_offset)))
        notes.add("closes", closes.isoformat(), f"in the future, at most {MAX_SPAN // 86_400} days from now")
    return replace(
        terms,
        company=Address(company.address),
        share_class=Address(share_class.address),
        region=company.region,
        price=min(price, MOST_FEN),
    )


def _account(desk: Desk, who: Who, notes: Notes) -> Address:
    if isinstance(who.name, int):
        return desk.book(PartyId(who.name))
    if who.name.startswith("0x"):
        return Address(bytes.fromhex(who.name[2:]))
    try:
        return desk.account(who.name)
    except HaltError:
        notes.add(who.field, who.name, "a key of this home")
        return ZERO_ADDRESS


def _require_registered(desk: Desk, draft: Draft, accounts: dict[str, Address], notes: Notes) -> None:
    """Money and shares go to registered parties; only the arbiter may be anybody."""
    roles = [role for role in draft.people if role != "arbiter"]
    words = desk.reads.standings_of([accounts[role] for role in roles])
    for role, (word, _) in zip(roles, words, strict=True):
        who = draft.people[role]
        if not word.id and who.name and any(accounts[role]):
            notes.add(who.field, who.name, "the account of a registered party")
