"""Whom the rules mean today: chosen in the database, half a million billing accounts at once."""

from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from .bss_dunning_hold import PERSONAL_KINDS

#: new invoices and paid debts are told of so many days late at most, should some nights fail
LATE = timedelta(days=3)


class BssDunningNoticeSelect(models.Model):
    _inherit = "bss.dunning.notice"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_select(self, rule, as_of):
        """Write the notices of a rule for a day; what was written before stays as it is.

        :return: how many are new
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO bss_dunning_notice (
                    rule_id, company_id, account_id, partner_id, move_id, case_id, amount, due, date, state,
                    create_uid, write_uid, create_date, write_date)
                SELECT %(rule)s, %(company)s, chosen.account_id, chosen.partner_id, chosen.move_id, chosen.case_id,
                       chosen.amount, chosen.due, %(day)s, 'waiting', %(uid)s, %(uid)s,
                       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                  FROM (%(chosen)s) chosen
                    ON CONFLICT DO NOTHING
                """,
                rule=rule.id,
                company=rule.company_id.id,
                day=as_of,
                uid=self.env.uid,
                chosen=self._bss_chosen(rule, as_of),
            )
        )
        count = self.env.cr.rowcount
        rule.sudo().selected_on = as_of
        self.invalidate_model()
        rule.invalidate_recordset(["notice_ids", "waiting_count"])
        return count

    @api.model
    def _bss_count(self, rule, as_of):
        """How many notices a rule would write for a day."""
        self.env.flush_all()
        query = SQL(
            """
            SELECT COUNT(*) FROM (%s) chosen
             WHERE NOT EXISTS (
                   SELECT 1 FROM bss_dunning_notice known
                    WHERE known.rule_id = %s AND (known.move_id = chosen.move_id OR known.case_id = chosen.case_id))
            """,
            self._bss_chosen(rule, as_of),
            rule.id,
        )
        return self.env.execute_query(query)[0][0]

    @api.model
    def _bss_chosen(self, rule, as_of):
        """SQL of rows ``(account_id, partner_id, move_id, case_id, amount, due)`` of a rule."""
        if rule.kind == "thanks":
            return self._bss_chosen_cases(rule, as_of)
        return self._bss_chosen_documents(rule, as_of)

    def _bss_chosen_accounts(self, rule):
        """SQL of the billing accounts that a rule means, without those to whom nobody writes friendly letters."""
        accounts = self.env["bss.account"].sudo().with_context(active_test=True)._search(rule._bss_audience())
        return SQL(
            """
            SELECT account.id, account.partner_id
              FROM bss_account account
             WHERE account.id IN %s
               AND NOT EXISTS (
                   SELECT 1 FROM bss_dunning_hold hold
                     JOIN bss_account told ON told.id = hold.account_id
                     JOIN res_partner teller ON teller.id = told.partner_id
                     JOIN res_partner customer ON customer.commercial_partner_id = teller.commercial_partner_id
                    WHERE customer.id = account.partner_id AND hold.company_id = account.company_id
                      AND hold.state = 'active' AND hold.kind = ANY(%s))
            """,
            accounts.subselect(),
            list(PERSONAL_KINDS),
        )

    def _bss_chosen_documents(self, rule, as_of):
        """Open documents that fall due soon, or new ones."""
        if rule.kind == "due":
            last = as_of + timedelta(days=rule.days)
            when = SQL("line.date_maturity > %s AND line.date_maturity <= %s", as_of, last)
        else:
            first = max(as_of - LATE, rule.date_start or as_of)
            when = SQL("move.invoice_date >= %s AND move.invoice_date <= %s", first, as_of)
        return SQL(
            """
            SELECT account.id AS account_id, account.partner_id, move.id AS move_id, NULL::int AS case_id,
                   SUM(line.amount_residual) AS amount, MIN(line.date_maturity) AS due
              FROM (%(accounts)s) account
              JOIN account_move_line line ON line.bss_account_id = account.id
              JOIN account_move move ON move.id = line.move_id
              JOIN account_account ledger ON ledger.id = line.account_id
             WHERE line.parent_state = 'posted' AND line.reconciled IS NOT TRUE AND line.amount_residual > 0
               AND line.no_followup IS NOT TRUE AND line.company_id = %(company)s
               AND move.move_type = 'out_invoice' AND ledger.account_type = 'asset_receivable'
               AND %(when)s
             GROUP BY account.id, account.partner_id, move.id
            HAVING SUM(line.amount_residual) >= %(floor)s
            """,
            accounts=self._bss_chosen_accounts(rule),
            company=rule.company_id.id,
            when=when,
            floor=rule.min_amount,
        )

    def _bss_chosen_cases(self, rule, as_of):
        """Debts that were dunned and are paid; none where every payment is thanked for anyway."""
        first = max(as_of - LATE, rule.date_start or as_of)
        return SQL(
            """
            SELECT account.id AS account_id, account.partner_id, NULL::int AS move_id, dunning.id AS case_id,
                   demanded.amount AS amount, NULL::date AS due
              FROM (%(accounts)s) account
              JOIN bss_dunning_case dunning ON dunning.account_id = account.id
              JOIN LATERAL (
                   SELECT MAX(action.amount) AS amount FROM bss_dunning_action action
                    WHERE action.case_id = dunning.id AND action.state = 'done'
                      AND action.channel IN ('email', 'sms', 'letter', 'call')) demanded ON demanded.amount IS NOT NULL
             WHERE dunning.company_id = %(company)s AND dunning.state = 'closed' AND dunning.close_reason = 'paid'
               AND dunning.date_closed >= %(first)s AND dunning.date_closed <= %(last)s
               AND demanded.amount >= %(floor)s AND NOT %(thanked)s
            """,
            accounts=self._bss_chosen_accounts(rule),
            company=rule.company_id.id,
            first=first,
            last=as_of,
            floor=rule.min_amount,
            thanked=rule.company_id._bss_thanks_for_payments(),
        )
