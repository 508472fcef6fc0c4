"""Payments: reading bank files, matching, and the whole way into Odoo. Each module adds its figures."""

from __future__ import annotations

from . import payments_e2e, payments_match, payments_mt940
from .figures import Figure


def run() -> list[Figure]:
    return [*payments_mt940.figures(), *payments_match.figures(), *payments_e2e.figures()]
