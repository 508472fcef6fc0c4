"""Usage file formats: one module per format, registered under a stable name."""

from __future__ import annotations

from . import asterisk_csv
from .registry import FORMATS, Format, Option, Pair, Parser, Replay, get_format, option, register

__all__ = ["FORMATS", "Format", "Option", "Pair", "Parser", "Replay", "get_format", "option", "register"]
