from odoo import api, fields, models
from odoo.exceptions import ValidationError


class BssNetworkPort(models.Model):
    _name = "bss.network.port"
    _description = "Network Port"
    _order = "node_id, name, id"
    _rec_names_search = ["name", "node_id.code"]
    _check_company_auto = True

    node_id = fields.Many2one("bss.network.node", required=True, index=True, check_company=True, ondelete="cascade")
    company_id = fields.Many2one(related="node_id.company_id", store=True, index=True, precompute=True)
    name = fields.Char(required=True, help="As the network calls it, e.g. 1/1/4:17.")
    technology = fields.Selection(related="node_id.technology", store=True, precompute=True)
    location_id = fields.Many2one(
        "bss.location",
        string="Leads to",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('kind', 'in', ['premises', 'building'])]",
        help="Premises or building at the other end of the line.",
    )
    state = fields.Selection(
        [("free", "Free"), ("reserved", "Reserved"), ("used", "Used"), ("faulty", "Faulty")],
        required=True,
        default="free",
        index=True,
        group_expand=True,
    )
    note = fields.Char(string="Notes")

    _name_uniq = models.UniqueIndex("(node_id, name)", "The node has a port with this name already.")

    @api.constrains("location_id")
    def _check_location(self):
        for port in self:
            if port.location_id and port.location_id.kind not in ("premises", "building"):
                raise ValidationError(
                    self.env._(
                        "Port %(port)s: it leads to premises or to a building, %(place)s is neither.",
                        port=port.display_name,
                        place=port.location_id.display_name,
                    )
                )

    @api.depends("name", "node_id.code")
    def _compute_display_name(self):
        for port in self:
            port.display_name = " ".join(filter(None, (port.node_id.code, port.name)))
