from odoo import api, fields, models


class BssBillRunItem(models.Model):
    _name = "bss.bill.run.item"
    _description = "Bill Run Item"
    _order = "state, account_id, id"
    _rec_name = "account_id"
    _check_company_auto = True

    # no index of its own: two others begin with it, and every one is written four times for each invoice
    run_id = fields.Many2one("bss.bill.run", string="Bill Run", required=True, ondelete="cascade", check_company=True)
    account_id = fields.Many2one(
        "bss.account",
        string="Billing Account",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    group_key = fields.Char(
        required=True,
        default="",
        readonly=True,
        help="What tells the invoices of one account apart: a contract or a group of services; empty = all charges.",
    )
    contract_id = fields.Many2one(
        "bss.contract", readonly=True, check_company=True, index="btree_not_null", ondelete="restrict"
    )
    group_name = fields.Char(compute="_compute_group_name", string="Invoice For")
    charge_ids = fields.One2many("bss.charge", "bill_run_item_id", string="Charges", readonly=True)
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    company_id = fields.Many2one(related="run_id.company_id", store=True, precompute=True)
    currency_id = fields.Many2one(related="account_id.currency_id")
    state = fields.Selection(
        [
            ("pending", "To issue"),
            ("held", "Held"),
            ("issued", "Issued"),
            ("carried", "Carried over"),
            ("empty", "Nothing to bill"),
            ("error", "Error"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="pending",
        readonly=True,
    )
    move_id = fields.Many2one(
        "account.move", string="Invoice", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    refund_ids = fields.Many2many(
        "account.move",
        "bss_bill_run_item_refund_rel",
        "item_id",
        "move_id",
        string="Corrective Invoices",
        readonly=True,
        groups="account.group_account_readonly,account.group_account_invoice",
        help="They reduce invoices issued earlier; the figures of this row are invoices less corrective invoices.",
    )
    charge_count = fields.Integer(readonly=True, string="Number of Charges")
    amount_charges = fields.Monetary(string="Charges Net", readonly=True, help="Net sum of the collected charges.")
    amount_untaxed = fields.Monetary(string="Net", readonly=True)
    amount_tax = fields.Monetary(string="VAT", readonly=True)
    amount_total = fields.Monetary(string="Gross", readonly=True)
    error = fields.Text(string="Reason", readonly=True)

    _run_account_unique = models.Constraint(
        "UNIQUE(run_id, account_id, group_key)", "The account is in this bill run already."
    )

    @api.depends("group_key", "contract_id.name")
    def _compute_group_name(self):
        for item in self:
            item.group_name = item.contract_id.name or item.group_key or False

    def action_view_charges(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_charge_action")
        action["domain"] = [("bill_run_item_id", "=", self.id)]
        return action

    def action_view_invoice(self):
        self.ensure_one()
        moves = self.move_id | self.refund_ids
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.account_move_bss_action")
        if len(moves) == 1:
            return {**action, "res_id": moves.id, "views": [(False, "form")]}
        action["domain"] = [("id", "in", moves.ids)]
        return action

    def action_view_account(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "bss.account",
            "res_id": self.account_id.id,
            "view_mode": "form",
        }

    def action_retry(self):
        """Collect and issue these items again."""
        return self.run_id._bss_retry_all(self.grouped("run_id"))
