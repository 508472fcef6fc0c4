"""Reading and normalising usage files: plain data in, plain data out, no database and no clock."""

from .formats import FORMATS, Format, get_format, register
from .normalise import normalise_expr, normalise_number
from .values import Chunk, NumberingProfile, Problem, SourceProfile

__all__ = [
    "FORMATS",
    "Chunk",
    "Format",
    "NumberingProfile",
    "Problem",
    "SourceProfile",
    "get_format",
    "normalise_expr",
    "normalise_number",
    "register",
]
