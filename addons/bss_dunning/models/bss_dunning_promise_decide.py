"""Judging promises: payments of many accounts in one query, the kernel decides."""

from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.fields import Domain
from odoo.tools import SQL

from .. import adapters, adapters_agreement
from ..dunning_core.policy.promise import Paid, PromiseStatus, decide


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
        """{promise id: [kernel payment]} of the days from the promise to its last one, money given back negative."""
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model(["bss_account_id", "state"])
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT promise.id, line.date, -SUM(line.balance)
                  FROM bss_dunning_promise promise
                  JOIN account_move move ON move.bss_account_id = promise.account_id AND move.move_type = 'entry'
                  JOIN account_journal journal ON journal.id = move.journal_id
                  JOIN account_move_line line ON line.move_id = move.id
                  JOIN account_account ledger ON ledger.id = line.account_id
                 WHERE promise.id = ANY(%s)
                   AND line.parent_state = 'posted' AND ledger.account_type = 'asset_receivable'
                   AND line.date BETWEEN promise.date_made AND promise.date_last
                   AND (journal.type IN ('bank', 'cash', 'credit') OR move.statement_line_id IS NOT NULL
                        OR move.origin_payment_id IS NOT NULL)
                 GROUP BY promise.id, line.date
                 ORDER BY promise.id, line.date
                """,
                self.ids,
            )
        )
        payments = defaultdict(list)
        for promise_id, day, amount in rows:
            payments[promise_id].append(Paid(day, adapters.to_money(amount)))
        return payments

    # Messages

    def _bss_tell_broken(self):
        for promise in self:
            company = promise.company_id
            promise.case_id._bss_signal(
                company.bss_promise_broken_channel,
                company.bss_promise_broken_text,
                promise.amount,
                promise.date,
                self.env._("Promise broken"),
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
        for promise in promises:
            text = promise.company_id.bss_promise_remind_text
            promise.case_id._bss_signal("sms", text, promise.amount, promise.date, self.env._("Reminder of a promise"))
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
