from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    def _bss_customer_status(self, on):
        """Retained: has a service that runs, or waits for its start, on ``on``; whoever left is new again."""
        self.ensure_one()
        served = self.env["bss.service"].search_count(
            [
                ("account_id.partner_id", "child_of", self.commercial_partner_id.ids),
                ("company_id", "in", self.env.companies.ids),
                ("state", "!=", "terminated"),
                "|",
                ("date_start", "=", False),
                ("date_start", "<=", on),
                "|",
                ("date_end", "=", False),
                ("date_end", ">=", on),
            ],
            limit=1,
        )
        return "retained" if served else super()._bss_customer_status(on)
