"""Rounding and unit changes of money, in one place.

Usage prices are integers of 1e-6 PLN ("micro"), rated amounts integers of 1e-4 PLN ("e4"),
amounts on documents are Decimals with two places. Every rounding is HALF_UP away from zero.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

MICRO = 1_000_000
E4 = 10_000
E4_PER_GROSZ = 100


def round_half_up(value: Decimal, places: int) -> Decimal:
    """Round to ``places`` decimals, halves away from zero, never losing digits before the point."""
    with localcontext() as context:
        context.prec = max(28, len(value.as_tuple().digits) + abs(places) + 4, value.adjusted() + places + 6)
        return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def grosz_from_e4(amount_e4: int) -> int:
    """Rated amount in 1e-4 PLN to whole grosze, halves away from zero."""
    sign = -1 if amount_e4 < 0 else 1
    return sign * ((2 * abs(amount_e4) + E4_PER_GROSZ) // (2 * E4_PER_GROSZ))


def e4_to_decimal(amount_e4: int) -> Decimal:
    """Rated amount in 1e-4 PLN as an exact Decimal with four places."""
    return Decimal(amount_e4).scaleb(-4)


def micro_to_decimal(amount_micro: int) -> Decimal:
    """Integer micro-PLN as an exact Decimal with six places."""
    return Decimal(amount_micro).scaleb(-6)


def micro_from_decimal(amount: Decimal) -> int:
    """Decimal PLN to integer micro-PLN; digits beyond the sixth are rounded HALF_UP."""
    return int(round_half_up(amount, 6).scaleb(6))


def spread(total: Decimal, weights: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Share ``total`` (whole grosze) in proportion to ``weights``; the parts sum to the total.

    Largest remainder first, then the earlier part. With no positive weight the first part takes all.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("weights must not be negative")
    if total < 0:
        return tuple(-part for part in spread(-total, weights))
    grosze, whole = int(total.scaleb(2)), sum(map(Fraction, weights))
    if not whole:
        return tuple(total if index == 0 else Decimal("0.00") for index in range(len(weights)))
    exact = [grosze * Fraction(weight) / whole for weight in weights]
    shares = [part.numerator // part.denominator for part in exact]
    missing = grosze - sum(shares)
    by_rest = sorted(range(len(weights)), key=lambda index: (shares[index] - exact[index], index))
    for index in by_rest[:missing]:
        shares[index] += 1
    return tuple(Decimal(share).scaleb(-2) for share in shares)
