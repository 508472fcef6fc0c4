from collections import Counter

from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    bss_payment_count = fields.Integer(
        compute="_compute_bss_payment_count",
        string="Payments",
        groups="bss_catalog.group_bss_viewer,account.group_account_readonly,account.group_account_invoice",
    )

    def _compute_bss_payment_count(self):
        """Payments on the customer's accounts, those that were split with others too."""
        counts = Counter()
        booked = [("state", "=", "booked"), ("partner_id", "in", self.ids)]
        for partner, count in self.env["bss.payment.match"]._read_group(booked, ["partner_id"], ["__count"]):
            counts[partner.id] += count
        parts = [("account_id.partner_id", "in", self.ids)]
        for account, count in self.env["bss.payment.part"]._read_group(
            parts, ["account_id"], ["match_id:count_distinct"]
        ):
            counts[account.partner_id.id] += count
        for partner in self:
            partner.bss_payment_count = counts[partner._origin.id]

    def action_view_bss_payments(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_payments_pl.bss_payment_match_action")
        action["domain"] = ["|", ("partner_id", "=", self.id), ("part_ids.account_id.partner_id", "=", self.id)]
        action["context"] = {}
        return action
