"""What was understood of a package, as one object for scripts: fixed keys, quantities as decimal texts."""

from typing import TypedDict

from registry.errors import InputError
from registry.interchange.findings import Finding
from registry.interchange.plan import ImportPlan


class PreviewClass(TypedDict):
    id: str
    name: str
    authorized: str
    outstanding: str


class PreviewWarning(TypedDict):
    code: str
    object: str
    message: str


class PreviewError(TypedDict):
    code: str
    object: str
    field: str
    value: str
    message: str


class PreviewLeftOut(TypedDict):
    kind: str
    count: int
    ids: list[str]
    reason: str


class Preview(TypedDict):
    ok: bool
    company: str | None
    classes: list[PreviewClass]
    holders: int
    warnings: list[PreviewWarning]
    errors: list[PreviewError]
    left_out: list[PreviewLeftOut]


def preview(plan: ImportPlan) -> Preview:
    """The whole plan in short. `ok` is false where an import would refuse; the rest is what could be understood."""
    totals, authorised = plan.totals, plan.authorised
    return Preview(
        ok=plan.ok,
        company=None if plan.company is None else plan.company.legal_name,
        classes=[
            PreviewClass(id=c.id, name=c.name, authorized=str(authorised[c.id]), outstanding=str(totals[c.id]))
            for c in plan.classes
        ],
        holders=plan.holders,
        warnings=[_warning(finding) for finding in plan.warnings],
        errors=[_error(finding) for finding in plan.errors],
        left_out=[
            PreviewLeftOut(kind=left.kind, count=left.count, ids=list(left.ids), reason=left.reason)
            for left in plan.left_out
        ],
    )


def preview_unreadable(error: InputError) -> Preview:
    """The same object for a package that could not be opened at all."""
    found = PreviewError(
        code=error.code, object=error.object, field=error.field, value=error.value, message=error.message
    )
    return Preview(ok=False, company=None, classes=[], holders=0, warnings=[], errors=[found], left_out=[])


def _warning(finding: Finding) -> PreviewWarning:
    return PreviewWarning(code=finding.code, object=finding.object, message=finding.message)


def _error(finding: Finding) -> PreviewError:
    return PreviewError(
        code=finding.code,
        object=finding.object,
        field=finding.field,
        value=finding.value,
        message=finding.message,
    )
