"""How an account is billed: who resells, how its charges are split over invoices, bills at once and the last one."""

from odoo import fields, models


class BssAccount(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    invoice_split = fields.Selection(
        [("account", "Account"), ("contract", "Contract"), ("service_group", "Group of services")],
        string="One Invoice Per",
        tracking=True,
        help="Empty: as the bill cycle says.",
    )
    reseller_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="Who sold the services and looks after the customer; named on the invoices.",
    )
    former_cycle_days = fields.Char(
        readonly=True,
        copy=False,
        help="Cycle days of earlier bill cycles: what was charged by their periods is settled by them.",
    )

    def write(self, vals):
        if "bill_cycle_id" in vals:
            for account in self.filtered(lambda one: one.bill_cycle_id.id != vals["bill_cycle_id"]):
                account._bss_remember_cycle_day()
        return super().write(vals)

    def _bss_remember_cycle_day(self):
        """The cycle day is about to change: charges made so far keep it."""
        for account in self.filtered("bill_cycle_id"):
            days = {int(day) for day in (account.former_cycle_days or "").split(",") if day}
            days.add(account.bill_cycle_id.day)
            account.former_cycle_days = ",".join(map(str, sorted(days)))
