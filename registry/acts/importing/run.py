"""The import as a journal: parties and company first, then the history in order, then the check against the plan.

Every part may have been done before, by this process or another; each is found again by its id, on disk or on chain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from registry.acts import identity
from registry.acts.company import cap_of, created_by, grants
from registry.acts.desk import ADMIN, AGENT, PLATFORM, PROVIDER, Desk
from registry.acts.found import events_of, transaction_of
from registry.acts.importing.calls import Caller, Places
from registry.acts.importing.pages import acts_of, onboarding_pages, operation_id
from registry.acts.operations import done
from registry.chain import contracts
from registry.chain.decode import Kind
from registry.directory import Dossier
from registry.domain.args import ActHeader, ClassTerms, CompanyTerms
from registry.domain.days import from_date, to_date
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares
from registry.domain.rules import Phase
from registry.domain.words import PartyWord
from registry.errors import InputError, RejectedError
from registry.interchange import ImportPlan
from registry.interchange.plan import Stakeholder
from registry.outbox import Journal, Operation

Report = Callable[[str, int, int], None]

# Founders, employees, qualified persons, institutions, treasury: bit n admits category n.
ADMITTED = 0b111110
_CREATE = "company"
_ONBOARD = "onboard"
_ABANDON = "abandon"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a package does not say about the company. `attempt` counts imports of one package after an abandoned one."""

    form: int = 1
    region: int = 0
    cap: int = 0
    categories: int = ADMITTED
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Imported:
    """A package that stands on the chain. Keys are the ids of the package."""

    company: int
    address: Address
    classes: dict[str, Address]
    parties: dict[str, PartyId]
    acts: int
    was_there: bool


def import_plan(
    desk: Desk, plan: ImportPlan, terms: Terms | None = None, report: Report = lambda _l, _d, _t: None
) -> Imported:
    """Imports, goes on with, or recognises a package."""
    terms = terms or Terms()
    _check(desk, plan, terms)
    journal = desk.outbox.open_journal(
        journal_key(plan.digest, terms.attempt), "import", {"package": plan.digest, "begun_on": desk.today()}
    )
    if journal.state == "abandoned":
        raise _abandoned(plan)
    importer = _Importer(desk, plan, terms, journal, report)
    if journal.state == "done":
        return importer.found(was_there=True)
    return importer.run()


def abandon_import(desk: Desk, digest: str, attempt: int = 1) -> tuple[int, int]:
    """Ends the migrating company of a package for ever; its number, and how many names were erased."""
    journal = desk.outbox.journal(journal_key(digest, attempt))
    created = operation_id(digest, attempt, _CREATE)
    if transaction_of(desk.node, Kind.FACTORY, desk.deployment.factory, created) is None:
        raise InputError(
            "this package has no company on the chain: there is nothing to abandon",
            code="not_imported",
            object=digest,
        )
    company = created_by(desk, created)
    if desk.reads.charter(company.address).phase == Phase.OPEN:
        raise RejectedError(
            f"company {company.number} is open: only a migrating company can be abandoned", code="PhaseForbids"
        )
    if journal is not None:
        desk.outbox.close_journal(journal.key, "abandoned")
    _settle_abandon(desk, digest, attempt, company.address)
    return company.number, desk.directory.erase(_onboarded(desk, digest, attempt))


def journal_key(digest: str, attempt: int) -> str:
    return f"import:{digest}:{attempt}"


