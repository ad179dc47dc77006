"""Commands of TaxSchedules and Preferences, and what the identity registry and a company have to say to dividends."""

from __future__ import annotations

from dataclasses import dataclass, replace

from registry.domain.args import ActHeader
from registry.domain.commands.company import set_roles
from registry.domain.commands.draft import Draft, Refusal
from registry.domain.commands.register import require_actor
from registry.domain.days import day_of
from registry.domain.events import PartyChanged
from registry.domain.events_payout import PreferenceDeclared, PreferenceSet, ScheduleCreated, TaxReliefStated
from registry.domain.ids import Address, Day, PartyId
from registry.domain.payout_args import DistributionTerms, TaxRule
from registry.domain.payout_terms import epoch_fault, first_arrears, resting_on
from registry.domain.payouts import DistributionState, Preference, Relief, TaxSchedule, schedule_fault
from registry.domain.raising import WHOLE
from registry.domain.register import ClassState, CompanyState
from registry.domain.rules import ActKind, CompanyRole, Phase, RegistryRole

MAX_RULES = 64


@dataclass(frozen=True, slots=True)
class CreateSchedule:
    """PLATFORM, the withholding agent; the document is the law or treaty. `TaxSchedules.createSchedule`."""

    header: ActHeader
    tax_account: Address
    rules: tuple[TaxRule, ...]

    def run(self, draft: Draft) -> None:
        draft.require_registry_role(RegistryRole.PLATFORM)
        if not draft.state.is_registered(self.tax_account):
            raise Refusal("AccountUnknown", self.tax_account)
        if len(self.rules) > MAX_RULES:
            raise Refusal("TooManyEntries", len(self.rules), MAX_RULES)
        contract, known = draft.paying.tax_schedules, draft.state.payouts.schedules
        draft.record(contract, self.header, ActKind.TAX_SCHEDULE)
        fault = schedule_fault(self.rules)
        for position, rule in enumerate(self.rules):
            if rule.bps > WHOLE:
                raise Refusal("TaxAboveWhole", rule.bps)
            if position == fault:
                break
        if fault is not None:
            raise Refusal("ScheduleMalformed", fault)
        number = len(known) + 1
        known[number] = TaxSchedule(self.tax_account, self.rules)
        draft.emit(ScheduleCreated(draft.at(contract), number, self.tax_account, self.rules))


@dataclass(frozen=True, slots=True)
class StateTaxRelief:
    """PLATFORM; the document is the certificate. `IdentityRegistry.stateTaxRelief`."""

    header: ActHeader
    party: PartyId
    bps: int
    until_day: Day

    def run(self, draft: Draft) -> None:
        registry = draft.state.registry
        draft.require_registry_role(RegistryRole.PLATFORM)
        word = draft.state.parties.get(self.party)
        if word is None:
            raise Refusal("PartyUnknown", self.party)
        if self.bps > WHOLE:
            raise Refusal("TaxAboveWhole", self.bps)
        draft.record(registry, self.header, ActKind.TAX_RELIEF)
        draft.state.payouts.reliefs[self.party] = Relief(self.bps, self.until_day)
        draft.emit(TaxReliefStated(draft.at(registry), self.party, self.bps, self.until_day))
        if not word.has_relief:
            word = replace(word, flags=word.flags | 4)
            draft.state.parties[self.party] = word
            draft.emit(PartyChanged(draft.at(registry), word))


@dataclass(frozen=True, slots=True)
class SetPreference:
    """ADMIN of the company, once for a class; the document is its articles. `Preferences.setPreference`."""

    header: ActHeader
    share_class: Address
    rank: int
    per_year: int
    from_day: Day

    def run(self, draft: Draft) -> None:
        company, known = company_of(draft, self.share_class), draft.state.payouts.preferences
        if not company.roles.get(draft.actor, 0) & CompanyRole.ADMIN:
            draft.refuse_actor(CompanyRole.ADMIN)
        if not self.rank:
            raise Refusal("PreferenceMalformed", 1)
        if not self.per_year:
            raise Refusal("PreferenceMalformed", 2)
        if not 0 < self.from_day <= draft.today:
            raise Refusal("PreferenceMalformed", 3)
        if self.share_class in known:
            raise Refusal("PreferenceStands", self.share_class)
        contract = draft.paying.preferences
        draft.record(contract, self.header, ActKind.PREFERENCE)
        known[self.share_class] = Preference(self.rank, self.per_year, self.from_day)
        draft.emit(PreferenceSet(draft.at(contract), self.share_class, self.rank, self.per_year, self.from_day))


