from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    bss_account_ids = fields.One2many("bss.account", "partner_id", string="Billing Accounts")
    bss_account_count = fields.Integer(compute="_compute_bss_account_count", groups="bss_catalog.group_bss_viewer")

    @api.depends("bss_account_ids")
    def _compute_bss_account_count(self):
        counts = dict(
            self.env["bss.account"]._read_group([("partner_id", "in", self.ids)], ["partner_id"], ["__count"])
        )
        for partner in self:
            partner.bss_account_count = counts.get(partner, 0)

    def _bss_delivery_problem(self, method):
        """Why an invoice cannot go to this partner by ``method`` of the billing account, or nothing."""
        self.ensure_one()
        if method == "portal" or self._bss_may_contact("billing", method):
            return ""
        if method == "email":
            return self.env._("No e-mail address, or it must not be used.")
        return self.env._("The postal address is not complete.")

    def action_view_bss_accounts(self):
        """Billing accounts of the customer; a new one starts with his data filled in."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_account_action")
        accounts = self.bss_account_ids
        action["context"] = {"default_partner_id": self.id}
        if len(accounts) == 1:
            action.update(views=[(False, "form")], res_id=accounts.id)
        elif not accounts:
            action["views"] = [(False, "form")]
        else:
            action["domain"] = [("partner_id", "=", self.id)]
        return action
