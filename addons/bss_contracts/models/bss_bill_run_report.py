"""What a bill run shows of itself: where its accounts are, how fast it goes, and that its figures add up."""

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from .bss_bill_run_claim import BINDING

FIGURES = ("amount_charges", "amount_untaxed", "amount_tax", "amount_total")
FUNNEL = ("pending", "issued", "held", "carried", "empty", "error", "cancelled")
JOB_STATES = ("wait_dependencies", "pending", "enqueued", "started")
REASONS = 20


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    preview_html = fields.Html(
        string="Preview", compute="_compute_preview_html", sanitize=False, help="The run against the previous one."
    )
    outlier_html = fields.Html(string="Deviations", compute="_compute_outlier_html", sanitize=False)
    report_html = fields.Html(
        string="Report",
        compute="_compute_report_html",
        sanitize=False,
        help="Everything collected, by what became of it.",
    )
    reason_html = fields.Html(string="Reasons", compute="_compute_reason_html", sanitize=False)

    # -- progress -----------------------------------------------------------------------------------

    @api.readonly
    def get_progress(self):
        """Plain figures for the web client, asked every few seconds while the run works.

        :return: ``counts`` of items by state, ``total`` and ``done`` of the present stage, ``jobs`` left,
            ``working``: whether it is worth asking again
        """
        self.ensure_one()
        self.check_access("read")
        items = self.env["bss.bill.run.item"]
        counts = dict(items._read_group([("run_id", "=", self.id)], ["state"], ["__count"]))
        counts = {state: counts.get(state, 0) for state in FUNNEL}
        total = sum(counts.values())
        jobs = (
            self.env["queue.job"]
            .sudo()
            .search_count([("identity_key", "=like", f"bss.bill.run:{self.id}:%"), ("state", "in", JOB_STATES)])
        )
        # also a paused run works until the batch that its pause interrupted is through
        is_working = self.state == "running" and self.stage in ("collect", "issue")
        return {
            "state": self.state,
            "stage": self.stage,
            "paused": self.is_paused,
            "counts": counts,
            "total": total,
            "done": self._bss_done_count(counts, total),
            "jobs": jobs,
            "working": bool(is_working and jobs),
        }

    def _bss_done_count(self, counts, total):
        """Items that are through the present stage."""
        if self.stage == "collect":
            since = self.collect_started_at or fields.Datetime.now()
            return self.env["bss.bill.run.item"].search_count([("run_id", "=", self.id), ("previewed_at", ">=", since)])
        return total - counts["pending"] if self.stage in ("issue", "finished") else 0

    def action_view_state(self, state):
        """Items of the run in one state, for the funnel of the web client."""
        labels = dict(self.env["bss.bill.run.item"]._fields["state"]._description_selection(self.env))
        return self._bss_items_action(
            labels[state], [("state", "=", state)], bss_not_issued=state != "issued", bss_errors=state == "error"
        )

    # -- preview ------------------------------------------------------------------------------------

    @api.depends("item_ids.state", "item_ids.amount_expected", "item_ids.amount_charges", "item_ids.amount_total")
    def _compute_preview_html(self):
        for run in self:
            run.preview_html = bool(run.item_count) and run._bss_render_preview()

    def _bss_render_preview(self):
        now, before = self._bss_totals_now(), None
        previous = self.previous_run_id
        if previous:
            before = self._bss_totals_before(previous)
        return self.env["ir.qweb"]._render(
            "bss_contracts.bill_run_preview",
            {"run": self, "previous": previous, "rows": self._bss_comparison(now, before), **self._bss_formats()},
        )

    def _bss_totals_before(self, previous):
        """Count, net and gross of the invoices of an earlier run; of a part of the cycle those of its accounts only."""
        if self.is_whole_cycle:
            return {"count": previous.issued_count, "net": previous.amount_untaxed, "gross": previous.amount_total}
        self.env["bss.bill.run.item"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*), COALESCE(SUM(bill.amount_untaxed), 0), COALESCE(SUM(bill.amount_total), 0)
                  FROM bss_bill_run_item bill
                 WHERE bill.run_id = %s AND bill.state = 'issued'
                   AND EXISTS (SELECT FROM bss_bill_run_item mine
                                WHERE mine.run_id = %s AND mine.account_id = bill.account_id)
                """,
                previous.id,
                self._origin.id,
            )
        )
        count, net, gross = rows[0]
        return {"count": count, "net": float(net), "gross": float(gross)}

    def _bss_totals_now(self):
        """Invoices of the run and those to be: count, net and gross (expected, until they are issued)."""
        rows = self.env["bss.bill.run.item"]._read_group(
            [("run_id", "=", self._origin.id), ("state", "in", ("pending", "held", "issued"))],
            ["state"],
            ["__count", "amount_charges:sum", "amount_expected:sum", "amount_total:sum"],
        )
        now = {"count": 0, "net": 0.0, "gross": 0.0}
        for state, count, net, expected, gross in rows:
            now["count"] += count
            now["net"] += net
            now["gross"] += gross if state == "issued" else expected
        return now

    @api.model
    def _bss_comparison(self, now, before):
        """[(kind, now, before, difference, percent)]; the last three are None without a previous run."""
        rows = []
        for kind, value in now.items():
            then = before and before[kind]
            difference = value - then if before else None
            percent = 100.0 * difference / then if then else None
            rows.append((kind, value, then, difference, percent))
        return rows

    @api.depends("item_ids.outlier", "item_ids.state", "item_ids.accepted_by_id")
    def _compute_outlier_html(self):
        for run in self:
            run.outlier_html = run._bss_render_outliers()

    def _bss_render_outliers(self, only_unchecked=False):
        """Table of the deviations by kind.

        :param only_unchecked: only kinds with deviations that nobody accepted
        """
        rows = self._origin._bss_outlier_rows()
        if only_unchecked:
            rows = [row for row in rows if row[3]]
        labels = dict(self.env["bss.bill.run.item"]._fields["outlier"]._description_selection(self.env))
        if not rows:
            return False
        return self.env["ir.qweb"]._render(
            "bss_contracts.bill_run_outliers", {"rows": rows, "labels": labels, **self._bss_formats()}
        )

    # -- report -------------------------------------------------------------------------------------

    def _bss_report(self):
        """Figures of the run by the state of its items, and what they must be equal to.

        :return: dict: ``rows`` {state: figures}, ``total`` figures, ``checks`` [(name, here, there, equal)];
            figures are ``count`` and the sums of charges, net, tax and gross
        """
        self.ensure_one()
        sums = [f"{name}:sum" for name in FIGURES]
        names = ("count", *FIGURES)
        found = self.env["bss.bill.run.item"]._read_group([("run_id", "=", self.id)], ["state"], ["__count", *sums])
        rows = {state: dict(zip(names, values, strict=True)) for state, *values in found}
        total = {name: sum(row[name] for row in rows.values()) for name in names}
        return {
            "rows": {state: rows[state] for state in FUNNEL if state in rows},
            "total": total,
            "checks": self._bss_report_checks(rows, total),
        }

    def _bss_report_checks(self, rows, total):
        """[(name, sum over the items, sum over what they stand for, equal)]"""
        issued = rows.get("issued", dict.fromkeys(("count", *FIGURES), 0.0))
        # not what is carried over: its charges are free, and the next run takes them
        waiting = sum(row["amount_charges"] for state, row in rows.items() if state in BINDING)
        self.env["account.move"].flush_model()
        self.env["bss.charge"].flush_model()
        [(billed, pending)] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(charge.amount) FILTER (WHERE charge.state = 'billed'), 0),
                       COALESCE(SUM(charge.amount) FILTER (WHERE charge.state = 'pending'
                            AND item.state IN %s), 0)
                  FROM bss_charge charge
             LEFT JOIN bss_bill_run_item item ON item.id = charge.bill_run_item_id
                 WHERE charge.bill_run_id = %s
                """,
                BINDING,
                self.id,
            )
        )
        [(net, gross)] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(sign * amount_untaxed), 0), COALESCE(SUM(sign * amount_total), 0)
                  FROM (SELECT amount_untaxed, amount_total, CASE WHEN move_type = 'out_refund' THEN -1 ELSE 1 END AS sign
                          FROM account_move WHERE bss_bill_run_id = %s AND state = 'posted') move
                """,
                self.id,
            )
        )
        pairs = (
            ("billed", issued["amount_charges"], billed),
            ("waiting", waiting, pending),
            ("net", total["amount_untaxed"], net),
            ("gross", total["amount_total"], gross),
        )
        same = self.currency_id.compare_amounts
        return [(name, here, float(there), not same(here, float(there))) for name, here, there in pairs]

    @api.depends("item_ids.state", "item_ids.amount_charges", "item_ids.amount_total")
    def _compute_report_html(self):
        states = dict(self.env["bss.bill.run.item"]._fields["state"]._description_selection(self.env))
        for run in self:
            if not run.item_count:
                run.report_html = False
                continue
            values = {**run._origin._bss_report(), "states": states, **run._bss_formats()}
            run.report_html = self.env["ir.qweb"]._render("bss_contracts.bill_run_report", values)

    @api.depends("item_ids.state", "item_ids.error")
    def _compute_reason_html(self):
        """Reasons of the errors with their numbers, the most frequent first."""
        for run in self:
            rows = self.env["bss.bill.run.item"]._read_group(
                [("run_id", "=", run._origin.id), ("state", "=", "error")],
                ["error"],
                ["__count"],
                order="__count DESC",
                limit=REASONS,
            )
            values = {"rows": rows, **run._bss_formats()}
            run.reason_html = bool(rows) and self.env["ir.qweb"]._render("bss_contracts.bill_run_reasons", values)

    def _bss_formats(self):
        return {
            "money": lambda value: formatLang(self.env, value or 0.0, currency_obj=self.currency_id),
            "number": lambda value: formatLang(self.env, value or 0, digits=0),
            "decimal": lambda value: formatLang(self.env, value, digits=1),
        }
