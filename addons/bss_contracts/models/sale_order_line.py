from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ..adapters import decimal
from ..price_sides import PriceSides


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    bss_promotion_ids = fields.Many2many(
        "bss.promotion",
        "bss_promotion_sale_order_line_rel",
        "line_id",
        "promotion_id",
        string="Promotions",
        check_company=True,
        domain="[('state', '=', 'on_sale')]",
        help="Granted when the service becomes active; their months count from that day.",
    )
    bss_price_kind = fields.Selection(
        [("net", "Net"), ("gross", "Gross")],
        string="Price Is",
        required=True,
        default="net",
        help="A gross price is invoiced to the grosz as the customer knows it.",
    )
    bss_price_given = fields.Boolean(
        string="Price Given",
        readonly=True,
        help="The price was asked at the address; a changed quantity does not change it.",
    )
    bss_bundle_product_id = fields.Many2one(
        "product.product", string="Part of Bundle", check_company=True, ondelete="restrict", index="btree_not_null"
    )
    bss_service_ids = fields.One2many("bss.service", "sale_line_id", string="Services")

    def _bss_is_offering(self):
        """For each line: is it sold by contracts and bill runs?"""
        return [bool(line.product_id.bss_is_offering) for line in self]

    # -- billing stays with the bill runs -----------------------------------------------------------

    @api.depends("product_id.bss_is_offering")
    def _compute_qty_to_invoice(self):
        telecom = self.filtered(lambda line: line.product_id.bss_is_offering)
        telecom.qty_to_invoice = 0
        return super(SaleOrderLine, self - telecom)._compute_qty_to_invoice()

    @api.depends("product_id.bss_is_offering")
    def _compute_invoice_status(self):
        telecom = self.filtered(lambda line: line.product_id.bss_is_offering)
        telecom.invoice_status = "no"
        return super(SaleOrderLine, self - telecom)._compute_invoice_status()

    # -- price --------------------------------------------------------------------------------------

    def _compute_price_unit(self):
        return super(SaleOrderLine, self.filtered(lambda line: not line.bss_price_given))._compute_price_unit()

    @api.depends("bss_price_kind")
    def _compute_amount(self):
        return super()._compute_amount()

    def _prepare_base_line_for_taxes_computation(self, **kwargs):
        if self.bss_price_kind == "gross":
            kwargs.setdefault("special_mode", "total_included")
        return super()._prepare_base_line_for_taxes_computation(**kwargs)

    def _bss_price(self):
        """Exact price of one unit for a whole period after the discount of the line, before promotions."""
        self.ensure_one()
        price = decimal(self.price_unit)
        return price * (100 - decimal(self.discount)) / 100 if self.discount else price

    def _bss_price_runs(self):
        """Prices of a whole period for all units, promotions applied: [{"months": in words, "price": Decimal}]."""
        self.ensure_one()
        amount = self.product_id.product_tmpl_id._bss_amount_of(
            decimal(self.product_uom_qty), self._bss_price(), self.bss_price_kind
        )
        recurring = self.product_id.bss_is_offering and self.product_id.bss_offering_kind == "recurring"
        return self.bss_promotion_ids._bss_price_runs(amount, self.order_id.bss_term_months, recurring)

    def _bss_price_row(self):
        """What the printed offer says of the line."""
        self.ensure_one()
        product, order = self.product_id, self.order_id
        recurring = product.bss_is_offering and product.bss_offering_kind == "recurring"
        row = {
            "name": product.name,
            "bundle": self.bss_bundle_product_id.name or "",
            "quantity": self.product_uom_qty,
            "list_price": self._bss_price(),
            "is_gross": self.bss_price_kind == "gross",
            "promotions": self.bss_promotion_ids.sudo().mapped("name"),
            "recurring": recurring,
            "is_deposit": product.bss_offering_kind == "deposit",
            "runs": self._bss_price_runs(),
        }
        return PriceSides(self.env, order.company_id, order.partner_id).row(row, product)

    def _bss_description(self):
        """Description of the line with its promotions month by month, as Odoo's own print and the portal show it."""
        self.ensure_one()
        line = self.with_context(lang=self.order_id._get_lang())
        text = line._get_sale_order_line_multiline_description_sale()
        if not line.bss_promotion_ids:
            return text
        currency = line.order_id.currency_id
        row = line._bss_price_row()
        side = "gross" if line.order_id._bss_is_consumer() else "net"
        kind = line.env._("with VAT") if side == "gross" else line.env._("net")
        prices = [
            f"{run['months']}: {formatLang(line.env, float(run[side]), currency_obj=currency)} {kind}".removeprefix(
                ": "
            )
            for run in row["runs"]
        ]
        return "\n".join([text, ", ".join(row["promotions"]), *prices])
