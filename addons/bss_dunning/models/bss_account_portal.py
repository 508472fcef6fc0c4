"""What the customer portal shows of an account and lets its customer do; the controller has checked whose it is."""

from odoo import models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_contracts.document_core import format_nrb
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import formatLang

from ..planning.limitation import Reprieves
from ..planning.scope import Scope
from ..planning.terms import Terms


class BssAccount(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    def _bss_portal_lines(self):
        """Receivables that may be demanded, oldest first.

        A lapsed claim may not be demanded of a consumer (art. 117 par. 2(1) of the Civil Code): asking for it on a page
        is asking for it.
        """
        lines = self._bss_portal_open_lines()
        if not lines or self.customer_kind != "consumer":
            return lines
        today = polish_day.today()
        terms = Terms(self.env, today)
        reprieves = Reprieves(self.env(su=True), Scope.of_accounts(self.company_id.id, self.ids), today)

        def may_be_demanded(line):
            due = line.date_maturity
            return not due or not reprieves.bar(line.id, due, terms.bars[due])

        return lines.filtered(may_be_demanded)

    def _bss_portal_open_lines(self):
        """Everything open on the account, lapsed or not."""
        domain = Domain(
            [
                ("move_id.bss_account_id", "=", self.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("amount_residual", ">", 0),
            ]
        )
        return self.env["account.move.line"].sudo().search(domain, order="date_maturity, id")

    def _bss_portal_debt(self):
        """One account as the page shows it."""
        self.ensure_one()
        account = self.sudo()
        case = account.dunning_case_id
        today = polish_day.today()
        services = account.service_ids.filtered(lambda service: service.state in ("active", "suspended"))
        blocked = services.filtered(lambda service: service.state == "suspended" or service.is_restricted)
        company = account.company_id
        lines = account._bss_portal_lines()
        return {
            "account": account,
            "case": case,
            "currency": company.currency_id,
            "nrb": format_nrb(account.payment_nrb or ""),
            "today": today,
            "lines": lines,
            "disputed": case._bss_disputed_of(lines),
            "all_paid": not lines and not account._bss_portal_open_lines(),
            "plans": case.plan_ids.filtered(lambda plan: plan.state == "active"),
            "promises": case.promise_ids[:5],
            "complaints": account.complaint_ids[:10],
            "blocked": blocked,
            "amount_input": formatLang(self.env, case.amount_demanded, digits=2, grouping=False),
            **account._bss_portal_promise_form(case),
            "can_complain": company.bss_portal_complaint,
            "kinds": self.env["bss.complaint"]._fields["kind"]._description_selection(self.env),
        }

    def _bss_portal_promise_form(self, case):
        """Whether a promise may be made now and within which limits, or why not."""
        if not (self.company_id.bss_portal_promise and case and case.amount_demanded > 0):
            return {"can_promise": False, "promise_closed": ""}
        closed = case._bss_promise_closed()
        if closed and any(promise.state == "open" for promise in case.promise_ids):
            closed = self.env._("Your promise is recorded already. Another one can be made when it is settled.")
        least, last_day = case._bss_promise_limits()
        return {
            "can_promise": not closed,
            "promise_closed": closed,
            "promise_least": least,
            "promise_last_day": last_day,
        }

    def _bss_portal_promise(self, amount, day):
        account = self.sudo()
        case = account.dunning_case_id
        if not account.company_id.bss_portal_promise:
            raise UserError(self.env._("Promises are not taken here. Call us, please."))
        if not case:
            raise UserError(self.env._("Nothing is overdue on account %(account)s.", account=account.name))
        return case._bss_promise(float(amount), day, channel="portal")

    def _bss_portal_complaint(self, values):
        """:param values: kind, subject, description, line_id (0: none), amount, requested"""
        account = self.sudo()
        if not account.company_id.bss_portal_complaint:
            raise UserError(self.env._("Complaints are not taken here. Write or call us, please."))
        complaints = self.env["bss.complaint"].sudo()
        if values["kind"] not in dict(complaints._fields["kind"].selection) or not values["subject"]:
            raise UserError(self.env._("Say what the complaint is about."))
        line = account._bss_portal_lines().filtered(lambda line: line.id == values["line_id"])
        if values["amount"] and not line:
            raise UserError(self.env._("Choose the document whose amount you dispute."))
        disputed = float(values["amount"]) or line.amount_residual
        return complaints.create(
            {
                "account_id": account.id,
                "kind": values["kind"],
                "subject": values["subject"],
                "description": values["description"],
                "channel": "portal",
                "requested_amount": float(values["requested"]),
                "user_id": False,
                "line_ids": [Command.create({"move_line_id": line.id, "amount": disputed})] if line else [],
            }
        )
