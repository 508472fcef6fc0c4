"""What a debtor sees and does himself: his debt, instalments and blocks; promises and complaints by setting."""

from datetime import date
from decimal import Decimal, InvalidOperation

from odoo import http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.exceptions import UserError
from odoo.http import request
from werkzeug.exceptions import NotFound

MAX_TEXT = 4000


class DebtPortal(CustomerPortal):
    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "bss_debt_count" in counters:
            values["bss_debt_count"] = len(self._bss_accounts())
        return values

    def _bss_accounts(self):
        """Billing accounts of the customer whose user this is, of companies that show debts here."""
        partner = request.env.user.partner_id.commercial_partner_id
        accounts = request.env["bss.account"].sudo().search([("partner_id", "child_of", partner.ids)], order="name")
        return accounts.filtered("company_id.bss_portal_debt")

    def _bss_account(self, account_id):
        """One of them; the account of somebody else is not there."""
        account = self._bss_accounts().filtered(lambda one: one.id == account_id)
        if not account:
            raise NotFound
        return account

    def _bss_page(self, **values):
        return request.render(
            "bss_dunning.portal_debt",
            {
                **self._prepare_portal_layout_values(),
                "page_name": "bss_debt",
                "debts": [account._bss_portal_debt() for account in self._bss_accounts()],
                "error": "",
                "done": "",
                **values,
            },
        )

    @http.route("/my/debt", type="http", auth="user", website=True)
    def portal_debt(self, done="", **_kwargs):
        return self._bss_page(done=done if done in ("promise", "complaint") else "")

    @http.route("/my/debt/<int:account_id>/promise", type="http", auth="user", methods=["POST"], website=True)
    def portal_promise(self, account_id, amount="", date="", **_kwargs):
        account = self._bss_account(account_id)
        return self._bss_do(
            lambda: account._bss_portal_promise(self._bss_amount(amount), self._bss_day(date)), "promise"
        )

    @http.route("/my/debt/<int:account_id>/complaint", type="http", auth="user", methods=["POST"], website=True)
    def portal_complaint(self, account_id, **form):
        account = self._bss_account(account_id)
        return self._bss_do(lambda: account._bss_portal_complaint(self._bss_complaint_values(form)), "complaint")

    def _bss_do(self, act, name):
        """Do it and show the page anew; what the customer may not do is told on the page, and nothing of it stays."""
        try:
            with request.env.cr.savepoint():
                act()
        except UserError as error:
            return self._bss_page(error=str(error))
        return request.redirect(f"/my/debt?done={name}")

    def _bss_complaint_values(self, form):
        return {
            "kind": form.get("kind", ""),
            "subject": form.get("subject", "")[:MAX_TEXT].strip(),
            "description": form.get("description", "")[:MAX_TEXT].strip(),
            "line_id": int(form["line_id"][:10]) if form.get("line_id", "").isdecimal() else 0,
            "amount": self._bss_amount(form.get("amount", "")) if form.get("amount") else Decimal(0),
            "requested": self._bss_amount(form.get("requested", "")) if form.get("requested") else Decimal(0),
        }

    def _bss_amount(self, text):
        try:
            amount = Decimal("".join(text.split()).replace(",", "."))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or abs(amount) >= 10**12:
            raise UserError(request.env._("%(text)s is no amount.", text=text[:50]))
        return amount.quantize(Decimal("0.01"))

    def _bss_day(self, text):
        if not text:
            raise UserError(request.env._("Say until which day you will pay."))
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise UserError(request.env._("%(text)s is no day.", text=text[:50])) from None
