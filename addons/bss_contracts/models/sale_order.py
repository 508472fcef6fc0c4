from datetime import datetime, time

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..document_core import decimal_from_float, format_money, format_quantity

OFFER_TEMPLATE = "bss_contracts.document_offer"
CUSTOMER_KEYS = ("location", "partner", "day", "term_months", "lines")


class SaleOrder(models.Model):
    """An offer of telecom services; what its acceptance does is in ``sale_order_contract.py``."""

    _inherit = "sale.order"

    bss_is_telecom = fields.Boolean(
        string="Telecom Offer",
        compute="_compute_bss_is_telecom",
        store=True,
        help="It offers services of the catalogue.",
    )
    bss_location_id = fields.Many2one(
        "bss.location", string="Place of Installation", check_company=True, index="btree_not_null", ondelete="restrict"
    )
    bss_account_id = fields.Many2one(
        "bss.account",
        string="Billing Account",
        check_company=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('partner_id', '=', partner_id), ('state', '=', 'active')]",
        help="Empty: the customer's only account, or a new one made at the acceptance.",
    )
    bss_term_months = fields.Integer(string="Term (months)", help="0 = for an indefinite time.")
    bss_notice_months = fields.Integer(string="Notice (months)", default=1)
    bss_date_start = fields.Date(
        string="Wanted From", copy=False, help="Day from which the services are ordered; empty = day of the acceptance."
    )
    bss_amount_recurring = fields.Monetary(
        string="Recurring per Period", compute="_compute_bss_amounts", help="Net list prices before promotions."
    )
    bss_amount_one_off = fields.Monetary(string="One-off Payments", compute="_compute_bss_amounts", help="Net.")
    bss_document_count = fields.Integer(compute="_compute_bss_document_count", string="Printed Offers")

    _bss_term_check = models.Constraint(
        "CHECK(bss_term_months >= 0 AND bss_notice_months >= 0)", "Term and notice must not be negative."
    )

    @api.depends("order_line.product_id.bss_is_offering")
    def _compute_bss_is_telecom(self):
        for order in self:
            order.bss_is_telecom = any(order.order_line._bss_is_offering())

    @api.depends("order_line.price_subtotal", "order_line.product_id.bss_offering_kind")
    def _compute_bss_amounts(self):
        for order in self:
            lines = order.order_line.filtered(lambda line: line.product_id.bss_is_offering)
            recurring = lines.filtered(lambda line: line.product_id.bss_offering_kind == "recurring")
            order.bss_amount_recurring = sum(recurring.mapped("price_subtotal"))
            order.bss_amount_one_off = sum((lines - recurring).mapped("price_subtotal"))

    @api.depends_context("uid")
    def _compute_bss_document_count(self):
        counts = dict(
            self.env["bss.document"]._read_group(
                [("res_model", "=", self._name), ("res_id", "in", self.ids)], ["res_id"], ["__count"]
            )
        )
        for order in self:
            order.bss_document_count = counts.get(order.id, 0)

    # -- from the availability screen ---------------------------------------------------------------

    @api.model
    def _bss_from_availability(self, data):
        """The quotation of what was chosen at an address.

        :param data: dict of location, partner (records), day (date), term_months, lines (list of dicts of product_id,
            quantity, price_unit: list price of a whole period, price_kind, promotion_ids, bundle_product_id, is_fee) and,
            if wanted, pricelist. Prices are taken as they are.
        :raise UserError: what cannot be offered, in words
        """
        self._bss_check_availability(data)
        vals = {
            "partner_id": data["partner"].id,
            "company_id": self.env.company.id,
            "date_order": datetime.combine(data["day"], time(11)),
            "bss_location_id": data["location"].id,
            "bss_term_months": data["term_months"],
            "order_line": [Command.create(self._bss_availability_line(line)) for line in data["lines"]],
            # without a price list of its own the prices are those of the catalogue, in the company's currency
            "pricelist_id": data["pricelist"].id if data.get("pricelist") else False,
        }
        order = self.create(vals)
        for line in order.order_line:
            line.name = line._bss_description()
        return order

    @api.model
    def _bss_check_availability(self, data):
        missing = [key for key in CUSTOMER_KEYS if key not in data]
        if missing:
            raise ValueError(f"an offer needs {', '.join(missing)}")
        if not data["partner"]:
            raise UserError(self.env._("Choose the customer of the offer."))
        if not data["lines"]:
            raise UserError(self.env._("Choose at least one offering."))
        for line in data["lines"]:
            product = self.env["product.product"].browse(line["product_id"]).exists()
            if not product.bss_is_offering:
                raise UserError(
                    self.env._("%(product)s is no offering of the catalogue.", product=product.display_name or "?")
                )
            if line["quantity"] <= 0 or line["price_unit"] < 0:
                raise UserError(
                    self.env._(
                        "%(product)s cannot be offered: quantity %(quantity)s, price %(price)s.",
                        product=product.display_name,
                        quantity=line["quantity"],
                        price=line["price_unit"],
                    )
                )
            if product.bss_lifecycle != "on_sale":
                raise UserError(self.env._("%(product)s is not on sale.", product=product.display_name))

    @api.model
    def _bss_availability_line(self, line):
        return {
            "product_id": line["product_id"],
            "product_uom_qty": line["quantity"],
            "price_unit": float(line["price_unit"]),
            "bss_price_kind": line.get("price_kind") or "net",
            "bss_price_given": True,
            "bss_promotion_ids": [Command.set(list(line.get("promotion_ids") or ()))],
            "bss_bundle_product_id": line.get("bundle_product_id") or False,
        }

    # -- invoices -----------------------------------------------------------------------------------

    def _get_invoiced(self):
        """Viewers open offers but read no journal items, which Odoo counts the invoices of an order by."""
        return super(SaleOrder, self.sudo())._get_invoiced()

    def _get_edi_builders(self):
        """What is billed by bill runs is no order another system could take over."""
        return [] if any(self.mapped("bss_is_telecom")) else super()._get_edi_builders()

    # -- printed offer ------------------------------------------------------------------------------

    def action_bss_print_offer(self):
        """Archive the offer as it stands and open the PDF."""
        self.ensure_one()
        self.check_access("write")
        account = self.bss_account_id
        document = self.env["bss.document"]._bss_issue_letter(
            OFFER_TEMPLATE, "offer", self.name, self, account, self._bss_offer_values(), partner=self.partner_id
        )
        return document.action_open()

    def _bss_offer_pdf(self):
        """PDF bytes of the offer as it stands, not archived: for the portal, e-mails and Odoo's own print."""
        self.ensure_one()
        return self.env["bss.document"]._bss_letter_pdf(
            OFFER_TEMPLATE, "offer", self.name, self.partner_id, self.company_id, self._bss_offer_values()
        )

    def _bss_offer_values(self):
        """Names of the offer's template beside those of every letter."""
        _lang, code = self.env["bss.document"]._bss_letter_language(self.partner_id)
        order = self.with_context(lang=code)
        return {
            "order": order,
            "account": order.bss_account_id,
            "prices": order._bss_price_table(),
            "acceptance": order._bss_acceptance(),
        }

    def _bss_price_table(self):
        """Rows of the printed prices: service, quantity, list price and the price of each run of months."""
        self.ensure_one()
        return [line._bss_price_row() for line in self.order_line if line.product_id]

    def _bss_is_consumer(self):
        return self.partner_id.commercial_partner_id.bss_customer_kind == "consumer"

    def _bss_money_text(self, value):
        """An amount as the printed offer writes it, for the page of the portal."""
        return format_money(decimal_from_float(float(value)), self.currency_id.name)

    def _bss_quantity_text(self, value):
        return format_quantity(decimal_from_float(float(value), 6))

    def action_view_bss_documents(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.action_bss_document")
        action["domain"] = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        action["context"] = {"create": False}
        return action
