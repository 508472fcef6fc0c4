import json
from decimal import Decimal

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..adapters import BILLING_TZ

UNITS_SHOWN = {"voice": "s", "sms": "SMS", "data": "B"}


class BssUsageEvent(models.Model):
    _inherit = "bss.usage.event"

    rating_run_id = fields.Many2one("bss.rating.run", readonly=True)
    explanation_html = fields.Html(string="Calculation", compute="_compute_explanation_html", sanitize=False)

    @api.model
    def _selection_reason(self):
        labels = {
            "NO_RATE_PLAN": self.env._("No rate plan valid on that day"),
            "NO_ZONE": self.env._("No zone for the called number"),
            "NO_RATE": self.env._("The plan does not price the zone"),
        }
        return [*super()._selection_reason(), *labels.items()]

    @api.depends("explanation", "amount_e4")
    @api.depends_context("lang")
    def _compute_explanation_html(self):
        for event in self:
            lines = event._bss_explain() if event.explanation else []
            event.explanation_html = (
                Markup("<ol>%s</ol>") % Markup().join(Markup("<li>%s</li>") % line for line in lines)
                if lines
                else False
            )

    def _bss_explain(self):
        """The way from the measured units to the amount, in words and numbers."""
        self.ensure_one()
        used = json.loads(self.explanation)
        unit = UNITS_SHOWN[self.usage_kind]
        paid = self.billed_units - self.free_units
        lines = [
            self.env._(
                "Prefix %(prefix)s leads to zone %(zone)s, priced by plan %(plan)s.",
                prefix=self.prefix,
                zone=self.zone_id.display_name,
                plan=self.plan_id.display_name,
            ),
            self.env._(
                "%(units)s %(unit)s in increments %(chain)s are %(billed)s %(unit)s.",
                units=used["units"],
                unit=unit,
                chain=used["chain"],
                billed=self.billed_units,
            ),
        ]
        allowances = {
            one.id: one for one in self.env["bss.allowance"].browse(a["id"] for a in used["allowances"] or [])
        }
        for taken in used["allowances"] or []:
            allowance = allowances[taken["id"]].exists()
            lines.append(
                self.env._(
                    "%(units)s %(unit)s are free by allowance %(allowance)s.",
                    units=taken["units"],
                    unit=unit,
                    allowance=allowance.display_name or taken["id"],
                )
            )
        if not paid:
            return [*lines, self.env._("Nothing is left to pay: no connection fee, no minimum.")]
        price, connect, least = (Decimal(used[key]).scaleb(-6) for key in ("price", "connect", "min"))
        lines.append(
            self.env._(
                "%(paid)s %(unit)s × %(price)s / %(size)s %(unit)s + connection fee %(connect)s = %(amount)s",
                paid=paid,
                unit=unit,
                price=price,
                size=used["size"],
                connect=connect,
                amount=Decimal(self.amount_e4).scaleb(-4),
            )
        )
        most = Decimal(used.get("max") or 0).scaleb(-6)
        charge = paid * price / used["size"] + connect
        if most and max(charge, least) > most:
            lines[-1] = self.env._("The maximum charge of %(most)s applies.", most=most)
        elif charge < least:
            lines[-1] = self.env._("The minimum charge of %(least)s applies.", least=least)
        return lines

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
        earlier._bss_count()
        return run
