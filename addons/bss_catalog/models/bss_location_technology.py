from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .bss_location import TECHNOLOGIES


class BssLocationTechnology(models.Model):
    """A technology at a place with its highest speeds. Parts take it over unless they have a row of their own."""

    _name = "bss.location.technology"
    _description = "Technology at a Location"
    _order = "location_id, technology, date_start NULLS FIRST, id"
    _check_company_auto = True

    location_id = fields.Many2one(
        "bss.location", string="Place", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(related="location_id.company_id", store=True, index=True, precompute=True)
    technology = fields.Selection(TECHNOLOGIES, required=True)
    down_mbps = fields.Integer(string="Download (Mbit/s)", help="Highest speed that can be sold here; 0 = not known.")
    up_mbps = fields.Integer(string="Upload (Mbit/s)", help="Highest speed that can be sold here; 0 = not known.")
    date_start = fields.Date(string="From", help="First day; empty = since ever.")
    date_end = fields.Date(string="To", help="Last day, included; empty = until further notice.")
    is_blocked = fields.Boolean(
        string="Not here", help="The technology does not reach this place although it reaches the place above it."
    )
    node_id = fields.Many2one(
        "bss.network.node", string="Network node", check_company=True, index="btree_not_null", ondelete="set null"
    )

    _speeds = models.Constraint("CHECK(down_mbps >= 0 AND up_mbps >= 0)", "A speed is not negative.")
    _dates = models.Constraint(
        "CHECK(date_end IS NULL OR date_start IS NULL OR date_end >= date_start)",
        "A technology ends on or after its first day.",
    )

    @api.depends("technology", "down_mbps", "up_mbps", "location_id")
    def _compute_display_name(self):
        labels = dict(self._fields["technology"]._description_selection(self.env))
        for row in self:
            speed = f" {row.down_mbps}/{row.up_mbps}" if row.down_mbps or row.up_mbps else ""
            row.display_name = f"{labels.get(row.technology, '')}{speed}"

    @api.constrains("location_id", "technology", "date_start", "date_end")
    def _check_overlap(self):
        self.flush_model()
        clash = self.env.execute_query(
            SQL(
                """
                SELECT one.location_id, one.technology FROM bss_location_technology one
                JOIN bss_location_technology other
                    ON other.location_id = one.location_id AND other.technology = one.technology AND other.id <> one.id
                    AND daterange(one.date_start, one.date_end, '[]') && daterange(other.date_start, other.date_end, '[]')
                WHERE one.id = ANY(%s) LIMIT 1
                """,
                self.ids,
            )
        )
        if clash:
            labels = dict(self._fields["technology"]._description_selection(self.env))
            raise ValidationError(
                self.env._(
                    "%(technology)s at %(place)s: two rows hold on the same day. End the first one before the next begins.",
                    technology=labels[clash[0][1]],
                    place=self.env["bss.location"].browse(clash[0][0]).display_name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows.location_id._bss_refresh_technologies()
        return rows

    def write(self, vals):
        places = self.location_id
        done = super().write(vals)
        (places | self.location_id)._bss_refresh_technologies()
        return done

    def unlink(self):
        places = self.location_id
        done = super().unlink()
        places._bss_refresh_technologies()
        return done
