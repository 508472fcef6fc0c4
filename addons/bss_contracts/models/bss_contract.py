from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError

from ..billing_core import add_months
from ..enact import enact
from .bss_service_order import OPEN_STATES


class BssContract(models.Model):
    _name = "bss.contract"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Contract"
    _order = "date_signed desc, name desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "account_id.name", "partner_id"]

    name = fields.Char(string="Contract Number", required=True, copy=False, readonly=True, default="/", index="trigram")
    active = fields.Boolean(default=True)
    account_id = fields.Many2one(
        "bss.account",
        string="Billing Account",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        tracking=True,
    )
    partner_id = fields.Many2one(related="account_id.partner_id", store=True, index=True, string="Customer")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_signed = fields.Date(string="Signed On", default=polish_day.today, tracking=True)
    date_start = fields.Date(string="In Force From", default=polish_day.today, required=True, tracking=True)
    date_end = fields.Date(string="Ends On", copy=False, tracking=True, help="Last day of the contract.")
    term_months = fields.Integer(string="Term (months)", help="Minimum term in months; 0 = for an indefinite time.")
    date_term_end = fields.Date(
        string="Term Ends On", compute="_compute_date_term_end", store=True, help="Last day of the minimum term."
    )
    notice_months = fields.Integer(string="Notice (months)", default=1)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("active", "Active"),
            ("suspended", "Suspended"),
            ("terminated", "Terminated"),
        ],
        required=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    service_ids = fields.One2many("bss.service", "contract_id", string="Services")
    service_count = fields.Integer(compute="_compute_service_count", string="Number of Services")
    open_order_count = fields.Integer(
        compute="_compute_open_order_count",
        string="Orders to Confirm",
        help="Service orders that wait for the confirmation by the network.",
    )
    currency_id = fields.Many2one(related="account_id.currency_id")
    amount_recurring = fields.Monetary(
        string="Net per Period",
        compute="_compute_amount_recurring",
        help="Sum of the recurring net prices of the services not terminated.",
    )
    note = fields.Html()

    _name_unique = models.Constraint("UNIQUE(company_id, name)", "A contract with this number exists already.")
    _dates_check = models.Constraint(
        "CHECK(date_end IS NULL OR date_end >= date_start - 1)", "The contract ends before it starts."
    )
    _term_check = models.Constraint(
        "CHECK(term_months >= 0 AND notice_months >= 0)", "Term and notice must not be negative."
    )

    @api.depends("account_id")
    def _compute_company_id(self):
        for contract in self:
            contract.company_id = contract.account_id.company_id or contract.company_id or self.env.company

    @api.depends("date_start", "date_term_start", "term_months")
    def _compute_date_term_end(self):
        for contract in self:
            start = contract.date_term_start or contract.date_start
            if start and contract.term_months:
                contract.date_term_end = add_months(start, contract.term_months) - timedelta(days=1)
            else:
                contract.date_term_end = False

    @api.depends("service_ids")
    def _compute_service_count(self):
        for contract in self:
            contract.service_count = len(contract.service_ids)

    @api.depends("service_ids.order_ids.state")
    def _compute_open_order_count(self):
        for contract in self:
            orders = contract.service_ids.order_ids
            contract.open_order_count = len(orders.filtered(lambda order: order.state in OPEN_STATES))

    @api.depends("service_ids.price_unit", "service_ids.quantity", "service_ids.state")
    def _compute_amount_recurring(self):
        for contract in self:
            contract.amount_recurring = sum(
                service.price_unit * service.quantity
                for service in contract.service_ids
                if service.state != "terminated" and service.offering_kind == "recurring"
            )

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for contract in self:
            partner = contract.partner_id.sudo().name
            contract.display_name = f"{contract.name} ({partner})" if partner else contract.name

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                account = self.env["bss.account"].browse(vals.get("account_id"))
                company = vals.get("company_id") or account.company_id.id or self.env.company.id
                vals["name"] = (
                    self.env["ir.sequence"]
                    .with_company(company)
                    .next_by_code("bss.contract", sequence_date=vals.get("date_signed") or None)
                )
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(contract.state != "draft" for contract in self):
            raise UserError(self.env._("Only a draft contract can be deleted; terminate the others."))

    def action_activate(self):
        """The contract comes into force; activation of its pending services is ordered."""
        for contract in self:
            if contract.state not in ("draft", "suspended"):
                raise UserError(self.env._("Contract %(name)s is not a draft.", name=contract.name))
            if not contract.service_ids:
                raise UserError(
                    self.env._("Contract %(name)s has no services yet: add at least one.", name=contract.name)
                )
        enact(self, {"state": "active"})
        pending = self.service_ids.filtered(lambda service: service.state == "pending")
        for (contract, start), services in pending.grouped(
            lambda service: (service.contract_id, service.date_start or service.contract_id.date_start)
        ).items():
            self.env["bss.service.order"]._bss_request(
                services, "activate", self.env._("Contract %(name)s", name=contract.name), valid_from=start
            )

    def action_view_services(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_service_action")
        action["domain"] = [("contract_id", "=", self.id)]
        action["context"] = {"default_contract_id": self.id}
        return action

    def action_view_open_orders(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_service_order_action")
        action["domain"] = [("service_id.contract_id", "=", self.id), ("state", "in", OPEN_STATES)]
        return action

    def action_view_charges(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_charge_action")
        action["domain"] = [("contract_id", "=", self.id)]
        action["context"] = {"default_account_id": self.account_id.id, "default_contract_id": self.id}
        return action
