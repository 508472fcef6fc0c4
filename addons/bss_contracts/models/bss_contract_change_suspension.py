from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Date

from ..enact import enact, enact_create


class BssContractChange(models.Model):
    """Suspension on request, from a day to a day, and resumption."""

    _inherit = "bss.contract.change"  # pylint: disable=consider-merging-classes-inherited

    date_end = fields.Date(string="Suspended To", help="Last day without service; empty = until it is resumed.")
    charge_percent = fields.Float(
        string="Charged (%)",
        digits=(5, 2),
        compute="_compute_charge_percent",
        store=True,
        readonly=False,
        precompute=True,
        help="Part of the price that is still charged while suspended.",
    )
    service_ids = fields.Many2many(
        "bss.service",
        "bss_contract_change_service_rel",
        "change_id",
        "service_id",
        string="Services",
        check_company=True,
        domain="[('contract_id', '=', contract_id), '|', ('state', 'in', ('active', 'suspended')),"
        " '&', ('state', '=', 'pending'), ('predecessor_id', '!=', False)]",
        help="Empty: all services of the contract.",
    )

    _percent_check = models.Constraint(
        "CHECK(charge_percent BETWEEN 0 AND 100)", "The charged part of the price is between 0 and 100 %."
    )

    @api.depends("kind", "company_id")
    def _compute_charge_percent(self):
        for change in self:
            change.charge_percent = change.company_id.bss_suspension_percent_request

    def _bss_chosen_services(self):
        """The services chosen, or all that run on the day; bundles by their parts."""
        services = (self.service_ids or self.contract_id.service_ids)._bss_without_heads()
        return services.filtered(lambda one: one._bss_as_of(self.date_effective)["state"] in ("active", "suspended"))

    def _bss_services_suspension(self):
        return self._bss_chosen_services()

    def _bss_services_resumption(self):
        return self._bss_chosen_services()

    # -- suspension ---------------------------------------------------------------------------------

    def _bss_check_suspension(self):
        if self.date_end and self.date_end < self.date_effective:
            raise UserError(self.env._("The suspension ends before it starts."))
        services = self._bss_chosen_services()
        if not services:
            raise UserError(self.env._("No service runs on %(day)s: nothing to suspend.", day=self._bss_day()))
        if self.service_ids - services and not self.service_ids.child_ids:
            raise UserError(
                self.env._(
                    "Not running on %(day)s: %(services)s.",
                    day=self._bss_day(),
                    services=", ".join((self.service_ids - services).mapped("display_name")),
                )
            )
        fixed = self.charge_percent != self.company_id.bss_suspension_percent_request
        if fixed and self.charge_percent < self.company_id.bss_suspension_percent_request:
            self._bss_check_manager(self.env._("Charging less during a suspension than the company's rule says"))

    def _bss_enter_suspension(self):
        services = self._bss_chosen_services()
        self._bss_remember(services=services.ids)
        services._bss_suspend(self.date_effective, self.date_end or None, "request", self.charge_percent, change=self)
        services._bss_recalculate()

    def _bss_is_over(self):
        """A suspension entered after its last day: money is given back, but the services run as they did."""
        return bool(self.date_end) and self.date_end < self._bss_today()

    def _bss_order_suspension(self):
        if self._bss_is_over():
            return
        services = self._bss_chosen_services()
        self._bss_request(services, "suspend", self.date_effective)
        if self.date_end:
            self._bss_request_resume(services, Date.add(self.date_end, days=1))

    def _bss_request_resume(self, services, day, planned=None):
        """A resume for a day on which the services will be suspended, though they are not yet.

        :param planned: open resumes of earlier changes that shall take the new day.
        """
        today = self._bss_today()
        orders = self.env["bss.service.order"]
        if day <= today:
            self._bss_request(services, "resume", day, planned=planned)
            return
        known = planned or orders
        known._bss_move_to(day)
        enact_create(
            orders,
            [
                {
                    "service_id": service.id,
                    "action": "resume",
                    "reason": self._bss_order_reason(),
                    "date_valid_from": day,
                    "state": "queued",
                    "change_id": self.id,
                }
                for service in services - known.service_id
            ],
        )

    def _bss_finish_suspension(self):
        if self._bss_is_over():
            return
        running = self.contract_id.service_ids._bss_without_heads().filtered(lambda one: one.state != "terminated")
        if self.contract_id.state == "active" and not running - self._bss_chosen_services():
            enact(self.contract_id, {"state": "suspended"})

    @api.model
    def _cron_finish(self):
        """Suspensions whose last day is over: the contract runs again, without a change of its own."""
        result = super()._cron_finish()
        contracts = self.env["bss.contract"].search(
            [("state", "=", "suspended"), ("service_ids", "not any", [("state", "=", "suspended")])]
        )
        contracts._bss_follow_services(self._bss_today())
        return result

    # -- resumption ---------------------------------------------------------------------------------

    def _bss_suspended(self):
        """Suspensions of the services that hold on the day, or begin later."""
        services = self._bss_chosen_services()
        return services.sudo().suspension_ids.filtered(
            lambda one: not one.date_end or one.date_end >= self.date_effective
        )

    def _bss_check_resumption(self):
        suspensions = self._bss_suspended().filtered(lambda one: one.date_start <= self.date_effective)
        if not suspensions:
            raise UserError(self.env._("No service is suspended on %(day)s.", day=self._bss_day()))
        debts = suspensions.filtered(lambda one: one.cause == "debt")
        if debts:
            raise UserError(
                self.env._(
                    "Suspended for debt: %(services)s. They are resumed by the payment, not by the customer's request.",
                    services=", ".join(debts.service_id.mapped("display_name")),
                )
            )

    def _bss_enter_resumption(self):
        services = self._bss_suspended().filtered(lambda one: one.date_start <= self.date_effective).service_id
        services = services.with_env(self.env)
        self._bss_remember(services=services.ids)
        services._bss_resume_from(self.date_effective, change=self, cause="request")
        services._bss_recalculate()

    def _bss_order_resumption(self):
        services = self.env["bss.service"].browse((self.undo_data or {}).get("services", []))
        planned = self.env["bss.service.order"].search(
            [
                ("service_id", "in", services.ids),
                ("action", "=", "resume"),
                ("cause", "=", "request"),
                ("state", "in", ("draft", "queued")),
                ("date_valid_from", ">", self.date_effective),
            ]
        )
        self._bss_remember(moved={str(order.id): Date.to_string(order.date_valid_from) for order in planned})
        self._bss_request_resume(services, self.date_effective, planned)

    def _bss_take_back_resumption(self):
        for key, day in ((self.undo_data or {}).get("moved") or {}).items():
            order = self.env["bss.service.order"].browse(int(key)).exists()
            if order.state in ("draft", "queued", "sent"):
                order._bss_move_to(Date.to_date(day))

    def _bss_finish_resumption(self):
        if self.contract_id.state == "suspended":
            enact(self.contract_id, {"state": "active"})


class BssContract(models.Model):
    _inherit = "bss.contract"  # pylint: disable=consider-merging-classes-inherited

    def _bss_follow_services(self, day):
        """A suspended contract is in force again when none of its services is suspended on ``day`` any more."""
        for contract in self.filtered(lambda one: one.state == "suspended"):
            services = contract.service_ids._bss_without_heads()
            if not any(one.state == "suspended" or one._bss_state_on(day) == "suspended" for one in services):
                contract.sudo().state = "active"


class BssService(models.Model):
    _inherit = "bss.service"  # pylint: disable=consider-merging-classes-inherited

    def _bss_apply_order(self, action, day, cause=None):
        result = super()._bss_apply_order(action, day, cause)
        if action in ("resume", "terminate"):
            self.contract_id._bss_follow_services(self.env["bss.service.order"]._bss_today())
        return result
