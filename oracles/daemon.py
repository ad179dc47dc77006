"""The cycle that all feeds share: fetch, judge, keep, decide, sign, submit, confirm. Killed anywhere, it goes on.

Evidence is on disk before anything is decided, the decision before anything is signed, the signature before anything is
sent; so the same attestation is sent again, and never a second, different one for the same milestone and round.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from oracles.alarms import Alarms
from oracles.feed import Feed
from oracles.fetching import Clock
from oracles.journal import Decided, Journal
from oracles.kpi.disclosure import Disclosed, Discloser
from oracles.kpi.evidence import months_told, silent_months
from oracles.kpi.terms import Terms as KpiTerms
from oracles.metrics import Metrics
from oracles.reasons import Reason
from oracles.record import Case, keep
from oracles.seam import PHASES, Cases, OpenCase, Submitter
from oracles.seam import State as Submission
from oracles.verdict import Sample, Verdict
from oracles.wiring import judge, look
from registry.chain.sign import StatementSigner
from registry.documents import Documents
from registry.domain.attestation import Attestation
from registry.errors import RejectedError, RetryableError
from registry.log import get_logger

STEPS: Final = ("fetched", "disclosed", "judged", "kept", "decided", "signed", "journalled", "submitted")
"""Where a test may end the process; each name is said right after its step."""

State = Literal[
    "dry",
    "closed",
    "waiting",
    "refused",
    "parked",
    "disclosing",
    "submitted",
    "confirmed",
    "rejected",
    "expired",
    "retry",
]
"""How a cycle ended.