@dataclass(frozen=True, slots=True)
class AdmitPayouts:
    """ADMIN, of an open company; cannot be undone. `Company.admitPayouts`."""

    company: Address
    header: ActHeader
    payouts: Address

    def run(self, draft: Draft) -> None:
        company = draft.company(self.company)
        if not company.roles.get(draft.actor, 0) & CompanyRole.ADMIN:
            draft.refuse_actor(CompanyRole.ADMIN)
        if company.phase != Phase.OPEN:
            raise Refusal("PhaseForbids", company.phase)
        if not draft.state.roles.get(self.payouts, 0) & RegistryRole.OFFERINGS:
            raise Refusal("OfferingUnknown", self.payouts)
        draft.record(company.address, self.header, ActKind.ADMIT_PAYOUTS)
        set_roles(draft, company, self.payouts, int(CompanyRole.OFFERING))


# --- Preferences, for dividends ---


def claim_preference(draft: Draft, t: DistributionTerms) -> tuple[CompanyState, int]:
    """The company of the class, and what of the rate counts towards the class's own arrears."""
    _require_distributions(draft)
    company = company_of(draft, t.share_class)
    c = draft.share_class(t.share_class)
    if epoch_fault(c, t, draft.time):
        raise Refusal("DistributionMalformed", 2)
    require_actor(draft, company, CompanyRole.ADMIN)
    if company.phase != Phase.OPEN:
        raise Refusal("PhaseForbids", int(company.phase))
    day = day_of(c.record_times[t.epoch - 1], draft.state.utc_offset)
    first = first_arrears(draft.state, c, day)
    if first is not None:
        raise Refusal("ArrearsFirst", *first)
    own = draft.state.payouts.preferences.get(t.share_class)
    if own is None:
        return company, 0
    if t.rate == 0:
        raise Refusal("DistributionMalformed", 6)
    counted = min(t.rate, own.arrears(day))
    _count(draft, t.share_class, counted)
    return company, counted


def cancel_preference(draft: Draft, d: DistributionState, *, is_void: bool) -> None:
    """What it counted is open again. Refused while a later class's dividend rests on it, unless it is void."""
    _require_distributions(draft)
    if not is_void and (later := resting_on(draft.state, d)) is not None:
        raise Refusal("DividendRests", later)
    if d.counted:
        _count(draft, d.terms.share_class, -d.counted)


def release_preference(draft: Draft, share_class: Address, counted: int) -> None:
    """What was counted and is not covered any more is open again."""
    _require_distributions(draft)
    _count(draft, share_class, -counted)


def company_of(draft: Draft, share_class: Address) -> CompanyState:
    """The company of a class of this registry."""
    c: ClassState | None = draft.state.classes.get(share_class)
    if c is None:
        raise Refusal("ClassUnknown", share_class)
    return draft.state.company_of(c)


def _count(draft: Draft, share_class: Address, change: int) -> None:
    known = draft.state.payouts.preferences
    declared = known[share_class].declared + change
    known[share_class] = replace(known[share_class], declared=declared)
    draft.emit(PreferenceDeclared(draft.at(draft.paying.preferences), share_class, declared))


def _require_distributions(draft: Draft) -> None:
    distributions = draft.paying.distributions
    if not draft.state.roles.get(distributions, 0) & RegistryRole.OFFERINGS:
        raise Refusal("NotAuthorised", distributions, int(RegistryRole.OFFERINGS))
