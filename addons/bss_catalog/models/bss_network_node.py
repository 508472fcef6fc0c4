from odoo import api, fields, models

from .bss_location import TECHNOLOGIES

TECHNOLOGY_OF_KIND = {"olt": "fibre", "cmts": "hfc", "base_station": "radio", "switch": "fibre"}


class BssNetworkNode(models.Model):
    _name = "bss.network.node"
    _description = "Network Node"
    _inherit = ["mail.thread"]
    _order = "code, id"
    _rec_names_search = ["code", "name"]
    _check_company_auto = True

    code = fields.Char(required=True, index="trigram", tracking=True)
    name = fields.Char(required=True)
    kind = fields.Selection(
        [
            ("olt", "OLT"),
            ("switch", "Switch"),
            ("cmts", "CMTS"),
            ("base_station", "Base station"),
            ("other", "Other"),
        ],
        required=True,
        default="olt",
        index=True,
    )
    technology = fields.Selection(
        TECHNOLOGIES, required=True, compute="_compute_technology", store=True, readonly=False, precompute=True
    )
    location_id = fields.Many2one(
        "bss.location", string="Stands at", check_company=True, index="btree_not_null", ondelete="restrict"
    )
    vendor = fields.Char()
    model = fields.Char()
    state = fields.Selection(
        [("planned", "Planned"), ("active", "Active"), ("retired", "Retired")],
        required=True,
        default="active",
        index=True,
        tracking=True,
        group_expand=True,
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    port_ids = fields.One2many("bss.network.port", "node_id", string="Ports")
    port_count = fields.Integer(compute="_compute_port_counts", string="Number of ports")
    free_port_count = fields.Integer(compute="_compute_port_counts", string="Free ports")
    used_percent = fields.Float(compute="_compute_port_counts", string="Ports used (%)")
    note = fields.Text(string="Notes")

    _code_uniq = models.UniqueIndex("(company_id, code)", "A network node with this code exists already.")

    @api.depends("kind")
    def _compute_technology(self):
        for node in self:
            node.technology = TECHNOLOGY_OF_KIND.get(node.kind) or node.technology or "fibre"

    @api.depends("port_ids.state")
    def _compute_port_counts(self):
        groups = self.env["bss.network.port"]._read_group(
            [("node_id", "in", self.ids)], ["node_id", "state"], ["__count"]
        )
        counts = {(node.id, state): count for node, state, count in groups}
        for node in self:
            own = {state: counts.get((node._origin.id, state), 0) for state in ("free", "reserved", "used", "faulty")}
            node.port_count = sum(own.values())
            node.free_port_count = own["free"]
            node.used_percent = 100.0 * own["used"] / node.port_count if node.port_count else 0.0

    @api.depends("code", "name")
    def _compute_display_name(self):
        for node in self:
            node.display_name = " ".join(filter(None, (node.code and f"[{node.code}]", node.name)))

    def action_open_ports(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_catalog.action_bss_network_port")
        action["domain"] = [("node_id", "=", self.id)]
        action["context"] = {"default_node_id": self.id}
        return action
