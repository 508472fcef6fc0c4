from odoo import fields, models


class BssService(models.Model):
    """Ports under a service: taken with it, freed when it ends."""

    _inherit = "bss.service"  # pylint: disable=consider-merging-classes-inherited

    port_ids = fields.One2many("bss.network.port", "service_id", string="Network Ports")

    def write(self, vals):
        done = super().write(vals)
        if "state" in vals:
            # ports belong to the network: whoever ends a service need not have rights on it
            self.sudo().port_ids._bss_follow_service()
        return done

    def unlink(self):
        self.sudo().port_ids.write({"service_id": False})
        return super().unlink()
