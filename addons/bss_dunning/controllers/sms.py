"""What an operator of text messages calls: delivery reports. The secret is in the address."""

import hmac

from odoo import http
from odoo.http import request
from werkzeug.exceptions import NotFound


class SmsReportController(http.Controller):
    @http.route(
        "/bss/sms/<int:gateway_id>/<string:secret>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        csrf=False,
        save_session=False,
    )
    def report(self, gateway_id, secret, **params):
        """Take delivery reports; "OK" also for news of messages that are not ours, or they would come for ever."""
        gateways = request.env["bss.sms.gateway"].sudo().with_context(active_test=False)
        gateway = gateways.browse(gateway_id).exists()
        known = gateway.callback_secret or ""
        if not known or not hmac.compare_digest(known.encode(), secret.encode()):
            raise NotFound()
        texts = {name: value.replace("\0", "") for name, value in params.items() if isinstance(value, str)}
        gateway._bss_take_reports(gateway._bss_provider().read_callback(texts, gateway._bss_report_names()))
        return request.make_response("OK", headers=[("Content-Type", "text/plain; charset=utf-8")])
