"""Bulk invoices, the part that needs no Odoo: what is asked for, its amounts, and the text of the rows."""

from .amounts import Amounts, TaxAmount, TaxRule, closed_form
from .floats import distribute, half_up
from .grouping import Group, Piece, groups
from .number import Number
from .request import InvoiceRequest, LineRequest
from .rows import NULL, RowTemplate, copy_token, date_token, decimal_token, id_token, json_token, money_token

__all__ = [
    "NULL",
    "Amounts",
    "Group",
    "InvoiceRequest",
    "LineRequest",
    "Number",
    "Piece",
    "RowTemplate",
    "TaxAmount",
    "TaxRule",
    "closed_form",
    "copy_token",
    "date_token",
    "decimal_token",
    "distribute",
    "groups",
    "half_up",
    "id_token",
    "json_token",
    "money_token",
]
