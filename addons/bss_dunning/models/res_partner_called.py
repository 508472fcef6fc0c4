"""Calls among the contacts of a customer."""

from datetime import date

from odoo import api, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import SQL


class ResPartner(models.Model):
    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_contact_sources(self, company, first, last):
        self.env["bss.dunning.call.attempt"].flush_model(["partner_id", "day", "reached", "company_id"])
        calls = SQL(
            """
            SELECT attempt.partner_id AS partner_id, attempt.day AS day, 'call'::varchar AS channel,
                   COALESCE(attempt.reached, FALSE) AS reached
              FROM bss_dunning_call_attempt attempt
             WHERE attempt.company_id = %s AND attempt.day BETWEEN %s AND %s
            """,
            company.id,
            first,
            last,
        )
        return [*super()._bss_contact_sources(company, first, last), calls]

    @api.model
    def _bss_last_contact_query(self, company, partner_ids):
        """SQL of rows ``(partner_id, day)``: when customers were last contacted by a company."""
        sources = self._bss_contact_sources(company, date(2000, 1, 1), polish_day.today())
        return SQL(
            "SELECT partner_id, MAX(day) FROM (%s) contact WHERE partner_id = ANY(%s) GROUP BY 1",
            SQL(" UNION ALL ").join(sources),
            list(partner_ids),
        )
