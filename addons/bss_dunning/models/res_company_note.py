from odoo import fields, models
from odoo.exceptions import UserError


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    bss_interest_rounding = fields.Selection(
        [
            ("auto", "Once, or at each payment when interest comes first"),
            ("once", "Once, on the sum"),
            ("per_payment", "At each payment"),
            ("per_segment", "For each rate"),
        ],
        string="Rounding of Interest",
        required=True,
        default="auto",
    )
    bss_interest_allocation = fields.Selection(
        [("principal_first", "Principal first"), ("interest_first", "Interest first")],
        string="Part Payments Cover",
        required=True,
        default="principal_first",
        help="What a part payment covers first in the calculation of interest (art. 451 of the Civil Code).",
    )
    bss_interest_scope = fields.Selection(
        [("late", "Open documents and those paid late"), ("open", "Open documents only")],
        string="Interest Notes Charge",
        required=True,
        default="late",
    )
    bss_interest_way = fields.Selection(
        [("note", "Interest note"), ("charge", "On the next invoice")],
        string="Interest Goes",
        required=True,
        default="note",
        help="How ladders and mass runs charge interest; a strategy may say otherwise.",
    )
    bss_note_days = fields.Integer(string="Days to Pay a Note", default=14)
    bss_note_min_amount = fields.Monetary(
        string="Least Amount of a Note", default=5.0, help="Mass runs and ladders leave smaller notes for later."
    )
    bss_note_journal_id = fields.Many2one(
        "account.journal",
        string="Journal of Notes",
        check_company=True,
        domain="[('type', '=', 'general')]",
        help="Empty: the first miscellaneous journal of the company.",
    )
    bss_interest_account_id = fields.Many2one(
        "account.account",
        string="Income from Interest",
        check_company=True,
        domain="[('account_type', 'in', ('income', 'income_other'))]",
        help="Empty: 75.000.300 “Interest received” of the Polish chart.",
    )
    bss_compensation_account_id = fields.Many2one(
        "account.account",
        string="Income from Compensation",
        check_company=True,
        domain="[('account_type', 'in', ('income', 'income_other'))]",
        help="Empty: 76.000.900 “Other remaining operating income” of the Polish chart.",
    )
    bss_interest_product_id = fields.Many2one(
        "product.product",
        string="Product of Interest on Invoices",
        check_company=True,
        domain="[('type', '=', 'service')]",
        help="Empty: “Interest for delay”.",
    )
    bss_interest_tax_id = fields.Many2one(
        "account.tax",
        string="Tax of Interest on Invoices",
        check_company=True,
        domain="[('type_tax_use', '=', 'sale'), ('amount', '=', 0)]",
        help="Interest is outside VAT: a sales tax of 0% that says so. With e-invoices its KSeF rate is “Outside VAT: "
        "settlement”.",
    )

    _note_days_positive = models.Constraint("CHECK(bss_note_days >= 0)", "The days to pay a note cannot be negative.")

    def _bss_note_journal(self):
        return self._bss_general_journal(self.bss_note_journal_id)

    def _bss_general_journal(self, chosen):
        """The journal chosen, else the first miscellaneous one."""
        self.ensure_one()
        journal = chosen or self.env["account.journal"].search(
            [("company_id", "=", self.id), ("type", "=", "general")], order="sequence, id", limit=1
        )
        if not journal:
            raise UserError(self.env._("Company %(company)s has no miscellaneous journal.", company=self.name))
        return journal

    def _bss_note_income_account(self, kind):
        if kind == "interest":
            return self._bss_chart_account("bss_interest_account_id", "chart75000300")
        return self._bss_chart_account("bss_compensation_account_id", "chart76000900")

    def _bss_chart_account(self, name, reference):
        """The account of a setting, else that of the Polish chart."""
        self.ensure_one()
        account = self[name]
        if not account:
            account = self.env["account.chart.template"].with_company(self).ref(reference, raise_if_not_found=False)
        if not account:
            raise UserError(
                self.env._(
                    "Choose the account “%(account)s” of %(company)s in the settings first.",
                    account=self._fields[name]._description_string(self.env),
                    company=self.name,
                )
            )
        return account

    def _bss_interest_product(self):
        self.ensure_one()
        product = self.bss_interest_product_id or self.env.ref("bss_dunning.product_interest", raise_if_not_found=False)
        if not product:
            raise UserError(
                self.env._("Choose the product of interest of %(company)s in the settings first.", company=self.name)
            )
        return product

    def _bss_interest_tax(self):
        """The tax of the settings, else the one that says what interest is."""
        self.ensure_one()
        tax = self.bss_interest_tax_id or self.env["account.tax"]._bss_outside_vat_of(self)
        if not tax:
            raise UserError(
                self.env._(
                    "Interest is outside VAT, and %(company)s has no sales tax that says so. Make a sales tax of 0%% "
                    "named “NP” without tax grids (Accounting, Configuration, Taxes), then choose it in the Invoicing "
                    "settings under “Interest on the next invoice”. An exempt tax (ZW) is not the same.",
                    company=self.name,
                )
            )
        return tax
