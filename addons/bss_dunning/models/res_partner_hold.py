from odoo import models

ADDRESS_FIELDS = frozenset({"street", "street2", "zip", "city"})


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        result = super().write(vals)
        if any(vals.get(name) for name in ADDRESS_FIELDS):
            self._bss_end_address_holds()
        return result

    def _bss_end_address_holds(self):
        """An address was recorded: cases that waited for one go on."""
        holds = (
            self.env["bss.dunning.hold"]
            .sudo()
            .search([("kind", "=", "address"), ("state", "=", "active"), ("account_id.partner_id", "in", self.ids)])
        )
        holds.filtered(lambda hold: hold.partner_id.street and hold.partner_id.city)._bss_end("released")
