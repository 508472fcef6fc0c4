"""What the customer portal shows of an account and lets its customer do; the controller has checked whose it is."""

from odoo import models
from odoo.addons.bss_catalog import polish_day
from odoo.addons.bss_contracts.document_core import format_nrb
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import formatLang


class BssAccount(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    def _bss_portal_lines(self):
        """Open receivables, oldest first."""
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
        return {
            "account": account,
            "case": case,
            "currency": company.currency_id,
            "nrb": format_nrb(account.payment_nrb or ""),
            "today": today,
            "lines": account._bss_portal_lines(),
            "plans": case.plan_ids.filtered(lambda plan: plan.state == "active"),
            "promises": case.promise_ids[:5],
            "complaints": account.complaint_ids[:10],
            "blocked": blocked,
            "amount_input": formatLang(self.env, case.amount_demanded, digits=2, grouping=False),
            "can_promise": bool(company.bss_portal_promise and case and case.amount_demanded > 0),
            "can_complain": company.bss_portal_complaint,
            "kinds": self.env["bss.complaint"]._fields["kind"]._description_selection(self.env),
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
