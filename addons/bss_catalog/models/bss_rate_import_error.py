from odoo import api, fields, models


class BssRateImportError(models.Model):
    _name = "bss.rate.import.error"
    _description = "Error in an imported workbook"
    _order = "import_id, id"
    _rec_name = "reason"

    import_id = fields.Many2one("bss.rate.import", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="import_id.company_id", store=True, index=True, precompute=True)
    sheet = fields.Char(readonly=True)
    row = fields.Integer(readonly=True, aggregator=None)
    cell = fields.Char(readonly=True)
    column = fields.Char(readonly=True)
    value = fields.Char(readonly=True)
    reason = fields.Char(readonly=True)

    @api.model
    def _bss_templates(self):
        codes = self.env["bss.rate.zone.code"]._bss_code_templates()
        return {**self._bss_file_templates(), **self._bss_row_templates(), **self._bss_cell_templates(), **codes}

    @api.model
    def _bss_file_templates(self):
        return {
            "NOT_XLSX": self.env._("This is no Excel workbook (.xlsx)."),
            "OLD_EXCEL": self.env._(
                "This is a workbook of an old Excel or one with a password: save it as .xlsx without a password."
            ),
            "FILE_TOO_LARGE": self.env._("The file is larger than %(most)s MB."),
            "UNPACKS_TOO_LARGE": self.env._("Unpacked, the file would be larger than %(most)s MB: it is not opened."),
            "DAMAGED": self.env._("The workbook is damaged and cannot be read."),
            "NO_RATES_SHEET": self.env._("The workbook has no sheet with rates: name it %(names)s."),
            "NO_HEADER": self.env._("No row with the names of the columns was found; needed are: %(columns)s."),
            "NO_COLUMN": self.env._("Column “%(column)s” is missing."),
            "UNKNOWN_COLUMN": self.env._("This column is not known: correct its name or remove it."),
            "COLUMN_TWICE": self.env._("The column is there twice."),
            "NO_ROWS": self.env._("The sheet has no rates."),
            "TOO_MANY_ROWS": self.env._("The sheet has more than %(most)s rows."),
            "MERGED": self.env._("Cells %(cells)s are merged: split them and fill each."),
        }

    @api.model
    def _bss_row_templates(self):
        return {
            "DUPLICATE_RATE": self.env._("Row %(row)s prices the same zone, usage and time band already."),
            "UNKNOWN_ZONE": self.env._("There is no such zone; add it to the sheet of zones."),
            "UNKNOWN_BAND": self.env._("There is no such time band; add it to the sheet of bands."),
            "NEW_ZONE_KIND": self.env._("Zone %(zone)s is new: say of which kind it is."),
            "ZONE_DIFFERS": self.env._("Row %(row)s says otherwise about the same zone."),
            "SHARED_ZONE": self.env._("Zone %(zone)s is shared by all companies: change it under Zones."),
            "PREFIX_TWICE": self.env._("Prefix %(prefix)s of the zone is in row %(row)s already."),
            "PREFIX_IN_ZONES": self.env._("Prefix %(prefix)s is in zone %(zone)s already (row %(row)s)."),
            "PREFIX_ELSEWHERE": self.env._(
                "Prefix %(prefix)s belongs to zone %(zone)s, which the workbook does not list."
            ),
            "CODE_IN_ZONES": self.env._("Code %(text)s is in zone %(zone)s already (row %(row)s)."),
            "CODE_ELSEWHERE": self.env._("Code %(text)s belongs to zone %(zone)s, which the workbook does not list."),
            "RANGE_BAD_PREFIX": self.env._(
                "“%(prefix)s” is no prefix: 1 to 15 digits in the international form, without leading zeros."
            ),
            "RANGE_LENGTHS": self.env._("The ends of range %(from)s-%(to)s have different lengths."),
            "RANGE_REVERSED": self.env._("Range %(from)s-%(to)s ends before it begins."),
            "BAND_TWICE": self.env._("The time band is in row %(row)s already."),
            "BAND_WITHOUT_DAYS": self.env._("The time band has no day: mark at least one."),
            "BAND_WITHOUT_TIME": self.env._("The time band ends before it begins; one over midnight is two bands."),
            "BAND_DATES": self.env._("The last day is before the first one."),
            "BAND_FROZEN": self.env._(
                "Time band %(band)s prices usage by an active plan: give the new hours a new code."
            ),
        }

    @api.model
    def _bss_cell_templates(self):
        return {
            "EMPTY": self.env._("The cell is empty."),
            "FORMULA": self.env._("The cell holds a formula: paste its value."),
            "NOT_A_NUMBER": self.env._("This is no number; write e.g. 0,29 or 0.29."),
            "NOT_WHOLE": self.env._("This is no whole number."),
            "NEGATIVE": self.env._("A price is not negative."),
            "TOO_LARGE": self.env._("The amount is larger than %(most)s."),
            "TOO_PRECISE": self.env._("The amount has more than %(places)s decimals."),
            "OUT_OF_RANGE": self.env._("Allowed are numbers from %(least)s to %(most)s."),
            "UNKNOWN_WORD": self.env._("This word is not known; allowed are: %(words)s."),
            "NOT_A_TICK": self.env._("Mark the day with x or leave the cell empty."),
            "NOT_A_TIME": self.env._("This is no time of day; write e.g. 08:00 or 24:00."),
            "NOT_A_DATE": self.env._("This is no date; write e.g. 2026-01-31 or 31.01.2026."),
            "NOT_MONTHS": self.env._("These are no months; write numbers from 1 to 12, e.g. 6-8,12."),
            "NOT_TIERS": self.env._("“%(part)s” is no tier; write e.g. 0-500: 0,10; 500-: 0,08."),
            "CHAIN_AS_DATE": self.env._(
                "Excel made a date of the increments: format the cell as text and write e.g. 1/1."
            ),
        }
