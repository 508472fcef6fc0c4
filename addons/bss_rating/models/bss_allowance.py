from odoo import api, fields, models
from odoo.tools import float_repr, formatLang

from .. import allowance_store

FACTORS = {"s": 60, "sms": 1, "mms": 1, "byte": 1_000_000_000, "micro": 1_000_000}


class BssAllowance(models.Model):
    """Free units given to one service for one period, by its offering or a promotion; the rating run counts their use."""

    _name = "bss.allowance"
    _description = "Allowance"
    _order = "date_start desc, service_id, priority, id"
    _check_company_auto = True

    service_id = fields.Many2one("bss.service", required=True, readonly=True, ondelete="cascade", check_company=True)
    account_id = fields.Many2one(
        "bss.account", string="Billing Account", required=True, readonly=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    offering_allowance_id = fields.Many2one(
        "bss.offering.allowance", string="Allowance", readonly=True, index=True, ondelete="restrict"
    )
    grant_id = fields.Many2one(
        "bss.service.promotion", string="Promotion", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    promotion_step_id = fields.Many2one("bss.promotion.step", readonly=True, ondelete="restrict")
    source_name = fields.Char(string="Given by", compute="_compute_source_name")
    unit = fields.Selection(
        [("s", "Seconds"), ("sms", "SMS"), ("mms", "MMS"), ("byte", "Bytes"), ("micro", "Money")],
        required=True,
        readonly=True,
    )
    date_start = fields.Date(string="From", required=True, readonly=True)
    date_end = fields.Date(string="To", readonly=True, help="Last day; empty: until used up.")
    is_carried = fields.Boolean(
        string="Carried Over",
        readonly=True,
        required=True,
        default=False,
        help="What is left of these units stays good for one more period.",
    )
    quantity = fields.Float(string="Granted", digits=(20, 0), required=True, readonly=True)
    used = fields.Float(digits=(20, 0), default=0, required=True, readonly=True)
    priority = fields.Integer(readonly=True, aggregator=None)
    remaining = fields.Float(digits=(20, 0), compute="_compute_shown")
    used_percent = fields.Float(string="Used (%)", compute="_compute_shown")
    granted_display = fields.Char(string="Granted (shown)", compute="_compute_shown")
    remaining_display = fields.Char(string="Left", compute="_compute_shown")

    _month_unique = models.Constraint(
        "UNIQUE(service_id, offering_allowance_id, date_start, is_carried)",
        "The service has this allowance for the period already.",
    )
    _promised_unique = models.UniqueIndex(
        "(grant_id, promotion_step_id, date_start) WHERE grant_id IS NOT NULL",
        "The service has these units of the promotion for the month already.",
    )
    _source_check = models.Constraint(
        "CHECK((offering_allowance_id IS NULL) <> (grant_id IS NULL))",
        "Free units come from an offering or a promotion.",
    )
    _used_check = models.Constraint("CHECK(used >= 0 AND used <= quantity)", "No more can be used than was granted.")
    _open = models.Index("(company_id, date_start) WHERE used < quantity")

    def init(self):
        allowance_store.create_use_table(self.env.cr)

    @api.depends("quantity", "used", "unit", "company_id")
    @api.depends_context("lang")
    def _compute_shown(self):
        names = {"s": self.env._("min"), "sms": self.env._("SMS"), "mms": self.env._("MMS"), "byte": self.env._("GB")}
        for allowance in self:
            factor = FACTORS[allowance.unit]
            name = names.get(allowance.unit) or allowance.company_id.currency_id.name
            allowance.remaining = allowance.quantity - allowance.used
            allowance.used_percent = 100.0 * allowance.used / allowance.quantity if allowance.quantity else 0.0
            allowance.granted_display = f"{self._bss_shown(allowance.quantity / factor)} {name}"
            allowance.remaining_display = f"{self._bss_shown(allowance.remaining / factor)} {name}"

    @api.model
    def _bss_shown(self, number):
        """In the user's writing, with at most two decimals and none that says nothing."""
        decimals = len(float_repr(number, 2).rstrip("0").partition(".")[2])
        return formatLang(self.env, number, digits=decimals)

    @api.depends("offering_allowance_id", "grant_id")
    def _compute_source_name(self):
        for allowance in self:
            promotion = allowance.grant_id.promotion_id
            allowance.source_name = allowance.offering_allowance_id.name or promotion.display_name or ""

    @api.depends("source_name", "date_start", "offering_allowance_id")
    def _compute_display_name(self):
        for allowance in self:
            of_month = allowance.offering_allowance_id.validity == "month"
            start = allowance.date_start
            period = (f"{start:%Y-%m}" if of_month else f"{start:%Y-%m-%d}") if start else ""
            allowance.display_name = f"{allowance.source_name} {period}"
