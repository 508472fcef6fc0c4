"""The one rounding rule of this kernel: HALF_UP to the grosz, from an exact fraction."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction


def round_half_up(value: Fraction | Decimal | int, places: int = 2) -> Decimal:
    """Round an exact value half up (away from zero) and return it as a Decimal with ``places`` decimals."""
    scale = 10**places
    scaled = Fraction(value) * scale
    sign = -1 if scaled < 0 else 1
    doubled = abs(scaled) * 2 + 1
    whole = doubled.numerator // (doubled.denominator * 2)
    return Decimal(sign * whole).scaleb(-places)
