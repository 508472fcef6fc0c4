from odoo import api, models

# client code of the demo operator at its bank: clearing number + code + payer number
CLIENT_CODE = "7301"


class BssDemo(models.AbstractModel):
    _inherit = "bss.demo"

    @api.private
    def _bss_demo_steps(self):
        return [*super()._bss_demo_steps(), (self.env._("Virtual accounts"), "_load_payments")]

    @api.private
    def _load_payments(self, ctx):
        """A pool at the company's bank and a virtual account for every billing account."""
        company, bank = ctx["company"], ctx["bank"]
        journal = self.env["account.journal"].search([("bank_account_id", "=", bank.id)], limit=1)
        digits = "".join(char for char in bank.acc_number if char.isdigit())
        pool = self.env["bss.virtual.account.pool"].create(
            {
                "name": "Płatności masowe PKO BP",
                "company_id": company.id,
                "journal_id": journal.id,
                "prefix": digits[2:10] + CLIENT_CODE,
                "next_number": 1001,
            }
        )
        journal.bss_statement_dialect = "pko_bp"
        pool.action_allocate_missing()
        ctx["pool"] = pool
