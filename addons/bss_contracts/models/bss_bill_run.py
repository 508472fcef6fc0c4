import hashlib
import logging
from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.queue_job.delay import group
from odoo.addons.queue_job.exception import RetryableJobError
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL
from odoo.tools.misc import format_date
from psycopg2 import OperationalError

from .. import adapters
from ..billing_core import recurring_charges

_logger = logging.getLogger(__name__)

BATCH = 100
COLLECT_BATCH = 2000
CHANNEL = "root.bss.billing"
JOURNAL_LOCK = 0x627373  # class of our advisory locks; the key is the journal
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_notrack": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
}


class BssBillRun(models.Model):
    """One mass execution: collect the charges of a cycle, look at them, issue the invoices.

    Every account is one item with a row of its own. An invoice is made only under a lock on that row
    while it is pending, so that a repeat, a second worker or a restart cannot make a second invoice.
    """

    _name = "bss.bill.run"
    _inherit = ["mail.thread"]
    _description = "Bill Run"
    _order = "date_start desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/")
    cycle_id = fields.Many2one(
        "bss.bill.cycle",
        string="Bill Cycle",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="cycle_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_start = fields.Date(
        string="Period From", required=True, help="First day of the period charged in advance; usually the bill day."
    )
    date_end = fields.Date(string="Period To", required=True)
    date_invoice = fields.Date(string="Invoice Date", required=True, default=fields.Date.context_today)
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("running", "Running"),
            ("done", "Done"),
            ("done_errors", "Done with errors"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="planned",
        copy=False,
        readonly=True,
        index=True,
        tracking=True,
        group_expand=True,
    )
    stage = fields.Selection(
        [("collect", "Collect"), ("preview", "Preview"), ("issue", "Issue"), ("finished", "Finished")],
        required=True,
        default="collect",
        copy=False,
        readonly=True,
        tracking=True,
    )
    item_ids = fields.One2many("bss.bill.run.item", "run_id", string="Items", readonly=True)
    error_item_ids = fields.One2many(
        "bss.bill.run.item", "run_id", string="Errors", domain=[("state", "=", "error")], readonly=True
    )
    charge_ids = fields.One2many("bss.charge", "bill_run_id", string="Charges", readonly=True)
    item_count = fields.Integer(compute="_compute_totals", string="Accounts")
    pending_count = fields.Integer(compute="_compute_totals", string="To Issue")
    issued_count = fields.Integer(compute="_compute_totals", string="Issued")
    empty_count = fields.Integer(compute="_compute_totals", string="Nothing to Bill")
    error_count = fields.Integer(compute="_compute_totals", string="With Errors")
    charge_count = fields.Integer(compute="_compute_totals", string="Number of Charges")
    amount_charges = fields.Monetary(compute="_compute_totals", string="Charges Net")
    amount_untaxed = fields.Monetary(compute="_compute_totals", string="Invoiced Net")
    amount_tax = fields.Monetary(compute="_compute_totals", string="Invoiced VAT")
    amount_total = fields.Monetary(compute="_compute_totals", string="Invoiced Gross")
    progress = fields.Float(compute="_compute_totals", help="Share of the accounts that are through, in percent.")
    started_at = fields.Datetime(readonly=True, copy=False)
    finished_at = fields.Datetime(readonly=True, copy=False)
    note = fields.Text()

    _period_check = models.Constraint("CHECK(date_end >= date_start)", "The period ends before it starts.")

    @api.depends("item_ids.state", "item_ids.amount_total", "item_ids.charge_count")
    def _compute_totals(self):
        rows = self.env["bss.bill.run.item"]._read_group(
            [("run_id", "in", self.ids)],
            ["run_id", "state"],
            [
                "__count",
                "charge_count:sum",
                "amount_charges:sum",
                "amount_untaxed:sum",
                "amount_tax:sum",
                "amount_total:sum",
            ],
        )
        by_run = defaultdict(dict)
        for run, state, *figures in rows:
            by_run[run.id][state] = figures
        for run in self:
            states = by_run.get(run.id, {})
            counts = {state: figures[0] for state, figures in states.items()}
            totals = [sum(values) for values in zip(*states.values(), strict=True)] or [0] * 6
            currency = run.currency_id or self.env.company.currency_id
            run.item_count = totals[0]
            run.pending_count = counts.get("pending", 0)
            run.issued_count = counts.get("issued", 0)
            run.empty_count = counts.get("empty", 0)
            run.error_count = counts.get("error", 0)
            run.charge_count = totals[1]
            run.amount_charges = currency.round(totals[2])
            run.amount_untaxed = currency.round(totals[3])
            run.amount_tax = currency.round(totals[4])
            run.amount_total = currency.round(totals[5])
            through = totals[0] - run.pending_count if run.stage in ("issue", "finished") else 0
            run.progress = 100.0 * through / totals[0] if totals[0] else 0.0

    @api.onchange("cycle_id")
    def _onchange_cycle_id(self):
        if self.cycle_id:
            day = self.date_invoice or fields.Date.context_today(self)
            self.date_start, self.date_end = self.cycle_id._bss_next_period(day)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            cycle = self.env["bss.bill.cycle"].browse(vals.get("cycle_id"))
            if vals.get("name", "/") == "/":
                company = cycle.company_id.id or self.env.company.id
                vals["name"] = self.env["ir.sequence"].with_company(company).next_by_code("bss.bill.run")
            if cycle and not (vals.get("date_start") and vals.get("date_end")):
                day = fields.Date.to_date(vals.get("date_start") or vals.get("date_invoice"))
                start, end = cycle._bss_period(day or fields.Date.context_today(self))
                vals.setdefault("date_start", start)
                vals.setdefault("date_end", end)
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_planned(self):
        if any(run.state not in ("planned", "cancelled") or run.item_ids.move_id for run in self):
            raise UserError(self.env._("Only a planned or cancelled bill run without invoices can be deleted."))

    # -- buttons ------------------------------------------------------------------------------------

    def action_collect(self):
        """Collect the charges of the period; nothing is issued yet."""
        for run in self:
            run._bss_collect()

    def action_issue(self):
        """Issue the invoices of the pending items in jobs of 100 accounts."""
        for run in self:
            run._bss_issue()

    def action_retry_failed(self):
        """Collect and issue the items that failed once more."""
        for run in self:
            run._bss_retry(run.item_ids.filtered(lambda item: item.state == "error"))

    def action_cancel(self):
        """Give up a run without invoices; its charges wait for another run."""
        for run in self:
            if run.issued_count:
                raise UserError(
                    self.env._("Bill run %(name)s has issued invoices and cannot be cancelled.", name=run.name)
                )
        self.charge_ids.filtered(lambda charge: charge.state == "pending").sudo().write({"bill_run_id": False})
        self.item_ids.write({"state": "cancelled"})
        self.write({"state": "cancelled"})

    def _bss_refuse_cancelled(self):
        if self.state == "cancelled":
            raise UserError(self.env._("Bill run %(name)s is cancelled.", name=self.name))

    def action_view_items(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_bill_run_item_action")
        action["domain"] = [("run_id", "=", self.id)]
        return action

    def action_view_errors(self):
        action = self.action_view_items()
        action["context"] = {"search_default_error": 1}
        return action

    def action_view_charges(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_charge_action")
        action["domain"] = [("bill_run_id", "=", self.id)]
        return action

    def action_view_invoices(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.account_move_bss_action")
        action["domain"] = [("bss_bill_run_id", "=", self.id)]
        return action

    # -- collect ------------------------------------------------------------------------------------

    def _bss_collect(self, progress=None):
        """Make the recurring charges of the cycle and claim everything due; repeating adds what is new.

        :param progress: callable(done accounts, all accounts), called after each batch.
        """
        self.ensure_one()
        self._bss_refuse_cancelled()
        self.write({"state": "running", "stage": "collect", "started_at": self.started_at or fields.Datetime.now()})
        self._bss_make_items()
        accounts = self._bss_open_account_ids()
        for start in range(0, len(accounts), COLLECT_BATCH):
            chunk = accounts[start : start + COLLECT_BATCH]
            self._bss_collect_accounts(chunk)
            if progress:
                progress(start + len(chunk), len(accounts))
        self.stage = "preview"
        return True

    def _bss_open_account_ids(self, item_ids=None):
        """Accounts of the items that are not issued, in order of the item."""
        domain = [("run_id", "=", self.id), ("state", "!=", "issued")]
        if item_ids is not None:
            domain.append(("id", "in", item_ids))
        items = self.env["bss.bill.run.item"].search_fetch(domain, ["account_id"], order="id")
        return [item.account_id.id for item in items]

    def _bss_make_items(self):
        """One item for each account of the cycle; accounts already in the run stay."""
        self.env["bss.account"].flush_model()
        self.env["bss.bill.run.item"].flush_model()
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO bss_bill_run_item
                       (run_id, account_id, company_id, state, create_uid, write_uid, create_date, write_date,
                        charge_count, amount_charges, amount_untaxed, amount_tax, amount_total)
                SELECT %(run)s, account.id, account.company_id, 'pending', %(uid)s, %(uid)s,
                       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC', 0, 0, 0, 0, 0
                  FROM bss_account account
                 WHERE account.bill_cycle_id = %(cycle)s
                   AND account.company_id = %(company)s
                   AND account.active
                   AND (account.state = 'active'
                        OR EXISTS (SELECT 1 FROM bss_charge charge
                                    WHERE charge.account_id = account.id AND charge.state = 'pending'))
              ORDER BY account.name
           ON CONFLICT (run_id, account_id) DO NOTHING
                """,
                run=self.id,
                cycle=self.cycle_id.id,
                company=self.company_id.id,
                uid=self.env.uid,
            )
        )
        self.env["bss.bill.run.item"].invalidate_model()
        self.invalidate_recordset(["item_ids"])

    def _bss_collect_accounts(self, account_ids):
        """Charges of these accounts: make the recurring ones, claim all that are due, refresh the items."""
        problems = self._bss_make_recurring(account_ids)
        self._bss_claim_charges(account_ids)
        self._bss_refresh_items(account_ids, problems)

    def _bss_make_recurring(self, account_ids):
        """Insert the recurring charges; return {account id: [problem text]}."""
        rows = adapters.fetch_terms(self.env, account_ids, self.date_end)
        by_service = {row["id"]: row for row in rows}
        collected = recurring_charges(map(adapters.terms_of_row, rows), self.date_start, self.date_end)
        problems = defaultdict(list)
        for problem in collected.problems:
            row = by_service[problem.service_id]
            problems[row["account_id"]].append(self._bss_problem_text(problem))
        names = self._bss_charge_names({row["id"]: row for row in rows})
        now = fields.Datetime.now()
        values = [
            (
                row["account_id"],
                row["contract_id"],
                charge.service_id,
                row["company_id"],
                row["currency_id"],
                row["product_id"],
                "recurring",
                names[charge.service_id],
                charge.part.start,
                charge.part.end,
                charge.quantity if charge.is_full else 1,
                charge.price if charge.is_full else charge.amount,
                charge.amount,
                0,
                "pending",
                charge.identity_key,
                self.id,
                charge.explanation,
                self.env.uid,
                self.env.uid,
                now,
                now,
            )
            for charge in collected.charges
            for row in (by_service[charge.service_id],)
        ]
        if values:
            self.env["bss.charge"].flush_model()
            self.env.cr.execute_values(
                """
                INSERT INTO bss_charge
                       (account_id, contract_id, service_id, company_id, currency_id, product_id, kind, name,
                        date_start, date_end, quantity, price_unit, amount, amount_e4, state, identity_key,
                        bill_run_id, source_ref, create_uid, write_uid, create_date, write_date)
                VALUES %s
                ON CONFLICT (company_id, identity_key) DO NOTHING
                """,
                values,
                page_size=1000,
            )
            self.env.cr.execute_values(
                """
                UPDATE bss_service service SET charged_through = source.day
                  FROM (VALUES %s) AS source(id, day)
                 WHERE service.id = source.id
                   AND (service.charged_through IS NULL OR service.charged_through < source.day)
                """,
                list(collected.charged_through().items()),
                template="(%s, %s::date)",
                page_size=1000,
            )
            self.env["bss.service"].invalidate_model(["charged_through"])
            self.env["bss.charge"].invalidate_model()
        return problems

    def _bss_problem_text(self, problem):
        service = self.env["bss.service"].browse(problem.service_id).display_name
        params = dict(problem.params, service=service)
        texts = {
            "NO_START": self.env._("Service %(service)s is active but has no start date.", **params),
            "END_BEFORE_START": self.env._("Service %(service)s ends before it starts.", **params),
            "UNKNOWN_PRORATION": self.env._("The offering of %(service)s has an unknown proration.", **params),
            "BAD_PERIOD": self.env._("The offering of %(service)s has no valid charging period.", **params),
        }
        if problem.code == "TOO_FAR_BACK":
            return self.env._(
                "Service %(service)s was not charged since %(start)s, more than %(limit)s periods ago: set the day"
                " it is charged through.",
                service=service,
                start=problem.params["from"],
                limit=problem.params["limit"],
            )
        return texts[problem.code]

    def _bss_charge_names(self, rows):
        """{service id: text of the charge in the customer's language}"""
        partners = self.env["res.partner"].browse({row["partner_id"] for row in rows.values()})
        lang_of = {partner.id: partner.lang or self.env.lang for partner in partners}
        products = self.env["product.product"].browse({row["product_id"] for row in rows.values()})
        titles = {
            lang: {product.id: product.name for product in products.with_context(lang=lang)}
            for lang in set(lang_of.values())
        }
        names = {}
        for service_id, row in rows.items():
            title = titles[lang_of[row["partner_id"]]][row["product_id"]] or "/"
            names[service_id] = f"{title} {row['main_identifier']}" if row["main_identifier"] else title
        return names

    def _bss_claim_charges(self, account_ids):
        """Pending charges that begin in or before the period belong to this run.

        Charges left over by a run that is over move on to this one.
        """
        self.env["bss.charge"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE bss_charge charge SET bill_run_id = %(run)s
                 WHERE charge.account_id IN %(accounts)s
                   AND charge.state = 'pending'
                   AND COALESCE(charge.date_start, charge.date_end, %(end)s) <= %(end)s
                   AND charge.bill_run_id IS DISTINCT FROM %(run)s
                   AND NOT EXISTS (
                       SELECT 1 FROM bss_bill_run other
                         JOIN bss_bill_run_item item ON item.run_id = other.id
                        WHERE other.id = charge.bill_run_id
                          AND other.state = 'running'
                          AND item.account_id = charge.account_id
                          AND item.state = 'pending')
                """,
                run=self.id,
                accounts=tuple(account_ids),
                end=self.date_end,
            )
        )
        self.env["bss.charge"].invalidate_model(["bill_run_id"])

    def _bss_refresh_items(self, account_ids, problems):
        """Counts, sums and states of the items after collecting."""
        items = self.env["bss.bill.run.item"]
        items.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE bss_bill_run_item item
                   SET charge_count = found.charges,
                       amount_charges = found.amount,
                       error = NULL,
                       state = CASE WHEN found.charges = 0 THEN 'empty' ELSE 'pending' END
                  FROM (SELECT account.id, COUNT(charge.id) AS charges, COALESCE(SUM(charge.amount), 0) AS amount
                          FROM bss_account account
                     LEFT JOIN bss_charge charge
                            ON charge.account_id = account.id
                           AND charge.bill_run_id = %(run)s
                           AND charge.state = 'pending'
                         WHERE account.id IN %(accounts)s
                      GROUP BY account.id) found
                 WHERE item.run_id = %(run)s
                   AND item.account_id = found.id
                   AND item.state != 'issued'
                """,
                run=self.id,
                accounts=tuple(account_ids),
            )
        )
        items.invalidate_model()
        self.invalidate_recordset()
        if not problems:
            return
        failed = items.search(
            [("run_id", "=", self.id), ("account_id", "in", list(problems)), ("state", "!=", "issued")]
        )
        for item in failed:
            item.write({"state": "error", "error": "\n".join(problems[item.account_id.id])})

    # -- issue --------------------------------------------------------------------------------------

    def _bss_issue(self, progress=None):
        """Issue the pending items: jobs of 100 accounts, each one transaction.

        With ``queue_job__no_delay`` in the context the batches run here, one after another;
        ``progress(done, all)`` is called after each one (a script may commit there).
        """
        self.ensure_one()
        self._bss_refuse_cancelled()
        if self.stage == "collect":
            raise UserError(self.env._("Collect the charges of bill run %(name)s first.", name=self.name))
        self.write({"state": "running", "stage": "issue"})
        item_ids = (
            self.env["bss.bill.run.item"].search([("run_id", "=", self.id), ("state", "=", "pending")], order="id").ids
        )
        batches = [item_ids[start : start + BATCH] for start in range(0, len(item_ids), BATCH)]
        if not batches or self.env.context.get("queue_job__no_delay"):
            return self._bss_issue_here(batches, len(item_ids), progress)
        jobs = [
            self.delayable(
                channel=CHANNEL,
                identity_key=self._bss_job_key(batch),
                description=self.env._(
                    "%(run)s: invoices %(first)s-%(last)s of %(all)s",
                    run=self.name,
                    first=index * BATCH + 1,
                    last=index * BATCH + len(batch),
                    all=len(item_ids),
                ),
            )._bss_issue_batch(batch)
            for index, batch in enumerate(batches)
        ]
        finish = self.delayable(
            channel=CHANNEL, description=self.env._("%(run)s: closing", run=self.name)
        )._bss_finish()
        group(*jobs).on_done(finish).delay()
        return True

    def _bss_issue_here(self, batches, total, progress):
        done = 0
        for batch in batches:
            self._bss_issue_batch(batch)
            done += len(batch)
            if progress:
                progress(done, total)
        self._bss_finish()
        return True

    def _bss_job_key(self, batch):
        digest = hashlib.sha256(repr(batch).encode()).hexdigest()[:16]
        return f"bss.bill.run:{self.id}:{digest}"

    def _bss_issue_batch(self, item_ids):
        """Job: issue these items in one transaction; when one fails, each alone, failures listed."""
        self.ensure_one()
        run = self.with_company(self.company_id).with_context(**QUIET)
        run._bss_lock_journal()
        items = run._bss_lock_items(item_ids)
        ready = run._bss_ready_items(items)
        if not ready:
            return len(items)
        try:
            with self.env.cr.savepoint():
                run._bss_make_invoices(ready)
        except (OperationalError, RetryableJobError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever one account raises, the others go on
            _logger.info("%s: batch of %s fails (%s), going one by one", self.name, len(ready), error)
            run._bss_issue_singly(ready)
        return len(items)

    def _bss_issue_singly(self, items):
        for item in items:
            try:
                with self.env.cr.savepoint():
                    self._bss_make_invoices(item)
            except (OperationalError, RetryableJobError):
                raise
            except Exception as error:  # noqa: BLE001
                item.write({"state": "error", "error": self._bss_error_text(error)})

    @staticmethod
    def _bss_error_text(error):
        text = str(error).strip()
        if isinstance(error, UserError | ValidationError) and text:
            return text
        return f"{type(error).__name__}: {text}"

    def _bss_lock_journal(self):
        """One batch at a time posts in a journal: numbers stay gapless and nobody fights for them.

        A job that comes second steps back and begins anew, so that it sees the numbers of the first.
        """
        key = self.cycle_id.journal_id.id or 0
        if not self.env.context.get("job_uuid"):
            self.env.cr.execute(SQL("SELECT pg_advisory_xact_lock(%s, %s)", JOURNAL_LOCK, key))
            return
        [(free,)] = self.env.execute_query(SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", JOURNAL_LOCK, key))
        if not free:
            raise RetryableJobError("another batch posts in the journal", seconds=5, ignore_retry=True)

    def _bss_lock_items(self, item_ids):
        """Pending ones among the items, locked to the end of the transaction (waits for others)."""
        items = self.env["bss.bill.run.item"]
        items.flush_model(["state"])
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM bss_bill_run_item WHERE id IN %s AND run_id = %s AND state = 'pending'"
                " ORDER BY id FOR UPDATE",
                tuple(item_ids),
                self.id,
            )
        )
        found = items.browse([row[0] for row in rows])
        found.invalidate_recordset()
        return found

    def _bss_ready_items(self, items):
        """Items that can be invoiced; the others get their state and reason."""
        charges = self._bss_charges_of(items)
        taxes = self._bss_taxes(self.env["bss.charge"].union(*charges.values()))
        ready = self.env["bss.bill.run.item"]
        for item in items:
            own = charges.get(item.account_id.id, self.env["bss.charge"])
            total = sum(map(adapters.decimal, own.mapped("amount")), Decimal(0))
            problem = own and total > 0 and self._bss_why_not(item.account_id, own, taxes)
            if problem:
                item.write({"state": "error", "error": problem})
            elif total > 0:
                ready |= item
            elif own:
                text = self.env._("The charges sum to %(amount)s; they wait for the next bill.", amount=total)
                item.write({"state": "empty", "error": text})
            else:
                item.write({"state": "empty", "error": False})
        return ready

    def _bss_charges_of(self, items):
        """{account id: pending charges of this run}, in the order of the invoice lines."""
        found = self.env["bss.charge"].search(
            [
                ("account_id", "in", items.account_id.ids),
                ("bill_run_id", "=", self.id),
                ("state", "=", "pending"),
            ],
            order="account_id, contract_id, service_id, date_start, id",
        )
        return {account.id: charges for account, charges in found.grouped("account_id").items()}

    def _bss_why_not(self, account, charges, taxes):
        """Reason why the account cannot be invoiced, False when it can. Extended by higher addons."""
        partner = account.partner_id
        journal = self.cycle_id.journal_id
        if not partner.active:
            return self.env._("Customer %(name)s is archived.", name=partner.name)
        if not journal:
            return self.env._("Bill cycle %(name)s has no invoice journal.", name=self.cycle_id.name)
        if not journal.active:
            return self.env._("Journal %(name)s is archived.", name=journal.name)
        for charge in charges:
            if charge.currency_id != account.currency_id:
                return self.env._("Charge %(name)s is in another currency than the account.", name=charge.name)
            if not taxes[charge.id]:
                return self.env._(
                    "Charge %(charge)s: no sales tax on product %(product)s.",
                    charge=charge.name,
                    product=charge.product_id.display_name,
                )
        return False

    def _bss_taxes(self, charges):
        """{charge id: taxes}: its own, else those of its product by the customer's fiscal position."""
        positions = {partner: self._bss_fiscal_position(partner) for partner in charges.account_id.partner_id}
        result = {}
        for charge in charges:
            taxes = charge.tax_ids
            if not taxes:
                taxes = charge.product_id.taxes_id._filter_taxes_by_company(self.company_id)
                taxes = positions[charge.account_id.partner_id].map_tax(taxes)
            result[charge.id] = taxes
        return result

    def _bss_fiscal_position(self, partner):
        return self.env["account.fiscal.position"].with_company(self.company_id)._get_fiscal_position(partner)

    def _bss_make_invoices(self, items):
        """Create and post one invoice per item, mark charges and items. Part of one transaction."""
        charges = self._bss_charges_of(items)
        taxes = self._bss_taxes(self.env["bss.charge"].union(*charges.values()))
        moves = self.env["account.move"].create(
            [self._bss_move_vals(item.account_id, charges[item.account_id.id], taxes) for item in items]
        )
        moves._post(soft=False)
        self._bss_mark_billed(moves)
        for item, move in zip(items, moves, strict=True):
            own = charges[item.account_id.id]
            expected = sum(map(adapters.decimal, own.mapped("amount")), Decimal(0))
            self._bss_check_invoice(move, own, expected)
            item.write(
                {
                    "state": "issued",
                    "move_id": move.id,
                    "charge_count": len(own),
                    "amount_charges": float(expected),
                    "amount_untaxed": move.amount_untaxed,
                    "amount_tax": move.amount_tax,
                    "amount_total": move.amount_total,
                    "error": False,
                }
            )
        moves._bss_after_issue()
        return moves

    def _bss_mark_billed(self, moves):
        """Charges follow their lines; one statement for the batch."""
        self.env["account.move.line"].flush_model(["bss_charge_id"])
        self.env["bss.charge"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE bss_charge charge
                   SET state = 'billed', move_id = line.move_id, move_line_id = line.id,
                       write_uid = %s, write_date = now() AT TIME ZONE 'UTC'
                  FROM account_move_line line
                 WHERE line.bss_charge_id = charge.id
                   AND line.move_id IN %s
                   AND charge.state = 'pending'
                """,
                self.env.uid,
                tuple(moves.ids),
            )
        )
        self.env["bss.charge"].invalidate_model(["state", "move_id", "move_line_id"])

    def _bss_check_invoice(self, move, charges, expected):
        """The invoice is exactly the sum of its charges, line by line."""
        for charge in charges:
            if charge.state != "billed" or charge.move_id != move:
                raise ValidationError(self.env._("Charge %(name)s did not reach its invoice line.", name=charge.name))
            if charge.currency_id.compare_amounts(charge.move_line_id.price_subtotal, charge.amount):
                raise ValidationError(
                    self.env._(
                        "Line %(name)s is %(line)s, its charge is %(charge)s: use taxes not included in the price.",
                        name=charge.name,
                        line=charge.move_line_id.price_subtotal,
                        charge=charge.amount,
                    )
                )
        if move.currency_id.compare_amounts(move.amount_untaxed, float(expected)):
            raise ValidationError(
                self.env._(
                    "The invoice is %(move)s, its charges are %(charges)s.", move=move.amount_untaxed, charges=expected
                )
            )

    def _bss_move_vals(self, account, charges, taxes):
        cycle = self.cycle_id
        dates_start = [day for day in charges.mapped("date_start") if day]
        dates_end = [day for day in charges.mapped("date_end") if day]
        vals = {
            "move_type": "out_invoice",
            "company_id": self.company_id.id,
            "journal_id": cycle.journal_id.id,
            "partner_id": account.partner_id.id,
            "currency_id": account.currency_id.id,
            "invoice_date": self.date_invoice,
            "date": self.date_invoice,
            "invoice_user_id": False,
            "bss_account_id": account.id,
            "bss_bill_run_id": self.id,
            "bss_date_start": min(dates_start, default=self.date_start),
            "bss_date_end": max(dates_end, default=self.date_end),
            "invoice_line_ids": [(0, 0, self._bss_line_vals(account, charge, taxes[charge.id])) for charge in charges],
        }
        if "taxable_supply_date" in self.env["account.move"]._fields:
            vals["taxable_supply_date"] = self.date_invoice
        if cycle.payment_term_id:
            vals["invoice_payment_term_id"] = cycle.payment_term_id.id
        else:
            vals["invoice_payment_term_id"] = False
            vals["invoice_date_due"] = cycle._bss_due_date(self.date_invoice)
        return vals

    def _bss_line_vals(self, account, charge, taxes):
        quantity, price = self._bss_exact_price(charge)
        return {
            "product_id": charge.product_id.id,
            "name": self._bss_line_name(account, charge),
            "quantity": quantity,
            "price_unit": price,
            "discount": 0.0,
            "tax_ids": [(6, 0, taxes.ids)],
            "bss_charge_id": charge.id,
            "bss_service_id": charge.service_id.id,
            "bss_date_start": charge.date_start,
            "bss_date_end": charge.date_end,
        }

    @api.model
    def _bss_exact_price(self, charge):
        """(quantity, price) whose product is the amount of the charge to the grosz.

        Prices and quantities of documents have two decimals: everything finer becomes one piece.
        """
        amount = adapters.decimal(charge.amount)
        quantity, price = adapters.decimal(charge.quantity), adapters.decimal(charge.price_unit)
        cent = Decimal("0.01")
        whole = quantity == quantity.quantize(cent) and price == price.quantize(cent)
        if whole and quantity and charge.kind != "usage" and quantity * price == amount:
            return float(quantity), float(price)
        return 1.0, float(amount)

    @api.model
    def _bss_line_name(self, account, charge):
        lang = account.partner_id.lang or self.env.lang
        start, end = charge.date_start, charge.date_end
        if not start or charge.kind == "one_off":
            return charge.name
        first = format_date(self.env, start, lang_code=lang)
        if not end or start == end:
            return f"{charge.name} ({first})"
        return f"{charge.name} ({first} – {format_date(self.env, end, lang_code=lang)})"

    # -- finish -------------------------------------------------------------------------------------

    def _bss_finish(self):
        """Close the run when nothing is pending; its totals must equal its invoices."""
        self.ensure_one()
        self.invalidate_recordset()
        if self.state == "cancelled" or self.pending_count:
            return False
        self._bss_assert_totals()
        self.write(
            {
                "state": "done_errors" if self.error_count else "done",
                "stage": "finished",
                "finished_at": fields.Datetime.now(),
            }
        )
        return True

    def _bss_assert_totals(self):
        """Sum of items = run = posted invoices = billed charges; a difference is a bug and stops."""
        self.env["account.move"].flush_model(["amount_untaxed", "amount_total", "bss_bill_run_id", "state"])
        self.env["bss.charge"].flush_model(["amount", "state", "bill_run_id"])
        self.env["bss.bill.run.item"].flush_model()
        [(moves, net, gross)] = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*), COALESCE(SUM(amount_untaxed), 0), COALESCE(SUM(amount_total), 0)
                  FROM account_move
                 WHERE id IN (SELECT move_id FROM bss_bill_run_item WHERE run_id = %s AND state = 'issued')
                """,
                self.id,
            )
        )
        [(charged,)] = self.env.execute_query(
            SQL(
                "SELECT COALESCE(SUM(amount), 0) FROM bss_charge WHERE bill_run_id = %s AND state = 'billed'",
                self.id,
            )
        )
        same = self.currency_id.compare_amounts
        if (
            moves != self.issued_count
            or same(float(net), self.amount_untaxed)
            or same(float(gross), self.amount_total)
            or same(float(charged), float(net))
        ):
            raise AssertionError(
                f"{self.name}: items {self.issued_count}/{self.amount_untaxed}/{self.amount_total},"
                f" invoices {moves}/{net}/{gross}, charges {charged}"
            )

    def _bss_retry(self, items):
        """Collect and issue failed items again."""
        self.ensure_one()
        self._bss_refuse_cancelled()
        if not items:
            return False
        account_ids = self._bss_open_account_ids(items.ids)
        if account_ids:
            self._bss_collect_accounts(account_ids)
            self.write({"stage": "preview", "state": "running"})
        return self._bss_issue()
