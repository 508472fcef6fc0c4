from odoo import fields, models

from ..bank_core.codepage import CANDIDATES
from ..bank_core.formats.dialects import DIALECTS


class AccountJournal(models.Model):
    _inherit = "account.journal"

    bss_statement_dialect = fields.Selection(
        selection=[(dialect.code, dialect.name) for dialect in DIALECTS.values()],
        string="Statement Dialect",
        help="How this bank writes MT940. Empty: recognised by the account number and the look of the file.",
    )
    bss_statement_encoding = fields.Selection(
        selection=[*((name, name) for name in CANDIDATES), ("utf-8", "utf-8")],
        string="Statement Code Page",
        help="Empty: recognised by the Polish letters in the file.",
    )
    bss_report_mode = fields.Selection(
        [("each", "Each payment"), ("sum", "One sum of the day")],
        string="Mass Payments on Statements",
        required=True,
        default="each",
        help="Each payment: the statement shows all of them, a mass-payment report only adds what is known of the payers. "
        "One sum of the day: the payments of the report are booked in its place, and their total must equal it.",
    )
    bss_gap_mode = fields.Selection(
        [("flag", "Import and point it out"), ("block", "Refuse to import")],
        string="Gap Between Statements",
        required=True,
        default="flag",
        help="What happens when a statement does not go on from the one before it.",
    )
    bss_book_notices = fields.Boolean(
        string="Book Notices at Once",
        help="Payments of intraday files and credit notices (MT942, camt.052, camt.054) are booked before their "
        "statement comes; the statement then recognises them. Otherwise they are only shown.",
    )
    bss_pool_ids = fields.One2many("bss.virtual.account.pool", "journal_id", string="Virtual Account Pools")
