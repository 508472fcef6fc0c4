from odoo import models


class BssDemo(models.AbstractModel):
    _inherit = "bss.demo"

    def _bss_demo_steps(self):
        return super()._bss_demo_steps() + [(self.env._("Collections"), "_load_dunning")]

    def _load_dunning(self, ctx):
        """Strategies by kind of customer: the shared ones, written on the accounts so that one sees them."""
        strategies = self.env["bss.dunning.strategy"]._bss_for_kinds(self.env.company)
        accounts = ctx.get("accounts") or self.env["bss.account"].search([("company_id", "=", self.env.company.id)])
        if not isinstance(accounts, models.BaseModel):
            values = accounts.values() if isinstance(accounts, dict) else accounts
            accounts = self.env["bss.account"].union(*values)
        for kind, same_kind in accounts.grouped("customer_kind").items():
            if kind in strategies:
                same_kind.dunning_strategy_id = strategies[kind]
        ctx["strategy"] = strategies
