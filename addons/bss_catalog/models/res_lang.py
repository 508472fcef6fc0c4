from odoo import api, models

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


class ResLang(models.Model):
    _inherit = "res.lang"

    @api.private
    def _bss_group_thousands(self):
        """Amounts in Polish as 1 234 567,89: Odoo ships the language without a separator. What is set stays."""
        polish = self.with_context(active_test=False).search([("code", "=", "pl_PL")])
        polish.filtered(lambda lang: not lang.thousands_sep).thousands_sep = NO_BREAK_SPACE
