"""Figures of a test run: what its items would come to, worked out without writing an invoice."""

from decimal import Decimal

from odoo import models

from .. import bulk
from ..bulk.eligibility import orm_reason

FIGURES = ("charge_count", "amount_charges", "amount_untaxed", "amount_tax", "amount_total")
ORM_BATCH = 100


class BssBillRun(models.Model):
    _inherit = "bss.bill.run"  # pylint: disable=consider-merging-classes-inherited

    def _bss_trial_rows(self, account_ids):
        """[figures of an item], as after collecting and issuing; all that was written for it is undone."""
        items = self.env["bss.bill.run.item"]
        with self.env.cr.savepoint() as savepoint:
            self._bss_make_items(account_ids)
            self._bss_collect_accounts(account_ids)
            pending = items.search([("run_id", "=", self.id), ("state", "=", "pending")], order="id").ids
            expected, left = self._bss_expect_invoices(pending)
            for start in range(0, len(left), ORM_BATCH):
                self._bss_issue_batch(left[start : start + ORM_BATCH])
            found = items.search([("run_id", "=", self.id)], order="id")
            found.invalidate_recordset()
            rows = [{**self._bss_trial_row(item), **expected.get(item.id, {})} for item in found]
            savepoint.rollback()
        self.env.invalidate_all()
        return rows

    def _bss_expect_invoices(self, item_ids):
        """Amounts of invoices as the ways of writing them would have them; nothing is written.

        Left to the ORM is what reduces invoices issued earlier, and amounts that it alone knows: foreign currencies,
        and everything where a module or an automation rule changes invoices in ways that nobody compared.

        :return: {item id: its figures}, [ids of the items left]
        """
        run = self.with_company(self.company_id)
        run._bss_drop_given_back_rows(item_ids)
        requests = run._bss_requests(item_ids)
        left = set(requests.corrective)
        if orm_reason(run.env, run):
            left.update(one.item_id for one in requests.invoices)
            requests.invoices = []
        prepared = bulk.prepare(run.env, run, requests.invoices, patterns=False)
        closed = run._bss_closed_text()
        if closed:
            requests.problems.update((one.item_id, closed) for one in requests.invoices)
        requests.problems.update(prepared.problems)
        found = {}
        for ready in prepared.ready:
            item_id = ready.request.item_id
            if item_id in requests.problems:
                continue
            if not prepared.setting.checks.at_home.get(ready.request.account_id):
                left.add(item_id)
                continue
            amounts = ready.amounts or prepared.setting.amounts(ready.request.lines)
            owners = requests.charges[item_id]
            problem = run._bss_amounts_problem(owners, amounts)
            if problem:
                requests.problems[item_id] = problem
            else:
                found[item_id] = self._bss_expected(sum(map(len, owners)), amounts)
        found.update({item_id: self._bss_not_issued("error", text) for item_id, text in requests.problems.items()})
        found.update({item_id: self._bss_not_issued("empty", text) for item_id, text in requests.waiting.items()})
        return found, sorted(left)

    @staticmethod
    def _bss_expected(charge_count, amounts):
        net = f"{Decimal(amounts.untaxed) / 100:.2f}"
        return {
            "state": "issued",
            "reason": "",
            "charge_count": charge_count,
            # what is invoiced is the sum of the charges, or the run does not issue it
            "amount_charges": net,
            "amount_untaxed": net,
            "amount_tax": f"{Decimal(amounts.tax) / 100:.2f}",
            "amount_total": f"{Decimal(amounts.total) / 100:.2f}",
        }

    @staticmethod
    def _bss_not_issued(state, reason):
        return {"state": state, "reason": reason or ""}

    def _bss_trial_row(self, item):
        currency = item.currency_id
        figures = {name: f"{currency.round(item[name]):.2f}" for name in FIGURES[1:]}
        return {
            "account": item.account_id.name,
            "customer": item.partner_id.name,
            "group": item.group_name or "",
            "state": item.state,
            "reason": item.error or "",
            "charge_count": item.charge_count,
            **figures,
        }
