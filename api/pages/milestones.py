"""Milestones in sentences: where each stands, until when somebody may act, what a miss would mean, who said what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.pages import raising
from api.pages.look import Look
from api.pages.standing import Tone
from api.pages.tongue import plain
from registry.domain.board import CasePhase
from registry.domain.escrow import Miss, TrancheState
from registry.domain.ids import PartyId
from registry.domain.raise_words import Case
from registry.domain.raising import OfferingPhase
from registry.mirror.views_raise import AttestationRow, Escrow, TrancheRow, Verifier, Vote

WHOLE = 10_000
LONGEST_URI = 400
"""Shown; whoever wants all of a longer one asks the API."""
REACHED = 1


@dataclass(frozen=True, slots=True)
class Mark:
    """The sign on the timeline: its shape says it, the colour repeats it."""

    sign: str
    style: str
    words: str


@dataclass(frozen=True, slots=True)
class Verdict:
    text: str
    sign: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Evidence:
    who: str
    observed: str
    uri: str
    hash: str


@dataclass(frozen=True, slots=True)
class Milestone:
    number: int
    name: str
    mark: Mark
    is_current: bool
    sentence: str
    miss: str
    verdicts: Sequence[Verdict]
    evidence: Sequence[Evidence]
    disputes: Sequence[str]
    criterion: str
    criterion_text: str
    amount: str
    part: str


class Milestones:
    """All milestones of one escrow; the first that is not decided is the current one."""

    def __init__(self, look: Look, escrow: Escrow, payer: PartyId | None) -> None:
        self.look, self.escrow, self.t = look, escrow, look.t
        self.region = escrow.offering.region
        self.payer = look.name(payer) if payer else ""

    def lines(self) -> list[Milestone]:
        undecided = [
            row for row in self.escrow.tranches if row.word.state in (TrancheState.WAITING, TrancheState.VOTING)
        ]
        current = undecided[0].milestone if undecided else None
        return [self._line(row, row.milestone == current) for row in self.escrow.tranches]

    def _line(self, row: TrancheRow, is_current: bool) -> Milestone:
        text = self.look.visit.parts.document(row.criterion)
        number, proceeds = row.milestone + 1, self.escrow.offering.purse.proceeds
        is_scheduled = row.word.state == TrancheState.SCHEDULED
        part = self.t.percent(row.word.value, WHOLE if is_scheduled and row.word.is_share else proceeds)
        return Milestone(
            number=number,
            name=raising.milestone_name(row, text, self.t),
            mark=self._mark(row, number, is_current),
            is_current=is_current,
            sentence=self._sentence(row),
            miss=self._miss(row),
            verdicts=self._verdicts(row, is_current),
            evidence=[self._evidence(each) for each in row.attestations if each.retracted_at is None],
            disputes=self._disputes(row),
            criterion="0x" + row.criterion.hex(),
            criterion_text=text.decode("utf-8", "replace") if text else "",
            amount="" if is_scheduled and row.word.is_share else self.t.fen(row.word.value),
            part=part if row.word.is_share or not is_scheduled else "",
        )

    def _mark(self, row: TrancheRow, number: int, is_current: bool) -> Mark:
        t, state = self.t, row.word.state
        if state == TrancheState.RELEASED:
            return Mark("✓", "done", t.text("milestone.state.released"))
        if state == TrancheState.MISSED:
            return Mark("✕", "missed", t.text("milestone.state.missed"))
        if is_current:
            return Mark(str(number), "current", t.text("milestone.state.current"))
        return Mark("", "ahead", t.text("milestone.state.ahead"))

    # --- where it stands ---

    def _sentence(self, row: TrancheRow) -> str:
        t, state, case = self.t, row.word.state, row.case
        if self.escrow.offering.phase == OfferingPhase.FAILED:
            return t.text("milestone.void")
        if state == TrancheState.RELEASED and row.release and case:
            return t.text(
                "milestone.released", **self._votes(row, case), how=self._how(row), day=t.day_at(row.release.time)
            )
        if state == TrancheState.MISSED:
            return self._missed(row)
        if state == TrancheState.VOTING:
            return self._voting(row)
        if case is None or case.phase == CasePhase.NONE:
            return t.text("milestone.scheduled", day=t.day_at(self.region.unix(row.deadline)))
        return self._before_the_board(row, case)

    def _before_the_board(self, row: TrancheRow, case: Case) -> str:
        t, clock = self.t, self.region.clock
        votes = self._votes(row, case)
        if case.phase == CasePhase.UPHELD:
            return t.text("milestone.upheld", **votes)
        if case.phase == CasePhase.CHALLENGED:
            return self._challenged(row, case)
        if case.phase == CasePhase.QUORATE:
            left = case.window_ends - clock
            if left < 0:
                return t.text("milestone.undisputed", **votes, window=t.span(case.window))
            until = t.moment(self.region.unix(case.window_ends))
            part = t.percent(self.escrow.terms.challenge_bps, WHOLE)
            return t.text("milestone.window", **votes, until=until, span=t.span(left), part=part)
        if clock > case.deadline:
            return t.text("milestone.overdue", day=t.day_at(self.region.unix(case.deadline)))
        when = raising.due(self.region, case.deadline, t)
        sums = {"due": when, "yes": self._standing(row), "quorum": case.quorum}
        if not row.word.is_extended:
            return t.text("milestone.waiting", **sums)
        return t.text("milestone.extended", **sums)

    def _challenged(self, row: TrancheRow, case: Case) -> str:
        t, ends = self.t, case.window_ends + case.arbitration
        outcome = t.text("escrow.silence.1" if case.silence_upholds else "escrow.silence.0")
        left = ends - self.region.clock
        if left < 0:
            return t.text("milestone.silent", outcome=outcome)
        day = t.day_at(row.challenges[-1].time)
        until = t.moment(self.region.unix(ends))
        return t.text("milestone.challenged", day=day, until=until, span=t.span(left), outcome=outcome)

    def _missed(self, row: TrancheRow) -> str:
        t = self.t
        is_sold = self.escrow.unheld or self.escrow.lapses
        rest = "milestone.back.sold" if is_sold else "milestone.back.done"
        back = t.text("milestone.back.frozen" if self.escrow.frozen else rest)
        if raising.due_now(self.escrow):
            back = t.text("milestone.back.now")
        if row.is_cause:
            day = t.day_at(self.region.unix(row.deadline))
            if row.vote and row.vote.yes * WHOLE < row.vote.allotted * self.escrow.terms.consent_bps:
                return t.text("milestone.missed.vote", day=day, back=back, **self._agreed(row.vote))
            return t.text("milestone.missed", day=day, back=back)
        cause = next((each.milestone + 1 for each in self.escrow.tranches if each.is_cause), 0)
        return t.text("milestone.ended", number=str(cause), back=back)

    def _voting(self, row: TrancheRow) -> str:
        t, vote = self.t, row.vote
        if self.region.clock > row.word.vote_ends:
            day = t.day_at(self.region.unix(row.word.vote_ends))
            return t.text("milestone.voted", day=day, **self._agreed(vote))
        until = t.moment(self.region.unix(row.word.vote_ends))
        return t.text("milestone.voting", until=until, **self._agreed(vote))

    def _agreed(self, vote: Vote | None) -> dict[str, str]:
        """The part of the allotted shares that agreed to more time, and the part that is needed."""
        yes = self.t.percent(vote.yes, vote.allotted) if vote else self.t.percent(0, 1)
        return {"yes": yes, "needed": self.t.percent(self.escrow.terms.consent_bps, WHOLE)}

    def _how(self, row: TrancheRow) -> str:
        if any(ruling.is_upheld for ruling in row.rulings):
            return self.t.text("milestone.how.upheld")
        window = row.case.window if row.case else 0
        return self.t.text("milestone.how.undisputed", window=self.t.span(window))

    def _standing(self, row: TrancheRow) -> int:
        return sum(1 for each in self._valid(row) if each.outcome == REACHED)

    def _votes(self, row: TrancheRow, case: Case) -> dict[str, object]:
        is_over = row.word.state == TrancheState.RELEASED
        return {"yes": case.yes.bit_count(), "of": len(row.panel if is_over else self._voters(row))}

    # --- what a miss would mean ---

    def _miss(self, row: TrancheRow) -> str:
        t, word = self.t, row.word
        if self.escrow.offering.phase == OfferingPhase.FAILED:
            return ""
        if word.state not in (TrancheState.WAITING, TrancheState.SCHEDULED) or raising.has_quorum(row):
            return ""
        amount = self._at_stake(row)
        if word.state == TrancheState.SCHEDULED:
            back = t.text("miss.rest")
        else:
            back = t.text("miss.amount", money=t.yuan(amount))
        if word.on_miss == Miss.EXTEND and not word.is_extended:
            needed = t.percent(self.escrow.terms.consent_bps, WHOLE)
            return t.text("miss.extend", span=t.span(word.extension), needed=needed, back=back)
        if word.on_miss == Miss.PUT:
            rate = t.percent(self.escrow.terms.put_rate_bps, WHOLE)
            span = t.span(self.escrow.terms.claims)
            return t.text("miss.put", back=back, who=self.payer, rate=rate, span=span)
        return t.text("miss.redeem", back=back)

    def _at_stake(self, row: TrancheRow) -> int:
        """Every tranche without a quorum of its own ends with the one that is missed."""
        open_ = (TrancheState.WAITING, TrancheState.VOTING)
        others = [each for each in self.escrow.tranches if each.word.state in open_ and not raising.has_quorum(each)]
        return sum(each.word.value for each in others)

    # --- who said what ---

    def _valid(self, row: TrancheRow) -> list[AttestationRow]:
        return [each for each in row.attestations if each.retracted_at is None and not each.is_void]

    def _voters(self, row: TrancheRow) -> list[Verifier]:
        """Those who may vote, and those whose vote stands."""
        said = {each.party for each in self._valid(row)}
        return [verifier for verifier in row.panel if verifier.is_active or verifier.party in said]

    def _verdicts(self, row: TrancheRow, is_current: bool) -> list[Verdict]:
        """Who was asked, where it is due next; who answered, everywhere."""
        is_over = row.word.state in (TrancheState.RELEASED, TrancheState.MISSED)
        if row.case is None or row.word.state == TrancheState.VOTING:
            return []
        by_party = {each.party: each for each in row.attestations if each.round == row.case.round}
        if not by_party and not is_current:
            return []
        verdicts = [self._verdict(verifier, by_party.get(verifier.party), is_over) for verifier in self._voters(row)]
        return [verdict for verdict in verdicts if verdict]

    def _verdict(self, verifier: Verifier, said: AttestationRow | None, is_over: bool) -> Verdict | None:
        t, who = self.t, self.look.name(verifier.party)
        if said is None or said.is_void:
            return None if is_over else Verdict(t.text("verdict.waiting", who=who), "○", "")
        if said.retracted_at is not None:
            return Verdict(t.text("verdict.retracted", who=who, day=t.day_at(said.retracted_at)), "○", "care")
        day = t.day_at(said.time)
        if said.outcome == REACHED:
            return Verdict(t.text("verdict.reached", who=who, day=day), "✓", "good")
        return Verdict(t.text("verdict.not", who=who, day=day), "✕", "care")

    def _evidence(self, said: AttestationRow) -> Evidence:
        observed = self.t.text("evidence.observed", time=self.t.moment(said.observed_at))
        return Evidence(self.look.name(said.party), observed, plain(said.uri[:LONGEST_URI]), "0x" + said.evidence.hex())

    def _disputes(self, row: TrancheRow) -> list[str]:
        t = self.t
        found = [(each.time, t.text("dispute.challenged", day=t.day_at(each.time))) for each in row.challenges]
        for ruling in row.rulings:
            key = "silent" if ruling.by_silence else "upheld" if ruling.is_upheld else "void"
            outcome = t.text("escrow.silence.1" if ruling.is_upheld else "escrow.silence.0")
            found.append((ruling.time, t.text(f"dispute.{key}", day=t.day_at(ruling.time), outcome=outcome)))
        return [words for _, words in sorted(found, key=lambda each: each[0])]
