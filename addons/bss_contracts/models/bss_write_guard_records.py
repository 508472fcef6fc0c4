"""Numbers, orders, devices, deposits and accounts: their history and what charges hang on is not written by hand."""

from odoo import api, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import AccessError, UserError

from .bss_contract_change_check import MANAGER
from .bss_write_guard import changed, grown, labels

NUMBER = {"service_id", "kind", "value", "date_start"}
ORDER_AT_BIRTH = {
    "state": "draft",
    "sent_at": False,
    "done_at": False,
    "date_effective": False,
    "superseded_by_id": False,
    "change_id": False,
    "attempts": False,
    "next_attempt_at": False,
    "last_error": False,
    "alarmed_at": False,
}
# ordered by hand without a contract change
TECHNICAL = ("restrict", "resume", "message")
# what the network was told
TOLD = {"service_id", "action", "cause", "date_valid_from", "idempotency_key"}
DEVICE_AT_BIRTH = {
    "state": "in_stock",
    "date_handed_over": False,
    "replaced_by_id": False,
    "sale_charge_id": False,
    "replacement_charge_id": False,
}
DEPOSIT_AT_BIRTH = {
    "state": "draft",
    "amount_held": False,
    "amount_set_off": False,
    "amount_returned": False,
    "predecessor_id": False,
}


class BssServiceIdentifier(models.Model):
    """Usage of past days finds its service by the number: days that are over keep theirs."""

    _inherit = "bss.service.identifier"  # pylint: disable=consider-merging-classes-inherited

    def write(self, vals):
        if not self.env.su:
            for number in self:
                ended = number.date_end and number.date_end < polish_day.today()
                number._bss_refuse_history(changed(number, NUMBER | ({"date_end"} if ended else set()), vals))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        if not self.env.su:
            for number in self:
                number._bss_refuse_history(NUMBER)

    def _bss_refuse_history(self, names):
        served = self.service_id.state != "pending" and self.date_start < polish_day.today()
        if names and served and not self.env.user.has_group(MANAGER):
            raise AccessError(
                self.env._(
                    "%(value)s has served %(service)s already: only a billing manager may correct that. Give it a last "
                    "day, and add the new one.",
                    value=self.value,
                    service=self.service_id.display_name,
                )
            )


class BssServiceOrder(models.Model):
    _inherit = "bss.service.order"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        if not self.env.su:
            for order in orders:
                order._bss_refuse_direct(grown(order, ORDER_AT_BIRTH))
            orders._bss_refuse_by_hand()
        return orders

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        for order in self:
            order._bss_refuse_direct(changed(order, order._bss_kept(), vals))
        result = super().write(vals)
        if {"action", "service_id", "reason"} & vals.keys():
            self._bss_refuse_by_hand()
        return result

    def _bss_kept(self):
        """Fields that nobody writes by hand in the state of the order."""
        if self.state == "draft":
            return set(ORDER_AT_BIRTH)
        return ORDER_AT_BIRTH.keys() | (TOLD - ({"date_valid_from"} if self.state == "queued" else set()))

    def _bss_refuse_direct(self, names):
        if names:
            raise AccessError(
                self.env._(
                    "Service order %(name)s: %(fields)s cannot be written directly; send, confirm or cancel the order.",
                    name=self.name,
                    fields=labels(self, names),
                )
            )

    def _bss_refuse_by_hand(self):
        """By hand a clerk orders what is technical; what the customer agreed to comes from a contract change."""
        self._bss_refuse_termination()
        agreed = self.filtered(lambda one: one.action not in TECHNICAL and not one.change_id and one.state == "draft")
        if not agreed:
            return
        if not self.env.user.has_group(MANAGER):
            raise AccessError(
                self.env._(
                    "%(service)s: only a billing manager makes an order “%(action)s” by hand. Make a contract change, "
                    "which orders it and charges for it.",
                    service=agreed[0].service_id.display_name,
                    action=agreed[0]._bss_action_label(),
                )
            )
        without = agreed.filtered(lambda one: not (one.reason or "").strip())
        if without:
            raise UserError(
                self.env._(
                    "Give the reason why “%(action)s” is ordered without a contract change.",
                    action=without[0]._bss_action_label(),
                )
            )

    def _bss_action_label(self):
        return dict(self._fields["action"]._description_selection(self.env))[self.action]

    def _bss_refuse_termination(self):
        """An order by hand would end a service without notice, claw-back and document."""
        for order in self.filtered(lambda one: one.action == "terminate"):
            raise AccessError(
                self.env._(
                    "%(service)s is not switched off for good by an order made by hand: make an annex that removes it, "
                    "or terminate the contract.",
                    service=order.service_id.display_name,
                )
            )


class BssContractChange(models.Model):
    """The revision says on which state of the contract a draft was made: it is taken over, not chosen."""

    _inherit = "bss.contract.change"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        changes = super().create(vals_list)
        if not self.env.su:
            # the form sends what it was opened on: the present revision or an older one
            for change in changes.filtered(lambda one: one.revision > one.contract_id.revision):
                change._bss_refuse_revision()
        return changes

    def write(self, vals):
        if not self.env.su and "revision" in vals:
            for change in self:
                if changed(change, {"revision"}, vals):
                    change._bss_refuse_revision()
        return super().write(vals)

    def _bss_refuse_revision(self):
        raise AccessError(
            self.env._(
                "The revision of %(change)s cannot be written directly: look at the contract, then press “Take over the "
                "present state”.",
                change=self.display_name,
            )
        )


class BssDevice(models.Model):
    _inherit = "bss.device"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        devices = super().create(vals_list)
        if not self.env.su:
            for device in devices:
                device._bss_refuse_direct(grown(device, DEVICE_AT_BIRTH))
        return devices

    def write(self, vals):
        if not self.env.su and DEVICE_AT_BIRTH.keys() & vals.keys():
            for device in self:
                device._bss_refuse_direct(changed(device, DEVICE_AT_BIRTH.keys(), vals))
        return super().write(vals)

    def _bss_refuse_direct(self, names):
        if names:
            raise AccessError(
                self.env._(
                    "Device %(name)s: %(fields)s cannot be written directly; hand it over, take it back, replace it or "
                    "report it lost.",
                    name=self.display_name,
                    fields=labels(self, names),
                )
            )


class BssDeposit(models.Model):
    _inherit = "bss.deposit"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        deposits = super().create(vals_list)
        if not self.env.su:
            for deposit in deposits:
                deposit._bss_refuse_direct(grown(deposit, DEPOSIT_AT_BIRTH))
        return deposits

    def write(self, vals):
        if not self.env.su and DEPOSIT_AT_BIRTH.keys() & vals.keys():
            for deposit in self:
                deposit._bss_refuse_direct(changed(deposit, DEPOSIT_AT_BIRTH.keys(), vals))
        return super().write(vals)

    def _bss_refuse_direct(self, names):
        if names:
            raise AccessError(
                self.env._(
                    "Deposit %(name)s: %(fields)s cannot be written directly; it follows from the ledger.",
                    name=self.name,
                    fields=labels(self, names),
                )
            )


class BssAccount(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    def write(self, vals):
        if not self.env.su and "state" in vals:
            for account in self:
                if changed(account, {"state"}, vals):
                    raise AccessError(
                        self.env._(
                            "Account %(name)s: close or reopen it instead of writing its state; a closed account is not "
                            "billed.",
                            name=account.display_name,
                        )
                    )
        return super().write(vals)
