from odoo import fields, models
from odoo.tools import SQL

from ..event_frames import BILLING_TZ


class BssUsageMargin(models.Model):
    """What usage with a cost from upstream earns: cost and price per day, network, zone and kind."""

    _name = "bss.usage.margin"
    _description = "Margin of Usage"
    _auto = False
    _log_access = False
    _order = "day desc, id"

    day = fields.Date(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    source_id = fields.Many2one("bss.usage.source", readonly=True)
    network = fields.Char(string="Visited Network", readonly=True)
    zone_id = fields.Many2one("bss.rate.zone", readonly=True)
    plan_id = fields.Many2one("bss.rate.plan", string="Rate Plan", readonly=True)
    usage_kind = fields.Selection(
        lambda self: self.env["bss.rate"]._fields["usage_kind"]._description_selection(self.env),
        string="Usage",
        readonly=True,
    )
    cost_currency = fields.Char(string="Currency of the Cost", readonly=True)
    events = fields.Integer(readonly=True)
    units = fields.Float(digits=(20, 0), readonly=True, help="Seconds, messages or bytes.")
    cost = fields.Float(digits=(16, 4), readonly=True, help="In the company's currency, at the rate of the day.")
    amount = fields.Float(string="Net Amount", digits=(16, 4), readonly=True)
    margin = fields.Float(digits=(16, 4), readonly=True, help="Net amount less cost.")
    unknown = fields.Integer(
        string="Without a Rate of Exchange", readonly=True, help="Events whose cost is not counted."
    )

    @property
    def _table_query(self):
        """Summed by day and currency first, so that only sums are converted; rates as ``event_frames.Reading`` has them."""
        return SQL(
            """
            WITH summed AS (
                SELECT min(event.id) AS id, ((event.started_at AT TIME ZONE 'UTC') AT TIME ZONE %(tz)s)::date AS day,
                       event.company_id, event.source_id, event.network, event.zone_id, event.plan_id, event.usage_kind,
                       CASE event.cost_currency WHEN 'SDR' THEN 'XDR' ELSE event.cost_currency END AS cost_currency,
                       count(*) AS events, sum(event.units) AS units, sum(event.cost_micro) / 1000000.0 AS own_cost,
                       sum(event.amount_e4) / 10000.0 AS amount
                  FROM bss_usage_event event
                 WHERE event.cost_micro IS NOT NULL AND event.state IN ('rated', 'free')
                 GROUP BY 2, 3, 4, 5, 6, 7, 8, 9),
            priced AS (
                SELECT summed.*, summed.own_cost * CASE
                           WHEN summed.cost_currency IS NULL OR summed.cost_currency = currency.name THEN 1
                           ELSE COALESCE(own.rate, 1) / theirs.rate END AS cost
                  FROM summed
                  JOIN res_company company ON company.id = summed.company_id
                  JOIN res_currency currency ON currency.id = company.currency_id
                  LEFT JOIN LATERAL (%(theirs)s) theirs ON TRUE
                  LEFT JOIN LATERAL (%(own)s) own ON TRUE)
            SELECT id, day, company_id, source_id, network, zone_id, plan_id, usage_kind, cost_currency, events, units, cost,
                   amount, amount - cost AS margin, CASE WHEN cost IS NULL THEN events ELSE 0 END AS unknown
              FROM priced
            """,
            tz=BILLING_TZ,
            theirs=self._bss_rate_of(SQL("summed.cost_currency")),
            own=self._bss_rate_of(SQL("currency.name")),
        )

    def _bss_rate_of(self, name):
        """The rate of a currency on the day; rates of the company go before the shared ones."""
        return SQL(
            """SELECT rate.rate FROM res_currency_rate rate JOIN res_currency known ON known.id = rate.currency_id
                WHERE known.name = %s AND rate.name <= summed.day
                  AND (rate.company_id IS NULL OR rate.company_id = split_part(company.parent_path, '/', 1)::int)
                ORDER BY rate.company_id NULLS LAST, rate.name DESC LIMIT 1""",
            name,
        )
