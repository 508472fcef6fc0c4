"""What the customer of an offer pays in the first month, promotions counted."""

from odoo import api, fields, models

from ..adapters import decimal
from ..billing_core import round_half_up

TOTALS = ("base_amount_currency", "total_amount_currency")


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"  # pylint: disable=consider-merging-classes-inherited

    bss_price_first = fields.Monetary(
        string="First Month",
        compute="_compute_bss_price_first",
        help="Price of the first month with promotions, net or gross as the price is; of a one-off offering what is "
        "paid once.",
    )

    @api.depends(
        "product_id", "product_uom_qty", "price_unit", "discount", "bss_price_kind", "bss_promotion_ids.step_ids"
    )
    def _compute_bss_price_first(self):
        for line in self:
            if not line.product_id.bss_is_offering:
                line.bss_price_first = line.price_subtotal
                continue
            amount = line.product_id.product_tmpl_id._bss_amount_of(
                decimal(line.product_uom_qty), line._bss_price(), line.bss_price_kind
            )
            (row,) = line.bss_promotion_ids.sudo()._bss_prices_by_month(amount, 1)
            line.bss_price_first = float(round_half_up(row.price))


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    bss_has_promotions = fields.Boolean(
        compute="_compute_bss_first", help="Some line costs less or more than its list price in the first month."
    )
    bss_first_net = fields.Monetary(
        string="First Month, Net",
        compute="_compute_bss_first",
        help="Recurring prices of the first month with promotions, net.",
    )
    bss_first_gross = fields.Monetary(
        string="First Month with VAT",
        compute="_compute_bss_first",
        help="Recurring prices of the first month with promotions and VAT.",
    )

    bss_regular_gross = fields.Monetary(
        string="Regular Price with VAT",
        compute="_compute_bss_first",
        help="Recurring list prices of a period with VAT, after all promotions.",
    )
    bss_one_off_gross = fields.Monetary(
        string="One-off Payments with VAT",
        compute="_compute_bss_first",
        help="With promotions; deposits are outside VAT.",
    )

    @api.depends("order_line.bss_price_first", "order_line.price_subtotal", "order_line.tax_ids", "partner_id")
    def _compute_bss_first(self):
        for order in self:
            lines = order.order_line.filtered("product_id.bss_is_offering")
            recurring = lines.filtered(lambda line: line.product_id.bss_offering_kind == "recurring")
            deposits = lines.filtered(lambda line: line.product_id.bss_offering_kind == "deposit")
            order.bss_first_net, order.bss_first_gross = order._bss_first_totals(recurring)
            order.bss_regular_gross = order._bss_totals(
                [line._prepare_base_line_for_taxes_computation() for line in recurring]
            )[1]
            once = order._bss_first_totals(lines - recurring - deposits)[1]
            order.bss_one_off_gross = once + sum(deposits.mapped("bss_price_first"))
            order.bss_has_promotions = bool(order.order_line.bss_promotion_ids)

    def _bss_first_totals(self, lines):
        """(net, gross) of what these lines cost in the first month, or once."""
        return self._bss_totals(
            [
                line._prepare_base_line_for_taxes_computation(
                    price_unit=line.bss_price_first, quantity=1.0, discount=0.0
                )
                for line in lines
            ]
        )

    def _bss_totals(self, base_lines):
        taxes, company = self.env["account.tax"], self.company_id or self.env.company
        taxes._add_tax_details_in_base_lines(base_lines, company)
        taxes._round_base_lines_tax_details(base_lines, company)
        summary = taxes._get_tax_totals_summary(base_lines, self.currency_id or company.currency_id, company)
        return tuple(summary[name] for name in TOTALS)
