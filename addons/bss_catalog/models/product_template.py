from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..adapters import offering_facts
from ..catalog_core import why_not_available

PRORATIONS = [("calendar", "Days of the period"), ("thirty", "1/30 a day"), ("none", "Whole periods only")]


class ProductTemplate(models.Model):
    _inherit = "product.template"

    bss_is_offering = fields.Boolean(string="Telecom offering", index=True)
    bss_offering_kind = fields.Selection(
        [
            ("recurring", "Recurring"),
            ("one_off", "One-off"),
            ("usage", "Usage"),
            ("device", "Device"),
            ("discount", "Discount"),
            ("deposit", "Deposit"),
        ],
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
        PRORATIONS,
        string="Proration",
        default="calendar",
        help="How the fee of a period that is not served whole is counted.",
    )
    bss_proration_first = fields.Selection(
        PRORATIONS,
        string="Proration of the first period",
        help="The period in which the service starts; empty: as every other one.",
    )
    bss_proration_last = fields.Selection(
        PRORATIONS,
        string="Proration of the last period",
        help="The period in which the service ends; empty: as every other one.",
    )
    bss_period_unit = fields.Selection(
        [("day", "Days"), ("week", "Weeks"), ("month", "Months")],
        string="Unit of the period",
        default="month",
        required=True,
    )
    bss_period_months = fields.Integer(
        string="Length of the period", default=1, help="Count of units: 3 months are a quarter, 12 a year."
    )
    bss_activation_product_id = fields.Many2one(
        "product.product",
        string="Activation fee",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        domain="[('bss_is_offering', '=', True), ('bss_offering_kind', '=', 'one_off')]",
        help="One-off offering charged when a service is activated.",
    )
    bss_termination_product_id = fields.Many2one(
        "product.product",
        string="Termination fee",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        domain="[('bss_is_offering', '=', True), ('bss_offering_kind', '=', 'one_off')]",
        help="One-off offering charged when a service is terminated.",
    )
    bss_rate_plan_id = fields.Many2one(
        "bss.rate.plan", string="Rate plan", check_company=True, ondelete="restrict", index="btree_not_null"
    )
    bss_allowance_ids = fields.One2many("bss.offering.allowance", "template_id", string="Free units", copy=True)
    bss_technology = fields.Selection(
        [("any", "Any"), ("fibre", "Fibre"), ("hfc", "Cable (HFC)"), ("radio", "Radio"), ("mobile", "Mobile")],
        string="Technology",
        default="any",
    )
    bss_down_mbps = fields.Integer(string="Download (Mbit/s)")
    bss_up_mbps = fields.Integer(string="Upload (Mbit/s)")

    _bss_period = models.Constraint(
        "CHECK(bss_period_months > 0)", "A charging period is at least one day, week or month long."
    )

    @api.constrains("bss_activation_product_id", "bss_termination_product_id")
    def _check_bss_fees(self):
        for fee in self.bss_activation_product_id | self.bss_termination_product_id:
            if fee.bss_offering_kind != "one_off":
                raise ValidationError(
                    self.env._("%(name)s is no one-off offering: it cannot be a fee.", name=fee.display_name)
                )

    # --- findings

    def _bss_problems(self):
        """Findings in words: [(text, is it an error?)]. Every part of an offering adds its own through super()."""
        self.ensure_one()
        if self.list_price < 0 and self.bss_offering_kind != "discount":
            return [(self.env._("The price is below zero."), True)]
        return []

    # --- availability

    def _bss_why_not_available(self, on, location=None):
        """Reasons (kernel values) against selling the offering on ``on`` at ``location``; empty = may be sold."""
        self.ensure_one()
        place = location._bss_location_facts() if location else None
        return why_not_available(offering_facts(self), on, place)
