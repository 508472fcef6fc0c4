from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class BssContractChange(models.Model):
    """Relocation: services work at another place from a day on."""

    _inherit = "bss.contract.change"  # pylint: disable=consider-merging-classes-inherited

    location_id = fields.Many2one(
        "bss.location",
        string="New Place",
        check_company=True,
        ondelete="restrict",
        help="Where the services work from then on; a line may say another place.",
    )

    @api.onchange("kind", "contract_id")
    def _onchange_relocation(self):
        """All services that have a place move, unless the clerk says otherwise."""
        if self.kind == "relocation" and self.contract_id and not self.line_ids:
            placed = self.contract_id.service_ids._bss_without_heads().filtered(
                lambda one: one.location_id and one.state in ("active", "suspended")
            )
            self.line_ids = [
                Command.create({"action": "relocate", "service_id": service._origin.id}) for service in placed
            ]

    def _bss_check_relocation(self):
        if not self.line_ids:
            raise UserError(self.env._("Say which services move: add at least one line."))
        for line in self.line_ids:
            line._bss_check_place()

    def _bss_enter_relocation(self):
        self._bss_keep_before()
        for line in self.line_ids:
            line.service_id._bss_set_version(self.date_effective, {"location_id": line._bss_place()}, self)
        self._bss_services()._bss_recalculate()

    def _bss_order_relocation(self):
        for line in self.line_ids:
            self._bss_request(
                line.service_id,
                "change",
                self.date_effective,
                self.env._(
                    "Move to %(place)s (so far %(old)s)",
                    place=line._bss_place().complete_name,
                    old=(line.kept_before or {}).get("text") or "–",
                ),
            )

    def _bss_finish_relocation(self):
        for line in self.line_ids:
            devices = line.service_id.device_ids.filtered(lambda device: device.state == "at_customer")
            devices.location_id = line._bss_place()
            self._bss_free_ports(line.service_id, line._bss_place())

    def _bss_free_ports(self, service, place):
        """The ports of the old place are free again; somebody must find one at the new place."""
        # ports belong to the network: whoever moves a service need not have rights on it
        ports = service.sudo().port_ids.filtered(lambda port: not port.location_id or not port._bss_leads_to(place))
        if not ports:
            return
        names = ", ".join(ports.mapped("display_name"))
        ports.service_id = False
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("The service needs a port at the new place"),
            note=self.env._(
                "%(service)s has moved to %(place)s; the port of the old place is free again: %(ports)s.",
                service=service.display_name,
                place=place.complete_name,
                ports=names,
            ),
            user_id=self.create_uid.id,
        )
