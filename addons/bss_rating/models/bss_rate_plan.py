from odoo import fields, models


class BssRatePlan(models.Model):
    _inherit = "bss.rate.plan"

    has_rated = fields.Boolean(
        string="Priced Usage", readonly=True, copy=False, help="Events were rated with it: its prices stay as they are."
    )

    def _bss_in_use(self):
        """Also plans that services have or had, and those that priced events."""
        plans = self.sudo()
        domain = [("rate_plan_id", "in", plans.ids)]
        services = self.env["bss.service"].sudo().with_context(active_test=False)._read_group(domain, ["rate_plan_id"])
        earlier = self.env["bss.service.rate.plan"].sudo()._read_group([("plan_id", "in", plans.ids)], ["plan_id"])
        used = plans.filtered("has_rated").union(*(plan for (plan,) in [*services, *earlier]))
        return super()._bss_in_use() | self.browse(used.ids)
