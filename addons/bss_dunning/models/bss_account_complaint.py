from odoo import fields, models


class BssAccount(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    complaint_ids = fields.One2many("bss.complaint", "account_id", string="Complaints")
    complaint_count = fields.Integer(compute="_compute_complaint_count", string="Number of Complaints")

    def _compute_complaint_count(self):
        counts = dict(
            self.env["bss.complaint"]._read_group([("account_id", "in", self.ids)], ["account_id"], ["__count"])
        )
        for account in self:
            account.complaint_count = counts.get(account, 0)

    def action_view_complaints(self):
        """Complaints of the account; a new one starts with it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_complaint_action")
        action["domain"] = [("account_id", "=", self.id)]
        action["context"] = {"default_account_id": self.id}
        return action
