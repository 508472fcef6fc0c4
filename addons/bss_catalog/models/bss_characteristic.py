from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..adapters import characteristic_facts
from ..catalog_core.characteristics import ValueProblem, parse_number, parse_value


class BssCharacteristic(models.Model):
    """A technical property that services have: VLAN, kind of address, number of channels …"""

    _name = "bss.characteristic"
    _description = "Technical characteristic"
    _order = "sequence, name, id"
    _check_company_auto = True
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Name for networks and interfaces, e.g. vlan_id.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, default=lambda self: self.env.company)
    value_type = fields.Selection(
        [
            ("text", "Text"),
            ("integer", "Whole number"),
            ("decimal", "Decimal number"),
            ("boolean", "Yes or no"),
            ("selection", "One of allowed values"),
        ],
        string="Type",
        required=True,
        default="text",
    )
    unit = fields.Char(translate=True, help="Shown behind the value, e.g. Mbit/s.")
    value_min = fields.Char(string="Least", help="Smallest number, or shortest text; empty: no limit.")
    value_max = fields.Char(string="Most", help="Biggest number, or longest text; empty: no limit.")
    value_ids = fields.One2many("bss.characteristic.value", "characteristic_id", string="Allowed values", copy=True)
    is_required = fields.Boolean(
        string="Required", help="A contract is not activated while a service of it lacks the value."
    )
    is_configurable = fields.Boolean(
        string="Set for each service",
        default=True,
        help="Off: every service has the value of its offering, clerks do not change it.",
    )
    offering_ids = fields.One2many("bss.offering.characteristic", "characteristic_id", string="Offerings")
    note = fields.Text(string="Notes")

    _code_unique = models.UniqueIndex(
        "(COALESCE(company_id, 0), code)", "A characteristic with this code exists already."
    )

    @api.depends("name", "unit")
    def _compute_display_name(self):
        for one in self:
            one.display_name = f"{one.name} ({one.unit})" if one.unit else one.name

    @api.constrains("value_type", "value_min", "value_max")
    def _check_limits(self):
        for one in self:
            limits = [parse_number(text) if text else None for text in (one.value_min, one.value_max)]
            for text, number in zip((one.value_min, one.value_max), limits, strict=True):
                if text and number is None:
                    raise ValidationError(
                        self.env._("Limit %(value)s of %(name)s is no number.", value=text, name=one.name)
                    )
            if None not in limits and limits[0] > limits[1]:
                raise ValidationError(
                    self.env._(
                        "%(name)s: the least value %(least)s is above the most, %(most)s.",
                        name=one.name,
                        least=one.value_min,
                        most=one.value_max,
                    )
                )

    @api.constrains("value_type", "value_min", "value_max", "value_ids")
    def _check_given_values(self):
        """What was given before still fits after a change of the type or its limits."""
        for one in self:
            for holder in one._bss_holders():
                for record in holder:
                    one._bss_canonical(record.value or "")

    def _bss_holders(self):
        """Recordsets that keep values of this characteristic. Higher addons add theirs."""
        self.ensure_one()
        return [self.env["bss.offering.characteristic"].sudo().search([("characteristic_id", "=", self.id)])]

    def _bss_canonical(self, written):
        """The stored spelling of a written value; ValidationError says why it does not fit."""
        self.ensure_one()
        answer = parse_value(characteristic_facts(self), written)
        if isinstance(answer, ValueProblem):
            raise ValidationError(self._bss_value_problem_message(answer))
        return answer.text

    def _bss_shown(self, value):
        """A stored value as people read it."""
        self.ensure_one()
        if not value:
            return ""
        if self.value_type == "boolean":
            return self.env._("Yes") if value == "true" else self.env._("No")
        if self.value_type == "selection":
            return self.value_ids.filtered(lambda one: one.code == value)[:1].name or value
        return f"{value} {self.unit}" if self.unit else value

    def _bss_value_problem_message(self, problem):
        return self._bss_value_problem_templates()[problem.code] % {"name": self.name, **problem.params}

    @api.model
    def _bss_value_problem_templates(self):
        return {
            "NO_NUMBER": self.env._("%(name)s: “%(value)s” is no number."),
            "NOT_WHOLE": self.env._("%(name)s: %(value)s is no whole number."),
            "NO_BOOLEAN": self.env._("%(name)s: “%(value)s” is neither yes nor no."),
            "NOT_ALLOWED": self.env._("%(name)s: “%(value)s” is none of the allowed values."),
            "TOO_SMALL": self.env._("%(name)s: %(value)s is less than %(limit)s."),
            "TOO_BIG": self.env._("%(name)s: %(value)s is more than %(limit)s."),
            "TOO_SHORT": self.env._("%(name)s: %(value)s characters are fewer than %(limit)s."),
            "TOO_LONG": self.env._("%(name)s: %(value)s characters are more than %(limit)s."),
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for one in self:
            if any(one._bss_holders()):
                raise UserError(
                    self.env._("%(name)s is used: archive it instead of deleting it.", name=one.display_name)
                )
