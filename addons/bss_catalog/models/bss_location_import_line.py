from odoo import api, fields, models

from ..catalog_core.location_row import COLUMNS, RowProblem, read_row


class BssLocationImportLine(models.Model):
    """A row of a list of places that was refused, with its cells to be corrected."""

    _name = "bss.location.import.line"
    _description = "Refused Row of a List of Places"
    _order = "import_id, line_no, id"

    import_id = fields.Many2one("bss.location.import", string="List", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="import_id.company_id", store=True, index=True, precompute=True)
    line_no = fields.Integer(string="Line", readonly=True)
    state = fields.Selection(
        [("open", "Refused"), ("done", "Imported")], required=True, default="open", readonly=True, index=True
    )
    column = fields.Char(string="Column (code)", readonly=True)
    column_label = fields.Char(string="Column", compute="_compute_reason")
    value = fields.Char(readonly=True)
    code = fields.Char(readonly=True, index=True)
    params = fields.Json(readonly=True)
    reason = fields.Char(compute="_compute_reason")

    cell_town = fields.Char(string="Town")
    cell_simc = fields.Char(string="SIMC")
    cell_terc = fields.Char(string="TERC")
    cell_street = fields.Char(string="Street")
    cell_ulic = fields.Char(string="ULIC")
    cell_building = fields.Char(string="Building number")
    cell_staircase = fields.Char(string="Staircase")
    cell_premises = fields.Char(string="Premises")
    cell_zip = fields.Char(string="Postcode")
    cell_technologies = fields.Char(string="Technologies")
    cell_down = fields.Char(string="Download")
    cell_up = fields.Char(string="Upload")
    cell_node = fields.Char(string="Node")
    cell_port = fields.Char(string="Port")
    cell_latitude = fields.Char(string="Latitude")
    cell_longitude = fields.Char(string="Longitude")
    cell_competitor = fields.Char(string="Competitor")
    cell_price = fields.Char(string="Price")
    cell_date_start = fields.Char(string="From")
    cell_date_end = fields.Char(string="To")

    @api.depends("line_no", "reason")
    def _compute_display_name(self):
        for line in self:
            line.display_name = self.env._("line %(number)s", number=line.line_no)

    @api.depends("code", "params", "column")
    @api.depends_context("lang")
    def _compute_reason(self):
        labels = self._bss_column_labels()
        texts = self._bss_reason_texts()
        for line in self:
            line.column_label = labels.get(line.column, "")
            line.reason = False
            if line.code:
                vals = {"code": line.code, "value": line.value, "params": line.params}
                others = [
                    self.env._(
                        "%(column)s “%(value)s”: %(reason)s",
                        column=labels.get(other["column"], other["column"]),
                        value=other["value"],
                        reason=self._bss_reason(other, labels, texts),
                    )
                    for other in (line.params or {}).get("others", ())
                ]
                line.reason = " · ".join([self._bss_reason(vals, labels, texts), *others])

    @api.model
    def _bss_reason(self, vals, labels, texts):
        """The words of one problem, ``vals`` as made by ``_bss_problem_vals``."""
        params = {**(vals["params"] or {}), "value": vals["value"] or ""}
        if "column" in params:
            params["column"] = labels.get(params["column"], params["column"])
        return texts[vals["code"]] % params

    @api.model
    def _bss_column_labels(self):
        """{column: its name in the user's language}"""
        names = self.fields_get([f"cell_{key}" for key in COLUMNS], ["string"])
        return {key: names[f"cell_{key}"]["string"] for key in COLUMNS}

    @api.model
    def _bss_problem_vals(self, problem):
        params = dict(problem.params)
        if problem.others:
            params["others"] = [self._bss_problem_vals(other) for other in problem.others]
        return {"column": problem.field, "value": problem.value, "code": problem.code, "params": params}

    def _bss_row(self):
        """The row as it is corrected now: a PlaceRow, or the RowProblem that remains."""
        self.ensure_one()
        if self.code in ("UNCLOSED_QUOTE", "TOO_MANY_CELLS") and not self.cell_town:
            return RowProblem("", "", self.code, self.params or {})
        return read_row({key: self[f"cell_{key}"] or "" for key in COLUMNS})

    def action_replay(self):
        """Try these rows again, list by list."""
        for record, lines in self.grouped("import_id").items():
            record._bss_replay(lines)

    def _bss_reason_texts(self):
        return {
            "REQUIRED": self.env._("A value is needed here."),
            "NEEDED_BY": self.env._("A value is needed here, because the column “%(column)s” is filled."),
            "TOO_LONG": self.env._("The text is longer than %(limit)s characters; is a quotation mark missing?"),
            "TOO_MANY_CELLS": self.env._(
                "%(count)s filled cells more than there are columns; is the separator inside a text?"
            ),
            "UNCLOSED_QUOTE": self.env._("From here on the file is one text: a quotation mark is not closed."),
            "TERC_DIGITS": self.env._("TERC has seven digits."),
            "TERC_REGION": self.env._("The first two digits of TERC are no voivodeship (02, 04 … 32)."),
            "TERC_TYPE": self.env._("The last digit of TERC is no kind of commune (1, 2, 3, 4, 5, 8, 9)."),
            "SIMC_DIGITS": self.env._("SIMC has seven digits."),
            "ULIC_DIGITS": self.env._("ULIC has five digits."),
            "ZIP": self.env._("A postcode looks like 99-300."),
            "SPEED": self.env._("A speed is a whole number of Mbit/s, never negative: for example 1000/300."),
            "SPEED_OF_WHICH": self.env._(
                "The speed belongs to one technology: name exactly one, or write the speeds beside the technologies (fibre 1000/300)."
            ),
            "TECHNOLOGY": self.env._("Unknown technology “%(value)s”; known: fibre, HFC, radio."),
            "TECHNOLOGY_TWICE": self.env._("The same technology stands twice."),
            "LATITUDE": self.env._("A latitude is a number from -90 to 90."),
            "LONGITUDE": self.env._("A longitude is a number from -180 to 180."),
            "COORDINATES_HALF": self.env._("Latitude and longitude are given together."),
            "PRICE": self.env._("A price is a number that is not negative."),
            "DATE": self.env._("No such date; write 2026-01-31 or 31.01.2026."),
            "CONFLICT": self.env._("Line %(line)s says something else of the same place: %(first)s."),
            "SIMC_OTHER_NAME": self.env._("The town with SIMC %(simc)s is called %(name)s."),
            "ULIC_OTHER_NAME": self.env._("The street with ULIC %(ulic)s is called %(name)s in this town."),
            "AMBIGUOUS_TOWN": self.env._("Several towns have this name: add SIMC."),
            "NODE_UNKNOWN": self.env._(
                "There is no such network node; name one technology in the row, and it is made as a node of it."
            ),
            "PORT_TWICE": self.env._("Line %(line)s gives this port to another place."),
            "PORT_BUSY": self.env._("The port is taken: it leads to %(place)s."),
            "PLACE_UNKNOWN": self.env._("There is no such place; import the place first, then its competitors."),
        }
