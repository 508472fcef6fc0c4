"""What a network calls: fetch its service orders, answer them. The key is the API key of the network's user."""

import json

from odoo import http
from odoo.exceptions import LockError
from odoo.http import request

from ..provisioning_core import NotAnAnswer, read_report

MAX_BODY = 65_536
MAX_LIMIT = 500
REASONS = {
    "FUTURE": (422, "effective_date lies in the future"),
    "CANCELLED": (409, "the order was withdrawn"),
    "DONE": (409, "the order was reported as done before"),
}


class ProvisioningController(http.Controller):
    @http.route(
        "/bss/provisioning/v1/orders", type="http", auth="bearer", methods=["GET"], csrf=False, save_session=False
    )
    def orders(self, limit="100", **_kwargs):
        """``{"orders": [...]}``: due orders of the user's networks, oldest first, one per service at a time."""
        networks = self._networks()
        if not networks:
            return self._error(403, "NO_NETWORK", "this user is no network")
        if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:9]) <= MAX_LIMIT):
            return self._error(400, "BAD_LIMIT", f"limit is a number from 1 to {MAX_LIMIT}")
        fetching = networks.filtered(lambda one: one.kind == "pull")
        return self._json(200, {"orders": request.env["bss.service.order"]._bss_fetch(fetching, int(limit))})

    @http.route(
        "/bss/provisioning/v1/orders/<string:key>/answer",
        type="http",
        auth="bearer",
        methods=["POST"],
        csrf=False,
        save_session=False,
    )
    def answer(self, key, **_kwargs):
        """Report on one order by its idempotency key; a repeated report is taken again and changes nothing."""
        networks = self._networks()
        order = (
            request.env["bss.service.order"]
            .sudo()
            .search([("idempotency_key", "=", key), ("adapter_id", "in", networks.ids)], limit=1)
        )
        if not order:
            return self._error(404, "UNKNOWN_ORDER", "no such order for this user")
        # a length that is not said could be any
        length = request.httprequest.content_length
        if length is None or length > MAX_BODY:
            return self._error(413, "TOO_LONG", f"at most {MAX_BODY} bytes")
        body = request.httprequest.get_data(cache=False)
        report = read_report(body)
        if isinstance(report, NotAnAnswer):
            return self._error(400, report.code, report.field)
        try:
            order.lock_for_update()
        except LockError:
            return self._error(503, "BUSY", "try again", {"Retry-After": "2"})
        problem = order._bss_take_answer(report)
        if problem:
            status, text = REASONS[problem]
            return self._error(status, problem, text)
        return self._json(200, {"order": order.name, "state": order.state})

    def _networks(self):
        user = request.env.user
        adapters = request.env["bss.provisioning.adapter"].sudo().search([("user_id", "=", user.id)])
        return adapters.filtered(lambda one: not one.company_id or one.company_id in user.company_ids)

    def _json(self, status, data, headers=None):
        return request.make_response(
            json.dumps(data, ensure_ascii=False),
            headers=[("Content-Type", "application/json; charset=utf-8"), *(headers or {}).items()],
            status=status,
        )

    def _error(self, status, code, text, headers=None):
        return self._json(status, {"error": {"code": code, "text": text}}, headers)
