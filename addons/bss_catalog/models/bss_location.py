from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..adapters import location_facts

PARENT_KINDS = {"building": {None}, "staircase": {"building"}, "premises": {"building", "staircase"}}


class BssLocation(models.Model):
    _name = "bss.location"
    _description = "Location"
    _inherit = ["mail.thread"]
    _order = "complete_name, id"
    _rec_name = "complete_name"
    _parent_store = True
    _check_company_auto = True

    name = fields.Char(
        required=True, help="Building: its own name or street and number; staircase: its mark; premises: the number."
    )
    complete_name = fields.Char(compute="_compute_complete_name", store=True, recursive=True, index="trigram")
    kind = fields.Selection(
        [("building", "Building"), ("staircase", "Staircase"), ("premises", "Premises")],
        required=True,
        default="building",
        index=True,
        tracking=True,
    )
    parent_id = fields.Many2one("bss.location", string="Part of", ondelete="restrict", index=True, check_company=True)
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("bss.location", "parent_id", string="Parts")
    building_id = fields.Many2one(
        "bss.location", compute="_compute_building_id", store=True, recursive=True, index=True
    )
    company_id = fields.Many2one("res.company", index=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True)

    # Address: written on the building, taken over by its parts
    street = fields.Char(compute="_compute_address", store=True, readonly=False, recursive=True)
    house_no = fields.Char(
        string="House number", compute="_compute_address", store=True, readonly=False, recursive=True
    )
    premises_no = fields.Char(string="Premises number")
    zip = fields.Char(string="Postcode", compute="_compute_address", store=True, readonly=False, recursive=True)
    city = fields.Char(compute="_compute_address", store=True, readonly=False, recursive=True, index=True)
    address = fields.Char(compute="_compute_address_line", help="The address in one line.")
    teryt_code = fields.Char(
        string="TERYT code",
        compute="_compute_address",
        store=True,
        readonly=False,
        recursive=True,
        help="TERC code of the commune: seven digits.",
    )
    latitude = fields.Float(digits=(9, 6))
    longitude = fields.Float(digits=(9, 6))

    # Technologies: taken over from the parent when the part is made, then its own
    has_fibre = fields.Boolean(
        string="Fibre", compute="_compute_technologies", store=True, readonly=False, tracking=True
    )
    has_hfc = fields.Boolean(
        string="Cable (HFC)", compute="_compute_technologies", store=True, readonly=False, tracking=True
    )
    has_radio = fields.Boolean(
        string="Radio", compute="_compute_technologies", store=True, readonly=False, tracking=True
    )

    staircase_count = fields.Integer(compute="_compute_part_counts", string="Staircases")
    premises_count = fields.Integer(compute="_compute_part_counts", string="Premises")
    offering_count = fields.Integer(compute="_compute_offering_count", string="Offerings on sale here")
    note = fields.Text(string="Notes")

    _name_uniq = models.UniqueIndex(
        "(parent_id, name) WHERE parent_id IS NOT NULL", "A part with this name exists already here."
    )

    @api.depends("name", "kind", "parent_id.complete_name", "city", "street", "house_no", "premises_no")
    def _compute_complete_name(self):
        for location in self:
            if location.kind == "building" or not location.parent_id:
                own = " ".join(filter(None, (location.street, location.house_no)))
                label = location.name if not own or location.name == own else f"{own} ({location.name})"
                location.complete_name = ", ".join(filter(None, (location.city, label)))
            else:
                location.complete_name = " / ".join(
                    filter(None, (location.parent_id.complete_name, location.premises_no or location.name))
                )

    @api.depends("kind", "parent_id.building_id")
    def _compute_building_id(self):
        for location in self:
            if location.kind == "building":
                location.building_id = location._origin or location
            else:
                location.building_id = location.parent_id.building_id

    @api.depends(
        "parent_id", "parent_id.street", "parent_id.house_no", "parent_id.zip", "parent_id.city", "parent_id.teryt_code"
    )
    def _compute_address(self):
        for location in self:
            parent = location.parent_id
            for field in ("street", "house_no", "zip", "city", "teryt_code"):
                location[field] = parent[field] if parent else location[field]

    @api.depends("street", "house_no", "premises_no", "zip", "city")
    def _compute_address_line(self):
        for location in self:
            number = "/".join(filter(None, (location.house_no, location.premises_no)))
            street = " ".join(filter(None, (location.street, number)))
            town = " ".join(filter(None, (location.zip, location.city)))
            location.address = ", ".join(filter(None, (street, town)))

    @api.depends("parent_id")
    def _compute_technologies(self):
        for location in self:
            for field in ("has_fibre", "has_hfc", "has_radio"):
                location[field] = location[field] or location.parent_id[field]

    def _compute_part_counts(self):
        groups = self.env["bss.location"]._read_group(
            [("id", "child_of", self.ids), ("kind", "in", ["staircase", "premises"])],
            ["kind", "parent_path"],
            ["__count"],
        )
        counts = defaultdict(int)
        for kind, path, count in groups:
            for ancestor in path.split("/")[:-2]:
                counts[int(ancestor), kind] += count
        for location in self:
            location.staircase_count = counts[location._origin.id, "staircase"]
            location.premises_count = counts[location._origin.id, "premises"]

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
                        "%(name)s: a building stands alone, a staircase is in a building, premises are in a building or a staircase.",
                        name=location.name,
                    )
                )

    @api.constrains("teryt_code")
    def _check_teryt_code(self):
        for location in self.filtered("teryt_code"):
            code = location.teryt_code
            if len(code) != 7 or not (code.isascii() and code.isdigit()):
                raise ValidationError(
                    self.env._(
                        "TERYT code “%(code)s” of %(name)s: seven digits are needed.", code=code, name=location.name
                    )
                )

    # --- technologies and offerings

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

    def action_push_technologies(self):
        """Write the technologies of this place on everything inside it."""
        for location in self:
            inside = self.search([("id", "child_of", location.id), ("id", "!=", location.id)])
            inside.write({field: location[field] for field in ("has_fibre", "has_hfc", "has_radio")})

    def action_open_offerings(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_catalog.action_bss_offering")
        action["domain"] = list(self._bss_offering_domain())
        action["context"] = {}
        return action

    def action_open_parts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_catalog.action_bss_location")
        action["domain"] = [("id", "child_of", self.id), ("id", "!=", self.id)]
        action["context"] = {"default_parent_id": self.id, "default_kind": "premises"}
        return action
