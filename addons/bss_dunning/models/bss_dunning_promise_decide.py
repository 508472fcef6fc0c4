"""Judging promises: payments of many accounts in one query, the kernel decides."""

from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.fields import Domain
from odoo.tools import SQL

from .. import adapters, adapters_agreement
from ..dunning_core.policy.promise import Paid, PromiseStatus, decide

#: entries that are money: of the bank, of cash, of a payment (condition on ``move``)
MONEY = """(move.move_type = 'entry' AND (
    move.statement_line_id IS NOT NULL OR move.origin_payment_id IS NOT NULL
    OR EXISTS (SELECT 1 FROM account_journal journal
                WHERE journal.id = move.journal_id AND journal.type IN ('bank', 'cash', 'credit'))))"""


class BssDunningPromiseDecide(models.Model):
    _inherit = "bss.dunning.promise"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _bss_decide(self, as_of=None, accounts=None):
        """Decide open promises; harmless when repeated.

        :param as_of: day at whose end they are judged; without one only those kept already are decided, as a payment
            does that comes in
        :param accounts: only those of these accounts
        :return: the promises that were decided
        """
        domain = Domain("state", "=", "open")
        if accounts is not None:
            domain &= Domain("account_id", "in", accounts.ids)
        promises = self.sudo().search(domain, order="date, id")
        if not promises:
            return promises
        judged = promises._bss_judge(as_of)
        decided = self.sudo()
        for promise, answer in judged.items():
            if float(answer.paid) != promise.amount_paid:
                promise.amount_paid = float(answer.paid)
            if answer.status is PromiseStatus.OPEN:
                continue
            day = answer.kept_on or as_of
            decided |= promise._bss_finish(answer.status.value, day)
        decided.filtered(lambda promise: promise.state == "broken")._bss_tell_broken()
        return decided

    def _bss_judge(self, as_of):
        """{open promise: judgement}; money that an earlier promise of the account took does not count twice."""
        calendar = adapters.free_days(self.env)
        payments = self._bss_payments()
        taken = self._bss_taken()
        judged = {}
        for promise in self:
            data, rules = adapters_agreement.promise_data(promise, taken[promise.account_id])
            answer = decide(data, payments[promise.id], as_of or promise.date_last, rules, calendar)
            taken[promise.account_id] += min(answer.paid, answer.needed)
            judged[promise] = answer
        return judged

    def _bss_taken(self):
        """{account: money that kept promises took since the open ones were made}."""
        taken = defaultdict(Decimal)
        kept = self.search([("account_id", "in", self.account_id.ids), ("state", "=", "kept")])
        for account, promises in self.grouped("account_id").items():
            first = min(promises.mapped("date_made"))
            for promise in kept.filtered(
                lambda one, account=account, first=first: one.account_id == account and one.date_decided >= first
            ):
                taken[account] += adapters_agreement.promise_needed(promise)
        return taken

    def _bss_payments(self):
        """{promise id: [kernel payment]} of the days from the promise to its last one, as they stand now.

        Money given back and not set against its payment counts on its own day, negative. A payment that was taken back,
        on whatever day, is worth what is left of it; what had been paid before the promise is not taken from it.
        """
        self.env["account.move.line"].flush_model()
        self.env["account.partial.reconcile"].flush_model()
        self.env["account.move"].flush_model(["bss_account_id", "state"])
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                WITH money AS (
                    SELECT promise.id AS promise_id, line.id, line.date, -line.balance AS amount
                      FROM bss_dunning_promise promise
                      JOIN account_move move ON move.bss_account_id = promise.account_id
                      JOIN account_move_line line ON line.move_id = move.id
                      JOIN account_account ledger ON ledger.id = line.account_id
                     WHERE promise.id = ANY(%(ids)s)
                       AND line.parent_state = 'posted' AND ledger.account_type = 'asset_receivable'
                       AND line.date BETWEEN promise.date_made AND promise.date_last
                       AND %(is_money)s
                ), pairs AS (
                    SELECT money.promise_id, money.id, SUM(CASE WHEN money.amount > 0 THEN -partial.amount
                                                                ELSE partial.amount END) AS amount
                      FROM money
                      JOIN account_partial_reconcile partial ON money.id IN (partial.credit_move_id, partial.debit_move_id)
                      JOIN account_move_line other
                        ON other.id IN (partial.credit_move_id, partial.debit_move_id) AND other.id != money.id
                      JOIN account_move move ON move.id = other.move_id
                     WHERE %(is_money)s
                     GROUP BY money.promise_id, money.id
                )
                SELECT money.promise_id, money.date, SUM(money.amount + COALESCE(pairs.amount, 0))
                  FROM money
                  LEFT JOIN pairs ON pairs.promise_id = money.promise_id AND pairs.id = money.id
                 GROUP BY money.promise_id, money.date
                 ORDER BY money.promise_id, money.date
                """,
                ids=list(self.ids),
                is_money=SQL(MONEY),
            )
        )
        money = {(promise_id, day): adapters.to_money(amount) for promise_id, day, amount in rows}
        for promise in self:
            before = adapters.to_money(promise.paid_before)
            if before > 0:
                # also when every entry of that day was taken out of the books since
                first = (promise.id, promise.date_made)
                money[first] = max(money.get(first, before), before)
        payments = defaultdict(list)
        for (promise_id, day), amount in sorted(money.items()):
            payments[promise_id].append(Paid(day, amount))
        return payments

    # Messages

    def _bss_left(self):
        """What is still to come of the promised amount after what was paid in time."""
        self.ensure_one()
        return max(self.currency_id.round(self.amount - self.amount_paid), 0.0)

    def _bss_tell_broken(self):
        if not self:
            return
        self.env["bss.dunning.action"]._bss_plan_messages(
            "broken",
            [
                (
                    promise,
                    promise.company_id.bss_promise_broken_channel,
                    promise.company_id.bss_promise_broken_text,
                    promise._bss_left(),
                    promise.date,
                )
                for promise in self
            ],
            max(self.mapped("date_decided")),
        )

    @api.model
    def _bss_remind(self, as_of, accounts=None):
        """Reminders of promises that come due; each once."""
        domain = Domain(
            [("state", "=", "open"), ("reminded", "=", False), ("date_remind", "<=", as_of), ("date", ">=", as_of)]
        )
        if accounts is not None:
            domain &= Domain("account_id", "in", accounts.ids)
        promises = self.sudo().search(domain)
        promises.write({"reminded": True})
        occasions = [
            (promise, "sms", promise.company_id.bss_promise_remind_text, promise._bss_left(), promise.date)
            for promise in promises
        ]
        self.env["bss.dunning.action"]._bss_plan_messages("remind", occasions, as_of)
        return promises


class BssDunningHold(models.Model):
    _inherit = "bss.dunning.hold"  # pylint: disable=consider-merging-classes-inherited

    promise_ids = fields.One2many("bss.dunning.promise", "hold_id", string="Promises", readonly=True)

    def _bss_end(self, state, as_of=None):
        """A hold that a person releases takes its promise with it."""
        ended = super()._bss_end(state, as_of)
        if state == "released":
            promises = ended.promise_ids.filtered(lambda promise: promise.state == "open")
            promises.write({"state": "cancelled", "date_decided": as_of or polish_day.today()})
        return ended
