from odoo import models
from odoo.fields import Date

from .bss_contract_change_check import ENDING


class BssContractChange(models.Model):
    """What an end or an assignment leaves to be settled beside the bill: lent devices and deposits."""

    _inherit = "bss.contract.change"  # pylint: disable=consider-merging-classes-inherited

    def _bss_left_rows(self):
        """Rows for the preview: ``name``, ``words`` and ``amount`` (net price of a device, money of a deposit)."""
        if self.kind not in ENDING:
            return []
        return [
            *map(self._bss_left_device, self._bss_left_devices()),
            *map(self._bss_left_deposit, self._bss_deposits()),
        ]

    def _bss_left_devices(self):
        devices = self.contract_id.service_ids.device_ids
        return devices.filtered(lambda device: device.state == "at_customer" and device.ownership == "lent")

    def _bss_deposits(self):
        return self.contract_id.deposit_ids.filtered(lambda deposit: deposit.state in ("due", "held"))

    def _bss_left_device(self, device):
        if self.kind == "assignment":
            words = self._bss_words_of_moving(self.move_devices)
        else:
            first = max(self.date_last, Date.subtract(self._bss_today(), days=1))
            day = Date.add(first, days=self.company_id.bss_device_return_days)
            words = self.env._("to be given back by %(day)s, else charged at", day=self._bss_day(day))
        return {"name": device.display_name, "words": words, "amount": device._bss_replacement_price()}

    def _bss_left_deposit(self, deposit):
        held = deposit.state == "held"
        if self.kind == "assignment":
            words = self._bss_words_of_moving(self.move_deposit)
        elif held:
            words = self.env._("held: a billing manager sets it off or returns it after the end")
        else:
            words = self.env._("asked for and not paid: cancel it or collect it")
        name = self.env._("Deposit %(name)s", name=deposit.name)
        return {"name": name, "words": words, "amount": deposit.amount_held if held else deposit.amount}

    def _bss_words_of_moving(self, moves):
        if moves:
            return self.env._("goes over to the new customer")
        return self.env._("stays with the present customer")
