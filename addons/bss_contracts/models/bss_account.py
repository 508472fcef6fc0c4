from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..billing_core import luhn_digit
from ..enact import enact

ACCOUNTING = "account.group_account_readonly,account.group_account_invoice"


class BssAccount(models.Model):
    _name = "bss.account"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Billing Account"
    _order = "name desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "partner_id"]

    name = fields.Char(string="Account Number", required=True, copy=False, readonly=True, default="/", index="trigram")
    active = fields.Boolean(default=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        tracking=True,
    )
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", store=True, readonly=False, required=True, precompute=True
    )
    bill_cycle_id = fields.Many2one(
        "bss.bill.cycle",
        check_company=True,
        index=True,
        tracking=True,
        domain="[('company_id', '=', company_id)]",
        default=lambda self: self._default_bill_cycle_id(),
    )
    delivery_method = fields.Selection(
        [("email", "E-mail"), ("post", "Post"), ("portal", "Customer portal")],
        string="Invoice Delivery",
        required=True,
        default="email",
        tracking=True,
    )
    delivery_warning = fields.Char(
        compute="_compute_delivery_warning",
        help="What is missing before invoices and letters can reach the customer.",
    )
    payment_way = fields.Selection(
        [
            ("transfer", "Bank transfer"),
            ("direct_debit", "Direct debit"),
            ("card", "Card"),
            ("cash", "Cash"),
        ],
        required=True,
        default="transfer",
        tracking=True,
        help="How the customer wants to pay. Invoices always carry the account for transfers: nothing is collected "
        "by itself.",
    )
    state = fields.Selection(
        [("active", "Active"), ("closed", "Closed")],
        required=True,
        default="active",
        copy=False,
        tracking=True,
        index=True,
    )
    customer_kind = fields.Selection(related="partner_id.bss_customer_kind", store=True)
    contract_ids = fields.One2many("bss.contract", "account_id", string="Contracts")
    service_ids = fields.One2many("bss.service", "account_id", string="Services")
    charge_ids = fields.One2many("bss.charge", "account_id", string="Charges")
    device_ids = fields.One2many("bss.device", "account_id", string="Devices")
    service_order_ids = fields.One2many("bss.service.order", "account_id", string="Service Orders")
    invoice_ids = fields.One2many(
        "account.move",
        "bss_account_id",
        string="Invoices",
        domain=[("move_type", "in", ("out_invoice", "out_refund"))],
        groups=ACCOUNTING,
    )
    move_line_ids = fields.One2many("account.move.line", "bss_account_id", string="Journal Items", groups=ACCOUNTING)
    contract_count = fields.Integer(compute="_compute_counts", string="Number of Contracts")
    service_count = fields.Integer(compute="_compute_counts", string="Number of Services")
    charge_count = fields.Integer(compute="_compute_counts", string="Pending Charges")
    order_count = fields.Integer(compute="_compute_counts", string="Service Orders in Progress")
    device_count = fields.Integer(compute="_compute_counts", string="Number of Devices")
    invoice_count = fields.Integer(compute="_compute_invoice_count", string="Number of Invoices")
    amount_due = fields.Monetary(
        compute="_compute_amount_due",
        search="_search_amount_due",
        currency_field="company_currency_id",
        help="Open receivables of this account: unpaid invoices less payments not assigned yet.",
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    payment_nrb = fields.Char(
        compute="_compute_payment_nrb",
        string="Pay To Account",
        help="Bank account number (26 digits) on which this customer pays.",
    )
    note = fields.Html()

    _name_unique = models.Constraint("UNIQUE(company_id, name)", "A billing account with this number exists already.")

    def _default_bill_cycle_id(self):
        cycles = self.env["bss.bill.cycle"].search([("company_id", "=", self.env.company.id)], limit=2)
        return cycles if len(cycles) == 1 else False

    @api.depends(
        "state",
        "delivery_method",
        "partner_id.email_normalized",
        "partner_id.street",
        "partner_id.street2",
        "partner_id.zip",
        "partner_id.city",
    )
    def _compute_delivery_warning(self):
        for account in self:
            warnings = []
            if account.partner_id and account.state == "active":
                problem = account.partner_id._bss_delivery_problem(account.delivery_method)
                if problem:
                    warnings.append(self.env._("Invoices cannot be delivered: %(problem)s", problem=problem))
                # the address of the buyer on the invoice, and of letters about debts
                address = account.partner_id._bss_delivery_problem("post")
                if address and account.delivery_method != "post":
                    warnings.append(address)
            account.delivery_warning = " ".join(warnings)

    @api.depends("company_id")
    def _compute_currency_id(self):
        for account in self:
            account.currency_id = account.currency_id or (account.company_id or self.env.company).currency_id

    @api.depends("name", "partner_id")
    @api.depends_context("show_account_number_only")
    def _compute_display_name(self):
        for account in self:
            partner = account.partner_id.sudo().name
            if partner and not self.env.context.get("show_account_number_only"):
                account.display_name = f"{account.name} {partner}"
            else:
                account.display_name = account.name

    @api.depends("contract_ids", "service_ids.state", "charge_ids.state", "service_order_ids.state", "device_ids")
    def _compute_counts(self):
        def count(model, domain):
            return dict(
                self.env[model]._read_group(
                    Domain("account_id", "in", self.ids) & Domain(domain), ["account_id"], ["__count"]
                )
            )

        contracts = count("bss.contract", Domain.TRUE)
        services = count("bss.service", [("state", "!=", "terminated")])
        charges = count("bss.charge", [("state", "=", "pending")])
        orders = count("bss.service.order", [("state", "in", ("draft", "queued", "sent", "failed"))])
        devices = count("bss.device", Domain.TRUE)
        for account in self:
            account.contract_count = contracts.get(account, 0)
            account.service_count = services.get(account, 0)
            account.charge_count = charges.get(account, 0)
            account.order_count = orders.get(account, 0)
            account.device_count = devices.get(account, 0)

    @api.depends("invoice_ids.state")
    def _compute_invoice_count(self):
        counts = dict(
            self.env["account.move"]
            .sudo()
            ._read_group(
                [
                    ("bss_account_id", "in", self.ids),
                    ("move_type", "in", ("out_invoice", "out_refund")),
                    ("state", "=", "posted"),
                ],
                ["bss_account_id"],
                ["__count"],
            )
        )
        for account in self:
            account.invoice_count = counts.get(account.sudo(), 0)

    def _bss_amount_due_query(self):
        """Open receivable per account, in company currency; one query for all accounts."""
        lines = self.env["account.move.line"]
        lines.flush_model(["amount_residual", "bss_account_id", "account_id", "parent_state", "reconciled"])
        self.env["account.account"].flush_model(["account_type"])
        return SQL(
            """
            SELECT line.bss_account_id AS account_id, SUM(line.amount_residual) AS amount
              FROM account_move_line line
              JOIN account_account ledger ON ledger.id = line.account_id
             WHERE line.bss_account_id IS NOT NULL
               AND line.parent_state = 'posted'
               AND line.reconciled IS NOT TRUE
               AND ledger.account_type = 'asset_receivable'
            """
        )

    def _bss_amounts_due(self):
        """{account id: open receivable}"""
        ids = self._ids
        if not ids:
            return {}
        rows = self.env.execute_query(
            SQL("%s AND line.bss_account_id IN %s GROUP BY 1", self._bss_amount_due_query(), tuple(ids))
        )
        return dict(rows)

    @api.depends("move_line_ids.amount_residual", "move_line_ids.parent_state")
    def _compute_amount_due(self):
        due = self.browse(self._origin.ids)._bss_amounts_due()
        for account in self:
            account.amount_due = due.get(account._origin.id, 0.0)

    def _search_amount_due(self, operator, value):
        if operator not in ("<", ">", "<=", ">=", "=", "!=", "in", "not in"):
            return NotImplemented
        if operator in ("in", "not in"):
            values = tuple(value)
            test = SQL("COALESCE(due.amount, 0) %s %s", SQL("IN" if operator == "in" else "NOT IN"), values)
        else:
            test = SQL("COALESCE(due.amount, 0) %s %s", SQL(operator), value or 0)
        query = SQL(
            "SELECT account.id FROM bss_account account LEFT JOIN (%s GROUP BY 1) due"
            " ON due.account_id = account.id WHERE %s",
            self._bss_amount_due_query(),
            test,
        )
        return [("id", "in", [row[0] for row in self.env.execute_query(query)])]

    def _bss_payment_bank_account(self):
        """{account id: NRB of 26 digits or ""}: where each customer pays. Extended by higher addons."""
        result = {}
        self.fetch(["company_id"])  # and nothing else of thousands of accounts
        for company, accounts in self.grouped("company_id").items():
            bank = company.sudo().partner_id.bank_ids[:1]
            number = "".join(char for char in (bank.acc_number or "") if char.isdigit())
            result.update(dict.fromkeys(accounts.ids, number if len(number) == 26 else ""))
        return result

    @api.depends("company_id", "partner_id")
    def _compute_payment_nrb(self):
        stored = self._origin
        numbers = stored._bss_payment_bank_account() if stored else {}
        for account in self:
            account.payment_nrb = numbers.get(account._origin.id, "")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                company = vals.get("company_id") or self.env.company.id
                base = self.env["ir.sequence"].with_company(company).next_by_code("bss.account")
                vals["name"] = base + luhn_digit(base) if base and base.isdigit() else base
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for account in self:
            if account.contract_ids or account.charge_ids or account.sudo().invoice_count:
                raise UserError(
                    self.env._(
                        "Account %(name)s has contracts, charges or invoices; close it instead of deleting it.",
                        name=account.name,
                    )
                )

    def action_close(self):
        """Close accounts with nothing left to bill or to pay."""
        due = self._bss_amounts_due()
        for account in self:
            reasons = []
            running = account.service_ids.filtered(lambda service: service.state in ("active", "suspended"))
            if running:
                reasons.append(self.env._("%(count)s services are not terminated", count=len(running)))
            if account.charge_count:
                reasons.append(self.env._("%(count)s charges wait for a bill", count=account.charge_count))
            if not account.currency_id.is_zero(due.get(account.id, 0.0)):
                reasons.append(self.env._("the account is not settled"))
            if reasons:
                raise UserError(
                    self.env._(
                        "Account %(name)s cannot be closed: %(reasons)s.",
                        name=account.display_name,
                        reasons=", ".join(reasons),
                    )
                )
        enact(self, {"state": "closed"})

    def action_reopen(self):
        enact(self, {"state": "active"})

    def _bss_action(self, xml_id, **context):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xml_id)
        action["domain"] = [("account_id", "=", self.id)]
        action["context"] = {"default_account_id": self.id, **context}
        return action

    def action_view_contracts(self):
        return self._bss_action("bss_contracts.bss_contract_action")

    def action_view_services(self):
        return self._bss_action("bss_contracts.bss_service_action")

    def action_view_charges(self):
        return self._bss_action("bss_contracts.bss_charge_action")

    def action_view_orders(self):
        return self._bss_action("bss_contracts.bss_service_order_action")

    def action_view_devices(self):
        return self._bss_action("bss_contracts.bss_device_action")

    def action_view_invoices(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.account_move_bss_action")
        action["domain"] = [
            ("bss_account_id", "=", self.id),
            ("move_type", "in", ("out_invoice", "out_refund")),
        ]
        action["context"] = {
            "default_move_type": "out_invoice",
            "default_bss_account_id": self.id,
            "default_partner_id": self.partner_id.id,
        }
        return action

    def action_view_due(self):
        """Open items behind the amount due."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open items of %(name)s", name=self.display_name),
            "res_model": "account.move.line",
            "view_mode": "list,form",
            "domain": [
                ("bss_account_id", "=", self.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ],
            "context": {"create": False},
        }
