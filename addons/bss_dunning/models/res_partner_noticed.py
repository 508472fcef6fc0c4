"""Notices among the contacts of a customer."""

from odoo import api, models
from odoo.tools import SQL


class ResPartner(models.Model):
    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_contact_sources(self, company, first, last):
        self.env["bss.dunning.notice"].flush_model(["partner_id", "date_sent", "state", "channel", "company_id"])
        notices = SQL(
            """
            SELECT notice.partner_id AS partner_id, notice.date_sent AS day, notice.channel::varchar AS channel,
                   TRUE AS reached
              FROM bss_dunning_notice notice
             WHERE notice.company_id = %s AND notice.state = 'sent' AND notice.date_sent BETWEEN %s AND %s
            """,
            company.id,
            first,
            last,
        )
        return [*super()._bss_contact_sources(company, first, last), notices]
