from odoo import api, fields, models


class BssCompetitor(models.Model):
    _name = "bss.competitor"
    _description = "Competitor"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    website = fields.Char()
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, default=lambda self: self.env.company)
    offer_ids = fields.One2many("bss.competitor.offer", "competitor_id", string="Offers")
    offer_count = fields.Integer(compute="_compute_offer_count", string="Number of offers")
    note = fields.Text(string="Notes")

    _name_uniq = models.UniqueIndex("(COALESCE(company_id, 0), name)", "This competitor is in the list already.")

    @api.depends("offer_ids")
    def _compute_offer_count(self):
        counts = dict(
            self.env["bss.competitor.offer"]._read_group(
                [("competitor_id", "in", self.ids)], ["competitor_id"], ["__count"]
            )
        )
        for competitor in self:
            competitor.offer_count = counts.get(competitor._origin, 0)

    def action_open_offers(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_catalog.action_bss_competitor_offer")
        action["domain"] = [("competitor_id", "=", self.id)]
        action["context"] = {"default_competitor_id": self.id}
        return action
