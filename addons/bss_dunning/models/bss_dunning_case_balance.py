"""Cases follow the money of their accounts: opened, closed and opened again, many accounts at a time."""

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import SQL

from ..dunning_core.policy.review import Fate
from ..planning import load, review, store
from ..planning.scope import RANGE, Scope, ranges
from ..planning.terms import Terms

PENDING = "bss_dunning_accounts"
SUCCEEDED = (Fate.NOTICED_PAID, Fate.OWN_PAID)


class BssDunningCaseBalance(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    close_reason = fields.Selection(selection_add=[("own_paid", "Its documents paid, newer debt in a new case")])

    @api.model
    def _bss_refresh(self, company, as_of, account_ids=None, open_new=True, closed_on=None):
        """Open, update and close the cases of a company (or of some of its accounts) as of a day.

        :param closed_on: day from which the terms after payment are counted, when it is not that of the amounts
        :return: dict of opened and closed case ids and the number of updated cases
        """
        terms = Terms(self.env, as_of, closed_on)
        self.env["bss.account"].flush_model()
        scopes = ranges(self.env, company.id) if account_ids is None else [Scope.of_accounts(company.id, account_ids)]
        result = {"opened": [], "closed": [], "updated": 0}
        for scope in scopes:
            opened, closed, decisions = self.sudo()._bss_review(company, scope, terms, open_new=open_new)
            result["opened"] += opened.ids
            result["closed"] += closed.ids
            result["updated"] += len(decisions) - len(opened)
        return result

    @api.model
    def _bss_review(self, company, scope, terms, *, open_new=True, lock=False):
        """Settle the cases of a scope with its money and plan those that are open then.

        :param lock: hold the cases still until the transaction ends
        :return: opened cases, closed cases, decisions about the open ones
        """
        load.flush(self.env)
        cases = load.load_cases(self.env, scope, lock=lock)
        accounts = load.load_accounts(self.env, scope, terms)
        known = review.look(self.env, accounts, cases.values(), terms)
        closed, facts = self._bss_close_settled(known, terms)
        opened, again, planned = self._bss_open_owing(company, scope, terms, accounts, cases, closed, open_new)
        opened._bss_take_over(facts)
        closed._bss_after_close(terms.closed_on)
        if opened or again or closed:
            load.flush(self.env)
            cases = load.load_cases(self.env, scope)
        # new cases were written with their plan; what was inherited or taken over since makes another row of them
        open_ones = [case for case in cases.values() if case not in planned]
        decisions = review.review(self.env, accounts, open_ones, terms, known)
        store.store_plans(self.env, decisions, terms.as_of)
        decisions += [planned[case] for case in cases.values() if case in planned]
        self.invalidate_model()
        return opened, closed, decisions

    # Closing

    def _bss_close_settled(self, known, terms):
        """Close the cases whose debt is paid.

        :return: cases, and {account id: values} for the successors of those whose account owes newer documents
        """
        found = review.fates(known)
        closed, facts = self.browse(), {}
        for fate in (Fate.PAID, *SUCCEEDED):
            group = self.browse(case.id for case in found[fate])
            if not group:
                continue
            if fate in SUCCEEDED:
                facts |= group._bss_standing_facts()
            group._bss_close(terms.closed_on, fate.value)
            closed |= group
        closed.with_context(tracking_disable=True).write({"as_of": terms.as_of})
        closed.flush_recordset(["as_of"])
        return closed, facts

    def _bss_standing_facts(self):
        """{account id: values}: what people have recorded and what outlives a case whose documents were paid."""
        return {
            case.account_id.id: {
                "complaint_open": case.complaint_open,
                "complaint_exhausted_on": case.complaint_exhausted_on,
                "user_id": case.user_id.id,
                **({"strategy_id": case.strategy_id.id} if case.strategy_id else {}),
            }
            for case in self
        }

    def _bss_take_over(self, facts):
        """Successors of such cases go on with complaint, collector and strategy; the review plans them afterwards."""
        if not facts:
            return  # no case of a first night is read for it
        taking = self.filtered(lambda case: case.account_id.id in facts)
        for values, cases in taking.grouped(lambda case: tuple(facts[case.account_id.id].items())).items():
            cases.with_context(tracking_disable=True, bss_planned_later=True).write(dict(values))
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
                "next_step_id": False,
                "date_next": False,
                "next_code": "PAID",
                "next_params": False,
                "watched": False,
                "hold_until": False,
            }
        )
        self.flush_recordset()

    def _bss_after_close(self, as_of):
        """What follows from payment: nothing planned is carried out any more, services come back."""
        if not self:
            return
        actions = self.env["bss.dunning.action"].sudo().search([("case_id", "in", self.ids)])
        actions.filtered(lambda action: action.state in ("planned", "failed"))._bss_cancel(
            self.env._("The debt was paid.")
        )
        actions._bss_release_services(as_of)

    # Opening

    def _bss_open_owing(self, company, scope, terms, accounts, cases, closed, open_new):
        """Accounts that owe and have no open case get a new one, or their last one back when its payment was returned.

        :return: new cases, those that are open again, and {row: decision} of the new ones
        """
        gone = set(closed.ids)
        kept = {account_id for account_id, case in cases.items() if case.id not in gone}
        owing = {
            account_id: account
            for account_id, account in accounts.items()
            if account_id not in kept and account.book.overdue > 0
        }
        before = {case.account_id for case in cases.values()}
        returned = load.load_returned(self.env, scope, [account for account in owing if account not in before])
        again = self.browse(case.id for case in returned.values())
        again._bss_reopen(terms.as_of)
        if not open_new:
            owing = {account_id: account for account_id, account in owing.items() if account_id in before}
        fresh = [account for account_id, account in owing.items() if account_id not in returned]
        planned = self._bss_plan_new(company, terms, accounts, fresh)
        return self._bss_open_new(company, terms.as_of, planned), again, {one.case: one for one, _stage in planned}

    @api.model
    def _bss_choices(self, company, as_of, account_ids):
        """{account id: (strategy id, id of its first stage)} by the intake rules of the strategies on a day."""
        if not account_ids:
            return {}
        rows = self.env.execute_query(self.env["bss.dunning.strategy"]._bss_choice_query(company, as_of, account_ids))
        return {account_id: (strategy, stage) for account_id, strategy, stage in rows}

    def _bss_plan_new(self, company, terms, accounts, fresh):
        """[(decision, id of the first stage)] about the cases that these loaded accounts get."""
        choices = self._bss_choices(company, terms.as_of, [account.id for account in fresh])
        rows, stages = [], []
        for account, case_id in zip(fresh, store.new_case_ids(self.env, len(fresh)), strict=True):
            strategy_id, stage_id = choices.get(account.id, (None, None))
            rows.append(load.Case(case_id, account.id, strategy_id, hold_reason=None, date_opened=terms.as_of))
            stages.append(stage_id)
        return list(zip(review.review_fresh(self.env, accounts, rows, terms), stages, strict=True))

    def _bss_open_new(self, company, as_of, planned):
        """Write new cases with their plans."""
        opened = self.browse(store.store_cases(self.env, planned, company.id, as_of))
        if opened:
            self.invalidate_model()
        return opened

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
        """Cases and agreements of the marked accounts follow their money, so many accounts at a time.

        A file of payments may mark every account of an operator in one transaction: what one batch has read is
        forgotten before the next.
        """
        pending = sorted(self.env.cr.precommit.data.pop(PENDING, ()))
        self.env["bss.dunning.recount"].sudo()._bss_mark(pending)
        batches = [pending[start : start + RANGE] for start in range(0, len(pending), RANGE)]
        for account_ids in batches:
            self.sudo()._bss_follow_money(self.env["bss.account"].sudo().browse(account_ids))
            if len(batches) > 1:
                self.env.flush_all()
                self.env.invalidate_all()

    def _bss_follow_money(self, accounts):
        """Amounts of the accounts, each as of the day its case was last looked at; what is paid is paid today.

        An account without an open case gets its last one back when the payment that closed it was returned; new cases
        are opened by runs.
        """
        today = polish_day.today()
        for company, day, account_ids in self._bss_looked_at(accounts):
            self._bss_refresh(company, day, account_ids, open_new=False, closed_on=max(day, today))

    def _bss_looked_at(self, accounts):
        """[(company, day, account ids)] by the open cases of accounts, or the ones that were closed last."""
        self.flush_model(["account_id", "company_id", "as_of", "state", "date_closed"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT company_id, as_of, array_agg(account_id)
                  FROM (SELECT DISTINCT ON (account_id) account_id, company_id, as_of
                          FROM bss_dunning_case
                         WHERE account_id = ANY(%s) AND as_of IS NOT NULL
                         ORDER BY account_id, state = 'closed', date_closed DESC NULLS LAST, id DESC) latest
                 GROUP BY company_id, as_of ORDER BY company_id, as_of
                """,
                accounts.ids,
            )
        )
        return [(self.env["res.company"].browse(company_id), day, ids) for company_id, day, ids in rows]
