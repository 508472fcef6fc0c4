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
    bss_pool_ids = fields.One2many("bss.virtual.account.pool", "journal_id", string="Virtual Account Pools")
