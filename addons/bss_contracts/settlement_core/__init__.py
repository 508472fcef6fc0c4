"""Statements of settlements: their sums, words and workbook. Knows nothing of Odoo."""

from .statement import Kind, Link, Movement, Statement, statement_of
from .words import words
from .workbook import write_workbook

__all__ = ["Kind", "Link", "Movement", "Statement", "statement_of", "words", "write_workbook"]
