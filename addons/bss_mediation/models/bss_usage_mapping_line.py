from odoo import api, fields, models

from ..mediation_core.mapping import INSTANTS, TARGETS


class BssUsageMappingPart(models.AbstractModel):
    """A line of a mapping; written by itself, it must not make a mapping faulty that sources read by."""

    _name = "bss.usage.mapping.part"
    _description = "Line of a Mapping"

    mapping_id = fields.Many2one("bss.usage.mapping", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="mapping_id.company_id", store=True, index=True, precompute=True)
    sequence = fields.Integer(default=100)

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.mapping_id._bss_check_in_use()
        return lines

    def write(self, vals):
        result = super().write(vals)
        self.mapping_id._bss_check_in_use()
        return result

    def unlink(self):
        mappings = self.mapping_id
        result = super().unlink()
        mappings.exists()._bss_check_in_use()
        return result


class BssUsageMappingColumn(models.Model):
    """Where one column of an event comes from, and how its text becomes a value."""

    _name = "bss.usage.mapping.column"
    _inherit = ["bss.usage.mapping.part"]
    _description = "Column of a Mapping"
    _order = "mapping_id, sequence, id"
    _rec_name = "target"

    target = fields.Selection("_selection_target", string="Becomes", required=True)
    source = fields.Char(
        string="Place", help="Number or name of the column, slice 14:28, or path call.from / basic/caller"
    )
    second_source = fields.Char(
        string="And Place",
        help="Read after the first, with a space between: date and time of day in columns of their own.",
    )
    constant = fields.Char(help="The same text for all records, instead of a place.")
    default_value = fields.Char(string="When Empty")
    pattern = fields.Char(
        string="Regular Expression", help="Its first group is kept: ^sip:([0-9]+)@ keeps the number of an address."
    )
    values_text = fields.Text(string="Translate", help="One pair in a line: ANSWERED = voice")
    layout = fields.Char(
        default="%Y-%m-%d %H:%M:%S",
        help="How dates are written: %d.%m.%Y %H:%M:%S, iso, or epoch, epoch_ms, epoch_us for seconds since 1970.",
    )
    timezone = fields.Char(string="Time Zone", help="When it is not that of the source: UTC")
    unit = fields.Char(
        help="Durations: s, ms, us, min, h, hh:mm:ss, hhmmss, 1h2m3s; volumes: B, kB, KiB, MB, MiB, GB, GiB; or a factor such as 0.001"
    )
    rounding = fields.Selection([("up", "Up"), ("half", "Half up"), ("down", "Down")], required=True, default="up")
    is_instant = fields.Boolean(compute="_compute_is_instant")

    @api.model
    def _selection_target(self):
        return list(self._bss_target_labels().items())

    @api.model
    def _bss_target_labels(self):
        labels = {
            "a_number": self.env._("Caller"),
            "b_number": self.env._("Called number"),
            "charged_number": self.env._("Charged number"),
            "started_at": self.env._("Start"),
            "answered_at": self.env._("Answer"),
            "ended_at": self.env._("End"),
            "duration_s": self.env._("Duration"),
            "units": self.env._("Units"),
            "volume_up": self.env._("Volume up"),
            "volume_down": self.env._("Volume down"),
            "cost_micro": self.env._("Cost"),
            "cost_currency": self.env._("Currency of the cost"),
            "usage_kind": self.env._("Kind of Usage"),
            "direction": self.env._("Direction"),
            "account_code": self.env._("Account code"),
            "login": self.env._("Login"),
            "imsi": self.env._("IMSI"),
            "network": self.env._("Visited network"),
            "service_code": self.env._("Service code"),
            "session_key": self.env._("Session"),
        }
        return {target: labels.get(target, target) for target in TARGETS}

    @api.depends("target")
    def _compute_is_instant(self):
        for line in self:
            line.is_instant = line.target in INSTANTS


class BssUsageMappingFilter(models.Model):
    """Which records count."""

    _name = "bss.usage.mapping.filter"
    _inherit = ["bss.usage.mapping.part"]
    _description = "Filter of a Mapping"
    _order = "mapping_id, sequence, id"
    _rec_name = "source"

    action = fields.Selection(
        [("ignore", "Ignore records"), ("keep", "Keep only records")], required=True, default="ignore"
    )
    source = fields.Char(string="Place", required=True)
    operator = fields.Selection(
        [
            ("is", "is"),
            ("is_not", "is not"),
            ("matches", "matches the regular expression"),
            ("not_matches", "does not match the regular expression"),
            ("empty", "is empty"),
            ("filled", "is filled"),
        ],
        required=True,
        default="is",
    )
    value = fields.Char(help="Several texts are separated by |")


class BssUsageMappingControl(models.Model):
    """A figure that header or trailer declare, to be compared with the records."""

    _name = "bss.usage.mapping.control"
    _inherit = ["bss.usage.mapping.part"]
    _description = "Declared Figure of a Mapping"
    _order = "mapping_id, sequence, id"
    _rec_name = "kind"

    kind = fields.Selection(
        [
            ("sequence", "Sequence number"),
            ("rows", "Number of records"),
            ("units", "Sum of units"),
            ("amount", "Sum of amounts"),
        ],
        string="Figure",
        required=True,
        default="rows",
    )
    record = fields.Selection(
        [("header", "Header"), ("trailer", "Trailer")], string="Is in", required=True, default="trailer"
    )
    source = fields.Char(string="Place", required=True)
    unit = fields.Char(help="Unit of the declared figure.")
    detail = fields.Char(string="Sum of", help="Place in the records that is summed; empty: duration or cost.")
    detail_unit = fields.Char(string="Unit of the Records")
