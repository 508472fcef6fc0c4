from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..billing_core import add_months


class BssContractChange(models.Model):
    """Renewal: a new term, with promotions for present customers and new prices in the lines."""

    _inherit = "bss.contract.change"  # pylint: disable=consider-merging-classes-inherited

    new_term_months = fields.Integer(
        string="New Term (months)",
        compute="_compute_new_term_months",
        store=True,
        readonly=False,
        precompute=True,
        help="Minimum term counted from the day on which the renewal holds.",
    )
    date_term_end = fields.Date(
        string="New Term Ends On", compute="_compute_date_term_end", help="Last day of the new term."
    )

    _new_term_check = models.Constraint("CHECK(new_term_months >= 0)", "The term must not be negative.")

    @api.depends("kind", "contract_id")
    def _compute_new_term_months(self):
        for change in self:
            change.new_term_months = change.new_term_months or change.contract_id.term_months

    @api.depends("date_effective", "new_term_months")
    def _compute_date_term_end(self):
        for change in self:
            if change.date_effective and change.new_term_months:
                change.date_term_end = add_months(change.date_effective, change.new_term_months) - timedelta(days=1)
            else:
                change.date_term_end = False

    def _bss_new_term_months(self):
        return self.new_term_months if self.kind == "renewal" else super()._bss_new_term_months()

    def _bss_check_renewal(self):
        if not self.new_term_months:
            raise UserError(self.env._("A renewal needs a new term: for how many months?"))
        _start, end = self.contract_id._bss_term_on(self.date_effective)
        if end and self.date_term_end < end:
            raise UserError(
                self.env._(
                    "The new term would end on %(new)s, before the present one ends on %(present)s.",
                    new=self._bss_day(self.date_term_end),
                    present=self._bss_day(end),
                )
            )

    def _bss_enter_renewal(self):
        self._bss_enter_annex()

    def _bss_order_renewal(self):
        self._bss_order_annex()

    def _bss_finish_renewal(self):
        self.contract_id.sudo().write({"date_term_start": self.date_effective, "term_months": self.new_term_months})
