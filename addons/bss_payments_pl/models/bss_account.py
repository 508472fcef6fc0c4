from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..bank_core import nrb


class BssAccount(models.Model):
    _inherit = "bss.account"

    virtual_account_ids = fields.One2many("bss.virtual.account", "account_id", string="Virtual Accounts")
    payment_count = fields.Integer(compute="_compute_payment_count", string="Payments")
    has_virtual_account = fields.Boolean(
        compute="_compute_has_virtual_account", search="_search_has_virtual_account", string="Has a Virtual Account"
    )
    payment_nrb_pretty = fields.Char(
        compute="_compute_payment_nrb_pretty",
        string="Pay To",
        help="Bank account number on which this customer pays, the way it is printed.",
    )

    def _compute_payment_count(self):
        counts = dict(
            self.env["bss.payment.match"]._read_group(
                [("account_id", "in", self.ids), ("state", "=", "booked")], ["account_id"], ["__count"]
            )
        )
        split = dict(
            self.env["bss.payment.part"]._read_group(
                [("account_id", "in", self.ids)], ["account_id"], ["match_id:count_distinct"]
            )
        )
        for account in self:
            account.payment_count = counts.get(account._origin, 0) + split.get(account._origin, 0)

    @api.depends("virtual_account_ids")
    def _compute_has_virtual_account(self):
        for account in self:
            account.has_virtual_account = bool(account.virtual_account_ids)

    def _search_has_virtual_account(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("virtual_account_ids", "!=" if True in value else "=", False)]

    # --- virtual accounts

    @api.depends("virtual_account_ids.nrb", "virtual_account_ids.is_main")
    def _compute_payment_nrb(self):
        return super()._compute_payment_nrb()

    @api.depends("payment_nrb")
    def _compute_payment_nrb_pretty(self):
        for account in self:
            account.payment_nrb_pretty = nrb.pretty(account.payment_nrb or "")

    def _bss_payment_bank_account(self):
        """Every account with a virtual account pays there, the others to the company's bank account."""
        result = super()._bss_payment_bank_account()
        virtual = (
            self.env["bss.virtual.account"]
            .sudo()
            .search_fetch([("account_id", "in", self.ids), ("is_main", "=", True)], ["account_id", "nrb"])
        )
        result.update({number.account_id.id: number.nrb for number in virtual})
        return result

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        accounts._bss_give_virtual_accounts()
        return accounts

    def write(self, vals):
        if "company_id" in vals:
            moved = self.filtered(lambda one: one.company_id.id != vals["company_id"]).sudo()
            kept = moved.filtered("virtual_account_ids")
            if kept:
                raise UserError(
                    self.env._(
                        "Account %(name)s has a virtual account; it stays with its company.", name=kept[0].display_name
                    )
                )
        return super().write(vals)

    def _bss_give_virtual_accounts(self):
        """A number of the company's pool for each account that has none; nothing where there is no pool."""
        pools = (
            self.env["bss.virtual.account.pool"]
            .sudo()
            .search([("company_id", "in", self.company_id.ids), ("is_default", "=", True)])
        )
        pool_of = {pool.company_id.id: pool for pool in pools}
        made = self.env["bss.virtual.account"].sudo()
        for company, accounts in self.grouped("company_id").items():
            if pool_of.get(company.id):
                made |= accounts._bss_make_virtual_accounts(pool_of[company.id])
        return made

    def _bss_make_virtual_accounts(self, pool):
        """Numbers of one pool for the accounts without any, all at once; who gets none is told on the account."""
        given = pool.sudo()._bss_give(self)
        for account_id, name in given.misfits:
            self.browse(account_id).sudo()._message_log(
                body=self.env._(
                    "No virtual account of pool %(pool)s: the digits of %(number)s do not fit or are taken.",
                    pool=pool.display_name,
                    number=name,
                )
            )
        return self.env["bss.virtual.account"].browse(given.ids)

    def action_give_virtual_account(self):
        """Menu action for existing accounts, any number of them."""
        self.check_access("write")
        if (
            not self.env["bss.virtual.account.pool"]
            .sudo()
            .search_count([("company_id", "in", self.company_id.ids), ("is_default", "=", True)], limit=1)
        ):
            raise UserError(self.env._("The company has no pool of virtual accounts yet."))
        self._bss_give_virtual_accounts()
        return True

    # --- payments

    def _bss_with_open_credit(self):
        """Accounts of this set with an open credit on their receivable (overpayment, credit note)."""
        if not self:
            return self
        self.env["account.move.line"].flush_model(
            ["bss_account_id", "amount_residual", "parent_state", "reconciled", "account_id"]
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT line.bss_account_id
                  FROM account_move_line line
                  JOIN account_account ledger ON ledger.id = line.account_id
                 WHERE line.bss_account_id IN %s
                   AND ledger.account_type = 'asset_receivable'
                   AND line.parent_state = 'posted'
                   AND line.reconciled IS NOT TRUE
                   AND line.amount_residual < 0
                """,
                tuple(self.ids),
            )
        )
        return self.browse([row[0] for row in rows])

    def _bss_open_items(self):
        """Open receivable items of the accounts, the longest overdue first."""
        return (
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    ("bss_account_id", "in", self.ids),
                    ("account_id.account_type", "=", "asset_receivable"),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                    ("amount_residual", "!=", 0),
                ],
                order="date_maturity, date, id",
            )
        )

    def _bss_reconcile_open_items(self):
        """Set open credits against open debts, account by account, in one reconciliation.

        The oldest debt first (art. 451 of the Civil Code), disputed ones (*No follow-up*) after all others.
        """
        plan = []
        for items in self._bss_open_items().grouped("bss_account_id").values():
            for ledger_items in items.grouped("account_id").values():
                plan += self._bss_plan(ledger_items)
        if plan:
            self.env["account.move.line"].sudo()._reconcile_plan(plan)
            self.env["bss.payment.allocation"]._bss_log_later(self)
            self.invalidate_recordset(["amount_due"])

    @api.model
    def _bss_plan(self, items):
        if not (any(item.amount_residual < 0 for item in items) and any(item.amount_residual > 0 for item in items)):
            return []
        # Odoo sets the flag by itself on all items of general journals
        disputed = items.filtered(
            lambda item: item.no_followup and item.amount_residual > 0 and item.journal_id.type != "general"
        )
        clear = items - disputed
        if disputed and any(item.amount_residual > 0 for item in clear):
            # a set is reconciled inside first, then what is open in the whole list
            return [[clear, items]]
        return [items]

    def action_view_payments(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_payments_pl.bss_payment_match_action")
        action["domain"] = ["|", ("account_id", "=", self.id), ("part_ids.account_id", "=", self.id)]
        action["context"] = {"default_account_id": self.id}
        return action
