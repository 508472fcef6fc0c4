from odoo import models
from odoo.exceptions import UserError

from ..enact import enact, enact_unlink


class BssContractChange(models.Model):
    """Number change: the old number ends on the day before, the new one begins on the day."""

    _inherit = "bss.contract.change"  # pylint: disable=consider-merging-classes-inherited

    def _bss_check_number(self):
        if not self.line_ids:
            raise UserError(self.env._("Say which number changes: add at least one line."))
        for line in self.line_ids:
            line._bss_check_number()

    def _bss_enter_number(self):
        self._bss_keep_before()
        for line in self.line_ids:
            line._bss_enter_number()

    def _bss_order_number(self):
        for line in self.line_ids:
            self._bss_request(
                line.service_id,
                "change",
                self.date_effective,
                self.env._(
                    "New number: %(new)s (so far %(old)s)",
                    new=line.new_identifier,
                    old=(line.kept_before or {}).get("text") or "–",
                ),
            )

    def _bss_finish_number(self):
        services = self._bss_services()  # they are called by the number of today
        for name in ("main_identifier", "name"):
            self.env.add_to_compute(services._fields[name], services)

    def _bss_take_back_number(self):
        numbers = (self.undo_data or {}).get("numbers") or {}
        identifiers = self.env["bss.service.identifier"]
        enact_unlink(identifiers.browse([made for made, _old, _last in numbers.values()]).exists())
        for _made, old, last in numbers.values():
            enact(identifiers.browse(old).exists(), {"date_end": last})
