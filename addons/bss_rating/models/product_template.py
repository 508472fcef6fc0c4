from odoo import api, models
from odoo.exceptions import ValidationError

from ..adapters import unratable_allowance_features


class ProductTemplate(models.Model):
    _inherit = "product.template"

    @api.constrains("bss_lifecycle", "bss_allowance_ids")
    def _check_bss_allowances(self):
        self._bss_check_allowances_ratable()

    def _bss_check_allowances_ratable(self):
        """Free units that rating would give otherwise than they are written are not sold."""
        offered = self.filtered(lambda template: template.bss_lifecycle in ("on_sale", "withdrawn"))
        for allowance in offered.bss_allowance_ids:
            features = unratable_allowance_features(allowance)
            if features:
                fields = allowance.fields_get(features)
                raise ValidationError(
                    self.env._(
                        "Offering %(offering)s: free units “%(allowance)s” cannot be given as written (%(features)s).",
                        offering=allowance.template_id.name,
                        allowance=allowance.name,
                        features=", ".join(
                            f"{fields[name]['string']}: {self._bss_shown_value(allowance, name)}" for name in features
                        ),
                    )
                )

    @api.model
    def _bss_shown_value(self, record, name):
        field = record._fields[name]
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(record[name], record[name])
        return record[name].display_name
