from datetime import timedelta

from odoo import http
from odoo.addons.bss_catalog import polish_day
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.http import request

LOOK_BACK = timedelta(days=62)  # periods that ended before are of no interest any more


class UsagePortal(CustomerPortal):
    """What is left of the free units of a customer's services."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "bss_allowance_count" in counters:
            values["bss_allowance_count"] = request.env["bss.allowance"].sudo().search_count(self._bss_own_allowances())
        return values

    def _bss_own_allowances(self):
        """Allowances of today and of the last periods, of the services that the customer's accounts pay for."""
        today = polish_day.today()
        return [
            ("account_id.partner_id", "child_of", request.env.user.partner_id.commercial_partner_id.ids),
            ("service_id.state", "in", ("active", "suspended")),
            ("date_start", "<=", today),
            "|",
            ("date_end", "=", False),
            ("date_end", ">=", today - LOOK_BACK),
        ]

    def _bss_shown(self, allowances):
        """Those that are good today; of a service that has none yet in its new period, its last ones."""
        today = polish_day.today()
        current = allowances.filtered(lambda one: not one.date_end or one.date_end >= today)
        if current or not allowances:
            return current
        last = max(allowances.mapped("date_end"))
        return allowances.filtered(lambda one: one.date_end == last)

    @http.route("/my/usage", type="http", auth="user", website=True)
    def portal_my_usage(self, **_kw):
        allowances = (
            request.env["bss.allowance"].sudo().search(self._bss_own_allowances(), order="priority, date_end, id")
        )
        services = [
            (service, self._bss_shown(allowances.filtered(lambda one, own=service: one.service_id == own)))
            for service in allowances.service_id.sorted("display_name")
        ]
        values = {**self._prepare_portal_layout_values(), "page_name": "bss_usage", "services": services}
        values["today"] = polish_day.today()
        return request.render("bss_rating.portal_my_usage", values)
