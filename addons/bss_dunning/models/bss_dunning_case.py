from collections import defaultdict
from datetime import timedelta

from markupsafe import Markup, escape
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, formatLang

from .. import adapters
from ..dunning_core.law.limitation import limitation_bar
from ..dunning_core.law.service_chain import ChainState, ChainStep, Notice, NoticeKind, gate, resume_deadline
from ..dunning_core.policy.arrears import OpenItem, arrears
from ..dunning_core.policy.ladder import CaseState, GateAnswer, PastAction, plan
from .bss_dunning_step import CONTACT_CHANNELS

AGE_LIMITS = ((30, "1_30"), (60, "31_60"), (90, "61_90"), (180, "91_180"), (365, "181_365"))
PLAN_BATCH = 1000
PENDING = "bss_dunning_accounts"
# What people may change themselves; everything else follows from money, runs and buttons
EDITABLE = frozenset({"user_id", "strategy_id", "complaint_open", "complaint_exhausted_on", "activity_ids"})


class BssDunningCase(models.Model):
    _name = "bss.dunning.case"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Dunning Case"
    _order = "amount_overdue desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "account_id", "partner_id"]

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default="/", index="trigram")
    account_id = fields.Many2one(
        "bss.account", string="Billing Account", required=True, index=True, check_company=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(related="account_id.partner_id", store=True, index=True, string="Customer")
    customer_kind = fields.Selection(related="account_id.customer_kind", store=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    strategy_id = fields.Many2one("bss.dunning.strategy", index=True, check_company=True, tracking=True)
    stage_id = fields.Many2one(
        "bss.dunning.stage",
        index=True,
        check_company=True,
        group_expand="_read_group_stage_ids",
        domain="[('strategy_id', '=', strategy_id)]",
    )
    step_id = fields.Many2one("bss.dunning.step", string="Last Step", check_company=True)
    next_step_id = fields.Many2one("bss.dunning.step", check_company=True)
    state = fields.Selection(
        [("open", "Open"), ("hold", "On hold"), ("closed", "Closed")],
        required=True,
        default="open",
        index=True,
        tracking=True,
    )
    user_id = fields.Many2one("res.users", string="Collector", index=True, tracking=True)
    amount_overdue = fields.Monetary(
        string="Overdue", readonly=True, help="Overdue receivables of the account less its open credits."
    )
    amount_demanded = fields.Monetary(
        string="To Demand", readonly=True, help="Overdue less what must not be demanded: lapsed or disputed."
    )
    amount_credit = fields.Monetary(
        string="Open Credits", readonly=True, help="Payments and credit notes not assigned to a document yet."
    )
    oldest_due = fields.Date(readonly=True)
    days_overdue = fields.Integer(readonly=True, aggregator="avg")
    age_bucket = fields.Selection(
        [
            ("1_30", "1–30 days"),
            ("31_60", "31–60 days"),
            ("61_90", "61–90 days"),
            ("91_180", "91–180 days"),
            ("181_365", "181–365 days"),
            ("365", "over 365 days"),
        ],
        string="Overdue Since",
        readonly=True,
        index=True,
    )
    as_of = fields.Date(readonly=True, help="Day on which the amounts were last looked at.")
    date_opened = fields.Date(readonly=True)
    date_closed = fields.Date(readonly=True, copy=False)
    close_reason = fields.Selection(
        [("paid", "Paid"), ("noticed_paid", "Noticed debt paid, newer debt in a new case")], readonly=True, copy=False
    )
    date_next = fields.Date(string="Next Action", readonly=True, index=True)
    next_code = fields.Char(readonly=True)
    next_params = fields.Json(readonly=True)
    next_reason = fields.Char(compute="_compute_next_reason", string="What Next and Why")
    watched = fields.Boolean(
        readonly=True, index=True, help="Below the intake threshold of its strategy: nothing is sent yet."
    )
    hold_until = fields.Date(copy=False, tracking=True, help="Last day of the hold; empty with a hold: until released.")
    hold_reason = fields.Char(copy=False, tracking=True)
    complaint_open = fields.Boolean(
        tracking=True, help="A complaint about the amount is open: services are not suspended."
    )
    complaint_exhausted_on = fields.Date(
        string="Complaint Exhausted", tracking=True, help="Services are not suspended for a statutory time after it."
    )
    action_ids = fields.One2many("bss.dunning.action", "case_id", string="Actions", readonly=True)
    action_count = fields.Integer(compute="_compute_action_count")
    document_count = fields.Integer(compute="_compute_action_count")
    line_ids = fields.Many2many(
        "account.move.line", compute="_compute_line_ids", compute_sudo=True, string="Open Documents"
    )
    interest_amount = fields.Monetary(
        compute="_compute_interest", compute_sudo=True, string="Statutory Interest", help="To date, open documents."
    )
    interest_per_day = fields.Monetary(compute="_compute_interest", compute_sudo=True)
    interest_html = fields.Html(compute="_compute_interest", compute_sudo=True, string="Interest Calculation")
    payment_nrb = fields.Char(related="account_id.payment_nrb")

    _account_open_unique = models.UniqueIndex(
        "(account_id) WHERE state != 'closed'", "This billing account has an open case already."
    )

    # Computes

    def _read_group_stage_ids(self, stages, domain):
        return stages.search([("id", "in", stages.ids)]) or stages

    @api.depends("action_ids.document_id")
    def _compute_action_count(self):
        for case in self:
            case.action_count = len(case.action_ids)
            case.document_count = len(case.action_ids.document_id)

    @api.depends("amount_overdue", "as_of", "state")
    def _compute_line_ids(self):
        found = self.env["account.move.line"].search(self._bss_line_domain(), order="date_maturity, id")
        by_account = found.grouped(lambda line: line.move_id.bss_account_id)
        empty = self.env["account.move.line"]
        calendar = adapters.free_days(self.env)
        for case in self:
            lines = by_account.get(case.account_id, empty) if case.state != "closed" else empty
            day = case.as_of or fields.Date.context_today(case)
            last = calendar.last_working_day_before(day)
            case.line_ids = lines.filtered(lambda line, last=last: line.date_maturity <= last)

    def _bss_line_domain(self):
        return Domain(
            [
                ("move_id.bss_account_id", "in", self.account_id.ids),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("amount_residual", ">", 0),
                ("date_maturity", "!=", False),
            ]
        )

    @api.depends("line_ids")
    @api.depends_context("bss_as_of", "lang")
    def _compute_interest(self):
        day = fields.Date.to_date(self.env.context.get("bss_as_of")) or fields.Date.context_today(self)
        calendar = adapters.free_days(self.env)
        tables = adapters.rate_tables(self.env)
        for case in self:
            results = case._bss_interest(day, calendar, tables)
            good = [result for _line, result in results if adapters.is_interest(result)]
            case.interest_amount = float(sum(result.amount for result in good))
            case.interest_per_day = float(sum(result.per_day for result in good))
            case.interest_html = case._bss_interest_html(results) if results else False

    def _bss_interest(self, as_of, calendar, tables):
        """[(receivable line, kernel result)] of the open documents."""
        self.ensure_one()
        table = tables.get(self.account_id._bss_interest_regime())
        if table is None:
            return []
        return [(line, adapters.line_interest(line, table, as_of, calendar)) for line in self.line_ids]

    def _bss_interest_html(self, results):
        head = Markup("<tr><th>%s</th><th>%s</th><th>%s</th><th class='text-end'>%s</th></tr>") % (
            self.env._("Document"),
            self.env._("Interest from"),
            self.env._("Calculation"),
            self.env._("Interest"),
        )
        rows = Markup("").join(self._bss_interest_row(line, result) for line, result in results)
        return Markup("<table class='table table-sm'><thead>%s</thead><tbody>%s</tbody></table>") % (head, rows)

    def _bss_interest_row(self, line, result):
        if not adapters.is_interest(result):
            return Markup("<tr><td>%s</td><td colspan='3'>%s</td></tr>") % (
                line.move_id.name,
                self.env._("Not calculated: %(code)s", code=result.code),
            )
        arithmetic = Markup("<br/>").join(escape(self._bss_arithmetic(segment)) for segment in result.segments)
        first = result.due_effective + timedelta(days=1)
        return Markup("<tr><td>%s</td><td>%s</td><td>%s</td><td class='text-end'>%s</td></tr>") % (
            line.move_id.name,
            format_date(self.env, first),
            arithmetic,
            formatLang(self.env, float(result.amount), currency_obj=self.currency_id),
        )

    def _bss_arithmetic(self, segment):
        """One segment in the numbers of the reader's language."""
        first, last = format_date(self.env, segment.date_start), format_date(self.env, segment.date_end)
        principal = formatLang(self.env, float(segment.principal), digits=2)
        percent = formatLang(self.env, float(segment.percent), digits=2)
        interest = formatLang(self.env, float(segment.exact), digits=4)
        return f"{first}–{last}: {principal} × {percent}% × {segment.days} / {segment.divisor} = {interest}"

    @api.depends("next_code", "next_params", "next_step_id", "date_next", "state")
    @api.depends_context("lang")
    def _compute_next_reason(self):
        for case in self:
            case.next_reason = case._bss_next_reason()

    def _bss_next_reason(self):
        params = dict(self.next_params or {})
        values = {
            "step": self.next_step_id.name or "",
            "day": format_date(self.env, self.date_next) if self.date_next else self.env._("no date"),
            "until": params.get("until") and format_date(self.env, params["until"]) or self.env._("released"),
            "amount": self._bss_text_amount(params.get("amount")),
            "min_amount": self._bss_text_amount(params.get("min_amount")),
            "overdue": self._bss_text_amount(params.get("overdue")),
            "min_days": params.get("min_days", 0),
            "since": params.get("since") and format_date(self.env, params["since"]) or "",
            "why": self._bss_gate_text(params.get("why")),
            "reason": self.hold_reason or "",
            "withheld": self._bss_withheld_text(params.get("withheld")),
        }
        texts = {
            "PAID": lambda: self.env._("Everything is paid."),
            "NOTHING_TO_DEMAND": lambda: self.env._(
                "%(overdue)s is overdue, but nothing may be demanded: %(withheld)s.", **values
            ),
            "ON_HOLD": lambda: self.env._("On hold until %(until)s. %(reason)s", **values),
            "BELOW_MIN_AMOUNT": lambda: self.env._(
                "Watched: %(amount)s is below %(min_amount)s of the strategy.", **values
            ),
            "BELOW_MIN_DAYS": lambda: self.env._(
                "Watched until %(day)s: the strategy begins %(min_days)s days overdue.", **values
            ),
            "LADDER_ENDED": lambda: self.env._("All steps of the strategy were taken."),
            "STEP_IN_WORK": lambda: self.env._("%(step)s waits since %(since)s to be carried out.", **values),
            "TOO_EARLY": lambda: self.env._("%(step)s on %(day)s.", **values),
            "BELOW_STEP_AMOUNT": lambda: self.env._(
                "%(step)s waits: %(amount)s is below its %(min_amount)s.", **values
            ),
            "TOO_MANY_CONTACTS": lambda: self.env._(
                "%(step)s waits until %(day)s: enough contacts this week.", **values
            ),
            "GATE_CLOSED": lambda: self.env._("%(step)s is not lawful yet: %(why)s Earliest: %(day)s.", **values),
            "RETRY": lambda: self.env._("%(step)s failed and is tried again.", **values),
            "DUE": lambda: self.env._("%(step)s is due.", **values),
            "NO_STRATEGY": lambda: self.env._("No strategy fits this kind of customer."),
        }
        text = texts.get(self.next_code)
        return text().strip() if text else ""

    def _bss_text_amount(self, value):
        return formatLang(self.env, float(value or 0), currency_obj=self.currency_id)

    def _bss_withheld_text(self, codes):
        """Why documents are not demanded; ``codes`` of the kernel, comma separated."""
        texts = {
            "LAPSED": self.env._("lapsed by limitation"),
            "LIMITATION_UNKNOWN": self.env._("limitation is not recorded for its due date"),
            "DISPUTED": self.env._("disputed"),
        }
        return ", ".join(texts.get(code, code) for code in (codes or "").split(",") if code)

    def _bss_gate_text(self, code):
        return {
            "N1_NOT_DELIVERED": self.env._("delivery of the notice of restriction is not proven."),
            "N2_NOT_DELIVERED": self.env._("delivery of the notice of suspension is not proven."),
            "N3_NOT_DELIVERED": self.env._("delivery of the notice of termination is not proven."),
            "NOT_RESTRICTED": self.env._("the services were not restricted."),
            "NOT_SUSPENDED": self.env._("the services were not suspended."),
            "TERM_RUNNING": self.env._("a statutory term is running."),
            "COMPLAINT_OPEN": self.env._("a complaint is open."),
            "NOTHING_DUE": self.env._("nothing is due."),
            "NO_LEGAL_TERMS": self.env._("the statutory terms of that day are not recorded."),
        }.get(code, code or "")

    # Creation

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        for case in cases.filtered(lambda case: case.name == "/"):
            day = case.date_opened or fields.Date.context_today(case)
            case.name = f"W/{day.year}/{case.id:06d}"
        return cases

    # Amounts: one pass of SQL over all accounts

    @api.model
    def _bss_balance_query(self, company, as_of, account_ids=None):
        """Overdue, credit and oldest due date per account, for accounts that owe anything overdue.

        A term that ends on a free day moves on, so an item is overdue when it fell due by the last working day.
        """
        cutoff = adapters.free_days(self.env).last_working_day_before(as_of)
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model(["bss_account_id", "state"])
        self.env["account.account"].flush_model(["account_type"])
        only = SQL("AND move.bss_account_id = ANY(%s)", list(account_ids)) if account_ids is not None else SQL()
        return SQL(
            """
            WITH item AS (
                SELECT move.bss_account_id AS account_id, line.id, line.amount_residual AS residual,
                       line.date_maturity AS due
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
                  JOIN account_account ledger ON ledger.id = line.account_id
                 WHERE ledger.account_type = 'asset_receivable'
                   AND line.parent_state = 'posted'
                   AND line.reconciled IS NOT TRUE
                   AND line.amount_residual != 0
                   AND line.company_id = %(company)s
                   AND move.bss_account_id IS NOT NULL %(only)s
                   AND (line.amount_residual < 0 OR line.date_maturity <= %(cutoff)s)
            ), total AS (
                SELECT account_id, SUM(residual) AS overdue,
                       COALESCE(-SUM(residual) FILTER (WHERE residual < 0), 0) AS credit
                  FROM item GROUP BY account_id HAVING SUM(residual) > 0
            ), running AS (
                SELECT account_id, due, SUM(residual) OVER (PARTITION BY account_id ORDER BY due, id) AS reached
                  FROM item WHERE residual > 0
            )
            SELECT total.account_id, total.overdue, total.credit, MIN(running.due) AS oldest_due
              FROM total JOIN running ON running.account_id = total.account_id AND running.reached > total.credit
             GROUP BY total.account_id, total.overdue, total.credit
            """,
            company=company.id,
            cutoff=cutoff,
            only=only,
        )

    @api.model
    def _bss_refresh(self, company, as_of, account_ids=None):
        """Open, update and close the cases of a company (or of some of its accounts) as of a day.

        :return: dict of opened and closed case ids and the number of updated cases
        """
        self = self.sudo()
        self.flush_model()
        self.env["bss.account"].flush_model()
        self.env["res.partner"].flush_model(["bss_customer_kind"])
        account_ids = list(account_ids) if account_ids is not None else None
        rows = self.env.execute_query(self._bss_balance_query(company, as_of, account_ids))
        columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], [], []]
        calendar = adapters.free_days(self.env)
        balance = SQL(
            "unnest(%s::int[], %s::numeric[], %s::numeric[], %s::date[], %s::date[])"
            " AS balance(account_id, overdue, credit, oldest_due, overdue_since)",
            *columns,
            [calendar.shift(due) for due in columns[3]],
        )
        updated = self._bss_update_open(company, as_of, balance)
        closed = self._bss_close_paid(company, as_of, account_ids, columns[0])
        noticed = self._bss_noticed_paid(company, as_of, account_ids)
        facts = noticed._bss_standing_facts()
        noticed._bss_close(as_of, "noticed_paid")
        closed |= noticed
        opened = self._bss_open_new(company, as_of, balance)
        opened._bss_take_over(facts)
        closed._bss_after_close(as_of)
        return {"opened": opened.ids, "closed": closed.ids, "updated": updated}

    def _bss_age_sql(self, as_of, due):
        days = SQL("(%s::date - %s)", as_of, due)
        cases = SQL(" ").join(SQL("WHEN %s <= %s THEN %s", days, limit, key) for limit, key in AGE_LIMITS)
        return days, SQL("CASE %s ELSE '365' END", cases)

    def _bss_update_open(self, company, as_of, balance):
        days, bucket = self._bss_age_sql(as_of, SQL("balance.overdue_since"))
        self.env.cr.execute(
            SQL(
                """
                UPDATE bss_dunning_case dunning
                   SET amount_overdue = balance.overdue, amount_credit = balance.credit,
                       oldest_due = balance.oldest_due, days_overdue = %(days)s, age_bucket = %(bucket)s,
                       as_of = %(as_of)s, write_date = now() AT TIME ZONE 'UTC', write_uid = %(uid)s
                  FROM %(balance)s
                 WHERE dunning.account_id = balance.account_id AND dunning.state != 'closed'
                   AND dunning.company_id = %(company)s
                """,
                days=days,
                bucket=bucket,
                as_of=as_of,
                uid=self.env.uid,
                company=company.id,
                balance=balance,
            )
        )
        updated = self.env.cr.rowcount
        self.invalidate_model()
        return updated

    def _bss_close_paid(self, company, as_of, account_ids, owing):
        only = SQL("AND account_id = ANY(%s)", account_ids) if account_ids is not None else SQL()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM bss_dunning_case
                 WHERE state != 'closed' AND company_id = %s %s
                   AND NOT account_id = ANY(%s)
                """,
                company.id,
                only,
                owing,
            )
        )
        cases = self.browse(row[0] for row in rows)
        cases._bss_close(as_of, "paid")
        return cases

    def _bss_noticed_paid(self, company, as_of, account_ids):
        """Payment of what a notice demanded ends its chain, even when newer documents are overdue by now."""
        domain = Domain("state", "=", "done") & Domain("step_id.legal_notice", "!=", False)
        domain &= Domain("case_id.state", "!=", "closed") & Domain("company_id", "=", company.id)
        if account_ids is not None:
            domain &= Domain("account_id", "in", account_ids)
        notices = self.env["bss.dunning.action"].sudo().search(domain)
        debts = notices.case_id._bss_debts(as_of)
        cases = self.browse()
        for case, actions in notices.grouped("case_id").items():
            if not any(action._bss_notice_stands(debts[case]) for action in actions):
                cases |= case
        return cases

    def _bss_standing_facts(self):
        """{account id: values}: what people have recorded and what outlives a case whose notice chain ended."""
        return {
            case.account_id.id: {
                "state": case.state,
                "hold_until": case.hold_until,
                "hold_reason": case.hold_reason,
                "complaint_open": case.complaint_open,
                "complaint_exhausted_on": case.complaint_exhausted_on,
                "user_id": case.user_id.id,
                **({"strategy_id": case.strategy_id.id} if case.strategy_id else {}),
            }
            for case in self
        }

    def _bss_take_over(self, facts):
        """Successors of cases whose noticed debt was paid go on with hold, complaint, collector and strategy."""
        for case in self.filtered(lambda case: case.account_id.id in facts):
            case.with_context(tracking_disable=True).write(facts[case.account_id.id])
        self.flush_recordset()

    def _bss_close(self, as_of, reason):
        self.with_context(tracking_disable=True).write(
            {
                "state": "closed",
                "date_closed": as_of,
                "close_reason": reason,
                "amount_overdue": 0,
                "amount_demanded": 0,
                "amount_credit": 0,
                "as_of": as_of,
                "next_step_id": False,
                "date_next": False,
                "next_code": "PAID",
                "next_params": False,
                "watched": False,
                "hold_until": False,
            }
        )
        self.flush_recordset()

    def _bss_open_new(self, company, as_of, balance):
        strategies = self.env["bss.dunning.strategy"]._bss_for_kinds(company)
        values = SQL(", ").join(
            SQL("(%s, %s, %s)", kind, strategy.id, strategy.stage_ids[:1].id or None)
            for kind, strategy in strategies.items()
        )
        table = SQL("(VALUES %s) AS choice(kind, strategy_id, stage_id)", values or SQL("('', NULL::int, NULL::int)"))
        days, bucket = self._bss_age_sql(as_of, SQL("balance.overdue_since"))
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO bss_dunning_case (
                    id, name, account_id, partner_id, company_id, customer_kind, strategy_id, stage_id, state,
                    amount_overdue, amount_credit, amount_demanded, oldest_due, days_overdue, age_bucket, as_of,
                    date_opened, watched, complaint_open, create_uid, write_uid, create_date, write_date)
                SELECT fresh.id, 'W/' || EXTRACT(YEAR FROM %(as_of)s::date)::text || '/' || lpad(fresh.id::text, 6, '0'),
                       fresh.account_id, fresh.partner_id, fresh.company_id, fresh.customer_kind,
                       COALESCE(fresh.own_strategy, fresh.strategy_id)::int,
                       (CASE WHEN fresh.own_strategy IS NULL THEN fresh.stage_id ELSE (
                            SELECT stage.id FROM bss_dunning_stage stage
                             WHERE stage.strategy_id = fresh.own_strategy ORDER BY stage.sequence, stage.id LIMIT 1)
                        END)::int,
                       'open', fresh.overdue, fresh.credit, fresh.overdue, fresh.oldest_due, fresh.days, fresh.bucket,
                       %(as_of)s, %(as_of)s, false, false, %(uid)s, %(uid)s,
                       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                  FROM (SELECT nextval('bss_dunning_case_id_seq') AS id, account.id AS account_id, account.partner_id,
                               account.company_id, account.customer_kind, account.dunning_strategy_id AS own_strategy,
                               choice.strategy_id, choice.stage_id, balance.overdue, balance.credit,
                               balance.oldest_due, %(days)s AS days, %(bucket)s AS bucket
                          FROM %(balance)s
                          JOIN bss_account account ON account.id = balance.account_id
                          LEFT JOIN %(choice)s ON choice.kind = account.customer_kind
                         WHERE account.company_id = %(company)s
                           AND NOT EXISTS (SELECT 1 FROM bss_dunning_case known
                                            WHERE known.account_id = account.id AND known.state != 'closed')
                       ) fresh
                ON CONFLICT DO NOTHING
                RETURNING id
                """,
                as_of=as_of,
                uid=self.env.uid,
                days=days,
                bucket=bucket,
                choice=table,
                balance=balance,
                company=company.id,
            )
        )
        self.invalidate_model()
        return self.browse(row[0] for row in rows)

    def _bss_after_close(self, as_of):
        """What follows from payment: nothing planned is carried out any more, services come back."""
        if not self:
            return
        actions = self.env["bss.dunning.action"].sudo().search([("case_id", "in", self.ids)])
        actions.filtered(lambda action: action.state in ("planned", "failed"))._bss_cancel(
            self.env._("The debt was paid.")
        )
        actions._bss_release_services(as_of)

    # Payments: reconciliation marks accounts, the end of the transaction looks at their cases once

    @api.model
    def _bss_mark_accounts(self, accounts):
        """Look at the cases of these accounts again, once, just before the transaction ends."""
        if not accounts:
            return
        precommit = self.env.cr.precommit
        pending = precommit.data.setdefault(PENDING, set())
        if not pending:
            precommit.add(self.sudo()._bss_refresh_marked)
        pending.update(accounts.ids)

    @api.model
    def _bss_refresh_marked(self):
        """Amounts of the marked accounts, each as of the day its case was last looked at."""
        self = self.sudo()
        account_ids = list(self.env.cr.precommit.data.pop(PENDING, ()))
        cases = self.search([("account_id", "in", account_ids), ("state", "!=", "closed"), ("as_of", "!=", False)])
        for (company, day), group in cases.grouped(lambda case: (case.company_id, case.as_of)).items():
            opened = self._bss_refresh(company, day, group.account_id.ids)["opened"]
            touched = self.browse(group.ids + opened)
            touched.filtered(lambda case: case.state != "closed")._bss_plan(day)

    # Planning: the kernel decides, one batch of cases at a time

    def _bss_plan(self, as_of):
        """Plan every case; write what comes next and why.

        :return: [(case id, kernel plan)] of the cases whose step is to be taken today
        """
        due = []
        calendar = adapters.free_days(self.env)
        limitation = adapters.limitation_terms(self.env)
        for start in range(0, len(self), PLAN_BATCH):
            due += self[start : start + PLAN_BATCH]._bss_plan_batch(as_of, calendar, limitation)
        return due

    def _bss_plan_batch(self, as_of, calendar, limitation):
        debts = self._bss_debts(as_of, calendar, limitation)
        actions = self._bss_past_actions()
        strategies = {s: adapters.strategy_data(s) for s in self.strategy_id.sudo()}
        rows, due = [], []
        for case in self:
            debt = debts[case]
            if not case.strategy_id:
                rows.append((case.id, None, None, "NO_STRATEGY", None, debt.demanded, True))
                continue
            state = CaseState(case.id, actions.get(case.id, ()), case.hold_until or None, case.state == "hold")
            answer = plan(
                state,
                debt,
                strategies[case.strategy_id],
                as_of,
                calendar,
                lambda step, case=case, debt=debt: case._bss_gate(step.gate, as_of, calendar, debt),
            )
            rows.append(self._bss_plan_row(case, debt, answer))
            if answer.acts:
                due.append((case.id, answer))
        self._bss_write_plans(rows)
        return due

    def _bss_plan_row(self, case, debt, answer):
        params = {key: str(value) for key, value in answer.params.items() if value is not None}
        watched = answer.code in ("BELOW_MIN_AMOUNT", "BELOW_MIN_DAYS", "NOTHING_TO_DEMAND") and not case.step_id
        step = answer.step.key if answer.step else None
        return (case.id, step, answer.date_next, answer.code, params or None, debt.demanded, watched)

    def _bss_write_plans(self, rows):
        if not rows:
            return
        self.env["bss.dunning.case"].flush_model()
        for start in range(0, len(rows), PLAN_BATCH):
            values = SQL(", ").join(
                SQL(
                    "(%s::int, %s::int, %s::date, %s, %s::jsonb, %s::numeric, %s::bool)",
                    case_id,
                    step,
                    day,
                    code,
                    fields.Json().convert_to_column(params, self) if params else None,
                    demanded,
                    watched,
                )
                for case_id, step, day, code, params, demanded, watched in rows[start : start + PLAN_BATCH]
            )
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE bss_dunning_case dunning
                       SET next_step_id = plan.step_id, date_next = plan.day, next_code = plan.code,
                           next_params = plan.params, amount_demanded = plan.demanded, watched = plan.watched
                      FROM (VALUES %s) AS plan(id, step_id, day, code, params, demanded, watched)
                     WHERE dunning.id = plan.id
                    """,
                    values,
                )
            )
        self.invalidate_model()

    def _bss_debts(self, as_of, calendar=None, limitation=None):
        """{case: kernel arrears}: what may be demanded, open credits set against the oldest documents first."""
        calendar = calendar or adapters.free_days(self.env)
        limitation = limitation or adapters.limitation_terms(self.env)
        items = self._bss_open_items(as_of, calendar, limitation)
        return {
            case: arrears(items.get(case.account_id.id, ()), adapters.to_money(case.amount_credit)) for case in self
        }

    def _bss_open_items(self, as_of, calendar, limitation):
        """{account id: [kernel open item]}; one query."""
        if not self:
            return {}
        self.env["account.move.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT move.bss_account_id, line.id, line.date_maturity, line.amount_residual,
                       COALESCE(line.no_followup, false), account.customer_kind
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
                  JOIN account_account ledger ON ledger.id = line.account_id
                  JOIN bss_account account ON account.id = move.bss_account_id
                 WHERE move.bss_account_id = ANY(%s)
                   AND ledger.account_type = 'asset_receivable'
                   AND line.parent_state = 'posted'
                   AND line.reconciled IS NOT TRUE
                   AND line.amount_residual > 0
                   AND line.date_maturity <= %s
                """,
                self.account_id.ids,
                calendar.last_working_day_before(as_of),
            )
        )
        items = defaultdict(list)
        for account_id, line_id, due, residual, disputed, kind in rows:
            withheld = "DISPUTED" if disputed else ""
            if kind == "consumer":
                withheld = limitation_bar(due, as_of, limitation) or withheld
            items[account_id].append(OpenItem(line_id, calendar.shift(due), adapters.to_money(residual), withheld))
        return items

    def _bss_past_actions(self):
        self.env["bss.dunning.action"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT case_id, step_id, COALESCE(date_done, date), state, channel
                  FROM bss_dunning_action WHERE case_id = ANY(%s) AND state != 'cancelled' ORDER BY id
                """,
                self.ids,
            )
        )
        actions = defaultdict(list)
        for case_id, step_id, day, state, channel in rows:
            actions[case_id].append(
                PastAction(step_id, day, adapters.OUTCOMES[state], contact=channel in CONTACT_CHANNELS)
            )
        return {case_id: tuple(past) for case_id, past in actions.items()}

    # The statutory gate

    def _bss_gate(self, name, as_of, calendar=None, debt=None):
        """Kernel gate answer for a step of the service chain (restrict, suspend, n2, n3)."""
        self.ensure_one()
        terms = adapters.chain_terms(self.env, as_of)
        if terms is None:
            return GateAnswer(False, "NO_LEGAL_TERMS")
        calendar = calendar or adapters.free_days(self.env)
        debt = debt or self._bss_debts(as_of, calendar)[self]
        answer = gate(ChainStep(name), self._bss_chain_state(debt), as_of, calendar, terms)
        return GateAnswer(answer.allowed, answer.code, answer.earliest)

    def _bss_chain_state(self, debt):
        """Facts of the chain; a complaint protects whatever else is unpaid, which is the safe side."""
        actions = self.sudo().action_ids.filtered(lambda action: action.state == "done")
        notices = tuple(
            Notice(NoticeKind(action.step_id.legal_notice), action._bss_delivered_on())
            for action in actions
            if action.step_id.legal_notice and action._bss_notice_stands(debt)
        )
        return ChainState(
            unpaid=debt.demanded > 0,
            notices=notices,
            restricted_on=actions._bss_services_done_on("restrict"),
            suspended_on=actions._bss_services_done_on("suspend"),
            complaint_open=self.complaint_open,
            complaint_exhausted_on=self.complaint_exhausted_on or None,
            undisputed_paid=True,
        )

    def _bss_resume_deadline(self, as_of):
        terms = adapters.chain_terms(self.env, as_of)
        return resume_deadline(as_of, terms) if terms is not None else as_of

    # Buttons

    def action_hold(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_hold_action")
        action["context"] = {"default_case_ids": self.ids}
        return action

    def _bss_hold(self, until, reason):
        """No step of these cases is taken, planned ones wait and calls are taken out of people's lists."""
        self.check_access("write")
        open_cases = self.sudo().filtered(lambda case: case.state != "closed")
        open_cases.write({"state": "hold", "hold_until": until, "hold_reason": reason})
        open_cases.action_ids._bss_withdraw_calls()
        open_cases._bss_replan()

    def _bss_is_held(self, as_of):
        self.ensure_one()
        return self.state == "hold" and (not self.hold_until or as_of <= self.hold_until)

    def action_release(self):
        self.check_access("write")
        held = self.sudo().filtered(lambda case: case.state == "hold")
        held.write({"state": "open", "hold_until": False, "hold_reason": False})
        held._bss_replan()

    def _bss_release_expired(self, as_of):
        """Holds that are over end by themselves."""
        expired = self.sudo().filtered(
            lambda case: case.state == "hold" and case.hold_until and case.hold_until < as_of
        )
        expired.write({"state": "open", "hold_until": False, "hold_reason": False})

    def _bss_lock_and_recheck(self, as_of):
        """Hold the cases still until the transaction ends and look at their money once more."""
        cases = self.sudo()
        cases.flush_recordset()
        self.env.execute_query(
            SQL("SELECT id FROM bss_dunning_case WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", cases.ids)
        )
        cases.invalidate_recordset()
        for company, group in cases.filtered(lambda case: case.state != "closed").grouped("company_id").items():
            cases._bss_refresh(company, as_of, group.account_id.ids)
        cases.filtered(lambda case: case.state != "closed")._bss_plan(as_of)

    def _bss_replan(self):
        for day, cases in self.filtered(lambda case: case.state != "closed").grouped("as_of").items():
            cases._bss_plan(day or fields.Date.context_today(self))

    def action_refresh(self):
        """Look at the amounts again, as of today."""
        self.check_access("write")
        today = fields.Date.context_today(self)
        for company, cases in self.sudo().grouped("company_id").items():
            self.sudo()._bss_refresh(company, today, cases.account_id.ids)
            cases.filtered(lambda case: case.state != "closed")._bss_plan(today)

    def action_assign_me(self):
        self.check_access("write")
        self.write({"user_id": self.env.uid})

    def action_take_next_step(self):
        """Take the next step by hand when its day has come."""
        today = fields.Date.context_today(self)
        if all(case.state == "closed" for case in self):
            raise UserError(self.env._("The case is closed."))
        self.action_refresh()
        actions = self.env["bss.dunning.action"]._bss_insert(
            self.filtered(lambda case: case.state != "closed")._bss_plan(today), today
        )
        if not actions:
            raise UserError(self.env._("Nothing to do today: %(reason)s", reason=self[:1].next_reason or ""))
        actions._bss_execute(today, by_hand=True)
        self._bss_replan()

    def write(self, vals):
        if not self.env.su and set(vals) - EDITABLE:
            raise AccessError(self.env._("Cases are changed by payments, runs and their buttons: hold, release."))
        strategy_changed = "strategy_id" in vals
        result = super().write(vals)
        if strategy_changed:
            for case in self.sudo().filtered(lambda case: case.state != "closed"):
                if case.stage_id.strategy_id != case.strategy_id:
                    case.stage_id = case.strategy_id.stage_ids[:1]
            self._bss_replan()
        if "complaint_open" in vals or "complaint_exhausted_on" in vals:
            self._bss_replan()
        return result

    def action_view_actions(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_dunning.bss_dunning_action_action")
        action["domain"] = [("case_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_view_documents(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Letters of %(name)s", name=self.name),
            "res_model": "bss.document",
            "view_mode": "list,form",
            "domain": [("id", "in", self.action_ids.document_id.ids)],
        }

    def action_view_account(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.account",
            "res_id": self.account_id.id,
            "view_mode": "form",
        }
