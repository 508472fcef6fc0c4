import base64
import csv
import hashlib
import io
import logging
import time

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import polish_day
from ..catalog_core.location_csv import read_rows, read_table
from ..catalog_core.location_row import COLUMNS, FileProblem, read_row
from ..location_loader import LocationLoader

_logger = logging.getLogger(__name__)
#: longer files are loaded in the background
DIRECT_LIMIT = 20_000
PREVIEW_ROWS = 10


class _DryRun(Exception):
    """Rolls a rehearsal back."""


class BssLocationImport(models.Model):
    """A list of places, or of competitors' offers at places, read from a CSV file."""

    _name = "bss.location.import"
    _description = "List of Places"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    data = fields.Binary(string="File", attachment=True, required=True)
    file_name = fields.Char()
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    ignore_unknown = fields.Boolean(
        string="Leave out unknown columns", help="Columns that no place has are skipped instead of refusing the file."
    )
    state = fields.Selection(
        [
            ("draft", "New"),
            ("checked", "Rehearsed"),
            ("queued", "In the background"),
            ("done", "Imported"),
            ("failed", "Refused"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    sha256 = fields.Char(string="SHA-256", readonly=True, copy=False, index="btree_not_null")
    encoding = fields.Char(string="Code page", readonly=True, copy=False)
    delimiter = fields.Char(string="Separator", readonly=True, copy=False)
    has_competitors = fields.Boolean(string="Offers of competitors", readonly=True, copy=False)
    row_count = fields.Integer(string="Rows", readonly=True, copy=False)
    bad_count = fields.Integer(string="Rows refused", compute="_compute_bad_count")
    imported_at = fields.Datetime(readonly=True, copy=False)
    duration_s = fields.Float(string="Duration (s)", readonly=True, copy=False)
    problem = fields.Json(string="Problem (code)", readonly=True, copy=False)
    problem_text = fields.Char(string="Problem", compute="_compute_problem_text")
    result = fields.Json(string="Counts", readonly=True, copy=False)
    result_text = fields.Char(string="Result", compute="_compute_result_text")
    twin_id = fields.Many2one("bss.location.import", string="Same file", compute="_compute_twin_id")
    preview_html = fields.Html(string="First rows", compute="_compute_preview_html", sanitize=False)
    line_ids = fields.One2many("bss.location.import.line", "import_id", string="Refused rows")

    @api.depends("file_name")
    def _compute_name(self):
        for record in self:
            record.name = record.file_name or self.env._("List of places")

    @api.depends("line_ids.state")
    def _compute_bad_count(self):
        counts = dict(
            self.env["bss.location.import.line"]._read_group(
                [("import_id", "in", self.ids), ("state", "=", "open")], ["import_id"], ["__count"]
            )
        )
        for record in self:
            record.bad_count = counts.get(record._origin, 0)

    @api.depends("sha256", "company_id")
    def _compute_twin_id(self):
        for record in self:
            record.twin_id = record.sha256 and self.search(
                [
                    ("sha256", "=", record.sha256),
                    ("company_id", "=", record.company_id.id),
                    ("state", "=", "done"),
                    ("id", "!=", record._origin.id),
                ],
                limit=1,
            )

    @api.depends("problem")
    @api.depends_context("lang")
    def _compute_problem_text(self):
        for record in self:
            problem = record.problem
            record.problem_text = problem and record._bss_problem_text(problem["code"], problem["params"])

    @api.depends("result", "state", "bad_count")
    @api.depends_context("lang")
    def _compute_result_text(self):
        for record in self:
            record.result_text = record.result and record._bss_result_text(record.result, record.bad_count)

    @api.depends("data", "ignore_unknown")
    @api.depends_context("lang")
    def _compute_preview_html(self):
        for record in self:
            table = read_table(record._bss_bytes(), record.ignore_unknown) if record.data else None
            if table is None or isinstance(table, FileProblem):
                record.preview_html = False
                continue
            keys = [key for key in table.columns if key]
            labels = self.env["bss.location.import.line"]._bss_column_labels()
            rows = [values for (_line, values, _beyond), _n in zip(read_rows(table), range(PREVIEW_ROWS), strict=False)]
            head = Markup().join(Markup("<th>%s</th>") % labels[key] for key in keys)
            body = Markup().join(
                Markup("<tr>%s</tr>") % Markup().join(Markup("<td>%s</td>") % row.get(key, "") for key in keys)
                for row in rows
            )
            record.preview_html = Markup(
                '<table class="table table-sm table-striped"><thead><tr>%s</tr></thead><tbody>%s</tbody></table>'
            ) % (head, body)

    # --- words

    def _bss_problem_text(self, code, params):
        """Why the file cannot be read at all."""
        texts = {
            "EMPTY": self.env._("The file is empty."),
            "SPREADSHEET": self.env._("This is a spreadsheet. Save it as CSV and upload that file."),
            "BINARY": self.env._("This is not a text file. A CSV file is needed."),
            "UNREADABLE": self.env._(
                "The letters of the file cannot be read. Save it as UTF-8, Windows-1250 or ISO-8859-2."
            ),
            "NO_HEAD": self.env._(
                "The first line names no known column. Known columns: %(known)s. Separators: semicolon, comma, tab."
            ),
            "COLUMN_TWICE": self.env._("Two columns mean the same: %(column)s."),
            "UNKNOWN_COLUMN": self.env._(
                "Unknown columns: %(column)s. Rename them, or leave them out by the option beside. Known columns: %(known)s."
            ),
            "COLUMN_MISSING": self.env._("A column is missing: %(column)s."),
        }
        return texts[code] % params

    def _bss_result_text(self, result, refused=0):
        """What the rows make or change, in words; ``refused`` rows do neither."""
        labels = {
            "town": self.env._("towns"),
            "street": self.env._("streets"),
            "building": self.env._("buildings"),
            "staircase": self.env._("staircases"),
            "premises": self.env._("premises"),
            "technology": self.env._("technologies"),
            "node": self.env._("network nodes"),
            "port": self.env._("ports"),
            "competitor": self.env._("competitors"),
            "offer": self.env._("offers of competitors"),
        }
        made = [f"{label}: {result[key]}" for key, label in labels.items() if result.get(key)]
        parts = []
        if made:
            parts.append(self.env._("new: %(things)s", things=", ".join(made)))
        if result.get("changed"):
            parts.append(self.env._("changed values: %(count)s", count=result["changed"]))
        if refused:
            parts = parts or [self.env._("nothing")]
            parts.append(self.env._("refused rows: %(count)s", count=refused))
        return "; ".join(parts) or self.env._("nothing to change, everything is in the catalogue already")

    # --- work

    def _bss_bytes(self):
        self.ensure_one()
        return base64.b64decode(self.with_context(bin_size=False).data or b"")

    def _bss_table(self):
        """The file, understood; else the record is refused and False returned."""
        self.ensure_one()
        data = self._bss_bytes()
        table = read_table(data, self.ignore_unknown)
        self.sha256 = hashlib.sha256(data).hexdigest()
        if isinstance(table, FileProblem):
            self.write({"state": "failed", "problem": {"code": table.code, "params": table.params}, "result": False})
            return False
        self.write(
            {
                "problem": False,
                "encoding": table.encoding,
                "delimiter": {"\t": "TAB"}.get(table.delimiter, table.delimiter),
                "has_competitors": table.has_competitors,
            }
        )
        return table

    def _bss_run(self, rehearse=False):
        """Load the file, or find out what loading it would do.

        :return: False when the file cannot be read at all
        """
        self.ensure_one()
        self._bss_check_rights()
        started = time.monotonic()
        table = self._bss_table()
        if not table:
            return False
        rows = ((line, read_row(values, beyond)) for line, values, beyond in read_rows(table))
        result = self._bss_load(rows, rehearse)
        self._bss_keep_bad(table, result.bad)
        self.write(
            {
                "state": "checked" if rehearse else "done",
                "row_count": result.rows,
                "result": result.made,
                "duration_s": time.monotonic() - started,
                "imported_at": False if rehearse else fields.Datetime.now(),
            }
        )
        _logger.info("List of places %s: %s rows, %s refused, %s", self.name, result.rows, len(result.bad), result.made)
        return True

    def _bss_check_rights(self):
        """The loader writes by SQL: the rights of the models are asked here."""
        for model in ("bss.location", "bss.location.technology", "bss.network.node", "bss.network.port"):
            self.env[model].check_access("create")
            self.env[model].check_access("write")
        if self.company_id not in self.env.companies:
            raise UserError(self.env._("Switch to company %(name)s first.", name=self.company_id.name))

    def _bss_load(self, rows, rehearse):
        loader = LocationLoader(self.env, self.company_id, polish_day.today())
        if not rehearse:
            return loader.load(rows)
        try:
            with self.env.cr.savepoint():
                loader.load(rows)
                raise _DryRun
        except _DryRun:
            self.env.invalidate_all(flush=False)
        return loader.result

    def _bss_keep_bad(self, table, bad):
        """Store refused rows with their cells, so that they can be seen, corrected and tried again."""
        self.line_ids.unlink()
        batch = []
        for line, values, _beyond in read_rows(table):
            problem = bad.get(line)
            if problem is None:
                continue
            batch.append(
                {
                    "import_id": self.id,
                    "line_no": line,
                    **{f"cell_{key}": text for key, text in values.items()},
                    **self.env["bss.location.import.line"]._bss_problem_vals(problem),
                }
            )
            if len(batch) >= 1000:
                self.env["bss.location.import.line"].create(batch)
                batch.clear()
        self.env["bss.location.import.line"].create(batch)

    def _bss_replay(self, lines):
        """Try corrected rows again; those that pass are done, the others say why not."""
        self.ensure_one()
        self._bss_check_rights()
        lines = lines.filtered(lambda line: line.state == "open").sorted("line_no")
        result = self._bss_load(((line.line_no, line._bss_row()) for line in lines), rehearse=False)
        for line in lines:
            problem = result.bad.get(line.line_no)
            if problem:
                line.write(line._bss_problem_vals(problem))
        passed = lines.filtered(lambda line: line.line_no not in result.bad)
        passed.write({"state": "done"})
        total = dict(self.result or {})
        for key, number in result.made.items():
            total[key] = total.get(key, 0) + number
        self.result = total
        return passed

    @api.model
    def _bss_cron_run(self):
        """Load what waits in the background, one file in one transaction."""
        for record in self.search([("state", "=", "queued")], order="id"):
            worker = record.with_user(record.write_uid).with_company(record.company_id)
            worker = worker.with_context(lang=record.write_uid.lang, tz=record.write_uid.tz)
            worker._bss_run()
            self.env["ir.cron"]._commit_progress(1)

    # --- buttons

    def action_check(self):
        """Rehearse: what would the import make, which rows would it refuse?"""
        for record in self:
            record._bss_run(rehearse=True)

    def action_import(self):
        for record in self:
            table = record._bss_table()
            if not table:
                continue
            if table.text.count("\n") > DIRECT_LIMIT:
                record._bss_check_rights()
                record.state = "queued"
                self.env.ref("bss_catalog.cron_bss_location_import").sudo()._trigger()
            else:
                record._bss_run()

    def action_draft(self):
        self.line_ids.unlink()
        self.write({"state": "draft", "problem": False, "result": False, "row_count": 0})

    def action_replay(self):
        self.ensure_one()
        if self.state != "done":
            raise UserError(self.env._("Import the file first; then its refused rows can be tried again."))
        passed = self._bss_replay(self.line_ids)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if passed else "warning",
                "message": self.env._(
                    "Rows taken now: %(passed)s, still refused: %(left)s", passed=len(passed), left=self.bad_count
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_view_bad(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_catalog.action_bss_location_import_line")
        action["domain"] = [("import_id", "=", self.id)]
        return action

    def action_download_bad(self):
        """The refused rows as a CSV file with a column of reasons; corrected, it can be imported as it is."""
        self.ensure_one()
        attachment = self.env["ir.attachment"].create(
            {
                "name": self.env._("refused %(name)s", name=self.name),
                "raw": self._bss_bad_csv(),
                "mimetype": "text/csv",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        return {"type": "ir.actions.act_url", "url": f"/web/content/{attachment.id}?download=1", "target": "new"}

    def _bss_bad_csv(self):
        lines = self.line_ids.filtered(lambda line: line.state == "open")
        keys = [key for key in COLUMNS if any(line[f"cell_{key}"] for line in lines)]
        target = io.StringIO()
        writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
        polish = (self.env.lang or "").startswith("pl")
        # names by which the reader knows its own columns again
        heads = [COLUMNS[key][0] if polish else key.replace("_", " ") for key in keys]
        writer.writerow(["wiersz" if polish else "line", *heads, "powód" if polish else "reason"])
        for line in lines:
            writer.writerow([line.line_no, *(line[f"cell_{key}"] or "" for key in keys), line.reason])
        return target.getvalue().encode("utf-8-sig")
