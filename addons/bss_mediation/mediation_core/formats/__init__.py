"""Usage file formats: one module per format, registered under a stable name.

Every module of this package is imported, so that a new format is one new file.
"""

from __future__ import annotations

import importlib
import pkgutil

from .registry import FORMATS, Format, Option, Pair, Parser, Replay, get_format, option, register

__all__ = ["FORMATS", "Format", "Option", "Pair", "Parser", "Replay", "get_format", "option", "register"]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
