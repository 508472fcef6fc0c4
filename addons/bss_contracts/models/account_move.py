from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class AccountMove(models.Model):
    _inherit = "account.move"

    bss_account_id = fields.Many2one(
        "bss.account",
        string="Billing Account",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        tracking=True,
    )
    bss_bill_run_id = fields.Many2one(
        "bss.bill.run",
        string="Bill Run",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    bss_bill_cycle_id = fields.Many2one(
        related="bss_bill_run_id.cycle_id", string="Bill Cycle", store=True, index="btree_not_null"
    )
    bss_reseller_id = fields.Many2one(
        "res.partner",
        string="Reseller",
        index="btree_not_null",
        ondelete="restrict",
        help="Who sold what the invoice is for and looks after the customer.",
    )
    bss_date_start = fields.Date(string="Service Period From")
    bss_date_end = fields.Date(string="Service Period To")

    def _bss_after_issue(self):
        """Hook: invoices of one batch of a bill run were issued by the ORM (same transaction)."""
        self._bss_bulk_after_post()

    def _bss_sign(self):
        """-1 for what reduces the customer's debt."""
        self.ensure_one()
        return -1 if self.move_type == "out_refund" else 1

    def _bss_signed_totals(self):
        """Invoices less corrective invoices, net, tax and gross."""
        names = ("amount_untaxed", "amount_tax", "amount_total")
        return {name: sum(move._bss_sign() * move[name] for move in self) for name in names}

    def _bss_release_charges(self):
        """Invoices of a bill run that cease to exist give their charges back to billing."""
        charges = self.env["bss.charge"].sudo().search([("move_id", "in", self.ids), ("state", "=", "billed")])
        items = self.env["bss.bill.run.item"].sudo()
        items = items.search(["|", ("move_id", "in", self.ids), ("refund_ids", "in", self.ids)])
        free = {"bill_run_id": False, "bill_run_item_id": False}
        charges.write({"state": "pending", "move_id": False, "move_line_id": False, **free})
        for item in items:
            left = (item.move_id | item.refund_ids) - self.sudo()
            vals = {
                "move_id": (item.move_id & left).id,
                "refund_ids": [(6, 0, (item.refund_ids & left).ids)],
                "error": self.env._("The invoice was cancelled; its charges wait for the next bill."),
                **left._bss_signed_totals(),
            }
            item.write(vals if left else {**vals, "state": "empty"})
        lines = self.env["account.move.line"].sudo().search([("bss_charge_id", "in", charges.ids)])
        if lines:
            lines.write({"bss_charge_id": False})

    @api.model_create_multi
    def create(self, vals_list):
        # an invoice that passes for one of a run would take a number that is reserved for it
        if any(vals.get("bss_bill_run_id") for vals in vals_list) and not (
            self.env.su or self.env.user.has_group("bss_catalog.group_bss_billing_manager")
        ):
            raise AccessError(self.env._("Only billing itself links an invoice with its bill run."))
        return super().create(vals_list)

    def write(self, vals):
        if "bss_bill_run_id" in vals and not self.env.su:
            raise AccessError(self.env._("Only billing itself links an invoice with its bill run."))
        if vals.get("state", "posted") != "posted":
            self._bss_refuse_reopening()
        return super().write(vals)

    def button_draft(self):
        self._bss_refuse_reopening()
        return super().button_draft()

    def _bss_refuse_reopening(self):
        # a key of the context can come from anyone: only code that runs as the system may reopen
        if self.env.su and self.env.context.get("bss_allow_draft"):
            return
        for move in self:
            if move.bss_bill_run_id and move.state == "posted":
                raise UserError(
                    self.env._(
                        "Invoice %(name)s was issued by a bill run. Issue a credit note instead of changing it.",
                        name=move.name,
                    )
                )

    def button_cancel(self):
        result = super().button_cancel()
        cancelled = self.filtered(lambda move: move.bss_bill_run_id and move.state == "cancel")
        if cancelled:
            cancelled._bss_release_charges()
        return result

    def unlink(self):
        # before the lines go: charges point at them
        billed = self.filtered("bss_bill_run_id")
        if billed:
            billed._bss_release_charges()
        return super().unlink()


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    bss_account_id = fields.Many2one(
        "bss.account",
        string="Billing Account",
        compute="_compute_bss_account_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    bss_charge_id = fields.Many2one(
        "bss.charge", string="Charge", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    bss_service_id = fields.Many2one(
        "bss.service", string="Service", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    bss_date_start = fields.Date(string="Period From")
    bss_date_end = fields.Date(string="Period To")

    @api.depends("move_id.bss_account_id")
    def _compute_bss_account_id(self):
        for line in self:
            line.bss_account_id = line.move_id.bss_account_id
