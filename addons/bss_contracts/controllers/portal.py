from odoo import http
from odoo.addons.sale.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError, MissingError
from odoo.http import request


class BssCustomerPortal(CustomerPortal):
    @http.route()
    def portal_quote_accept(self, order_id, access_token=None, name=None, signature=None):
        """Keep from where the offer is accepted before the contract is made of it."""
        try:
            token = access_token or request.httprequest.args.get("access_token")
            order = self._document_check_access("sale.order", order_id, access_token=token)
        except (AccessError, MissingError):
            order = request.env["sale.order"]  # what is said then is said by Odoo
        if order.bss_is_telecom and signature and order._has_to_be_signed():
            order.bss_signed_ip = request.httprequest.remote_addr
        return super().portal_quote_accept(order_id, access_token=access_token, name=name, signature=signature)
