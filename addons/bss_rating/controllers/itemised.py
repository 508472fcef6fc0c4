"""Itemised bills as files: for the staff, and for subscribers in the customer portal."""

from datetime import date, timedelta

from odoo import http
from odoo.addons.account.controllers.portal import PortalAccount
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.http import content_disposition, request
from werkzeug.exceptions import NotFound
from werkzeug.wsgi import wrap_file

TYPES = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}
MOST_DAYS = 366  # of one file of the portal


class ItemisedBills(http.Controller):
    @http.route(
        "/bss/itemised/<int:wizard_id>.<string:extension>", type="http", auth="user", methods=["GET"], readonly=False
    )
    def staff(self, wizard_id, extension):
        """The bill that a wizard describes."""
        try:
            wizard = request.env["bss.itemised.bill"].browse(wizard_id)
            wizard.check_access("read")
            bill = wizard._bss_bill() if extension in TYPES else None
        except (AccessError, MissingError) as error:
            raise NotFound from error
        return _response(bill, extension)

    @http.route("/bss/itemised/document/<int:document_id>", type="http", auth="user", methods=["GET"], readonly=False)
    def document(self, document_id):
        """An archived one; ``ir.binary`` writes it down."""
        try:
            document = request.env["bss.document"].browse(document_id)
            document.check_access("read")
            attachment = document.attachment_id if document.kind == "itemised" else None
        except (AccessError, MissingError) as error:
            raise NotFound from error
        if not attachment:
            raise NotFound
        name = f"{document.name.replace('/', '-')}.pdf"
        return request.env["ir.binary"]._get_stream_from(attachment, "raw", filename=name).get_response()


class ItemisedPortal(PortalAccount):
    """What a subscriber may see: the usage of his own billing accounts, unless it is agreed that nobody gets it."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "itemised_count" in counters:
            values["itemised_count"] = len(self._bss_own_accounts())
        return values

    def _invoice_get_page_view_values(self, invoice, access_token, **kwargs):
        values = super()._invoice_get_page_view_values(invoice, access_token, **kwargs)
        values["bss_itemised"] = self._bss_is_own(invoice) and invoice.sudo().bss_has_usage
        return values

    @http.route("/my/itemised", type="http", auth="user", website=True, methods=["GET"])
    def portal_my_itemised(self, **kwargs):
        last = polish_day.today().replace(day=1) - timedelta(days=1)
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "bss_itemised",
            "accounts": self._bss_own_accounts(),
            "first": last.replace(day=1),
            "last": last,
            "problem": kwargs.get("problem") == "period",
        }
        return request.render("bss_rating.portal_my_itemised", values)

    @http.route("/my/itemised/file", type="http", auth="user", website=True, methods=["GET"], readonly=False)
    def portal_itemised_file(
        self, account_id=None, service_id=None, date_from=None, date_to=None, extension="pdf", **kwargs
    ):
        account = self._bss_own_accounts().filtered(lambda one: str(one.id) == account_id)
        if not account or extension not in TYPES:
            raise NotFound
        first, last = _day(date_from), _day(date_to)
        if not first or not last or not 0 <= (last - first).days < MOST_DAYS:
            return request.redirect("/my/itemised?problem=period")
        services = account.service_ids.filtered(lambda one: str(one.id) == service_id)
        if service_id and not services:
            raise NotFound
        return _response(account._bss_itemised_bill(services=services, first=first, last=last), extension)

    @http.route(
        "/my/invoices/<int:invoice_id>/itemised.<string:extension>",
        type="http", auth="user", website=True, methods=["GET"], readonly=False,
    )  # fmt: skip
    def portal_invoice_itemised(self, invoice_id, extension, **kwargs):
        """Of an own invoice only: a link with a token, which may be passed on, shows no calls."""
        invoice = request.env["account.move"].sudo().browse(invoice_id).exists()
        if extension not in TYPES or not invoice or not self._bss_is_own(invoice) or not invoice.bss_has_usage:
            raise NotFound
        return _response(invoice.bss_account_id._bss_itemised_bill(move=invoice), extension)

    def _bss_own_accounts(self):
        family = request.env.user.partner_id.commercial_partner_id
        accounts = request.env["bss.account"].sudo()
        return accounts.search(
            Domain("partner_id", "child_of", family.ids)
            & Domain("itemised_bill", "!=", "none")
            & Domain("company_id", "in", request.env.user.company_ids.ids)
        )

    def _bss_is_own(self, invoice):
        """Whether the invoice is a posted one of the user's own accounts."""
        if request.env.user._is_public() or invoice.state != "posted":
            return False
        return bool(invoice.sudo().bss_account_id & self._bss_own_accounts())


def _day(text):
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _response(bill, extension):
    if not bill:
        raise NotFound
    name, file = request.env["bss.itemised.bill"]._bss_file(bill, extension)
    inline = "inline" if extension == "pdf" else "attachment"
    headers = [
        ("Content-Type", TYPES[extension]),
        ("Content-Disposition", content_disposition(name, inline)),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
    ]
    response = request.make_response(wrap_file(request.httprequest.environ, file), headers)
    response.call_on_close(file.close)
    return response
