import base64
import json

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .. import mapping_adapters
from ..mediation_core import Mapping, MappingError, NumberingProfile, SourceProfile, from_dict
from ..mediation_core.formats.text_rows import known_encoding
from ..mediation_core.mapping_check import check

CLERK = "bss_catalog.group_bss_clerk"
SAMPLE_MEGABYTES = 5


class BssUsageMapping(models.Model):
    """How a user's own file becomes events: where each record is, and where each column of an event comes from."""

    _name = "bss.usage.mapping"
    _description = "Mapping of Usage Files"
    _inherit = ["mail.thread"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    kind = fields.Selection(
        [("csv", "CSV"), ("fixed", "Fixed width"), ("json", "JSON"), ("xml", "XML")],
        string="Files Are",
        required=True,
        default="csv",
        tracking=True,
    )
    usage_kind = fields.Selection(
        "_selection_usage_kind",
        string="Kind of Usage",
        required=True,
        default="voice",
        help="What the records are where no column says it.",
    )
    decimal = fields.Selection(
        [(".", "Point (0.25)"), (",", "Comma (0,25)")], string="Decimals After", required=True, default="."
    )
    delimiter = fields.Char(string="Separator", default=",", help="One sign between columns; \\t stands for a tab.")
    quote = fields.Char(default='"', help="The sign around values; empty when there is none.")
    has_header = fields.Boolean(
        string="First Line Has the Names", help="Then columns are found by name, else by number."
    )
    skip_lines = fields.Integer(help="So many lines at the beginning do not count.")
    comment = fields.Char(string="Comment Sign", help="Lines that begin with it do not count.")
    record_path = fields.Char(string="Path of a Record", help="Elements from the root: export/calls/call")
    type_source = fields.Char(
        string="Place of the Record Type", help="Column or slice that tells header, records and trailer apart."
    )
    type_detail = fields.Char(string="Records Have", help="Empty: all that are neither header nor trailer.")
    type_header = fields.Char(string="The Header Has")
    type_trailer = fields.Char(string="The Trailer Has", help="A file without trailer is then refused as cut off.")
    key_sources = fields.Text(
        string="Identity",
        help="Places that make a record the only one of its kind, one in a line; empty: all of the record.",
    )
    column_ids = fields.One2many("bss.usage.mapping.column", "mapping_id", string="Columns", copy=True)
    filter_ids = fields.One2many("bss.usage.mapping.filter", "mapping_id", string="Which Records Count", copy=True)
    control_ids = fields.One2many("bss.usage.mapping.control", "mapping_id", string="Declared Figures", copy=True)
    timezone = fields.Char(string="Time Zone", required=True, default="Europe/Warsaw", help="Of the local stamps.")
    encoding = fields.Char(required=True, default="auto", help="auto, or a name such as utf-8, cp1250, iso8859-2.")
    source_ids = fields.One2many("bss.usage.source", "mapping_id", string="Sources")
    source_count = fields.Integer(string="Number of Sources", compute="_compute_source_count")
    # Whom somebody called is in the sample.
    sample = fields.Binary(attachment=True, groups=CLERK, copy=False, help="A file of yours to try the mapping on.")
    sample_name = fields.Char(string="Name of the Sample", groups=CLERK, copy=False)
    export_file = fields.Binary(compute="_compute_export_file")
    export_name = fields.Char(compute="_compute_export_file")

    @api.model
    def _selection_usage_kind(self):
        return [
            ("voice", self.env._("Voice")),
            ("sms", self.env._("SMS")),
            ("mms", self.env._("MMS")),
            ("data", self.env._("Data")),
            ("premium", self.env._("Premium")),
            ("content", self.env._("Content")),
        ]

    @api.depends("source_ids")
    def _compute_source_count(self):
        for mapping in self:
            mapping.source_count = len(mapping.source_ids)

    @api.constrains("sample")
    def _check_sample(self):
        for mapping in self.with_context(bin_size=False):
            if len(mapping.sample or b"") * 3 // 4 > SAMPLE_MEGABYTES * 1_000_000:
                raise ValidationError(
                    self.env._(
                        "The sample is larger than %(limit)s MB: the beginning of a file is enough.",
                        limit=SAMPLE_MEGABYTES,
                    )
                )

    # --- faults

    def _bss_profile(self):
        return SourceProfile(timezone=self.timezone or "", numbering=NumberingProfile(), encoding=self.encoding or "")

    def _bss_faults(self):
        """What is wrong with the mapping, by entry, as the kernel sees it."""
        self.ensure_one()
        return check(mapping_adapters.kernel_mapping(self))

    def _bss_refuse_faulty(self):
        """A source reads files by it: it must be without fault."""
        for mapping in self:
            faults = mapping._bss_faults()
            if faults:
                lines = "\n".join(mapping._bss_fault_text(fault) for fault in faults)
                raise ValidationError(
                    self.env._("Mapping “%(name)s” cannot read files:\n%(faults)s", name=mapping.name, faults=lines)
                )

    @api.constrains("encoding", "timezone")
    def _check_encoding(self):
        for mapping in self:
            if not known_encoding(mapping.encoding):
                raise ValidationError(self.env._("“%(encoding)s” is no encoding.", encoding=mapping.encoding))
            self.env["bss.usage.source"].new({"timezone": mapping.timezone})._check_timezone()

    def write(self, vals):
        """While sources read by it, a mapping stays without fault; its lines are looked at when all are written."""
        result = super(BssUsageMapping, self.with_context(bss_mapping_lines=True)).write(vals)
        self._bss_check_in_use()
        return result

    def _bss_check_in_use(self):
        if not self.env.context.get("bss_mapping_lines"):
            self.filtered("source_ids")._bss_refuse_faulty()

    # --- JSON

    @api.depends("name", "kind")
    def _compute_export_file(self):
        for mapping in self:
            data = {"name": mapping.name or "", "timezone": mapping.timezone, "encoding": mapping.encoding}
            data["mapping"] = mapping_adapters.kernel_mapping(mapping).to_dict()
            text = json.dumps(data, ensure_ascii=False, indent=2)
            mapping.export_file = base64.b64encode(text.encode())
            mapping.export_name = f"{mapping.name or 'mapping'}.json"

    def action_export(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/export_file?download=true&filename_field=export_name",
            "target": "self",
        }

    @api.model
    def _bss_import(self, content, name):
        """A mapping out of an exported file.

        :raises UserError: naming every entry that cannot be used
        """
        try:
            data = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise UserError(self.env._("File %(name)s is no JSON (%(detail)s).", name=name, detail=error)) from error
        if not isinstance(data, dict) or "mapping" not in data:
            raise UserError(self.env._("File %(name)s is no exported mapping.", name=name))
        try:
            mapping = from_dict(data["mapping"])
        except MappingError as error:
            shell = self.new({"kind": Mapping().kind})
            lines = "\n".join(shell._bss_fault_text(fault) for fault in error.faults)
            raise UserError(
                self.env._("File %(name)s has a faulty mapping:\n%(faults)s", name=name, faults=lines)
            ) from error
        values = mapping_adapters.mapping_values(mapping)
        for entry, default in (("name", name), ("timezone", "Europe/Warsaw"), ("encoding", "auto")):
            text = data.get(entry)
            values[entry] = text if isinstance(text, str) and text else default
        return self.create(values)

    # --- sources

    def action_make_source(self):
        """A new source that reads by this mapping, to be completed."""
        self.ensure_one()
        self._bss_refuse_faulty()
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.usage.source",
            "view_mode": "form",
            "context": {
                "default_name": self.name,
                "default_format": f"generic_{self.kind}",
                "default_mapping_id": self.id,
                "default_timezone": self.timezone,
                "default_encoding": self.encoding,
                "default_company_id": self.company_id.id,
            },
        }

    def action_open_sources(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_mediation.action_bss_usage_source")
        action["domain"] = [("mapping_id", "=", self.id)]
        return action
