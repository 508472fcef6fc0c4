"""Service orders on the wire: what the network is told, what it answers, when to try again."""

from .answers import Answer, NotAnAnswer, read_answer, read_report
from .messages import Equipment, Identifier, OrderFacts, Place, message
from .retry import backoff_s, retry_after_s

__all__ = [
    "Answer",
    "Equipment",
    "Identifier",
    "NotAnAnswer",
    "OrderFacts",
    "Place",
    "backoff_s",
    "message",
    "read_answer",
    "read_report",
    "retry_after_s",
]
