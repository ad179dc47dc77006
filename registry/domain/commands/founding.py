"""Commands that create: a company by the CompanyFactory, a class by its company."""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.args import ZERO_ADDRESS, ActHeader, ClassTerms, CompanyTerms, RoleGrant
from registry.domain.commands.company import ALL_ROLES, set_roles
from registry.domain.commands.draft import Draft, Refusal
from registry.domain.commands.register import require_actor, require_savable
from registry.domain.events import ClassCreated, CompanyCreated
from registry.domain.ids import Address
from registry.domain.register import ClassState, CompanyState
from registry.domain.rules import ActKind, CompanyRole, Phase, RegistryRole, Rule

MAX_CLASSES = 32
MAX_DECIMALS = 6


def _grant(draft: Draft, company: CompanyState, account: Address, roles: int) -> None:
    if account == ZERO_ADDRESS or roles & ~ALL_ROLES:
        raise Refusal("RoleMalformed", account, roles)
    set_roles(draft, company, account, roles)


def _create_class(draft: Draft, company: CompanyState, terms: ClassTerms, address: Address) -> None:
    index = len(company.classes)
    if index == MAX_CLASSES:
        raise Refusal("TooManyClasses", index)
    company.classes.append(address)
    draft.emit(
        ClassCreated(
            draft.at(company.address),
            address,
            index,
            terms.name,
            terms.symbol,
            terms.authorised,
            terms.decimals,
            terms.categories,
        )
    )
    if terms.decimals > MAX_DECIMALS or terms.categories & 1:
        raise Refusal("ClassMalformed", terms.decimals, terms.categories)
    require_savable(terms.authorised)
    draft.state.classes[address] = ClassState(
        address,
        company.address,
        index,
        terms.name,
        terms.symbol,
        terms.authorised,
        terms.decimals,
        terms.categories,
        company.stops | (Rule.NOT_OPEN.value if company.phase == Phase.MIGRATING else 0),
    )


@dataclass(frozen=True, slots=True)
class CreateCompany:
    """PLATFORM. The addresses are those that the chain gave, or would give, to the clones."""

    header: ActHeader
    terms: CompanyTerms
    classes: tuple[ClassTerms, ...]
    grants: tuple[RoleGrant, ...]
    company: Address
    share_classes: tuple[Address, ...]

    def run(self, draft: Draft) -> None:
        state, terms = draft.state, self.terms
        draft.require_registry_role(RegistryRole.PLATFORM)
        draft.record(state.factory, self.header, ActKind.CREATE_COMPANY)
        number = len(state.companies) + 1
        draft.emit(
            CompanyCreated(
                draft.at(state.factory),
                self.company,
                number,
                terms.name,
                terms.form,
                terms.region,
                terms.cap,
                terms.predecessor,
            )
        )
        if terms.form not in (1, 2) or terms.cap == 0:
            raise Refusal("CompanyMalformed", terms.form, terms.cap)
        company = CompanyState(self.company, number, terms.name, terms.form, terms.region, terms.cap, terms.predecessor)
        state.companies[self.company] = company
        for grant in self.grants:
            _grant(draft, company, grant.account, grant.roles)
        for class_terms, address in zip(self.classes, self.share_classes, strict=True):
            _create_class(draft, company, class_terms, address)


@dataclass(frozen=True, slots=True)
class CreateClass:
    """ADMIN (while migrating: MIGRATOR)."""

    company: Address
    header: ActHeader
    terms: ClassTerms
    share_class: Address

    def run(self, draft: Draft) -> None:
        company = draft.company(self.company)
        if company.phase > Phase.OPEN:
            raise Refusal("PhaseForbids", company.phase)
        require_actor(draft, company, CompanyRole.ADMIN)
        draft.record(company.address, self.header, ActKind.CREATE_CLASS)
        _create_class(draft, company, self.terms, self.share_class)
