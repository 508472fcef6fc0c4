from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .. import adapters


class AccountMove(models.Model):
    _inherit = "account.move"

    bss_dunning_state = fields.Selection(
        [("open", "In collection"), ("hold", "Collection on hold")],
        string="Dunning",
        compute="_compute_bss_dunning_state",
        search="_search_bss_dunning_state",
        compute_sudo=True,
    )

    # the form of a customer sums his invoices: without it every look reads all that were ever issued
    _bss_customer_idx = models.Index("(commercial_partner_id) WHERE commercial_partner_id IS NOT NULL")

    @api.depends(
        "bss_account_id.dunning_case_ids.state",
        "bss_account_id.dunning_case_ids.as_of",
        "payment_state",
        "invoice_date_due",
        "state",
    )
    def _compute_bss_dunning_state(self):
        calendar = adapters.free_days(self.env)
        for move in self:
            case = move.bss_account_id.dunning_case_ids.filtered(lambda case: case.state != "closed")[:1]
            owed = (
                move.state == "posted"
                and move.move_type == "out_invoice"
                and move.payment_state in ("not_paid", "partial")
                and move.invoice_date_due
                and case.as_of
                and move.invoice_date_due <= calendar.last_working_day_before(case.as_of)
            )
            move.bss_dunning_state = case.state if owed else False

    def _search_bss_dunning_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        states = [state for state in value if state]
        cases = self.env["bss.dunning.case"].sudo().search([("state", "in", states)])
        lines = cases.line_ids
        domain = Domain("id", "in", lines.move_id.filtered(lambda move: move.move_type == "out_invoice").ids)
        if False in value:
            held = self.env["bss.dunning.case"].sudo().search([("state", "!=", "closed")])
            domain |= Domain("id", "not in", held.line_ids.move_id.ids)
        return domain

    @api.model
    def _bss_bulk_compatible_modules(self):
        return super()._bss_bulk_compatible_modules() | {"bss_dunning"}

    def _bss_after_mass_reconcile(self):
        """Payments written as rows close cases as those of the ORM do."""
        result = super()._bss_after_mass_reconcile()
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT bss_account_id FROM account_move_line"
                " WHERE move_id = ANY(%s) AND bss_account_id IS NOT NULL",
                list(self.ids),
            )
        )
        self.env["bss.dunning.case"]._bss_mark_accounts(self.env["bss.account"].browse([row[0] for row in rows]))
        return result

    def button_draft(self):
        self.env["bss.dunning.case"]._bss_mark_accounts(self.sudo().line_ids.bss_account_id)
        return super().button_draft()

    def button_cancel(self):
        self.env["bss.dunning.case"]._bss_mark_accounts(self.sudo().line_ids.bss_account_id)
        return super().button_cancel()

    def action_view_dunning_case(self):
        """The open case of the account; without one, all that it ever had."""
        self.ensure_one()
        action = self.bss_account_id.action_view_dunning()
        if case := self.bss_account_id.dunning_case_id:
            action.update(views=[(False, "form")], res_id=case.id)
        return action
