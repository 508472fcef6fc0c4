from odoo import api, fields, models
from odoo.exceptions import UserError


class BssUsageSuspense(models.Model):
    """Suspense as a place of work: how long a row waits, who sees to it, many rows at once."""

    _name = "bss.usage.suspense"
    _inherit = ["bss.usage.suspense", "bss.usage.masked", "mail.thread", "mail.activity.mixin"]

    age_days = fields.Integer(string="Age (Days)", compute="_compute_age_days", help="Days since the row was received.")

    @api.depends("create_date")
    def _compute_age_days(self):
        today = fields.Date.context_today(self)
        for row in self:
            received = fields.Datetime.context_timestamp(row, row.create_date or fields.Datetime.now()).date()
            row.age_days = (today - received).days

    def action_repair(self):
        """Bulk work on the chosen rows."""
        self.check_access("write")
        rows = self.filtered(lambda row: row.state == "open")
        if not rows:
            raise UserError(self.env._("Choose open rows."))
        if len(rows.company_id) > 1:
            raise UserError(self.env._("Choose rows of one company."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correct Many"),
            "res_model": "bss.usage.repair",
            "view_mode": "form",
            "context": {
                "default_action": "text",
                "default_row_ids": rows.ids,
                "default_company_id": rows.company_id.id,
            },
        }
