import base64
from collections import Counter

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..catalog_core.rate_xlsx import cell_name, read_book
from ..catalog_core.rate_xlsx_write import mark_errors


class BookRefused(Exception):
    """A workbook that was read but does not fit the zones and bands of the company; carries ``CellError`` values."""

    def __init__(self, errors):
        super().__init__(f"{len(errors)} errors")
        self.errors = errors


class DryRun(Exception):
    """Takes back what a dry run wrote."""


class BssRateImport(models.Model):
    """A workbook with a rate plan: checked without writing, then taken into a draft or a new version."""

    _name = "bss.rate.import"
    _description = "Import of a rate plan"
    _order = "id desc"
    _rec_name = "file_name"
    _check_company_auto = True

    plan_id = fields.Many2one(
        "bss.rate.plan", string="Rate plan", required=True, index=True, check_company=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True, precompute=True)
    mode = fields.Selection(
        [("draft", "Into this draft"), ("version", "As a new version")],
        string="Take it",
        required=True,
        default="draft",
    )
    date_start = fields.Date(string="Valid from", help="First day of the new version.")
    file = fields.Binary(string="Workbook", required=True, attachment=True)
    file_name = fields.Char(string="File")
    state = fields.Selection(
        [("new", "New"), ("failed", "With errors"), ("checked", "Checked"), ("done", "Imported")],
        required=True,
        default="new",
        readonly=True,
        copy=False,
        index=True,
    )
    error_ids = fields.One2many("bss.rate.import.error", "import_id", string="Errors", readonly=True)
    error_count = fields.Integer(compute="_compute_error_count")
    error_file = fields.Binary(string="Workbook with errors marked", attachment=True, readonly=True, copy=False)
    error_file_name = fields.Char(compute="_compute_error_file_name")
    preview_html = fields.Html(string="What it changes", readonly=True, copy=False, sanitize=False)
    result_plan_id = fields.Many2one("bss.rate.plan", string="Result", readonly=True, copy=False, ondelete="set null")

    @api.depends("error_ids")
    def _compute_error_count(self):
        for record in self:
            record.error_count = len(record.error_ids)

    @api.depends("file_name")
    def _compute_error_file_name(self):
        word = self.env._("errors")
        for record in self:
            stem = (record.file_name or "plan.xlsx").rsplit(".", 1)[0]
            record.error_file_name = f"{stem} - {word}.xlsx"

    def write(self, vals):
        if "file" in vals or "mode" in vals or "plan_id" in vals:
            if any(record.state == "done" for record in self):
                raise UserError(self.env._("The workbook was imported already: make a new import."))
            vals = {"state": "new", "preview_html": False, "error_file": False, **vals}
            self.error_ids.unlink()
        return super().write(vals)

    # --- check and import

    def action_check(self):
        """Dry run: everything is read, written and taken back; errors and the effect stay on the record."""
        for record in self:
            record._bss_run(keep=False)
        return True

    def action_import(self):
        self.ensure_one()
        if not self._bss_run(keep=True):
            return True
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.rate.plan",
            "res_id": self.result_plan_id.id,
            "view_mode": "form",
        }

    def _bss_run(self, keep):
        """:return: whether the workbook is good"""
        self.ensure_one()
        self._bss_check_target()
        content = base64.b64decode(self.file or b"")
        self.error_ids.unlink()
        found = read_book(content, self.plan_id._bss_known(self.company_id))
        errors, counts, findings, result = list(found.errors), {}, Markup(), self.plan_id.browse()
        if not errors:
            try:
                with self.env.cr.savepoint():
                    result = self._bss_target()
                    counts = result._bss_take_book(found.book, found.titles)
                    findings = result._bss_findings_table(result._bss_problems())
                    if not keep:
                        raise DryRun
            except DryRun:
                self.env.invalidate_all()
            except BookRefused as refused:
                self.env.invalidate_all()
                errors = refused.errors
        if errors:
            self._bss_note_errors(content, errors)
        else:
            self.write(
                {
                    "state": "done" if keep else "checked",
                    "preview_html": self._bss_preview(counts) + findings,
                    "error_file": False,
                    "result_plan_id": result.id if keep else False,
                }
            )
        return not errors

    def _bss_check_target(self):
        if self.state == "done":
            raise UserError(self.env._("The workbook was imported already: make a new import."))
        if self.mode == "draft" and self.plan_id.state != "draft":
            raise UserError(
                self.env._(
                    "Rate plan %(plan)s is not a draft: import the workbook as a new version.",
                    plan=self.plan_id.display_name,
                )
            )
        if self.mode == "version" and not self.date_start:
            raise UserError(self.env._("Say from which day the new version is valid."))

    def _bss_target(self):
        if self.mode == "draft":
            return self.plan_id
        version = self.plan_id._bss_new_version()
        version.date_start = self.date_start
        return version

    # --- words

    def _bss_note_errors(self, content, errors):
        texts = [(error, self._bss_error_message(error)) for error in errors]
        self.env["bss.rate.import.error"].create(
            [
                {
                    "import_id": self.id,
                    "sheet": error.sheet,
                    "row": error.row,
                    "cell": cell_name(error),
                    "column": error.column,
                    "value": error.value,
                    "reason": text,
                }
                for error, text in texts
            ]
        )
        headers = (
            self.env._("Errors"),
            self.env._("Sheet"),
            self.env._("Cell"),
            self.env._("Column"),
            self.env._("Value"),
            self.env._("Reason"),
        )
        # a file that could not be opened has no cells to mark
        marked = mark_errors(content, texts, headers) if any(error.sheet for error in errors) else b""
        self.write(
            {
                "state": "failed",
                "preview_html": self._bss_summary(errors),
                "error_file": base64.b64encode(marked) if marked else False,
            }
        )

    @api.model
    def _bss_summary(self, errors):
        # of the file as a whole: what is wrong; of its sheets: how much
        texts = [self._bss_error_message(error) for error in errors if not error.sheet]
        lines = Counter(error.sheet for error in errors if error.sheet)
        texts += [self.env._("%(sheet)s: %(count)s", sheet=sheet, count=count) for sheet, count in lines.items()]
        items = Markup().join(Markup("<li>%s</li>") % text for text in texts)
        text = self.env._("Nothing is imported while there are errors.")
        return Markup('<div class="alert alert-danger mb-0">%s<ul class="mb-0">%s</ul></div>') % (text, items)

    @api.model
    def _bss_preview(self, counts):
        labels = {
            "rates_new": self.env._("New rates"),
            "rates_changed": self.env._("Changed rates"),
            "rates_removed": self.env._("Removed rates"),
            "zones_new": self.env._("New zones"),
            "zones_changed": self.env._("Changed zones"),
            "prefixes_new": self.env._("New prefixes"),
            "prefixes_removed": self.env._("Removed prefixes"),
            "codes_new": self.env._("New zone codes"),
            "codes_removed": self.env._("Removed zone codes"),
            "bands_new": self.env._("New time bands"),
            "bands_changed": self.env._("Changed time bands"),
        }
        rows = Markup().join(
            Markup("<tr><td>%s</td><td class='text-end'>%s</td></tr>") % (labels[key], count)
            for key, count in counts.items()
            if count
        )
        if not rows:
            return Markup('<div class="alert alert-info">%s</div>') % self.env._("The workbook changes nothing.")
        shared = (
            Markup('<p class="text-warning">%s</p>')
            % self.env._(
                "Zones and prefixes are common to all rate plans: their change counts for usage rated from now on."
            )
            if any(
                counts[key]
                for key in ("zones_changed", "prefixes_new", "prefixes_removed", "codes_new", "codes_removed")
            )
            else ""
        )
        return Markup('<table class="table table-sm w-auto"><tbody>%s</tbody></table>%s') % (rows, shared)

    @api.model
    def _bss_error_message(self, error):
        if error.code.startswith("CHAIN_") and error.code != "CHAIN_AS_DATE":
            return self.env["bss.rate"]._bss_chain_message(error)
        return self.env["bss.rate.import.error"]._bss_templates()[error.code] % error.params
