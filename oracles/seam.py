"""What the daemon needs of the chain: which case is open, and somebody who brings an attestation there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, Protocol

from registry.chain.typed import Board
from registry.domain.attestation import Attestation
from registry.domain.ids import Address

State = Literal["queued", "sent", "done", "rejected", "parked"]
"""Where a submission stands; the outbox's words. `done` is on the chain at this moment."""

PHASES: Final[dict[str, tuple[str, str]]] = {
    "not_open": ("the raise is not settled yet", "募集尚未结算"),
    "collecting": ("attestations are collected", "正在收集核验证明"),
    "quorate": ("the quorum stands, inside the dispute window", "已达法定数，处于异议期内"),
    "overdue": ("the deadline has passed", "已过截止时间"),
    "reached": ("the dispute window is over", "异议期已结束"),
    "challenged": ("the verdict is disputed", "核验结果存在异议"),
    "upheld": ("the arbiter upheld the verdict", "仲裁人维持核验结果"),
    "closed": ("the milestone is decided", "里程碑已有结果"),
    "no_member": ("the verifier is not of the panel", "核验人不在核验委员会内"),
    "struck": ("the verifier was dismissed or suspended", "核验人已被解任或暂停"),
    "not_in_force": ("the verifier's mandate is not in force today", "核验人的委任今日无效"),
    "retracted": ("the verifier took its vote of this round back", "核验人已撤回本轮核验"),
    "spoken": ("the verifier has said something else in this round", "核验人本轮已另有陈述"),
}
"""Where a case stands for a verifier, each in two languages."""


@dataclass(frozen=True, slots=True)
class OpenCase:
    """One milestone before the board, as it stands at the node's head.

    `outcomes` are those that the board takes from this verifier at present (REACHED, NOT_REACHED); none when nothing
    is collected, and only its own where it has spoken (`has_spoken`). `phase` is one of PHASES; `time` the newest
    block's [unix s].
    """

    company: Address
    escrow: Address
    milestone: int
    round: int
    phase: str
    outcomes: frozenset[int]
    time: int = 0
    has_spoken: bool = False


class Cases(Protocol):
    """Reads the board. Unavailable or RetryableError while the node is down or behind, HaltError on a wrong chain."""

    @property
    def board(self) -> Board: ...

    def case(self, company: Address, escrow: Address, milestone: int) -> OpenCase:
        """InputError when there is no such milestone."""
        ...


class Submitter(Protocol):
    """Brings attestations to the board."""

    def submit(self, attestation: Attestation, signature: bytes) -> State:
        """Called again in every cycle with the same arguments: sends what is not on its way, sends again what a
        reorganisation took away, and never twice what is there. RejectedError with the board's reason."""
        ...
