from odoo import api, fields, models
from odoo.exceptions import UserError


class BssCharacteristicValue(models.Model):
    _name = "bss.characteristic.value"
    _description = "Allowed value of a characteristic"
    _order = "characteristic_id, sequence, id"
    _check_company_auto = True

    characteristic_id = fields.Many2one(
        "bss.characteristic", required=True, ondelete="cascade", index=True, check_company=True
    )
    company_id = fields.Many2one(related="characteristic_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="What networks and interfaces get.")

    _code_unique = models.UniqueIndex("(characteristic_id, code)", "A characteristic allows a value once.")

    def _bss_check_unused(self):
        for value in self:
            for holder in value.characteristic_id._bss_holders():
                if any(record.value == value.code for record in holder):
                    raise UserError(self.env._("Value %(name)s is used and stays as it is.", name=value.name))

    def write(self, vals):
        if "code" in vals:
            self.filtered(lambda one: one.code != vals["code"])._bss_check_unused()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._bss_check_unused()
