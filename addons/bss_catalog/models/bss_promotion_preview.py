from odoo import api, fields, models

from ..adapters import decimal, promotion_facts
from ..catalog_core import price_by_month, relief_by_month, units_by_month
from ..catalog_core.availability import horizon_of


class BssPromotion(models.Model):
    _inherit = "bss.promotion"  # pylint: disable=consider-merging-classes-inherited

    preview_price = fields.Monetary(
        string="Example price",
        compute="_compute_preview_price",
        readonly=False,
        store=False,
        help="List price of the offering on which the table shows the promotion.",
    )
    preview_html = fields.Html(string="Month by month", compute="_compute_preview_html", sanitize=False)
    summary = fields.Char(string="In short", compute="_compute_summary")
    next_month = fields.Integer(compute="_compute_next_month", help="Month in which a further step would begin.")

    @api.depends("product_ids", "target", "bundle_id", "company_id")
    def _compute_preview_price(self):
        for promotion in self:
            promotion.preview_price = promotion._bss_example_offering().lst_price

    def _bss_example_offering(self):
        """An offering whose fee the promotion changes: one of its own, of its bundle, else one that is on sale."""
        self.ensure_one()
        offerings = self.product_ids or self.bundle_id.bss_bundle_line_ids.product_id
        if not offerings:
            offerings = self.env["product.product"].search(
                [
                    ("bss_is_offering", "=", True),
                    ("bss_lifecycle", "=", "on_sale"),
                    ("bss_is_bundle", "=", False),
                    ("bss_offering_kind", "=", "recurring"),
                    ("company_id", "in", [False, self.company_id.id]),
                ],
                order="default_code, id",
            )
        if self.target == "activation":
            own = offerings.filtered(lambda one: one.bss_offering_kind == "one_off")
            offerings = own or offerings.bss_activation_product_id
        return offerings.filtered(lambda one: one.lst_price > 0)[:1]

    @api.depends("step_ids.month_to", "step_ids.kind")
    def _compute_next_month(self):
        for promotion in self:
            prices = promotion.step_ids.filtered(lambda step: step.kind != "units")
            promotion.next_month = max(prices.mapped("month_to"), default=0) + 1

    @api.depends(
        "preview_price",
        "priority",
        "is_exclusive",
        "target",
        "step_ids.month_from",
        "step_ids.month_to",
        "step_ids.kind",
        "step_ids.value",
        "step_ids.unit",
        "step_ids.quantity",
    )
    def _compute_preview_html(self):
        words = self.env["bss.price.words"]
        for promotion in self:
            facts = promotion_facts(promotion)
            if not facts.steps or any(step.month_from < 1 for step in facts.steps):
                promotion.preview_html = False
                continue
            currency = promotion.currency_id or self.env.company.currency_id
            price = decimal(promotion.preview_price)
            horizon = 1 if promotion.target == "activation" else horizon_of([facts], 0)
            term = max(promotion.min_term_months, horizon - 1)
            relief = sum((row.relief for row in relief_by_month(price, [facts], term)), decimal(0))
            promotion.preview_html = self.env["ir.qweb"]._render(
                "bss_catalog.promotion_preview",
                {
                    "price": words._bss_money(price, currency),
                    "rows": words._bss_price_rows(price_by_month(price, [facts], horizon), currency),
                    "units": words._bss_unit_rows(units_by_month([facts], horizon)),
                    "is_fee": promotion.target == "activation",
                    "term": term,
                    "relief": words._bss_money(relief, currency),
                },
            )

    @api.depends("step_ids.month_from", "step_ids.month_to", "step_ids.kind", "step_ids.value", "target")
    @api.depends_context("lang")
    def _compute_summary(self):
        for promotion in self:
            promotion.summary = "; ".join(step._bss_words() for step in promotion.step_ids)

    def _bss_prices_by_month(self, price, months):
        """Price of a full period in months 1 … ``months`` of a service with these promotions (MonthPrice, exact).

        :param price: list price, Decimal or float
        """
        return price_by_month(decimal(price), [promotion_facts(promotion) for promotion in self], months)
