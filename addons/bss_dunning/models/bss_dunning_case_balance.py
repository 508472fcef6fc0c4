"""Money of cases: opened, updated and closed with one pass of SQL over all accounts."""

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .. import adapters

AGE_LIMITS = ((30, "1_30"), (60, "31_60"), (90, "61_90"), (180, "91_180"), (365, "181_365"))
PENDING = "bss_dunning_accounts"


class BssDunningCaseBalance(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

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
