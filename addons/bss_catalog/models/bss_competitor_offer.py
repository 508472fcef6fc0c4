from odoo import api, fields, models


class BssCompetitorOffer(models.Model):
    """What a competitor sells at a place; it holds for everything inside the place."""

    _name = "bss.competitor.offer"
    _description = "Offer of a Competitor"
    _order = "location_id, competitor_id, date_start DESC NULLS LAST, id"
    _check_company_auto = True

    competitor_id = fields.Many2one(
        "bss.competitor", required=True, index=True, check_company=True, ondelete="restrict"
    )
    location_id = fields.Many2one(
        "bss.location", string="Place", required=True, index=True, check_company=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    technology = fields.Selection(
        [
            ("fibre", "Fibre"),
            ("hfc", "Cable (HFC)"),
            ("radio", "Radio"),
            ("mobile", "Mobile"),
            ("dsl", "DSL"),
            ("other", "Other"),
        ],
        default="fibre",
    )
    down_mbps = fields.Integer(string="Download (Mbit/s)")
    price = fields.Monetary(help="Gross price per month, as advertised.")
    date_start = fields.Date(string="From")
    date_end = fields.Date(string="To", help="Last day, included.")
    active = fields.Boolean(default=True)
    note = fields.Char(string="Notes", help="Where it was seen, on which conditions.")

    _values = models.Constraint("CHECK(down_mbps >= 0 AND price >= 0)", "A speed or a price is not negative.")
    _dates = models.Constraint(
        "CHECK(date_end IS NULL OR date_start IS NULL OR date_end >= date_start)",
        "An offer ends on or after its first day.",
    )

    @api.depends("company_id")
    def _compute_currency_id(self):
        for offer in self:
            offer.currency_id = (offer.company_id or self.env.company).currency_id

    @api.depends("competitor_id", "location_id")
    def _compute_display_name(self):
        for offer in self:
            offer.display_name = f"{offer.competitor_id.name or ''} – {offer.location_id.complete_name or ''}"
