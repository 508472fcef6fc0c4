import re

from odoo import api, fields, models
from odoo.tools.misc import get_lang

MONEY = re.compile(r"^-?\d+\.\d\d$")


class BssBankImportProblem(models.Model):
    _name = "bss.bank.import.problem"
    _description = "Problem in a Bank File"
    _order = "import_id, line_no, id"
    _rec_name = "code"

    import_id = fields.Many2one("bss.bank.import", required=True, ondelete="cascade", index=True)
    part_id = fields.Many2one(
        "bss.bank.import.statement", string="Statement", ondelete="cascade", index="btree_not_null"
    )
    resolved_by_id = fields.Many2one(
        "bss.bank.import",
        string="Solved By",
        ondelete="set null",
        help="The file that brought what was missing.",
    )
    company_id = fields.Many2one(related="import_id.company_id", store=True, precompute=True)
    code = fields.Char(required=True)
    severity = fields.Selection(
        [("info", "Information"), ("warning", "Warning"), ("error", "Error")], required=True, default="error"
    )
    line_no = fields.Integer(string="Line")
    field_name = fields.Char(string="Field")
    params = fields.Json()
    message = fields.Char(compute="_compute_message")

    @api.depends("code", "params")
    @api.depends_context("lang")
    def _compute_message(self):
        texts = self._bss_messages()
        point = get_lang(self.env).decimal_point
        for problem in self:
            text = texts.get(problem.code, problem.code)
            params = {
                name: str(value).replace(".", point) if MONEY.match(str(value)) else str(value)
                for name, value in (problem.params or {}).items()
            }
            problem.message = text % _Params(params) if "%(" in text else text

    @api.model
    def _bss_messages(self):
        """Text per code; ``%(name)s`` is filled with the parameters of the problem."""
        return {
            "NOT_MT940": self.env._("This is not an MT940 statement: no account or balance was found."),
            "JOURNAL_WITHOUT_ACCOUNT": self.env._(
                "Journal %(journal)s has no bank account number: enter it, then read again."
            ),
            "JOURNAL_SECURED": self.env._(
                "Journal %(journal)s secures its entries with hashes: Odoo would refuse every payment that is nobody's yet, "
                "and none could be undone. Nothing was booked. Switch “Secure Posted Entries with Hash” off in the "
                "journal or use another one, then read again."
            ),
            "OTHER_ACCOUNT": self.env._(
                "The statement is of account %(value)s, the journal's account is %(expected)s."
            ),
            "OTHER_CURRENCY": self.env._("The statement is in %(value)s, the journal is kept in %(expected)s."),
            "INTERIM": self.env._(
                "An interim report without balances (MT942) is not booked; import the statement of the day."
            ),
            "INTERIM_END_MISSING": self.env._("The interim report has no end: the file may be cut off."),
            "INTERIM_SUM_MISMATCH": self.env._(
                "The report announces %(expected_count)s entries of %(expected)s in all; %(count)s of %(movement)s were read."
            ),
            "ENCODING_DOUBTFUL": self.env._(
                "The code page is not certain; %(encoding)s was taken. Set it on the journal."
            ),
            "ENCODING_RESTORED": self.env._(
                "The file was saved in a wrong code page once; Polish letters were restored."
            ),
            "CHARACTER_UNREADABLE": self.env._("A character cannot be read in this code page."),
            "ACCOUNT_MISSING": self.env._("The statement names no account."),
            "OPENING_MISSING": self.env._("The opening balance is missing."),
            "CLOSING_MISSING": self.env._("The closing balance is missing: the file may be cut off."),
            "ENTRY_HELD_BACK": self.env._(
                "The entry at line %(line)s was not taken: the statement is cut. Import the whole file."
            ),
            "BALANCE_UNREADABLE": self.env._("Balance “%(value)s” cannot be read."),
            "BALANCE_MISMATCH": self.env._(
                "Opening %(opening)s and entries %(movement)s do not give the closing balance %(closing)s;"
                " difference %(difference)s."
            ),
            "CURRENCY_DIFFERS": self.env._("Currency %(value)s instead of %(expected)s."),
            "NUMBER_NOT_NUMERIC": self.env._("Statement number “%(value)s” is not numeric; gaps cannot be checked."),
            "OPENING_DIFFERS": self.env._(
                "The opening balance %(value)s differs from the previous closing balance %(expected)s."
            ),
            "STATEMENTS_MISSING": self.env._(
                "Statement %(value)s follows number %(before)s: %(missing)s statement(s) are missing."
            ),
            "ENTRY_UNREADABLE": self.env._("The entry cannot be read."),
            "MARK_UNREADABLE": self.env._("Neither debit nor credit: “%(value)s”."),
            "AMOUNT_UNREADABLE": self.env._("The amount cannot be read: “%(value)s”."),
            "TYPE_UNREADABLE": self.env._("The transaction type cannot be read: “%(value)s”."),
            "ENTRY_DATE_UNREADABLE": self.env._("Entry date “%(value)s” does not exist; the value date was taken."),
            "FUNDS_CODE_DIFFERS": self.env._("Currency letter %(value)s does not belong to %(expected)s."),
            "DETAILS_TOO_LONG": self.env._("The description is too long; the rest was left out."),
            "TAG_MISPLACED": self.env._("Field out of place: “%(value)s”."),
            "LINE_OUT_OF_PLACE": self.env._("Line out of place: “%(value)s”."),
            "PAYER_KEY_UNREADABLE": self.env._("The payer's number cannot be read: “%(value)s”."),
            "NRB_CHECK_DIGITS": self.env._("Account number %(value)s has wrong check digits; it was not used."),
            "NRB_LENGTH": self.env._("Account number %(value)s does not have 26 digits; it was not used."),
            "NRB_CHARACTERS": self.env._("Account number %(value)s holds other characters than digits."),
            "NRB_EMPTY": self.env._("The account number is empty."),
        }


class _Params(dict):
    def __missing__(self, key):
        return "?"
