from odoo import api, models


class BssDemo(models.AbstractModel):
    _inherit = "bss.demo"

    @api.private
    def _bss_demo_steps(self):
        return [*super()._bss_demo_steps(), (self.env._("Usage source"), "_load_usage_source")]

    @api.private
    def _load_usage_source(self, ctx):
        source = self.env["bss.usage.source"].create(
            {
                "name": "Asterisk Kutno",
                "code": "ASTERISK-1",
                "company_id": ctx["company"].id,
                "format": "asterisk_csv",
                # the demo has a calendar of its own
                "ahead_hours": 0,
                "max_age_days": 0,
            }
        )
        self.env["ir.model.data"].create(
            {
                "module": "bss_mediation",
                "name": "demo_source",
                "model": source._name,
                "res_id": source.id,
                "noupdate": True,
            }
        )
        ctx["usage_source"] = source
