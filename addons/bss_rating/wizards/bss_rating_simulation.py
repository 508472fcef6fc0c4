import re
from datetime import timedelta

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_mediation.mediation_core import NumberingProfile, normalise_number

from .. import adapters, allowance_store, counter_store
from ..rating_core import Engine

CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,5}):([0-5]\d)|(\d{1,7})")
TIMED = ("voice", "premium")
BYTES = 1_000_000
MOST_PLANS = 20


def seconds_of(text):
    """ "200", "3:20" and "1:03:20" in seconds; None when it is no duration."""
    found = CLOCK.fullmatch((text or "").strip())
    if not found:
        return None
    hours, minutes, seconds, plain = found.groups()
    return int(plain) if plain else int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)


class BssRatingSimulation(models.TransientModel):
    """What would this call cost? The engine of the rating runs answers, and nothing is stored of it."""

    _name = "bss.rating.simulation"
    _description = "Price of a Call"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    service_id = fields.Many2one(
        "bss.service",
        domain="[('company_id', '=', company_id)]",
        help="With a service, its plan of that day and what is left of its allowances count.",
    )
    plan_id = fields.Many2one(
        "bss.rate.plan",
        string="Rate Plan",
        compute="_compute_plan_id",
        store=True,
        readonly=False,
        domain="[('company_id', '=', company_id)]",
        help="Drafts can be tried, too.",
    )
    usage_kind = fields.Selection(
        lambda self: self.env["bss.rate"]._fields["usage_kind"]._description_selection(self.env),
        string="Kind of Usage",
        required=True,
        default="voice",
    )
    b_number = fields.Char(string="Called Number", help="As a subscriber dials it.")
    started_at = fields.Datetime(string="Start", required=True, default=fields.Datetime.now)
    duration = fields.Char(default="3:00", help="Minutes and seconds, or seconds: 3:20 or 200.")
    messages = fields.Integer(default=1)
    megabytes = fields.Float(digits=(16, 6), default=1.0, help="Of 1,000,000 bytes.")
    use_allowances = fields.Boolean(string="With Allowances", default=True)
    state = fields.Selection(
        [("rated", "Costs"), ("free", "Free"), ("suspended", "Not Priced"), ("incomplete", "Incomplete")],
        compute="_compute_price",
    )
    amount = fields.Float(string="Net Price", digits=(16, 4), compute="_compute_price")
    message = fields.Char(compute="_compute_price")
    zone_id = fields.Many2one("bss.rate.zone", compute="_compute_price")
    calculation = fields.Html(compute="_compute_price", sanitize=False)
    comparison = fields.Html(string="Other Plans", compute="_compute_comparison", sanitize=False)

    @api.depends("b_number")
    @api.depends_context("lang")
    def _compute_display_name(self):
        self.display_name = self.env._("Price a Call")

    @api.depends("service_id", "started_at")
    def _compute_plan_id(self):
        for simulation in self:
            if simulation.service_id and simulation.started_at:
                day = polish_day.day_of(simulation.started_at)
                simulation.plan_id = simulation.service_id._bss_rate_plan_on(day) or simulation.plan_id
            else:
                simulation.plan_id = simulation.plan_id

    @api.depends(
        "plan_id", "usage_kind", "b_number", "started_at", "duration", "messages", "megabytes", "service_id",
        "use_allowances",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_price(self):
        for simulation in self:
            simulation.update({"amount": 0.0, "zone_id": False, "calculation": False})
            missing = simulation._bss_missing()
            if missing:
                simulation.update({"state": "incomplete", "message": missing})
                continue
            event = simulation._bss_priced(simulation.plan_id)
            simulation.state = event.state
            simulation.amount = event.amount_e4 / 10_000
            simulation.zone_id = event.zone_id
            simulation.calculation = event.explanation_html
            reasons = dict(event._fields["reason"]._description_selection(self.env))
            simulation.message = reasons.get(event.reason, False)

    @api.depends("plan_id", "usage_kind", "b_number", "started_at", "duration", "messages", "megabytes")
    def _compute_comparison(self):
        for simulation in self:
            simulation.comparison = False
            if simulation._bss_missing():
                continue
            plans = self.env["bss.rate.plan"].search(
                [
                    ("company_id", "=", simulation.company_id.id),
                    ("state", "=", "active"),
                    ("id", "!=", simulation.plan_id.id),
                ],
                limit=MOST_PLANS,
            )
            rows = [(plan, simulation._bss_priced(plan, alone=True)) for plan in plans]
            rows = sorted((row for row in rows if row[1].state != "suspended"), key=lambda row: row[1].amount_e4)
            simulation.comparison = simulation._bss_table(rows)

    def _bss_table(self, rows):
        if not rows:
            return False
        line = Markup("<tr><td>%s</td><td>%s</td><td class='text-end'>%s</td></tr>")
        body = Markup().join(
            line % (plan.display_name, event.zone_id.display_name or "", f"{event.amount_e4 / 10_000:.4f}")
            for plan, event in rows
        )
        return Markup("<table class='table table-sm'>%s</table>") % body

    def _bss_missing(self):
        """What must be filled in before there is a price, in the user's words."""
        self.ensure_one()
        if not self.plan_id:
            return self.env._("Choose a rate plan or a service that has one.")
        if not self.started_at:
            return self.env._("Say when the usage begins.")
        if self.usage_kind in TIMED and seconds_of(self.duration) is None:
            return self.env._("Write the duration as minutes and seconds: 3:20.")
        if self.usage_kind != "data" and not self._bss_number():
            return self.env._("Write the called number as a subscriber dials it.")
        return ""

    def _bss_number(self):
        return normalise_number(self.b_number or "", NumberingProfile())

    def _bss_units(self):
        if self.usage_kind in TIMED:
            return seconds_of(self.duration)
        return round(self.megabytes * BYTES) if self.usage_kind == "data" else self.messages

    def _bss_priced(self, plan, alone=False):
        """A usage event that is only in memory, rated by ``plan``.

        :param alone: without the service, its allowances and its totals of the month
        """
        service = self.service_id if self.use_allowances and not alone else self.service_id.browse()
        engine = Engine(adapters.tariff(self.company_id, plan), adapters.BILLING_TZ)
        events = adapters.event_frame([self._bss_event_row(plan, service)])
        rated = engine.rate(events, *self._bss_left(service))
        row = adapters.result_frame(rated).row(0, named=True)
        known = {name: row[name] for name in row if name in self.env["bss.usage.event"]._fields and name != "id"}
        return self.env["bss.usage.event"].new({**known, "usage_kind": self.usage_kind})

    def _bss_event_row(self, plan, service):
        month = polish_day.day_of(self.started_at).replace(day=1)
        number = None if self.usage_kind == "data" else self._bss_number()
        started = self.started_at
        return (1, started, started, service.id or 0, plan.id, self.usage_kind, number, self._bss_units(), month)

    def _bss_left(self, service):
        """(allowances, counters) of the service as they stand now."""
        if not service:
            return None, None
        cr = self.env.cr
        self.env.flush_all()
        own = self.env["bss.allowance"].sudo().search([("account_id", "=", service.account_id.id)])
        after = self.started_at + timedelta(seconds=1)
        rows, members = allowance_store.open_allowances(cr, self.company_id.id, self.started_at, after, own.ids)
        month = polish_day.day_of(self.started_at).replace(day=1)
        counters = counter_store.stored_counters(cr, [(service.id, month, None)])
        return adapters.allowances(self.env, rows, members), adapters.counter_frame(counters)