@dataclass(frozen=True, slots=True)
class _Importer:
    desk: Desk
    plan: ImportPlan
    terms: Terms
    journal: Journal
    report: Report

    def run(self) -> Imported:
        parties = self._allocate()
        self._begin(parties)
        found = self.found(was_there=False)
        if self.desk.reads.charter(found.address).phase == Phase.ABANDONED:
            raise _abandoned(self.plan)
        self._replay(found)
        self._compare(found)
        self.desk.catch_up()
        self.desk.outbox.close_journal(self.journal.key, "done")
        return found

    def found(self, was_there: bool) -> Imported:
        """What is on the chain of this package."""
        company = created_by(self.desk, self._id(_CREATE))
        classes = {str(cls.id): place for cls, place in zip(self.plan.classes, company.classes, strict=False)}
        parties = self.desk.directory.allocated([self._source(holder) for holder in self.plan.stakeholders])
        return Imported(
            company=company.number,
            address=company.address,
            classes=classes,
            parties={str(holder.id): parties[self._source(holder)] for holder in self.plan.stakeholders},
            acts=len(acts_of(self.plan)),
            was_there=was_there,
        )

    # --- parties and company ---

    def _allocate(self) -> dict[str, PartyId]:
        sources = {self._source(holder): holder for holder in self.plan.stakeholders}
        if len(self.desk.directory.allocated(list(sources))) < len(sources):
            self._recover()
        given = identity.allocate(self.desk, list(sources))
        return {str(holder.id): given[source] for source, holder in sources.items()}

    def _recover(self) -> None:
        """A directory that lost its memory takes over the ids that the chain shows for this package."""
        registry = self.desk.deployment.registry
        for number, page in enumerate(onboarding_pages(self.plan)):
            events = events_of(self.desk.node, Kind.REGISTRY, registry, self._id(_ONBOARD, number), "PartyOnboarded")
            ids = [PartyWord.unpack(event["word"]).id for event in events]
            if ids:
                self.desk.directory.adopt(dict(zip(map(self._source, page), ids, strict=True)))

    def _begin(self, parties: dict[str, PartyId]) -> None:
        """Parties and company do not wait for each other; the history waits for both."""
        hashes = self.desk.directory.put_all(
            {parties[holder.id]: _dossier(self.plan, holder) for holder in self.plan.stakeholders}
        )
        operations = [self._creation()]
        for number, page in enumerate(onboarding_pages(self.plan)):
            operations.append(self._onboarding(number, page, parties, hashes))
        self._settle("parties and company", self._unknown_or_new(operations))

    def _unknown_or_new(self, operations: Sequence[Operation]) -> list[Operation]:
        """Without those that the chain has and this outbox never knew: a database that lost its memory has other salts
        now, and the dossiers' hashes on the chain stay what they are."""
        done = self.desk.reads.are_done([(operation.target, operation.id) for operation in operations])
        known = self.desk.outbox.states([operation.id for operation in operations])
        return [op for op, is_done in zip(operations, done, strict=True) if not is_done or op.id in known]

    def _creation(self) -> Operation:
        company = self.plan.company
        assert company is not None  # checked before anything is written
        cap = self.terms.cap or cap_of(self.terms.form)
        terms = CompanyTerms(company.legal_name, self.terms.form, self.terms.region, cap)
        classes = [
            ClassTerms(cls.name, cls.symbol, Shares(cls.authorised), cls.decimals, self.terms.categories)
            for cls in self.plan.classes
        ]
        header = self._header(_CREATE, 0, from_date(company.formed_on))
        calldata = contracts.factory.create_company(header, terms, classes, grants(self.desk))
        return self._operation(header.operation, PLATFORM, self.desk.deployment.factory, calldata, "create the company")

    def _onboarding(
        self, number: int, page: Sequence[Stakeholder], parties: dict[str, PartyId], hashes: dict[PartyId, Hash32]
    ) -> Operation:
        header = self._header(_ONBOARD, number, Day(self.journal.info["begun_on"]))
        ids = [parties[holder.id] for holder in page]
        words = [
            PartyWord(party, kind=1 if holder.kind == "individual" else 2)
            for party, holder in zip(ids, page, strict=True)
        ]
        calldata = contracts.registry.onboard(header, words, [hashes[party] for party in ids])
        label = f"onboard {len(ids)} parties"
        return self._operation(header.operation, PROVIDER, self.desk.deployment.registry, calldata, label)

    # --- the history ---

    def _replay(self, found: Imported) -> None:
        places = Places(found.address, found.classes, found.parties)
        caller = Caller(self.desk, self.plan.digest, self.terms.attempt, places)
        operations: list[Operation] = []
        for act in acts_of(self.plan):
            call = caller.call(act)
            operation = self._operation(call.operation, AGENT, call.target, call.calldata, call.label, call.gas)
            # Each waits for the one before: after a refusal nothing of the history goes on.
            operations.append(replace(operation, depends_on=operations[-1].id) if operations else operation)
        self._settle("history", operations)

    def _compare(self, found: Imported) -> None:
        """The chain's own sums against the plan's, before anybody is told that it is done."""
        for class_id, total in self.plan.totals.items():
            word = self.desk.reads.class_word(found.classes[class_id])
            if (word.issued, word.authorised) != (total, self.plan.authorised[class_id]):
                raise RejectedError(
                    f"class {class_id} has {word.issued} of {word.authorised} shares on the chain, the package says "
                    f"{total} of {self.plan.authorised[class_id]}",
                    code="import_differs",
                )

    # --- how it is done ---

    def _settle(self, label: str, operations: Sequence[Operation]) -> None:
        if not operations:
            return
        self.desk.outbox.enqueue(operations)
        total = len(operations)
        self.report(label, 0, total)
        outcomes = self.desk.sender.settle(
            [operation.id for operation in operations], lambda ready, _: self.report(label, ready, total)
        )
        for outcome in outcomes:
            done(outcome)

    def _operation(
        self, operation: Hash32, signer: str, target: Address, calldata: bytes, label: str, gas: int | None = None
    ) -> Operation:
        return Operation(
            id=operation,
            sender=self.desk.account(signer),
            target=target,
            calldata=calldata,
            label=label,
            journal=self.journal.key,
            gas=gas,
        )

    def _header(self, key: str, page: int, day: Day) -> ActHeader:
        return ActHeader(self._id(key, page), day, Hash32(bytes.fromhex(self.plan.digest)))

    def _id(self, key: str, page: int = 0) -> Hash32:
        return operation_id(self.plan.digest, self.terms.attempt, key, page)

    def _source(self, holder: Stakeholder) -> str:
        return f"{journal_key(self.plan.digest, self.terms.attempt)}:{holder.id}"


