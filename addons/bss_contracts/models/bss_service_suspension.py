from odoo import fields, models
from odoo.tools.misc import format_date

CAUSES = [("request", "Customer's request"), ("debt", "Debt"), ("technical", "Technical")]


class BssServiceSuspension(models.Model):
    """Days on which a service is blocked, and the part of its price charged for them."""

    _name = "bss.service.suspension"
    _description = "Service Suspension"
    _order = "service_id, date_start"
    _rec_name = "date_start"
    _check_company_auto = True

    service_id = fields.Many2one("bss.service", required=True, index=True, ondelete="cascade", check_company=True)
    account_id = fields.Many2one(related="service_id.account_id", string="Billing Account")
    company_id = fields.Many2one(related="service_id.company_id", store=True, index=True, precompute=True)
    date_start = fields.Date(string="From", required=True)
    date_end = fields.Date(string="To", help="Last day, included; empty = until it is resumed.")
    cause = fields.Selection(CAUSES, required=True, default="request")
    charge_percent = fields.Float(
        string="Charged (%)",
        digits=(5, 2),
        required=True,
        default=0.0,
        aggregator=None,
        help="Part of the price charged on these days.",
    )
    change_id = fields.Many2one(
        "bss.contract.change", string="Contract Change", index="btree_not_null", check_company=True, ondelete="restrict"
    )
    shortened = fields.Json(
        readonly=True, copy=False, help="The last days it had before contract changes made it shorter."
    )

    # two ranges on purpose: a range of ids needs no extension of PostgreSQL; a suspension of no days is empty
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(service_id, service_id, '[]') WITH &&,"
        " daterange(date_start, date_end + 1, '[)') WITH &&)",
        "The service is suspended in these days already.",
    )
    _dates_check = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date_start - 1)", "The suspension ends before it starts."
    )
    _shortened = models.Index("USING gin (shortened jsonb_path_ops)")
    _percent_check = models.Constraint(
        "CHECK(charge_percent BETWEEN 0 AND 100)", "The charged part of the price is between 0 and 100 %."
    )

    def _bss_overlaps(self, start, end):
        """Whether one of its days lies from ``start`` to ``end`` (False = open)."""
        self.ensure_one()
        if self.date_end and self.date_end < self.date_start:
            return False  # resumed before it began
        return (not self.date_end or self.date_end >= start) and (not end or self.date_start <= end)

    def _bss_period_text(self):
        start = format_date(self.env, self.date_start)
        if not self.date_end:
            return self.env._("from %(start)s", start=start)
        return self.env._("from %(start)s to %(end)s", start=start, end=format_date(self.env, self.date_end))

    def _bss_shorten(self, last, change=None):
        """End on ``last``; a change can be taken back, otherwise a suspension of no days vanishes."""
        self.ensure_one()
        if not change and last < self.date_start and not self.shortened:
            self.unlink()
            return
        vals = {"date_end": last}
        if change:
            before = fields.Date.to_string(self.date_end) if self.date_end else False
            vals["shortened"] = [*(self.shortened or ()), {"change": change.id, "date_end": before}]
        self.write(vals)

    def _bss_lengthen(self, change):
        """Take back the shortening by ``change``; a later one keeps its day."""
        for suspension in self:
            entries = [dict(entry) for entry in suspension.shortened]
            vals = {}
            for index in reversed(range(len(entries))):
                if entries[index]["change"] != change.id:
                    continue
                entry = entries.pop(index)
                if index < len(entries):
                    entries[index]["date_end"] = entry["date_end"]
                else:
                    vals["date_end"] = entry["date_end"]
            suspension.write({**vals, "shortened": entries})
