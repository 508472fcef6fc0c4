from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..catalog_core import (
    ChainProblem,
    format_chain,
    micro_from_decimal,
    micro_to_decimal,
    normalise_chain,
    parse_chain,
)

USAGE_KINDS = [
    ("voice", "Voice"),
    ("sms", "SMS"),
    ("mms", "MMS"),
    ("data", "Data"),
    ("premium", "Premium"),
    ("content", "Content"),
]
TIER_MODELS = [
    ("flat", "One price"),
    ("graduated", "Each unit at its tier"),
    ("volume", "All units at the tier reached"),
    ("package", "Started packages"),
    ("stairstep", "One amount per tier"),
]

PRICE_FIELDS = frozenset(
    {
        "plan_id",
        "zone_id",
        "usage_kind",
        "band_id",
        "charge_basis",
        "price_micro",
        "price_display",
        "connect_fee_micro",
        "connect_fee_display",
        "chain",
        "increment_first_s",
        "increment_next_s",
        "data_block_bytes",
        "min_charge_micro",
        "min_charge_display",
        "max_charge_micro",
        "max_charge_display",
        "decimals",
        "tier_model",
        "tier_ids",
        "multiplier_micro",
        "markup_percent",
        "rounding",
        "step_bytes",
    }
)
INCREMENT_FIELDS = ("increment_first_s", "increment_next_s")


