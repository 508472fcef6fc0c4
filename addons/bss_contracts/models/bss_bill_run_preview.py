"""Second stage of a bill run: what was collected, compared with earlier bills, before anything is issued."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .bss_bill_run_collect import COLLECT_BATCH
from .bss_bill_run_item_preview import TO_CHECK
from .bss_bill_run_preview_sql import EXPECTED, OUTLIER, PAST, SILENT, USUAL

BEGUN = ("issue", "finished")


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    previous_run_id = fields.Many2one(
        "bss.bill.run",
        string="Previous Bill Run",
        compute="_compute_previous_run_id",
        help="The last issued run of the same cycle for an earlier period.",
    )
    warned_count = fields.Integer(
        string="To Check",
        compute="_compute_warned_count",
        help="Deviations that nobody has accepted, on bills that wait to be issued.",
    )
    collect_started_at = fields.Datetime(readonly=True, copy=False)

    @api.depends("cycle_id", "date_start", "kind")
    def _compute_previous_run_id(self):
        for run in self:
            run.previous_run_id = run._bss_previous_run()

    def _bss_previous_run(self):
        if self.kind != "cycle" or not (self.cycle_id and self.date_start):
            return self.browse()
        domain = [
            ("cycle_id", "=", self.cycle_id._origin.id),
            ("kind", "=", "cycle"),
            ("is_test", "=", False),
            ("stage", "in", BEGUN),
            ("state", "!=", "cancelled"),
            ("date_start", "<", self.date_start),
        ]
        return self.search(domain, order="is_whole_cycle DESC, date_start DESC, id DESC", limit=1)

    @api.depends("item_ids.state", "item_ids.outlier", "item_ids.accepted_by_id")
    def _compute_warned_count(self):
        counts = dict(
            self.env["bss.bill.run.item"]._read_group(
                [("run_id", "in", self.ids), ("is_to_check", "=", True)], ["run_id"], ["__count"]
            )
        )
        for run in self:
            run.warned_count = counts.get(run._origin, 0)

    # -- comparing ----------------------------------------------------------------------------------

    def _bss_collect(self, progress=None):
        self.collect_started_at = fields.Datetime.now()
        return super()._bss_collect(progress=progress)

    def _bss_collect_accounts(self, account_ids):
        result = super()._bss_collect_accounts(account_ids)
        self._bss_compare_items(account_ids)
        return result

    def _bss_compare_items(self, account_ids):
        """Compare the items of these accounts with their last bills. One statement, whatever their number.

        What a person decided stays: a held item is held again after it was collected anew, and an accepted
        deviation stays accepted as long as the deviation and the amount are the same.
        """
        self.ensure_one()
        self.env.flush_all()
        company = self.company_id
        products, percents = self._bss_expected_rates(account_ids)
        past = SQL(PAST, run=self.id, start=self.date_start, is_cycle=self.kind == "cycle")
        self.env.cr.execute(
            SQL(
                """
                WITH found AS MATERIALIZED (
                    SELECT mine.id, usual.median, silent.services, expected.gross,
                           COALESCE(usual.previous, 0) AS previous, %(outlier)s AS outlier
                      FROM bss_bill_run_item mine
                CROSS JOIN LATERAL (%(usual)s) usual
                CROSS JOIN LATERAL (%(silent)s) silent
                CROSS JOIN LATERAL (%(expected)s) expected
                     WHERE mine.run_id = %(run)s AND mine.account_id = ANY(%(accounts)s)
                       AND mine.state NOT IN ('issued', 'cancelled')
                )
                UPDATE bss_bill_run_item item
                   SET amount_previous = found.previous,
                       amount_usual = COALESCE(found.median, 0),
                       amount_difference = item.amount_charges - found.previous,
                       amount_expected = COALESCE(found.gross, 0),
                       silent_services = found.services,
                       outlier = found.outlier,
                       accepted_by_id = CASE WHEN %(same)s THEN item.accepted_by_id END,
                       accepted_at = CASE WHEN %(same)s THEN item.accepted_at END,
                       state = CASE WHEN item.held AND item.state = 'pending' THEN 'held' ELSE item.state END,
                       previewed_at = %(now)s
                  FROM found
                 WHERE found.id = item.id
                """,
                run=self.id,
                accounts=list(account_ids),
                usual=SQL(USUAL, past=past),
                silent=SQL(SILENT, past=past),
                expected=SQL(EXPECTED, products=products, percents=percents),
                outlier=SQL(
                    OUTLIER,
                    high=Decimal(str(company.bss_outlier_high_factor)),
                    low=Decimal(str(company.bss_outlier_low_factor)),
                    compares=bool(self.previous_run_id),
                    start=self.date_start,
                ),
                same=SQL(
                    "(item.outlier = found.outlier AND item.amount_previous + item.amount_difference = item.amount_charges)"
                ),
                now=fields.Datetime.now(),
            )
        )
        self.env["bss.bill.run.item"].invalidate_model()
        self.invalidate_recordset()

    def _bss_expected_rates(self, account_ids):
        """(products, tax in percent of each) of what the run has collected of these accounts and not billed."""
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT product_id FROM bss_charge"
                " WHERE account_id = ANY(%s) AND bill_run_id = %s AND state = 'pending'",
                list(account_ids),
                self.id,
            )
        )
        products = self.env["product.product"].browse([row[0] for row in rows]).sudo()
        percents = []
        for product in products:
            taxes = product.taxes_id._filter_taxes_by_company(self.company_id).flatten_taxes_hierarchy()
            percents.append(
                sum((Decimal(str(tax.amount)) for tax in taxes if tax.amount_type == "percent"), Decimal(0))
            )
        return products.ids, percents

    # -- before issuing -----------------------------------------------------------------------------

    def _bss_retry(self, items):
        """In the preview the items are only collected again: what else waits is not issued by the way."""
        self.ensure_one()
        if self.stage != "preview" or not items:
            return super()._bss_retry(items)
        self._bss_refuse_cancelled()
        account_ids = self._bss_open_account_ids(items.ids)
        if len(account_ids) > COLLECT_BATCH:
            return self._bss_collect_in_jobs(items)
        if account_ids:
            self._bss_collect_accounts(account_ids)
        return True

    def _bss_issue_retried(self):
        """What was collected again may deviate now: that is asked about as before the first issue."""
        if not self.warned_count:
            return super()._bss_issue_retried()
        self.stage = "issue"  # jobs that wait go on with the others
        return self._bss_ask_before_issuing()

    def action_issue(self):
        """Issue the pending items; deviations that nobody accepted are asked about first."""
        warned = self.filtered("warned_count")
        if not warned:
            return super().action_issue()
        if len(self) > 1:
            raise UserError(
                self.env._(
                    "Check the deviations first, bill run by bill run: %(names)s",
                    names=", ".join(warned.mapped("name")),
                )
            )
        return self._bss_ask_before_issuing()

    def _bss_ask_before_issuing(self):
        """Window that says what would be issued and asks what to do with the deviations."""
        self._bss_refuse_cancelled()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Issue Invoices"),
            "res_model": "bss.bill.run.issue.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_run_id": self.id},
        }

    def action_review_issue(self):
        """Show what would be issued, the first time or after held accounts were released, and ask."""
        self.ensure_one()
        if self.stage == "collect":
            raise UserError(self.env._("Collect the charges of bill run %(name)s first.", name=self.name))
        if not self.pending_count and self.stage != "preview":
            raise UserError(self.env._("Nothing waits to be issued: release held accounts first."))
        return self._bss_ask_before_issuing()

    def _bss_items_action(self, name, domain, **context):
        """List of items of the run."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_bill_run_item_action")
        domain = [("run_id", "=", self.id), *domain]
        # columns of the invoice are empty there
        context.setdefault("bss_not_issued", self.stage in ("collect", "preview"))
        return {**action, "name": name, "display_name": name, "domain": domain, "context": context}

    def action_view_outliers(self):
        open_first = {"search_default_to_check": 1} if self.warned_count else {}
        return self._bss_items_action(self.env._("Deviations"), [("outlier", "not in", ("none", False))], **open_first)

    def action_view_held(self):
        return self._bss_items_action(self.env._("Held Accounts"), [("state", "=", "held")], bss_not_issued=True)

    def action_hold_to_check(self):
        """Hold every deviation that nobody has accepted."""
        self.ensure_one()
        self.env["bss.bill.run.item"].search([("run_id", "=", self.id), ("is_to_check", "=", True)]).action_hold()

    def _bss_outlier_rows(self):
        """[(kind, items, net, not accepted)] of the deviations of the run, in one grouped query."""
        items = self.env["bss.bill.run.item"]
        domain = [("run_id", "=", self.id), ("outlier", "not in", ("none", False)), ("state", "!=", "cancelled")]
        rows = items._read_group(domain, ["outlier"], ["__count", "amount_charges:sum"])
        unchecked = dict(
            items._read_group([("run_id", "=", self.id), ("is_to_check", "=", True)], ["outlier"], ["__count"])
        )
        order = {kind: index for index, kind in enumerate((*TO_CHECK, "new"))}
        return sorted(
            ((kind, count, net, unchecked.get(kind, 0)) for kind, count, net in rows), key=lambda row: order[row[0]]
        )
