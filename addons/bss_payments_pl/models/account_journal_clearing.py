from odoo import fields, models


class AccountJournal(models.Model):
    _inherit = "account.journal"  # pylint: disable=consider-merging-classes-inherited

    bss_clearing_journal_id = fields.Many2one(
        "account.journal",
        string="Clearing of Mass Payments",
        check_company=True,
        copy=False,
        ondelete="restrict",
        domain="[('type', '=', 'bank'), ('company_id', '=', company_id), ('id', '!=', id)]",
        help="Payments of mass-payment reports are booked here; the daily sum of the bank statement is set against its "
        "account, which comes to zero. Made when it is needed first.",
    )

    def _bss_clearing_journal(self):
        """The journal for payments that the bank account shows as a daily sum only."""
        self.ensure_one()
        if not self.bss_clearing_journal_id:
            journals = self.env["account.journal"].sudo().with_company(self.company_id)
            self.sudo().bss_clearing_journal_id = journals.create(
                {
                    "name": self.env._("%(journal)s: mass payments", journal=self.name),
                    "type": "bank",
                    "company_id": self.company_id.id,
                    "currency_id": self.currency_id.id,
                    "show_on_dashboard": False,
                }
            )
        return self.bss_clearing_journal_id
