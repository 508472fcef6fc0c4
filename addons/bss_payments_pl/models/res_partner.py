from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    bss_payment_count = fields.Integer(
        compute="_compute_bss_payment_count",
        string="Payments",
        groups="bss_catalog.group_bss_viewer,account.group_account_readonly,account.group_account_invoice",
    )

    def _compute_bss_payment_count(self):
        counts = dict(
            self.env["bss.payment.match"]._read_group(
                [("partner_id", "in", self.ids), ("state", "=", "booked")], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.bss_payment_count = counts.get(partner._origin, 0)

    def action_view_bss_payments(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_payments_pl.bss_payment_match_action")
        action["domain"] = [("partner_id", "=", self.id)]
        action["context"] = {}
        return action
