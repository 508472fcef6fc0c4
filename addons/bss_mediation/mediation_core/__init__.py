"""Reading and normalising usage files: plain data in, plain data out, no database and no clock."""

from .formats import FORMATS, Format, Option, get_format, register
from .mapping import Mapping
from .mapping_check import MappingError, from_dict
from .normalise import normalise_expr, normalise_number
from .preview import Preview, PreviewRow, preview, raw_rows
from .values import (
    EVENT_SCHEMA,
    LEG_SCHEMA,
    Chunk,
    Control,
    FileProblem,
    NumberingProfile,
    Paired,
    Problem,
    SourceProfile,
)

__all__ = [
    "EVENT_SCHEMA",
    "FORMATS",
    "LEG_SCHEMA",
    "Chunk",
    "Control",
    "FileProblem",
    "Format",
    "Mapping",
    "MappingError",
    "NumberingProfile",
    "Option",
    "Paired",
    "Preview",
    "PreviewRow",
    "Problem",
    "SourceProfile",
    "from_dict",
    "get_format",
    "normalise_expr",
    "normalise_number",
    "preview",
    "raw_rows",
    "register",
]
