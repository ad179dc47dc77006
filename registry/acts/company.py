"""Companies: creation, classes, stops, documents, abandoning. Opening stands in `opening`."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from registry.acts.desk import ADMIN, AGENT, PLATFORM, REGULATOR, Desk
from registry.acts.found import events_of
from registry.acts.operations import Done, Request, carry_out, header_for
from registry.chain import contracts
from registry.chain.decode import Kind
from registry.domain.args import ClassTerms, CompanyTerms, RoleGrant
from registry.domain.ids import Address, Hash32, Shares
from registry.domain.rules import CompanyRole
from registry.errors import HaltError, InputError

# Holders of record that each form of company may have.
CAP_OF_FORM = {1: 200, 2: 50}
LONGEST_NAME, LONGEST_SYMBOL = 400, 32
ADMIN_ROLES = CompanyRole.ADMIN | CompanyRole.STOPPER | CompanyRole.SECRETARY
AGENT_ROLES = CompanyRole.TRANSFER_AGENT | CompanyRole.MIGRATOR


@dataclass(frozen=True, slots=True)
class Created:
    """A company that is on the chain."""

    number: int
    address: Address
    classes: tuple[Address, ...]


def create_company(
    desk: Desk, request: Request, terms: CompanyTerms, classes: Sequence[ClassTerms]
) -> tuple[Created, Done]:
    """A company with its classes and roles in one act; it is born migrating."""
    header = header_for(desk, "create_company", request)
    check_terms(terms)
    calldata = contracts.factory.create_company(header, terms, classes, grants(desk))
    done = carry_out(desk, PLATFORM, desk.deployment.factory, calldata, header.operation, f"create {len(classes)}")
    return created_by(desk, header.operation), done


def create_class(desk: Desk, request: Request, company: Address, terms: ClassTerms) -> tuple[Address, Done]:
    """One more class of a company; InputError where another one of it has the symbol."""
    check_name(terms.name, "name", LONGEST_NAME)
    check_name(terms.symbol, "symbol", LONGEST_SYMBOL, may_be_empty=True)
    header = header_for(desk, "create_class", request)
    if desk.outbox.get(header.operation) is None and not desk.reads.is_done(company, header.operation):
        _require_free_symbol(desk, company, terms.symbol)
    calldata = contracts.company.create_class(header, terms)
    done = carry_out(desk, _head(desk, company), company, calldata, header.operation, "create a class")
    created = events_of(desk.node, Kind.COMPANY, company, header.operation, "ClassCreated")
    return Address(created[0]["shareClass"]), done


def _require_free_symbol(desk: Desk, company: Address, symbol: str) -> None:
    """A class is found by its symbol; two of one symbol would be found by their positions only."""
    taken = {desk.reads.class_name(each)[1].casefold() for each in desk.reads.classes(company)}
    if symbol and symbol.casefold() in taken:
        message = "the company has a class of this symbol already"
        raise InputError(message, code="symbol_taken", field="symbol", value=symbol)


def stop_company(desk: Desk, request: Request, company: Address, stopped: bool) -> Done:
    """Nothing moves in any class of the company, or everything does again."""
    header = header_for(desk, "stop_company", request)
    calldata = contracts.company.stop_company(header, stopped)
    return carry_out(desk, ADMIN, company, calldata, header.operation, "stop or release a company")


def stop_by_regulator(desk: Desk, request: Request, company: Address, stopped: bool) -> Done:
    """The regulator's stop, which the company cannot lift."""
    header = header_for(desk, "stop_by_regulator", request)
    calldata = contracts.company.stop_by_regulator(header, stopped)
    return carry_out(desk, REGULATOR, company, calldata, header.operation, "regulator's stop or release")


def stop_class(desk: Desk, request: Request, company: Address, share_class: Address, stopped: bool) -> Done:
    """One class only."""
    header = header_for(desk, "stop_class", request)
    calldata = contracts.company.stop_class(header, share_class, stopped)
    return carry_out(desk, ADMIN, company, calldata, header.operation, "stop or release a class")


