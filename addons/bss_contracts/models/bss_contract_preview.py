"""Pages of the contract form: the next bill and the life of its services in time."""

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.tools.misc import format_date, formatLang

from ..billing_core import Period, add_months

MONTHS_AHEAD = 12
MONTHS_BACK = 12


class BssContract(models.Model):
    _inherit = "bss.contract"  # pylint: disable=consider-merging-classes-inherited

    next_bill_html = fields.Html(
        string="Next Bill",
        compute="_compute_next_bill_html",
        sanitize=False,
        help="What the next bill of the account would say by today's facts.",
    )
    timeline_html = fields.Html(
        string="Timeline",
        compute="_compute_timeline_html",
        sanitize=False,
        help="Versions, prices, promotions and suspensions of the services, past and scheduled.",
    )

    @api.depends("service_ids.version_ids", "service_ids.suspension_ids", "service_ids.promotion_grant_ids")
    def _compute_next_bill_html(self):
        for contract in self:
            origin = contract._origin
            if not origin:
                contract.next_bill_html = False
                continue
            contract.next_bill_html = contract._bss_render_next_bill(origin.account_id._bss_next_bill())

    def _bss_render_next_bill(self, bill):
        """HTML of a next bill (as given by ``_bss_next_bill``), lines of other contracts of the account apart."""
        account = self.account_id._origin or self.account_id
        contracts = self.env["bss.contract"].browse({line["contract_id"] for line in bill["lines"]} - {False})
        return self.env["ir.qweb"]._render(
            "bss_contracts.next_bill",
            {
                "account": account,
                "bill": bill,
                "contract": self._origin,
                "waiting": self._origin.service_ids._bss_without_heads().filtered(
                    lambda one: one.state == "pending" and not one.date_start
                ),
                "names": {one.id: one.name for one in contracts},
                "badge": self.env["bss.charge"]._bss_kind_badge,
                "day": lambda value: format_date(self.env, value),
                "money": lambda value: formatLang(self.env, float(value), currency_obj=account.currency_id),
            },
        )

    # -- timeline -----------------------------------------------------------------------------------

    @api.depends("service_ids.version_ids", "service_ids.suspension_ids", "service_ids.promotion_grant_ids")
    def _compute_timeline_html(self):
        today = polish_day.today()
        for contract in self:
            services = contract._origin.service_ids._bss_without_heads()
            if not services:
                contract.timeline_html = False
                continue
            window = contract._origin._bss_timeline_window(services, today)
            contract.timeline_html = self.env["ir.qweb"]._render(
                "bss_contracts.contract_timeline",
                {
                    "services": services._bss_timeline_rows(window, today),
                    "today": today,
                    "today_at": contract._bss_place(window, today),
                    "window": window,
                    "day": lambda value: format_date(self.env, value),
                },
            )

    def _bss_timeline_window(self, services, today):
        """Days shown: from the first service (a year back at most) to what is scheduled, a year ahead at least."""
        starts = [one.date_start for one in services if one.date_start]
        scheduled = [
            *services.version_ids.mapped("date_start"),
            *services.suspension_ids.mapped("date_start"),
            *[day for day in services.suspension_ids.mapped("date_end") if day],
            *[day for day in services.mapped("date_end") if day],
        ]
        first = max(min(starts, default=today), add_months(today, -MONTHS_BACK))
        last = max([add_months(today, MONTHS_AHEAD), *[add_months(day, 1) for day in scheduled]])
        return Period(min(first, today), last)

    @api.model
    def _bss_place(self, window, day):
        """Share of the window before the day, in percent."""
        return round(100.0 * (day - window.start).days / window.days, 2)
