"""The attestation board: panels of verifiers, cases of milestones, and the pure rules of a verdict.

The words are in `raise_words`; times are on the clock of the case's region [s]. The same rules stand in
contracts/oracle/AttestationBoard.sol.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum

from registry.domain.args import ZERO_ADDRESS
from registry.domain.ids import Address, Day
from registry.domain.raise_words import Case, Verifier

MAX_MEMBERS = 16
NOTICE = 14
"""[days] Between appointment and first vote, once the panel has cases: nobody packs it over night."""
LAST_ROUND = 0xFFFF
PanelKey = tuple[Address, int]
"""A company and a type of milestones."""
CaseKey = tuple[Address, int]
"""An escrow and the number of one of its milestones."""


class CasePhase(IntEnum):
    """Where a case stands."""

    NONE = 0
    COLLECTING = 1
    QUORATE = 2
    CHALLENGED = 3
    UPHELD = 4
    CLOSED = 5


@dataclass(slots=True)
class Panel:
    """Who may attest for one company and one type of milestones; a place in it is for ever."""

    members: list[Verifier] = field(default_factory=list)
    struck: int = 0
    """Bits of members who were dismissed or suspended."""
    places: dict[Address, int] = field(default_factory=dict)
    """Place of every key that ever was a member's."""
    is_judging: bool = False
    """A case ever came before it."""

    @property
    def active(self) -> int:
        """Bits of the members who are neither dismissed nor suspended."""
        return ((1 << len(self.members)) - 1) & ~self.struck

    def in_force(self, today: Day) -> int:
        """How many are not struck and have a mandate that has not ended."""
        return sum(not self.is_struck(i) and v.until_day >= today for i, v in enumerate(self.members))

    def is_struck(self, member: int) -> bool:
        return bool(self.struck >> member & 1)

    def copy(self) -> Panel:
        return Panel(list(self.members), self.struck, dict(self.places), self.is_judging)


NO_PANEL = Panel()
"""The panel of a type that nobody was appointed for: to be read only."""


@dataclass(slots=True)
class BoardState:
    """The one board of a deployment."""

    address: Address = ZERO_ADDRESS
    panels: dict[PanelKey, Panel] = field(default_factory=dict)
    cases: dict[CaseKey, Case] = field(default_factory=dict)

    def panel_of(self, company: Address, kind: int) -> Panel:
        """To be read only."""
        return self.panels.get((company, kind), NO_PANEL)

    def copy(self) -> BoardState:
        panels = {key: panel.copy() for key, panel in self.panels.items()}
        return BoardState(self.address, panels, dict(self.cases))


def judged(case: Case, panel: Panel, clock: int) -> Case:
    """What votes and panel make of a case: a quorum that stands opens the dispute window, one that no longer stands
    closes it, and a round in which it cannot come about any more makes way for the next."""
    if case.phase in (CasePhase.CHALLENGED, CasePhase.CLOSED):
        return case
    stands = has_quorum(case, panel)
    if case.phase == CasePhase.COLLECTING and stands:
        return replace(case, phase=CasePhase.QUORATE, window_ends=clock + case.window)
    if stands:
        return case
    if case.phase != CasePhase.COLLECTING:
        case = replace(case, phase=CasePhase.COLLECTING, window_ends=0)
    return next_round(case) if _is_lost(case, panel.active) else case


def _is_lost(case: Case, active: int) -> bool:
    is_refused = (case.no & active).bit_count() >= case.quorum
    can_still_vote = (active & ~case.no & ~case.out).bit_count()
    return is_refused or can_still_vote < case.quorum <= active.bit_count()


def has_quorum(case: Case, panel: Panel) -> bool:
    """Votes for the milestone that are not void reach the quorum."""
    return (case.yes & panel.active).bit_count() >= case.quorum


def is_reached(case: Case, panel: Panel, clock: int) -> bool:
    """The verdict is final: a quorum that stands, the window over, no challenge open."""
    is_over = case.phase == CasePhase.UPHELD or (case.phase == CasePhase.QUORATE and clock > case.window_ends)
    return is_over and has_quorum(case, panel)


def reached_at(case: Case) -> int:
    """[s] When the quorum stood; 0 if none does."""
    return case.window_ends - case.window if case.window_ends else 0


def arbitration_ends(case: Case) -> int:
    """[s] Last second of the arbiter."""
    return case.window_ends + case.arbitration


def next_round(case: Case) -> Case:
    """All votes are void. After the last round nobody votes any more; what is left is the deadline."""
    bare = replace(case, phase=CasePhase.COLLECTING, window_ends=0, yes=0, no=0, out=0)
    return replace(bare, out=0xFFFF) if case.round == LAST_ROUND else replace(bare, round=case.round + 1)
