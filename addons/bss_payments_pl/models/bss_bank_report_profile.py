"""Layouts of mass-payment reports as records: the rows' grammar of ``bank_core.formats.report_profile``."""

import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..bank_core.codepage import CANDIDATES
from ..bank_core.formats import report_profile

#: what may change on a shipped layout: nothing of the layout itself
_FREE = {"active", "sample_file", "sample_name"}


class BssBankReportProfile(models.Model):
    _name = "bss.bank.report.profile"
    _description = "Layout of Mass-Payment Reports"
    _order = "is_verified desc, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", help="Empty: all companies use this layout.")
    code = fields.Char(readonly=True, copy=False, help="Filled on the layouts that come with the software.")
    is_verified = fields.Boolean(
        string="Tried on a Bank's File",
        copy=False,
        help="Off: nobody has compared this layout with a real file of the bank yet.",
    )
    note = fields.Text(translate=True)
    layout = fields.Selection(
        [
            ("csv", "Columns with a separator, texts in quotes"),
            ("pipe", "Columns with a separator"),
            ("fixed", "Fixed width"),
        ],
        required=True,
        default="csv",
    )
    separator = fields.Char(size=3, default=";", help="One character; TAB for a tabulator.")
    quote = fields.Char(string="Quotation Mark", size=1, default='"')
    encoding = fields.Selection(
        [*((name, name) for name in CANDIDATES), ("utf-8", "utf-8")],
        string="Code Page",
        help="Empty: recognised by the Polish letters in the file.",
    )
    skip_first = fields.Integer(string="Rows to Skip at the Start")
    skip_last = fields.Integer(string="Rows to Skip at the End")
    record_number = fields.Integer(string="Column of the Row Type", help="0: all rows are payments.")
    record_width = fields.Integer(string="Width of the Row Type")
    payment_records = fields.Char(string="Types of Payments", help="Separated by commas; empty: all other types.")
    ignored_records = fields.Char(string="Types to Leave Out", help="Separated by commas.")
    header_record = fields.Char(string="Type of the Header")
    header_count_number = fields.Integer(string="Header: Column of the Count")
    header_count_width = fields.Integer(string="Header: Width of the Count")
    header_total_number = fields.Integer(string="Header: Column of the Sum")
    header_total_width = fields.Integer(string="Header: Width of the Sum")
    header_is_required = fields.Boolean(string="File Without a Header Is Refused", default=True)
    trailer_record = fields.Char(string="Type of the Trailer")
    trailer_count_number = fields.Integer(string="Trailer: Column of the Count")
    trailer_count_width = fields.Integer(string="Trailer: Width of the Count")
    trailer_total_number = fields.Integer(string="Trailer: Column of the Sum")
    trailer_total_width = fields.Integer(string="Trailer: Width of the Sum")
    trailer_is_required = fields.Boolean(string="File Without a Trailer Is Refused", default=True)
    date_format = fields.Char(
        required=True,
        default="YYYYMMDD",
        help="YYYY or YY, MM and DD with whatever stands between them, e.g. DD.MM.YYYY. An asterisk at the end: "
        "anything may follow, such as the time.",
    )
    amount_format = fields.Selection(
        [("minor", "Grosze (4999)"), ("comma", "Decimal comma (49,99)"), ("point", "Decimal point (49.99)")],
        required=True,
        default="comma",
    )
    sign = fields.Selection(
        [("positive", "All rows are money in"), ("minus", "A minus is money out"), ("mark", "A column with a mark")],
        string="Money In or Out",
        required=True,
        default="positive",
    )
    credit_marks = fields.Char(string="Marks of Money In", default="C, CR")
    debit_marks = fields.Char(string="Marks of Money Out", default="D, DR")
    key_kind = fields.Selection(
        [("nrb", "Virtual account (26 digits)"), ("digits", "Payer's number"), ("text", "Any text")],
        string="Payer's Key",
        required=True,
        default="nrb",
    )
    key_digits = fields.Integer(string="Last Digits of the Key", help="0: the whole number.")
    part_separator = fields.Char(
        string="Sign Between Lines of a Text",
        size=1,
        default="|",
        help="Stands inside one column, as in NAME||STREET|TOWN.",
    )
    name_parts = fields.Integer(
        string="Lines of the Name",
        help="That many lines of the name column are the name, the others the address. 0: all.",
    )
    is_id_unique = fields.Boolean(
        string="Transaction Number Is Never Repeated",
        help="Only when the bank confirmed it: a payment with a known number is then taken for imported.",
    )
    column_ids = fields.One2many("bss.bank.report.profile.column", "profile_id", string="Columns", copy=True)
    journal_ids = fields.One2many("account.journal", "bss_report_profile_id", string="Bank Journals")

    _code_unique = models.Constraint("UNIQUE(code)", "A layout with this code exists already.")

    @api.constrains("skip_first", "skip_last", "name_parts", "key_digits", "record_number", "record_width")
    def _check_numbers(self):
        for profile in self:
            values = (profile.skip_first, profile.skip_last, profile.name_parts, profile.key_digits)
            if any(value < 0 for value in (*values, profile.record_number, profile.record_width)):
                raise ValidationError(self.env._("Numbers of rows, columns and digits cannot be negative."))
            if profile.skip_last > 100:
                raise ValidationError(self.env._("No more than 100 rows can be skipped at the end."))

    @api.constrains("company_id")
    def _check_company_id(self):
        for profile in self.filtered("company_id"):
            users = [("bss_report_profile_id", "=", profile.id), ("company_id", "!=", profile.company_id.id)]
            if self.env["account.journal"].sudo().search_count(users, limit=1):
                raise ValidationError(
                    self.env._("Layout %(name)s is used by a bank journal of another company.", name=profile.name)
                )

    # --- shipped layouts stay as they are

    def write(self, vals):
        if set(vals) - _FREE:
            self._bss_refuse_shipped()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_shipped(self):
        self._bss_refuse_shipped()

    def _bss_refuse_shipped(self):
        if not self.env.su and any(profile.code for profile in self):
            raise UserError(
                self.env._("This layout comes with the software and stays as it is. Copy it and change the copy.")
            )

    def copy_data(self, default=None):
        names = [self.env._("%(name)s (copy)", name=profile.name) for profile in self]
        company = self.env.company.id
        return [
            {**vals, "name": name, "company_id": company}
            for name, vals in zip(names, super().copy_data(default), strict=True)
        ]

    def action_copy_to_edit(self):
        self.ensure_one()
        twin = self.copy()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": twin.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    # --- the kernel's view

    def _bss_kernel(self):
        """The layout as ``bank_core`` reads it; works on unsaved records too."""
        self.ensure_one()
        columns = tuple(
            report_profile.Column(column.number, column.width, column.content)
            for column in self.column_ids.sorted(lambda column: (column.sequence, column.number))
            if column.content
        )
        return report_profile.Profile(
            code=self.code or f"profile_{self._origin.id or 0}",
            name=self.name or "",
            columns=columns,
            layout=self.layout or "csv",
            separator={"TAB": "\t"}.get((self.separator or "").upper(), self.separator or ""),
            quote=self.quote or "",
            encoding=self.encoding or "",
            skip_first=self.skip_first,
            skip_last=min(self.skip_last, 100),
            record=_column(self.record_number, self.record_width),
            payments=_words(self.payment_records),
            ignored=_words(self.ignored_records),
            header=self._bss_check("header"),
            trailer=self._bss_check("trailer"),
            date_format=self.date_format or "",
            amount_format=self.amount_format or "comma",
            sign=self.sign or "positive",
            credit_marks=_words(self.credit_marks),
            debit_marks=_words(self.debit_marks),
            key_kind=self.key_kind or "nrb",
            key_digits=max(self.key_digits, 0),
            part_separator=self.part_separator or "",
            name_parts=max(self.name_parts, 0),
            is_id_unique=self.is_id_unique,
            is_verified=self.is_verified,
        )

    def _bss_check(self, part):
        if not self[f"{part}_record"]:
            return None
        return report_profile.Check(
            self[f"{part}_record"].strip(),
            _column(self[f"{part}_count_number"], self[f"{part}_count_width"]),
            _column(self[f"{part}_total_number"], self[f"{part}_total_width"]),
            self[f"{part}_is_required"],
        )


