from odoo import api, models


class BssDemo(models.AbstractModel):
    _inherit = "bss.demo"  # pylint: disable=consider-merging-classes-inherited

    @api.private
    def _bss_demo_steps(self):
        return [*super()._bss_demo_steps(), (self.env._("Ports of the services"), "_load_ports")]

    @api.private
    def _load_ports(self, ctx):
        """Every fixed internet service runs over the port of its flat."""
        services = ctx["services"].filtered(
            lambda one: one.service_type == "internet" and one.product_id.bss_technology == "fibre" and one.location_id
        )
        for service in services:
            free = service.location_id.port_ids.filtered(lambda port: port.state == "free" and not port.service_id)
            free[:1].service_id = service
