from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"  # pylint: disable=consider-merging-classes-inherited

    bss_characteristic_ids = fields.One2many(
        "bss.offering.characteristic", "template_id", string="Characteristics", copy=True
    )

    def _bss_problems(self):
        """A required value that no service may set must come from the offering."""
        found = super()._bss_problems()
        for one in self.bss_characteristic_ids:
            if one.is_required and not one.characteristic_id.is_configurable and not one.value:
                text = self.env._(
                    "%(name)s is required and not set for each service: give it a value.",
                    name=one.characteristic_id.name,
                )
                found.append((text, True))
        return found