class BssBankReportProfileColumn(models.Model):
    _name = "bss.bank.report.profile.column"
    _description = "Column of a Mass-Payment Report"
    _order = "profile_id, sequence, number, id"

    profile_id = fields.Many2one("bss.bank.report.profile", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    content = fields.Selection(
        [
            ("amount", "Amount"),
            ("date", "Booking Date"),
            ("value_date", "Value Date"),
            ("mark", "Mark of In or Out"),
            ("payer_key", "Payer's Key (Virtual Account)"),
            ("party_account", "Payer's Account"),
            ("party_name", "Payer's Name"),
            ("party_address", "Payer's Address"),
            ("title", "Title"),
            ("transaction_id", "Bank's Transaction Number"),
        ],
        required=True,
    )
    number = fields.Integer(
        string="Column",
        required=True,
        default=1,
        help="Counted from 1; with fixed width the first character of the value.",
    )
    width = fields.Integer(help="Characters; only with fixed width.")

    @api.model_create_multi
    def create(self, vals_list):
        columns = super().create(vals_list)
        columns.profile_id._bss_refuse_shipped()
        return columns

    def write(self, vals):
        self.profile_id._bss_refuse_shipped()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_shipped(self):
        self.profile_id._bss_refuse_shipped()


def _column(number, width):
    return report_profile.Column(number, width) if number else None


def _words(text):
    return tuple(word for word in re.split(r"[,;\s]+", text or "") if word)
