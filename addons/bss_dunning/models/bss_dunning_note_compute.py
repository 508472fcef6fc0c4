"""Lines of notes: what receivables of an account bear, what no note has charged yet, what is left out and why."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from .. import adapters, adapters_law, adapters_note
from ..dunning_core.law.compensation import Compensation, Performance, compensation, compensation_rate_day
from ..dunning_core.law.limitation import limitation_bar
from ..dunning_core.money import round_half_up
from ..planning.limitation import Reprieves
from ..planning.scope import Scope


class BssDunningNoteCompute(models.Model):
    _inherit = "bss.dunning.note"  # pylint: disable=consider-merging-classes-inherited

    def _bss_recompute(self):
        """Lines of drafts anew, with a few queries for all; issued notes are left alone."""
        drafts = self.sudo().filtered(lambda note: note.state == "draft")
        drafts.line_ids.unlink()
        lines = []
        for (company, day, kind, scope), notes in drafts.grouped(
            lambda note: (note.company_id, note.date_to, note.kind, note.scope)
        ).items():
            found = self._bss_calculate(company, notes.account_id, kind, day, scope)
            for note in notes:
                vals_list, refusals = found[note.account_id.id]
                note.refusal = "\n".join(refusals) or False
                lines += [{**vals, "note_id": note.id} for vals in vals_list]
        self.env["bss.dunning.note.line"].sudo().create(lines)

    @api.model
    def _bss_calculate(self, company, accounts, kind, as_of, scope, *, is_waiver=False, is_brief=False):
        """{account id: ([values of lines], [what is left out and why])} as of a day, for any number of accounts.

        :param is_waiver: what is given up may be disputed, lapsed or paid by credits not assigned yet
        :param is_brief: amounts without the calculation in words and by rates, which takes most of the time
        """
        env = self.sudo().with_company(company).env
        accounts = accounts.with_env(env)
        debts = adapters_note.load_receivables(env, accounts.ids, as_of, scope == "late")
        work = (_Interest if kind == "interest" else _Compensation)(env, company, as_of, debts)
        work.is_brief = is_brief
        bars = {account.id: work.bar(account) for account in accounts}
        barred = {}
        if not is_waiver:
            bars = {**bars, **self._bss_credit_bars(accounts)}
            barred = self._bss_barred(company, accounts, debts, as_of)
        result = {}
        for account in accounts:
            lines, refusals = [], []
            if bars[account.id]:
                result[account.id] = ([], [bars[account.id]])
                continue
            for receivable in debts.get(account.id, ()):
                bar = barred.get(receivable.line_id)
                line, refusal = (None, bar) if bar else work.line(account, receivable)
                lines += [line] if line else []
                refusals += [refusal] if refusal else []
            result[account.id] = (lines, refusals)
        return result

    def _bss_barred(self, company, accounts, debts, as_of):
        """{receivable line id: why nothing is charged for it}: lapsed debt of consumers, disputes."""
        limitation = adapters.limitation_terms(self.env)
        reprieves = Reprieves(self.env, Scope.of_accounts(company.id, accounts.ids), as_of)
        withheld = self._bss_withheld_lines(accounts)
        result = {}
        for account in accounts:
            for receivable in debts.get(account.id, ()):
                bar = account.customer_kind == "consumer" and limitation_bar(receivable.due, as_of, limitation)
                if bar and reprieves.bar(receivable.line_id, receivable.due, bar):
                    result[receivable.line_id] = self.env._("%(document)s: lapsed.", document=receivable.number)
                elif receivable.disputed or receivable.line_id in withheld:
                    result[receivable.line_id] = self.env._(
                        "%(document)s: disputed or in instalments.", document=receivable.number
                    )
        return result

    def _bss_credit_bars(self, accounts):
        """{account id: why}: interest would be charged for what is paid already."""
        credits = self._bss_open_credits(accounts)
        return {
            account.id: self.env._(
                "A credit of %(amount)s is not set against documents yet.",
                amount=account.company_id.currency_id.format(credits[account.id]),
            )
            for account in accounts
            if account.id in credits
        }

    @api.model
    def _bss_open_credits(self, accounts):
        """{account id: money not set against documents yet}"""
        self.env["account.move.line"].flush_model()
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT line.bss_account_id, -SUM(line.amount_residual)::float
                      FROM account_move_line line
                      JOIN account_account ledger ON ledger.id = line.account_id
                     WHERE line.bss_account_id = ANY(%s) AND ledger.account_type = 'asset_receivable'
                       AND line.parent_state = 'posted' AND line.amount_residual < 0
                       AND line.reconciled IS NOT TRUE
                  GROUP BY line.bss_account_id
                    """,
                    accounts.ids,
                )
            )
        )

    @api.model
    def _bss_withheld_lines(self, accounts):
        """Ids of receivable lines that disputes and instalment plans take out of collection."""
        held = self.env["bss.dunning.hold.line"].sudo()
        held = held.search([("state", "=", "active"), ("hold_id.account_id", "in", accounts.ids)])
        return set(held.move_line_id.ids)


