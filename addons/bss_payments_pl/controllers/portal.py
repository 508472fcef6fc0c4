"""What customers see of their payments: where to pay, what arrived, what it settled."""

from odoo import http
from odoo.addons.account_payment.controllers.portal import PortalAccount
from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request
from werkzeug.exceptions import NotFound

from .confirmation import pdf_response

PAGE = 20


class PaymentsPortal(PortalAccount):
    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "bss_payment_count" in counters:
            values["bss_payment_count"] = len(self._bss_payers_accounts())
        return values

    def _invoice_get_page_view_values(self, invoice, access_token, **kwargs):
        values = super()._invoice_get_page_view_values(invoice, access_token, **kwargs)
        # whoever may see the invoice sees the number on its PDF as well
        values["bss_pay_to"] = invoice._bss_pay_to()
        values["bss_transfers"] = [(False, invoice.amount_residual, values["bss_pay_to"])]
        return values

    def _overdue_invoices_get_page_view_values(self, overdue_invoices, **kwargs):
        values = super()._overdue_invoices_get_page_view_values(overdue_invoices, **kwargs)
        values["bss_transfers"] = overdue_invoices._bss_transfers()
        if "payment" in values:
            # Odoo shows here what the invoices were issued for; what was paid of them is not asked for again
            values["payment"]["amount"] = sum(overdue_invoices.mapped("amount_residual"))
        return values

    @http.route(
        ["/my/payments", "/my/payments/page/<int:page>"], type="http", auth="user", website=True, methods=["GET"]
    )
    def portal_my_payments(self, page=1, **_kwargs):
        accounts = self._bss_payers_accounts()
        payments = request.env["bss.payment.match"].sudo()
        count = request.env["account.move.line"].sudo().search_count(payments._bss_paid_domain(accounts))
        pager = portal_pager(url="/my/payments", total=count, page=page, step=PAGE)
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "bss_payments",
            "pager": pager,
            "payments": payments._bss_paid_rows(accounts, limit=PAGE, offset=pager["offset"]),
            "accounts": [
                (account, account._bss_pay_to_account(account.amount_due))
                for account in accounts
                if account.state == "active"
            ],
        }
        return request.render("bss_payments_pl.portal_my_payments", values)

    @http.route("/my/payments/<int:match_id>/confirmation.pdf", type="http", auth="user", website=True, methods=["GET"])
    def portal_payment_confirmation(self, match_id, **_kwargs):
        """Only of a payment on an account of the user's own; anything else is not there."""
        match = request.env["bss.payment.match"].sudo().browse(match_id).exists()
        accounts = self._bss_payers_accounts()
        if not match or not accounts:
            raise NotFound
        try:
            name, content = match._bss_confirmation(accounts)
        except UserError as error:
            raise NotFound from error
        return pdf_response(name, content, inline=False)

    def _bss_payers_accounts(self):
        """Billing accounts of the user's own customer."""
        family = request.env.user.partner_id.commercial_partner_id
        return (
            request.env["bss.account"]
            .sudo()
            .search(
                Domain("partner_id", "child_of", family.ids)
                & Domain("company_id", "in", request.env.user.company_ids.ids)
            )
        )
