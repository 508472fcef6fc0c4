"""Records in, kernel data out, and back: the only place that knows both."""

from .directory import DirectoryBuilder
from .history import last_statement
from .values import channel_of, match_vals, statement_line_vals, storable

__all__ = ["DirectoryBuilder", "channel_of", "last_statement", "match_vals", "statement_line_vals", "storable"]
