from odoo import api, fields, models


class BssAvailabilityLine(models.TransientModel):
    """An offering that can be sold; what it costs is asked anew whenever it is shown."""

    _name = "bss.availability.line"
    _description = "Offering at an address"
    _order = "availability_id, sequence, id"
    _check_company_auto = True

    availability_id = fields.Many2one("bss.availability", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="availability_id.company_id", store=True, index=True)
    sequence = fields.Integer()
    product_id = fields.Many2one(
        "product.product", string="Offering", required=True, ondelete="cascade", check_company=True
    )
    bundle_id = fields.Many2one("product.product", string="In the bundle", ondelete="cascade", check_company=True)
    bundle_line_id = fields.Many2one("bss.bundle.line", string="Part", ondelete="cascade")
    quantity = fields.Integer(string="Take")
    name = fields.Char(string="Can be sold", compute="_compute_offer")
    currency_id = fields.Many2one(related="availability_id.currency_id")
    offering_kind = fields.Selection(related="product_id.bss_offering_kind")
    service_type = fields.Selection(related="product_id.bss_service_type")
    is_bundle = fields.Boolean(related="product_id.bss_is_bundle")
    first_price = fields.Monetary(string="Now", compute="_compute_offer", help="First month, after promotions.")
    first_gross = fields.Monetary(
        string="Now with VAT", compute="_compute_offer", help="First month, after promotions, as a consumer pays it."
    )
    list_price = fields.Monetary(string="List price", compute="_compute_offer")
    price_kind = fields.Selection([("net", "Net"), ("gross", "Gross")], string="Prices are", compute="_compute_offer")
    steps_html = fields.Html(string="Month by month", compute="_compute_offer", sanitize=False)
    fee_price = fields.Monetary(string="Activation", compute="_compute_offer", help="Activation fee after promotions.")
    total = fields.Monetary(
        string="Whole term", compute="_compute_offer", help="All months of the term, without the activation fee."
    )
    relief = fields.Monetary(compute="_compute_offer", help="What the promotions take off over the term.")
    promotion_ids = fields.Many2many("bss.promotion", string="Promotions", compute="_compute_offer")

    _quantity = models.Constraint("CHECK(quantity >= 0)", "A quantity is not negative.")

    def _bss_line_offers(self):
        """[(line, offer or None)], every screen asked once."""
        pairs = []
        for screen in self.availability_id:
            found = {}
            for offer in screen._bss_offers():
                if offer.sellable:
                    found[offer.product_id, 0] = offer
                    found.update({(offer.product_id, part.key): part for part in offer.parts if part.sellable})
            for line in self.filtered(lambda one, s=screen: one.availability_id == s):
                key = (line.bundle_id.id or line.product_id.id, line.bundle_line_id.id or 0)
                pairs.append((line, found.get(key)))
        return pairs

    @api.depends(
        "product_id",
        "bundle_line_id",
        "availability_id.location_id",
        "availability_id.partner_id",
        "availability_id.customer_kind",
        "availability_id.day",
        "availability_id.term_months",
        "availability_id.pricelist_id",
        "availability_id.show_all",
    )
    @api.depends_context("lang", "uid")
    def _compute_offer(self):
        for line, offer in self._bss_line_offers():
            line._bss_show(offer)

    def _bss_show(self, offer):
        """Fill the row; an offering that can no longer be sold has no price."""
        self.ensure_one()
        promotions = self.env["bss.promotion"]
        self.name = f"+ {self.product_id.name}" if self.bundle_id else self.product_id.name
        if offer is None:
            self.update(
                dict.fromkeys(("first_price", "first_gross", "list_price", "fee_price", "total", "relief"), 0.0)
            )
            self.price_kind = self.steps_html = False
            self.promotion_ids = promotions
            return
        everything = [one for one in (offer, offer.fee, *(p for p in offer.parts if not p.optional)) if one is not None]
        granted = list(dict.fromkeys(one for part in everything for one in part.promotion_ids))
        self.list_price = float(offer.price)
        self.first_price = float(offer.first_price)
        self.price_kind = offer.price_kind
        self.fee_price = float(offer.fee.total) if offer.fee is not None else 0.0
        self.first_gross = self._bss_gross(offer)
        self.total = float((offer.total if offer.kind == "recurring" else offer.price) or 0)
        self.relief = float(offer.relief or 0)
        self.promotion_ids = promotions.browse(granted)
        self.steps_html = self._bss_steps(offer)

    def _bss_gross(self, offer):
        """First month with VAT; of a bundle part by part, as each has its own taxes."""
        if offer.parts:
            fixed = [part for part in offer.parts if not part.optional]
            return sum(self._bss_gross(part) * float(part.quantity) for part in fixed)
        if offer.price_kind == "gross":
            return float(offer.first_price)
        return float(self.env["product.product"].browse(offer.product_id)._bss_gross_of(offer.first_price))

    def _bss_steps(self, offer):
        """Price of each month and free units, as a small table; nothing when the price never changes."""
        words = self.env["bss.price.words"]
        rows = words._bss_price_rows(offer.months, self.currency_id) if len(offer.months) > 1 else []
        units = words._bss_unit_rows(offer.units)
        if len(rows) < 2 and not units and not any(row["is_reduced"] for row in rows):
            return False
        return self.env["ir.qweb"]._render("bss_catalog.availability_steps", {"rows": rows, "units": units})
