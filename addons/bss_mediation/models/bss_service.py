from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class BssService(models.Model):
    _inherit = "bss.service"

    usage_count = fields.Integer(string="Usage", compute="_compute_usage_count")

    def _compute_usage_count(self):
        counts = dict(
            self.env["bss.usage.event"]._read_group([("service_id", "in", self.ids)], ["service_id"], ["__count"])
        )
        for service in self:
            service.usage_count = counts.get(service, 0)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """No foreign key guards the event table."""
        found = self.ids and self.env.execute_query(
            SQL("SELECT service_id FROM bss_usage_event WHERE service_id IN %s LIMIT 1", tuple(self.ids))
        )
        if found:
            service = self.browse(found[0][0])
            raise UserError(self.env._("Service %(name)s has usage and cannot be deleted.", name=service.display_name))

    def action_view_usage(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_mediation.action_bss_usage_event")
        action["domain"] = [("service_id", "=", self.id)]
        action["context"] = {}
        return action
