from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Date

from ..billing_core import normalise
from ..enact import enact


class BssContractChangeLine(models.Model):
    _inherit = "bss.contract.change.line"  # pylint: disable=consider-merging-classes-inherited

    def _bss_check_number(self):
        old, day = self.identifier_id, self._bss_day()
        if not old:
            raise UserError(self.env._("%(service)s has no number to change.", service=self.service_id.display_name))
        value = normalise(old.kind, self.new_identifier or "")
        if value is None:
            raise UserError(
                self.env._(
                    "“%(value)s” is not a valid number or login for %(service)s.",
                    value=self.new_identifier or "",
                    service=self.service_id.display_name,
                )
            )
        if value == old.value:
            raise UserError(self.env._("%(value)s is the number already.", value=value))
        if old.date_start >= day:
            raise UserError(
                self.env._(
                    "%(value)s is valid from %(start)s only: the change must hold from a later day.",
                    value=old.value,
                    start=self.change_id._bss_day(old.date_start),
                )
            )
        other = self.env["bss.service.identifier"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("kind", "=", old.kind),
                ("value", "=", value),
                "|",
                ("date_end", "=", False),
                ("date_end", ">=", day),
            ],
            limit=1,
        )
        if other:
            raise UserError(
                self.env._(
                    "%(value)s is in use by %(service)s of contract %(contract)s.",
                    value=value,
                    service=other.service_id.display_name,
                    contract=other.service_id.contract_id.name,
                )
            )

    def _bss_enter_number(self):
        old, day = self.identifier_id, self._bss_day()
        last = Date.to_string(old.date_end) or False
        enact(old, {"date_end": Date.subtract(day, days=1)})
        made = old.create(
            {
                "service_id": self.service_id.id,
                "kind": old.kind,
                "value": self.new_identifier,
                "date_start": day,
                "date_end": last,
            }
        )
        numbers = (self.change_id.undo_data or {}).get("numbers", {})
        self.change_id._bss_remember(numbers={**numbers, str(self.id): [made.id, old.id, last]})
