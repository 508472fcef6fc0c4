from odoo import api, fields, models
from odoo.exceptions import ValidationError

STATE_OF_SERVICE = {"pending": "reserved", "active": "used", "suspended": "used"}


class BssNetworkPort(models.Model):
    _inherit = "bss.network.port"

    service_id = fields.Many2one(
        "bss.service",
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        domain="[('state', '!=', 'terminated')]",
        help="Service that runs over this port; the port is freed when the service ends.",
    )
    account_id = fields.Many2one(related="service_id.account_id", string="Billing account")

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{**vals, **self._bss_state_vals(vals)} for vals in vals_list])

    def write(self, vals):
        if "service_id" not in vals:
            return super().write(vals)
        # a faulty port stays faulty, whether it loses or (refused below) gets a service
        faulty = self.filtered(lambda port: port.state == "faulty")
        done = super(BssNetworkPort, faulty).write(vals)
        waiting = (self - faulty).filtered(lambda port: port.state in ("used", "reserved") or vals["service_id"])
        super(BssNetworkPort, waiting).write({**vals, **self._bss_state_vals(vals)})
        return super(BssNetworkPort, self - faulty - waiting).write(vals) and done

    def _bss_state_vals(self, vals):
        """The state that goes with the service in ``vals``."""
        if "service_id" not in vals or vals.get("state") == "faulty":
            return {}
        service = self.env["bss.service"].browse(vals["service_id"] or [])
        if not service:
            return {"state": vals.get("state", "free")}
        state = STATE_OF_SERVICE.get(service.state)
        if not state:
            raise ValidationError(
                self.env._("Service %(service)s has ended and needs no port.", service=service.display_name)
            )
        return {"state": state}

    def _bss_follow_service(self):
        """Bring these ports to the state of their services; those of ended ones are freed."""
        for port in self:
            service = port.service_id
            port.service_id = service if service.state in STATE_OF_SERVICE else False

    @api.constrains("service_id", "state")
    def _check_service(self):
        for port in self:
            if not port.service_id and port.state == "used":
                raise ValidationError(
                    self.env._("Port %(port)s is used by no service: name the service.", port=port.display_name)
                )
            if port.service_id and port.state == "free":
                raise ValidationError(
                    self.env._(
                        "Port %(port)s serves %(service)s and is not free.",
                        port=port.display_name,
                        service=port.service_id.display_name,
                    )
                )

    @api.constrains("service_id")
    def _check_service_fits(self):
        for port in self.filtered("service_id"):
            reason = port._bss_why_not(port.service_id)
            if reason:
                raise ValidationError(reason)

    def _bss_leads_to(self, place):
        """Whether its end is at ``place``, in its building, or a flat of it."""
        end = self.location_id
        return end in (place, place.building_id) or place == end.building_id

    def _bss_why_not(self, service):
        """Words against ``service`` over this port; empty = it can."""
        self.ensure_one()
        if self.state == "faulty":
            return self.env._("Port %(port)s is faulty and can serve nobody.", port=self.display_name)
        place, end = service.location_id, self.location_id
        if place and end and not self._bss_leads_to(place):
            return self.env._(
                "Port %(port)s leads to %(end)s, the service %(service)s is at %(place)s.",
                port=self.display_name,
                end=end.display_name,
                service=service.display_name,
                place=place.display_name,
            )
        return ""
