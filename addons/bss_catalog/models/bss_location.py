from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .. import polish_day
from ..adapters import location_facts
from ..catalog_core.teryt import teryt_problem

PARENT_KINDS = {
    "town": {None},
    "street": {"town"},
    "building": {None, "town", "street"},
    "staircase": {"building"},
    "premises": {"building", "staircase"},
}
KINDS = [
    ("town", "Town"),
    ("street", "Street"),
    ("building", "Building"),
    ("staircase", "Staircase"),
    ("premises", "Premises"),
]
TECHNOLOGIES = [("fibre", "Fibre"), ("hfc", "Cable (HFC)"), ("radio", "Radio")]
ADDRESS_FIELDS = ("street", "house_no", "zip", "city", "teryt_code", "simc_code", "ulic_code")
# What names, addresses and orders of a place and of its parts are made of
ADDRESS_SOURCES = {"name", "kind", "parent_id", "premises_no", *ADDRESS_FIELDS}


class BssLocation(models.Model):
    _name = "bss.location"
    _description = "Location"
    _inherit = ["mail.thread"]
    _order = "sort_key, id"
    _rec_name = "complete_name"
    _parent_store = True
    _check_company_auto = True

    name = fields.Char(
        required=True,
        help="Town, street: its name; building: its number, or its own name; staircase: its mark; premises: the number.",
    )
    # Kept by `_bss_refresh_addresses`, for a whole tree in one statement
    complete_name = fields.Char(string="Full name", readonly=True, copy=False)
    search_key = fields.Char(readonly=True, copy=False, index="trigram")
    sort_key = fields.Char(readonly=True, copy=False)
    kind = fields.Selection(KINDS, required=True, default="building", index=True, tracking=True)
    parent_id = fields.Many2one("bss.location", string="Part of", ondelete="restrict", index=True, check_company=True)
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("bss.location", "parent_id", string="Parts")
    building_id = fields.Many2one("bss.location", readonly=True, copy=False, index="btree_not_null")
    company_id = fields.Many2one("res.company", index=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True)

    # Address: written where it is known (town, street or building), taken over by the parts
    street = fields.Char()
    house_no = fields.Char(string="House number")
    premises_no = fields.Char(string="Premises number")
    zip = fields.Char(string="Postcode")
    city = fields.Char(index=True)
    address = fields.Char(compute="_compute_address_line", help="The address in one line.")
    teryt_code = fields.Char(string="TERC", index="btree_not_null", help="TERYT code of the commune: seven digits.")
    simc_code = fields.Char(string="SIMC", index="btree_not_null", help="TERYT code of the town: seven digits.")
    ulic_code = fields.Char(string="ULIC", help="TERYT code of the street: five digits.")
    latitude = fields.Float(digits=(9, 6))
    longitude = fields.Float(digits=(9, 6))

    # Technologies: records valid in time, inherited downward; the flags say what is here today
    technology_ids = fields.One2many("bss.location.technology", "location_id", string="Technologies")
    technology_text = fields.Char(compute="_compute_technology_text", string="Technologies here")
    has_fibre = fields.Boolean(string="Fibre", copy=False)
    has_hfc = fields.Boolean(string="Cable (HFC)", copy=False)
    has_radio = fields.Boolean(string="Radio", copy=False)

    node_ids = fields.One2many("bss.network.node", "location_id", string="Network nodes")
    port_ids = fields.One2many("bss.network.port", "location_id", string="Ports")
    competitor_offer_ids = fields.One2many("bss.competitor.offer", "location_id", string="Offers of competitors")

    building_count = fields.Integer(compute="_compute_part_counts", string="Buildings")
    staircase_count = fields.Integer(compute="_compute_part_counts", string="Staircases")
    premises_count = fields.Integer(compute="_compute_part_counts", string="Premises")
    node_count = fields.Integer(compute="_compute_network_counts", string="Nodes")
    port_count = fields.Integer(compute="_compute_network_counts", string="Number of ports")
    free_port_count = fields.Integer(compute="_compute_network_counts", string="Free ports")
    competitor_count = fields.Integer(compute="_compute_competitor_count", string="Competitors")
    offering_count = fields.Integer(compute="_compute_offering_count", string="Offerings on sale here")
    note = fields.Text(string="Notes")

    _name_uniq = models.UniqueIndex(
        "(parent_id, name) WHERE parent_id IS NOT NULL", "A part with this name exists already here."
    )
    _simc_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0), simc_code) WHERE kind = 'town' AND simc_code IS NOT NULL",
        "A town with this SIMC code exists already.",
    )
    _sorted = models.Index("(sort_key, id)")
    _path = models.Index("(parent_path text_pattern_ops)")

    # --- address

    @api.onchange("parent_id", "kind")
    def _onchange_parent_id(self):
        """Show at once what the place will take over."""
        if self.parent_id:
            for field in ADDRESS_FIELDS:
                self[field] = self.parent_id[field] or self[field]

    @api.depends("kind", "name", "street", "house_no", "premises_no", "zip", "city")
    def _compute_address_line(self):
        for location in self:
            number = "/".join(filter(None, (location.house_no, location.premises_no)))
            street = " ".join(filter(None, (location.street, number)))
            town = " ".join(filter(None, (location.zip, location.city)))
            location.address = ", ".join(filter(None, (street, town)))

    # --- counts

    def _compute_part_counts(self):
        counts = self._bss_count_inside(
            "SELECT id AS place_id, kind AS label, company_id FROM bss_location WHERE active"
        )
        for location in self:
            own = counts.get(location._origin.id, {})
            location.building_count = own.get("building", 0) - (location.kind == "building")
            location.staircase_count = own.get("staircase", 0) - (location.kind == "staircase")
            location.premises_count = own.get("premises", 0) - (location.kind == "premises")

    def _compute_network_counts(self):
        nodes = self._bss_count_inside(
            "SELECT location_id AS place_id, 'node' AS label, company_id FROM bss_network_node WHERE active"
        )
        ports = self._bss_count_inside(
            "SELECT location_id AS place_id, state AS label, company_id FROM bss_network_port"
        )
        for location in self:
            own = ports.get(location._origin.id, {})
            location.node_count = nodes.get(location._origin.id, {}).get("node", 0)
            location.port_count = sum(own.values())
            location.free_port_count = own.get("free", 0)

    def _compute_competitor_count(self):
        found = self._bss_competitors_by_location(polish_day.today())
        for location in self:
            location.competitor_count = len(found.get(location._origin.id, ()))

    @api.depends("has_fibre", "has_hfc", "has_radio", "technology_ids.down_mbps", "technology_ids.up_mbps")
    def _compute_technology_text(self):
        labels = dict(self.env["bss.location.technology"]._fields["technology"]._description_selection(self.env))
        found = self._bss_technologies_by_location(polish_day.today())
        for location in self:
            location.technology_text = ", ".join(
                f"{labels[technology]} {down}/{up}" if down or up else labels[technology]
                for technology, (down, up) in sorted(found.get(location._origin.id, {}).items())
            )

    @api.depends("has_fibre", "has_hfc", "has_radio")
    def _compute_offering_count(self):
        for location in self:
            location.offering_count = self.env["product.template"].search_count(location._bss_offering_domain())

    # --- rules

    @api.constrains("kind", "parent_id")
    def _check_hierarchy(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A location cannot be a part of itself."))
        for location in self:
            if (location.parent_id.kind or None) not in PARENT_KINDS[location.kind]:
                raise ValidationError(
                    self.env._(
                        "%(name)s: a town stands alone, a street is in a town, a building stands alone or in a town or a street, "
                        "a staircase is in a building, premises are in a building or a staircase.",
                        name=location.name,
                    )
                )
        self._bss_check_kinds_below()

    def _bss_check_kinds_below(self):
        """A place that has parts cannot become one that may not hold them."""
        below = self._read_group([("parent_id", "in", self.ids)], ["parent_id", "kind"])
        for parent, kind in below:
            if parent.kind not in PARENT_KINDS[kind]:
                raise ValidationError(
                    self.env._("%(name)s has parts that such a place cannot hold.", name=parent.display_name)
                )

    @api.constrains("teryt_code", "simc_code", "ulic_code")
    def _check_teryt_codes(self):
        for location in self:
            for register, field in (("terc", "teryt_code"), ("simc", "simc_code"), ("ulic", "ulic_code")):
                code = location[field]
                problem = teryt_problem(register, code) if code else None
                if problem:
                    raise ValidationError(self._bss_teryt_text(register, problem, code, location.name))

    def _bss_teryt_text(self, register, problem, code, name):
        texts = {
            "terc_digits": self.env._("TERC code “%(code)s” of %(name)s: seven digits are needed."),
            "terc_region": self.env._(
                "TERC code “%(code)s” of %(name)s: the first two digits are no voivodeship (02, 04 … 32)."
            ),
            "terc_type": self.env._(
                "TERC code “%(code)s” of %(name)s: the last digit is no kind of commune (1, 2, 3, 4, 5, 8, 9)."
            ),
            "simc_digits": self.env._("SIMC code “%(code)s” of %(name)s: seven digits are needed."),
            "ulic_digits": self.env._("ULIC code “%(code)s” of %(name)s: five digits are needed."),
        }
        return texts[f"{register}_{problem}"] % {"code": code, "name": name}

    # --- offerings

    def _bss_location_facts(self):
        self.ensure_one()
        return location_facts(self)

    def _bss_offering_domain(self):
        """Offerings on sale whose technology reaches this place."""
        self.ensure_one()
        reached = ["any", "mobile", *sorted(self._bss_location_facts().technologies)]
        return Domain(
            [
                ("bss_is_offering", "=", True),
                ("bss_lifecycle", "=", "on_sale"),
                ("bss_technology", "in", reached),
                ("company_id", "in", [False, self.company_id.id]),
            ]
        )

    def action_open_offerings(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_catalog.action_bss_offering")
        action["domain"] = list(self._bss_offering_domain())
        action["context"] = {}
        return action

    # --- navigation

    def action_open_parts(self):
        """Everything directly inside: one step down the tree."""
        self.ensure_one()
        below = {"town": "street", "street": "building", "building": "premises", "staircase": "premises"}
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_catalog.action_bss_location")
        action["display_name"] = self.complete_name
        action["domain"] = [("parent_id", "=", self.id)]
        action["context"] = {"default_parent_id": self.id, "default_kind": below.get(self.kind, "premises")}
        return action

    def action_open_premises(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_catalog.action_bss_location")
        action["display_name"] = self.complete_name
        action["domain"] = [("id", "child_of", self.id), ("kind", "=", "premises")]
        action["context"] = {"default_parent_id": self.id, "default_kind": "premises"}
        return action

    def action_open_nodes(self):
        return self._bss_open_inside("bss_catalog.action_bss_network_node")

    def action_open_ports(self):
        return self._bss_open_inside("bss_catalog.action_bss_network_port")

    def action_open_competitor_offers(self):
        """Offers here, in the parts, and above (an offer for a whole town holds here too)."""
        action = self._bss_open_inside("bss_catalog.action_bss_competitor_offer")
        above = [int(part) for part in self.parent_path.split("/") if part]
        action["domain"] = ["|", ("location_id", "child_of", self.id), ("location_id", "in", above)]
        return action

    def _bss_open_inside(self, xmlid):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("location_id", "child_of", self.id)]
        action["context"] = {"default_location_id": self.id}
        return action
