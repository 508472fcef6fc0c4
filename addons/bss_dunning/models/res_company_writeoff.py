from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    bss_writeoff_limit_collector = fields.Monetary(
        string="Write-Off Limit of Collectors", default=20.0, help="Above it somebody else has to approve."
    )
    bss_writeoff_limit_manager = fields.Monetary(
        string="Write-Off Limit of Managers",
        default=500.0,
        help="Of billing managers; above it accountants with all rights or administrators approve.",
    )
    bss_writeoff_limit_days = fields.Integer(
        string="Days Over Which Write-Offs Add Up",
        default=90,
        required=True,
        help="Write-offs of one account within so many days are measured against a limit together, whoever decided "
        "them; those of one case always.",
    )
    bss_writeoff_two_people = fields.Boolean(
        string="Two People for Large Write-Offs",
        default=True,
        help="Above the managers' limit nobody decides alone, accountants and administrators neither.",
    )
    bss_writeoff_journal_id = fields.Many2one(
        "account.journal",
        string="Journal of Write-Offs",
        check_company=True,
        domain="[('type', '=', 'general')]",
        help="Empty: the first miscellaneous journal of the company.",
    )
    bss_writeoff_account_id = fields.Many2one(
        "account.account",
        string="Written-Off Principal and Costs",
        check_company=True,
        domain="[('account_type', 'in', ('expense', 'expense_other'))]",
        help="Empty: 76.010.900 “Other remaining operating expenses” of the Polish chart.",
    )
    bss_writeoff_interest_account_id = fields.Many2one(
        "account.account",
        string="Written-Off Interest",
        check_company=True,
        domain="[('account_type', 'in', ('expense', 'expense_other'))]",
        help="Empty: 75.010.900 “Other financial costs” of the Polish chart.",
    )

    _writeoff_limits_positive = models.Constraint(
        "CHECK(bss_writeoff_limit_collector >= 0 AND bss_writeoff_limit_manager >= 0)",
        "A limit of write-offs cannot be negative.",
    )
    _writeoff_days_positive = models.Constraint(
        "CHECK(bss_writeoff_limit_days BETWEEN 0 AND 3650)", "Write-offs add up over 0 to 3650 days."
    )

    def _bss_writeoff_account(self, part):
        """Account of what is given up: interest by itself, principal and costs together."""
        if part == "interest":
            return self._bss_chart_account("bss_writeoff_interest_account_id", "chart75010900")
        return self._bss_chart_account("bss_writeoff_account_id", "chart76010900")
