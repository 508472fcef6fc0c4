"""Odoo's amounts as whole grosze, and back."""

from decimal import ROUND_HALF_UP, Decimal


def grosze(amount):
    """Whole grosze of an amount of a field (a float that is a rounded number of two places, or a Decimal)."""
    return int(Decimal(str(amount)).scaleb(2).quantize(Decimal(1), ROUND_HALF_UP))
