import csv
import io
import re

from odoo import models

ROWS_AT_ONCE = 2_000
# What a spreadsheet would run; a number with its sign is a number.
_FORMULA = re.compile(r"[=@\t\r\n]|[+-](?![0-9]+$)")
COLUMNS = ("line_no", "reason_code", "field_name", "value", "message", "dedupe_key", "raw_original")


class BssUsageFile(models.Model):
    """The list of errors that goes back to the sender, as the RAP file does between roaming partners (in CSV, not in its coding)."""

    _inherit = "bss.usage.file"  # pylint: disable=consider-merging-classes-inherited

    def action_download_errors(self):
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": f"/bss/usage/file/{self.id}/errors", "target": "self"}

    def _bss_error_list(self):
        """CSV (UTF-8 with a mark, semicolons: what spreadsheets here read) of what is wrong with the file and its rows.

        Rows as they came, whatever was corrected here since; replayed and written-off ones as well. Written down as an export.
        """
        self.ensure_one()
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";")
        writer.writerow(
            [self.env._("File"), self.env._("Number"), self.env._("Line"), self.env._("Reason"), self.env._("Field")]
            + [self.env._("Value"), self.env._("Message"), self.env._("Identity"), self.env._("Record")]
        )
        head = [_cell(self.name), self.sequence_no or ""]
        if self.error:
            writer.writerow([*head, "", "FILE", "", "", _cell(self.error), self.sha256, ""])
        rows = self.suspense_ids.sorted("line_no")
        self.env["bss.usage.export"]._bss_log(rows, [self.name, *COLUMNS], kind="errors")
        for start in range(0, len(rows), ROWS_AT_ONCE):
            some = rows[start : start + ROWS_AT_ONCE]
            for row in some:
                values = [row.line_no, row.reason_code, row.field_name, row.value, row.message, row.dedupe_key]
                writer.writerow([*head, *(_cell(value) for value in (*values, row.raw_original or row.raw))])
            some.invalidate_recordset(flush=False)
        return "\ufeff" + text.getvalue()


def _cell(value):
    """Never a formula: what stands in a record was written by strangers."""
    if value is False or value is None:
        return ""
    return f"'{value}" if _FORMULA.match(str(value)) else value
