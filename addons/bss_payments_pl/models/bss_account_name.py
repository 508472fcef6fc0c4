from odoo import api, fields, models

from ..bank_core import matching


class BssAccount(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    name_key = fields.Char(
        string="Name to Compare",
        compute="_compute_name_key",
        store=True,
        index=True,
        help="The customer's name as payments are compared with it: no Polish letters, words in alphabetical order.",
    )

    # longer names that hold the payer's are found by their words
    _bss_name_words = models.Index("USING gin (string_to_array(name_key, ' ')) WHERE name_key IS NOT NULL")

    @api.depends("partner_id.name")
    def _compute_name_key(self):
        for account in self:
            account.name_key = matching.name_key(account.partner_id.name or "")
