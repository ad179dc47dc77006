"""Operations on their way to the chain: kept before they are sent, sent until there is a receipt, never done twice."""

from registry.outbox.model import Journal, Operation, Outcome, State
from registry.outbox.outbox import Outbox
from registry.outbox.sender import Sender

__all__ = ["Journal", "Operation", "Outbox", "Outcome", "Sender", "State"]
