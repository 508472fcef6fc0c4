"""What is at a place on a day: technologies with their speeds, competitors. One query for many places."""

from odoo import fields, models
from odoo.tools import SQL

from .. import polish_day
from .bss_location_tree import EFFECTIVE


class BssLocation(models.Model):
    _inherit = "bss.location"  # pylint: disable=consider-merging-classes-inherited

    def _bss_technologies(self, on):
        """Technologies here on ``on``: {technology: (download, upload)} in Mbit/s; (0, 0) = speed not known."""
        self.ensure_one()
        return self._bss_technologies_by_location(on)[self._origin.id or self.parent_id.id]

    def _bss_technologies_by_location(self, on):
        """{id of a place: {technology: (download, upload)}} on ``on``, for all of these places in one query.

        The nearest place going up that has a row begun by the day decides; when its latest row has ended or says
        "not here", the technology is not here.
        """
        wanted = self._origin | self.filtered(lambda one: not one._origin.id).parent_id._origin
        found = {one: {} for one in wanted.ids}
        found.setdefault(False, {})
        if not wanted:
            return found
        self.env["bss.location.technology"].flush_model()
        self.flush_model(["parent_path"])
        query = EFFECTIVE.format(places="(SELECT id, parent_path FROM bss_location WHERE id = ANY(%(ids)s))")
        for place, technology, down, up, _node, here in self.env.execute_query(SQL(query, ids=wanted.ids, day=on)):
            if here:
                found[place][technology] = (down or 0, up or 0)
        return found

    def _bss_competitors(self, on):
        """Competitors with an offer at this place, or at a place it is part of, on ``on``."""
        self.ensure_one()
        return self._bss_competitors_by_location(on).get(self._origin.id, self.env["bss.competitor"])

    def _bss_competitors_by_location(self, on):
        """{id of a place: its competitors on ``on``}, for all of these places in one query; places without: absent."""
        if not self.ids:
            return {}
        self.env["bss.competitor.offer"].flush_model()
        self.flush_model(["parent_path"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT place.id, array_agg(DISTINCT offer.competitor_id)
                FROM bss_location place
                CROSS JOIN LATERAL unnest(string_to_array(trim(trailing '/' from place.parent_path), '/')::int[]) above(id)
                JOIN bss_competitor_offer offer ON offer.location_id = above.id AND offer.active
                WHERE place.id = ANY(%(ids)s)
                    AND (offer.date_start IS NULL OR offer.date_start <= %(day)s)
                    AND (offer.date_end IS NULL OR offer.date_end >= %(day)s)
                    AND (offer.company_id IS NULL OR offer.company_id = ANY(%(companies)s))
                    AND (offer.company_id IS NULL OR place.company_id IS NULL OR offer.company_id = place.company_id)
                GROUP BY place.id
                """,
                ids=self.ids,
                day=on,
                companies=self.env.companies.ids,
            )
        )
        return {place: self.env["bss.competitor"].browse(sorted(found)) for place, found in rows}

    # --- writing by flag

    def _bss_write_flags(self, flags):
        """``flags``: {"has_fibre": True or False}. Adds, blocks or ends rows so that today answers like this."""
        today = polish_day.today()
        found = self._bss_technologies_by_location(today)
        for location in self:
            for flag, wanted in flags.items():
                technology = flag.removeprefix("has_")
                if bool(wanted) != (technology in found[location.id]):
                    location._bss_set_technology(technology, bool(wanted), today)

    def _bss_set_technology(self, technology, present, today):
        """Make ``technology`` present here from ``today`` on, or not."""
        self.ensure_one()
        rows = self.env["bss.location.technology"]
        own = rows.search([("location_id", "=", self.id), ("technology", "=", technology)])
        begun = own.filtered(lambda row: not row.date_start or row.date_start <= today)
        if begun and begun[-1:].date_start == today:
            begun[-1:].write({"is_blocked": not present, "date_end": False})
            return
        begun[-1:].filtered(lambda row: not row.date_end or row.date_end >= today).date_end = fields.Date.subtract(
            today, days=1
        )
        if present or not begun:
            rows.create(
                {
                    "location_id": self.id,
                    "technology": technology,
                    "is_blocked": not present,
                    "date_start": today if begun or not present else False,
                }
            )

    def action_push_technologies(self):
        """Let every part take over the technologies from here: the rows of the parts go."""
        for location in self:
            inside = self.search([("id", "child_of", location.id), ("id", "!=", location.id)])
            self.env["bss.location.technology"].search([("location_id", "in", inside.ids)]).unlink()
