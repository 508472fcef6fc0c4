"""Corrective invoices: arithmetic of states before and after (art. 106j of the VAT act). Pure, no Odoo."""

from .states import (
    LineState,
    Problem,
    amount_of,
    effect_rule,
    is_changed,
    less_percent,
    line_problem,
    spread,
    with_amount,
    with_difference,
    with_pieces_back,
    with_price,
    with_quantity,
    with_tax,
    zeroed,
)

__all__ = [
    "LineState",
    "Problem",
    "amount_of",
    "effect_rule",
    "is_changed",
    "less_percent",
    "line_problem",
    "spread",
    "with_amount",
    "with_difference",
    "with_pieces_back",
    "with_price",
    "with_quantity",
    "with_tax",
    "zeroed",
]
