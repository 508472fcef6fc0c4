import base64
import binascii
import re

from markupsafe import Markup
from odoo import api, fields, models

from .. import mapping_adapters
from ..mediation_core import MappingError, preview, raw_rows
from ..mediation_core.csv_look import csv_look
from .bss_usage_mapping import CLERK

ROWS = 20
SAMPLE_BYTES = 1_000_000  # so much of a sample is looked at
SHOWN = 60  # signs of a field
_ENTRY = re.compile(r"(columns|filters|controls|key)\[(\d+)\](?:\.(\w+))?")
LINES = {"columns": "column_ids", "filters": "filter_ids", "controls": "control_ids"}
KIND_CLASS = {"event": "text-bg-success", "problem": "text-bg-danger", "ignored": "text-bg-secondary"}


class BssUsageMapping(models.Model):
    """What a mapping makes of the user's own file, while it is being written."""

    _inherit = "bss.usage.mapping"  # pylint: disable=consider-merging-classes-inherited

    # Built of escaped text only, and sanitised again: all of it comes from a file of somebody else.
    preview_html = fields.Html(string="Preview", compute="_compute_preview_html", groups=CLERK, sanitize=True)
    fault_html = fields.Html(string="Faults", compute="_compute_fault_html", sanitize=True)
    has_faults = fields.Boolean(compute="_compute_fault_html")

    @api.depends(lambda self: self._bss_mapping_fields())
    @api.depends_context("lang")
    def _compute_fault_html(self):
        for mapping in self:
            faults = mapping._bss_faults()
            items = Markup().join(Markup("<li>%s</li>") % mapping._bss_fault_text(fault) for fault in faults)
            mapping.fault_html = Markup('<ul class="mb-0">%s</ul>') % items if faults else False
            mapping.has_faults = bool(faults)

    @api.depends(lambda self: ["sample", "timezone", "encoding", *self._bss_mapping_fields()])
    @api.depends_context("lang")
    def _compute_preview_html(self):
        for mapping in self:
            # Without it the client reads the size of the sample instead of the sample.
            whole = mapping.with_context(bin_size=False, bin_size_sample=False)
            mapping.preview_html = whole._bss_preview_html()

    def _bss_mapping_fields(self):
        """Whatever changes how files are read."""
        own = ["kind", "usage_kind", "decimal", "delimiter", "quote", "has_header", "skip_lines", "comment"]
        own += ["record_path", "type_source", "type_detail", "type_header", "type_trailer", "key_sources"]
        for name, lines in (
            ("column_ids", [*mapping_adapters.COLUMN.values(), "values_text", "sequence"]),
            ("filter_ids", mapping_adapters.FILTER.values()),
            ("control_ids", mapping_adapters.CONTROL.values()),
        ):
            own += [f"{name}.{line}" for line in lines]
        return own

    @api.onchange("sample")
    def _onchange_sample(self):
        """A file that nothing is known of yet says itself how its columns are divided."""
        if self.kind != "csv" or self.column_ids:
            return
        try:
            look = csv_look(base64.b64decode(self.sample or b"", validate=True)[:SAMPLE_BYTES])
        except (binascii.Error, ValueError):
            return
        if look:
            separator, self.has_header = look
            self.delimiter = mapping_adapters.TAB if separator == "\t" else separator

    # --- preview

    def _bss_preview_html(self):
        self.ensure_one()
        try:
            data = base64.b64decode(self.sample or b"", validate=True)
        except (binascii.Error, ValueError):
            return self._bss_note(self.env._("Save first, then the preview shows your file."))
        if not data:
            return self._bss_note(self.env._("Upload a sample of your file to see what becomes of its records."))
        mapping = mapping_adapters.kernel_mapping(self)
        profile = self._bss_profile()
        rows, notes = [], Markup()
        try:
            shown = preview(data[:SAMPLE_BYTES], mapping, ROWS, profile, complete=len(data) <= SAMPLE_BYTES)
        except MappingError:
            notes = self._bss_note(
                self.env._("What becomes of the records is shown as soon as the mapping has no faults.")
            )
        except (KeyError, ValueError):
            return self._bss_note(self.env._("The time zone is unknown."))
        else:
            rows, notes = shown.rows, self._bss_file_problem_html(shown.file_problem)
        # Without columns yet, or with wrong ones, the fields tell where things are.
        rows = rows or raw_rows(data[:SAMPLE_BYTES], mapping, ROWS, profile.encoding)
        return notes + self._bss_preview_table(rows, set(mapping.sources())) if rows else notes

    def _bss_preview_table(self, rows, used):
        head = Markup().join(
            Markup("<th>%s</th>") % text
            for text in (self.env._("Line"), self.env._("Result"), self.env._("Values"), self.env._("Record"))
        )
        body = Markup().join(self._bss_preview_row(row, used) for row in rows)
        return Markup('<table class="table table-sm"><thead><tr>%s</tr></thead><tbody>%s</tbody></table>') % (
            head,
            body,
        )

    def _bss_preview_row(self, row, used):
        labels = {
            "event": self.env._("Event"),
            "problem": self.env._("Suspense"),
            "ignored": self.env._("Ignored"),
            "header": self.env._("Header"),
            "trailer": self.env._("Trailer"),
            "raw": self.env._("Record"),
        }
        badge = Markup('<span class="badge %s">%s</span>') % (
            KIND_CLASS.get(row.kind, "text-bg-info"),
            labels[row.kind],
        )
        if row.problem:
            values = Markup('<span class="text-danger">%s</span>') % self._bss_problem_text(row.problem)
        else:
            values = self._bss_pairs(row.values, self._bss_value_labels(), strong=True)
        fields_html = self._bss_pairs(row.fields, {}, used=used)
        if not row.fields and row.problem:
            fields_html = Markup("<code>%s</code>") % _short(row.problem.raw, 400)
        return Markup("<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>") % (
            row.line_no,
            badge,
            values,
            fields_html,
        )

    def _bss_value_labels(self):
        labels = self.env["bss.usage.mapping.column"]._bss_target_labels()
        return labels | {"dedupe_key": self.env._("Identity")}

    def _bss_pairs(self, values, labels, strong=False, used=None):
        """``name: value`` one after the other; places that the mapping uses stand out."""
        cells = []
        for name, value in values.items():
            if strong and name == "dedupe_key":
                continue
            style = "text-muted" if used is not None and name not in used else "fw-bold" if used is not None else ""
            cells.append(
                Markup(
                    '<span class="d-inline-block me-3"><span class="text-muted small">%s</span> <span class="%s">%s</span></span>'
                )
                % (labels.get(name, name), style, _short(value, SHOWN))
            )
        return Markup(" ").join(cells)

    def _bss_problem_text(self, problem):
        template = self.env["bss.usage.suspense"]._bss_message_templates().get(problem.code)
        values = {"line": problem.line_no, "field": problem.field or "", "value": _short(problem.value, 200)}
        return template % (values | problem.params) if template else f"{problem.code} {problem.field} {problem.value}"

    def _bss_file_problem_html(self, problem):
        if not problem:
            return Markup()
        source = self.env["bss.usage.source"].new({"format": f"generic_{self.kind}"})
        text = self.env["bss.usage.file"].new({"source_id": source})._bss_refusal(problem)
        return Markup('<div class="alert alert-danger">%s</div>') % text

    def _bss_note(self, text):
        return Markup('<p class="text-muted">%s</p>') % text

    # --- faults

    def _bss_fault_text(self, fault):
        """A fault with the line and field that it is in, in the user's language."""
        self.ensure_one()
        reasons = {
            "NOT_AN_OBJECT": self.env._("is no object"),
            "NOT_A_LIST": self.env._("is no list"),
            "UNKNOWN_ENTRY": self.env._("is unknown"),
            "WRONG_TYPE": self.env._("“%(value)s” is of the wrong type"),
            "MISSING": self.env._("is missing"),
            "UNKNOWN_VALUE": self.env._("“%(value)s” is unknown"),
            "TWICE": self.env._("is there twice"),
            "BAD_PATTERN": self.env._("“%(value)s” is no regular expression"),
            "BAD_LAYOUT": self.env._("“%(value)s” cannot be read back to the minute"),
            "BAD_SLICE": self.env._("“%(value)s” is no slice such as 14:28"),
            "BAD_NUMBER": self.env._(
                "“%(value)s” is no number of a column; tick “First Line Has the Names” to use names"
            ),
        }
        if fault.entry == "columns" and fault.code == "MISSING":
            needed = {
                "started_at": self.env._("Columns: the start is missing."),
                "a_number": self.env._(
                    "Columns: one of caller, charged number, account code, login and IMSI is missing."
                ),
            }
            return needed.get(fault.value, fault.value)
        reason = reasons[fault.code] % {"value": _short(fault.value, SHOWN)}
        return f"{self._bss_entry_text(fault.entry)}: {reason}."

    def _bss_entry_text(self, entry):
        match = _ENTRY.fullmatch(entry)
        if not match:
            name = {
                "record": "record_path",
                "header": "has_header",
                "key": "key_sources",
                "record_type": "type_source",
                "record_type.source": "type_source",
                "record_type.header": "type_header",
                "record_type.trailer": "type_trailer",
            }.get(entry, entry)
            return self._fields[name]._description_string(self.env) if name in self._fields else entry
        group, place, name = match[1], int(match[2]), match[3]
        label = self._fields[LINES.get(group, "key_sources")]._description_string(self.env)
        found = self.env._("%(part)s, line %(line)s", part=label, line=place + 1)
        if group not in LINES:
            return found
        lines = self[LINES[group]]
        if group == "columns" and place < len(lines) and lines[place].target:
            found += f" ({self.env['bss.usage.mapping.column']._bss_target_labels().get(lines[place].target)})"
        field = {"default": "default_value", "values": "values_text", "second": "second_source"}.get(name, name)
        return f"{found}, {lines._fields[field]._description_string(self.env)}" if field in lines._fields else found


def _short(value, limit):
    text = str(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
