from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..adapters import BILLING_TZ


class BssUsageEvent(models.Model):
    _inherit = "bss.usage.event"

    rating_run_id = fields.Many2one("bss.rating.run", readonly=True)

    @api.model
    def _selection_reason(self):
        labels = {
            "NO_RATE_PLAN": self.env._("No rate plan valid on that day"),
            "NO_ZONE": self.env._("No zone for the called number"),
            "NO_RATE": self.env._("The plan does not price the zone"),
            "NO_BAND_RATE": self.env._("The plan does not price the zone at that time"),
            "NO_COST": self.env._("No charge from upstream to price from"),
            "TIER_END": self.env._("The quantity of the period is past the last tier"),
            "NEGATIVE_UNITS": self.env._("Less than nothing was used"),
        }
        return [*super()._selection_reason(), *labels.items()]

    # --- suspended events

    def action_rate_again(self):
        """Rate the suspended events among these once more, in a run of their own."""
        if not self.env.user.has_group("bss_catalog.group_bss_billing_manager"):
            raise AccessError(self.env._("Rating is up to the billing manager."))
        stuck = self.filtered(lambda event: event.state == "suspended")
        if not stuck:
            raise UserError(self.env._("Only suspended events can be rated again."))
        runs = self.env["bss.rating.run"]
        for company, events in stuck.grouped("company_id").items():
            runs |= events._bss_rate_again(company)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Rating Runs"),
            "res_model": "bss.rating.run",
            "view_mode": "list,form" if len(runs) > 1 else "form",
            "res_id": runs.id if len(runs) == 1 else False,
            "domain": [("id", "in", runs.ids)],
        }

    def _bss_rate_again(self, company):
        earlier = self.rating_run_id
        first, last = self.env.execute_query(
            SQL(
                """
                WITH reset AS (
                    UPDATE bss_usage_event SET state = 'guided', reason = NULL, rating_run_id = NULL
                     WHERE id = ANY(%s) AND state = 'suspended' AND started_at BETWEEN %s AND %s
                    RETURNING ((started_at AT TIME ZONE 'UTC') AT TIME ZONE %s)::date AS day)
                SELECT min(day), max(day) FROM reset
                """,
                list(self.ids),
                min(self.mapped("started_at")),
                # the client knows seconds only
                fields.Datetime.add(max(self.mapped("started_at")), seconds=1),
                BILLING_TZ,
            )
        )[0]
        self.invalidate_model()
        run = self.env["bss.rating.run"].create({"company_id": company.id, "date_start": first, "date_end": last})
        run._bss_rate(event_ids=self.ids)
        earlier._bss_count_suspended()
        return run