class _Interest:
    """Interest lines of notes."""

    is_brief = False

    def __init__(self, env, company, as_of, debts):
        self.env, self.as_of = env, as_of
        self.book = adapters_note.RateBook(env)
        self.terms = adapters_note.note_terms(env, company, as_of)
        self.calendar = adapters.free_days(env)
        self.texts = env["bss.legal.text"]

    def bar(self, account):
        if self.book.of(account) is None:
            return self.env._("No interest rates are recorded for this kind of account.")
        return ""

    def line(self, account, receivable):
        result, due = adapters_note.receivable_interest(
            receivable, self.book.of(account), self.as_of, self.calendar, self.terms
        )
        if due is None:
            why = self.texts._bss_sentence(result)
            return None, self.env._("%(document)s: %(why)s", document=receivable.number, why=why)
        if not due.segments or due.amount <= 0:
            return None, ""
        payments = receivable.payments
        return {
            "move_line_id": receivable.line_id,
            "document": receivable.number or "",
            "value": float(receivable.value - receivable.reduced),
            "residual": float(receivable.residual),
            "date_due": receivable.due,
            "date_paid": max(payment.day for payment in payments) if payments and not receivable.residual else False,
            "date_from": due.segments[0].date_start,
            "date_to": due.segments[-1].date_end,
            "days": due.days,
            "amount": float(due.amount),
            **({} if self.is_brief else self._calculation(result, due)),
        }, ""

    def _calculation(self, result, due):
        return {
            "explanation": "\n".join(self.texts._bss_sentences(self._explain(result, due))),
            "segment_ids": [fields.Command.create(self._segment(segment)) for segment in due.segments],
        }

    def _explain(self, result, due):
        """The whole calculation; of a document charged before only the days that are new."""
        if due.segments == result.segments:
            return result.explain
        return [segment.reason for segment in due.segments]

    def _segment(self, segment):
        return {
            "date_start": segment.date_start,
            "date_end": segment.date_end,
            "days": segment.days,
            "principal": float(round_half_up(segment.principal)),
            "percent": float(segment.percent),
            "divisor": segment.divisor,
            "basis": segment.basis,
            "interest": float(round_half_up(segment.exact, 4)),
        }


class _Compensation:
    """Compensation lines of notes."""

    is_brief = False

    def __init__(self, env, company, as_of, debts):
        self.env, self.as_of = env, as_of
        self.calendar = adapters.free_days(env)
        self.bands = adapters_law.bands(env, "compensation")
        self.reading = adapters_law.due_reading(env, as_of)
        self.texts = env["bss.legal.text"]
        days = {self._rate_day(receivable) for found in debts.values() for receivable in found}
        self.rates = self.env["res.currency"]._bss_nbp_mid_rates(company, "EUR", days)

    def _rate_day(self, receivable):
        return compensation_rate_day(receivable.due, self.calendar, self.reading)

    def bar(self, account):
        if account._bss_between_businesses():
            return ""
        if account.customer_kind == "sole_trader":
            return self.env._("The contract is private, not of the business: there is no compensation.")
        return self.env._("Compensation is due between businesses only.")

    def line(self, account, receivable):
        if receivable.compensated:
            return None, self.env._("%(document)s: compensation is charged already.", document=receivable.number)
        value = receivable.value - receivable.reduced
        if value <= 0 or not self._was_late(receivable):
            return None, ""
        performance = Performance(
            value, receivable.due, account._bss_between_businesses(), account.interest_contract_date or None
        )
        result = compensation(performance, self.as_of, self.bands, self.rates, self.calendar, self.reading)
        if not isinstance(result, Compensation):
            why = self.texts._bss_sentence(result)
            return None, self.env._("%(document)s: %(why)s", document=receivable.number, why=why)
        return {
            "move_line_id": receivable.line_id,
            "document": receivable.number or "",
            "value": float(value),
            "residual": float(receivable.residual),
            "date_due": receivable.due,
            "amount_eur": float(result.amount_eur),
            "mid_rate": float(result.mid_rate),
            "rate_day": result.rate_day,
            "amount": float(result.amount),
            **({} if self.is_brief else {"explanation": "\n".join(self.texts._bss_sentences(result.explain))}),
        }, ""

    def _was_late(self, receivable):
        """Open after its term moved off free days, or paid only after it."""
        due = self.calendar.shift(receivable.due)
        late = receivable.residual > 0 and self.as_of > due
        return late or any(payment.day > due for payment in receivable.payments)


class ResCurrency(models.Model):
    _inherit = "res.currency"

    @api.model
    def _bss_nbp_mid_rates(self, company, code, days):
        """{day: Decimal mid rate} of a currency as recorded for exactly these days; what is missing is left out."""
        currency = self.with_context(active_test=False).search([("name", "=", code)], limit=1)
        rates = self.env["res.currency.rate"].search(
            [
                ("currency_id", "=", currency.id),
                ("name", "in", list(days)),
                ("company_id", "in", (False, company.root_id.id)),
            ],
            # the company's own rate wins over the common one
            order="company_id",
        )
        found = {}
        for rate in rates.with_company(company):
            if rate.inverse_company_rate:
                # Odoo keeps the inverse of what the bank publishes with four decimals
                found.setdefault(rate.name, round_half_up(Decimal(repr(rate.inverse_company_rate)), 4))
        return found
