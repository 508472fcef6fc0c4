"""What a run would do on a day, told without doing anything."""

from itertools import islice

from odoo import api, models

from ..planning import load, review
from ..planning.scope import ranges
from ..planning.terms import Terms


class BssDunningCaseDryRun(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_dry_run(self, company, as_of, strategy=None, limit=None):
        """Plan a company as of a day without writing anything; accounts in arrears without a case are planned, too.

        :param strategy: only what this strategy would do: for its cases and for the accounts that it would take
        :param limit: so many rows at most
        :return: list of dicts: case_id (0 for a case that would be opened), account_id, partner_id, strategy_id,
            stage_id, step_id, round, channel, amount, overdue, acts, code, params, date_next. ``code`` and ``params``
            are worded by ``_bss_reason_words``; ``acts`` tells whether the step goes out on the day.
        """
        rows = self.sudo()._bss_dry_rows(company, as_of, strategy)
        return list(islice(rows, limit))

    def _bss_dry_rows(self, company, as_of, strategy):
        terms = Terms(self.env, as_of)
        steps = {}
        load.flush(self.env)
        for scope in ranges(self.env, company.id):
            for decision in self._bss_dry_decisions(company, scope, terms):
                if strategy and decision.case.strategy_id != strategy.id:
                    continue
                yield self._bss_dry_row(decision, steps)

    def _bss_dry_decisions(self, company, scope, terms):
        cases = load.load_cases(self.env, scope)
        accounts = load.load_accounts(self.env, scope, terms)
        known = review.look(self.env, accounts, cases.values(), terms)
        kept = review.fates(known)[review.Fate.KEEP]
        open_accounts = {case.account_id for case in kept}
        owing = [one for one in accounts.values() if one.id not in open_accounts and one.book.overdue > 0]
        returned = load.load_returned(self.env, scope, [one.id for one in owing if one.id not in cases])
        fresh = [one for one in owing if one.id not in returned]
        choices = self._bss_choices(company, terms.as_of, [one.id for one in fresh])
        planned = [self._bss_dry_case(one, cases.get(one.id), choices) for one in fresh]
        return review.review(self.env, accounts, [*kept, *returned.values(), *planned], terms, known)

    def _bss_dry_case(self, account, before, choices):
        """The case that would be opened; after one whose documents are paid, it goes on with what stands."""
        strategy_id = before.strategy_id if before else choices.get(account.id, (None, None))[0]
        return load.Case(
            id=0,
            account_id=account.id,
            strategy_id=strategy_id,
            on_hold=bool(before and before.on_hold),
            hold_until=before.hold_until if before else None,
            complaint_open=bool(before and before.complaint_open),
            complaint_exhausted_on=before.complaint_exhausted_on if before else None,
        )

    def _bss_dry_row(self, decision, steps):
        answer = decision.plan
        step_id = answer.step.key if answer.step else False
        if step_id and step_id not in steps:
            step = self.env["bss.dunning.step"].browse(step_id)
            steps[step_id] = (step.stage_id.id, step.channel)
        stage_id, channel = steps.get(step_id, (False, False))
        return {
            "case_id": decision.case.id,
            "account_id": decision.account.id or decision.case.account_id,
            "partner_id": decision.account.partner_id,
            "strategy_id": decision.case.strategy_id or False,
            "stage_id": stage_id,
            "step_id": step_id,
            "round": answer.round,
            "channel": channel,
            "amount": decision.debt.demanded,
            "overdue": decision.debt.overdue,
            "acts": answer.acts,
            "code": answer.code,
            "params": {key: str(value) for key, value in answer.params.items() if value is not None},
            "date_next": answer.date_next or False,
        }
