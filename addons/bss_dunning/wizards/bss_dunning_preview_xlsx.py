"""A dry run as a workbook: totals by step and channel, then every line with its reason."""

import base64
from io import BytesIO

import xlsxwriter
from odoo import fields, models

from ..models.bss_dunning_workbook import SHORT_DATE

LINE_FIELDS = (
    "verdict",
    "account_id",
    "partner_id",
    "strategy_id",
    "stage_id",
    "step_id",
    "channel",
    "by_hand",
    "amount",
    "amount_overdue",
    "cost",
    "date_next",
    "reason",
)
TOTAL_FIELDS = ("step_id", "channel", "act_count", "amount", "cost")


class BssDunningPreviewXlsx(models.TransientModel):
    _inherit = "bss.dunning.preview"  # pylint: disable=consider-merging-classes-inherited

    xlsx_file = fields.Binary(compute="_compute_xlsx_file")

    def _compute_xlsx_file(self):
        for preview in self:
            preview.xlsx_file = base64.b64encode(preview._bss_workbook())

    def action_xlsx(self):
        self.ensure_one()
        name = f"dry-run-{self.as_of}.xlsx"
        url = f"/web/content/{self._name}/{self.id}/xlsx_file/{name}?download=true"
        return {"type": "ir.actions.act_url", "url": url, "target": "download"}

    def _bss_workbook(self):
        out = BytesIO()
        with xlsxwriter.Workbook(
            out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        ) as book:
            bold = book.add_format({"bold": True})
            formats = {
                fields.Date: book.add_format({"num_format": SHORT_DATE}),
                fields.Monetary: book.add_format({"num_format": "#,##0.00"}),
            }
            lines = self.env["bss.dunning.preview.line"]
            totals = book.add_worksheet(self.env._("Totals"))
            titles = {**lines.fields_get(TOTAL_FIELDS, ["string"]), **self.fields_get(["act_count"], ["string"])}
            totals.write_row(0, 0, [titles[name]["string"] for name in TOTAL_FIELDS], bold)
            channels = self.env["bss.dunning.step"]._bss_channel_names()
            for number, (step, channel, count, amount, cost) in enumerate(self._bss_totals(), 1):
                totals.write_row(number, 0, [step.display_name, channels.get(channel, ""), count])
                totals.write_row(number, 3, [amount, cost], formats[fields.Monetary])
            sheet = book.add_worksheet(self.env._("Lines"))
            titles = lines.fields_get(LINE_FIELDS, ["string"])
            sheet.write_row(0, 0, [titles[name]["string"] for name in LINE_FIELDS], bold)
            sheet.freeze_panes(1, 0)
            for row, line in enumerate(lines.search([("preview_id", "=", self.id)]), 1):
                for column, name in enumerate(LINE_FIELDS):
                    self._bss_cell(sheet, row, column, line, name, formats)
        return out.getvalue()

    def _bss_cell(self, sheet, row, column, line, name, formats):
        field = line._fields[name]
        value = line[name]
        if field.type == "date":
            if value:
                sheet.write_datetime(row, column, fields.Datetime.to_datetime(value), formats[fields.Date])
        elif field.type == "monetary":
            sheet.write_number(row, column, value, formats[fields.Monetary])
        elif field.type == "boolean":
            sheet.write_string(row, column, self.env._("yes") if value else "")
        else:
            sheet.write_string(row, column, field.convert_to_export(value, line) or "")
