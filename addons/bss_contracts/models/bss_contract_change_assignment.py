from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Date

from ..enact import enact, enact_create, enact_unlink
from ..private_context import trial_of
from .bss_service_order import OPEN_STATES


class BssContractChange(models.Model):
    """Assignment (cesja): another customer takes the contract over from a day on.

    The network hears of it by one order; the debts stay where they are.
    """

    _inherit = "bss.contract.change"  # pylint: disable=consider-merging-classes-inherited

    new_account_id = fields.Many2one(
        "bss.account",
        string="New Billing Account",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('state', '=', 'active'), ('company_id', '=', company_id), ('id', '!=', account_id)]",
        help="Account of the customer who takes the contract over.",
    )
    new_partner_id = fields.Many2one(related="new_account_id.partner_id", string="New Customer")
    move_devices = fields.Boolean(
        string="Devices Go Over", default=True, help="Lent devices stay at their services, now with the new customer."
    )
    move_deposit = fields.Boolean(
        string="Deposit Goes Over",
        default=True,
        help="What is held as a deposit belongs to the new customer; else it stays with the present one.",
    )
    result_contract_id = fields.Many2one(
        "bss.contract",
        string="New Contract",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )

    # -- refusals -----------------------------------------------------------------------------------

    def _bss_check_assignment(self):
        if self.line_ids:
            raise UserError(self.env._("An assignment has no lines: the whole contract goes over."))
        self._bss_check_assignee()
        services = self.contract_id.service_ids._bss_without_heads()
        pending = services.filtered(lambda one: one.state == "pending")
        if pending:
            raise UserError(
                self.env._(
                    "Not active yet: %(services)s. Activate or remove them before the assignment.",
                    services=", ".join(pending.mapped("display_name")),
                )
            )
        if not self._bss_running():
            raise UserError(self.env._("No service runs on %(day)s: nothing to assign.", day=self._bss_day()))
        debts = services.sudo().suspension_ids.filtered(
            lambda one: one.cause == "debt" and (not one.date_end or one.date_end >= self.date_effective)
        )
        if debts:
            raise UserError(
                self.env._(
                    "Suspended for debt: %(services)s. The debt is settled before the assignment.",
                    services=", ".join(debts.service_id.mapped("display_name")),
                )
            )

    def _bss_check_assignee(self):
        account, other = self.account_id, self.new_account_id
        if not other:
            raise UserError(self.env._("Choose the billing account of the new customer."))
        if other.company_id != account.company_id:
            raise UserError(self.env._("%(account)s belongs to another company.", account=other.sudo().display_name))
        if other == account or other.partner_id.commercial_partner_id == account.partner_id.commercial_partner_id:
            raise UserError(
                self.env._(
                    "%(customer)s has the contract already: an assignment needs another customer.",
                    customer=other.partner_id.display_name,
                )
            )
        if other.state == "closed":
            raise UserError(self.env._("Billing account %(account)s is closed.", account=other.display_name))
        if other.currency_id != account.currency_id:
            raise UserError(
                self.env._(
                    "Account %(new)s is kept in %(other)s, the contract in %(currency)s.",
                    new=other.display_name,
                    other=other.currency_id.name,
                    currency=account.currency_id.name,
                )
            )

    def _bss_running(self):
        """Services that go over: those that run on the day, bundles included."""
        return self.contract_id.service_ids.filtered(
            lambda one: (
                one.state in ("active", "suspended") and (not one.date_end or one.date_end >= self.date_effective)
            )
        )

    def _bss_services_assignment(self):
        return self.contract_id.service_ids | self.result_contract_id.service_ids

    # -- timelines ----------------------------------------------------------------------------------

    def _bss_enter_assignment(self):
        running, last = self._bss_running(), Date.subtract(self.date_effective, days=1)
        contract = enact_create(self.contract_id, self._bss_new_contract_vals())
        self.sudo().result_contract_id = contract
        self._bss_remember(contract_end=Date.to_string(self.contract_id.date_end) or False)
        twins = {}
        for service in running.sorted(lambda one: bool(one.parent_id)):
            twins[service] = service._bss_twin(contract, self.date_effective, twins, self)
        self._bss_end_services(running, last)
        for service, twin in twins.items():
            self._bss_hand_over_numbers(service, twin)
        enact(self.contract_id, {"date_end": last})
        running._bss_recalculate()

    def _bss_new_contract_vals(self):
        old = self.contract_id
        renewal = old._bss_renewal_on(self.date_effective)
        vals = {
            "account_id": self.new_account_id.id,
            "date_signed": self.date_signed,
            "date_start": self.date_effective,
            "date_term_start": renewal.date_effective or old.date_term_start,
            "term_months": renewal.new_term_months or old.term_months,
            "notice_months": old.notice_months,
            "notice_days": old.notice_days,
            "notice_rule": old.notice_rule,
            "predecessor_id": old.id,
            "state": "active",
        }
        if trial_of(self.env):
            vals["name"] = f"{old.name}*"  # a number of the sequence would be gone for good
        return vals

    def _bss_hand_over_numbers(self, service, twin):
        """The numbers go on without a day between and without a day together."""
        last = Date.subtract(self.date_effective, days=1)
        moved = (self.undo_data or {}).get("moved", {})
        for number in service.identifier_ids.filtered(lambda one: not one.date_end or one.date_end > last):
            end = Date.to_string(number.date_end) or False
            if number.date_start > last:
                enact(number, {"service_id": twin.id})
                moved[str(number.id)] = [False, service.id, end]
                continue
            enact(number, {"date_end": last})
            made = number.create(
                {
                    "service_id": twin.id,
                    "kind": number.kind,
                    "value": number.value,
                    "date_start": self.date_effective,
                    "date_end": end,
                }
            )
            moved[str(number.id)] = [made.id, service.id, end]
        self._bss_remember(moved=moved)

    def _bss_order_assignment(self):
        self._bss_request(
            self.result_contract_id.service_ids,
            "change",
            self.date_effective,
            self.env._(
                "New customer %(new)s, account %(account)s (so far %(old)s)",
                new=self.new_partner_id.display_name,
                account=self.new_account_id.name,
                old=self.partner_id.display_name,
            ),
        )

    # -- the day ------------------------------------------------------------------------------------

    def _bss_finish_assignment(self):
        self._bss_follow()
        twins = {one.predecessor_id: one for one in self.result_contract_id.service_ids if one.predecessor_id}
        for service, twin in twins.items():
            if twin.state == "pending":
                self._bss_carry_over(service, twin)
            if self.move_devices:
                service.device_ids.service_id = twin
        if self.move_deposit:
            self._bss_live_deposits()._bss_assign_all(self.result_contract_id, self.date_effective)
        old = self.contract_id.service_ids.filtered(lambda one: one.state != "terminated")
        enact(old, {"state": "terminated"})
        old.order_ids.filtered(lambda order: order.state in ("draft", "queued", "sent")).action_cancel()
        enact(self.contract_id, {"state": "terminated"})

    def _bss_carry_over(self, service, twin):
        """What the service is on the day, the one that continues it becomes: blocks, port, characteristics."""
        state = service.state if service.state != "terminated" else "active"
        enact(twin, {"state": state, "is_restricted": service.is_restricted})
        self._bss_carry_blocks(service, twin)
        ports = service.sudo().port_ids.filtered(lambda port: not port._bss_why_not(twin))
        ports.service_id = twin
        values = {one.characteristic_id: one.value for one in service.characteristic_ids}
        for own in twin.characteristic_ids.filtered("is_editable"):
            own.value = values.get(own.characteristic_id, own.value)

    def _bss_carry_blocks(self, service, twin):
        """Blocks that came after the confirmation hold on; the debts of the old customer do not block the new one.

        A service blocked for them is blocked for a technical cause until the network has resumed it.
        """
        day = self.date_effective
        twin.sudo().suspension_ids.filtered(lambda one: one.change_id == self).unlink()
        twin.invalidate_recordset(["suspension_ids"])
        own = twin.sudo().suspension_ids
        for span in service.sudo().suspension_ids.filtered(lambda one: one._bss_overlaps(day, False)):
            start, end = max(span.date_start, day), span.date_end
            if any(other._bss_overlaps(start, end) for other in own):
                continue  # agreed anew with the new customer
            if span.cause == "debt":
                twin._bss_suspend(start, end, "technical", change=self)
            else:
                twin._bss_suspend(start, end, span.cause, span.charge_percent, change=self)
        self._bss_carry_orders(service, twin)
        suspended = twin._bss_state_on(day) == "suspended"
        debts = service.sudo().suspension_ids.filtered(lambda one: one.cause == "debt" and one._bss_overlaps(day, day))
        if debts or twin.is_restricted or (twin.state == "suspended" and not suspended):
            self.env["bss.service.order"]._bss_request(
                twin, "resume", self._bss_order_reason(), valid_from=day, cause="technical", change=self
            )
        twin._bss_recalculate()

    def _bss_carry_orders(self, service, twin):
        """What is on its way to the network is for the service that goes on, except blocks for debt."""
        orders = service.order_ids.filtered(
            lambda one: (
                one.state in OPEN_STATES and one.action in ("suspend", "resume", "change") and one.cause != "debt"
            )
        )
        enact(orders, {"service_id": twin.id})  # each has its own cause and change: none stands in the way of another

    def _bss_live_deposits(self):
        return self.env["bss.deposit"].search(
            [("contract_id", "=", self.contract_id.id), ("state", "in", ("due", "held"))]
        )

    def _bss_take_back_assignment(self):
        """The new contract stays as a trace that never was in force; whatever was billed on it is given back."""
        identifiers = self.env["bss.service.identifier"]
        moved = (self.undo_data or {}).get("moved") or {}
        enact_unlink(identifiers.browse([made for made, _service, _last in moved.values() if made]).exists())
        for key, (made, service_id, last) in moved.items():
            number = identifiers.browse(int(key)).exists()
            enact(number, {"date_end": last} if made else {"service_id": service_id})
        self._bss_restore_ends()
        contract, before = self.result_contract_id, Date.subtract(self.date_effective, days=1)
        twins = contract.service_ids
        # they never were: nobody shall take them for heirs; the contract keeps the trace
        twins.sudo().write({"date_end": before, "state": "terminated", "predecessor_id": False})
        enact(contract, {"state": "terminated", "date_end": before})
        enact(self.contract_id, {"date_end": (self.undo_data or {}).get("contract_end") or False})
