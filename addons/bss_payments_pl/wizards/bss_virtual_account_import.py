import base64
from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..bank_core import number_list

GIVEN, KNOWN = "given", "known"


class BssVirtualAccountImport(models.TransientModel):
    """Virtual accounts that customers had in an older system: they go on paying to them."""

    _name = "bss.virtual.account.import"
    _description = "Take Over Virtual Accounts"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    file = fields.Binary(required=True, attachment=False)
    file_name = fields.Char()
    is_main = fields.Boolean(
        string="Print Them on Invoices",
        default=True,
        help="The customers go on being asked to pay to these numbers; otherwise only late payments are recognised.",
    )
    is_done = fields.Boolean(readonly=True)
    count_lines = fields.Integer(string="Lines Read", readonly=True)
    count_given = fields.Integer(string="Taken Over", readonly=True)
    count_known = fields.Integer(string="Had Them Already", readonly=True)
    count_refused = fields.Integer(string="Refused", readonly=True)
    problem_ids = fields.One2many(
        "bss.virtual.account.import.problem", "import_id", string="Refused Lines", readonly=True
    )

    def action_import(self):
        """Take over every line that can be used; the others are listed with their line, field and reason."""
        self.ensure_one()
        self.env["bss.virtual.account"].check_access("create")
        content = base64.b64decode(self.with_context(bin_size=False).file or b"")
        try:
            rows = list(number_list.read(content))
        except ValueError as error:
            raise UserError(self.env._("The file is too long; split it.")) from error
        if not rows:
            raise UserError(self.env._("The file holds no line with an account and its number."))
        found = self._bss_take_over(rows)
        counts = Counter(outcome for _row, outcome in found)
        refused = [(row, outcome) for row, outcome in found if isinstance(outcome, tuple)]
        self.problem_ids.unlink()
        self.env["bss.virtual.account.import.problem"].create(
            [
                {
                    "import_id": self.id,
                    "line_no": row.line,
                    "account": row.account,
                    "nrb": row.nrb,
                    "field_name": field,
                    "reason": reason,
                }
                for row, (field, reason) in refused
            ]
        )
        self.write(
            {
                "is_done": True,
                "count_lines": len(rows),
                "count_given": counts[GIVEN],
                "count_known": counts[KNOWN],
                "count_refused": len(refused),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take Over Virtual Accounts"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _bss_take_over(self, rows):
        """[(row, GIVEN | KNOWN | (field, reason))], in the order of the rows."""
        texts = self._bss_texts()
        accounts = self._bss_accounts([row.account for row in rows])
        pools = self._bss_pools()
        numbers = self.env["bss.virtual.account"].sudo()
        holders = {
            number.nrb: number.account_id.id for number in numbers.search([("nrb", "in", [row.nrb for row in rows])])
        }
        result, vals_list = [], []
        for row in rows:
            account = accounts.get(row.account)
            pool = next((pool for pool in pools if row.nrb[2:].startswith(pool.prefix)), None)
            if row.code:
                outcome = (row.field, texts.get(row.code, row.code))
            elif not account:
                outcome = (number_list.ACCOUNT, self.env._("the company has no billing account of this number"))
            elif not pool:
                outcome = (number_list.NUMBER, self.env._("no pool of the company has this prefix"))
            elif row.nrb in holders:
                outcome = KNOWN
                if holders[row.nrb] != account.id:
                    outcome = (number_list.NUMBER, self.env._("the number is another account's already"))
            else:
                outcome = GIVEN
                holders[row.nrb] = account.id
                vals_list.append({"nrb": row.nrb, "pool_id": pool.id, "account_id": account.id})
            result.append((row, outcome))
        self._bss_create(vals_list)
        return result

    def _bss_create(self, vals_list):
        """The first number of each account in the file is printed from now on, when that is wanted or it has none."""
        ids = [vals["account_id"] for vals in vals_list]
        mains = self.env["bss.virtual.account"].search([("account_id", "in", ids), ("is_main", "=", True)])
        if self.is_main:
            mains.is_main = False
            served = set()
        else:
            served = set(mains.account_id.ids)
        for vals in vals_list:
            vals["is_main"] = vals["account_id"] not in served
            served.add(vals["account_id"])
        self.env["bss.virtual.account"].create(vals_list)

    def _bss_accounts(self, names):
        """{number of a billing account: it}; closed and archived ones too, late payments arrive for them."""
        accounts = self.env["bss.account"].with_context(active_test=False)
        found = accounts.search([("company_id", "=", self.company_id.id), ("name", "in", list(set(names)))])
        return {account.name: account for account in found}

    def _bss_pools(self):
        """The longest prefix first: one pool may lie inside another's numbers."""
        pools = self.env["bss.virtual.account.pool"].with_context(active_test=False)
        return pools.search([("company_id", "=", self.company_id.id)]).sorted(lambda pool: -len(pool.prefix))

    @api.model
    def _bss_texts(self):
        return {
            "COLUMNS": self.env._("a line has two columns: number of the billing account and bank account number"),
            "ACCOUNT_EMPTY": self.env._("the number of the billing account is missing"),
            "NRB_EMPTY": self.env._("the bank account number is missing"),
            "NRB_CHARACTERS": self.env._("a bank account number has digits only"),
            "NRB_LENGTH": self.env._("a bank account number has 26 digits"),
            "NRB_CHECK_DIGITS": self.env._("the check digits of the bank account number are wrong"),
        }


class BssVirtualAccountImportProblem(models.TransientModel):
    _name = "bss.virtual.account.import.problem"
    _description = "Refused Line of a List of Virtual Accounts"
    _order = "line_no, id"

    import_id = fields.Many2one("bss.virtual.account.import", required=True, ondelete="cascade", index=True)
    line_no = fields.Integer(string="Line", aggregator=None)
    account = fields.Char(string="Billing Account")
    nrb = fields.Char(string="Account Number")
    field_name = fields.Selection(
        [(number_list.ACCOUNT, "Billing account"), (number_list.NUMBER, "Account number")], string="Field"
    )
    reason = fields.Text()