def record_document(desk: Desk, request: Request, company: Address, kind: int, uri: str) -> Done:
    """A document of the company by its hash, which is the act's own document."""
    if not 0 < kind < 256:
        raise InputError("a document's kind is a number from 1 to 255", code="kind", field="kind", value=kind)
    header = header_for(desk, "record_document", request)
    calldata = contracts.company.record_document(header, kind, uri)
    return carry_out(desk, ADMIN, company, calldata, header.operation, f"document of kind {kind}")


def abandon_company(desk: Desk, request: Request, company: Address) -> Done:
    """Ends a migrating company for ever. Whoever calls this also erases the names."""
    header = header_for(desk, "abandon", request)
    calldata = contracts.company.abandon(header)
    return carry_out(desk, ADMIN, company, calldata, header.operation, "abandon a company")


def set_authorised(desk: Desk, request: Request, share_class: Address, authorised: Shares) -> Done:
    """How many shares of the class there may be."""
    header = header_for(desk, "authorise", request)
    calldata = contracts.share_class.set_authorised(header, authorised)
    return carry_out(desk, AGENT, share_class, calldata, header.operation, "authorise shares")


def admit_categories(desk: Desk, request: Request, share_class: Address, categories: int) -> Done:
    """Which categories of parties may receive shares of the class."""
    header = header_for(desk, "admit", request)
    calldata = contracts.share_class.admit_categories(header, categories)
    return carry_out(desk, AGENT, share_class, calldata, header.operation, "admit categories")


def grants(desk: Desk) -> tuple[RoleGrant, ...]:
    """Roles of a new company: heading and stopping it under one key, keeping the register under another."""
    return (
        RoleGrant(desk.account(ADMIN), int(ADMIN_ROLES)),
        RoleGrant(desk.account(AGENT), int(AGENT_ROLES)),
    )


def created_by(desk: Desk, operation: Hash32) -> Created:
    """The company that an act created, read from the chain."""
    found = events_of(desk.node, Kind.FACTORY, desk.deployment.factory, operation, "CompanyCreated")
    if not found:
        raise HaltError(f"the chain has no company created by operation 0x{operation.hex()}")
    address = Address(found[0]["company"])
    return Created(found[0]["number"], address, tuple(desk.reads.classes(address)))


def cap_of(form: int) -> int:
    """Holders of record that the law allows a company of this form."""
    if form not in CAP_OF_FORM:
        message = "a company's form is 1 (limited by shares) or 2 (limited liability)"
        raise InputError(message, code="form", field="form", value=form)
    return CAP_OF_FORM[form]


def check_terms(terms: CompanyTerms) -> None:
    """Refuses what the contract would refuse, with the field's name."""
    cap_of(terms.form)
    if not 0 < terms.cap < 2**16:
        raise InputError("a cap on holders is from 1 to 65535", code="cap", field="cap", value=terms.cap)
    check_name(terms.name, "name", LONGEST_NAME)


def check_name(name: str, field: str, longest: int, *, may_be_empty: bool = False) -> None:
    """A name stands on the chain for ever, and on every page: some letters, not too many, nothing invisible."""
    if not name.strip() and not (may_be_empty and not name):
        raise InputError(f"a {field} is not empty", code="name_missing", field=field, value=name)
    if len(name) > longest:
        message = f"a {field} has at most {longest} characters, this one {len(name)}"
        raise InputError(message, code="name_too_long", field=field, value=name[:80])
    if not all(sign.isprintable() or unicodedata.category(sign) == "Zs" for sign in name):
        raise InputError(f"a {field} has no control characters", code="name_unprintable", field=field, value=name)


def _head(desk: Desk, company: Address) -> str:
    """Who may add a class: the migrator while the company migrates, its admin afterwards."""
    return AGENT if desk.reads.charter(company).phase == 1 else ADMIN
