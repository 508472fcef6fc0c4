"""Records in, kernel data out, and back: the only place that knows both."""

from .facts import FactsReader
from .history import link_of, links_of
from .values import answer_vals, candidate_vals, channel_of, match_vals, statement_line_vals, storable, transaction_of

__all__ = [
    "FactsReader",
    "answer_vals",
    "candidate_vals",
    "channel_of",
    "link_of",
    "links_of",
    "match_vals",
    "statement_line_vals",
    "storable",
    "transaction_of",
]
