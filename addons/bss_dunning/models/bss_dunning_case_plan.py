"""Next step of cases: planned by the kernel, told in words."""

from odoo import api, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools import SQL, format_date, formatLang

from ..planning import load, review, store
from ..planning.scope import RANGE, Scope
from ..planning.terms import Terms


class BssDunningCasePlan(models.Model):
    _inherit = "bss.dunning.case"  # pylint: disable=consider-merging-classes-inherited

    # Planning: the kernel decides, many cases at a time

    def _bss_plan(self, as_of):
        """Plan every case; write what comes next and why.

        :return: [(case id, decision)] of the cases whose step is to be taken today
        """
        due = []
        terms = Terms(self.env, as_of)
        for start in range(0, len(self), RANGE):
            accounts, cases = self[start : start + RANGE]._bss_load(terms)
            decisions = review.review(self.env, accounts, [case for case in cases.values() if case], terms)
            store.store_plans(self.env, decisions, as_of)
            due += [(decision.case.id, decision) for decision in decisions if decision.acts]
        self.invalidate_model()
        return due

    def _bss_load(self, terms):
        """({account id: loaded account}, {case: its loaded row, None when it is closed}) of these cases."""
        load.flush(self.env)
        accounts, rows = {}, {}
        for company, cases in self.sudo().grouped("company_id").items():
            scope = Scope.of_accounts(company.id, cases.account_id.ids)
            accounts |= load.load_accounts(self.env, scope, terms)
            rows |= {row.id: row for row in load.load_cases(self.env, scope).values()}
        return accounts, {case: rows.get(case.id) for case in self}

    def _bss_debts(self, as_of):
        """{case: kernel arrears}: what may be demanded, open credits set against the oldest documents first."""
        terms = Terms(self.env, as_of)
        accounts, rows = self._bss_load(terms)
        return {
            case: review.debt_of(row or load.Case(case.id, case.account_id.id, None), accounts, terms)
            for case, row in rows.items()
        }

    def _bss_lock_and_recheck(self, as_of):
        """Hold the cases still until the transaction ends and look at their money once more."""
        cases = self.sudo()
        cases.flush_recordset()
        self.env.execute_query(
            SQL("SELECT id FROM bss_dunning_case WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", cases.ids)
        )
        cases.invalidate_recordset()
        for company, group in cases.filtered(lambda case: case.state != "closed").grouped("company_id").items():
            self._bss_refresh(company, as_of, group.account_id.ids)

    def _bss_replan(self):
        for day, cases in self.filtered(lambda case: case.state != "closed").grouped("as_of").items():
            cases._bss_plan(day or polish_day.today())

    # What next and why, in words

    @api.depends("next_code", "next_params", "next_step_id", "date_next", "state")
    @api.depends_context("lang")
    def _compute_next_reason(self):
        for case in self:
            case.next_reason = case._bss_next_reason()

    def _bss_next_reason(self):
        return self._bss_reason_words(
            self.next_code,
            self.next_params,
            step=self.next_step_id.name,
            day=self.date_next,
            hold_reason=self.hold_reason,
            currency=self.currency_id,
        )

    @api.model
    def _bss_reason_words(self, code, params, *, step="", day=None, hold_reason="", currency=None):
        """A reason of the kernel as a sentence; a dry run words its rows by it, too."""
        params = dict(params or {})
        currency = currency or self.env.company.currency_id
        values = {
            "step": step or "",
            "day": format_date(self.env, day) if day else self.env._("no date"),
            "until": params.get("until") and format_date(self.env, params["until"]) or self.env._("released"),
            "amount": self._bss_text_amount(params.get("amount"), currency),
            "min_amount": self._bss_text_amount(params.get("min_amount"), currency),
            "overdue": self._bss_text_amount(params.get("overdue"), currency),
            "min_days": params.get("min_days", 0),
            "documents": params.get("documents", 0),
            "min_documents": params.get("min_documents", 0),
            "since": params.get("since") and format_date(self.env, params["since"]) or "",
            "why": self._bss_gate_text(params.get("why")),
            "reason": hold_reason or "",
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
            "BELOW_MIN_DOCUMENTS": lambda: self.env._(
                "Watched: %(documents)s documents, the strategy begins with %(min_documents)s.", **values
            ),
            "BELOW_STEP_DOCUMENTS": lambda: self.env._(
                "%(step)s waits: %(documents)s documents, it needs %(min_documents)s.", **values
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
        text = texts.get(code)
        return text().strip() if text else ""

    def _bss_text_amount(self, value, currency=None):
        return formatLang(self.env, float(value or 0), currency_obj=currency or self.currency_id)

    def _bss_withheld_text(self, codes):
        """Why documents are not demanded; ``codes`` of the kernel, comma separated."""
        texts = {
            "LAPSED": self.env._("lapsed by limitation"),
            "LIMITATION_UNKNOWN": self.env._("limitation is not recorded for its due date"),
            "DISPUTED": self.env._("disputed"),
            "INSTALMENT": self.env._("paid by instalments"),
            "NEXT_CASE": self.env._("newer than this case, for a case of their own"),
        }
        return ", ".join(texts.get(code, code) for code in (codes or "").split(",") if code)
