from odoo import api, models
from odoo.fields import Command

# offering: parts of its free units at which the customer hears of it
THRESHOLDS = {"MOB-S": (80, 100), "MOB-M": (80, 100), "MOB-L": (100,)}
# name, net amount of a month, kind of zones, usage, (part, action, order)
LIMITS = (
    ("Roaming – transmisja danych", 215.0, "roaming", "data", ((80, "sms", False), (100, "order", "restrict"))),
    ("Numery o podwyższonej opłacie", 100.0, "premium", False, ((80, "email", False), (100, "activity", False))),
)


class BssDemo(models.AbstractModel):
    """Thresholds of free units and limits of roaming and premium services."""

    _inherit = "bss.demo"

    @api.private
    def _bss_demo_steps(self):
        return [*super()._bss_demo_steps(), (self.env._("Usage thresholds"), "_load_usage_thresholds")]

    @api.private
    def _load_usage_thresholds(self, ctx):
        for code, parts in THRESHOLDS.items():
            for allowance in ctx["offerings"][code].product_tmpl_id.bss_allowance_ids:
                allowance.threshold_ids = [Command.create({"percent": percent}) for percent in parts]
        ctx["spending_limits"] = self.env["bss.spending.limit"].create(
            [
                {
                    "name": name,
                    "company_id": ctx["company"].id,
                    "amount": amount,
                    "zone_kind": zones,
                    "usage_kind": usage,
                    "threshold_ids": [
                        Command.create(
                            {
                                "percent": percent,
                                "action": action,
                                "order_action": order or "restrict",
                                "user_id": self.env.ref("base.user_admin").id,
                            }
                        )
                        for percent, action, order in thresholds
                    ],
                }
                for name, amount, zones, usage, thresholds in LIMITS
            ]
        )
        self._bss_demo_exchange(ctx)

    @api.private
    def _bss_demo_exchange(self, ctx):
        """Rates of exchange of the demo: partners abroad charge in euros and dollars."""
        for name, rate in (("EUR", 4.25), ("USD", 3.65)):
            currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", name)])
            currency.active = True
            day = ctx["as_of"].replace(year=ctx["as_of"].year - 1, month=1, day=1)
            known = self.env["res.currency.rate"].search_count([("currency_id", "=", currency.id), ("name", "=", day)])
            if not known:
                self.env["res.currency.rate"].with_company(ctx["company"]).create(
                    {
                        "currency_id": currency.id,
                        "company_id": ctx["company"].root_id.id,
                        "name": day,
                        "inverse_company_rate": rate,
                    }
                )
