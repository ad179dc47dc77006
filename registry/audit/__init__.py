"""Replays the register from the chain's events through the pure domain and compares; reads, never repairs.

Knows domain, chain and the mirror's queries; never the mirror's handlers, so that agreement means something.
"""

from registry.audit.audit import audit
from registry.audit.outcome import Difference, Report
from registry.audit.report import as_json, as_text

__all__ = ["Difference", "Report", "as_json", "as_text", "audit"]
