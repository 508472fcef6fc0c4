from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..adapters import offering_facts
from ..catalog_core import why_not_available


class ProductTemplate(models.Model):
    _inherit = "product.template"

    bss_is_offering = fields.Boolean(string="Telecom offering", index=True)
    bss_offering_kind = fields.Selection(
        [("recurring", "Recurring"), ("one_off", "One-off"), ("usage", "Usage"), ("device", "Device")],
        string="Kind of charge",
        default="recurring",
        index=True,
    )
    bss_service_type = fields.Selection(
        [("internet", "Internet"), ("tv", "TV"), ("mobile", "Mobile"), ("voip", "Fixed telephony"), ("other", "Other")],
        string="Kind of service",
        default="other",
        index=True,
    )
    bss_charge_timing = fields.Selection(
        [("advance", "In advance"), ("arrears", "In arrears")], string="Charged", default="advance"
    )
    bss_proration = fields.Selection(
        [("calendar", "Days of the period"), ("thirty", "1/30 a day"), ("none", "Whole periods only")],
        string="Proration",
        default="calendar",
        help="How the fee of a period that is not served whole is counted.",
    )
    bss_period_months = fields.Integer(string="Period (months)", default=1)
    bss_rate_plan_id = fields.Many2one(
        "bss.rate.plan", string="Rate plan", check_company=True, ondelete="restrict", index="btree_not_null"
    )
    bss_is_bundle = fields.Boolean(string="Bundle")
    bss_bundle_line_ids = fields.One2many("bss.bundle.line", "bundle_id", string="Parts of the bundle", copy=True)
    bss_bundle_price = fields.Monetary(
        string="Sum of the parts", compute="_compute_bss_bundle_price", help="Monthly price of the usual parts."
    )
    bss_allowance_ids = fields.One2many("bss.offering.allowance", "template_id", string="Free units", copy=True)
    bss_lifecycle = fields.Selection(
        [("draft", "Draft"), ("on_sale", "On sale"), ("withdrawn", "Withdrawn")],
        string="Life cycle",
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    bss_technology = fields.Selection(
        [("any", "Any"), ("fibre", "Fibre"), ("hfc", "Cable (HFC)"), ("radio", "Radio"), ("mobile", "Mobile")],
        string="Technology",
        default="any",
    )
    bss_down_mbps = fields.Integer(string="Download (Mbit/s)")
    bss_up_mbps = fields.Integer(string="Upload (Mbit/s)")
    bss_date_start = fields.Date(string="Sold from")
    bss_date_end = fields.Date(string="Sold to")

    _bss_period = models.Constraint("CHECK(bss_period_months > 0)", "A billing period has at least one month.")
    _bss_dates = models.Constraint(
        "CHECK(bss_date_end IS NULL OR bss_date_start IS NULL OR bss_date_end >= bss_date_start)",
        "The sale of an offering ends on or after its first day.",
    )

    @api.depends("bss_bundle_line_ids.price_in_bundle", "bss_bundle_line_ids.is_optional")
    def _compute_bss_bundle_price(self):
        for template in self:
            fixed = template.bss_bundle_line_ids.filtered(lambda line: not line.is_optional)
            template.bss_bundle_price = sum(fixed.mapped("price_in_bundle"))

    @api.constrains("bss_is_offering", "default_code", "company_id")
    def _check_bss_code(self):
        for template in self.filtered(lambda t: t.bss_is_offering and t.default_code):
            twin = self.with_context(active_test=False).search(
                [
                    ("id", "!=", template.id),
                    ("bss_is_offering", "=", True),
                    ("default_code", "=", template.default_code),
                    ("company_id", "in", [False, template.company_id.id] if template.company_id else [False]),
                ],
                limit=1,
            )
            if twin:
                raise ValidationError(
                    self.env._(
                        "Code %(code)s is used by offering %(name)s.", code=template.default_code, name=twin.name
                    )
                )

    @api.constrains("bss_is_offering", "bss_lifecycle", "bss_is_bundle", "bss_bundle_line_ids")
    def _check_bss_on_sale(self):
        for template in self.filtered(lambda t: t.bss_is_offering and t.bss_lifecycle == "on_sale"):
            if template.bss_is_bundle and not template.bss_bundle_line_ids:
                raise ValidationError(
                    self.env._("Bundle %(name)s has no parts and cannot be on sale.", name=template.name)
                )

    # --- life cycle

    def action_bss_put_on_sale(self):
        self.bss_lifecycle = "on_sale"

    def action_bss_withdraw(self):
        self.bss_lifecycle = "withdrawn"

    def action_bss_draft(self):
        self.bss_lifecycle = "draft"

    # --- availability

    def _bss_why_not_available(self, on, location=None):
        """Reasons (kernel values) against selling the offering on ``on`` at ``location``; empty = may be sold."""
        self.ensure_one()
        place = location._bss_location_facts() if location else None
        return why_not_available(offering_facts(self), on, place)
