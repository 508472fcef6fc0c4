"""Bank file formats; importing this package registers all of them. See :mod:`.registry`."""

from .registry import (
    SAMPLE_BYTES,
    Format,
    Options,
    Stream,
    collect,
    detect,
    formats,
    open_file,
    read,
    register,
)

from . import mt940 as _mt940  # isort: skip
from . import camt as _camt  # isort: skip
from . import report as _report  # isort: skip
from .again import read_entry  # isort: skip

__all__ = [
    "SAMPLE_BYTES",
    "Format",
    "Options",
    "Stream",
    "collect",
    "detect",
    "formats",
    "open_file",
    "read",
    "read_entry",
    "register",
]
