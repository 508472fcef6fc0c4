"""Key figures of collections, one row per company and day, so that months can be compared."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import AccessError
from odoo.tools import SQL, date_utils

from ..adapters import to_money
from ..dunning_core.measures import receivables, rolls
from ..dunning_core.measures.buckets import BUCKETS


class BssDunningKpi(models.Model):
    _name = "bss.dunning.kpi"
    _description = "Key Figures of Collections"
    _order = "date desc, id desc"
    _rec_name = "date"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, index=True, readonly=True)
    month = fields.Date(required=True, index=True, readonly=True, help="First day of the month.")
    month_end = fields.Boolean(string="Last of Its Month", readonly=True, index=True)
    opening = fields.Monetary(string="Opening Receivables", readonly=True, help="At the end of the month before.")
    sales = fields.Monetary(string="Billed in the Month", readonly=True)
    receivables = fields.Monetary(readonly=True, help="Open documents of billing accounts, credits not deducted.")
    not_due = fields.Monetary(readonly=True)
    days_1_30 = fields.Monetary(string="1–30 Days", readonly=True)
    days_31_60 = fields.Monetary(string="31–60 Days", readonly=True)
    days_61_90 = fields.Monetary(string="61–90 Days", readonly=True)
    days_91_180 = fields.Monetary(string="91–180 Days", readonly=True)
    days_181_365 = fields.Monetary(string="181–365 Days", readonly=True)
    days_365 = fields.Monetary(string="Over 365 Days", readonly=True)
    overdue = fields.Monetary(readonly=True)
    dso = fields.Float(string="DSO", digits=(16, 2), readonly=True, aggregator="avg", help="Days sales outstanding.")
    cei = fields.Float(
        string="CEI %",
        digits=(16, 2),
        readonly=True,
        aggregator="avg",
        help="Of all that could be collected in the month so far, the percentage that was.",
    )
    roll_not_due = fields.Float(string="Not Due → Late %", digits=(16, 2), readonly=True, aggregator="avg")
    roll_1_30 = fields.Float(string="1–30 → Older %", digits=(16, 2), readonly=True, aggregator="avg")
    roll_31_60 = fields.Float(string="31–60 → Older %", digits=(16, 2), readonly=True, aggregator="avg")
    roll_61_90 = fields.Float(string="61–90 → Older %", digits=(16, 2), readonly=True, aggregator="avg")
    roll_91_180 = fields.Float(string="91–180 → Older %", digits=(16, 2), readonly=True, aggregator="avg")
    roll_181_365 = fields.Float(string="181–365 → Older %", digits=(16, 2), readonly=True, aggregator="avg")
    case_count = fields.Integer(string="Open Cases", readonly=True)

    _company_date_unique = models.Constraint("UNIQUE(company_id, date)", "The figures of this day are there already.")

    # Snapshot

    @api.model
    def _cron_snapshot(self):
        """Every night, every company that has billing accounts."""
        for (company,) in self.env["bss.account"].sudo()._read_group([], ["company_id"]):
            self._bss_snapshot(company, polish_day.today())

    def action_snapshot(self):
        """Today's figures of the user's company, now."""
        if not self.env.user.has_group("bss_catalog.group_bss_collector"):
            raise AccessError(self.env._("Key figures are taken by collectors."))
        self._bss_snapshot(self.env.company, polish_day.today())
        return self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_kpi_action")

    @api.model
    def action_workbook(self):
        """All numbers of collections as one XLSX file."""
        return self.env["bss.dunning.workbook"].action_download()

    @api.model
    def _bss_snapshot(self, company, day):
        """Write the figures of a day; a repetition replaces them.

        :return: the row
        """
        self = self.sudo()
        values = self._bss_figures(company, day)
        found = self.search([("company_id", "=", company.id), ("date", "=", day)])
        if found:
            found.write(values)
        else:
            found = self.create({"company_id": company.id, "date": day, **values})
        self._bss_mark_month_end(company, values["month"])
        return found

    def _bss_mark_month_end(self, company, month):
        rows = self.search([("company_id", "=", company.id), ("month", "=", month)], order="date desc")
        rows[:1].month_end = True
        rows[1:].filtered("month_end").write({"month_end": False})

    @api.model
    def _bss_figures(self, company, day):
        month = date_utils.start_of(day, "month")
        opening_day = date_utils.subtract(month, days=1)
        flows, closing = self._bss_flows(company, opening_day, day)
        sales = self._bss_sales(company, opening_day, day)
        opening = sum((flow.opening for flow in flows), Decimal(0))
        total = sum(closing.values(), Decimal(0))
        current = closing.get("not_due", Decimal(0))
        since = date_utils.subtract(day, days=company.bss_dunning_dso_days)
        dso_sales = self._bss_sales(company, since, day)
        return {
            "month": month,
            "opening": float(opening),
            "sales": float(sales),
            "receivables": float(total),
            "not_due": float(current),
            **{f"days_{code}": float(closing.get(code, 0)) for code in BUCKETS[1:]},
            "overdue": float(total - current),
            "dso": self._bss_number(receivables.dso(total, dso_sales, company.bss_dunning_dso_days)),
            "cei": self._bss_number(receivables.cei(receivables.Month(opening, sales, total, current))),
            **{f"roll_{code}": self._bss_number(rate) for code, rate in rolls.roll_rates(flows).items()},
            "case_count": self.env["bss.dunning.case"].search_count(
                [("company_id", "=", company.id), ("state", "!=", "closed")]
            ),
        }

    @api.model
    def _bss_number(self, value):
        return float(value or 0)

    # Set-based questions

    @api.model
    def _bss_flows(self, company, opening_day, closing_day):
        """Where the receivables of one day lie on a later one, and the ageing of that day.

        What was open on a past day is what is open now and what was settled since; so only settlements after the
        opening are looked at, however long the history is.

        :return: list of kernel flows, {bucket: amount at the close}
        """
        self.env["account.move.line"].flush_model()
        self.env["account.partial.reconcile"].flush_model()
        report = self.env["bss.dunning.ageing.report"]
        rows = self.env.execute_query(
            SQL(
                """
                WITH settled AS (
                    SELECT side.line_id, SUM(side.amount) AS after_opening,
                           SUM(side.amount) FILTER (WHERE side.day > %(closing)s) AS after_closing
                      FROM (SELECT debit_move_id AS line_id, amount, max_date AS day
                              FROM account_partial_reconcile
                             WHERE company_id = %(company)s AND max_date > %(opening)s) side
                     GROUP BY side.line_id
                ), item AS (
                    SELECT line.id, line.date, line.date_maturity AS due,
                           line.amount_residual + COALESCE(settled.after_opening, 0) AS opening,
                           line.amount_residual + COALESCE(settled.after_closing, 0) AS closing
                      FROM account_move_line line
                      LEFT JOIN settled ON settled.line_id = line.id
                     WHERE %(open)s AND %(common)s
                     UNION ALL
                    SELECT line.id, line.date, line.date_maturity,
                           line.amount_residual + settled.after_opening,
                           line.amount_residual + COALESCE(settled.after_closing, 0)
                      FROM settled
                      JOIN account_move_line line ON line.id = settled.line_id
                     WHERE (%(open)s) IS NOT TRUE AND %(common)s
                ), aged AS (
                    SELECT CASE WHEN date <= %(opening)s AND opening > 0 THEN %(opening_bucket)s END AS was,
                           CASE WHEN closing > 0 THEN %(closing_bucket)s END AS became, opening, closing
                      FROM item
                )
                SELECT was, became, SUM(CASE WHEN was IS NOT NULL THEN opening ELSE 0 END),
                       SUM(CASE WHEN became IS NOT NULL THEN LEAST(closing, opening) ELSE 0 END),
                       SUM(CASE WHEN became IS NOT NULL THEN closing ELSE 0 END)
                  FROM aged WHERE was IS NOT NULL OR became IS NOT NULL
                 GROUP BY was, became
                """,
                company=company.id,
                opening=opening_day,
                closing=closing_day,
                opening_bucket=report._bss_bucket_sql(SQL("due"), opening_day),
                closing_bucket=report._bss_bucket_sql(SQL("due"), closing_day),
                # conditions of the index of open items; the moves themselves are not looked at
                open=SQL("line.reconciled IS NOT TRUE AND line.amount_residual != 0 AND line.amount_residual > 0"),
                common=SQL(
                    """
                    line.company_id = %s AND line.parent_state = 'posted' AND line.bss_account_id IS NOT NULL
                    AND line.date <= %s AND line.balance > 0
                    AND line.account_id = ANY(%s)
                    """,
                    company.id,
                    closing_day,
                    report._bss_receivable_ledgers(),
                ),
            )
        )
        flows = [
            rolls.Flow(was, became, to_money(opening), to_money(left))
            for was, became, opening, left, _closing in rows
            if was
        ]
        closing = {}
        for _was, became, _opening, _left, amount in rows:
            if became:
                closing[became] = closing.get(became, Decimal(0)) + to_money(amount)
        return flows, closing

    @api.model
    def _bss_sales(self, company, after, until):
        """Billed to billing accounts on credit after one day and until another, corrections deducted."""
        self.env["account.move"].flush_model()
        [(amount,)] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(amount_total_signed), 0) FROM account_move
                 WHERE company_id = %s AND state = 'posted' AND move_type IN ('out_invoice', 'out_refund')
                   AND bss_account_id IS NOT NULL AND date > %s AND date <= %s
                """,
                company.id,
                after,
                until,
            )
        )
        return to_money(amount)
