from odoo import api, fields, models
from odoo.exceptions import ValidationError

ZONE_KINDS = [
    ("national_fixed", "National fixed"),
    ("national_mobile", "National mobile"),
    ("international", "International"),
    ("premium", "Premium"),
    ("free", "Free of charge"),
    ("emergency", "Emergency"),
    ("on_net", "On-net"),
    ("roaming", "Roaming"),
    ("content", "Data and content"),
]


class BssRateZone(models.Model):
    _name = "bss.rate.zone"
    _description = "Rate zone"
    _order = "sequence, code, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(ZONE_KINDS, required=True, default="international", index=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: the zone is shared by all companies.")
    active = fields.Boolean(default=True)
    prefix_ids = fields.One2many("bss.rate.prefix", "zone_id", string="Prefixes")
    code_ids = fields.One2many("bss.rate.zone.code", "zone_id", string="Codes")
    rate_ids = fields.One2many("bss.rate", "zone_id", string="Rates")
    called_number = fields.Char(
        compute="_compute_called_number",
        search="_search_called_number",
        help="Search only: the zone that serves a number, as people write it.",
    )
    prefix_count = fields.Integer(compute="_compute_prefix_count")
    rate_count = fields.Integer(compute="_compute_rate_count")

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "A zone with this code exists already in the company."
    )

    @api.depends("prefix_ids")
    def _compute_prefix_count(self):
        counts = dict(self.env["bss.rate.prefix"]._read_group([("zone_id", "in", self.ids)], ["zone_id"], ["__count"]))
        for zone in self:
            zone.prefix_count = counts.get(zone._origin, 0)

    @api.depends("rate_ids")
    def _compute_rate_count(self):
        counts = dict(self.env["bss.rate"]._read_group([("zone_id", "in", self.ids)], ["zone_id"], ["__count"]))
        for zone in self:
            zone.rate_count = counts.get(zone._origin, 0)

    @api.depends("name", "code")
    def _compute_display_name(self):
        for zone in self:
            zone.display_name = f"[{zone.code}] {zone.name}" if zone.code else zone.name

    @api.model
    def _search_display_name(self, operator, value):
        if operator in ("ilike", "=ilike", "like", "=like", "=") and isinstance(value, str) and value:
            return ["|", ("code", operator, value), ("name", operator, value)]
        return super()._search_display_name(operator, value)

    @api.constrains("company_id")
    def _check_company_of_rates(self):
        for zone in self:
            if zone.company_id and any(rate.company_id != zone.company_id for rate in zone.sudo().rate_ids):
                raise ValidationError(
                    self.env._("Zone %(zone)s is priced by rate plans of another company.", zone=zone.name)
                )

    def _compute_called_number(self):
        self.called_number = False

    @api.model
    def _search_called_number(self, operator, value):
        if operator not in ("ilike", "=", "like") or not isinstance(value, str):
            return NotImplemented
        return [("id", "in", self._bss_match(self._bss_e164(value), self.env.company).zone_id.ids)]

    @api.model
    def _bss_e164(self, text):
        """Digits of a number as people write it: nine or fewer digits without plus are Polish."""
        digits = "".join(char for char in text if char.isascii() and char.isdigit())
        if text.strip().startswith("+"):
            return digits
        if digits.startswith("00"):
            return digits[2:]
        return digits if len(digits) > 9 else f"48{digits}"

    @api.model
    def _bss_match(self, number, company):
        """Prefix record that serves ``number`` (E.164 digits) in ``company``: longest first, own before shared."""
        heads = [number[:length] for length in range(1, len(number) + 1)]
        prefixes = self.env["bss.rate.prefix"].search(
            [("prefix", "in", heads), ("company_id", "in", [False, company.id])]
        )
        return prefixes.sorted(lambda p: (len(p.prefix), bool(p.company_id)), reverse=True)[:1]

    def action_open_prefixes(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_catalog.action_bss_rate_prefix")
        action["domain"] = [("zone_id", "=", self.id)]
        action["context"] = {"default_zone_id": self.id}
        return action

    def action_open_rates(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_catalog.action_bss_rate")
        action["domain"] = [("zone_id", "=", self.id)]
        action["context"] = {"default_zone_id": self.id}
        return action
