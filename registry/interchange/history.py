"""From a package to an import plan: pure, complete, and the same for every order of files and objects."""

from collections import Counter, defaultdict

from registry.interchange.findings import Findings
from registry.interchange.linking import in_order, link
from registry.interchange.ocf import Records, read_records
from registry.interchange.package import Package
from registry.interchange.plan import (
    Certificate,
    ClassId,
    ImportPlan,
    Issue,
    Reissue,
    ShareClassPlan,
    Split,
    Stakeholder,
    StakeholderId,
    Step,
    Transfer,
)
from registry.interchange.references import check_references
from registry.interchange.replay import replay

# Holders of record that a company limited by shares may have. A migration records more, and says so.
HOLDERS_CAP = 200


def plan_import(package: Package) -> ImportPlan:
    """Reads, orders and checks the whole history. Never raises for what stands in a package: see `plan.errors`."""
    findings = Findings()
    findings.take(package.warnings, package.errors)
    records = read_records(package, findings)
    check_references(package, records, findings)
    links = link(records, findings)
    steps, ledger = replay(in_order(records, links, findings), records, links, findings)
    certificates = tuple(sorted(ledger.live.values(), key=lambda held: (held.class_id, held.number, held.security_id)))
    _check_numbers(records, findings)
    _check_holders(package, certificates, findings)
    _check_as_of(package, steps, findings)
    return ImportPlan(
        digest=package.digest,
        company=records.company,
        classes=tuple(sorted(records.classes.values(), key=_class_order)),
        stakeholders=_named_stakeholders(records, steps),
        steps=tuple(steps),
        certificates=certificates,
        left_out=records.left_out,
        warnings=findings.warnings,
        errors=findings.errors,
    )


def _class_order(cls: ShareClassPlan) -> tuple[bool, int, str, ClassId]:
    whole = cls.seniority.split(".")[0]
    known = whole.isascii() and whole.isdigit() and len(whole) < 10
    return not known, int(whole) if known else 0, cls.name, cls.id


def _named_stakeholders(records: Records, steps: list[Step]) -> tuple[Stakeholder, ...]:
    """Whoever ever held a share. Others in the package (holders of options, advisors) are no party of the register."""
    named: set[StakeholderId] = set()
    for step in steps:
        match step:
            case Issue():
                named.add(step.stakeholder_id)
            case Transfer():
                named.update((step.from_stakeholder, step.to_stakeholder))
            case Reissue():
                named.add(step.holder)
            case Split():
                named.update(holder for holder, _ in step.differences)
    return tuple(records.stakeholders[name] for name in sorted(named))


def _check_numbers(records: Records, findings: Findings) -> None:
    by_number: defaultdict[tuple[ClassId, str], list[str]] = defaultdict(list)
    for issuance in records.issuances:
        by_number[issuance.class_id, issuance.number].append(issuance.id)
    for (_, number), names in by_number.items():
        if len(names) > 1:
            first, *others = sorted(names)
            for other in others:
                text = f"{other}: certificate number {number} is also that of {first}"
                findings.warn("certificate_number_reused", other, "custom_id", number, text)


def _check_holders(package: Package, certificates: tuple[Certificate, ...], findings: Findings) -> None:
    holders = len(Counter(held.holder for held in certificates if held.shares))
    if holders > HOLDERS_CAP:
        text = f"{holders} holders of record; a company limited by shares may have {HOLDERS_CAP}"
        findings.warn("holders_above_cap", package.name, "stakeholder_id", str(holders), text)


def _check_as_of(package: Package, steps: list[Step], findings: Findings) -> None:
    """A package says until when it reports; what is dated later may be a plan that has not happened."""
    late = [step for step in steps if package.as_of and step.effective_on.isoformat() > package.as_of]
    for step in late:
        name = step.transactions[0]
        text = f"{name}: dated {step.effective_on}, after the day {package.as_of} that the package reports"
        findings.warn("after_as_of", name, "date", step.effective_on.isoformat(), text)
