from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    bss_suspension_percent_request = fields.Float(
        string="Charged during a suspension on request (%)",
        digits=(5, 2),
        default=0.0,
        help="Part of the price charged while a service is suspended at the customer's request.",
    )
    bss_suspension_percent_debt = fields.Float(
        string="Charged during a suspension for debt (%)",
        digits=(5, 2),
        default=100.0,
        help="Part of the price charged while a service is suspended because of debt.",
    )

    _suspension_percent_check = models.Constraint(
        "CHECK(bss_suspension_percent_request BETWEEN 0 AND 100 AND bss_suspension_percent_debt BETWEEN 0 AND 100)",
        "The charged part of the price is between 0 and 100 %.",
    )

    def _bss_suspension_percent(self, cause):
        """Part of the price charged by cause; a fault of the operator costs the customer nothing."""
        self.ensure_one()
        return {
            "request": self.bss_suspension_percent_request,
            "debt": self.bss_suspension_percent_debt,
            "technical": 0.0,
        }[cause]

    def _bss_thanks_for_payments(self):
        """Whether customers are thanked for every payment; who sends thanks of other kinds asks first."""
        self.ensure_one()
        return False
