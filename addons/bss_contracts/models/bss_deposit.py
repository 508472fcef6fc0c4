from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError

# What a journal item is to its deposit: the customer's debt, the operator's debt, and how the latter ends.
PARTS = [("demand", "Demand"), ("liability", "Held"), ("set_off", "Set off"), ("return", "Return")]


class BssDeposit(models.Model):
    """Money a customer leaves as security: outside VAT, a debt of the operator until it is set off or returned.

    What happened to it is in the ledger only (``move_line_ids``); amounts and states are read from there.
    """

    _name = "bss.deposit"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Deposit"
    _order = "date desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "account_id.name", "contract_id.name"]

    name = fields.Char(string="Number", required=True, copy=False, readonly=True, default="/", index="trigram")
    contract_id = fields.Many2one(
        "bss.contract", required=True, index=True, check_company=True, ondelete="restrict", tracking=True
    )
    account_id = fields.Many2one(related="contract_id.account_id", store=True, index=True, string="Billing Account")
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    product_id = fields.Many2one(
        "product.product",
        string="Offering",
        check_company=True,
        ondelete="restrict",
        domain="[('bss_offering_kind', '=', 'deposit')]",
        help="Deposit of the catalogue; empty = an amount agreed with the customer.",
    )
    amount = fields.Monetary(
        required=True, compute="_compute_amount", store=True, readonly=False, precompute=True, tracking=True
    )
    date = fields.Date(string="Asked For On", default=polish_day.today, required=True, tracking=True)
    date_due = fields.Date(string="Pay By", compute="_compute_date_due", store=True, readonly=False)
    predecessor_id = fields.Many2one(
        "bss.deposit",
        string="Moved From",
        readonly=True,
        copy=False,
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Deposit of the previous customer that this one continues.",
    )
    successor_ids = fields.One2many("bss.deposit", "predecessor_id", string="Moved To")
    move_line_ids = fields.One2many(
        "account.move.line", "bss_deposit_id", string="Journal Items", groups="account.group_account_readonly"
    )
    amount_held = fields.Monetary(
        string="Held",
        compute="_compute_ledger",
        store=True,
        help="Paid by the customer and neither set off nor returned.",
    )
    amount_set_off = fields.Monetary(string="Set Off", compute="_compute_ledger", store=True)
    amount_returned = fields.Monetary(string="Returned", compute="_compute_ledger", store=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("due", "To be paid"),
            ("held", "Held"),
            ("set_off", "Set off"),
            ("returned", "Returned"),
            ("moved", "Moved"),
            ("cancelled", "Cancelled"),
        ],
        compute="_compute_ledger",
        store=True,
        index=True,
        group_expand=True,
    )
    amount_open = fields.Monetary(
        string="Open Debts",
        compute="_compute_amount_open",
        help="What the account owes by open invoices; the deposit can be set off against so much.",
    )
    document_count = fields.Integer(compute="_compute_document_count", string="Number of Documents")
    note = fields.Text(string="Notes")

    _name_unique = models.UniqueIndex(
        "(company_id, name) WHERE name != '/'", "A deposit with this number exists already."
    )
    _amount_check = models.Constraint("CHECK(amount > 0)", "The amount of a deposit must be positive.")

    @api.depends("product_id")
    def _compute_amount(self):
        for deposit in self:
            deposit.amount = deposit.amount or deposit.product_id.lst_price

    @api.depends("date", "contract_id")
    def _compute_date_due(self):
        for deposit in self:
            cycle = deposit.account_id.bill_cycle_id
            deposit.date_due = cycle._bss_due_date(deposit.date) if cycle and deposit.date else deposit.date

    @api.depends(
        "successor_ids",
        "move_line_ids.parent_state",
        "move_line_ids.balance",
        "move_line_ids.amount_residual",
        "move_line_ids.bss_deposit_part",
    )
    def _compute_ledger(self):
        for deposit in self:
            lines = deposit.sudo().move_line_ids.filtered(lambda line: line.parent_state == "posted")
            sums = dict.fromkeys(dict(PARTS), 0.0)
            for line in lines:
                sums[line.bss_deposit_part] += line.balance
            unpaid = sum(lines.filtered(lambda line: line.bss_deposit_part == "demand").mapped("amount_residual"))
            # an empty form knows no contract yet, hence no company and no currency
            rounded = (deposit.currency_id or self.env.company.currency_id).round
            deposit.amount_set_off = rounded(-sums["set_off"])
            deposit.amount_returned = rounded(-sums["return"])
            deposit.amount_held = max(0.0, rounded(-sums["liability"] - unpaid))
            deposit.state = deposit._bss_state(lines, rounded(-sums["liability"]), rounded(unpaid))

    def _bss_state(self, lines, left, unpaid):
        if not lines:
            return "draft"
        if left:
            return "due" if unpaid else "held"
        last = lines.filtered(lambda line: line.bss_deposit_part in ("set_off", "return")).sorted("id")[-1:]
        if last:
            return "set_off" if last.bss_deposit_part == "set_off" else "returned"
        return "moved" if self.successor_ids else "cancelled"

    @api.depends("account_id", "state")
    def _compute_amount_open(self):
        for deposit in self:
            items = deposit._origin._bss_open_items() if deposit.state == "held" else self.env["account.move.line"]
            deposit.amount_open = sum(items.mapped("amount_residual"))

    @api.depends_context("uid")
    def _compute_document_count(self):
        counts = dict(
            self.env["bss.document"]._read_group(
                [("res_model", "=", self._name), ("res_id", "in", self.ids)], ["res_id"], ["__count"]
            )
        )
        for deposit in self:
            deposit.document_count = counts.get(deposit.id, 0)

    @api.model_create_multi
    def create(self, vals_list):
        deposits = super().create(vals_list)
        for deposit in deposits.filtered(lambda one: one.name == "/"):
            deposit.sudo().name = (
                self.env["ir.sequence"]
                .sudo()
                .with_company(deposit.company_id)
                .next_by_code("bss.deposit", sequence_date=deposit.date)
            )
        return deposits

    def write(self, vals):
        fixed = {"contract_id", "amount", "date", "date_due", "product_id"} & vals.keys()
        if fixed and any(deposit.state != "draft" for deposit in self):
            raise UserError(self.env._("A deposit that was asked for is not changed: cancel it or set it off."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        if any(deposit.state != "draft" for deposit in self):
            raise UserError(self.env._("A deposit that was asked for is not deleted."))

    # -- screens ------------------------------------------------------------------------------------

    def action_view_documents(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.action_bss_document")
        action["domain"] = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        action["context"] = {"create": False}
        return action

    def action_view_entries(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Entries of deposit %(name)s", name=self.name),
            "res_model": "account.move.line",
            "view_mode": "list,form",
            "domain": [("bss_deposit_id", "=", self.id)],
            "context": {"create": False},
        }


class BssContract(models.Model):
    _inherit = "bss.contract"  # pylint: disable=consider-merging-classes-inherited

    deposit_ids = fields.One2many("bss.deposit", "contract_id", string="Deposits")
    amount_deposit = fields.Monetary(
        string="Deposits Held", compute="_compute_amount_deposit", help="Paid and neither set off nor returned."
    )

    @api.depends("deposit_ids.amount_held")
    def _compute_amount_deposit(self):
        for contract in self:
            contract.amount_deposit = sum(contract.deposit_ids.mapped("amount_held"))

    def action_view_deposits(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_deposit_action")
        action["domain"] = [("contract_id", "=", self.id)]
        action["context"] = {"default_contract_id": self.id}
        return action


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"  # pylint: disable=consider-merging-classes-inherited

    bss_deposit_id = fields.Many2one(
        "bss.deposit", string="Deposit", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    bss_deposit_part = fields.Selection(PARTS, string="Part of the Deposit", readonly=True, copy=False)
