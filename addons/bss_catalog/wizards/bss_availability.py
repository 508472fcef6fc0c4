"""The screen "what can we sell at this address". Nothing is stored but the question and the chosen quantities."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .. import polish_day

SERVICE_ORDER = ("internet", "tv", "voip", "mobile", "other")
KIND_ORDER = ("recurring", "device", "one_off")


class BssAvailability(models.TransientModel):
    _name = "bss.availability"
    _description = "What can be sold at an address"
    _check_company_auto = True

    location_id = fields.Many2one("bss.location", string="Address", check_company=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    partner_id = fields.Many2one("res.partner", string="Customer", check_company=True, ondelete="cascade")
    customer_kind = fields.Selection(
        selection=lambda self: self.env["res.partner"]._fields["bss_customer_kind"]._description_selection(self.env),
        string="Kind of customer",
        compute="_compute_customer_kind",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    customer_status = fields.Selection(
        [("new", "New customer"), ("retained", "Present customer")], compute="_compute_customer_status"
    )
    day = fields.Date(required=True, default=polish_day.today)
    term_months = fields.Integer(string="Term (months)", default=24, help="0: a contract without a term.")
    pricelist_id = fields.Many2one("product.pricelist", string="Price list", check_company=True, ondelete="cascade")
    show_all = fields.Boolean(string="Also what is not on sale")
    line_ids = fields.One2many("bss.availability.line", "availability_id", string="Can be sold")
    place_html = fields.Html(string="At the address", compute="_compute_answer", sanitize=False)
    refused_html = fields.Html(string="Cannot be sold here", compute="_compute_answer", sanitize=False)
    promotion_html = fields.Html(string="Promotions not given", compute="_compute_answer", sanitize=False)
    summary_html = fields.Html(string="Chosen", compute="_compute_summary_html", sanitize=False)

    _term = models.Constraint("CHECK(term_months >= 0)", "The term is not negative.")

    @api.depends("pricelist_id", "company_id")
    def _compute_currency_id(self):
        for screen in self:
            screen.currency_id = screen.pricelist_id.currency_id or screen.company_id.currency_id

    @api.depends("partner_id")
    def _compute_customer_kind(self):
        for screen in self:
            screen.customer_kind = screen.partner_id.bss_customer_kind or screen.customer_kind or "consumer"

    @api.depends("partner_id", "day")
    def _compute_customer_status(self):
        for screen in self:
            day = screen.day or polish_day.today()
            screen.customer_status = screen.partner_id._bss_customer_status(day) if screen.partner_id else "new"

    @api.depends("location_id")
    def _compute_display_name(self):
        for screen in self:
            screen.display_name = screen.location_id.complete_name or self.env._("Availability")

    # --- the answer

    def _bss_offers(self):
        """Offers of the question (catalog_core.Offer), sellable or not; none without an address."""
        self.ensure_one()
        place = self.location_id._origin
        if not place or not self.day:
            return ()
        return place._bss_availability(
            self.day,
            self.customer_kind or "consumer",
            max(self.term_months, 0),
            partner=self.partner_id._origin,
            offerings=self._bss_asked_offerings() if self.show_all else None,
            pricelist=self.pricelist_id._origin,
        )

    def _bss_asked_offerings(self):
        """Everything there ever was, in all states."""
        return self.env["product.product"].search(
            [
                ("bss_is_offering", "=", True),
                ("bss_offering_kind", "in", KIND_ORDER),
                ("company_id", "in", [False, self.company_id.id]),
            ],
            order="default_code, id",
        )

    def _bss_ordered(self, offers):
        """Bundles first, then by kind of service; fees and devices last."""
        products = {one.id: one for one in self.env["product.product"].browse([o.product_id for o in offers])}

        def rank(offer):
            product = products[offer.product_id]
            return (
                KIND_ORDER.index(offer.kind),
                not product.bss_is_bundle,
                SERVICE_ORDER.index(product.bss_service_type or "other"),
                product.default_code or "",
            )

        return sorted(offers, key=rank)

    @api.onchange("location_id", "partner_id", "customer_kind", "day", "term_months", "pricelist_id", "show_all")
    def _onchange_question(self):
        """A line for everything that can be sold; quantities that were entered stay."""
        chosen = {(line.product_id.id, line.bundle_line_id.id): line.quantity for line in self.line_ids}
        self.line_ids = [Command.clear()] + [
            Command.create({**vals, "quantity": chosen.get((vals["product_id"], vals["bundle_line_id"]), 0)})
            for vals in self._bss_line_vals()
        ]

    def _bss_line_vals(self):
        vals_list = []
        for offer in self._bss_ordered([one for one in self._bss_offers() if one.sellable]):
            vals_list.append({"product_id": offer.product_id, "bundle_id": False, "bundle_line_id": False})
            vals_list += [
                {"product_id": part.product_id, "bundle_id": offer.product_id, "bundle_line_id": part.key}
                for part in offer.parts
                if part.optional and part.sellable
            ]
        return [{**vals, "sequence": number} for number, vals in enumerate(vals_list)]

    @api.depends("location_id", "partner_id", "customer_kind", "day", "term_months", "pricelist_id", "show_all")
    @api.depends_context("lang", "uid")
    def _compute_answer(self):
        for screen in self:
            offers = screen._bss_offers()
            refused = [offer for offer in screen._bss_ordered(offers) if not offer.sellable]
            screen.place_html = screen._bss_render("availability_place", screen._bss_place_values())
            screen.refused_html = screen._bss_render(
                "availability_refused", {"rows": screen._bss_refused_rows(refused)}
            )
            screen.promotion_html = screen._bss_render(
                "availability_promotions", {"rows": screen._bss_promotion_rows(offers)}
            )

    def _bss_render(self, template, values):
        if not self.location_id:
            return False
        return self.env["ir.qweb"]._render(f"bss_catalog.{template}", values)

    def _bss_place_values(self):
        place = self.location_id._origin
        if not place:
            return {}
        labels = dict(self.env["bss.location.technology"]._fields["technology"]._description_selection(self.env))
        ports = place._bss_port_counts()
        return {
            "technologies": [
                {
                    "name": labels.get(technology, technology),
                    "speed": f"{down}/{up}" if down or up else "",
                    "ports": ports.get(technology),
                }
                for technology, (down, up) in sorted(place._bss_technologies(self.day).items())
            ],
            "competitors": ", ".join(place._bss_competitors(self.day).mapped("name")),
        }

    def _bss_refused_rows(self, refused):
        """[(name of the offering, reasons in words)]"""
        words = self.env["bss.price.words"]
        ids = {part.product_id for offer in refused for part in offer.parts} | {offer.product_id for offer in refused}
        names = {product.id: product.name for product in self.env["product.product"].browse(ids)}
        return [
            (names[offer.product_id], [words._bss_reason(reason, names) for reason in offer.reasons])
            for offer in refused
        ]

    def _bss_promotion_rows(self, offers):
        """[(promotion, why not, offerings it would change)]; promotions of other offerings or fees are left out."""
        words = self.env["bss.price.words"]
        names = self._bss_promotion_names(offers)
        found = {}
        for offer in self._bss_fees_too(offers):
            for refused in offer.choice.refused:
                codes = {reason.code for reason in refused.reasons}
                if not codes & {"PROMO_OTHER_OFFERING", "PROMO_OTHER_TARGET"}:
                    text = " ".join(words._bss_reason(reason) for reason in refused.reasons)
                    found.setdefault((refused.promotion_id, text), []).append(offer.product_id)
            for lost in offer.choice.lost:
                text = words._bss_lost(lost, names)
                found.setdefault((lost.promotion_id, text), []).append(offer.product_id)
        products = self.env["product.product"].browse({one for ids in found.values() for one in ids})
        titles = {product.id: product.name for product in products}
        return [
            (names[promotion], text, ", ".join(dict.fromkeys(titles[one] for one in ids)) if len(ids) <= 3 else "")
            for (promotion, text), ids in found.items()
        ]

    @api.model
    def _bss_fees_too(self, offers):
        """Offers that can be sold, their parts and their fees: whatever promotions were asked for."""
        for offer in offers:
            if offer.sellable:
                yield from (one for one in (offer, offer.fee) if one is not None)
                yield from self._bss_fees_too(offer.parts)

    @api.model
    def _bss_promotion_names(self, offers):
        ids = set()
        for offer in self._bss_fees_too(offers):
            ids.update(offer.promotion_ids)
            ids.update(one.promotion_id for one in (*offer.choice.lost, *offer.choice.refused))
        return {promotion.id: promotion.name for promotion in self.env["bss.promotion"].browse(ids)}

    # --- what was chosen

    @api.depends(
        "line_ids.quantity", "term_months", "location_id", "day", "customer_kind", "partner_id", "pricelist_id"
    )
    @api.depends_context("lang", "uid")
    def _compute_summary_html(self):
        words = self.env["bss.price.words"]
        for screen in self:
            rows = screen._bss_chosen_rows()
            if not rows:
                screen.summary_html = False
                continue
            currency = screen.currency_id
            known = [row["total"] for row in rows if row["total"] is not None]
            screen.summary_html = self.env["ir.qweb"]._render(
                "bss_catalog.availability_summary",
                {
                    "rows": [
                        {
                            "name": row["name"],
                            "first": words._bss_money(row["first"], currency),
                            "total": words._bss_money(row["total"], currency) if row["total"] is not None else "",
                        }
                        for row in rows
                    ],
                    "first": words._bss_money(sum(row["first"] for row in rows), currency),
                    "total": words._bss_money(sum(known), currency) if len(known) == len(rows) else "",
                    "term": screen.term_months,
                },
            )

    def _bss_chosen_rows(self):
        """Sums of the chosen recurring offerings and fees: [{name, first, total}], Decimals."""
        rows = []
        for line, offer in self.line_ids._bss_line_offers():
            if line.quantity <= 0 or offer is None:
                continue
            quantity = line.quantity
            total = offer.total if offer.kind == "recurring" else offer.price
            rows.append(
                {
                    "name": line.product_id.name,
                    "first": offer.first_price * quantity,
                    "total": total * quantity if total is not None else None,
                }
            )
            if offer.fee is not None:
                fee = offer.fee.total * quantity
                name = self.env["product.product"].browse(offer.fee.product_id).name
                rows.append({"name": name, "first": fee, "total": fee})
        return rows

    def _bss_chosen(self):
        """[(line, offer)] of the lines with a quantity, asked again now.

        :raises UserError: nothing is chosen, an optional part without its bundle, or what can no longer be sold
        """
        self.ensure_one()
        if not self.location_id:
            raise UserError(self.env._("Choose an address first."))
        chosen = [(line, offer) for line, offer in self.line_ids._bss_line_offers() if line.quantity > 0]
        if not chosen:
            raise UserError(self.env._("Enter the quantity of what the customer takes."))
        bundles = {line.product_id for line, _offer in chosen if not line.bundle_id}
        for line, offer in chosen:
            if offer is None:
                raise UserError(self.env._("%(name)s cannot be sold here any more.", name=line.product_id.name))
            if line.bundle_id and line.bundle_id not in bundles:
                raise UserError(
                    self.env._(
                        "%(part)s at this price is a part of %(bundle)s: choose the bundle too.",
                        part=line.product_id.name,
                        bundle=line.bundle_id.name,
                    )
                )
        return chosen
