import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError

from .. import adapters, store

_logger = logging.getLogger(__name__)


class BssRatingRun(models.Model):
    """What waits is rated all day long where a company wants it: thresholds and what is left of free units are then of today."""

    _inherit = "bss.rating.run"  # pylint: disable=consider-merging-classes-inherited

    is_hourly = fields.Boolean(
        string="Rated Every Hour", readonly=True, copy=False, help="One run a month takes what is rated every hour."
    )

    @api.model
    def _cron_rate_waiting(self):
        for company in self.env["res.company"].search([("bss_rate_hourly", "=", True)]):
            try:
                self.with_company(company)._bss_rate_this_month(company)
            except UserError as error:  # another run is at work: the next hour will do
                _logger.info("Usage of %s waits: %s", company.name, error)

    @api.model
    def _bss_rate_this_month(self, company):
        """Rate what waits up to the end of the month, late usage of earlier months included; into one run a month."""
        first = adapters.month_start(polish_day.today())
        last = adapters.next_month(first) - timedelta(days=1)
        if store.first_waiting(self.env.cr, company.id, store.utc_end(self.env.cr, last)) is None:
            return self.browse()
        period = {"company_id": company.id, "date_start": first, "date_end": last, "is_hourly": True}
        run = self.search([(name, "=", value) for name, value in period.items()], limit=1)
        run = run or self.create({**period, "by_month": True})
        run._bss_rate()
        return run
