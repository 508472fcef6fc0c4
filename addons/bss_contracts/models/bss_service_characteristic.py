from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class BssServiceCharacteristic(models.Model):
    _name = "bss.service.characteristic"
    _inherit = ["bss.characteristic.holder"]
    _description = "Characteristic of a service"
    _order = "service_id, sequence, id"
    _check_company_auto = True

    service_id = fields.Many2one("bss.service", required=True, ondelete="cascade", index=True, check_company=True)
    company_id = fields.Many2one(related="service_id.company_id", store=True, index=True)
    is_editable = fields.Boolean(compute="_compute_is_editable")

    _once = models.UniqueIndex("(service_id, characteristic_id)", "A service has a characteristic once.")

    def _bss_of_offering(self):
        """What the offering says of the characteristic."""
        self.ensure_one()
        lines = self.service_id.product_id.bss_characteristic_ids
        return lines.filtered(lambda line: line.characteristic_id == self.characteristic_id)[:1]

    @api.depends("characteristic_id.is_configurable", "service_id.product_id.bss_characteristic_ids.is_fixed")
    def _compute_is_editable(self):
        for one in self:
            one.is_editable = one.characteristic_id.is_configurable and not one._bss_of_offering().is_fixed

    @api.constrains("value", "characteristic_id", "service_id")
    def _check_value_of_offering(self):
        for one in self:
            given = one._bss_of_offering()
            if not one.is_editable and (one.value or "") != (given.value or ""):
                raise ValidationError(
                    self.env._(
                        "%(characteristic)s of %(service)s is given by the offering: %(value)s.",
                        characteristic=one.characteristic_id.name,
                        service=one.service_id.name,
                        value=given.value_display or self.env._("no value"),
                    )
                )


class BssService(models.Model):
    _inherit = "bss.service"  # pylint: disable=consider-merging-classes-inherited

    characteristic_ids = fields.One2many("bss.service.characteristic", "service_id", string="Characteristics")

    @api.model_create_multi
    def create(self, vals_list):
        services = super().create(vals_list)
        services._bss_fill_characteristics()
        return services

    def write(self, vals):
        result = super().write(vals)
        if "product_id" in vals:
            self._bss_fill_characteristics()
        return result

    def _bss_fill_characteristics(self):
        """Characteristics of the offering with its values; what a clerk has set already stays, unless it is fixed.

        What only the offering of before had goes away.
        """
        vals_list = []
        for service in self:
            mine = {one.characteristic_id: one for one in service.characteristic_ids}
            wanted = service.product_id.bss_characteristic_ids
            for given in wanted:
                own = mine.pop(given.characteristic_id, None)
                if own is None:
                    vals_list.append(
                        {
                            "service_id": service.id,
                            "characteristic_id": given.characteristic_id.id,
                            "sequence": given.sequence,
                            "value": given.value,
                        }
                    )
                elif given.is_fixed or not given.characteristic_id.is_configurable:
                    own.value = given.value
            gone = self.env["bss.service.characteristic"].union(*mine.values())
            gone.filtered(lambda one, kept=wanted: one.characteristic_id not in kept.characteristic_id).unlink()
        self.env["bss.service.characteristic"].create(vals_list)

    def _bss_missing_characteristics(self):
        """Required characteristics of these services that have no value."""
        return self.characteristic_ids.filtered(lambda one: one.is_required and not one.value)


class BssContract(models.Model):
    _inherit = "bss.contract"  # pylint: disable=consider-merging-classes-inherited

    def action_activate(self):
        missing = self.service_ids.filtered(lambda one: one.state == "pending")._bss_missing_characteristics()
        if missing:
            raise UserError(
                self.env._(
                    "Before the activation fill in:\n%(missing)s",
                    missing="\n".join(f"• {one.service_id.name}: {one.characteristic_id.name}" for one in missing),
                )
            )
        return super().action_activate()


class BssCharacteristic(models.Model):
    _inherit = "bss.characteristic"

    def _bss_holders(self):
        values = self.env["bss.service.characteristic"].sudo()
        return [*super()._bss_holders(), values.search([("characteristic_id", "=", self.id)])]
