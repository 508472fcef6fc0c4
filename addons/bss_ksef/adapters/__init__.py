"""Posted invoices → kernel documents: thousands by a handful of SQL statements, without a record of Odoo for each."""

from __future__ import annotations

from .loader import Loader

__all__ = ["Loader", "invoices"]


def invoices(moves, created_at):
    """Yields (row of the invoice, kernel invoice) for posted customer invoices and credit notes, in their order."""
    yield from Loader(moves.env).load(moves, created_at)
