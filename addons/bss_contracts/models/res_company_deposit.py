from odoo import fields, models
from odoo.exceptions import UserError


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    bss_deposit_account_id = fields.Many2one(
        "account.account",
        string="Account of deposits",
        check_company=True,
        domain="[('account_type', 'in', ('liability_current', 'liability_non_current', 'asset_current'))]",
        help="Debts to customers who left a deposit. Empty: 24.090.900 “Other settlements” of the Polish chart.",
    )
    bss_deposit_journal_id = fields.Many2one(
        "account.journal",
        string="Journal of deposits",
        check_company=True,
        domain="[('type', '=', 'general')]",
        help="Empty: the first miscellaneous journal of the company.",
    )

    def _bss_deposit_account(self):
        """Account of the operator's debt for deposits."""
        self.ensure_one()
        account = self.bss_deposit_account_id
        if not account:
            chart = self.env["account.chart.template"].with_company(self)
            account = chart.ref("chart24090900", raise_if_not_found=False)
        if not account:
            raise UserError(
                self.env._("Choose the account of deposits of %(company)s in the settings first.", company=self.name)
            )
        return account

    def _bss_deposit_journal(self):
        self.ensure_one()
        journal = self.bss_deposit_journal_id or self.env["account.journal"].search(
            [("company_id", "=", self.id), ("type", "=", "general")], order="sequence, id", limit=1
        )
        if not journal:
            raise UserError(
                self.env._("Company %(company)s has no miscellaneous journal for deposits.", company=self.name)
            )
        return journal