def _check(desk: Desk, plan: ImportPlan, terms: Terms) -> None:
    """Refuses what could not be finished, before anything is written."""
    if plan.errors:
        first = plan.errors[0]
        more = f" (and {len(plan.errors) - 1} more)" if len(plan.errors) > 1 else ""
        raise InputError(
            first.message + more, code=first.code, object=first.object, field=first.field, value=first.value
        )
    if plan.company is None:
        raise InputError("the package names no issuer", code="issuer_missing", field="issuer")
    cap_of(terms.form)
    today = to_date(desk.today())
    dates = [(plan.company.formed_on, plan.company.id), *((step.effective_on, step.key) for step in plan.steps)]
    late, name = max(dates)
    if late > today:
        message = f"{name} is dated {late}, after the chain's day {today}: an act is never dated ahead (AC-3)"
        raise InputError(message, code="effective_in_future", object=name, field="date", value=late)


def _dossier(plan: ImportPlan, holder: Stakeholder) -> Dossier:
    return Dossier(
        legal_name=holder.legal_name,
        kind=holder.kind,
        emails=holder.contact.emails,
        phones=holder.contact.phones,
        addresses=holder.contact.addresses,
        tax_ids=holder.contact.tax_ids,
        sources=((plan.digest, holder.id),),
    )


def _settle_abandon(desk: Desk, digest: str, attempt: int, company: Address) -> None:
    operation = operation_id(digest, attempt, _ABANDON)
    header = ActHeader(operation, desk.today(), Hash32(bytes.fromhex(digest)))
    if desk.outbox.get(operation) is None:
        calldata = contracts.company.abandon(header)
        desk.outbox.enqueue([Operation(operation, desk.account(ADMIN), company, calldata, "abandon the company")])
    done(desk.sender.settle([operation])[0])


def _onboarded(desk: Desk, digest: str, attempt: int) -> list[PartyId]:
    """Parties that this import registered, as the chain tells it: its pages are full but for the last."""
    found: list[PartyId] = []
    page = 0
    while True:
        operation = operation_id(digest, attempt, _ONBOARD, page)
        events = events_of(desk.node, Kind.REGISTRY, desk.deployment.registry, operation, "PartyOnboarded")
        if not events:
            return found
        found += [PartyWord.unpack(event["word"]).id for event in events]
        page += 1


def _abandoned(plan: ImportPlan) -> RejectedError:
    return RejectedError(
        f"this package ({plan.digest[:12]}…) was imported and abandoned, for ever; `--attempt 2` imports it anew",
        code="package_abandoned",
    )