dry: judged, no key is set. closed: the board takes nothing now. waiting: the criterion is not met, and the board does
not ask for that outcome. refused: reasons speak against attesting. parked: the sources disagree. disclosing: a feed
without a milestone. submitted, confirmed: on its way, on the chain. rejected: by the board. expired: never came there.
retry: node, signer or disk was not there.
"""

_log = get_logger("oracles")


@dataclass(frozen=True, slots=True)
class Result:
    """One cycle: how it ended, one line about it in two languages, and what it brought forth."""

    state: State
    line: str
    line_zh: str
    verdict: Verdict | None = None
    decided: Decided | None = None
    submission: Submission | None = None
    disclosed: tuple[Disclosed, ...] = ()
    alarms: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Oracle:
    """One feed at work. Without a signer it is dry; `step` is told each step by name.

    `clock` is this machine's [unix s]. Sources and alarms go by it; facts, verdicts and expiry by the chain's clock
    where that is ahead.
    """

    feed: Feed
    documents: Documents
    journal: Journal
    alarms: Alarms
    metrics: Metrics
    clock: Clock
    cases: Cases | None = None
    submitter: Submitter | None = None
    signer: StatementSigner | None = None
    step: Callable[[str], None] = field(default=lambda _: None)

    def cycle(self) -> Result:
        """One turn. What may pass by itself is an alarm and tried again; a HaltError or InputError goes through."""
        try:
            result = self._turn()
        except RejectedError as error:
            values = ", ".join(f"{name} {_plain(value)}" for name, value in error.values.items())
            result = _ended("rejected", Reason("rejected", field=error.code, value=values))
        except RetryableError as error:
            result = _ended("retry", Reason("not_there", value=error.message))
        at = self.clock()
        raised = self.alarms.settle(result.alarms, at, self.feed.name)
        observed_at = result.verdict.observed_at if result.verdict else 0
        codes = tuple(reason.code for reason in raised)
        self.metrics.cycle_ended(at, result.state, observed_at, len(self.alarms.active), codes)
        _log.info("cycle_ended", feed=self.feed.name, state=result.state, line=result.line)
        return result

    def _turn(self) -> Result:
        case = self._case()
        if case is not None and self.signer is not None:
            known = self._known(case)
            if known is not None and known.attestation.outcome in case.open.outcomes:
                return self._and_disclose(case, self._send(case, known))
            if case.open.outcomes and (known is not None or case.open.has_spoken):
                # Another copy of this home was quicker. A second statement could contradict it.
                return self._and_disclose(case, _closed("spoken"))
        if case is not None and not case.open.outcomes:
            return self._and_disclose(case, _closed(case.open.phase))
        samples, at = self._look(case)
        disclosed, reasons, silent = self._disclose(samples, at)
        result = self._judge(case, samples, at, reasons)
        return replace(result, disclosed=disclosed, alarms=(*result.alarms, *silent))

    def _case(self) -> Case | None:
        feed = self.feed
        if self.cases is None or feed.escrow is None:
            return None
        return Case(self.cases.board, self.cases.case(feed.company, feed.escrow, feed.milestone))

    def _look(self, case: Case | None) -> tuple[Sequence[Sample], int]:
        looked = look(self.feed.terms, self.feed.folder, self.clock, 0 if case is None else case.open.time)
        self.step("fetched")
        return looked

    def _known(self, case: Case) -> Decided | None:
        if self.signer is None:
            return None
        found = case.open
        return self.journal.decided(case.board, self.signer.address, found.escrow, found.milestone, found.round)

    def _judge(self, case: Case | None, samples: Sequence[Sample], at: int, more: tuple[Reason, ...]) -> Result:
        verdict = judge(self.feed.terms, samples, at)
        if more:
            verdict = replace(verdict, outcome=None, reasons=tuple(dict.fromkeys((*verdict.reasons, *more))))
        self.step("judged")
        if verdict.outcome is None:
            state: State = "parked" if verdict.is_parked else "refused"
            return Result(state, verdict.line, verdict.line_zh, verdict, alarms=verdict.reasons)
        if self.feed.escrow is None:
            return Result("disclosing", "the reports are in order", "报告符合要求", verdict)
        if self.signer is None or case is None:
            return Result("dry", f"would attest {verdict.line}", f"试运行：{verdict.line_zh}", verdict)
        if verdict.outcome not in case.open.outcomes:
            return Result("waiting", verdict.line, verdict.line_zh, verdict)
        return replace(self._send(case, self._decide(case, self.signer, samples, verdict, at)), verdict=verdict)

    def _decide(
        self, case: Case, signer: StatementSigner, samples: Sequence[Sample], verdict: Verdict, at: int
    ) -> Decided:
        evidence = keep(self.documents, self.feed, case, samples, verdict, at)
        self.step("kept")
        found: OpenCase = case.open
        attestation = Attestation(
            company=found.company,
            escrow=found.escrow,
            milestone=found.milestone,
            round=found.round,
            outcome=verdict.outcome or 0,
            evidence=evidence,
            uri=f"{self.feed.uri}{evidence.hex()}",
            observed_at=verdict.observed_at,
            expires_at=verdict.observed_at + self.feed.valid_for,
        )
        attestation.check()
        decided = self.journal.decide(case.board, signer.address, attestation)
        self.step("decided")
        return decided

    def _send(self, case: Case, decided: Decided) -> Result:
        """Signs what was decided, unless its signature is kept, and has it brought to the board."""
        attestation = decided.attestation
        if max(self.clock(), case.open.time) > attestation.expires_at and not self.journal.is_done(decided):
            return replace(_ended("expired", Reason("expired", field="expires_at")), decided=decided)
        signature = self._signature(decided)
        if self.submitter is None:
            return Result("dry", "signed, and nobody brings it to the board", "已签名，未提交", decided=decided)
        state = self.submitter.submit(attestation, signature)
        self.step("submitted")
        if state == "done":
            self.journal.mark_done(decided)
            return Result("confirmed", "the attestation is on the chain", "核验证明已上链", None, decided, state)
        if state in ("rejected", "parked"):
            return replace(_ended("rejected", Reason("rejected", field=state)), decided=decided, submission=state)
        return Result("submitted", "the attestation is on its way", "核验证明正在提交", None, decided, state)

    def _signature(self, decided: Decided) -> bytes:
        kept = self.journal.signature(decided)
        if kept is not None:
            return kept
        assert self.signer is not None
        self.documents.get(decided.attestation.evidence)  # nothing is signed whose evidence is not in the store
        signature = self.signer.sign_statement(decided.attestation, decided.board)
        self.step("signed")
        self.journal.keep_signature(decided, signature)
        self.step("journalled")
        return signature

    def _and_disclose(self, case: Case | None, result: Result) -> Result:
        """Months are told on, whatever becomes of the milestone."""
        if not isinstance(self.feed.terms, KpiTerms):
            return result
        samples, at = self._look(case)
        disclosed, reasons, silent = self._disclose(samples, at)
        return replace(result, disclosed=disclosed, alarms=(*result.alarms, *reasons, *silent))

    def _disclose(
        self, samples: Sequence[Sample], at: int
    ) -> tuple[tuple[Disclosed, ...], tuple[Reason, ...], tuple[Reason, ...]]:
        """Months newly disclosed, what speaks against the reports, and an alarm for each month that stays silent."""
        terms = self.feed.terms
        if not isinstance(terms, KpiTerms):
            return (), (), ()
        months, reasons = months_told(terms, samples, at)
        told = set(months)
        new: list[Disclosed] = []
        if self.signer is not None and self.cases is not None:
            company = self.feed.company
            discloser = Discloser(self.documents, self.journal, self.signer, self.cases.board, company)
            new, restated = discloser.disclose(months, samples)
            reasons = (*reasons, *restated)
            told |= set(discloser.known())
        self.step("disclosed")
        silent = tuple(Reason("month_silent", field=month) for month in silent_months(terms, frozenset(told), at))
        return tuple(new), reasons, silent


def _closed(phase: str) -> Result:
    english, chinese = PHASES[phase]
    return Result("closed", f"the board takes nothing now: {english}", f"当前不接受核验：{chinese}")


def _ended(state: State, reason: Reason) -> Result:
    return Result(state, reason.line, reason.line_zh, alarms=(reason,))


def _plain(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