class BssRate(models.Model):
    _name = "bss.rate"
    _description = "Rate of a zone in a rate plan"
    _order = "plan_id, zone_id, usage_kind desc, band_id, id"
    _check_company_auto = True

    plan_id = fields.Many2one("bss.rate.plan", required=True, ondelete="cascade", index=True, check_company=True)
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="plan_id.currency_id")
    zone_id = fields.Many2one("bss.rate.zone", required=True, ondelete="restrict", index=True, check_company=True)
    zone_kind = fields.Selection(related="zone_id.kind", string="Kind of zone", store=True)
    plan_state = fields.Selection(related="plan_id.state", string="State of the plan")
    usage_kind = fields.Selection(USAGE_KINDS, string="Usage", required=True, default="voice")
    band_id = fields.Many2one(
        "bss.time.band",
        string="Time band",
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        help="Empty: at any time that no other rate of the zone prices.",
    )
    charge_basis = fields.Selection(
        [("unit", "Per unit"), ("event", "Per event"), ("upstream", "By the cost")],
        string="Charged",
        required=True,
        default="unit",
        help="Per event: whatever its length. By the cost: what the supplier or roaming partner charged for it, with a mark-up.",
    )
    multiplier_micro = fields.Integer(string="Cost multiplier (millionths)", default=1_000_000, aggregator=None)
    markup_percent = fields.Float(
        string="Mark-up (%)",
        digits=(16, 4),
        compute="_compute_markup_percent",
        inverse="_inverse_markup_percent",
        aggregator=None,
        help="Added to the cost of the event; -100 is free of charge.",
    )
    # Exact prices in millionths of the currency; the *_display fields show and take them.
    price_micro = fields.Integer(
        string="Price (millionths)",
        help="Net price per minute, SMS or megabyte (1,000,000 bytes) in millionths of the currency.",
    )
    connect_fee_micro = fields.Integer(string="Connection fee (millionths)")
    min_charge_micro = fields.Integer(string="Minimum charge (millionths)")
    max_charge_micro = fields.Integer(string="Maximum charge (millionths)", help="0: no maximum.", aggregator=None)
    price_display = fields.Float(
        string="Price",
        digits=(16, 6),
        min_display_digits=2,
        compute="_compute_displays",
        inverse="_inverse_price_display",
        help="Net price per minute, SMS or megabyte.",
    )
    connect_fee_display = fields.Float(
        string="Connection fee",
        digits=(16, 6),
        min_display_digits=2,
        compute="_compute_displays",
        inverse="_inverse_connect_fee_display",
    )
    min_charge_display = fields.Float(
        string="Minimum charge",
        digits=(16, 6),
        min_display_digits=2,
        compute="_compute_displays",
        inverse="_inverse_min_charge_display",
    )
    max_charge_display = fields.Float(
        string="Maximum charge",
        digits=(16, 6),
        min_display_digits=2,
        compute="_compute_displays",
        inverse="_inverse_max_charge_display",
        help="0: no maximum.",
    )
    decimals = fields.Integer(default=4, required=True, aggregator=None, help="Each event is rounded to them, half up.")
    chain = fields.Char(
        string="Increments",
        default="1/1",
        help="Seconds charged step by step from the answer, the last step repeats: 60/60, 1/1, 60/1, 30/6, 30/30/6.",
    )
    # The first and the last step of the chain, as the rating engine reads them
    increment_first_s = fields.Integer(
        string="First increment (s)", default=1, required=True, help="Seconds charged at once at the answer."
    )
    increment_next_s = fields.Integer(
        string="Next increments (s)", default=1, required=True, help="Seconds charged in each further step."
    )
    data_block_bytes = fields.Integer(
        string="Data block (bytes)", default=102400, help="Started blocks of data are charged whole."
    )
    rounding = fields.Selection(
        [("event", "Each event"), ("session", "Each session"), ("period", "Each period")],
        string="Blocks are started by",
        required=True,
        default="event",
        help="Data, messages and content are rounded up to blocks event by event, or as the sum of a session or of a period. "
        "Calls are always rounded one by one.",
    )
    step_bytes = fields.Integer(
        string="Size step (bytes)",
        aggregator=None,
        help="An MMS counts as many times as its size has started steps; 0: once, whatever its size.",
    )
    price_per = fields.Char(string="Per", compute="_compute_price_per")
    tier_model = fields.Selection(
        TIER_MODELS,
        string="Price model",
        required=True,
        default="flat",
        help="How the quantity used in the period sets the price.",
    )
    tier_ids = fields.One2many("bss.rate.tier", "rate_id", string="Tiers", copy=True)

    _zone_band_uniq = models.UniqueIndex(
        "(plan_id, zone_id, usage_kind, COALESCE(band_id, 0))",
        "The zone is priced already for this kind of usage and time band.",
    )
    _positive = models.Constraint(
        "CHECK(price_micro >= 0 AND connect_fee_micro >= 0 AND min_charge_micro >= 0 AND max_charge_micro >= 0)",
        "Prices are not negative.",
    )
    _decimals = models.Constraint("CHECK(decimals BETWEEN 0 AND 4)", "Events are rounded to 0 to 4 decimals.")
    _increments = models.Constraint(
        "CHECK(increment_first_s > 0 AND increment_next_s > 0 AND data_block_bytes > 0)",
        "Charging increments must be at least one second and data blocks at least one byte.",
    )
    _step = models.Constraint("CHECK(COALESCE(step_bytes, 0) >= 0)", "A size step has at least one byte.")
    _multiplier = models.Constraint("CHECK(multiplier_micro >= 0)", "A mark-up is at least -100 %.")

    @api.depends("price_micro", "connect_fee_micro", "min_charge_micro", "max_charge_micro")
    def _compute_displays(self):
        for rate in self:
            rate.price_display = float(micro_to_decimal(rate.price_micro))
            rate.connect_fee_display = float(micro_to_decimal(rate.connect_fee_micro))
            rate.min_charge_display = float(micro_to_decimal(rate.min_charge_micro))
            rate.max_charge_display = float(micro_to_decimal(rate.max_charge_micro))

    def _inverse_price_display(self):
        for rate in self:
            rate.price_micro = self._bss_micro(rate.price_display)

    def _inverse_connect_fee_display(self):
        for rate in self:
            rate.connect_fee_micro = self._bss_micro(rate.connect_fee_display)

    def _inverse_min_charge_display(self):
        for rate in self:
            rate.min_charge_micro = self._bss_micro(rate.min_charge_display)

    def _inverse_max_charge_display(self):
        for rate in self:
            rate.max_charge_micro = self._bss_micro(rate.max_charge_display)

    @api.depends("multiplier_micro")
    def _compute_markup_percent(self):
        for rate in self:
            rate.markup_percent = float(micro_to_decimal(rate.multiplier_micro) * 100 - 100)

    def _inverse_markup_percent(self):
        for rate in self:
            rate.multiplier_micro = micro_from_decimal((100 + Decimal(repr(rate.markup_percent))) / 100)

    @api.model
    def _bss_micro(self, shown):
        """The web client sends floats: their shortest decimal form is what was typed."""
        return micro_from_decimal(Decimal(repr(shown)))

    @api.depends("usage_kind", "charge_basis")
    def _compute_price_per(self):
        per = {
            "voice": self.env._("min"),
            "sms": self.env._("SMS"),
            "mms": self.env._("MMS"),
            "data": self.env._("MB"),
            "premium": self.env._("min"),
            "content": self.env._("item"),
        }
        bases = {"event": self.env._("event"), "upstream": self.env._("cost")}
        for rate in self:
            rate.price_per = bases.get(rate.charge_basis) or per.get(rate.usage_kind, "")

    @api.depends("plan_id", "zone_id", "usage_kind", "band_id")
    def _compute_display_name(self):
        for rate in self:
            parts = (rate.plan_id.code, rate.zone_id.code, rate.usage_kind, rate.band_id.code)
            rate.display_name = " / ".join(filter(None, parts))

    # --- increments: the chain as written, and its steps

    @api.model
    def _bss_chain(self, text):
        """Steps of a chain as people write it; raises with the fault in words."""
        chain = parse_chain(text or "")
        if isinstance(chain, ChainProblem):
            raise ValidationError(self._bss_chain_message(chain))
        return chain

    @api.model
    def _bss_chain_message(self, problem):
        texts = {
            "CHAIN_EMPTY": self.env._("Increments are missing: write e.g. 60/60 or 1/1."),
            "CHAIN_NOT_A_NUMBER": self.env._(
                "Increments “%(text)s”: “%(part)s” is no whole number of seconds; write e.g. 60/60, 60/1 or 30/30/6."
            ),
            "CHAIN_NOT_POSITIVE": self.env._("Increments “%(text)s”: a step has at least one second."),
            "CHAIN_TOO_LARGE": self.env._("Increments “%(text)s”: a step has at most %(most)s seconds."),
            "CHAIN_TOO_LONG": self.env._("Increments “%(text)s”: at most %(most)s steps."),
        }
        return texts[problem.code] % problem.params

    def _bss_increment_vals(self, vals):
        """``vals`` with chain and increments in step; whoever writes one gets the other."""
        if "chain" in vals:
            chain = self._bss_chain(vals["chain"])
            steps = {"increment_first_s": chain[0], "increment_next_s": chain[-1]}
            return {**vals, **steps, "chain": format_chain(chain)}
        if not set(INCREMENT_FIELDS) & vals.keys() and self:
            return vals
        steps = tuple(vals.get(name, self[name] if self else 1) for name in INCREMENT_FIELDS)
        # the constraint of the table says what is wrong with other steps
        return {**vals, "chain": format_chain(normalise_chain(steps))}

    @api.onchange("chain")
    def _onchange_chain(self):
        if self.chain:
            self.update(self._bss_increment_vals({"chain": self.chain}))

    # --- an active plan is frozen: a change of price is a new version

    @api.model_create_multi
    def create(self, vals_list):
        rates = super().create([self.browse()._bss_increment_vals(vals) for vals in vals_list])
        rates._bss_check_plan_open()
        return rates

    def write(self, vals):
        if PRICE_FIELDS & vals.keys():
            self._bss_check_plan_open()
        if "chain" in vals or set(INCREMENT_FIELDS) <= vals.keys():
            return super().write(self[:1]._bss_increment_vals(vals))
        if set(INCREMENT_FIELDS) & vals.keys():
            for rate in self:
                super(BssRate, rate).write(rate._bss_increment_vals(vals))
            return True
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_in_open_plan(self):
        self._bss_check_plan_open()

    def _bss_check_plan_open(self):
        closed = self.plan_id.filtered(lambda plan: plan.state != "draft")
        if closed:
            raise UserError(
                self.env._(
                    "Rate plan %(plan)s is not a draft: make a new version to change its prices.",
                    plan=closed[0].display_name,
                )
            )
