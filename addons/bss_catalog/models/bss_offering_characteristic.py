from odoo import api, fields, models
from odoo.exceptions import ValidationError


class BssOfferingCharacteristic(models.Model):
    _name = "bss.offering.characteristic"
    _inherit = ["bss.characteristic.holder"]
    _description = "Characteristic of an offering"
    _order = "template_id, sequence, id"
    _check_company_auto = True

    template_id = fields.Many2one(
        "product.template", string="Offering", required=True, ondelete="cascade", index=True, check_company=True
    )
    company_id = fields.Many2one(related="template_id.company_id", store=True, index=True)
    is_fixed = fields.Boolean(string="Fixed", help="Every service of the offering has exactly this value.")

    _once = models.UniqueIndex("(template_id, characteristic_id)", "An offering has a characteristic once.")

    @api.constrains("is_fixed", "value")
    def _check_fixed(self):
        for one in self:
            if one.is_fixed and not one.value:
                raise ValidationError(
                    self.env._(
                        "%(characteristic)s of %(offering)s is fixed but has no value.",
                        characteristic=one.characteristic_id.name,
                        offering=one.template_id.name,
                    )
                )
