from odoo import api, models
from odoo.exceptions import ValidationError


class BssPromotion(models.Model):
    _inherit = "bss.promotion"

    @api.constrains("state", "stops_while_suspended")
    def _check_ratable(self):
        """Months of free units follow the calendar from the grant on: they cannot wait during a suspension."""
        for promotion in self.filtered(lambda one: one.state == "on_sale" and one.stops_while_suspended):
            if any(step.kind == "units" for step in promotion.step_ids):
                raise ValidationError(
                    self.env._(
                        "Promotion %(promotion)s gives free units: they cannot wait during a suspension.",
                        promotion=promotion.display_name,
                    )
                )
