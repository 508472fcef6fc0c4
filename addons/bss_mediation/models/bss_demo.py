from odoo import api, models
from odoo.fields import Command

ROAMING_COLUMNS = (
    ("started_at", {"source": "start", "timezone": "UTC"}),
    ("charged_number", {"source": "subscriber"}),
    ("direction", {"source": "direction"}),
    ("b_number", {"source": "called"}),
    ("usage_kind", {"source": "usage"}),
    ("duration_s", {"source": "seconds", "default_value": "0"}),
    ("volume_down", {"source": "bytes", "default_value": "0"}),
    ("network", {"source": "network"}),
    ("cost_micro", {"source": "charge"}),
    ("cost_currency", {"source": "currency"}),
)


class BssDemo(models.AbstractModel):
    _inherit = "bss.demo"

    @api.private
    def _bss_demo_steps(self):
        return [
            *super()._bss_demo_steps(),
            (self.env._("Usage source"), "_load_usage_source"),
            (self.env._("Roaming partner"), "_load_roaming_source"),
        ]

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

    @api.private
    def _load_roaming_source(self, ctx):
        """A partner whose records come as CSV, each with the visited network and what the partner charges."""
        company = ctx["company"]
        mapping = self.env["bss.usage.mapping"].create(
            {
                "name": "Partner roamingowy – CSV",
                "company_id": company.id,
                "delimiter": ";",
                "has_header": True,
                "column_ids": [Command.create({"target": target, **place}) for target, place in ROAMING_COLUMNS],
            }
        )
        source = self.env["bss.usage.source"].create(
            {
                "name": "Partner roamingowy",
                "code": "ROAMING-1",
                "company_id": company.id,
                "format": "generic_csv",
                "mapping_id": mapping.id,
            }
        )
        self.env["ir.model.data"].create(
            {
                "module": "bss_mediation",
                "name": "demo_roaming_source",
                "model": source._name,
                "res_id": source.id,
                "noupdate": True,
            }
        )
        ctx["roaming_source"] = source
