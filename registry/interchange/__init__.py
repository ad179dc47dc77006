"""Reads what others keep their cap tables in. Knows `registry.domain` and errors, neither chain nor store.

`read_package` opens a folder or zip of Open Cap Format, `plan_import` turns it into the steps of a history,
`preview` shows them before anything is written.
"""

from registry.interchange.findings import Finding
from registry.interchange.history import plan_import
from registry.interchange.package import Package, digest, read_package
from registry.interchange.plan import (
    Cancel,
    Convert,
    ImportPlan,
    Issue,
    Reissue,
    SetAuthorised,
    Split,
    Step,
    Transfer,
    totals_on,
)
from registry.interchange.preview import Preview, preview, preview_unreadable

__all__ = [
    "Cancel",
    "Convert",
    "Finding",
    "ImportPlan",
    "Issue",
    "Package",
    "Preview",
    "Reissue",
    "SetAuthorised",
    "Split",
    "Step",
    "Transfer",
    "digest",
    "plan_import",
    "preview",
    "preview_unreadable",
    "read_package",
    "totals_on",
]
