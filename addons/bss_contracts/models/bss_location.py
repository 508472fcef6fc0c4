from odoo import api, fields, models


class BssLocation(models.Model):
    _inherit = "bss.location"

    service_count = fields.Integer(compute="_compute_service_counts", string="Running services")
    served_premises_count = fields.Integer(compute="_compute_service_counts", string="Premises with a service")
    penetration_percent = fields.Float(
        compute="_compute_service_counts", string="Penetration (%)", help="Share of the premises that have a service."
    )

    @api.depends("premises_count")
    def _compute_service_counts(self):
        self.env["bss.service"].flush_model(["location_id", "state", "company_id", "parent_id"])
        running = self._bss_count_inside(
            "SELECT location_id AS place_id, 'running' AS label, company_id FROM bss_service"
            " WHERE state IN ('active', 'suspended') AND location_id IS NOT NULL"
            " AND NOT EXISTS (SELECT FROM bss_service part WHERE part.parent_id = bss_service.id)"
        )
        served = self._bss_count_inside(
            "SELECT DISTINCT service.location_id AS place_id, 'served' AS label, service.company_id"
            " FROM bss_service service JOIN bss_location place ON place.id = service.location_id"
            " WHERE service.state IN ('active', 'suspended') AND place.kind = 'premises' AND place.active"
        )
        for location in self:
            place = location._origin.id
            location.service_count = running.get(place, {}).get("running", 0)
            location.served_premises_count = served.get(place, {}).get("served", 0)
            total = location.premises_count + (location.kind == "premises")
            location.penetration_percent = 100.0 * location.served_premises_count / total if total else 0.0

    def action_open_services(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_service_action")
        action["domain"] = [("location_id", "child_of", self.id)]
        action["context"] = {"search_default_not_terminated": 1}
        return action
