from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

from ..mediation_core import FORMATS
from ..mediation_core.formats.text_rows import known_encoding

GENERIC = "generic_"  # formats that need a mapping of the kind that follows


class BssUsageSource(models.Model):
    _inherit = "bss.usage.source"  # pylint: disable=consider-merging-classes-inherited

    encoding = fields.Char(
        required=True,
        default="auto",
        tracking=True,
        help="How letters are written: auto tells UTF-8, windows-1250 and ISO-8859-2 apart, otherwise e.g. cp852.",
    )
    option_ids = fields.One2many("bss.usage.source.option", "source_id", string="Options", copy=True)
    mapping_id = fields.Many2one(
        "bss.usage.mapping", tracking=True, index="btree_not_null", check_company=True, ondelete="restrict"
    )
    mapping_kind = fields.Char(compute="_compute_mapping_kind")
    is_binary = fields.Boolean(compute="_compute_mapping_kind")

    @api.depends("format")
    def _compute_mapping_kind(self):
        for source in self:
            name = source.format or ""
            source.mapping_kind = name.removeprefix(GENERIC) if name.startswith(GENERIC) else False
            source.is_binary = name in FORMATS and FORMATS[name].binary

    @api.onchange("format")
    def _onchange_format(self):
        self.option_ids = self._bss_option_commands()
        if self.mapping_id.kind != self.mapping_kind:
            self.mapping_id = False

    def _bss_option_commands(self):
        """Commands that leave exactly the options of the format; values that are known are kept."""
        options = FORMATS[self.format].options if self.format in FORMATS else ()
        names = [option.name for option in options]
        known = self.option_ids.mapped("name")
        gone = [Command.delete(line.id) for line in self.option_ids if line.name not in names]
        return gone + [
            Command.create({"name": option.name, "value": option.default, "sequence": place})
            for place, option in enumerate(options)
            if option.name not in known
        ]

    @api.model_create_multi
    def create(self, vals_list):
        sources = super().create(vals_list)
        sources._bss_fit_options()
        return sources

    def write(self, vals):
        if "format" not in vals:
            return super().write(vals)
        changed = self.filtered(lambda source: source.format != vals["format"])
        # The same name means something else in another format.
        changed.option_ids.filtered(lambda line: not line._bss_is_in(vals["format"])).unlink()
        result = super().write(vals)
        self._bss_fit_options()
        return result

    def _bss_fit_options(self):
        for source in self:
            commands = source._bss_option_commands()
            if commands:
                source.option_ids = commands

    @api.constrains("encoding")
    def _check_encoding(self):
        for source in self:
            if not known_encoding(source.encoding):
                raise ValidationError(
                    self.env._(
                        "Source %(name)s: “%(encoding)s” is no encoding; write auto, utf-8, cp1250 or iso8859-2.",
                        name=source.display_name,
                        encoding=source.encoding,
                    )
                )

    @api.constrains("format", "mapping_id")
    def _check_mapping(self):
        for source in self:
            if not source.mapping_kind:
                continue
            if source.mapping_id.kind != source.mapping_kind:
                raise ValidationError(
                    self.env._(
                        "Source %(name)s: choose a mapping for the format %(format)s.",
                        name=source.display_name,
                        format=FORMATS[source.format].label,
                    )
                )
            source.mapping_id._bss_refuse_faulty()

    def _bss_options(self):
        """Options as formats read them."""
        return {line.name: line._bss_kernel_value() for line in self.option_ids}
