"""All numbers of collections as one workbook; rows are streamed from the database into the file."""

import tempfile

import xlsxwriter
from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

FETCH = 5000
MOST_ROWS = 1_000_000  # a sheet holds 1,048,576
SHORT_DATE = 14  # the format that every spreadsheet shows as the short date of its own language


class BssDunningWorkbook(models.AbstractModel):
    _name = "bss.dunning.workbook"
    _description = "Workbook of Collections"

    @api.model
    def action_download(self):
        self._bss_check()
        companies = ",".join(str(company.id) for company in self.env.companies)
        return {
            "type": "ir.actions.act_url",
            "url": f"/bss_dunning/workbook?companies={companies}",
            "target": "download",
        }

    @api.model
    def _bss_check(self):
        user = self.env.user
        if not user.has_group("bss_catalog.group_bss_collector"):
            raise AccessError(self.env._("The workbook of collections is for collectors."))

    @api.model
    def _bss_sheets(self):
        """(title, model, group-bys, aggregates or columns, order); with group-bys the sheet holds sums."""
        return [
            (
                self.env._("Ageing"),
                "bss.dunning.ageing.report",
                ["company_id", "customer_kind", "strategy_id", "stage_id", "bucket"],
                ["__count", "amount:sum", "amount_overdue:sum"],
            ),
            (
                self.env._("Effect of steps"),
                "bss.dunning.effect.report",
                ["company_id", "strategy_id", "stage_id", "step_id", "channel"],
                [
                    "__count",
                    "cured:sum",
                    "cure_rate:avg",
                    "amount:sum",
                    "recovered:sum",
                    "recovery_rate:avg",
                    "cost:sum",
                    "cost_per_zloty:avg",
                ],
            ),
            (
                self.env._("Promises kept"),
                "bss.dunning.promise.report",
                ["company_id", "state", "channel"],
                ["__count", "kept_rate:avg", "amount:sum", "amount_paid:sum"],
            ),
            (self.env._("Key figures"), "bss.dunning.kpi", [], self._bss_kpi_columns()),
            (
                self.env._("Open cases"),
                "bss.dunning.case",
                [],
                [
                    "name",
                    "account_id",
                    "partner_id",
                    "customer_kind",
                    "amount_overdue",
                    "amount_demanded",
                    "oldest_due",
                    "days_overdue",
                    "stage_id",
                    "date_next",
                    "user_id",
                    "state",
                ],
            ),
            (
                self.env._("Payment patterns"),
                "bss.dunning.pattern",
                [],
                [
                    "account_id",
                    "partner_id",
                    "customer_kind",
                    "days_late",
                    "share_on_time",
                    "document_count",
                    "amount",
                    "last_payment",
                    "usual_day",
                    "journal_id",
                ],
            ),
        ]

    @api.model
    def _bss_kpi_columns(self):
        names = ["date", "month_end", "opening", "sales", "receivables", "overdue", "not_due"]
        names += [name for name in self.env["bss.dunning.kpi"]._fields if name.startswith(("days_", "roll_"))]
        return [*names, "dso", "cei", "case_count"]

    @api.model
    def _bss_domain(self, model):
        return [("state", "!=", "closed")] if model == "bss.dunning.case" else []

    @api.model
    def _bss_write(self):
        """A temporary file with the workbook; memory does not grow with the number of rows."""
        self._bss_check()
        handle = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115  # the caller closes it when it was sent
        book = xlsxwriter.Workbook(handle.name, {"constant_memory": True})
        bold = book.add_format({"bold": True, "bottom": 1})
        for title, model, groups, columns in self._bss_sheets():
            if not self.env[model].has_access("read"):
                continue
            sheet = book.add_worksheet(title[:31])
            sheet.freeze_panes(1, 0)
            names = [*groups, *columns]
            formats = [self._bss_format(book, model, name) for name in names]
            for column, label in enumerate(self._bss_label(model, name) for name in names):
                sheet.write_string(0, column, label, bold)
                sheet.set_column(column, column, max(12, len(label) + 2))
            rows = self._bss_groups(model, groups, columns) if groups else self._bss_records(model, columns)
            for number, row in enumerate(rows, start=1):
                for column, value in enumerate(row):
                    self._bss_cell(sheet, number, column, value, formats[column])
        book.close()
        handle.seek(0)
        return handle

    @api.model
    def _bss_label(self, model, spec):
        if spec == "__count":
            return self.env._("Number of Items")
        return self.env[model]._fields[spec.partition(":")[0]]._description_string(self.env)

    @api.model
    def _bss_format(self, book, model, spec):
        """Format of a column: amounts with grosze, days as the reader's own program writes them."""
        if spec == "__count":
            return book.add_format({"num_format": "#,##0"})
        field = self.env[model]._fields[spec.partition(":")[0]]
        if field.type == "date":
            return book.add_format({"num_format": SHORT_DATE})
        if field.type == "integer":
            return book.add_format({"num_format": "#,##0"})
        if field.type in ("monetary", "float"):
            places = (field.get_digits(self.env) or (16, 2))[1] if field.type == "float" else 2
            return book.add_format({"num_format": f"#,##0.{'0' * places}"})
        return None

    @api.model
    def _bss_cell(self, sheet, row, column, value, cell_format=None):
        """Text stays text: a name that begins with an equals sign is no formula."""
        if isinstance(value, str):
            sheet.write_string(row, column, value)
        elif value is not None and value is not False:
            sheet.write(row, column, value, cell_format)

    @api.model
    def _bss_groups(self, model, groups, columns):
        records = self.env[model]
        words = {name: self._bss_words(records._fields[name]) for name in groups}
        for row in records._read_group([], groups, columns):
            named = (words[name](value) for name, value in zip(groups, row, strict=False))
            yield [*named, *row[len(groups) :]]

    @api.model
    def _bss_words(self, field):
        if field.type == "selection":
            labels = dict(field._description_selection(self.env))
            return lambda value: labels.get(value, value or "")
        return lambda value: value.display_name or ""

    @api.model
    def _bss_records(self, model, columns):
        """Rows of a list, at most so many as a sheet holds, read by a cursor of the database."""
        records = self.env[model]
        records.flush_model()
        query = records._search(self._bss_domain(model), limit=MOST_ROWS)
        wanted = [records._field_to_sql(records._table, name, query) for name in columns]
        self.env.cr.execute(SQL("DECLARE bss_dunning_sheet NO SCROLL CURSOR FOR %s", query.select(*wanted)))
        try:
            while True:
                self.env.cr.execute(SQL("FETCH %s FROM bss_dunning_sheet", FETCH))
                rows = self.env.cr.fetchall()
                if not rows:
                    return
                yield from self._bss_named(records, columns, rows)
        finally:
            self.env.cr.execute("CLOSE bss_dunning_sheet")

    @api.model
    def _bss_named(self, records, columns, rows):
        """Rows with names for keys; names are read once per batch."""
        readers = []
        for position, name in enumerate(columns):
            field = records._fields[name]
            if field.type == "many2one":
                ids = list({row[position] for row in rows if row[position]})
                found = self.env[field.comodel_name].sudo().browse(ids)
                names = {record.id: record.display_name for record in found}
                readers.append(lambda value, names=names: names.get(value, ""))
            elif field.type == "selection":
                readers.append(self._bss_words(field))
            else:
                readers.append(lambda value: value)
        self.env.invalidate_all()  # the names of one batch, not of all rows
        for row in rows:
            yield [read(value) for read, value in zip(readers, row, strict=True)]
