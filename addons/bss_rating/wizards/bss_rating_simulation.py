import re
from datetime import timedelta

import polars as pl
from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_mediation.mediation_core import NumberingProfile, normalise_number

from .. import adapters, allowance_store, counter_store
from ..rating_core import Engine

CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,5}):([0-5]\d)|(\d{1,7})")
TIMED = ("voice", "premium")
NUMBERLESS = ("data", "content")
CODED = ("data", "content", "premium")
BYTES = 1_000_000
MOST_PLANS = 20
# What the price of the event itself depends on
USED = (
    "plan_id", "usage_kind", "b_number", "started_at", "duration", "messages", "megabytes", "message_bytes", "network",
    "is_received", "service_code", "on_net", "cost", "cost_currency_id",
)  # fmt: skip


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
    message_bytes = fields.Integer(string="Size (bytes)", help="Of the MMS, where the plan charges by size.")
    network = fields.Char(string="Visited Network", help="Abroad only: MCC and MNC, or TADIG code.")
    is_received = fields.Boolean(string="Received There", help="A call that came in abroad.")
    service_code = fields.Char(
        help="Access point, rating group, premium service or content: apn:internet, rg:100, vod:4711."
    )
    on_net = fields.Boolean(string="Number Inside Our Network", compute="_compute_on_net", store=True, readonly=False)
    cost = fields.Float(
        digits=(16, 6), help="What the supplier or roaming partner charges, where the plan prices by the cost."
    )
    cost_currency_id = fields.Many2one("res.currency", default=lambda self: self.env.company.currency_id)
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

    @api.depends("b_number", "started_at")
    def _compute_on_net(self):
        for simulation in self:
            number = simulation._bss_number()
            day = polish_day.day_of(simulation.started_at) if simulation.started_at else None
            simulation.on_net = bool(number and day) and bool(
                self.env["bss.service.identifier"].search_count(
                    [
                        ("kind", "=", "msisdn"),
                        ("value", "=", number),
                        ("service_id.company_id", "=", simulation.company_id.id),
                        ("date_start", "<=", day),
                        "|",
                        ("date_end", "=", False),
                        ("date_end", ">=", day),
                    ],
                    limit=1,
                )
            )

    @api.depends(*USED, "service_id", "use_allowances")
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

    @api.depends(*USED)
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
        numbered = self.usage_kind not in NUMBERLESS and not self.network and not self._bss_code()
        if numbered and not self._bss_number():
            return self.env._("Write the called number as a subscriber dials it.")
        return ""

    def _bss_number(self):
        return normalise_number(self.b_number or "", NumberingProfile())

    def _bss_code(self):
        """The code, where the form asks for one: what another kind of usage left there prices nothing."""
        return self.service_code if self.usage_kind in CODED else False

    def _bss_units(self):
        if self.usage_kind in TIMED:
            return seconds_of(self.duration)
        if self.usage_kind == "content":
            return 1
        return round(self.megabytes * BYTES) if self.usage_kind == "data" else self.messages

    def _bss_priced(self, plan, alone=False):
        """A usage event that is only in memory, rated by ``plan``.

        :param alone: without the service, its allowances and its totals of the month
        """
        service = self.service_id if self.use_allowances and not alone else self.service_id.browse()
        tariff = adapters.tariff(self.company_id, plan)
        engine = Engine(tariff, adapters.BILLING_TZ)
        usage = self._bss_usage(plan, service)
        frame = pl.DataFrame(
            [{name: value for name, value in usage.items() if value is not None and value is not False}]
        )
        events = adapters.engine_frame(frame, adapters.reading(self.company_id, tariff))
        rated = engine.rate(events, *self._bss_left(plan, service))
        row = adapters.result_frame(rated).row(0, named=True)
        fields_of_event = self.env["bss.usage.event"]._fields
        known = {name: value for name, value in {**usage, **row}.items() if name in fields_of_event and name != "id"}
        return self.env["bss.usage.event"].new(known)

    def _bss_usage(self, plan, service):
        """The event by the columns of ``event_frames.USAGE_SCHEMA``."""
        return {
            "id": 1,
            "started_at": self.started_at,
            "answered_at": self.started_at,
            "service_id": service.id or 0,
            "plan_id": plan.id,
            "usage_kind": self.usage_kind,
            "b_number": None if self.usage_kind in NUMBERLESS else self._bss_number(),
            "units": self._bss_units(),
            "direction": "in" if self.network and self.is_received else "out",
            "network": self.network,
            "service_code": self._bss_code(),
            "on_net": self.on_net,
            "volume_up": self.message_bytes or None if self.usage_kind == "mms" else None,
            "cost_micro": self.env["bss.rate"]._bss_micro(self.cost) if self.cost else None,
            "cost_currency": self.cost_currency_id.name,
            "period": self._bss_period(plan, service),
        }

    def _bss_period(self, plan, service):
        """First day of the period whose quantities count."""
        cycle = (
            service.account_id.bill_cycle_id
            if plan.tier_period == "cycle"
            else service.account_id.bill_cycle_id.browse()
        )
        shift = timedelta(days=(cycle.day or 1) - 1)
        return (polish_day.day_of(self.started_at) - shift).replace(day=1) + shift

    def _bss_left(self, plan, service):
        """(allowances, counters) of the service as they stand now."""
        if not service:
            return None, None
        cr = self.env.cr
        self.env.flush_all()
        own = self.env["bss.allowance"].sudo().search([("account_id", "=", service.account_id.id)])
        after = self.started_at + timedelta(seconds=1)
        rows, members = allowance_store.open_allowances(cr, self.company_id.id, self.started_at, after, own.ids)
        counters = counter_store.stored_counters(cr, [(service.id, self._bss_period(plan, service), None)])
        return adapters.allowances(self.env, rows, members), adapters.counter_frame(counters)
