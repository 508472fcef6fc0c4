from odoo import api, fields, models


class BssPaymentMatchHistory(models.Model):
    """What the same payer paid before: by bank account, or by name when the bank shows none."""

    _inherit = "bss.payment.match"  # pylint: disable=consider-merging-classes-inherited

    payer_payment_count = fields.Integer(string="Payments of This Payer", compute="_compute_payer_payment_count")

    @api.depends("payer_nrb", "payer_name")
    def _compute_payer_payment_count(self):
        counts = {}
        for name in ("payer_nrb", "payer_name"):
            values = [match[name] for match in self if match[name]]
            groups = self._read_group(
                [(name, "in", values), ("company_id", "in", self.company_id.ids)], [name, "company_id"], ["__count"]
            )
            counts.update({(name, value, company.id): count for value, company, count in groups})
        for match in self:
            [(name, _operator, value)] = match._bss_payer_domain() or [("", "", "")]
            match.payer_payment_count = counts.get((name, value, match.company_id.id), 0)

    def _bss_payer_domain(self):
        """Empty when the bank says nothing of the payer."""
        self.ensure_one()
        if self.payer_nrb:
            return [("payer_nrb", "=", self.payer_nrb)]
        return [("payer_name", "=", self.payer_name)] if self.payer_name else []

    def action_view_payer_payments(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_payments_pl.bss_payment_match_action")
        action["name"] = self.env._("Payments of %(payer)s", payer=self.payer_name or self.payer_nrb or "")
        action["domain"] = [
            ("company_id", "=", self.company_id.id),
            *(self._bss_payer_domain() or [("id", "=", self.id)]),
        ]
        action["context"] = {}
        return action
