from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError


class BssBillRunIssueWizard(models.TransientModel):
    """Last look before invoices are issued: how many, for how much, and what about the deviations."""

    _name = "bss.bill.run.issue.wizard"
    _description = "Issue Invoices"

    run_id = fields.Many2one("bss.bill.run", required=True, readonly=True)
    currency_id = fields.Many2one(related="run_id.currency_id")
    date_invoice = fields.Date(
        string="Invoice Date",
        required=True,
        compute="_compute_date_invoice",
        store=True,
        precompute=True,
        readonly=False,
    )
    is_late = fields.Boolean(compute="_compute_is_late")
    is_blocked = fields.Boolean(compute="_compute_figures")
    item_count = fields.Integer(string="To Issue", compute="_compute_figures")
    amount_charges = fields.Monetary(string="Charges Net", compute="_compute_figures")
    amount_expected = fields.Monetary(string="Expected Gross", compute="_compute_figures")
    warned_count = fields.Integer(string="Not Accepted", compute="_compute_figures")
    outlier_html = fields.Html(compute="_compute_figures", sanitize=False)

    @api.depends("run_id")
    def _compute_date_invoice(self):
        """What is released after the rest went out gets the day on which it is really issued."""
        today = polish_day.today()
        for wizard in self:
            run = wizard.run_id
            released = run.issued_count and run.date_invoice < today
            wizard.date_invoice = today if released else run.date_invoice

    @api.depends("date_invoice")
    def _compute_is_late(self):
        today = polish_day.today()
        for wizard in self:
            wizard.is_late = bool(wizard.date_invoice and wizard.date_invoice < today)

    @api.depends("run_id")
    def _compute_figures(self):
        for wizard in self:
            run = wizard.run_id
            [(count, net, gross)] = self.env["bss.bill.run.item"]._read_group(
                [("run_id", "=", run.id), ("state", "=", "pending")],
                aggregates=["__count", "amount_charges:sum", "amount_expected:sum"],
            )
            wizard.item_count, wizard.amount_charges, wizard.amount_expected = count, net, gross
            wizard.warned_count = run.warned_count
            wizard.is_blocked = bool(run.warned_count and run.company_id.bss_outlier_policy == "block")
            wizard.outlier_html = run._bss_render_outliers(only_unchecked=True)

    def action_issue(self):
        """Issue everything that waits, deviations included; refused when the company wants them accepted."""
        self.ensure_one()
        if self.is_blocked:
            raise UserError(
                self.env._(
                    "%(count)s deviations of bill run %(name)s are not accepted. Accept or hold them first.",
                    count=self.warned_count,
                    name=self.run_id.name,
                )
            )
        return self._bss_issue()

    def action_hold_and_issue(self):
        """Hold the deviations that nobody accepted and issue the rest."""
        self.ensure_one()
        if self.run_id.warned_count:
            self.run_id.action_hold_to_check()
        return self._bss_issue()

    def _bss_issue(self):
        run = self.run_id
        run._bss_refuse_second_start()
        if self.date_invoice != run.date_invoice:
            run.date_invoice = self.date_invoice
        run._bss_issue()
        return {"type": "ir.actions.act_window_close"}

    def action_view_outliers(self):
        self.ensure_one()
        return self.run_id.action_view_outliers()
